#include "lang/check_place.h"

#include "base/arena.h"
#include "base/graph.h"
#include "base/text.h"
#include "lang/check.h"
#include "lang/expect.h"
#include "lang/allow.h"
#include "lang/expr.h"
#include "lang/read.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- the other roots ---- */

static const struct type *unknown(const struct place *place, const char *what, const char *name,
                                  const char *const *candidates, size_t count, const char *remedy,
                                  struct mark mark, struct diagnostics *diagnostics)
{
    const char *near = text_nearest(name, candidates, count);
    diagnostic_add(diagnostics, RB101, mark,
                   near ? arena_format(place->checker->arena, "did you mean '%s'?", near) : remedy,
                   "there is no %s '%s' here", what, name);
    return NULL;
}

static const struct type *type_of_param(const struct place *place, const char *name,
                                        struct mark mark, struct diagnostics *diagnostics)
{
    struct checker *checker = place->checker;
    const struct map *params = place->params_before ? place->params_before : checker->params;
    const struct param *param = map_get(params, name);
    if (param == NULL && map_get(checker->params, name) != NULL) {
        diagnostic_add(diagnostics, RB103, mark, "write that param before this one",
                       "a default can name only params that are written before it");
        return NULL;
    }
    if (param == NULL) {
        const char **names = arena_alloc(checker->arena, (params->count + 1) * sizeof *names);
        for (size_t i = 0; i < params->count; i++)
            names[i] = params->at[i].key;
        return unknown(place, "param", name, names, params->count,
                       checker->action ? "declare it under 'params' of the action: a composite "
                                         "sees its own alone"
                                       : "declare it under 'params'",
                       mark, diagnostics);
    }
    map_put(checker->arena, &checker->used, name, checker);
    if (!param->optional || place_exists(place, arena_format(checker->arena, "params.%s", name)))
        return param->type;
    place_reason(place, REASON_OPTIONAL, NULL, param, mark);
    return type_optional(checker->arena, param->type, true);
}

static const struct type *type_of_item(const struct place *place, const char *name,
                                       struct mark mark, struct diagnostics *diagnostics)
{
    struct arena *arena = place->checker->arena;
    struct list names = {0};
    for (const struct item *item = place->items; item != NULL; item = item->outer) {
        if (strcmp(item->name, name) == 0)
            return item->type;
        list_add(arena, &names, (void *)(uintptr_t)item->name);
    }
    bool own = place->step && place->step->foreach && place->step->foreach->as &&
               strcmp(place->step->foreach->as, name) == 0;
    return unknown(place, "item", name, (const char *const *)names.at, names.count,
                   own ? "`when` and the loop itself are settled before the first item"
                       : "an item is named by `foreach: {as: NAME, in: LIST}`",
                   mark, diagnostics);
}

static const struct type *type_of_member(const struct place *place, const char *root,
                                         const struct type *record, const char *member,
                                         struct mark mark, struct diagnostics *diagnostics)
{
    struct arena *arena = place->checker->arena;
    if (member == NULL)
        return record;
    const struct type *type = type_member(record, member);
    if (type != NULL)
        return record->optional ? type_optional(arena, type, true) : type;
    const char **names = arena_alloc(arena, (record->field_count + 1) * sizeof *names);
    struct buffer all = {0};
    for (size_t i = 0; i < record->field_count; i++) {
        names[i] = record->fields[i].name;
        buffer_format(&all, "%s%s", i ? ", " : "it has ", names[i]);
    }
    const char *near = text_nearest(member, names, record->field_count);
    diagnostic_add(diagnostics, RB101, mark,
                   near     ? arena_format(arena, "did you mean '%s.%s'?", root, near)
                   : all.at ? all.at
                            : "it has no outputs",
                   "'%s' has no '%s'", root, member);
    buffer_free(&all);
    return NULL;
}

static const struct type *run_record(struct arena *arena, bool releasing)
{
    struct field fields[] = {
        {"id", type_scalar(TYPE_STRING)},    {"stamp", type_scalar(TYPE_STRING)},
        {"short", type_scalar(TYPE_STRING)}, {"started", type_scalar(TYPE_TIME)},
        {"state", type_scalar(TYPE_STRING)}, {"irreversible", type_scalar(TYPE_BOOL)},
        {"ok", type_scalar(TYPE_BOOL)},
    };
    return type_record(arena, NULL, fields, releasing ? 7 : 6);
}

static const struct type *failure_record(struct arena *arena)
{
    struct field fields[] = {{"step", type_scalar(TYPE_STRING)},
                             {"reason", type_scalar(TYPE_STRING)},
                             {"message", type_scalar(TYPE_STRING)}};
    return type_record(arena, NULL, fields, 3);
}

static const struct type *not_here(const char *name, const char *why, struct mark mark,
                                   struct diagnostics *diagnostics)
{
    diagnostic_add(diagnostics, RB101, mark, why, "there is no `%s` here", name);
    return NULL;
}

static const struct type *type_of_run(const struct place *place, const char *member,
                                      struct mark mark, struct diagnostics *diagnostics)
{
    if (place->fixed != NULL)
        return not_here("run", place->fixed, mark, diagnostics);
    if (member != NULL && strcmp(member, "ok") == 0 && !place->releasing)
        return not_here("run.ok", "it exists in a `release`, when its scope has ended", mark,
                        diagnostics);
    return type_of_member(place, "run", run_record(place->checker->arena, place->releasing), member,
                          mark, diagnostics);
}

static const struct type *type_of_result(const struct place *place, const char *root,
                                         const struct type *record, const char *member,
                                         const char *why, struct mark mark,
                                         struct diagnostics *diagnostics)
{
    if (record == NULL)
        return not_here(root, why, mark, diagnostics);
    return type_of_member(place, root, record, member, mark, diagnostics);
}

static const struct type *type_of_secret(const struct place *place, const char *name,
                                         struct mark mark, struct diagnostics *diagnostics)
{
    struct checker *checker = place->checker;
    if (checker->runbook == NULL)
        return not_here("secrets", "an action is given a secret by a param of type secret", mark,
                        diagnostics);
    const struct map *secrets = &checker->runbook->secrets;
    const struct secret *secret = map_get(secrets, name);
    if (secret == NULL) {
        const char **names = arena_alloc(checker->arena, (secrets->count + 1) * sizeof *names);
        for (size_t i = 0; i < secrets->count; i++)
            names[i] = secrets->at[i].key;
        return unknown(place, "secret", name, names, secrets->count,
                       "name where it is read: secrets: {NAME: {file: …}}", mark, diagnostics);
    }
    map_put(checker->arena, &checker->secret, name, (void *)(uintptr_t)secret);
    /* What a step makes can be read behind that step alone. A connection is read where it is used.
     */
    bool in_head = place->fixed != NULL && place->scope == NULL;
    if (secret->made_by != NULL && !in_head &&
        place_type_of_step(place, secret->made_by, "state", mark, diagnostics) == NULL)
        return NULL;
    return type_scalar(TYPE_SECRET);
}

/* A root that is none: most often a param or a step without its root. */
static const struct type *unknown_root(const struct place *place, const char *root,
                                       struct mark mark, struct diagnostics *diagnostics)
{
    static const char *const roots[] = {"params", "secrets", "steps", "result", "previous",
                                        "item",   "failure", "usual", "run",    "now"};
    struct arena *arena = place->checker->arena;
    const char *near = text_nearest(root, roots, sizeof roots / sizeof roots[0]);
    const char *remedy =
        map_get(place->checker->params, root) ? arena_format(arena, "write 'params.%s'", root)
        : place_step(place, root)             ? arena_format(arena, "write 'steps.%s.OUTPUT'", root)
        : near                                ? arena_format(arena, "did you mean '%s'?", near)
               : "the names are params secrets steps result previous item failure "
                 "run now; a text stands in single quotes";
    for (const struct item *item = place->items; item != NULL; item = item->outer)
        if (strcmp(item->name, root) == 0)
            remedy = arena_format(arena, "write 'item.%s'", root);
    diagnostic_add(diagnostics, RB101, mark, remedy, "there is no name '%s'", root);
    return NULL;
}

static const struct type *root_alone(const char *root, struct mark mark,
                                     struct diagnostics *diagnostics)
{
    const char *what = strcmp(root, "steps") == 0     ? "steps.ID.OUTPUT"
                       : strcmp(root, "item") == 0    ? "item.NAME"
                       : strcmp(root, "secrets") == 0 ? "secrets.NAME"
                                                      : "params.NAME";
    diagnostic_add(diagnostics, RB101, mark, "say which one", "`%s` alone is no value: write '%s'",
                   root, what);
    return NULL;
}

static const struct type *find_name(const struct names *names, const char *root, const char *member,
                                    const char *rest, struct mark mark,
                                    struct diagnostics *diagnostics)
{
    const struct place *place = names->context;
    bool many = strcmp(root, "params") == 0 || strcmp(root, "steps") == 0 ||
                strcmp(root, "item") == 0 || strcmp(root, "secrets") == 0;
    if (many && member == NULL)
        return root_alone(root, mark, diagnostics);
    if (strcmp(root, "params") == 0)
        return type_of_param(place, member, mark, diagnostics);
    if (strcmp(root, "steps") == 0)
        return place_type_of_step(place, member, rest, mark, diagnostics);
    if (strcmp(root, "item") == 0)
        return type_of_item(place, member, mark, diagnostics);
    if (strcmp(root, "result") == 0 && place->verifying && member != NULL &&
        !output_of_params(place->checker->arena, place->step, member))
        place_reason(place, REASON_DONE_IF, place->step, NULL, mark);
    if (strcmp(root, "result") == 0)
        return type_of_result(
            place, root, place->result, member,
            "it exists in outputs, expect, because, repeat, verify, undo and release "
            "of a step, and in expect of a check",
            mark, diagnostics);
    if (strcmp(root, "previous") == 0)
        return type_of_result(place, root, place->previous, member,
                              "it exists in a step with `repeat`: the `result` of the round "
                              "before",
                              mark, diagnostics);
    if (strcmp(root, "run") == 0)
        return type_of_run(place, member, mark, diagnostics);
    if (strcmp(root, "failure") == 0)
        return type_of_result(place, root,
                              place->failing ? failure_record(place->checker->arena) : NULL, member,
                              "it exists in `on_failure`", mark, diagnostics);
    if (strcmp(root, "now") == 0)
        return place->fixed ? not_here(root, place->fixed, mark, diagnostics)
                            : type_scalar(TYPE_TIME);
    if (strcmp(root, "secrets") == 0)
        return type_of_secret(place, member, mark, diagnostics);
    if (strcmp(root, "usual") == 0)
        return type_of_result(place, root, place->usual, member,
                              "it exists in `expect` of a check that stands for itself in a "
                              "monitor's condition, not under any, not or foreach",
                              mark, diagnostics);
    return unknown_root(place, root, mark, diagnostics);
}

/* ---- typing at a place ---- */

static void note_reason(struct diagnostics *diagnostics, struct diagnostic *found,
                        const struct reason *reason)
{
    const struct step *step = reason->step;
    switch (reason->kind) {
    case REASON_WHEN:
        diagnostic_note(diagnostics, found, expr_mark(step->when), "step '%s' may be skipped",
                        step->id);
        return;
    case REASON_TOLERATED:
        diagnostic_note(diagnostics, found, step->tolerate->mark,
                        "the failure of step '%s' is tolerated, and then it gives nothing",
                        step->id);
        return;
    case REASON_DONE_IF:
        found->code = RB105;
        diagnostic_note(diagnostics, found, step->done_if->mark,
                        "when `done_if` of step '%s' holds, its action is not run and gives "
                        "nothing",
                        step->id);
        return;
    case REASON_FAILURE:
        diagnostic_note(diagnostics, found, step->mark,
                        "in `on_failure` step '%s' may not have run", step->id);
        return;
    case REASON_HANDLER:
        diagnostic_note(diagnostics, found, step->mark,
                        "in `on_failure` a failure blocks nothing: step '%s' may have failed",
                        step->id);
        return;
    case REASON_OPTIONAL:
        diagnostic_note(diagnostics, found, reason->param->mark, "param '%s' is optional",
                        reason->param->name);
        return;
    }
}

/* Findings from BEFORE on that something may be unset are told why. */
static void tell_reasons(const struct place *place, size_t before)
{
    struct checker *checker = place->checker;
    for (size_t i = before; i < checker->diagnostics->list.count; i++) {
        struct diagnostic *found = checker->diagnostics->list.at[i];
        for (size_t j = 0; found->code == RB104 && j < checker->reasons.count; j++) {
            const struct reason *reason = checker->reasons.at[j];
            if (reason->mark.start >= found->mark.start && reason->mark.end <= found->mark.end)
                note_reason(checker->diagnostics, found, reason);
        }
    }
    checker->reasons.count = 0;
}

struct names place_names(const struct place *place)
{
    return (struct names){
        .find = find_name, .branches = place_branches, .context = (void *)(uintptr_t)place};
}

const struct type *place_term(const struct place *place, const struct term *term)
{
    struct checker *checker = place->checker;
    size_t before = checker->diagnostics->list.count;
    if (term == NULL)
        return NULL;
    if (term->kind == TERM_CONSTANT)
        return term->type ? term->type : type_of_value(checker->arena, term->constant);
    struct names names = place_names(place);
    const struct type *type = term_type(checker->arena, term, &names, checker->diagnostics);
    tell_reasons(place, before);
    return type;
}

void place_condition(const struct place *place, const struct expr *expr, const char *what)
{
    struct checker *checker = place->checker;
    size_t before = checker->diagnostics->list.count;
    if (expr == NULL)
        return;
    struct names names = place_names(place);
    const struct type *type = expr_type(checker->arena, expr, &names, checker->diagnostics);
    if (type != NULL && type->optional)
        diagnostic_add(checker->diagnostics, RB104, expr_mark(expr),
                       "say what holds then: `${… ?\? false}`", "%s may be unset", what);
    else if (type != NULL && !type_accepts(type_scalar(TYPE_BOOL), type))
        diagnostic_add(checker->diagnostics, RB102, expr_mark(expr),
                       "compare it with something: … == 0, … != ''",
                       "%s is true or false, and this is of type %s", what,
                       type_print(checker->arena, type));
    tell_reasons(place, before);
}

void place_expect(const struct place *place, const struct expectation *expect,
                  const struct type *outputs)
{
    struct checker *checker = place->checker;
    size_t before = checker->diagnostics->list.count;
    struct names names = place_names(place);
    expect_type(checker->arena, expect, outputs, &names, checker->diagnostics);
    tell_reasons(place, before);
}

/* ---- warnings ---- */

void place_warn(const struct place *place, enum diagnostic_code code, struct mark mark,
                const char *remedy, const char *message)
{
    struct checker *checker = place->checker;
    const struct term *why = allow_find(checker->runbook, place->step, code);
    allow_settle(checker->diagnostics,
                 diagnostic_add(checker->diagnostics, code, mark, remedy, "%s", message), why);
}
