/* watching: what the files of `runbook watch` share, and nobody else. */
#ifndef COMMANDS_WATCHING_H
#define COMMANDS_WATCHING_H

#include "commands/load.h"
#include "commands/recovery.h"
#include "engine/round.h"
#include "lang/monitor.h"
#include "plan/monitor.h"
#include "store/watch.h"
#include "sys/loop.h"

struct secrets;

struct watching {
    struct invocation *invocation;
    struct loaded loaded;
    const struct monitor_plan *plan;
    struct watch *watch;
    struct arena *arena; /* of the round at hand */
    struct loop *loop;
    struct loop_timer next;
    struct secrets *secrets;
    struct round_setup setup;
    struct round *round; /* that is being asked, or NULL */
    struct recovery recovery;
    const char *log; /* the operation log, absolute, or NULL */
    int64_t began;   /* the round, monotonic */
    bool *bad;       /* by condition: the round before was */
    bool once;
    bool broken; /* its memory can't be written */
};

/* The INDEXth condition. */
const struct condition *watching_condition(const struct watching *watching, size_t index);

/* ---- watch_tell.c ---- */

/* What happens to a monitor. */
enum happening {
    TRIPPED,
    BEGUN,
    WAITS,
    APPROVED,
    REJECTED,
    WITHDRAWN,
    PASSED_OVER,
    NOT_BEGUN,
    ON_LIMIT,
    RUN_ENDED,
};
/* TEXT, and MORE when there is any, to standard output alone. */
void watching_say(const char *condition, const char *text, const char *more);
/* The same, and to the monitor's record and its operation log; RUN may be NULL. */
void watching_tell(struct watching *watching, enum happening what, const char *condition,
                   const char *run, const char *text, const char *more);
/* Its memory, durable; false when it can't be written, and then it is over. */
bool watching_save(struct watching *watching);

/* ---- watch_act.c ---- */

/* The params of an on_limit: the monitor's own, PARAMS, with what tripped and why (texts). */
const struct value *watching_given(struct arena *arena, const struct value *params,
                                   const struct value *condition, const struct value *reason);
/* Is the run that is at work over? Then that is remembered, and a next one may begin some time. */
void watching_look(struct watching *watching);
/* The INDEXth condition tripped, for REASON: what may be done about it is done. */
void watching_tripped(struct watching *watching, size_t index, const char *reason);
/* What a person said to the run of the INDEXth condition that waits. */
void watching_hear(struct watching *watching, size_t index);

#endif
