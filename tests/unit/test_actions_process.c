/* process.list, process.signal, tcp.probe: who runs, who listens, and who is never meant. */
#include "actions_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* A child whose command line begins with NAME; it waits for a signal. Ended by `end_child`. */
static pid_t start_child(const char *name)
{
    int ready[2];
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execl("/bin/sleep", name, "1000", (char *)NULL);
        _exit(127);
    }
    char byte;
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 0); /* closed by the exec */
    close(ready[0]);
    return child;
}

/* It ended by SIGNAL. */
static void end_child(pid_t child, int signal)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == signal);
}

static bool is_running(pid_t child)
{
    int status = 0;
    return waitpid(child, &status, WNOHANG) == 0;
}

static const struct value *found(struct world *world, const struct member *args)
{
    const struct value *out = done(world, &action_process_list, args);
    const struct value *processes = value_member(world->arena, out, "processes");
    assert_int_equal(output_number(world, out, "count"), (int64_t)processes->list.count);
    return processes;
}

static void list_finds_by_command(void **state)
{
    struct world *world = *state;
    pid_t child = start_child("runbook-test-xylophone");
    const struct value *processes =
        found(world, ARGS({"command", text(world, "test-xyl[o]phone 1000$")}));
    assert_int_equal(processes->list.count, 1);
    assert_int_equal(output_number(world, processes->list.at[0], "pid"), child);
    assert_non_null(strstr(output_text(world, processes->list.at[0], "command"), "xylophone"));
    assert_non_null(strrchr(output_text(world, processes->list.at[0], "exe"), '/'));
    assert_true(value_member(world->arena, processes->list.at[0], "started")->integer > 0);
    assert_int_equal(found(world, ARGS({"command", text(world, "xylophone")},
                                       {"exe", text(world, "no-such-exe")}))
                         ->list.count,
                     0);
    kill(child, SIGKILL);
    /* Dead, and nobody has asked for it yet: it runs no more. */
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(found(world, ARGS({"command", text(world, "xylophone")}))->list.count, 0);
    end_child(child, SIGKILL);
}

static void list_leaves_out_ourselves(void **state)
{
    struct world *world = *state;
    const struct value *all = found(world, NO_ARGS);
    for (size_t i = 0; i < all->list.count; i++) {
        int64_t pid = output_number(world, all->list.at[i], "pid");
        assert_true(pid != 1 && pid != getpid() && pid != getppid());
    }
}

static void list_by_program_and_user(void **state)
{
    struct world *world = *state;
    pid_t child = start_child("runbook-test-zither");
    const struct value *command = text(world, "test-zither");
    const struct value *one = found(world, ARGS({"command", command}))->list.at[0];
    const char *exe = output_text(world, one, "exe"), *user = output_text(world, one, "user");
    const char *number = arena_format(world->arena, "%u", geteuid());
    static const char *const no[] = {"x", "/bin/x"};
    assert_int_equal(
        found(world, ARGS({"command", command}, {"exe", text(world, exe)}))->list.count, 1);
    assert_int_equal(
        found(world, ARGS({"command", command}, {"exe", text(world, strrchr(exe, '/') + 1)}))
            ->list.count,
        1);
    assert_int_equal(
        found(world, ARGS({"command", command}, {"user", text(world, user)}))->list.count, 1);
    assert_int_equal(
        found(world, ARGS({"command", command}, {"user", text(world, number)}))->list.count, 1);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            found(world, ARGS({"command", command}, {"exe", text(world, no[i])}))->list.count, 0);
        assert_int_equal(
            found(world, ARGS({"command", command}, {"user", text(world, no[i])}))->list.count, 0);
    }
    kill(child, SIGKILL);
    end_child(child, SIGKILL);
}

static void signal_meets_those_that_are_meant(void **state)
{
    struct world *world = *state;
    pid_t child = start_child("runbook-test-bassoon"), other = start_child("runbook-test-oboe");
    const struct value *out =
        done(world, &action_process_signal, ARGS({"command", text(world, "runbook-test-bassoon")}));
    assert_int_equal(output_number(world, out, "count"), 1);
    end_child(child, SIGTERM);
    assert_true(is_running(other));
    out =
        done(world, &action_process_signal, ARGS({"command", text(world, "runbook-test-bassoon")}));
    assert_int_equal(output_number(world, out, "count"), 0);
    const struct value *pids[] = {number(world, other), number(world, child)};
    const struct value *list = value_list(world->arena, pids, 2);
    out = done(world, &action_process_signal,
               ARGS({"pids", list}, {"command", text(world, "bassoon")}));
    assert_int_equal(output_number(world, out, "count"), 0); /* the pid, but not the program */
    assert_true(is_running(other));
    out = done(world, &action_process_signal,
               ARGS({"pids", list}, {"signal", text(world, "SIGKILL")}));
    assert_int_equal(output_number(world, out, "count"), 1);
    end_child(other, SIGKILL);
}

/* The name of this test's program stands in our own command line. */
static void signal_never_meets_ourselves(void **state)
{
    struct world *world = *state;
    const struct value *us = text(world, "test_actions_process");
    ill(world, act(world, &action_process_signal, ARGS({"command", us})), OUTCOME_NOT_STARTED,
        "meet runbook itself");
    ill(world,
        act(world, &action_process_signal,
            ARGS({"user", text(world, arena_format(world->arena, "%u", geteuid()))})),
        OUTCOME_NOT_STARTED, "meet runbook itself");
    const struct value *self[] = {number(world, getpid())}, *init[] = {number(world, 1)},
                       *parent[] = {number(world, getppid())};
    ill(world,
        act(world, &action_process_signal, ARGS({"pids", value_list(world->arena, self, 1)})),
        OUTCOME_NOT_STARTED, "names runbook itself");
    ill(world,
        act(world, &action_process_signal, ARGS({"pids", value_list(world->arena, init, 1)})),
        OUTCOME_NOT_STARTED, "process 1");
    const struct value *out =
        done(world, &action_process_signal, ARGS({"pids", value_list(world->arena, parent, 1)}));
    assert_int_equal(output_number(world, out, "count"), 0);
}

static void signal_without_aim_is_refused(void **state)
{
    struct world *world = *state;
    const struct value *x = text(world, "x");
    refused(world, &action_process_signal, NO_ARGS, "say which");
    refused(world, &action_process_signal,
            ARGS({"command", x}, {"signal", text(world, "SIGNOTHING")}), "no signal");
    assert_string_equal(
        shown(world, &action_process_signal, ARGS({"command", text(world, "^node ")}, {"user", x})),
        "send TERM to the processes whose command line matches ^node  and of the "
        "user x");
    assert_string_equal(shown(world, &action_process_list, NO_ARGS), "list the processes");
}

/* A pattern that never comes to an end is told, and is not a "no". */
static void a_pattern_that_explodes_is_an_error(void **state)
{
    struct world *world = *state;
    pid_t child = start_child("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    ill(world, act(world, &action_process_list, ARGS({"command", text(world, "^(a+)+[bc]")})),
        OUTCOME_FAILED, "can't be looked for");
    kill(child, SIGKILL);
    end_child(child, SIGKILL);
}

/* ---- tcp ---- */

/* A socket that listens, and its port. */
static int listener(int64_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&address, length) == 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void a_port_is_open_or_refused(void **state)
{
    struct world *world = *state;
    int64_t port;
    int fd = listener(&port);
    const struct member *args =
        ARGS({"host", text(world, "127.0.0.1")}, {"port", number(world, port)});
    assert_true(output_truth(world, done(world, &action_tcp_probe, args), "open"));
    close(fd);
    assert_false(output_truth(world, done(world, &action_tcp_probe, args), "open"));
}

static void no_such_host_is_no_answer(void **state)
{
    struct world *world = *state;
    world->stage.limit = 5 * UNITS_SECOND;
    const struct outcome *outcome =
        act(world, &action_tcp_probe,
            ARGS({"host", text(world, "no-such-host.invalid")}, {"port", number(world, 1)}));
    assert_true(outcome->kind == OUTCOME_NOT_STARTED || outcome->kind == OUTCOME_TIMED_OUT);
    assert_non_null(strstr(outcome->message, "no-such-host.invalid port 1"));
    refused(world, &action_tcp_probe,
            ARGS({"host", text(world, "x")}, {"port", number(world, 65536)}), "1 to 65535");
}

/* A full queue of one that never accepts: the kernel is silent, and silence is no answer. */
static void silence_is_no_answer(void **state)
{
    struct world *world = *state;
    int64_t port;
    int fd = listener(&port), filler[8];
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    listen(fd, 0);
    for (size_t i = 0; i < 8; i++) {
        filler[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)!connect(filler[i], (struct sockaddr *)&address, sizeof address);
    }
    world->stage.limit = UNITS_SECOND / 5;
    const struct member *args =
        ARGS({"host", text(world, "127.0.0.1")}, {"port", number(world, port)});
    assert_int_equal(act(world, &action_tcp_probe, args)->kind, OUTCOME_TIMED_OUT);
    world->stage.limit = 0;
    const struct deed *deed = deed_of(world, &action_tcp_probe, args);
    assert_int_equal(begin_with(world, deed, action_tcp_probe.start, UNITS_SECOND / 20)->kind,
                     OUTCOME_CANCELLED);
    for (size_t i = 0; i < 8; i++)
        close(filler[i]);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(list_finds_by_command),
        TEST(list_leaves_out_ourselves),
        TEST(list_by_program_and_user),
        TEST(signal_meets_those_that_are_meant),
        TEST(signal_never_meets_ourselves),
        TEST(signal_without_aim_is_refused),
        TEST(a_pattern_that_explodes_is_an_error),
        TEST(a_port_is_open_or_refused),
        TEST(no_such_host_is_no_answer),
        TEST(silence_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
