#include "engine/undo_order.h"

#include "base/arena.h"
#include "base/list.h"
#include "store/name.h"
#include "store/state.h"

#include <stdlib.h>
#include <string.h>

/* What NAME stands in: `a[x]#2/b` in `a[x]#2`, in `a[x]`, in `a`; NULL: in the run itself. The text
 * of an item holds none of these characters. */
static const char *outer_of(struct arena *arena, const char *name)
{
    const char *cut = NULL;
    for (const char *at = name; *at != '\0'; at++)
        if (*at == '/' || *at == '#' || *at == '[')
            cut = at;
    return cut == NULL ? NULL : arena_copy(arena, name, (size_t)(cut - name));
}

/* The names of what owes an undo. */
static struct map owing(struct arena *arena, const struct state *state)
{
    struct map names = {0};
    const struct state_obligation *owed;
    for (size_t i = 0; (owed = state_obligation(state, i)) != NULL; i++)
        if (owed->open && owed->undo)
            map_put(arena, &names, owed->step, (void *)(uintptr_t)owed);
    return names;
}

/* There may be something to take back. An undo_run that is at work is none of what it walks. */
static bool began(const struct state_step *step, bool owes)
{
    if (step->attempt != NULL && strcmp(step->attempt->action, "undo_run") == 0)
        return false;
    switch (step->life) {
    case LIFE_WAITING:
    case LIFE_ASKING:
        return owes;
    case LIFE_FAILED:
    case LIFE_CANCELLED:
        return owes || step->attempt != NULL || step->opened != NULL;
    case LIFE_RUNNING:
    case LIFE_VERIFYING:
    case LIFE_DONE:
    case LIFE_UNKNOWN:
        return true;
    case LIFE_SKIPPED:
    case LIFE_UNDONE:
    case LIFE_BLOCKED:
    case LIFE_COUNT:
        return false;
    }
    return false;
}

/* One that was to begin again ended, as far as it came, with its last attempt. */
static uint64_t ended(const struct state_step *step, const struct state_obligation *owed)
{
    if (step->life == LIFE_WAITING || step->life == LIFE_ASKING)
        return owed->attempt;
    return step->finished != 0 ? step->finished : UINT64_MAX;
}

/* A scope comes behind what stands in it; and whether something around takes it back. */
static void look_around(struct arena *arena, const struct map *owing, const struct map *places,
                        struct undo_place *place)
{
    for (const char *name = outer_of(arena, place->step->name); name != NULL;
         name = outer_of(arena, name)) {
        struct undo_place *outer = map_get(places, name);
        if (map_get(owing, name) != NULL)
            place->covered = true;
        if (outer != NULL && outer->ended > place->ended)
            outer->ended = place->ended;
    }
}

static int compare(const void *a, const void *b)
{
    const struct undo_place *left = a, *right = b;
    if (left->ended != right->ended)
        return left->ended > right->ended ? -1 : 1;
    size_t one = strlen(left->step->name), other = strlen(right->step->name);
    if (one != other)
        return one > other ? -1 : 1;
    return left->step->order > right->step->order ? -1 : 1;
}

struct undo_place *undo_order(struct arena *arena, const struct state *state, const char *prefix,
                              size_t *count)
{
    struct map owes = owing(arena, state), places = {0};
    const struct state_step *step;
    size_t all = 0;
    while (state_at(state, all) != NULL)
        all++;
    struct undo_place *at = arena_alloc(arena, (all + 1) * sizeof *at);
    *count = 0;
    for (size_t i = 0; (step = state_at(state, i)) != NULL; i++) {
        const struct state_obligation *owed = map_get(&owes, step->name);
        if (strncmp(step->name, prefix, strlen(prefix)) != 0 || name_in_entry(step->name) ||
            !began(step, owed != NULL))
            continue;
        struct undo_place *place = &at[(*count)++];
        *place =
            (struct undo_place){.step = step, .ended = ended(step, owed), .owes = owed != NULL};
        map_put(arena, &places, step->name, place);
    }
    for (size_t i = 0; i < *count; i++)
        look_around(arena, &owes, &places, &at[i]);
    if (*count > 1)
        qsort(at, *count, sizeof *at, compare);
    return at;
}
