/* monitor: what is watched, when that is trouble, and what is run then. Its head (params, secrets,
 * connections, defaults, log) is a runbook's, whose steps are those of `on_limit`: so everything
 * that knows runbooks knows them. Data only; read by runbook.h, judged by check.h. */
#ifndef LANG_MONITOR_H
#define LANG_MONITOR_H

#include "lang/model.h"

enum { MONITOR_ROUNDS = 1000 }; /* the most rounds that strikes or a breaker look back on */

struct strikes {
    struct mark mark;
    const struct term *failed, *of;
};
struct breaker {
    struct mark mark;
    int64_t errors;                       /* per cent of the rounds, 1 to 100 */
    const struct term *of, *slow, *reset; /* slow: NULL: however long it takes */
};
struct monitor_limit {
    struct mark mark;
    const struct term *runs, *within;
};

struct condition {
    const char *name;
    struct mark mark;
    const struct term *about;
    const struct term *every;      /* NULL: each round */
    struct list checks;            /* of struct check */
    const struct strikes *strikes; /* one of these two is NULL */
    const struct breaker *breaker;
    struct use run; /* of `call`: the runbook and its params */
    bool approve;
};

struct monitor {
    struct runbook runbook; /* runbook.monitor is this */
    const struct term *every, *cooldown;
    struct map conditions; /* of struct condition */
    const struct monitor_limit *limit;
};

/* Params that each monitor has without saying so, unset but while `on_limit` is carried out: the
 * condition whose recovery is not begun again, and why it tripped. */
#define MONITOR_PARAM_CONDITION "condition"
#define MONITOR_PARAM_REASON    "reason"

/* The runbook that CONDITION runs. */
const struct runbook *condition_runbook(const struct condition *condition);

#endif
