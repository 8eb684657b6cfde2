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

struct crowd {
    struct tree_stat *at;
    size_t count, room;
};

/* A subreaper that has no memory left to see its tree can still do no harm by trying again. */
static void crowd_add(struct crowd *crowd, const struct tree_stat *stat)
{
    if (crowd->count == crowd->room) {
        size_t room = crowd->room ? crowd->room * 2 : 256;
        struct tree_stat *at = realloc(crowd->at, room * sizeof *at);
        if (!at)
            return;
        crowd->at = at;
        crowd->room = room;
    }
    crowd->at[crowd->count++] = *stat;
}

static struct crowd everybody(void)
{
    struct crowd crowd = {0};
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
            continue;
        struct tree_stat stat;
        if (tree_stat((pid_t)strtol(entry->d_name, NULL, 10), &stat))
            crowd_add(&crowd, &stat);
    }
    if (proc)
        closedir(proc);
    return crowd;
}

static bool holds(const struct crowd *crowd, pid_t pid)
{
    for (size_t i = 0; i < crowd->count; i++)
        if (crowd->at[i].pid == pid)
            return true;
    return false;
}

/* Those of everybody whose line of parents leads to ROOT; zombies among them only lead on. */
static struct crowd descendants(pid_t root)
{
    struct crowd all = everybody(), found = {0};
    struct tree_stat self = {.pid = root};
    crowd_add(&found, &self);
    /* Each round finds the children of those found so far; a tree is seldom deep. */
    for (size_t before = 0; before != found.count;) {
        before = found.count;
        for (size_t i = 0; i < all.count; i++)
            if (!holds(&found, all.at[i].pid) && holds(&found, all.at[i].parent))
                crowd_add(&found, &all.at[i]);
    }
    free(all.at);
    size_t kept = 0;
    for (size_t i = 0; i < found.count; i++)
        if (found.at[i].pid != root && !is_dead(&found.at[i]))
            found.at[kept++] = found.at[i];
    found.count = kept;
    return found;
}

static void send_all(const struct crowd *crowd, int signal)
{
    for (size_t i = 0; i < crowd->count; i++)
        kill(crowd->at[i].pid, signal);
}

size_t tree_signal(pid_t root, int signal)
{
    struct crowd crowd = descendants(root);
    send_all(&crowd, signal);
    send_all(&crowd, SIGCONT);
    free(crowd.at);
    return crowd.count;
}

static bool all_known(const struct crowd *crowd, const struct crowd *before)
{
    for (size_t i = 0; i < crowd->count; i++)
        if (!holds(before, crowd->at[i].pid))
            return false;
    return true;
}

size_t tree_kill(pid_t root)
{
    /* Who forks faster than we kill is caught by stopping all first: nobody stopped has children.
     * A fork that was under way when the signal came is found by the next look. */
    enum { LOOKS = 100 };
    struct crowd crowd = {0};
    for (int look = 0; look < LOOKS; look++) {
        struct crowd now = descendants(root);
        send_all(&now, SIGSTOP);
        bool stable = all_known(&now, &crowd);
        free(crowd.at);
        crowd = now;
        if (stable)
            break;
    }
    send_all(&crowd, SIGKILL);
    free(crowd.at);
    return crowd.count;
}

bool tree_boot(char *text, size_t room)
{
    ssize_t length = read_small("/proc/sys/kernel/random/boot_id", text, room);
    if (length <= 0)
        return false;
    text[strcspn(text, "\n")] = '\0';
    return true;
}
