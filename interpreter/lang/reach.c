#include "lang/reach.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/list.h"
#include "base/text.h"
#include "lang/model.h"
#include "lang/walk.h"

enum { LEVELS_LIMIT = 10 }; /* what opens deeper than this nobody follows */

/* The actions that are being followed, innermost first. */
struct path {
    const struct action *action;
    const struct path *outer;
    struct arena *arena;
    struct diagnostics *diagnostics;
    size_t level;
    bool good;
};

static void follow(struct path *path);

/* "a.x → b.y → a.x" */
static const char *circle_of(const struct path *path, const struct action *back)
{
    struct list names = {0};
    struct buffer buffer = {0};
    for (const struct path *at = path;; at = at->outer) {
        list_add(path->arena, &names, (void *)(uintptr_t)at->action->name);
        if (at->action == back)
            break;
    }
    for (size_t i = names.count; i > 0; i--)
        buffer_format(&buffer, "%s → ", (const char *)names.at[i - 1]);
    buffer_text(&buffer, back->name);
    const char *text = arena_copy(path->arena, buffer.at, buffer.length);
    buffer_free(&buffer);
    return text;
}

static void set_reached(const struct action *action)
{
    ((struct action *)(uintptr_t)action)->reached = true;
}

/* The circle is told of where it was entered, and not again where another of its actions is looked
 * at. */
static void tell_once(const struct path *path)
{
    for (; path != NULL; path = path->outer)
        set_reached(path->action);
}

static void reach_use(const struct walker *walker, const struct use *use)
{
    struct path *path = walker->context;
    if (use->action->core != NULL || use->action->reached)
        return;
    for (const struct path *at = path; at != NULL; at = at->outer)
        if (at->action == use->action) {
            path->good = false;
            tell_once(path);
            diagnostic_add(path->diagnostics, RB103, use->mark,
                           "take it out, or say how often with `repeat` or `foreach`",
                           "the action reaches itself: %s", circle_of(path, use->action));
            return;
        }
    struct path inner = {use->action, path, path->arena, path->diagnostics, path->level + 1, true};
    if (inner.level > LEVELS_LIMIT) {
        path->good = false;
        diagnostic_add(path->diagnostics, RB103, use->mark, "use the inner actions further out",
                       "actions stand in one another more than %d deep", LEVELS_LIMIT);
        return;
    }
    follow(&inner);
    path->good = path->good && inner.good;
}

static void follow(struct path *path)
{
    struct walker walker = {.use = reach_use, .context = path};
    walk_steps(&walker, path->action->steps);
    if (path->good)
        set_reached(path->action);
}

void reach_action(struct arena *arena, const struct action *action, struct diagnostics *diagnostics)
{
    struct path path = {action, NULL, arena, diagnostics, 1, true};
    if (!action->reached)
        follow(&path);
}

/* ---- libraries ---- */

struct gathering {
    struct arena *arena;
    struct map seen; /* names of actions, files of runbooks */
    struct list *libraries;
};

static void gather_library(struct gathering *gathering, const struct library *library)
{
    for (size_t i = 0; i < gathering->libraries->count; i++)
        if (gathering->libraries->at[i] == library)
            return;
    list_add(gathering->arena, gathering->libraries, (void *)(uintptr_t)library);
}

static void gather_use(const struct walker *walker, const struct use *use)
{
    struct gathering *gathering = walker->context;
    const struct action *action = use->action;
    for (size_t i = 0; action->core && action->core->form == FORM_STEPS && i < use->arguments.count;
         i++) {
        const struct argument *argument = use->arguments.at[i].value;
        const struct runbook *runbook = argument->runbook;
        if (runbook != NULL &&
            map_put(gathering->arena, &gathering->seen, runbook->file, gathering))
            walk_runbook(walker, runbook);
    }
    if (action->core != NULL ||
        !map_put(gathering->arena, &gathering->seen, action->name, gathering))
        return;
    gather_library(gathering, action->library);
    walk_steps(walker, action->steps);
}

void reach_libraries(struct arena *arena, const struct runbook *runbook, struct list *libraries)
{
    struct gathering gathering = {.arena = arena, .libraries = libraries};
    struct walker walker = {.use = gather_use, .context = &gathering};
    walk_runbook(&walker, runbook);
}
