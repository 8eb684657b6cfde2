/* exec and shell: what a program gets, what comes of it, and every way in which it can end. */
#include "actions_world.h"

#include "sys/attempt.h"
#include "sys/process.h"

#include <libgen.h>

static const char *shim_path(struct world *world)
{
    char self[4096] = {0};
    assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    char *folder = dirname(dirname(self));
    return arena_format(world->arena, "%s/runbook-shim", folder);
}

static int exec_make(void **state)
{
    world_make(state);
    struct world *world = *state;
    const struct processes_options options = {
        .loop = world->loop, .run = world->stage.run, .shim = shim_path(world)};
    world->stage.processes = processes_new(&options);
    return 0;
}

static int exec_end(void **state)
{
    struct world *world = *state;
    processes_free(world->stage.processes);
    return world_end(state);
}

#define EXEC_TEST(name) cmocka_unit_test_setup_teardown(name, exec_make, exec_end)

static const struct value *ran(struct world *world, const struct value *argv)
{
    return done(world, &action_exec, ARGS({"argv", argv}));
}

/* ---- output ---- */

static void output_and_exit_code(void **state)
{
    struct world *world = *state;
    const struct value *out =
        ran(world, TEXTS(world, "sh", "-c", "printf 'one\\ntwo\\n\\n'; printf 'bad' >&2; exit 3"));
    assert_int_equal(output_number(world, out, "exit"), 3);
    assert_string_equal(output_text(world, out, "stdout"), "one\ntwo\n"); /* one newline is cut */
    assert_string_equal(output_text(world, out, "stderr"), "bad");
    assert_true(output_number(world, out, "duration") > 0);
    assert_string_equal(get_file(world, "../run/logs/42.out"), "one\ntwo\n\n");
    assert_string_equal(get_file(world, "../run/logs/42.err"), "bad");
    assert_string_equal(world->heard[0].at, "one\ntwo\n\n");
    assert_string_equal(world->heard[1].at, "bad");
}

static void no_output_is_an_empty_text_and_no_log(void **state)
{
    struct world *world = *state;
    const struct value *out = ran(world, TEXTS(world, "true"));
    assert_int_equal(output_number(world, out, "exit"), 0);
    assert_string_equal(output_text(world, out, "stdout"), "");
    assert_int_equal(entries_in(world, "../run/logs"), 0);
}

static void a_check_keeps_its_output_in_memory(void **state)
{
    struct world *world = *state;
    int folder = world->stage.run_folder;
    world->stage.run_folder = -1;
    const struct value *out = ran(world, TEXTS(world, "sh", "-c", "echo yes; echo no >&2"));
    world->stage.run_folder = folder;
    assert_string_equal(output_text(world, out, "stdout"), "yes");
    assert_string_equal(output_text(world, out, "stderr"), "no");
    assert_int_equal(entries_in(world, "../run/logs"), 0);
}

static void long_output_is_cut_and_says_so(void **state)
{
    struct world *world = *state;
    for (int check = 0; check < 2; check++) {
        int folder = world->stage.run_folder;
        world->stage.run_folder = check ? -1 : folder;
        const struct outcome *outcome =
            act(world, &action_exec,
                ARGS({"argv", TEXTS(world, "head", "-c", "17000000", "/dev/zero")}));
        world->stage.run_folder = folder;
        assert_int_equal(outcome->kind, OUTCOME_ENDED);
        const struct value *text = value_member(world->arena, outcome->outputs, "stdout");
        assert_int_equal(text->text.length, 16 << 20);
        assert_non_null(outcome->message);
        assert_non_null(strstr(outcome->message, "16 MiB"));
    }
}

/* ---- what it gets ---- */

static void arguments_arrive_as_they_are(void **state)
{
    struct world *world = *state;
    static const char *const odd[] = {"",     "a b",  "$HOME", "`id`",        "$(id)",
                                      "; id", "-x",   "'\"\\", "line\nbreak", "*",
                                      "\xff", "${x}", "a\tb"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        const struct value *out =
            ran(world, TEXTS(world, "sh", "-c", "printf '%s|' \"$#\" \"$@\"", "sh", odd[i], "end"));
        assert_string_equal(output_text(world, out, "stdout"),
                            arena_format(world->arena, "2|%s|end|", odd[i]));
        unlink(place(world, "../run/logs/42.out"));
    }
}

static const char *variable(struct world *world, const char *lines, const char *name)
{
    const char *at = lines;
    size_t length = strlen(name);
    for (; at != NULL; at = strchr(at, '\n')) {
        at += at[0] == '\n';
        if (strncmp(at, name, length) == 0 && at[length] == '=')
            return arena_copy(world->arena, at + length + 1, strcspn(at + length + 1, "\n"));
    }
    return NULL;
}

static void the_environment_is_declared(void **state)
{
    struct world *world = *state;
    const struct member defaults[] = {{"LANG", text(world, "de_DE.UTF-8")},
                                      {"FROM_DEFAULTS", text(world, "1")},
                                      {"BOTH", text(world, "defaults")}};
    const struct member own[] = {{"BOTH", text(world, "own")}, {"PGHOST", text(world, "a b")}};
    setenv("SMUGGLED", "1", 1);
    setenv("LD_DEBUG", "", 1);
    world->default_env = value_map(world->arena, defaults, 3);
    const struct value *out = done(
        world, &action_exec,
        ARGS({"argv", TEXTS(world, "/usr/bin/env")}, {"env", value_map(world->arena, own, 2)}));
    unsetenv("SMUGGLED");
    unsetenv("LD_DEBUG");
    const char *env = output_text(world, out, "stdout");
    size_t count = 1;
    for (const char *at = env; *at != '\0'; at++)
        count += *at == '\n';
    assert_int_equal(count, 11); /* and nothing else */
    assert_string_equal(variable(world, env, "PATH"),
                        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    assert_string_equal(variable(world, env, "LANG"), "de_DE.UTF-8");
    assert_string_equal(variable(world, env, "TZ"), "UTC");
    assert_string_equal(variable(world, env, "TERM"), "dumb");
    assert_non_null(variable(world, env, "HOME"));
    assert_string_equal(variable(world, env, "FROM_DEFAULTS"), "1");
    assert_string_equal(variable(world, env, "BOTH"), "own");
    assert_string_equal(variable(world, env, "PGHOST"), "a b");
    assert_string_equal(variable(world, env, "RUNBOOK_RUN"), world->stage.run);
    assert_string_equal(variable(world, env, "RUNBOOK_STEP"), "outer/inner");
    assert_string_equal(variable(world, env, "RUNBOOK_ATTEMPT"), "42");
}

static void variables_that_are_code_are_refused(void **state)
{
    struct world *world = *state;
    static const char *const names[] = {"LD_PRELOAD",  "BASH_ENV", "ENV", "BASH_FUNC_ls%%",
                                        "RUNBOOK_RUN", "",         "A=B"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct member env[] = {{names[i], text(world, "x")}};
        const struct value *map = value_map(world->arena, env, 1);
        refused(world, &action_exec, ARGS({"argv", TEXTS(world, "true")}, {"env", map}), "env");
        world->default_env = map;
        refused(world, &action_exec, ARGS({"argv", TEXTS(world, "true")}), "env");
        world->default_env = NULL;
    }
}

static void it_runs_in_its_folder(void **state)
{
    struct world *world = *state;
    mkdir(place(world, "d"), 0755);
    const struct value *out = ran(world, TEXTS(world, "pwd", "-P"));
    assert_string_equal(output_text(world, out, "stdout"), world->folder);
    unlink(place(world, "../run/logs/42.out"));
    out = done(world, &action_exec,
               ARGS({"argv", TEXTS(world, "pwd", "-P")}, {"cwd", text(world, "d")}));
    assert_string_equal(output_text(world, out, "stdout"), place(world, "d"));
}

static void input_is_what_is_said_or_empty(void **state)
{
    struct world *world = *state;
    const struct value *cat = TEXTS(world, "cat");
    put_file(world, "in", "from a file");
    const struct value *out = done(world, &action_exec, ARGS({"argv", cat}));
    assert_string_equal(output_text(world, out, "stdout"), "");
    out = done(world, &action_exec, ARGS({"argv", cat}, {"stdin", text(world, "given")}));
    assert_string_equal(output_text(world, out, "stdout"), "given");
    unlink(place(world, "../run/logs/42.out"));
    out = done(world, &action_exec, ARGS({"argv", cat}, {"stdin_from", text(world, "in")}));
    assert_string_equal(output_text(world, out, "stdout"), "from a file");
    refused(world, &action_exec,
            ARGS({"argv", cat}, {"stdin", text(world, "")}, {"stdin_from", text(world, "in")}),
            "not both");
}

static void stdout_to_is_there_only_when_it_ended_well(void **state)
{
    struct world *world = *state;
    put_file(world, "to", "old");
    chmod(place(world, "to"), 0600);
    const struct value *to = text(world, "to");
    const struct value *out =
        done(world, &action_exec,
             ARGS({"argv", TEXTS(world, "sh", "-c", "echo half; exit 1")}, {"stdout_to", to}));
    assert_int_equal(output_number(world, out, "exit"), 1);
    assert_string_equal(get_file(world, "to"), "old");
    out = done(world, &action_exec,
               ARGS({"argv", TEXTS(world, "sh", "-c", "echo whole")}, {"stdout_to", to}));
    assert_string_equal(output_text(world, out, "stdout"), "");
    assert_string_equal(get_file(world, "to"), "whole\n");
    assert_int_equal(mode_of(world, "to"), 0600);
    done(world, &action_exec,
         ARGS({"argv", TEXTS(world, "echo", "x")}, {"stdout_to", text(world, "new")},
              {"mode", text(world, "0640")}));
    assert_int_equal(mode_of(world, "new"), 0640);
    done(world, &action_exec,
         ARGS({"argv", TEXTS(world, "echo", "x")}, {"stdout_to", to},
              {"mode", text(world, "0640")}));
    assert_int_equal(mode_of(world, "to"), 0640);
    assert_int_equal(entries_in(world, "."), 2);
    assert_int_equal(symlink("to", place(world, "link")), 0);
    ill(world,
        act(world, &action_exec,
            ARGS({"argv", TEXTS(world, "echo", "y")}, {"stdout_to", text(world, "link")})),
        OUTCOME_NOT_STARTED, "symbolic link");
    assert_string_equal(get_file(world, "to"), "x\n");
}

/* ---- how it can end ---- */

static void what_can_not_be_started_says_why(void **state)
{
    struct world *world = *state;
    put_file(world, "plain", "no program");
    const struct outcome *outcome =
        act(world, &action_exec, ARGS({"argv", TEXTS(world, "no-such-program", "x")}));
    ill(world, outcome, OUTCOME_NOT_STARTED, "no-such-program");
    ill(world, outcome, OUTCOME_NOT_STARTED, "PATH");
    ill(world, act(world, &action_exec, ARGS({"argv", TEXTS(world, "./plain")})),
        OUTCOME_NOT_STARTED, "denied");
    ill(world,
        act(world, &action_exec, ARGS({"argv", TEXTS(world, "true")}, {"cwd", text(world, "no")})),
        OUTCOME_NOT_STARTED, "cwd");
    ill(world,
        act(world, &action_exec,
            ARGS({"argv", TEXTS(world, "true")}, {"user", text(world, "no-such-user")})),
        OUTCOME_NOT_STARTED, "user");
    ill(world,
        act(world, &action_exec,
            ARGS({"argv", TEXTS(world, "true")}, {"stdin_from", text(world, "no")})),
        OUTCOME_NOT_STARTED, "stdin_from");
    ill(world,
        act(world, &action_exec,
            ARGS({"argv", TEXTS(world, "true")}, {"stdout_to", text(world, "no/no")})),
        OUTCOME_NOT_STARTED, "stdout_to");
    refused(world, &action_exec, ARGS({"argv", TEXTS(world, NULL)}), "no program");
    refused(world, &action_exec, ARGS({"argv", TEXTS(world, "")}), "no program");
    refused(world, &action_exec,
            ARGS({"argv", TEXTS(world, "true")}, {"mode", text(world, "0600")}), "stdout_to");
}

static void a_signal_is_a_death(void **state)
{
    struct world *world = *state;
    const struct outcome *outcome =
        act(world, &action_exec, ARGS({"argv", TEXTS(world, "sh", "-c", "echo x; kill -USR1 $$")}));
    ill(world, outcome, OUTCOME_DIED, "USR1");
    assert_string_equal(output_text(world, outcome->outputs, "stdout"), "x");
    assert_int_equal(value_member(world->arena, outcome->outputs, "exit")->kind, VALUE_UNSET);
}

/* The process whose pid stands in FILE is gone; what nobody asked for yet is a zombie, and runs no
 * more. */
static void is_gone(struct world *world, const char *file)
{
    const char *pid = get_file(world, file);
    char path[64], stat[256] = {0};
    assert_non_null(pid);
    snprintf(path, sizeof path, "/proc/%d/stat", atoi(pid));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    assert_true(read(fd, stat, sizeof stat - 1) >= 0);
    close(fd);
    assert_true(stat[0] == '\0' || strstr(stat, ") Z ") != NULL);
}

static const struct value *sleeper(struct world *world)
{
    return TEXTS(world, "sh", "-c",
                 "sleep 1000 & echo $! >pid; trap '' TERM; echo ready; while :; do wait; done");
}

static void time_is_over(void **state)
{
    struct world *world = *state;
    world->stage.limit = 2 * UNITS_SECOND; /* in which it has begun, however busy the machine is */
    world->stage.grace = UNITS_SECOND / 10;
    const struct outcome *outcome = act(world, &action_exec, ARGS({"argv", sleeper(world)}));
    ill(world, outcome, OUTCOME_TIMED_OUT, "within 2s");
    is_gone(world, "pid");
}

static void silence_is_a_time_out(void **state)
{
    struct world *world = *state;
    world->stage.limit = 60 * UNITS_SECOND;
    world->stage.grace = UNITS_SECOND / 10;
    const struct value *stall = value_integer(world->arena, VALUE_DURATION, 2 * UNITS_SECOND);
    ill(world, act(world, &action_exec, ARGS({"argv", sleeper(world)}, {"stall", stall})),
        OUTCOME_TIMED_OUT, "stall");
    is_gone(world, "pid");
}

static void it_can_be_cancelled(void **state)
{
    struct world *world = *state;
    world->stage.grace = UNITS_SECOND / 10;
    for (int shim = 0; shim < 2; shim++) {
        world->stage.shim = shim == 1;
        world->cancel_when_heard = true;
        const struct deed *deed = deed_of(world, &action_exec, ARGS({"argv", sleeper(world)}));
        ill(world, begin_with(world, deed, action_exec.start, -1), OUTCOME_CANCELLED, "stopped");
        is_gone(world, "pid");
    }
}

/* ---- under the shim ---- */

static void the_shim_gives_the_same(void **state)
{
    struct world *world = *state;
    world->stage.shim = true;
    const struct value *out =
        ran(world, TEXTS(world, "sh", "-c", "echo one; echo bad >&2; exit 3"));
    assert_int_equal(output_number(world, out, "exit"), 3);
    assert_string_equal(output_text(world, out, "stdout"), "one");
    assert_string_equal(output_text(world, out, "stderr"), "bad");
    assert_true(is_there(world, "../run/attempts/42"));
    const struct deed *deed = world->deed;
    const struct outcome *again = begin_with(world, deed, action_exec.adopt, -1);
    assert_int_equal(again->kind, OUTCOME_ENDED);
    assert_int_equal(output_number(world, again->outputs, "exit"), 3);
    assert_string_equal(output_text(world, again->outputs, "stdout"), "one");
    assert_string_equal(output_text(world, again->outputs, "stderr"), "bad");
}

static void what_was_never_begun_is_not_adopted(void **state)
{
    struct world *world = *state;
    const struct deed *deed =
        deed_of(world, &action_exec, ARGS({"argv", TEXTS(world, "touch", "done")}));
    ill(world, begin_with(world, deed, action_exec.adopt, -1), OUTCOME_NOT_STARTED, "never begun");
    assert_false(is_there(world, "done"));
}

static void what_nobody_saw_end_is_lost(void **state)
{
    struct world *world = *state;
    struct failure failure;
    int fd = attempt_create(world->stage.run_folder, 42, &failure);
    assert_true(fd >= 0);
    const struct attempt_start start = {.pid = 1, .boot = "another", .started = 1};
    assert_true(attempt_started(fd, &start, true, &failure));
    close(fd);
    const struct deed *deed =
        deed_of(world, &action_exec, ARGS({"argv", TEXTS(world, "touch", "done")}));
    ill(world, begin_with(world, deed, action_exec.adopt, -1), OUTCOME_LOST, "nobody saw");
    assert_false(is_there(world, "done"));
}

static void what_can_not_be_started_under_the_shim_says_why(void **state)
{
    struct world *world = *state;
    world->stage.shim = true;
    ill(world, act(world, &action_exec, ARGS({"argv", TEXTS(world, "no-such-program")})),
        OUTCOME_NOT_STARTED, "no-such-program");
}

/* ---- shell ---- */

static void a_script_ends_at_its_first_error(void **state)
{
    struct world *world = *state;
    const struct value *out =
        done(world, &action_shell, ARGS({"script", text(world, "echo a\nfalse\necho b\n")}));
    assert_int_equal(output_number(world, out, "exit"), 1);
    assert_string_equal(output_text(world, out, "stdout"), "a");
    out = done(world, &action_shell, ARGS({"script", text(world, "echo \"$MISSPELT\"; touch x")}));
    assert_true(output_number(world, out, "exit") != 0);
    assert_false(is_there(world, "x"));
}

static void values_reach_a_script_by_its_environment(void **state)
{
    struct world *world = *state;
    const struct member env[] = {{"NAME", text(world, "'; touch evil; '$(touch evil)\n")}};
    const struct value *out = done(world, &action_shell,
                                   ARGS({"script", text(world, "printf '%s' \"$NAME\" | wc -c")},
                                        {"env", value_map(world->arena, env, 1)}));
    assert_string_equal(output_text(world, out, "stdout"), "30");
    assert_false(is_there(world, "evil"));
}

/* ---- plans ---- */

static void plans_show_what_a_shell_would_take(void **state)
{
    struct world *world = *state;
    const struct value *unknown = value_unknown(world->arena, "steps.a.x ?? 'y'");
    assert_string_equal(
        shown(world, &action_exec, ARGS({"argv", TEXTS(world, "git", "fetch", "origin")})),
        "$ git fetch origin");
    assert_string_equal(shown(world, &action_exec,
                              ARGS({"argv", TEXTS(world, "echo", "", "a b", "it's", "x\ny", "$HOME",
                                                  "caf\xc3\xa9")})),
                        "$ echo '' 'a b' 'it'\\''s' $'x\\ny' '$HOME' caf\xc3\xa9");
    const struct value *const words[] = {
        text(world, "cp"), unknown,
        value_unknown_text(world->arena, text_of("backup_‹run.stamp›.dump"))};
    const struct member env[] = {{"PGHOST", text(world, "a b")}};
    const struct member defaults[] = {{"LC_ALL", text(world, "C")}};
    world->default_env = value_map(world->arena, defaults, 1);
    assert_string_equal(
        shown(world, &action_exec,
              ARGS({"argv", value_list(world->arena, words, 3)},
                   {"env", value_map(world->arena, env, 1)}, {"cwd", text(world, "/srv")},
                   {"user", text(world, "app")}, {"stdin_from", text(world, "in")},
                   {"stdout_to", text(world, "out")})),
        "$ PGHOST='a b' cp ‹steps.a.x ?? 'y'› backup_‹run.stamp›.dump < in > out\n"
        "  in /srv\n  as app");
    assert_string_equal(shown(world, &action_exec, ARGS({"argv", unknown})),
                        "$ ‹steps.a.x ?? 'y'›");
    assert_string_equal(shown(world, &action_shell, ARGS({"script", text(world, "a |\n  b\n")})),
                        "$ /bin/sh -eu\n  | a |\n  |   b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXEC_TEST(output_and_exit_code),
        EXEC_TEST(no_output_is_an_empty_text_and_no_log),
        EXEC_TEST(a_check_keeps_its_output_in_memory),
        EXEC_TEST(long_output_is_cut_and_says_so),
        EXEC_TEST(arguments_arrive_as_they_are),
        EXEC_TEST(the_environment_is_declared),
        EXEC_TEST(variables_that_are_code_are_refused),
        EXEC_TEST(it_runs_in_its_folder),
        EXEC_TEST(input_is_what_is_said_or_empty),
        EXEC_TEST(stdout_to_is_there_only_when_it_ended_well),
        EXEC_TEST(what_can_not_be_started_says_why),
        EXEC_TEST(a_signal_is_a_death),
        EXEC_TEST(time_is_over),
        EXEC_TEST(silence_is_a_time_out),
        EXEC_TEST(it_can_be_cancelled),
        EXEC_TEST(the_shim_gives_the_same),
        EXEC_TEST(what_was_never_begun_is_not_adopted),
        EXEC_TEST(what_nobody_saw_end_is_lost),
        EXEC_TEST(what_can_not_be_started_under_the_shim_says_why),
        EXEC_TEST(a_script_ends_at_its_first_error),
        EXEC_TEST(values_reach_a_script_by_its_environment),
        EXEC_TEST(plans_show_what_a_shell_would_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
