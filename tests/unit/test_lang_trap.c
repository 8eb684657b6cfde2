/* Traps of commands: the installed table keeps what it promises by its examples; a table that does
 * not is told, with its place. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/trap.h"
#include "lang/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct world {
    struct arena *arena;
    struct diagnostics diagnostics;
    struct traps *traps;
    const struct source *source;
    struct buffer said;
};

static struct world *world_new(void)
{
    struct arena *arena = arena_new();
    struct world *world = arena_alloc(arena, sizeof *world);
    world->arena = arena;
    world->diagnostics.arena = arena;
    world->traps = traps_new(arena);
    return world;
}

static void world_free(struct world *world)
{
    buffer_free(&world->said);
    arena_free(world->arena);
}

/* All that was found fault with. */
static const char *said(struct world *world)
{
    diagnostics_sort(&world->diagnostics);
    for (size_t i = 0; i < world->diagnostics.list.count; i++)
        diagnostic_print(world->diagnostics.list.at[i], false, &world->said);
    return world->said.length ? world->said.at : "";
}

static bool read_text(struct world *world, const char *name, const char *text)
{
    world->source = source_new(world->arena, name, text_of(text));
    return traps_read(world->traps, world->source, true, &world->diagnostics);
}

/* ---- the installed table ---- */

static struct world *stdlib(void)
{
    struct world *world = world_new();
    world->source =
        source_read(world->arena, "stdlib/traps.yaml", "stdlib/traps.yaml", &world->diagnostics);
    if (world->source == NULL ||
        !traps_read(world->traps, world->source, false, &world->diagnostics))
        fail_msg("%s", said(world));
    return world;
}

static void test_stdlib_keeps_its_examples(void **state)
{
    (void)state;
    struct world *world = stdlib();
    if (!traps_prove(world->traps, world->source, &world->diagnostics))
        fail_msg("%s", said(world));
    assert_true(traps_all(world->traps)->count >= 60);
    world_free(world);
}

/* ---- searching ---- */

struct names {
    struct buffer list; /* "id@where id@where" */
};

static void add_name(void *context, const struct trap *trap, struct text where)
{
    struct names *names = context;
    buffer_format(&names->list, "%s%s@%.*s", names->list.length ? " " : "", trap->id,
                  (int)where.length, where.at);
}

static void check_found(struct world *world, const char *command, unsigned places,
                        const char *expected)
{
    struct names names = {0};
    traps_match(world->traps, text_of(command), places, add_name, &names);
    const char *found = names.list.length ? names.list.at : "";
    if (strcmp(found, expected) != 0)
        fail_msg("%s: found '%s', expected '%s'", command, found, expected);
    buffer_free(&names.list);
}

static void test_each_once_in_order(void **state)
{
    (void)state;
    struct world *world = stdlib();
    check_found(world, "docker logs -f app | wc -l", TRAP_ANYWHERE,
                "logs_follow@-f pipe_hides_failure@|");
    check_found(world, "sudo pkill -9 app", TRAP_EXEC,
                "sudo_password@sudo kill_by_pattern@pkill kill_nine@-9");
    check_found(world, "docker ps", TRAP_CHECK, "containers_looked_at@ps");
    check_found(world, "docker ps", TRAP_EXEC | TRAP_SHELL, "");
    check_found(world, "systemctl restart app", TRAP_ANYWHERE, "");
    check_found(world, "", TRAP_ANYWHERE, "");
    world_free(world);
}

static const char own[] = "traps:\n"
                          "  follow:\n"
                          "    code: RB501\n"
                          "    words: [applog]\n"
                          "    pattern: '^applog .*(-f)'\n"
                          "    unless: --once\n"
                          "    excused: [release, stdin]\n"
                          "    in: [exec]\n"
                          "    message: it goes on for ever\n"
                          "    remedy: leave -f away\n"
                          "    catches: [applog -f shop]\n"
                          "    passes: [applog shop, applog -f --once shop]\n";

static void test_own_table(void **state)
{
    (void)state;
    struct world *world = world_new();
    assert_true(read_text(world, "traps.yaml", own));
    assert_true(traps_prove(world->traps, world->source, &world->diagnostics));
    const struct trap *trap = traps_all(world->traps)->at[0];
    assert_true(trap->own);
    assert_int_equal(trap->code, RB501);
    assert_true(trap_excused(trap, "release"));
    assert_true(trap_excused(trap, "stdin"));
    assert_false(trap_excused(trap, "undo"));
    check_found(world, "applog x -f", TRAP_EXEC, "follow@-f");
    check_found(world, "applog x -f", TRAP_SHELL | TRAP_CHECK, "");
    assert_false(read_text(world, "again.yaml", own));
    assert_non_null(strstr(said(world), "there is a trap 'follow' already, in traps.yaml"));
    world_free(world);
}

/* ---- tables with faults: each is told where it stands ---- */

static const struct {
    const char *from, *to; /* what is put in place of what in the table above */
    const char *said;
} faults[] = {
    {"RB501", "RB201", "traps.yaml:3:11: error RB101: 'RB201' is no code of a trap"},
    {"RB501", "often", "traps.yaml:3:11: error RB101: 'often' is no code of a trap"},
    {"    code: RB501\n", "", "traps.yaml:2:3: error RB101: trap 'follow' has no 'code'"},
    {"pattern: '^applog .*(-f)'", "pattern: '^applog .*(-f'",
     "traps.yaml:5:28: error RB102: this is no pattern: missing closing parenthesis"},
    {"unless: --once", "unless: '*'", "traps.yaml:6:14: error RB102: this is no pattern"},
    {"excused: [release", "excused: [relase",
     "traps.yaml:7:15: error RB101: 'relase' is neither a key of a step nor a param of exec"},
    {"in: [exec]", "in: [exce]", "traps.yaml:8:10: error RB102: 'exce' is no place of a command"},
    {"in: [exec]", "in: []", "traps.yaml:8:9: error RB101: 'in' is empty"},
    {"message", "mesage", "traps.yaml:9:5: error RB101: 'mesage' is no key of a trap"},
    {"catches: [applog -f shop]", "catches: []",
     "traps.yaml:11:14: error RB101: 'catches' is empty"},
    {"catches: [applog -f shop]", "catches: [applog shop]",
     "traps.yaml:11:15: error RB204: trap 'follow' does not catch this: its `pattern` is not "
     "found"},
    {"catches: [applog -f shop]", "catches: [logs -f shop]",
     "traps.yaml:11:15: error RB204: trap 'follow' does not catch this: none of its `words`"},
    {"catches: [applog -f shop]", "catches: [applog -f --once]",
     "traps.yaml:11:15: error RB204: trap 'follow' does not catch this: its `unless` excuses it"},
    {"passes: [applog shop", "passes: [applog -f shop",
     "traps.yaml:12:14: error RB204: trap 'follow' catches this, and must let it pass"},
    {"words: [applog]", "words: applog", "traps.yaml:4:12: error RB102: 'words' wants a list"},
    {"  follow:", "  Follow:", "traps.yaml:2:3: error RB101: 'Follow' can't be a name"},
    {"traps:", "trap:", "traps.yaml:1:1: error RB101: 'trap' is no key of a table of traps"},
};

static void test_faults_have_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct world *world = world_new();
        const char *at = strstr(own, faults[i].from);
        assert_non_null(at);
        const char *text = arena_format(world->arena, "%.*s%s%s", (int)(at - own), own,
                                        faults[i].to, at + strlen(faults[i].from));
        bool good = read_text(world, "traps.yaml", text) &&
                    traps_prove(world->traps, world->source, &world->diagnostics);
        if (good || strstr(said(world), faults[i].said) == NULL)
            fail_msg("%s: said '%s', expected '%s'", faults[i].to, world->said.at, faults[i].said);
        world_free(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stdlib_keeps_its_examples),
        cmocka_unit_test(test_each_once_in_order),
        cmocka_unit_test(test_own_table),
        cmocka_unit_test(test_faults_have_their_place),
    };
    return cmocka_run_group_tests_name("lang_trap", tests, NULL, NULL);
}
