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
 * Full disk: RESERVE bytes behind the end are always allocated (the file's size doesn't show it).
 * When no more can be, what is to be written still fits, the caller learns JOURNAL_LOW and ends the
 * run. A write that falls short all the same is cut back to the last whole line, and is final.
 *
 * A sync that failed is final too: the kernel may have dropped what it could not write, and would
 * call the next sync a success. */
#include "store/journal.h"

#include "base/arena.h"
#include "store/event.h"
#include "store/journal_own.h"
#include "store/seeded.h"
#include "sys/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    RESERVE = 64 * 1024, /* some 150 lines: outcomes, failures, the end */
    AHEAD = 192 * 1024   /* allocated at once beyond it, so that few turns have to ask */
};

struct journal {
    int folder;
    int fd;
    char *run;
    char head[DIGEST_TEXT]; /* of the last line appended */
    uint64_t next;
    struct buffer batch; /* whole lines, not written yet */
    off_t size;          /* written */
    off_t reserved;      /* allocated up to here */
    bool unsynced;       /* something was written since the last sync */
    bool no_reserve;     /* this file system can't */
    bool low;
    bool broken; /* why stands in `failure` */
    struct failure failure;
};

static struct journal *journal_make(int folder, int fd, const char *run)
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

/* ---- writing ---- */

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

/* Sees to it that, LENGTH bytes from now, the reserve is still there; else the disk is full. */
static void reserve(struct journal *journal, size_t length)
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

static enum journal_result level(const struct journal *journal, struct failure *failure)
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
    return level(journal, failure);
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
        return level(journal, failure);
    }
    reserve(journal, journal->batch.length);
    struct failure found;
    if (!file_write(journal->fd, buffer_slice(&journal->batch), JOURNAL_NAME, &found)) {
        return fell_short(journal, found.error, failure);
    }
    journal->size += (off_t)journal->batch.length;
    journal->batch.length = 0;
    journal->unsynced = true;
    return level(journal, failure);
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

/* ---- making ---- */

static bool make_inside(int folder, struct failure *failure)
{
    static const char *const names[] = {"attempts", "logs", FILES_NAME, "runbook"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        /* Whatever the umask: nobody else may look in, and we must be able to. */
        if (mkdirat(folder, names[i], 0700) != 0 || fchmodat(folder, names[i], 0700, 0) != 0) {
            return failure_set(failure, errno, "can't make the folder %s", names[i]);
        }
    }
    return true;
}

/* A file descriptor of a locked, empty journal; -1. */
static int make_journal(int folder, struct failure *failure)
{
    int fd = openat(folder, JOURNAL_NAME,
                    O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        failure_set(failure, errno, "can't make " JOURNAL_NAME);
        return -1;
    }
    if (fchmod(fd, 0600) != 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 || fsync(fd) != 0) {
        failure_set(failure, errno, "can't set up " JOURNAL_NAME);
        close(fd);
        return -1;
    }
    return fd;
}

/* From here on a power loss does not lose the run's folder. */
static bool sync_all(int state, int runs, int folder, struct failure *failure)
{
    return RUNBOOK_SEEDED_BUG == 5 || (folder_sync(folder, "the run's folder", failure) &&
                                       folder_sync(runs, "the folder of runs", failure) &&
                                       folder_sync(state, "the state folder", failure));
}

static struct journal *create_in(int state, int runs, const char *run, struct failure *failure)
{
    if (mkdirat(runs, run, 0700) != 0 || fchmodat(runs, run, 0700, 0) != 0) {
        failure_set(failure, errno, "can't make the folder of run %s", run);
        return NULL;
    }
    int folder = folder_open(runs, run, failure);
    if (folder < 0) {
        return NULL;
    }
    int fd = make_inside(folder, failure) ? make_journal(folder, failure) : -1;
    if (fd >= 0 && sync_all(state, runs, folder, failure)) {
        return journal_make(folder, fd, run);
    }
    if (fd >= 0) {
        close(fd);
    }
    close(folder);
    return NULL;
}

enum journal_result journal_create(const char *state_folder, const char *run,
                                   struct journal **journal, struct failure *failure)
{
    assert(run_is_name(run));
    *journal = NULL;
    if (!folder_make(AT_FDCWD, state_folder, 0700, failure)) {
        return JOURNAL_FAILED;
    }
    int state = folder_open(AT_FDCWD, state_folder, failure);
    if (state < 0) {
        return JOURNAL_FAILED;
    }
    int runs =
        folder_make(state, RUNS_NAME, 0700, failure) ? folder_open(state, RUNS_NAME, failure) : -1;
    if (runs >= 0) {
        *journal = create_in(state, runs, run, failure);
        close(runs);
    }
    close(state);
    if (*journal == NULL) {
        failure_wrap(failure, "in the state folder %s", state_folder);
        return JOURNAL_FAILED;
    }
    return JOURNAL_OK;
}

/* ---- opening ---- */

/* A `list` that looks whether somebody holds it, by taking a shared lock for an instant, must not
 * be taken for one who does: so it is tried a few times. */
static enum journal_result take_lock(int fd, const char *run, struct failure *failure)
{
    enum { TRIES = 10 };
    static const struct timespec pause = {0, 5 * 1000 * 1000};
    for (int i = 0; i < TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            return JOURNAL_OK;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) {
            failure_set(failure, errno, "can't lock the journal of %s", run);
            return JOURNAL_FAILED;
        }
        nanosleep(&pause, NULL);
    }
    failure_set(failure, 0, "run %s is at work in another process", run);
    return JOURNAL_LOCKED;
}

/* Cuts a torn tail off, or gives a whole line its newline. */
static bool mend(struct journal *journal, const struct scan *scan, struct failure *failure)
{
    if (RUNBOOK_SEEDED_BUG == 3) {
        journal->size = scan->size + (off_t)scan->tail_length;
        return true;
    }
    if (ftruncate(journal->fd, scan->size) != 0) {
        return failure_set(failure, errno, "can't cut the torn end of the journal of %s off",
                           journal->run);
    }
    journal->size = scan->size;
    if (scan->tail == TAIL_WHOLE) {
        if (!file_write(journal->fd, text_of("\n"), JOURNAL_NAME, failure)) {
            return false;
        }
        journal->size++;
    }
    return fdatasync(journal->fd) == 0 ||
           failure_set(failure, errno, "can't sync the journal of %s", journal->run);
}

static enum journal_result note_mended(struct journal *journal, const struct scan *scan,
                                       int64_t now, journal_visit *visit, void *context,
                                       struct failure *failure)
{
    struct event note = event_of(EVENT_NOTE, NULL, now);
    event_set_text(&note, FIELD_MESSAGE,
                   scan->tail == TAIL_WHOLE ? "the last line had lost its end, which was mended"
                                            : "a line that was never synced was cut off");
    event_set_integer(&note, FIELD_BYTES, (int64_t)scan->tail_length);
    enum journal_result result = journal_append(journal, &note, failure);
    if (result != JOURNAL_OK && result != JOURNAL_LOW) {
        return result;
    }
    return visit(context, &note, failure) ? JOURNAL_OK : JOURNAL_DAMAGED;
}

static enum journal_result open_locked(struct journal *journal, int64_t now, journal_visit *visit,
                                       void *context, struct failure *failure)
{
    struct event_files files = journal_files(&journal->folder);
    struct scan scan;
    enum journal_result result = journal_scan(journal->fd, &files, visit, context, &scan, failure);
    if (result != JOURNAL_OK) {
        return result;
    }
    journal->size = scan.size;
    journal->next = scan.next;
    memcpy(journal->head, scan.head, sizeof journal->head);
    if (scan.tail != TAIL_NONE && !mend(journal, &scan, failure)) {
        return JOURNAL_FAILED;
    }
    bool began = journal->next > 1;
    if (scan.tail != TAIL_NONE && began) {
        result = note_mended(journal, &scan, now, visit, context, failure);
    }
    reserve(journal, 0);
    return result == JOURNAL_OK ? level(journal, failure) : result;
}

enum journal_result journal_open(const char *state_folder, const char *run, int64_t now,
                                 journal_visit *visit, void *context, struct journal **journal,
                                 struct failure *failure)
{
    enum journal_result result;
    *journal = NULL;
    int folder = run_folder_open(state_folder, run, &result, failure);
    if (folder < 0) {
        return result;
    }
    int fd = openat(folder, JOURNAL_NAME, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        result = errno == ENOENT ? JOURNAL_MISSING : JOURNAL_FAILED;
        failure_set(failure, errno, "can't open the journal of %s", run);
        close(folder);
        return result;
    }
    *journal = journal_make(folder, fd, run);
    result = take_lock(fd, run, failure);
    if (result == JOURNAL_OK) {
        result = open_locked(*journal, now, visit, context, failure);
    }
    if (result != JOURNAL_OK && result != JOURNAL_LOW) {
        (*journal)->broken = true; /* nothing of it is touched */
        journal_close(*journal);
        *journal = NULL;
    }
    return result;
}
