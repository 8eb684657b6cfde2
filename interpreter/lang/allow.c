#include "lang/allow.h"

#include "base/arena.h"
#include "lang/model.h"
#include "lang/term.h"
#include "lang/walk.h"

#include <stdlib.h>
#include <string.h>

const struct term *allow_find(const struct runbook *runbook, const struct step *step,
                              enum diagnostic_code code)
{
    const char *name = diagnostic_about(code)->code;
    for (; step != NULL; step = step->holder ? step->holder : step->home->owner) {
        const struct term *why = map_get(&step->allow, name);
        if (why != NULL)
            return why;
    }
    return runbook != NULL ? map_get(&runbook->allow, name) : NULL;
}

void allow_settle(struct diagnostics *diagnostics, struct diagnostic *finding,
                  const struct term *why)
{
    if (why != NULL)
        diagnostic_suppress(diagnostics, finding,
                            (struct allowance){why->mark, term_print(diagnostics->arena, why)});
}

/* ---- what is allowed for nothing ---- */

/* One pass over all that is allowed. Whether RB106 is allowed for nothing is known only when the
 * other codes were told of, so it has a pass of its own. */
struct looking {
    struct diagnostics *diagnostics;
    struct allowance *used; /* by place */
    size_t count;
    const struct runbook *runbook; /* NULL: in a library, whose steps may be proved by others */
    bool unused;                   /* the pass for RB106 */
};

static int by_place(const void *left, const void *right)
{
    const struct allowance *a = left;
    const struct allowance *b = right;
    if (a->mark.source != b->mark.source)
        return a->mark.source < b->mark.source ? -1 : 1;
    return (a->mark.start > b->mark.start) - (a->mark.start < b->mark.start);
}

static void find_used(struct looking *looking)
{
    const struct list *suppressed = &looking->diagnostics->suppressed;
    looking->count = suppressed->count;
    looking->used = memory_resize(looking->used, (looking->count + 1) * sizeof *looking->used);
    for (size_t i = 0; i < looking->count; i++)
        looking->used[i] = ((const struct diagnostic *)suppressed->at[i])->allowed;
    qsort(looking->used, looking->count, sizeof *looking->used, by_place);
}

/* Can it be known here whether CODE is found? What a proof finds in a library depends on who uses
 * it.
 */
static bool is_judged(const struct looking *looking, enum diagnostic_code code)
{
    bool command = strncmp(diagnostic_about(code)->code, "RB5", 3) == 0;
    return (code == RB106) == looking->unused && (looking->runbook || command || code == RB106);
}

static void look_at(const struct looking *looking, const struct step *step, const struct map *allow)
{
    struct diagnostics *diagnostics = looking->diagnostics;
    for (size_t i = 0; i < allow->count; i++) {
        const struct term *why = allow->at[i].value;
        const struct allowance wanted = {.mark = why->mark};
        enum diagnostic_code code;
        if (!diagnostic_find(allow->at[i].key, &code) || !is_judged(looking, code) ||
            bsearch(&wanted, looking->used, looking->count, sizeof wanted, by_place) != NULL)
            continue;
        struct diagnostic *finding = diagnostic_add(
            diagnostics, RB106, why->mark, "take it out",
            "nothing has to be allowed here: %s was not found", diagnostic_about(code)->code);
        if (code != RB106)
            allow_settle(diagnostics, finding, allow_find(looking->runbook, step, RB106));
    }
}

static void enter_step(const struct walker *walker, const struct step *step)
{
    look_at(walker->context, step, &step->allow);
}

static void pass_over(const struct walker *walker, const struct use *use)
{
    (void)walker;
    (void)use;
}

static void look_in_library(struct looking *looking, const struct library *library)
{
    struct walker walker = {.use = pass_over, .enter = enter_step, .context = looking};
    for (size_t i = 0; i < library->actions.count; i++)
        walk_steps(&walker, ((const struct action *)library->actions.at[i].value)->steps);
}

/* What is looked at: a runbook and the libraries of a team that it uses, or one library. */
static void look_everywhere(struct looking *looking, const struct runbook *runbook,
                            const struct library *library)
{
    struct walker walker = {.use = pass_over, .enter = enter_step, .context = looking};
    find_used(looking);
    if (library != NULL)
        look_in_library(looking, library);
    if (runbook == NULL)
        return;
    looking->runbook = runbook;
    look_at(looking, NULL, &runbook->allow);
    walk_runbook(&walker, runbook);
    looking->runbook = NULL;
    for (size_t i = 0; i < runbook->libraries.count; i++) {
        const struct library *used = runbook->libraries.at[i];
        if (used->own)
            look_in_library(looking, used);
    }
}

static void look_twice(const struct runbook *runbook, const struct library *library,
                       struct diagnostics *diagnostics)
{
    struct looking looking = {.diagnostics = diagnostics};
    look_everywhere(&looking, runbook, library);
    looking.unused = true;
    look_everywhere(&looking, runbook, library);
    free(looking.used);
}

void allow_unused(const struct runbook *runbook, struct diagnostics *diagnostics)
{
    look_twice(runbook, NULL, diagnostics);
}

void allow_unused_library(const struct library *library, struct diagnostics *diagnostics)
{
    look_twice(NULL, library, diagnostics);
}
