#include "sys/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads a small file of /proc whole; the count of bytes, NUL-terminated, or -1. */
static ssize_t read_small(const char *path, char *into, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t length = read(fd, into, room - 1);
    close(fd);
    if (length >= 0)
        into[length] = '\0';
    return length;
}

/* "PID (NAME) STATE PPID ..." where NAME may hold blanks and ')': the last ')' ends it. */
static bool parse_stat(const char *text, struct tree_stat *stat)
{
    const char *open = strchr(text, '(');
    const char *close = strrchr(text, ')');
    if (!open || !close || close < open)
        return false;
    size_t length = (size_t)(close - open) - 1;
    if (length >= sizeof stat->name)
        length = sizeof stat->name - 1;
    memcpy(stat->name, open + 1, length);
    stat->name[length] = '\0';
    int parent;
    unsigned long long ticks;
    if (sscanf(close + 1,
               " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
               &stat->state, &parent, &ticks) != 3)
        return false;
    stat->parent = parent;
    stat->ticks = ticks;
    return true;
}

bool tree_stat(pid_t pid, struct tree_stat *stat)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    stat->pid = pid;
    return read_small(path, text, sizeof text) > 0 && parse_stat(text, stat);
}

static bool is_dead(const struct tree_stat *stat)
{
    return stat->state == 'Z' || stat->state == 'X' || stat->state == 'x';
}

bool tree_alive(pid_t pid, uint64_t ticks)
{
    struct tree_stat stat;
    return pid > 0 && tree_stat(pid, &stat) && stat.ticks == ticks && !is_dead(&stat);
}

/* Descendants, each once, in the order in which they were found. */
struct crowd {
    pid_t *at;
    size_t count, room;
};

static bool holds(const struct crowd *crowd, pid_t pid)
{
    for (size_t i = 0; i < crowd->count; i++)
        if (crowd->at[i] == pid)
            return true;
    return false;
}

/* A subreaper that has no memory left to see its tree can still do no harm by trying again. */
static void crowd_add(struct crowd *crowd, pid_t pid)
{
    if (holds(crowd, pid))
        return;
    if (crowd->count == crowd->room) {
        size_t room = crowd->room ? crowd->room * 2 : 64;
        pid_t *at = realloc(crowd->at, room * sizeof *at);
        if (!at)
            return;
        crowd->at = at;
        crowd->room = room;
    }
    crowd->at[crowd->count++] = pid;
}

/* A look at the descendants of crowd->at[0]: each is sent SIGNAL the moment it is seen, since one
 * that forks and ends all the time is gone a moment later. */
struct look {
    struct crowd crowd;
    int signal;
};

static void meet(pid_t pid, void *with)
{
    struct look *look = with;
    kill(pid, look->signal);
    crowd_add(&look->crowd, pid);
}

void tree_numbers(int fd, void (*call)(pid_t pid, void *with), void *with)
{
    char text[4096];
    size_t kept = 0;
    ssize_t length;
    while (fd >= 0 && (length = read(fd, text + kept, sizeof text - 1 - kept)) > 0) {
        text[kept + (size_t)length] = '\0';
        char *word = text;
        /* What a read splits is put together: a number is whole when something follows it. */
        for (size_t size; word[size = strcspn(word, " \n")] != '\0'; word += size + 1)
            if (*word >= '1' && *word <= '9')
                call((pid_t)strtol(word, NULL, 10), with);
        kept = strlen(word);
        memmove(text, word, kept);
    }
}

/* The kernel's own list of the children of PID. */
static void meet_children(struct look *look, pid_t pid)
{
    char path[320];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *threads = opendir(path);
    for (struct dirent *entry; threads && (entry = readdir(threads));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/proc/%d/task/%s/children", (int)pid, entry->d_name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        tree_numbers(fd, meet, look);
        if (fd >= 0)
            close(fd);
    }
    if (threads)
        closedir(threads);
}

/* Without such lists: everybody whose parent was met. */
static void meet_by_parent(struct look *look)
{
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        struct tree_stat stat;
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
            tree_stat((pid_t)strtol(entry->d_name, NULL, 10), &stat) && !is_dead(&stat) &&
            holds(&look->crowd, stat.parent))
            meet(stat.pid, look);
    }
    if (proc)
        closedir(proc);
}

static struct crowd descendants(pid_t root, int signal)
{
    struct look look = {.signal = signal};
    crowd_add(&look.crowd, root);
    if (access("/proc/thread-self/children", R_OK) == 0) {
        for (size_t i = 0; i < look.crowd.count; i++)
            meet_children(&look, look.crowd.at[i]);
    } else {
        for (size_t before = 0; before != look.crowd.count;) {
            before = look.crowd.count;
            meet_by_parent(&look);
        }
    }
    return look.crowd;
}

/* All but the root, who comes first. */
static void send_all(const struct crowd *crowd, int signal)
{
    for (size_t i = 1; i < crowd->count; i++)
        kill(crowd->at[i], signal);
}

static size_t release(struct crowd *crowd)
{
    size_t count = crowd->count > 0 ? crowd->count - 1 : 0;
    free(crowd->at);
    return count;
}

size_t tree_signal(pid_t root, int signal)
{
    struct crowd crowd = descendants(root, signal);
    send_all(&crowd, SIGCONT);
    return release(&crowd);
}

static bool all_known(const struct crowd *crowd, const struct crowd *before)
{
    for (size_t i = 0; i < crowd->count; i++)
        if (!holds(before, crowd->at[i]))
            return false;
    return true;
}

size_t tree_kill(pid_t root)
{
    /* Who forks faster than we kill is caught by stopping all first: nobody stopped has children.
     * A fork that was under way when the signal came is found by the next look. */
    enum { LOOKS = 1000 };
    struct crowd crowd = {0};
    for (int look = 0; look < LOOKS; look++) {
        struct crowd now = descendants(root, SIGSTOP);
        bool stable = all_known(&now, &crowd);
        release(&crowd);
        crowd = now;
        if (stable)
            break;
    }
    send_all(&crowd, SIGKILL);
    return release(&crowd);
}

bool tree_boot(char *text, size_t room)
{
    ssize_t length = read_small("/proc/sys/kernel/random/boot_id", text, room);
    if (length <= 0)
        return false;
    text[strcspn(text, "\n")] = '\0';
    return true;
}
