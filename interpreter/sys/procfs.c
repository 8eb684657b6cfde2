#include "sys/procfs.h"

#include "base/arena.h"
#include "base/list.h"
#include "sys/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A command line that is longer is cut: nobody looks for a process by its end. */
enum { COMMAND = 65536 };

struct lister {
    struct arena *arena;
    struct list *list;
    uid_t uid; /* of the name found last: most belong to few */
    const char *user;
    int64_t boot; /* UTC ns of the boot */
    int64_t tick; /* ns of one tick */
};

static int64_t clock_of(clockid_t id)
{
    struct timespec time;
    clock_gettime(id, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static const char *user_name(struct lister *lister, uid_t uid)
{
    char room[16384];
    struct passwd entry, *found = NULL;
    if (lister->user && lister->uid == uid)
        return lister->user;
    lister->uid = uid;
    if (getpwuid_r(uid, &entry, room, sizeof room, &found) == 0 && found)
        lister->user = arena_copy(lister->arena, found->pw_name, strlen(found->pw_name));
    else
        lister->user = arena_format(lister->arena, "%u", (unsigned)uid);
    return lister->user;
}

/* The arguments with blanks between; a process that has none (a kernel thread, or one that wiped
 * them) shows its name in brackets. */
static const char *read_command(struct arena *arena, const char *folder, const char *name)
{
    char path[64], text[COMMAND];
    snprintf(path, sizeof path, "%s/cmdline", folder);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t got = 1;
    while (fd >= 0 && length < sizeof text &&
           (got = read(fd, text + length, sizeof text - length)) > 0)
        length += (size_t)got;
    if (fd >= 0)
        close(fd);
    while (length > 0 && (text[length - 1] == '\0' || text[length - 1] == ' '))
        length--;
    if (length == 0)
        return arena_format(arena, "[%s]", name);
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\0')
            text[i] = ' ';
    return arena_copy(arena, text, length);
}

/* A program that was replaced while it runs is still the one of that path. */
static const char *read_exe(struct arena *arena, const char *folder)
{
    static const char deleted[] = " (deleted)";
    char path[64], text[4096];
    snprintf(path, sizeof path, "%s/exe", folder);
    ssize_t length = readlink(path, text, sizeof text);
    if (length < 0)
        return "";
    size_t cut = sizeof deleted - 1;
    if ((size_t)length > cut && memcmp(text + (size_t)length - cut, deleted, cut) == 0)
        length -= (ssize_t)cut;
    return arena_copy(arena, text, (size_t)length);
}

static void list_one(struct lister *lister, pid_t pid)
{
    char folder[32];
    struct stat owner;
    struct tree_stat stat_of;
    snprintf(folder, sizeof folder, "/proc/%d", (int)pid);
    if (!tree_stat(pid, &stat_of) || stat(folder, &owner) != 0)
        return; /* it ended meanwhile */
    struct procfs_process *process = arena_alloc(lister->arena, sizeof *process);
    process->pid = pid;
    process->parent = stat_of.parent;
    process->uid = owner.st_uid;
    process->user = user_name(lister, owner.st_uid);
    process->exe = read_exe(lister->arena, folder);
    process->command = read_command(lister->arena, folder, stat_of.name);
    process->ticks = stat_of.ticks;
    process->started = lister->boot + (int64_t)stat_of.ticks * lister->tick;
    process->state = stat_of.state;
    list_add(lister->arena, lister->list, process);
}

static int by_pid(const void *a, const void *b)
{
    const struct procfs_process *const *left = a, *const *right = b;
    return ((*left)->pid > (*right)->pid) - ((*left)->pid < (*right)->pid);
}

bool procfs_list(struct arena *arena, struct list *list, struct failure *failure)
{
    struct lister lister = {.arena = arena,
                            .list = list,
                            .boot = clock_of(CLOCK_REALTIME) - clock_of(CLOCK_BOOTTIME),
                            .tick = 1000000000 / sysconf(_SC_CLK_TCK)};
    size_t before = list->count;
    DIR *proc = opendir("/proc");
    if (!proc)
        return failure_set(failure, errno, "can't read /proc");
    for (struct dirent *entry; (entry = readdir(proc));)
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            list_one(&lister, (pid_t)strtol(entry->d_name, NULL, 10));
    closedir(proc);
    if (list->count > before)
        qsort(list->at + before, list->count - before, sizeof *list->at, by_pid);
    return true;
}

enum procfs_signalled procfs_signal(pid_t pid, uint64_t ticks, int signal, struct failure *failure)
{
    /* Once it is open it stands for one process for ever; which one, is looked at after that. */
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0)
        return errno == ESRCH ? PROCFS_GONE
                              : (failure_set(failure, errno, "can't signal process %d", (int)pid),
                                 PROCFS_REFUSED);
    enum procfs_signalled signalled = PROCFS_GONE;
    if (tree_alive(pid, ticks)) {
        if (syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) == 0)
            signalled = PROCFS_SIGNALLED;
        else if (errno != ESRCH) {
            failure_set(failure, errno, "can't signal process %d", (int)pid);
            signalled = PROCFS_REFUSED;
        }
    }
    close(fd);
    return signalled;
}
