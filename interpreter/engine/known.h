/* known: what is known of steps before a run: what reading steps gave, what was skipped. The rest
 * is unknown, and says before which step. For preflight alone; pure. */
#ifndef ENGINE_KNOWN_H
#define ENGINE_KNOWN_H

#include "base/list.h"
#include "plan/bind.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct plan_step;

enum known_as { KNOWN_NOT, KNOWN_DONE, KNOWN_SKIPPED, KNOWN_FAILED };

struct known_step {
    const struct plan_step *plan;
    struct known_step *parent;   /* or NULL */
    enum known_as as;            /* KNOWN_NOT: nothing, as yet */
    bool changes;                /* it would change something */
    const char *changed_by;      /* a step before it that would, or NULL */
    const struct value *outputs; /* of KNOWN_DONE; NULL: they are not known */
};

struct known {
    struct arena *arena;
    struct map steps; /* full name to struct known_step */
    struct binder binder;
};

void known_begin(struct known *known, struct arena *arena);
/* STEP, when its turn has come: all that it needs has had it. */
struct known_step *known_enter(struct known *known, const struct plan_step *step);
/* What STEP sees at NOW (UTC, ns). */
struct moment known_moment(const struct known *known, const struct plan_step *step, int64_t now);

/* Before which step USE's arguments can't be known ("the run": not before it begins), or NULL: they
 * are known. With *problem they have no value. */
const char *known_before_use(const struct known *known, const struct use *use,
                             const struct moment *moment, struct problem *problem);
/* The same of a check, with all that stands in it. */
const char *known_before_check(const struct known *known, const struct check *check,
                               const struct moment *moment, struct problem *problem);
/* The same of a value; NULL: nothing in it is unknown. ITEM's own names ("item.x") count as known.
 */
const char *known_before_value(struct arena *arena, const struct value *value);

#endif
