/* Steps as names: which one `steps.x` is, whether it has ended there, and whether it may have given
 * nothing. */
#include "lang/check_place.h"

#include "base/arena.h"
#include "base/graph.h"
#include "base/text.h"
#include "lang/check.h"
#include "lang/expr.h"
#include "lang/expr_logic.h"
#include "lang/read.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"

#include <string.h>

/* ---- steps ---- */

/* What became of the search for a step. */
enum sight {
    SIGHT_THERE,
    SIGHT_PERHAPS, /* seen from on_failure: it may not have run */
    SIGHT_SELF,
    SIGHT_AROUND, /* a group that the reader stands in */
    SIGHT_LATER,
    SIGHT_NONE,
};

struct search {
    const struct step *step;
    enum sight sight;
    const struct step *reader; /* the one of its scope that reads, or holds who reads */
};

static bool stands_in(const struct step *step, const struct step *group)
{
    for (const struct steps *home = step->home; home != NULL && home->owner != NULL;
         home = home->owner->home)
        if (home->owner == group)
            return true;
    return false;
}

static enum sight sight_of(const struct place *place, const struct step *reader,
                           const struct step *step)
{
    if (reader == NULL || graph_before(step->home->graph, step->index, reader->index))
        return SIGHT_THERE;
    if (step == place->step || (place->step && step == place->step->holder))
        return SIGHT_SELF;
    if (place->step != NULL && stands_in(place->step, step))
        return SIGHT_AROUND;
    return reader == step ? SIGHT_SELF : SIGHT_LATER;
}

/* The nearest enclosing step of that id, and whether its outputs are there. */
static struct search find_step(const struct place *place, const char *id)
{
    const struct steps *scope = place->scope;
    const struct step *reader = place->step;
    bool perhaps = false;
    while (scope != NULL) {
        const struct step *step = map_get(&scope->by_id, id);
        if (step != NULL && perhaps)
            return (struct search){step, SIGHT_PERHAPS, reader};
        if (step != NULL)
            return (struct search){step, sight_of(place, reader, step), reader};
        reader = scope->owner;
        perhaps = perhaps || scope->owner == NULL;
        scope = scope->outer;
    }
    return (struct search){NULL, SIGHT_NONE, NULL};
}

const struct step *place_step(const struct place *place, const char *id)
{
    struct search search = find_step(place, id);
    return search.sight == SIGHT_THERE || search.sight == SIGHT_PERHAPS ? search.step : NULL;
}

static void add_ids(struct arena *arena, const struct place *place, struct list *names)
{
    for (const struct steps *scope = place->scope; scope != NULL; scope = scope->outer)
        for (size_t i = 0; i < scope->by_id.count; i++)
            list_add(arena, names, (void *)(uintptr_t)scope->by_id.at[i].key);
}

/* ID as a step inside a group of the scope, of which nothing is seen outside. */
static const struct step *hidden_in(const struct steps *scope, const char *id)
{
    for (size_t i = 0; i < scope->order.count; i++) {
        const struct step *group = scope->order.at[i];
        for (size_t j = 0; j < group->use.arguments.count; j++) {
            const struct argument *argument = group->use.arguments.at[j].value;
            if (argument->steps != NULL && map_get(&argument->steps->by_id, id) != NULL)
                return group;
        }
    }
    return NULL;
}

static void tell_unseen(const struct place *place, const char *id, struct mark mark,
                        struct diagnostics *diagnostics)
{
    struct arena *arena = place->checker->arena;
    struct list names = {0};
    size_t count = 0;
    for (const struct steps *scope = place->scope; scope != NULL; scope = scope->outer)
        count += scope->order.count;
    bool guess = read_may_guess(diagnostics, count);
    if (guess)
        add_ids(arena, place, &names);
    const char *near = text_nearest(id, (const char *const *)names.at, names.count);
    const struct step *group = NULL;
    for (const struct steps *scope = place->scope; guess && scope && !group; scope = scope->outer)
        group = hidden_in(scope, id);
    const char *remedy =
        group  ? arena_format(arena, "it stands inside '%s', which has to name it in its 'outputs'",
                              group->id)
        : near ? arena_format(arena, "did you mean 'steps.%s'?", near)
        : place->scope ? "name a step that is written before this one"
                       : "there are no steps that could be named here";
    diagnostic_add(diagnostics, RB101, mark, remedy, "there is no step '%s' here", id);
}

static void tell_sight(const struct place *place, struct search search, struct mark mark,
                       struct diagnostics *diagnostics)
{
    struct arena *arena = place->checker->arena;
    const char *id = search.step->id;
    struct diagnostic *found;
    switch (search.sight) {
    case SIGHT_SELF:
        diagnostic_add(diagnostics, RB103, mark,
                       "what a step itself gives is `result`, in its outputs, expect, repeat, "
                       "verify, undo and release",
                       "step '%s' can't read its own outputs by `steps`", id);
        return;
    case SIGHT_AROUND:
        diagnostic_add(diagnostics, RB103, mark, "read the steps inside it by their own ids",
                       "this step stands in '%s', which has not ended yet", id);
        return;
    case SIGHT_LATER:
        found = diagnostic_add(
            diagnostics, RB103, mark,
            graph_before(search.step->home->graph, search.reader->index, search.step->index)
                ? "write this step below it"
                : arena_format(arena, "let this step come after it: `needs: [%s]`", id),
            "step '%s' does not come before this one on every path, so its outputs are not there",
            id);
        diagnostic_note(diagnostics, found, search.step->mark, "it stands here");
        return;
    case SIGHT_THERE:
    case SIGHT_PERHAPS:
    case SIGHT_NONE:
        break;
    }
}

/* ---- may its outputs be unset? ---- */

/* Can it be another the next time that it is asked? */
static bool is_fleeting(struct arena *arena, const struct expr *expr)
{
    static const char *const parts[] = {"irreversible", "state", "ok"}; /* of the run */
    struct list names = {0};
    expr_names(arena, expr, &names);
    for (size_t i = 0; i < names.count; i++) {
        const struct expr_name *name = names.at[i];
        if (strcmp(name->root, "now") == 0)
            return true;
        for (size_t j = 0; j < sizeof parts / sizeof *parts; j++)
            if (strcmp(name->root, "run") == 0 && name->member != NULL &&
                strcmp(name->member, parts[j]) == 0)
                return true;
    }
    return false;
}

/* ---- what was asked by a `when` ---- */

/* Does LOGIC say that the path WHAT has a value, or (VALUE not NULL) that it is equal to VALUE? */
static bool says(struct arena *arena, const struct logic *logic, const char *what,
                 const char *value)
{
    if (logic->kind == LOGIC_AND)
        return says(arena, logic->a, what, value) || says(arena, logic->b, what, value);
    bool equal = value != NULL && logic->kind == LOGIC_IS && logic->value->kind == VALUE_TEXT &&
                 strcmp(logic->value->text.at, value) == 0;
    bool there = value == NULL && logic->kind == LOGIC_EXISTS;
    return (equal || there) && strcmp(expr_print(arena, logic->expr), what) == 0;
}

/* The step that ID names in SCOPE. */
static const struct step *named_in(const struct steps *scope, const char *id)
{
    const struct step *step = NULL;
    for (; scope != NULL && step == NULL; scope = scope->outer)
        step = map_get(&scope->by_id, id);
    return step;
}

/* Has the `when` of the reader, or of what it stands in, said so? STEP (NULL: none) is the one that
 * WHAT names. */
static bool was_asked(const struct place *place, const struct step *step, const char *what,
                      const char *value)
{
    struct arena *arena = place->checker->arena;
    const struct step *at = place->step;
    for (; at != NULL; at = at->holder ? at->holder : at->home->owner) {
        bool asking = at == place->step && place->before_when;
        if (!asking && at->when != NULL && (step == NULL || named_in(at->home, step->id) == step) &&
            says(arena, expr_logic(arena, at->when), what, value))
            return true;
    }
    return false;
}

bool place_exists(const struct place *place, const char *what)
{
    return was_asked(place, NULL, what, NULL);
}

/* Does whoever reads run only when STEP did? It does if it, or what it stands in, has the same
 * `when`. */
static bool same_condition(const struct place *place, const struct step *step)
{
    struct arena *arena = place->checker->arena;
    const struct step *at = place->step;
    const char *when = NULL;
    for (; at != NULL; at = at->holder ? at->holder : at->home->owner) {
        bool asked = at == place->step && place->before_when;
        if (asked || at->home != step->home || at->when == NULL)
            continue;
        when = when ? when : expr_print(arena, step->when);
        if (strcmp(when, expr_print(arena, at->when)) == 0)
            return !is_fleeting(arena, step->when);
    }
    return false;
}

bool output_of_params(struct arena *arena, const struct step *step, const char *name)
{
    const struct param *own = map_get(&step->outputs, name);
    const struct param *output = own ? own : map_get(&step->use.action->outputs, name);
    const struct argument *group = map_get(&step->use.arguments, "steps");
    bool inside = group != NULL && group->steps != NULL; /* its own are of the steps in it */
    struct list names = {0};
    if (output == NULL || output->value == NULL)
        return map_get(&step->use.action->params, name) != NULL;
    term_names(arena, output->value, &names);
    for (size_t i = 0; i < names.count; i++) {
        const struct expr_name *at = names.at[i];
        bool of_inside = inside && strcmp(at->root, "steps") == 0 && at->member != NULL &&
                         map_get(&group->steps->by_id, at->member) != NULL;
        if (of_inside || strcmp(at->root, "result") == 0 ||
            (!own && strcmp(at->root, "params") != 0))
            return false;
    }
    return true;
}

void place_reason(const struct place *place, enum reason_kind kind, const struct step *step,
                  const struct param *param, struct mark mark)
{
    struct checker *checker = place->checker;
    struct reason *reason = arena_alloc(checker->arena, sizeof *reason);
    *reason = (struct reason){.mark = mark, .kind = kind, .step = step, .param = param};
    list_add(checker->arena, &checker->reasons, reason);
}

/* Notes why the outputs of STEP may be unset; false: they are there. DONE_IF: only some of them. */
static bool may_be_unset(const struct place *place, struct search search, struct mark mark)
{
    const struct step *step = search.step;
    size_t before = place->checker->reasons.count;
    const char *state = arena_format(place->checker->arena, "steps.%s.state", step->id);
    if (was_asked(place, step, state, "done"))
        return false;
    /* In on_failure, which no step owns and whose outer scope are the steps, a failure blocks
     * nothing. */
    bool handler = step->home->owner == NULL && step->home->outer != NULL;
    if (search.sight == SIGHT_PERHAPS || handler)
        place_reason(place, handler ? REASON_HANDLER : REASON_FAILURE, step, NULL, mark);
    if (step->when != NULL && !same_condition(place, step))
        place_reason(place, REASON_WHEN, step, NULL, mark);
    if (step->tolerate != NULL && step->foreach == NULL)
        place_reason(place, REASON_TOLERATED, step, NULL, mark);
    return place->checker->reasons.count > before;
}

/* TYPE, of a loop's list: its elements. */
static const struct type *optional_output(struct arena *arena, const struct step *step,
                                          const struct type *type, bool all)
{
    if (step->foreach == NULL || all || type->kind != TYPE_LIST)
        return type_optional(arena, type, true);
    return type_list(arena, type_optional(arena, type->element, true));
}

/* The type of STEP with those outputs optional that may be unset. */
static const struct type *with_unset(const struct place *place, const struct step *step, bool all)
{
    struct arena *arena = place->checker->arena;
    const struct type *type = step->type;
    struct field *fields = arena_alloc(arena, (type->field_count + 1) * sizeof *fields);
    for (size_t i = 0; i < type->field_count; i++) {
        const char *name = type->fields[i].name;
        bool output = type_member(step->all, name) != NULL;
        bool never = strcmp(name, "state") == 0 || strcmp(name, "attempts") == 0;
        bool unset = output ? all || !output_of_params(arena, step, name) : all && !never;
        fields[i] =
            (struct field){name, unset ? optional_output(arena, step, type->fields[i].type, all)
                                       : type->fields[i].type};
    }
    return type_record(arena, NULL, fields, type->field_count);
}

const struct type *place_type_of_step(const struct place *place, const char *id, const char *rest,
                                      struct mark mark, struct diagnostics *diagnostics)
{
    struct search search = find_step(place, id);
    if (search.sight == SIGHT_NONE) {
        tell_unseen(place, id, mark, diagnostics);
        return NULL;
    }
    if (search.sight != SIGHT_THERE && search.sight != SIGHT_PERHAPS) {
        tell_sight(place, search, mark, diagnostics);
        return NULL;
    }
    const struct step *step = search.step;
    if (step->type == NULL)
        return NULL; /* its action was told of */
    if (rest != NULL &&
        was_asked(place, step, arena_format(place->checker->arena, "steps.%s.%s", id, rest), NULL))
        return step->type;
    if (may_be_unset(place, search, mark))
        return with_unset(place, step, true);
    if (step->done_if == NULL)
        return step->type;
    if (rest == NULL || type_member(step->all, rest) == NULL ||
        !output_of_params(place->checker->arena, step, rest))
        place_reason(place, REASON_DONE_IF, step, NULL, mark);
    return with_unset(place, step, false);
}

const struct type *place_result_of(const struct place *place, const struct step *step)
{
    struct arena *arena = place->checker->arena;
    struct field *fields = arena_alloc(arena, (step->all->field_count + 1) * sizeof *fields);
    if (step->done_if == NULL)
        return step->all;
    for (size_t i = 0; i < step->all->field_count; i++) {
        const struct field *field = &step->all->fields[i];
        fields[i] = output_of_params(arena, step, field->name)
                        ? *field
                        : (struct field){field->name, type_optional(arena, field->type, true)};
    }
    return type_record(arena, NULL, fields, step->all->field_count);
}

/* Can the output NAME of STEP be unset though the step was done? */
static bool may_lack(const struct step *step, const char *name)
{
    const struct type *type = type_member(step->type, name);
    return type == NULL || type->optional;
}

bool place_branches(const struct names *names, const char *a, const char *output_a, const char *b,
                    const char *output_b)
{
    const struct place *place = names->context;
    struct search first = find_step(place, a);
    struct search second = find_step(place, b);
    if (first.sight != SIGHT_THERE || second.sight != SIGHT_THERE)
        return false;
    const struct step *one = first.step, *other = second.step;
    if (may_lack(one, output_a) || may_lack(other, output_b))
        return false;
    return one->home == other->home && one->when && other->when && !one->tolerate &&
           !other->tolerate && !one->done_if && !other->done_if &&
           expr_complement(one->when, other->when) &&
           !is_fleeting(place->checker->arena, one->when);
}
