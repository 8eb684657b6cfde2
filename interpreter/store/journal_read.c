/* Reading a journal: every line is checked against the one before it, decoded, and handed on. */
#include "store/journal_own.h"

#include "base/arena.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { RUN_NAME_MOST = 200 };

bool run_is_name(const char *run)
{
    size_t length = strspn(run, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return length > 0 && length <= RUN_NAME_MOST && run[length] == '\0';
}

int run_folder_open(const char *state_folder, const char *run, enum journal_result *result,
                    struct failure *failure)
{
    *result = JOURNAL_MISSING;
    if (!run_is_name(run)) {
        failure_set(failure, 0, "'%s' is no run's id", run);
        return -1;
    }
    int folder = -1;
    int state = open(state_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int runs =
        state < 0 ? -1 : openat(state, RUNS_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (runs >= 0) {
        folder = openat(runs, run, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    }
    int error = errno;
    if (state >= 0) {
        close(state);
    }
    if (runs >= 0) {
        close(runs);
    }
    if (folder < 0) {
        failure_set(failure, error, "can't open run %s in %s", run, state_folder);
        *result = error == ENOENT ? JOURNAL_MISSING : JOURNAL_FAILED;
    }
    return folder;
}

struct reading {
    const struct event_files *files;
    journal_visit *visit;
    void *context;
    struct scan *scan;
    struct failure *failure;
};

static bool read_event(struct reading *reading, struct arena *arena, struct text line)
{
    struct event event;
    if (!event_decode(arena, line, reading->files, &event, reading->failure)) {
        return false;
    }
    if (event.seq != reading->scan->next) {
        return failure_set(reading->failure, 0, "seq is %" PRIu64 ", not %" PRIu64, event.seq,
                           reading->scan->next);
    }
    return reading->visit(reading->context, &event, reading->failure);
}

static bool read_line(struct reading *reading, struct text line)
{
    struct scan *scan = reading->scan;
    if (!line_sealed(line, scan->head)) {
        return failure_set(reading->failure, 0,
                           "its hash is not that of its content and of the line before it");
    }
    struct arena *arena = arena_new();
    bool good = read_event(reading, arena, line);
    arena_free(arena);
    scan->next++;
    scan->size += (off_t)line.length + 1;
    return good;
}

/* What follows the last newline; a whole line in it counts as one. */
static bool read_tail(struct reading *reading, struct text tail)
{
    struct scan *scan = reading->scan;
    size_t whole = 0;
    scan->tail = tail_judge(tail, scan->head, &whole);
    scan->tail_length = tail.length - whole;
    if (scan->tail == TAIL_DAMAGED) {
        return failure_set(reading->failure, 0, "a record begins in the middle of it");
    }
    if (scan->tail == TAIL_WHOLE) {
        bool good = read_line(reading, (struct text){tail.at, whole});
        scan->size--; /* its newline is not there */
        return good;
    }
    return true;
}

enum journal_result journal_scan(int fd, const struct event_files *files, journal_visit *visit,
                                 void *context, struct scan *scan, struct failure *failure)
{
    *scan = (struct scan){.next = 1};
    struct reading reading = {files, visit, context, scan, failure};
    struct lines lines = {.fd = fd};
    bool good = true;
    uint64_t number = 0;
    struct text line;
    while (good && lines_next(&lines, &line)) {
        number++;
        good = read_line(&reading, line);
    }
    bool failed = lines.failed;
    if (failed) {
        failure_set(failure, lines.error, "can't read the journal");
    } else if (good) {
        number++;
        good = read_tail(&reading, lines_rest(&lines));
    }
    lines_free(&lines);
    if (!good) {
        failure_wrap(failure, "the journal can't be trusted: line %" PRIu64, number);
    }
    return failed ? JOURNAL_FAILED : good ? JOURNAL_OK : JOURNAL_DAMAGED;
}

/* To whom a record is shown, its large outputs may be closed: then they are shown by their digest.
 */
static bool may_load(int folder)
{
    return faccessat(folder, FILES_NAME, X_OK, AT_EACCESS) == 0 || errno != EACCES;
}

enum journal_result journal_read(const char *state_folder, const char *run, journal_visit *visit,
                                 void *context, struct failure *failure)
{
    enum journal_result result;
    int folder = run_folder_open(state_folder, run, &result, failure);
    if (folder < 0) {
        return result;
    }
    int fd = openat(folder, JOURNAL_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        result = errno == ENOENT ? JOURNAL_MISSING : JOURNAL_FAILED;
        failure_set(failure, errno, "can't open the journal of %s", run);
    } else {
        struct event_files files = journal_files(&folder);
        struct scan scan;
        result = journal_scan(fd, may_load(folder) ? &files : NULL, visit, context, &scan, failure);
        close(fd);
    }
    close(folder);
    return result;
}
