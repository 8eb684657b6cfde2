/* RB207: two steps that can run side by side do not change the same file or resource. */
#include "plan/proof.h"

#include "base/arena.h"
#include "lang/value.h"
#include "plan/place.h"

#include <string.h>

/* All pairs are looked at of so many steps that change one thing; of more, each and the next: when
 * those are in order, all are. */
#define MAX_PAIRS 64

/* The inputs of core actions that name what they write. */
static const struct {
    const char *action, *input;
} written[] = {
    {"file.write", "path"},    {"file.write", "keep"},      {"file.edit", "path"},
    {"file.edit", "keep"},     {"file.copy", "to"},         {"file.copy", "keep"},
    {"file.move", "from"},     {"file.move", "to"},         {"file.move", "keep"},
    {"file.put", "to"},        {"file.remove", "path"},     {"archive.create", "path"},
    {"archive.extract", "to"}, {"archive.extract", "keep"}, {"exec", "stdout_to"},
    {"shell", "stdout_to"},    {"sql.copy_out", "path"},
};

struct changes {
    const struct proof *proof;
    struct map by_thing; /* resource to struct list of struct plan_step */
};

static void add_change(struct changes *changes, struct plan_step *step, const char *thing)
{
    struct list *steps = map_get(&changes->by_thing, thing);
    if (steps == NULL) {
        steps = arena_alloc(changes->proof->arena, sizeof *steps);
        map_put(changes->proof->arena, &changes->by_thing, thing, steps);
    }
    if (steps->count == 0 || steps->at[steps->count - 1] != step)
        list_add(changes->proof->arena, steps, step);
}

static const struct value *named(const struct value *map, const char *name)
{
    const struct value *found = value_find(map, name);
    return found != NULL ? found : &value_unset;
}

static bool is_text(const struct value *value)
{
    return value->kind == VALUE_TEXT || value->kind == VALUE_UNKNOWN;
}

static void add_files(struct changes *changes, struct plan_step *step)
{
    const char *action = step->step->use.action->name;
    const struct value *inputs = step->deed ? step->deed->inputs : NULL;
    if (inputs == NULL)
        return;
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        if (strcmp(action, written[i].action) != 0)
            continue;
        const struct value *path = named(inputs, written[i].input);
        if (is_text(path))
            add_change(changes, step, place_file(changes->proof->arena, step, path->text.at));
    }
}

static void add_step(void *context, struct plan_step *step)
{
    struct changes *changes = context;
    if (step->when == 0 || step->loop != NULL || step->effect == EFFECT_READ)
        return;
    for (size_t i = 0; step->destroys != NULL && i < step->destroys->list.count; i++) {
        const struct value *at = step->destroys->list.at[i];
        if (is_text(at))
            add_change(changes, step, place_resource(changes->proof->arena, step, at->text.at));
    }
    if (!plan_opens(step) && step->step->use.action->core != NULL)
        add_files(changes, step);
}

static void report_pair(const struct proof *proof, const struct plan_step *a,
                        const struct plan_step *b, const char *thing)
{
    struct diagnostic *finding = diagnostic_add(
        proof->diagnostics, RB207, plan_written(b)->step->mark,
        "let one need the other (`needs`), or give each its own",
        "%s and %s can run side by side, and both change %s", a->name, b->name, thing);
    diagnostic_note(proof->diagnostics, finding, plan_written(a)->step->mark, "the other is here");
}

/* One finding a thing is enough: mended, the next shows. */
static bool prove_pair(const struct proof *proof, const struct plan_step *a,
                       const struct plan_step *b, const char *thing)
{
    if (!place_beside(a, b))
        return false;
    report_pair(proof, a, b, thing);
    return true;
}

/* The body of a loop whose list is not known stands for several items at a time. */
static bool prove_body(const struct proof *proof, const struct plan_step *step, const char *thing)
{
    for (const struct plan_step *at = step; at != NULL; at = at->parent) {
        if (at->relation != PLAN_ITEM || at->parent->loop->parallel < 2 ||
            at->parent->inside.count != 1 ||
            (at->parent->loop->list->kind == VALUE_LIST && at->parent->loop->list->list.count < 2))
            continue;
        const char *item = arena_format(proof->arena, "item.%s", at->step->foreach->as);
        if (place_mentions(thing, item))
            continue;
        diagnostic_add(proof->diagnostics, RB207, plan_written(step)->step->mark,
                       "do the items one at a time (`parallel: 1`), or give each its own",
                       "items of %s run side by side, and each changes %s", at->parent->name,
                       thing);
        return true;
    }
    return false;
}

static void prove_thing(const struct proof *proof, const struct list *steps, const char *thing)
{
    for (size_t i = 0; i < steps->count; i++)
        if (prove_body(proof, steps->at[i], thing))
            return;
    size_t reach = steps->count <= MAX_PAIRS ? steps->count : 1;
    for (size_t i = 0; i < steps->count; i++)
        for (size_t j = i + 1; j < steps->count && j <= i + reach; j++)
            if (prove_pair(proof, steps->at[i], steps->at[j], thing))
                return;
}

void prove_beside(const struct proof *proof)
{
    struct changes changes = {.proof = proof};
    plan_visit(&proof->plan->steps, add_step, &changes);
    plan_visit(&proof->plan->on_failure, add_step, &changes);
    for (size_t i = 0; i < changes.by_thing.count; i++)
        prove_thing(proof, changes.by_thing.at[i].value, changes.by_thing.at[i].key);
}
