/* The table of core actions: what the language promises of each, word for word, and that each row
 * is fit to be read, described and shown. */
#include "actions_world.h"

#include "base/diagnostic.h"
#include "base/list.h"
#include "lang/catalog.h"
#include "lang/type.h"

/* Of the language's table: name, effect, params (mandatory ones with `!`), outputs, expectation. */
struct promise {
    const char *name;
    enum effect effect;
    const char *params, *outputs, *expect;
};

#define REQUEST                                                                         \
    "url! query headers json body connect_to", "answered status headers body duration", \
        "{answered: true, status: {min: 200, max: 299}}"
#define PROGRAM "exit stdout stderr duration", "{exit: 0}"

static const struct promise promises[] = {
    {"exec", EFFECT_CHANGE, "argv! cwd env user stdin stdin_from stdout_to mode connection stall",
     PROGRAM},
    {"shell", EFFECT_CHANGE, "script! env cwd user", PROGRAM},
    {"http.get", EFFECT_READ, REQUEST},
    {"http.post", EFFECT_CHANGE, REQUEST},
    {"http.put", EFFECT_CHANGE, REQUEST},
    {"http.patch", EFFECT_CHANGE, REQUEST},
    {"http.delete", EFFECT_CHANGE, REQUEST},
    {"sql.ping", EFFECT_READ, "db!", "up", "{up: true}"},
    {"sql.query", EFFECT_READ, "db! query! args", "rows count value", NULL},
    {"sql.exec", EFFECT_CHANGE, "db! statement args statements script transaction", "affected",
     NULL},
    {"sql.copy_in", EFFECT_CHANGE, "db! table! path!", "rows", NULL},
    {"sql.copy_out", EFFECT_CHANGE, "db! table query path!", "rows", NULL},
    {"file.stat", EFFECT_READ, "path!", "exists size age modified mode owner", "{exists: true}"},
    {"file.read", EFFECT_READ, "path!", "text", NULL},
    {"file.find", EFFECT_READ, "dir! name", "files", NULL},
    {"file.free", EFFECT_READ, "path!", "free used_percent", NULL},
    {"file.digest", EFFECT_READ, "path!", "sha256", NULL},
    {"file.write", EFFECT_CHANGE, "path! text! mode keep", "path", NULL},
    {"file.copy", EFFECT_CHANGE, "from! to! keep mode", "path", NULL},
    {"file.move", EFFECT_CHANGE, "from! to! replace keep", "path", NULL},
    {"file.edit", EFFECT_CHANGE, "path! match! replace! count keep", "path", NULL},
    {"file.remove", EFFECT_DESTROY, "path! contents_only", "", NULL},
    {"archive.list", EFFECT_READ, "path!", "entries", NULL},
    {"archive.create", EFFECT_CHANGE, "path! from! mode", "path entries", NULL},
    {"archive.extract", EFFECT_CHANGE, "path! to! keep", "path entries", NULL},
    {"tcp.probe", EFFECT_READ, "host! port!", "open", "{open: true}"},
    {"process.list", EFFECT_READ, "command exe user", "count processes", NULL},
    {"process.signal", EFFECT_CHANGE, "command exe user pids signal", "count", NULL},
    {"mail.send", EFFECT_CHANGE, "url! from! to! subject! text! cc user password starttls ca",
     "id code reply duration", NULL},
    {"wait", EFFECT_READ, "for until checks", "waited", NULL},
    {"assert", EFFECT_READ, "that!", "", NULL},
    {"set", EFFECT_READ, "", "", NULL},
    {"manual", EFFECT_CHANGE, "do! evidence show", "evidence", NULL},
    {"call", EFFECT_CHANGE, "runbook! params", "", NULL},
    {"steps", EFFECT_CHANGE, "steps!", "", NULL},
    {"release_now", EFFECT_CHANGE, "steps!", "", NULL},
    {"undo_run", EFFECT_CHANGE, "", "", NULL},
};
enum { PROMISES = sizeof promises / sizeof *promises };

static const char *names(struct world *world, const struct param_about *about, bool mandatory)
{
    struct buffer line = {0};
    for (; about->name != NULL; about++)
        buffer_format(&line, "%s%s%s", line.length > 0 ? " " : "", about->name,
                      mandatory && about->mandatory ? "!" : "");
    const char *copy = arena_copy(world->arena, line.at ? line.at : "", line.length);
    buffer_free(&line);
    return copy;
}

static void the_table_is_what_was_promised(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < PROMISES; i++) {
        const struct core_action *action = core_actions[i];
        assert_non_null(action);
        assert_string_equal(action->name, promises[i].name);
        assert_int_equal(action->effect, promises[i].effect);
        assert_string_equal(names(world, action->params, true), promises[i].params);
        assert_string_equal(names(world, action->outputs, false), promises[i].outputs);
        if (promises[i].expect == NULL)
            assert_null(action->expect);
        else
            assert_string_equal(action->expect, promises[i].expect);
    }
    assert_null(core_actions[PROMISES]);
}

/* A sentence for people: it begins, it does not ramble over lines. */
static void is_sentence(const char *action, const char *about)
{
    if (about == NULL || strlen(about) < 8 || strchr(about, '\n') != NULL)
        fail_msg("%s: no description: %s", action, about ? about : "-");
}

static void is_type(const char *action, const char *type)
{
    static const char *const words[] = {"checks", "steps",     "runbook", "bool expr",
                                        "any",    "list<any>", "map<any>"};
    struct arena *arena = arena_new();
    bool known = type_parse(arena, type) != NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        known = known || strcmp(type, words[i]) == 0;
    arena_free(arena);
    if (!known)
        fail_msg("%s: no type: %s", action, type);
}

static void each_row_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; core_actions[i] != NULL; i++) {
        const struct core_action *action = core_actions[i];
        is_sentence(action->name, action->about);
        for (const struct param_about *about = action->params; about->name != NULL; about++) {
            is_sentence(action->name, about->about);
            is_type(action->name, about->type);
            assert_false(about->mandatory && about->preset != NULL);
        }
        for (const struct param_about *about = action->outputs; about->name != NULL; about++) {
            is_sentence(action->name, about->about);
            is_type(action->name, about->type);
        }
        assert_int_equal(action->form == FORM_WORK, action->start != NULL);
        assert_int_equal(action->form == FORM_WORK, action->describe != NULL);
        assert_int_equal(action->form == FORM_WORK, action->cancel != NULL);
        /* Of the core only what reads is idempotent by itself, and a mail that is known again. */
        assert_true(!action->idempotent || action->effect == EFFECT_READ ||
                    action == &action_mail_send);
    }
}

/* As the language reads it: presets, expectations and types without a finding. */
static void the_catalog_takes_every_row(void **state)
{
    struct world *world = *state;
    struct diagnostics diagnostics = {.arena = world->arena};
    struct catalog *catalog = catalog_new(world->arena, core_actions, NULL, NULL, &diagnostics);
    struct list actions = {0};
    catalog_all(catalog, &actions);
    assert_int_equal(actions.count, PROMISES);
    assert_int_equal(diagnostics.list.count, 0);
}

/* Is it a param that can't stand beside another one? */
static bool is_one_of_several(const struct core_action *action, const char *param)
{
    static const char *const others[] = {"body", "stdin_from", "sql.exec/statements",
                                         "sql.exec/script", "sql.copy_out/query"};
    char name[64];
    snprintf(name, sizeof name, "%s/%s", action->name, param);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i], param) == 0 || strcmp(others[i], name) == 0)
            return true;
    return false;
}

/* With nothing known every action is described, shown, and told as a deed. */
static void everything_may_be_unknown(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; core_actions[i] != NULL; i++) {
        const struct core_action *action = core_actions[i];
        struct member args[32] = {0};
        struct problem problem = {0};
        struct buffer into = {0};
        size_t count = 0;
        if (action->form != FORM_WORK)
            continue;
        for (const struct param_about *about = action->params; about->name != NULL; about++)
            if (!is_one_of_several(action, about->name))
                args[count++] =
                    (struct member){about->name, value_unknown(world->arena, about->name)};
        const struct deed *deed = describe(world, action, args, &problem);
        if (deed == NULL)
            fail_msg("%s: %s", action->name, problem.message);
        assert_true(value_has_unknown(deed->inputs));
        retold(world, deed);
        if (action->show != NULL)
            action->show(deed, &into);
        if (action->show != NULL && strstr(into.at, "‹") == NULL)
            fail_msg("%s is shown as: %s", action->name, into.at);
        buffer_free(&into);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_table_is_what_was_promised),
        TEST(each_row_is_whole),
        TEST(the_catalog_takes_every_row),
        TEST(everything_may_be_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
