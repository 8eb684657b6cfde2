/* The journal of a run: STATE/runs/RUN/journal.jsonl
 *
 * One event a line, appended, never changed:
 *
 *   { "seq":12,"time":"2024-01-15T14:30:00.000000000Z","event":"intent","step":"load",…,"hash":"…"}
 *
 * `seq` counts from 1 without a gap. `hash`, always last, is the SHA-256 in hex over the hash of
 * the line before (its 64 digits; nothing for the first line) and this line's own bytes up to the
 * comma before "hash": so no line can be changed, taken out or put in without all that follow it. A
 * line begins with a brace and a blank, which nothing inside a line does.
 *
 * Written: events gather in memory and are written by one write(2) a turn of the loop, before what
 * they tell of begins; one fdatasync covers all that was written before it.
 *
 * Torn or damaged: what stands behind the last newline was never synced. A part of a line, zeros,
 * garbage: cut off. A whole line: only its newline is mended. But when a record begins in the
 * middle of it, something stood there once that can't be read now, as it can't in a line that has
 * its newline and a wrong hash: the intent of a request that was sent may be it, so the whole
 * journal is refused.
 *
 * A file in attempts/ whose number no line has says that synced lines are gone: refused too.
 *
 * Full disk: RESERVE bytes behind the end are always allocated (the file's size doesn't show it).
 * When no more can be, what is to be written still fits, the caller learns JOURNAL_LOW and ends the
 * run. A write that falls short all the same is cut back to the last whole line, and is final.
 *
 * A sync that failed is final too: the kernel may have dropped what it could not write, and would
 * call the next sync a success. */
#include "store/journal.h"

#include "base/arena.h"
#include "store/journal_own.h"
#include "store/seeded.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    RESERVE = 64 * 1024, /* some 150 lines: outcomes, failures, the end */
    AHEAD = 192 * 1024   /* allocated at once beyond it, so that few turns have to ask */
};

struct journal *journal_make(int folder, int fd, const char *run)
{
    struct journal *journal = memory_resize(NULL, sizeof *journal);
    size_t length = strlen(run) + 1;
    *journal = (struct journal){.folder = folder, .fd = fd, .next = 1};
    journal->run = memory_resize(NULL, length);
    memcpy(journal->run, run, length);
    return journal;
}

void journal_close(struct journal *journal)
{
    if (journal == NULL) {
        return;
    }
    /* Gives the reserve back; the lines stay. */
    if (!journal->broken && journal->reserved > journal->size) {
        (void)!ftruncate(journal->fd, journal->size);
    }
    close(journal->fd);
    close(journal->folder);
    buffer_free(&journal->batch);
    free(journal->run);
    free(journal);
}

static enum journal_result broken(const struct journal *journal, struct failure *failure)
{
    if (failure != NULL) {
        *failure = journal->failure;
    }
    return JOURNAL_FAILED;
}

static enum journal_result break_now(struct journal *journal, int error, const char *what,
                                     struct failure *failure)
{
    failure_set(&journal->failure, error, "can't %s the journal of %s", what, journal->run);
    journal->broken = true;
    return broken(journal, failure);
}

static int allocate(const struct journal *journal, off_t length)
{
    int result;
    do {
        result = fallocate(journal->fd, FALLOC_FL_KEEP_SIZE, journal->size, length);
    } while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
}

void journal_reserve(struct journal *journal, size_t length)
{
    off_t wanted = (off_t)length + RESERVE;
    if (journal->no_reserve || journal->low || journal->reserved >= journal->size + wanted) {
        return;
    }
    off_t got = wanted + AHEAD;
    int error = allocate(journal, got);
    if (error == ENOSPC || error == EDQUOT) {
        got = wanted;
        error = allocate(journal, got);
    }
    if (error == 0) {
        journal->reserved = journal->size + got;
    } else if (error == ENOSPC || error == EDQUOT) {
        journal->low = true;
    } else {
        journal->no_reserve = true; /* a full disk is then seen by the write */
    }
}

enum journal_result journal_level(const struct journal *journal, struct failure *failure)
{
    if (!journal->low) {
        return JOURNAL_OK;
    }
    failure_set(failure, ENOSPC, "the journal of %s is written from its reserve", journal->run);
    return JOURNAL_LOW;
}

enum journal_result journal_append(struct journal *journal, struct event *event,
                                   struct failure *failure)
{
    if (journal->broken) {
        return broken(journal, failure);
    }
    size_t start = journal->batch.length;
    struct event_files files = journal_files(&journal->folder);
    event->seq = journal->next;
    if (!event_encode(event, &files, &journal->batch, failure)) {
        event->seq = 0;
        return JOURNAL_REFUSED;
    }
    line_seal(&journal->batch, start, journal->head);
    journal->next++;
    return journal_level(journal, failure);
}

/* What was written of a batch is taken back, so that no part of a line stays. */
static enum journal_result fell_short(struct journal *journal, int error, struct failure *failure)
{
    int stuck = ftruncate(journal->fd, journal->size) == 0 ? 0 : errno;
    break_now(journal, error, "write", NULL);
    if (stuck != 0) {
        failure_wrap(&journal->failure, "what was written of a line could not be cut back (%s)",
                     strerror(stuck));
    }
    return broken(journal, failure);
}

enum journal_result journal_write(struct journal *journal, struct failure *failure)
{
    if (journal->broken) {
        return broken(journal, failure);
    }
    if (journal->batch.length == 0) {
        return journal_level(journal, failure);
    }
    journal_reserve(journal, journal->batch.length);
    struct failure found;
    if (!file_write(journal->fd, buffer_slice(&journal->batch), JOURNAL_NAME, &found)) {
        return fell_short(journal, found.error, failure);
    }
    journal->size += (off_t)journal->batch.length;
    journal->batch.length = 0;
    journal->unsynced = true;
    return journal_level(journal, failure);
}

enum journal_result journal_sync(struct journal *journal, struct failure *failure)
{
    enum journal_result result = journal_write(journal, failure);
    if (result == JOURNAL_FAILED || !journal->unsynced) {
        return result;
    }
    if (RUNBOOK_SEEDED_BUG != 2 && fdatasync(journal->fd) != 0) {
        return break_now(journal, errno, "sync", failure);
    }
    journal->unsynced = false;
    return result;
}

bool journal_dirty(const struct journal *journal)
{
    return journal->unsynced || journal->batch.length > 0;
}

uint64_t journal_next(const struct journal *journal)
{
    return journal->next;
}

int journal_folder(const struct journal *journal)
{
    return journal->folder;
}

const char *journal_head(const struct journal *journal)
{
    return journal->head;
}
