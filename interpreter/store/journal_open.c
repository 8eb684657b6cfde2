/* A run that is there: locked, read, and its torn end mended, or refused. */
#include "store/event.h"
#include "store/journal_own.h"
#include "store/seeded.h"
#include "sys/file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

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

/* The highest number of a file in `attempts`; 0: there is none. False when it can't be read. */
static bool last_attempt(int folder, uint64_t *last, struct failure *failure)
{
    *last = 0;
    int fd = openat(folder, "attempts", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (stream == NULL) {
        failure_set(failure, errno, "can't read the attempts of the run");
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    struct dirent *entry;
    errno = 0;
    while ((entry = readdir(stream)) != NULL) {
        char *end;
        uint64_t number = strtoull(entry->d_name, &end, 10);
        if (isdigit((unsigned char)entry->d_name[0]) && *end == '\0' && number > *last) {
            *last = number;
        }
        errno = 0;
    }
    int error = errno;
    closedir(stream);
    return error == 0 || failure_set(failure, error, "can't read the attempts of the run");
}

/* An attempt is made when its intent, the line of that number, was synced. One beyond the last line
 * proves that lines were lost that had been synced: by somebody who cut them off, or a disk that
 * lies. Which step it was of nobody knows, so anything might be done twice. */
static enum journal_result check_attempts(const struct journal *journal, struct failure *failure)
{
    uint64_t last;
    if (!last_attempt(journal->folder, &last, failure)) {
        return JOURNAL_FAILED;
    }
    if (last < journal->next) {
        return JOURNAL_OK;
    }
    failure_set(failure, 0,
                "the journal can't be trusted: it ends before line %" PRIu64
                ", the intent of an attempt that was made",
                last);
    return JOURNAL_DAMAGED;
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
    result = check_attempts(journal, failure);
    if (result != JOURNAL_OK) {
        return result;
    }
    if (scan.tail != TAIL_NONE && !mend(journal, &scan, failure)) {
        return JOURNAL_FAILED;
    }
    bool began = journal->next > 1;
    if (scan.tail != TAIL_NONE && began) {
        result = note_mended(journal, &scan, now, visit, context, failure);
    }
    journal_reserve(journal, 0);
    return result == JOURNAL_OK ? journal_level(journal, failure) : result;
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
