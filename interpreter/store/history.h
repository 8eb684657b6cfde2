/* history: what earlier runs of a runbook took, read from their records. No lock is held and
 * nothing is written: a run that is at work, or that did not get there, is passed over.
 * What counts: of the newest HISTORY_RUNS runs that succeeded or recovered, every step that was
 * done, from the instant at which it left waiting to its end, with its retries, checks, and what
 * people took to answer. A step whose `done_if` held did nothing, and doesn't count. Of a run that
 * was taken up again the time while nobody attended it is not counted, and a step that stood open
 * across such a gap is left out, since its work may have gone on meanwhile. A run from which the
 * operator left steps out counts for its steps, not for the whole. Times are ns.
 * A history, with all in it, lies in the arena that it was read into. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "store/journal.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct failure;
struct history;

enum {
    HISTORY_RUNS = 100, /* older ones tell of another system, and reading has to be quick */
    HISTORY_BYTES =
        32 << 20,          /* of journals, beside the newest: a run waits for it; half a second */
    HISTORY_SAMPLES = 1000 /* of one step, newest run first: a loop of many items says no more */
};

struct history_figures {
    size_t count;   /* how many; 0: the two below are 0 */
    int64_t median; /* of an even count the mean of the two in the middle */
    int64_t worst;
    size_t changed; /* of a step: how many more there are, of another definition */
};

/* What was looked at. */
struct history_about {
    size_t runs;    /* succeeded or recovered: what the figures come from */
    size_t damaged; /* passed over: the record can't be trusted */
    size_t closed;  /* passed over: we may not read it */
};

/* The records of RUNBOOK (its name) in STATE_FOLDER, into *HISTORY; of those alone that COMMAND
 * ("drill") began, NULL: of all. No folder: none. JOURNAL_FAILED with FAILURE when the folder can't
 * be read. */
JOURNAL_MUST_LOOK enum journal_result history_read(struct arena *arena, const char *state_folder,
                                                   const char *runbook, const char *command,
                                                   struct history **history,
                                                   struct failure *failure);
const struct history_about *history_about(const struct history *history);
/* From the beginning of the run to its end. */
struct history_figures history_whole(const struct history *history);
/* Of the step of that full name, or of a plan: items are one ("hosts[*]/restart"), and so are
 * rounds. DEFINITION (step_digest) leaves out what was done under another one; NULL: all count. */
struct history_figures history_step(const struct history *history, const char *name,
                                    const char *definition);
/* NAME with its items and rounds folded: "hosts[a]#2/restart" is "hosts[*]/restart". In ARENA. */
const char *history_name(struct arena *arena, const char *name);
/* The figures of COUNT durations, which are put in order. */
struct history_figures history_figures(int64_t *durations, size_t count);

#endif
