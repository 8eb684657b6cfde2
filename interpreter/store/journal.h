/* journal: the record of one run, a folder of lines.
 * Events are appended, written once a turn of the loop, and synced when something waits for it.
 * May not know what events mean: folding is state's. Its format stands above journal.c.
 * Who created or opened a journal holds its lock until journal_close, and is alone. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct event;
struct failure;
struct journal;

#define JOURNAL_MUST_LOOK __attribute__((warn_unused_result))

enum journal_result {
    JOURNAL_OK,
    JOURNAL_LOW,     /* it was done as asked, but the disk is full (known from a write on): begin
                        nothing     new; a reserve is left to tell how it ends */
    JOURNAL_MISSING, /* no such run */
    JOURNAL_LOCKED,  /* somebody else holds it */
    JOURNAL_REFUSED, /* this event can't be written (no UTF-8, an output that could not be kept in
                        its file); nothing of it was, and the journal is as it was */
    JOURNAL_DAMAGED, /* it can't be trusted; the failure names the line */
    JOURNAL_FAILED /* the system failed; once appending or syncing did, it is final: nothing more is
                      written or synced */
};

/* Called for each event read, in order; the event lives until it returns. False with FAILURE
 * refuses the journal at this line. */
typedef bool journal_visit(void *context, const struct event *event, struct failure *failure);

/* Makes STATE_FOLDER (with its parents) and runs/RUN in it, with an empty journal, attempts, logs,
 * files and runbook (0700, files 0600; see share.h for who else may look), all synced, and locks
 * it. */
JOURNAL_MUST_LOOK enum journal_result journal_create(const char *state_folder, const char *run,
                                                     struct journal **journal,
                                                     struct failure *failure);
/* Locks it, hands every event to VISIT, mends a torn tail (and appends a note that tells so, of
 * NOW, which VISIT sees too). A journal without a whole line is a run that never began: no event,
 * JOURNAL_OK. Of JOURNAL_LOW too *journal is the caller's. */
JOURNAL_MUST_LOOK enum journal_result journal_open(const char *state_folder, const char *run,
                                                   int64_t now, journal_visit *visit, void *context,
                                                   struct journal **journal,
                                                   struct failure *failure);
/* Reads it while another may hold and write it; a line that is not whole yet is not there yet. */
JOURNAL_MUST_LOOK enum journal_result journal_read(const char *state_folder, const char *run,
                                                   journal_visit *visit, void *context,
                                                   struct failure *failure);
/* Gives EVENT its seq and puts its line into memory; on failure it has none. Ask state_allows
 * before, call state_apply after. */
JOURNAL_MUST_LOOK enum journal_result journal_append(struct journal *journal, struct event *event,
                                                     struct failure *failure);
/* Writes what was appended: from here on the death of this process does not lose it. */
JOURNAL_MUST_LOOK enum journal_result journal_write(struct journal *journal,
                                                    struct failure *failure);
/* Writes, then syncs: from here on a power loss does not lose it. Nothing when all is synced. */
JOURNAL_MUST_LOOK enum journal_result journal_sync(struct journal *journal,
                                                   struct failure *failure);
/* Is there an event that no sync covers yet? */
bool journal_dirty(const struct journal *journal);
/* The seq that the next event will get. */
uint64_t journal_next(const struct journal *journal);
/* Descriptor of the run's folder, close-on-exec; the journal's. */
int journal_folder(const struct journal *journal);
/* Hash of the last line, 64 hex digits: the anchor that a report may print. */
const char *journal_head(const struct journal *journal);
/* Writes BYTES to NAME in the run's folder ("runbook/1/0.yaml": folders are made), synced with its
 * folder. NAME is the interpreter's own, never text of a runbook. */
JOURNAL_MUST_LOOK enum journal_result journal_keep(struct journal *journal, const char *name,
                                                   struct text bytes, struct failure *failure);
/* Unlocks and frees; what was not written is lost. NULL is allowed. */
void journal_close(struct journal *journal);

#endif
