/* Two trees of facts: what is the same is passed over, what differs is taken apart until a key can
 * be named. */
#include "plan/diff_compare.h"

#include "base/arena.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <ctype.h>
#include <string.h>

/* ---- renamed steps ---- */

static bool names_step(const char *at, const char *name)
{
    size_t length = strlen(name);
    return strncmp(at, name, length) == 0 && !isalnum((unsigned char)at[length]) &&
           at[length] != '_';
}

/* TEXT with the new names of renamed steps. */
static const char *renamed(struct comparison *comparison, const char *text)
{
    struct buffer into = {0};
    if (comparison->renames.count == 0 || strstr(text, "steps.") == NULL)
        return text;
    while (*text != '\0') {
        const struct rename *found = NULL;
        for (uint32_t i = 0; i < comparison->renames.count && found == NULL; i++) {
            const struct rename *rename = comparison->renames.at[i];
            found = names_step(text, rename->from) ? rename : NULL;
        }
        if (found != NULL) {
            buffer_text(&into, found->to);
            text += strlen(found->from);
        } else {
            buffer_add(&into, text++, 1);
        }
    }
    const char *copy = arena_copy(comparison->arena, into.at ? into.at : "", into.length);
    buffer_free(&into);
    return copy;
}

static bool scalars_same(struct comparison *comparison, const struct fact *old,
                         const struct fact *new)
{
    if (old->value != NULL && new->value != NULL && old->value->kind != new->value->kind)
        return false;
    return strcmp(renamed(comparison, old->text), new->text) == 0;
}

bool compare_same(struct comparison *comparison, const struct fact *old, const struct fact *new)
{
    if (fact_equal(old, new, true))
        return true;
    return old != NULL && new != NULL &&
           old->kind == FACT_SCALAR &&new->kind == FACT_SCALAR &&scalars_same(comparison, old, new);
}

/* ---- places ---- */

/* "param x" of "params" and "x"; NULL where it is no such collection. */
static const char *named_one(struct arena *arena, const char *noun, const char *key)
{
    static const char *const many[] = {"params", "outputs", "secrets", "connections", "conditions"};
    size_t length = strlen(noun);
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        size_t end = strlen(many[i]);
        if (length >= end && strcmp(noun + length - end, many[i]) == 0)
            return arena_format(arena, "%.*s %s", (int)length - 1, noun, key);
    }
    return NULL;
}

static const char *noun_below(struct comparison *comparison, const struct spot *spot,
                              const char *key, const struct trait *trait)
{
    struct arena *arena = comparison->arena;
    static const char *const silent[] = {"action", "checks", "steps", "source", "any", "not"};
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (strcmp(silent[i], key) == 0)
            return spot->noun;
    if (trait->judge == JUDGE_CHECK || trait->judge == JUDGE_ENTRY || trait->judge == JUDGE_EXPECT)
        return spot->noun; /* it is called by what it is */
    const char *one = named_one(arena, spot->noun, key);
    if (one != NULL)
        return one;
    if (strcmp(key, "argv") == 0)
        key = "command";
    if (strcmp(key, "that") == 0)
        key = "what it asserts";
    return spot->noun[0] ? arena_format(arena, "%s: %s", spot->noun, key) : key;
}

struct spot spot_below(struct comparison *comparison, const struct spot *spot, const char *key,
                       const struct trait *trait)
{
    struct spot below = *spot;
    below.noun = noun_below(comparison, spot, key, trait);
    below.path = spot->path[0] ? arena_format(comparison->arena, "%s.%s", spot->path, key) : key;
    below.trait = trait;
    if (trait->mapping == MAPPING_STEP || trait->mapping == MAPPING_RUNBOOK)
        below.guard = key;
    if (spot->trait->judge == JUDGE_CHECK) {
        below.sense = strcmp(key, "not") == 0 ? -spot->sense : spot->sense;
        below.any = strcmp(key, "any") == 0;
    }
    return below;
}

/* ---- what is used, for later ---- */

static struct used *used_as(struct comparison *comparison, const char *name, const char *step)
{
    struct used *used = map_get(&comparison->uses, name);
    if (used == NULL) {
        used = arena_alloc(comparison->arena, sizeof *used);
        map_put(comparison->arena, &comparison->uses, name, used);
    }
    const char *scope = comparison->scope ? strchr(comparison->scope, ' ') + 1 : NULL;
    const char *by = scope ? scope : step;
    for (uint32_t i = 0; by != NULL && i < used->by.count; i++)
        if (strcmp(used->by.at[i], by) == 0)
            return used;
    if (by != NULL)
        list_add(comparison->arena, &used->by, (void *)(uintptr_t)by);
    return used;
}

/* What both sides' action NEW opens into is compared once, whoever uses it. */
static void note_use(struct comparison *comparison, const struct spot *spot, const struct use *old,
                     const struct use *new)
{
    struct arena *arena = comparison->arena;
    const struct argument *before = map_get(&old->arguments, "runbook");
    const struct argument *now = map_get(&new->arguments, "runbook");
    if (old->action->core == NULL && new->action->core == NULL) {
        struct used *used = used_as(comparison, arena_format(arena, "action %s", new->action->name),
                                    spot->step ? spot->step : spot->guard);
        used->old_action = old->action;
        used->new_action = new->action;
    }
    if (before != NULL && now != NULL && before->runbook != NULL && now->runbook != NULL &&
        strcmp(before->runbook->file, now->runbook->file) == 0) {
        struct used *used =
            used_as(comparison, arena_format(arena, "runbook %s", now->runbook->file),
                    spot->step ? spot->step : spot->guard);
        used->old_runbook = before->runbook;
        used->new_runbook = now->runbook;
    }
}

/* ---- comparing ---- */

static void compare_members(struct comparison *comparison, const struct spot *spot,
                            const struct fact *old, const struct fact *new)
{
    for (uint32_t i = 0; i < new->members.count; i++) {
        const struct fact *member = new->members.at[i].value;
        const struct fact *before = fact_find(old, member->key);
        struct spot below = spot_below(comparison, spot, member->key, member->trait);
        if (before != NULL || !member->standard)
            compare_facts(comparison, &below, before, member);
    }
    for (uint32_t i = 0; i < old->members.count; i++) {
        const struct fact *member = old->members.at[i].value;
        struct spot below = spot_below(comparison, spot, member->key, member->trait);
        if (fact_find(new, member->key) == NULL && !member->standard)
            compare_facts(comparison, &below, member, NULL);
    }
}

/* Another action altogether: it is told as a whole, and nothing of its arguments. */
static bool is_another(const struct fact *old, const struct fact *new)
{
    const struct fact *before = fact_find(old, "action"), *now = fact_find(new, "action");
    return before != NULL && now != NULL &&
           (before->kind != now->kind || strcmp(before->text, now->text) != 0);
}

/* What goes with the action, and nobody said here: what it expects, whether it may be done twice.
 */
static bool goes_with_action(const struct fact *old, const struct fact *new, bool another)
{
    const struct fact *one = new ? new : old;
    bool standard = (old == NULL || old->standard) && (new == NULL || new->standard);
    if (one->trait->judge == JUDGE_EFFECT)
        return standard && (!another || old == NULL || new == NULL);
    return standard || (another && one->trait->judge == JUDGE_EXPECT && old && old->standard);
}

static void compare_uses(struct comparison *comparison, const struct spot *spot,
                         const struct fact *old, const struct fact *new)
{
    if (strcmp(old->text, new->text) != 0) {
        weigh_change(comparison, spot, old, new);
        return;
    }
    note_use(comparison, spot, old->use, new->use);
    compare_members(comparison, spot, old, new);
}

/* The spot of what is inside a check, or a step of an undo or release. */
static struct spot spot_inside(struct comparison *comparison, const struct spot *spot,
                               const struct fact *old, const struct fact *new, bool another)
{
    struct arena *arena = comparison->arena;
    struct spot inner = *spot;
    if (new->trait->judge == JUDGE_ENTRY) {
        inner.step = arena_format(
            arena, "%s/%s/%s", spot->step ? spot->step : "",
            spot->trait->judge == JUDGE_ENTRY && spot->guard ? spot->guard : "undo", new->key);
        inner.old = old->step;
        inner.new = new->step;
        inner.noun = inner.path = "";
    } else if (new->trait->judge == JUDGE_CHECK && !another && !strstr(spot->path, ".not.")) {
        const char *label = fact_label(arena, new);
        inner.noun = spot->noun[0] ? arena_format(arena, "%s: %s", spot->noun, label) : label;
    }
    return inner;
}

/* A step or check that is there on both sides. */
static void compare_doers(struct comparison *comparison, const struct spot *spot,
                          const struct fact *old, const struct fact *new)
{
    bool another = is_another(old, new);
    struct spot inner = spot_inside(comparison, spot, old, new, another);
    for (uint32_t i = 0; i < new->members.count; i++) {
        const struct fact *member = new->members.at[i].value;
        const struct fact *before = fact_find(old, member->key);
        struct spot below = spot_below(comparison, &inner, member->key, member->trait);
        if (member->kind != FACT_SCALAR || !goes_with_action(before, member, another))
            compare_facts(comparison, &below, before, member);
    }
    for (uint32_t i = 0; i < old->members.count; i++) {
        const struct fact *member = old->members.at[i].value;
        struct spot below = spot_below(comparison, &inner, member->key, member->trait);
        if (fact_find(new, member->key) == NULL && !member->standard)
            compare_facts(comparison, &below, member, NULL);
    }
}

static bool is_doer(const struct fact *fact)
{
    return fact->kind == FACT_MAP &&
           (fact->trait->judge == JUDGE_STEP || fact->trait->judge == JUDGE_ENTRY ||
            fact->trait->judge == JUDGE_CHECK);
}

/* The action as it is written, of a side that could be read where the other could not. */
static const struct fact *as_written(struct comparison *comparison, const struct fact *fact,
                                     const struct step *step)
{
    const struct node *node = step ? node_get(step->node, fact->text) : NULL;
    if (fact->kind == FACT_NODE || node == NULL)
        return fact;
    struct fact *written = arena_alloc(comparison->arena, sizeof *written);
    *written = *fact;
    written->kind = FACT_NODE;
    written->node = node;
    written->members = (struct map){0};
    return written;
}

static void compare_written(struct comparison *comparison, const struct spot *spot,
                            const struct fact *old, const struct fact *new)
{
    const struct fact *before = as_written(comparison, old, spot->old);
    const struct fact *now = as_written(comparison, new, spot->new);
    if (!fact_equal(before, now, true))
        weigh_change(comparison, spot, before, now);
}

/* Scalars that are told as one even when only one of them is a constant. */
static void compare_pair(struct comparison *comparison, const struct spot *spot,
                         const struct fact *old, const struct fact *new)
{
    bool action = old->text != NULL && new->text != NULL &&new->kind != FACT_SCALAR;
    if (action && (old->kind == FACT_NODE || new->kind == FACT_NODE))
        compare_written(comparison, spot, old, new);
    else if (old->kind != new->kind || new->kind == FACT_SCALAR || new->kind == FACT_NODE)
        weigh_change(comparison, spot, old, new);
    else if (new->kind == FACT_STEPS)
        compare_steps(comparison, spot, old, new);
    else if (new->kind == FACT_LIST)
        compare_lists(comparison, spot, old, new);
    else if (new->kind == FACT_USE)
        compare_uses(comparison, spot, old, new);
    else if (is_doer(new))
        compare_doers(comparison, spot, old, new);
    else
        compare_members(comparison, spot, old, new);
}

/* A mapping that only one side has, of which each member is a thing of its own: params, secrets. */
static bool is_collection(const struct spot *spot, const struct fact *fact)
{
    static const char *const names[] = {"params",   "secrets", "connections",
                                        "defaults", "outputs", "conditions"};
    if (fact->kind != FACT_MAP || spot->trait->action != NULL)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], fact->key) == 0)
            return true;
    return strcmp(fact->key, "allow") == 0;
}

void compare_facts(struct comparison *comparison, const struct spot *spot, const struct fact *old,
                   const struct fact *new)
{
    static const struct fact none = {.kind = FACT_MAP};
    const struct fact *one = new ? new : old;
    bool both_standard = old && new && old->standard &&new->standard &&
                         one->trait->judge != JUDGE_EFFECT && one->kind == FACT_SCALAR;
    bool looks_inside = one->kind != FACT_SCALAR && one->kind != FACT_NODE;
    if (both_standard || (old && new && !looks_inside &&compare_same(comparison, old, new)))
        return;
    if (old != NULL && new != NULL)
        compare_pair(comparison, spot, old, new);
    else if (is_collection(spot, one))
        compare_members(comparison, spot, old ? old : &none, new ? new : &none);
    else
        weigh_change(comparison, spot, old, new);
}
