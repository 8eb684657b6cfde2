#include "plan/copy.h"

#include "base/arena.h"
#include "lang/value.h"
#include "plan/guard.h"
#include "plan/place.h"
#include "plan/touch.h"
#include "plan/world.h"

#include <string.h>

/* What so many steps change is no copy: nobody could say when it is one. */
#define MAX_CHANGERS 100

struct copy {
    size_t changers; /* that may come in between */
    struct world *world;
    const struct saving *saving;
    const struct map *touched;
    const struct plan_step *maker; /* the protector, or the action that it is a part of */
    const struct guard *stays;
    const char *why;
    struct list files; /* of char: where it lies */
};

static bool protects(struct arena *arena, const struct plan_step *step, const char *resource)
{
    const struct value *list = step->protects;
    for (size_t i = 0; list != NULL && i < list->list.count; i++) {
        const struct value *at = list->list.at[i];
        bool text = at->kind == VALUE_TEXT || at->kind == VALUE_UNKNOWN;
        if (text && strcmp(place_resource(arena, step, at->text.at), resource) == 0)
            return true;
    }
    return false;
}

/* The outermost around the protector that says itself to protect, without the destroyer in it. */
static const struct plan_step *maker_of(struct arena *arena, const struct saving *saving)
{
    const struct plan_step *maker = saving->protector;
    for (const struct plan_step *at = maker->parent; at != NULL; at = at->parent)
        if (at->loop == NULL && protects(arena, at, saving->resource) &&
            !place_within(saving->destroyer, at))
            maker = at;
    return maker;
}

static void add_files(void *context, struct plan_step *step)
{
    struct copy *copy = context;
    struct arena *arena = world_arena(copy->world);
    struct list found = {0};
    touch_step(arena, step, &found);
    for (size_t i = 0; i < found.count; i++) {
        const struct touch *touch = found.at[i];
        if (touch->kind == TOUCH_CHANGES && strncmp(touch->thing, "file:", 5) == 0)
            list_add(arena, &copy->files, (void *)(uintptr_t)touch->thing);
    }
}

static void loses(struct copy *copy, const struct guard *when, const char *why)
{
    struct arena *arena = world_arena(copy->world);
    copy->stays = ++copy->changers > MAX_CHANGERS
                      ? guard_always(false)
                      : guard_and(arena, copy->stays, guard_not(arena, when));
    copy->why = why;
}

/* Is A over, well or not, when B begins? */
static bool earlier(const struct plan_step *a, const struct plan_step *b)
{
    struct meeting meeting;
    if (!place_meet(a, b, &meeting))
        return false;
    if (meeting.a->relation == PLAN_ITEM && meeting.b->relation == PLAN_ITEM)
        return meeting.a->place < meeting.b->place && place_in_turn(meeting.a->parent);
    return place_before(&meeting);
}

/* The step at whose place STEP is done: of a release, what it waits to end; NULL: it comes when all
 * is over, or only when it is asked for. */
static const struct plan_step *done_at(const struct plan_step *step)
{
    const struct plan_step *place = step;
    for (const struct plan_step *at = step; at != NULL; at = at->parent) {
        if (at->relation == PLAN_UNDO)
            return NULL;
        if (at->relation == PLAN_RELEASE)
            place = at->parent->parent;
    }
    return place;
}

/* CHANGER changes FILE where AT is done: is that between the copy and the destroyer? */
static void look_between(struct copy *copy, const struct plan_step *changer,
                         const struct plan_step *at, const char *file)
{
    const struct plan_step *destroyer = copy->saving->destroyer;
    if (place_within(at, copy->maker) || place_within(destroyer, at) ||
        place_within(changer, destroyer) || earlier(at, copy->maker) || earlier(destroyer, at))
        return;
    loses(copy, world_begins(copy->world, changer, NULL),
          arena_format(world_arena(copy->world), "its copy, %s, is changed by %s", file,
                       changer->name));
}

/* The step whose release STEP is, or stands in; NULL: none. */
static const struct plan_step *holder_of(const struct plan_step *step)
{
    for (; step != NULL; step = step->parent)
        if (step->relation == PLAN_RELEASE)
            return step->parent;
    return NULL;
}

/* Does STEP, a release_now, name HOLDER? */
static bool releases(const struct plan_step *step, const struct plan_step *holder)
{
    const struct value *ids = step->inputs != NULL ? value_find(step->inputs, "steps") : NULL;
    if (strcmp(step->step->use.action->name, "release_now") != 0)
        return false;
    for (size_t i = 0; ids != NULL && ids->kind == VALUE_LIST && i < ids->list.count; i++)
        if (ids->list.at[i]->kind == VALUE_TEXT &&
            strcmp(ids->list.at[i]->text.at, holder->step->id) == 0)
            return true;
    return false;
}

/* A release comes at the end of its scope, or where a release_now beside its step says so. */
static void look_at_releases(struct copy *copy, const struct plan_step *changer, const char *file)
{
    const struct plan_step *holder = holder_of(changer);
    if (holder == NULL)
        return;
    if (holder->relation == PLAN_ITEM)
        holder = holder->parent;
    const struct list *beside =
        holder->parent != NULL ? &holder->parent->inside : &world_plan(copy->world)->steps;
    for (size_t i = 0; i < beside->count; i++)
        if (releases(beside->at[i], holder))
            look_between(copy, changer, beside->at[i], file);
}

/* CHANGER changes FILE: does it do so between the copy and the destroyer? */
static void look_at(struct copy *copy, const struct plan_step *changer, const char *file)
{
    if (changer == copy->saving->destroyer) {
        loses(copy, guard_always(true),
              arena_format(world_arena(copy->world), "its copy, %s, lies in what is destroyed",
                           file));
        return;
    }
    const struct plan_step *at = done_at(changer);
    if (at != NULL)
        look_between(copy, changer, at, file);
    look_at_releases(copy, changer, file);
}

static void look_at_all(struct copy *copy, const char *thing, const char *file)
{
    const struct list *touches = map_get(copy->touched, thing);
    for (size_t i = 0; touches != NULL && i < touches->count; i++) {
        const struct touch *touch = touches->at[i];
        if (copy->changers <= MAX_CHANGERS && touch->kind == TOUCH_CHANGES)
            look_at(copy, touch->step, file);
    }
}

/* Of items whose list is not known the body stands for all: does the next write over FILE? */
static void look_at_items(struct copy *copy, const char *file)
{
    struct arena *arena = world_arena(copy->world);
    for (const struct plan_step *at = copy->maker; at != NULL; at = at->parent) {
        if (at->loop == NULL || at->loop->list->kind == VALUE_LIST ||
            place_within(copy->saving->destroyer, at))
            continue;
        const char *item = arena_format(arena, "item.%s", at->step->foreach->as);
        if (place_mentions(copy->saving->resource, item) && !place_mentions(file, item))
            loses(copy, guard_always(true),
                  arena_format(arena, "the next item writes over its copy, %s", file));
    }
}

const struct guard *copy_stays(struct world *world, const struct saving *saving,
                               const struct map *touched, const char **why)
{
    struct arena *arena = world_arena(world);
    struct copy copy = {.world = world,
                        .saving = saving,
                        .touched = touched,
                        .maker = maker_of(arena, saving),
                        .stays = guard_always(true)};
    struct list makers = {0};
    list_add(arena, &makers, (void *)(uintptr_t)copy.maker);
    plan_visit(&makers, add_files, &copy);
    for (size_t i = 0; i < copy.files.count; i++) {
        const char *file = copy.files.at[i], *folder = file;
        look_at_all(&copy, file, file);
        while ((folder = place_folder_of(arena, folder)) != NULL)
            look_at_all(&copy, folder, file);
        look_at_items(&copy, file);
    }
    *why = copy.why != NULL ? copy.why : *why;
    return copy.stays;
}
