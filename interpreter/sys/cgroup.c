#include "sys/cgroup.h"

#include "sys/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Copies what stands from AT up to one of END. */
static void copy_word(const char *at, const char *end, char *into, size_t room)
{
    size_t length = strcspn(at, end);
    if (length >= room)
        length = room - 1;
    memcpy(into, at, length);
    into[length] = '\0';
}

/* Is WORD one of the words of LIST, which ends with a newline? */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; *at;) {
        size_t here = strcspn(at, ",\n");
        if (here == length && memcmp(at, word, length) == 0)
            return true;
        at += here;
        if (*at)
            at++;
    }
    return false;
}

/* Our own folder within the hierarchy, by /proc/self/cgroup: "0::/path" or "6:freezer:/path". */
static bool own_path(enum cgroup_kind kind, char *path, size_t room)
{
    FILE *file = fopen("/proc/self/cgroup", "re");
    char line[4096];
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file)) {
        char *names = strchr(line, ':');
        char *at = names ? strchr(names + 1, ':') : NULL;
        if (!at)
            continue;
        *at = '\0';
        bool ours = kind == CGROUP_2 ? strncmp(line, "0:", 2) == 0 && names[1] == '\0'
                                     : has_word(names + 1, "freezer");
        if (ours) {
            copy_word(at + 1, "\n", path, room);
            found = true;
        }
    }
    if (file)
        fclose(file);
    return found;
}

/* Where the hierarchy is mounted, and which of its folders is shown there, by
 * /proc/self/mountinfo: "30 26 0:27 ROOT POINT OPTIONS ... - TYPE SOURCE SUPEROPTIONS". */
static bool mount_point(enum cgroup_kind kind, char *root, char *point, size_t room)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char line[8192];
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file)) {
        char type[32], options[4096], source[4096];
        const char *tail = strstr(line, " - ");
        int at = 0;
        if (!tail || sscanf(tail, " - %31s %4095s %4095s", type, source, options) != 3 ||
            sscanf(line, "%*s %*s %*s %n", &at) != 0 || at == 0)
            continue;
        if (kind == CGROUP_2 ? strcmp(type, "cgroup2") != 0
                             : strcmp(type, "cgroup") != 0 || !has_word(options, "freezer"))
            continue;
        copy_word(line + at, " ", root, room);
        copy_word(line + at + strlen(root) + 1, " ", point, room);
        found = true;
    }
    if (file)
        fclose(file);
    return found;
}

/* The folder that we are in, as a path in this file system. */
static bool own_folder(enum cgroup_kind kind, char *path, size_t room)
{
    char own[1024], root[1024], point[1024];
    if (!own_path(kind, own, sizeof own) || !mount_point(kind, root, point, sizeof root))
        return false;
    const char *inside = own;
    size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);
    if (strncmp(own, root, length) == 0)
        inside += length;
    if (strcmp(inside, "/") == 0)
        inside = "";
    return snprintf(path, room, "%s%s", point, inside) < (int)room;
}

bool cgroup_open(enum cgroup_kind kind, const char *path, struct cgroup *cgroup)
{
    *cgroup = (struct cgroup){.kind = kind, .folder = -1, .procs = -1};
    if (snprintf(cgroup->path, sizeof cgroup->path, "%s", path) >= (int)sizeof cgroup->path)
        return false;
    cgroup->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (cgroup->folder >= 0)
        cgroup->procs = openat(cgroup->folder, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (cgroup->procs >= 0)
        return true;
    cgroup_close(cgroup);
    return false;
}

void cgroup_close(struct cgroup *cgroup)
{
    if (cgroup->folder >= 0)
        close(cgroup->folder);
    if (cgroup->procs >= 0)
        close(cgroup->procs);
    cgroup->folder = cgroup->procs = -1;
    cgroup->kind = CGROUP_NONE;
}

bool cgroup_make(const struct cgroup *room, const char *name, struct cgroup *cgroup)
{
    char path[sizeof room->path + 64];
    snprintf(path, sizeof path, "%s/%s", room->path, name);
    if (mkdir(path, 0700) != 0)
        return false;
    if (cgroup_open(room->kind, path, cgroup))
        return true;
    rmdir(path);
    return false;
}

/* A folder that can be made need not be one that can be used: the kernel may be too old for
 * cgroup.kill, and the folder above may be threaded or read-only. */
static bool is_usable(const struct cgroup *cgroup)
{
    const char *needed = cgroup->kind == CGROUP_2 ? "cgroup.kill" : "freezer.state";
    return faccessat(cgroup->folder, needed, W_OK, AT_EACCESS) == 0;
}

static void name_of_run(const char *run, char *name, size_t room)
{
    snprintf(name, room, "runbook.%s", run);
    for (char *at = name; *at; at++)
        if (*at == '/')
            *at = '_';
}

bool cgroup_room(enum cgroup_kind kind, const char *run, struct cgroup *room)
{
    char own[1024], name[256], path[sizeof own + sizeof name + 1];
    if (!own_folder(kind, own, sizeof own))
        return false;
    name_of_run(run, name, sizeof name);
    snprintf(path, sizeof path, "%s/%s", own, name);
    bool made = mkdir(path, 0700) == 0;
    if (!made && errno != EEXIST)
        return false;
    if (cgroup_open(kind, path, room)) {
        if (is_usable(room))
            return true;
        cgroup_close(room);
    }
    if (made)
        rmdir(path);
    return false;
}

bool cgroup_remove(const char *path)
{
    return rmdir(path) == 0 || errno == ENOENT;
}

/* Opened anew each time: version 1 shows through an open one what it once read. */
static int open_procs(const struct cgroup *cgroup)
{
    return openat(cgroup->folder, "cgroup.procs", O_RDONLY | O_CLOEXEC);
}

struct each {
    size_t count;
    void (*call)(pid_t pid, void *with);
    void *with;
};

static void count_one(pid_t pid, void *with)
{
    struct each *each = with;
    each->count++;
    if (each->call)
        each->call(pid, each->with);
}

/* Calls back for each pid in it; how many there were. */
static size_t each_pid(const struct cgroup *cgroup, void (*call)(pid_t pid, void *with), void *with)
{
    struct each each = {.call = call, .with = with};
    int fd = open_procs(cgroup);
    tree_numbers(fd, count_one, &each);
    if (fd >= 0)
        close(fd);
    return each.count;
}

bool cgroup_empty(const struct cgroup *cgroup)
{
    if (cgroup->kind != CGROUP_2)
        return each_pid(cgroup, NULL, NULL) == 0;
    char text[256];
    int fd = openat(cgroup->folder, "cgroup.events", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (length <= 0)
        return errno == ENODEV || errno == ENOENT; /* somebody removed it: it was empty */
    text[length] = '\0';
    return strstr(text, "populated 0") != NULL;
}

static void send_and_wake(pid_t pid, void *signal)
{
    kill(pid, *(int *)signal);
    kill(pid, SIGCONT);
}

size_t cgroup_signal(const struct cgroup *cgroup, int signal)
{
    return each_pid(cgroup, send_and_wake, &signal);
}

static bool put(const struct cgroup *cgroup, const char *name, const char *word)
{
    int fd = openat(cgroup->folder, name, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool done = write(fd, word, strlen(word)) == (ssize_t)strlen(word);
    close(fd);
    return done;
}

/* Frozen, nobody forks; the freeze takes effect a moment after it was asked for. */
static void freeze(const struct cgroup *cgroup)
{
    enum { LOOKS = 100 };
    put(cgroup, "freezer.state", "FROZEN");
    for (int look = 0; look < LOOKS; look++) {
        char text[32] = "";
        int fd = openat(cgroup->folder, "freezer.state", O_RDONLY | O_CLOEXEC);
        ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
        if (fd >= 0)
            close(fd);
        if (length <= 0 || strncmp(text, "FROZEN", 6) == 0)
            return;
        usleep(100);
    }
}

struct seen {
    pid_t at[256]; /* of a larger tree the rest counts as new: that only makes it slower */
    size_t count;
    bool grew;
};

static void send_kill(pid_t pid, void *with)
{
    struct seen *seen = with;
    kill(pid, SIGKILL);
    if (seen->count < sizeof seen->at / sizeof *seen->at)
        seen->at[seen->count++] = pid;
}

static void look_for_new(pid_t pid, void *with)
{
    struct seen *seen = with;
    for (size_t i = 0; i < seen->count; i++)
        if (seen->at[i] == pid)
            return;
    seen->grew = true;
}

size_t cgroup_kill(const struct cgroup *cgroup)
{
    if (cgroup->kind == CGROUP_2 && put(cgroup, "cgroup.kill", "1"))
        return each_pid(cgroup, NULL, NULL);
    struct seen seen = {.count = 0};
    size_t count = each_pid(cgroup, send_kill, &seen);
    each_pid(cgroup, look_for_new, &seen);
    /* Only who has children meanwhile has to be frozen: it holds up the dying, too. */
    if (seen.grew && cgroup->kind == CGROUP_FREEZER) {
        freeze(cgroup);
        count += each_pid(cgroup, send_kill, &seen);
        put(cgroup, "freezer.state", "THAWED");
    }
    return count;
}

static void move_out(pid_t pid, void *with)
{
    int above = *(int *)with;
    char text[32];
    int length = snprintf(text, sizeof text, "%d", (int)pid);
    if (write(above, text, (size_t)length) < 0)
        return; /* it ended meanwhile, or may not be moved: whoever looks next will see */
}

bool cgroup_let_go(const struct cgroup *cgroup)
{
    /* One pass for each generation that is born while we move its parents. */
    enum { PASSES = 50 };
    char above[64 + sizeof cgroup->path];
    if (cgroup_empty(cgroup))
        return true;
    snprintf(above, sizeof above, "%s/../../cgroup.procs", cgroup->path);
    int fd = open(above, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    for (int pass = 0; pass < PASSES && each_pid(cgroup, move_out, &fd) > 0; pass++)
        ;
    close(fd);
    return cgroup_empty(cgroup);
}

/* Deeper than this no cgroup is made by hand or by a container engine. */
enum { DEPTH = 32 };

static void find_below(const char *path, const char *name, int depth,
                       void (*found)(void *data, const char *path), void *data)
{
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char inner[1024];
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
            snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) >= (int)sizeof inner)
            continue;
        if (strcmp(entry->d_name, name) == 0)
            found(data, inner);
        else if (depth < DEPTH)
            find_below(inner, name, depth + 1, found, data);
    }
    if (folder)
        closedir(folder);
}

void cgroup_find(enum cgroup_kind kind, const char *run,
                 void (*found)(void *data, const char *path), void *data)
{
    char root[1024], point[1024], name[256];
    if (!mount_point(kind, root, point, sizeof root))
        return;
    name_of_run(run, name, sizeof name);
    find_below(point, name, 0, found, data);
}
