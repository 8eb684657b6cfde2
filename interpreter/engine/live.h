/* live: what is alive while a run goes on: the run, its opened scopes, its jobs.
 * Shared by the files of engine alone. Nothing here is the truth about a step: that is the fold
 * (store/state), which only events move; these structs say what is being waited for. */
#ifndef ENGINE_LIVE_H
#define ENGINE_LIVE_H

#include "engine/undo.h"
#include "lang/expect.h"
#include "plan/bind.h"
#include "sys/loop.h"

#include <stdint.h>

struct ask;
struct begun;
struct items;
struct opened;
struct question;
struct releases;
struct run_setup;
struct state;
struct state_answer;
struct undoing;

/* How a job is over, seen by what depends on it. */
enum ending {
    ENDING_NONE,  /* it is not */
    ENDING_WELL,  /* done, skipped, or failed and tolerated */
    ENDING_BADLY, /* failed, unknown, cancelled */
    ENDING_OPEN,  /* left as it is: the run stopped before it ended, resume enters it again */
};

/* One step (or one item of its loop, or one entry of a release) on its way through its life. */
struct job {
    struct run *run;
    struct opened *home; /* the scope that it stands in */
    const struct step *step;
    const struct scope *scope; /* in which its names mean something: home's, or an item's */
    const char *name;          /* its full name */
    struct job *loop;          /* of an item: the job that loops */
    size_t item;               /* of an item: its place in the list */
    enum ending ending;
    bool begun;                    /* counted in home->alive */
    void (*over)(struct job *job); /* who waits for its end */

    struct arena *arena;           /* of this life: freed when it is over */
    struct moment moment;          /* the names it sees */
    const struct value *of_holder; /* of an entry of an undo or release: what its step gave */
    const struct value *inputs;    /* of a composite or call */
    const struct value *result;    /* what the action itself gave */
    const struct value *withheld;  /* of its outputs those that are secret; NULL: none */
    const struct value *captured;  /* the same, with the step's further outputs */
    unsigned tries; /* attempts begun in this run of the interpreter, of this round */
    unsigned round; /* of a repeat, from 1; 0: none */
    bool settling;  /* resume: counted in run->settling */
    bool renews;    /* resume: gets a secret again, without which nothing else begins */
    bool adopted;   /* the action that it waits for was begun by an earlier interpreter */
    const struct state_answer *given; /* resume: an answer that was written while nobody attended */
    bool cancelled;                   /* asked to stop */
    bool taken_up;                    /* of an entry of an undo: what an earlier walk left of it */
    bool timed_out;                   /* the limit of its inside was over */
    bool queued;                      /* waits for a place of --jobs */
    bool in_slot;                     /* holds one of --jobs places */
    int64_t until;    /* a wait that an earlier interpreter began: its end; else 0 */
    uint64_t attempt; /* the seq of its intent */

    const struct deed *deed;     /* what is being done */
    struct begun *work;          /* a running action */
    void (*written)(void *data); /* what it is told when its proof is in the record; NULL: none is
                                    being written */
    void *written_data;
    struct ask *asking;        /* a block of checks */
    struct opened *inside;     /* a group's, composite's or call's */
    struct items *items;       /* of a loop */
    struct question *question; /* approve, manual */
    struct undoing *undoing;   /* of an undo_run: its walk */
    struct loop_timer pause;   /* retry's delay, repeat's pause, `wait: 30s` */
    struct loop_timer limit;   /* of a group, composite or call */
    void *waiter;              /* whose `over` it is */
    struct job *next;          /* in one of the run's queues */
};

/* One scope that is open: the run's own steps, the inside of a job, the handlers. */
struct opened {
    struct run *run;
    const struct scope *scope;
    struct job *owner; /* whose inside it is; NULL: the run's own */
    struct job *jobs;  /* by the step's index */
    size_t count;
    const size_t *sorted; /* indices, so that what is needed comes first */
    uint32_t *unmet;      /* by index: needs that have not ended */
    uint32_t *after;      /* successors: those of i are after[start[i]] to after[start[i + 1]] */
    uint32_t *start;
    size_t alive;       /* begun and not over */
    size_t left;        /* not over, not blocked */
    bool halted;        /* nothing new begins in it or below */
    bool handlers;      /* on_failure: a failure blocks nothing */
    struct job *failed; /* the first that ended badly */
    void (*closed)(struct opened *opened);
};

enum phase {
    PHASE_OPENING,  /* lock, target, preconditions */
    PHASE_SETTLING, /* resume: what was in flight is settled before anything begins */
    PHASE_STEPS,
    PHASE_HANDLERS,  /* on_failure */
    PHASE_UNDOING,   /* `runbook undo` */
    PHASE_RELEASING, /* what is still owed */
    PHASE_ENDED,
};

struct run {
    const struct run_setup *setup;
    struct run *parent; /* of a quiet run (a composite asked as a check): the run that asks */
    struct arena *arena;
    struct state *state;
    struct binder binder;
    struct moment moment;        /* of the run's own scope: target, preconditions */
    const struct value *failure; /* what `failure` names, once there is one */
    struct block *target;        /* NULL: none */
    enum phase phase;
    struct opened *root;
    struct opened *handlers;
    struct undoing *undoing;    /* the walk that is under way, or NULL */
    struct question *questions; /* open ones */
    struct list late;           /* of struct arena: of what was cancelled and still calls back */
    struct ask *asking;         /* target and preconditions of the whole run */
    size_t settling;            /* jobs that are being settled */
    struct map renewed;         /* resume: names of steps whose secrets are had again first */
    struct job *held;           /* ready, but the gate is closed while settling */
    bool halted;                /* nothing new begins */
    bool stopping;              /* by a person, or since only a person can go on */
    bool cancelling;            /* twice */
    bool failed;
    bool doubt; /* a step is unknown */
    bool wrong_target;
    bool precondition_failed; /* one of the whole run */
    bool release_failed;
    bool undo_ended; /* `runbook undo`: its walk is over, and how */
    enum undo_end undo_end;
    void (*undo_released)(struct run *run); /* what follows it */
    size_t at_work;                         /* actions that hold a place of --jobs */
    struct job *slot_first, *slot_last;     /* waiting for one */
    struct job *sync_first, *sync_last;     /* intents that wait for the sync before they start */
    uint64_t seq;         /* of a quiet run, which has no journal to number its events */
    uint64_t chance;      /* for jitter */
    bool sync_wanted;     /* something waits for a sync at the end of this turn */
    bool broken_for_good; /* not even the end can be written */
    bool going_on;        /* with the on_failure in which an undo_run was cut off */
    bool untouched;       /* in doubt since the resume: nothing was run */
    int exit;
    const char *reason; /* of the end, for people */
    const char *broken; /* the record could not be written: what was tried */
    void (*ended)(struct run *run);
    void *context; /* whose `ended` it is */
};

/* run.c */
void run_later(struct run *run, void (*call)(void *context), void *context);
bool run_hold(struct job *job);    /* keeps a new job back while what was in flight is settled */
void run_settled(struct run *run); /* one job less to settle */
/* `runbook undo`, before its walk: what was in flight comes to its end, and nothing else begins. */
bool run_only_settles(const struct run *run);
void run_halt(struct run *run);
void run_finish(struct run *run);
void run_failed(struct job *job); /* its failure is the run's */
void run_doubt(struct job *job);
void run_until(struct job *job); /* it is over: does the operator want to stop behind it? */
void run_needs_person(struct run *run, const char *why); /* it stops: only a person can go on */
void job_settled(struct job *job);                       /* what was in flight is known now */
void settling_begin(struct job *job); /* an in-flight one, while the gate is closed */
void run_wrong_target(struct run *run, const char *why);
bool job_halted(const struct job *job);
double run_random(struct run *run);
/* "level1.yaml:12:5: …" of a problem; "BECAUSE (…)" of what did not hold. */
const char *run_problem(struct job *job, const struct problem *problem);
const char *run_because(struct job *job, const char *message);

/* slots.c */
void run_slot(struct job *job); /* a place of --jobs: act_deed follows, at once or later */
void run_slot_free(struct job *job);
void run_write(struct job *job);  /* act_start follows, when the intent is written: of a read */
void run_sync(struct job *job);   /* act_start follows, when the journal is synced */
void run_unsync(struct job *job); /* it does not wait for the journal any more */
void run_synced(struct run *run); /* it is */
void run_refuse(void *run);       /* it can't be: nothing that waits for it begins */

/* opened.c */
struct opened *opened_new(struct run *run, const struct scope *scope, const struct steps *steps,
                          struct job *owner, void (*closed)(struct opened *));
void opened_begin(struct opened *opened);
void opened_cancel(struct opened *opened);
void opened_wake(struct opened *opened); /* what waits for nothing but time or a person, and
                                            has not begun, is left as it is */
void opened_over(struct job *job);

/* step.c: the life of a job */
void job_enter(void *context);
void job_prepare(struct job *job);
void job_live(struct job *job);   /* from done_if on */
void job_proved(struct job *job); /* it is there already: only verify is left */
void job_acted(struct job *job, const struct value *result);
void job_fail(struct job *job, const char *reason, const char *message);
void job_over(struct job *job, enum ending ending);
void job_cancel(struct job *job);
void job_wake(struct job *job); /* nothing new begins: no use to wait for time or a person */
void job_verify(struct job *job);

/* items.c: foreach */
void items_begin(struct job *job);
void items_cancel(struct items *items);
void items_wake(struct items *items);
const struct value *items_outputs(struct arena *arena, const struct run *run,
                                  const struct step *step, const char *name);

#endif
