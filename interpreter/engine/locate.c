#include "engine/locate.h"

#include "base/arena.h"
#include "engine/live.h"
#include "engine/run.h"
#include "lang/value.h"
#include "store/state.h"

#include <stdlib.h>
#include <string.h>

/* One segment of a full name: `id`, `id[item]`, `id#round`, `id[item]#round`. */
struct segment {
    const char *id;
    bool item;
    const char *whole;  /* the name up to and with [item], without #round */
    const char *opened; /* the name up to the segment's end */
    bool last;
};

static const char *read_segment(struct arena *arena, const char *name, const char *at,
                                struct segment *segment)
{
    const char *end = at + strcspn(at, "/");
    const char *id_end = at + strcspn(at, "[#/");
    const char *round = memchr(id_end, '#', (size_t)(end - id_end));
    const char *whole_end = round ? round : end;
    *segment = (struct segment){
        .id = arena_copy(arena, at, (size_t)(id_end - at)),
        .item = *id_end == '[',
        .whole = arena_copy(arena, name, (size_t)(whole_end - name)),
        .opened = arena_copy(arena, name, (size_t)(end - name)),
        .last = *end == '\0',
    };
    return segment->last ? end : end + 1;
}

static const struct step *find_step(const struct scope *scope, const char *id)
{
    const struct step *step = map_get(&scope->steps->by_id, id);
    if (step == NULL && scope->runbook->on_failure != NULL && scope->steps == scope->runbook->steps)
        step = map_get(&scope->runbook->on_failure->by_id, id);
    return step;
}

/* The item's scope, from the list that its loop was opened with. */
static const struct scope *enter_item(struct arena *arena, const struct run *run,
                                      const struct scope *scope, const struct step *step,
                                      const char *whole)
{
    const char *loop = arena_copy(
        arena, whole, strcspn(whole + strlen(scope->prefix), "[") + strlen(scope->prefix));
    const struct state_step *known = state_step(run->state, loop);
    const struct value *items = known && known->opened ? known->opened->items : NULL;
    for (size_t i = 0; items != NULL && i < items->list.count; i++)
        if (strcmp(name_item(arena, loop, items->list.at[i], i), whole) == 0)
            return scope_item(arena, scope, step, items->list.at[i]);
    return NULL;
}

static const struct scope *enter_inside(struct arena *arena, const struct run *run,
                                        const struct scope *scope, const struct step *step,
                                        const struct segment *segment)
{
    const struct state_step *known = state_step(run->state, segment->whole);
    if (known == NULL || known->opened == NULL)
        return NULL;
    return scope_inside(arena, scope, step, segment->opened, known->opened->inputs);
}

/* `undo/N` or `release/N` behind a step. */
static const char *read_entry(const char *at, const struct step **step)
{
    bool undo = strncmp(at, "undo/", 5) == 0;
    size_t word = undo ? 5 : strncmp(at, "release/", 8) == 0 ? 8 : 0;
    const struct list *entries = undo ? &(*step)->undo : &(*step)->release;
    size_t index = word > 0 ? strtoul(at + word, NULL, 10) : 0;
    if (index == 0 || index > entries->count)
        return at;
    *step = entries->at[index - 1];
    at += word + strcspn(at + word, "/");
    return *at == '/' ? at + 1 : at;
}

bool locate(struct arena *arena, const struct run *run, const char *name, struct located *located)
{
    const struct scope *scope = run->root->scope;
    const char *at = name;
    while (scope != NULL && scope->steps != NULL) {
        struct segment segment;
        at = read_segment(arena, name, at, &segment);
        const struct step *step = find_step(scope, segment.id);
        if (step == NULL)
            return false;
        if (segment.item)
            scope = enter_item(arena, run, scope, step, segment.whole);
        const char *behind = read_entry(at, &step);
        bool entry = behind != at;
        at = behind;
        if (scope == NULL)
            return false;
        if (*at == '\0') {
            *located = (struct located){step, scope, segment.item && !entry};
            return true;
        }
        if (entry) {
            segment.whole = segment.opened =
                arena_copy(arena, name, (size_t)(at - name) - (at[-1] == '/'));
        }
        scope = enter_inside(arena, run, scope, step, &segment);
    }
    return false;
}
