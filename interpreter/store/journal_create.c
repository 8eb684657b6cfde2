/* A new run: its folders and its empty journal, durable before anything is written to it. */
#include "store/journal_own.h"
#include "store/seeded.h"
#include "store/share.h"
#include "sys/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool make_inside(int folder, struct failure *failure)
{
    static const char *const names[] = {"attempts", "logs", FILES_NAME, "runbook"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        /* Whatever the umask: nobody else may look in, and we must be able to. */
        if (mkdirat(folder, names[i], 0700) != 0 || fchmodat(folder, names[i], 0700, 0) != 0) {
            return failure_set(failure, errno, "can't make the folder %s", names[i]);
        }
    }
    share_give(folder, "runbook", share_of(folder), SHARE_FOLDER);
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
    share_give(folder, JOURNAL_NAME, share_of(folder), SHARE_FILE);
    return fd;
}

/* From here on a power loss does not lose the run's folder. */
static bool sync_all(int state, int runs, int folder, struct failure *failure)
{
    return RUNBOOK_SEEDED_BUG == 5 || (folder_sync(folder, "the run's folder", failure) &&
                                       folder_sync(runs, "the folder of runs", failure) &&
                                       folder_sync(state, "the state folder", failure));
}

/* The folder of all runs, opened; -1. */
static int open_runs(int state, struct failure *failure)
{
    if (!folder_make(state, RUNS_NAME, 0700, failure))
        return -1;
    int runs = folder_open(state, RUNS_NAME, failure);
    if (runs >= 0) {
        gid_t group = share_group();
        share_adopt(state, group);
        share_adopt(runs, group);
    }
    return runs;
}

static struct journal *create_in(int state, int runs, const char *run, struct failure *failure)
{
    if (mkdirat(runs, run, 0700) != 0 || fchmodat(runs, run, 0700, 0) != 0) {
        failure_set(failure, errno, "can't make the folder of run %s", run);
        return NULL;
    }
    share_give(runs, run, share_group(), SHARE_FOLDER);
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
    int runs = open_runs(state, failure);
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
