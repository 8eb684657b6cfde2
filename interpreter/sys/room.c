#include "sys/room.h"

#include "base/arena.h"
#include "sys/streams.h"
#include "sys/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct processes *processes_new(const struct processes_options *options)
{
    struct processes *processes = calloc(1, sizeof *processes);
    if (!processes)
        abort();
    processes->loop = options->loop;
    processes->run = strdup(options->run);
    processes->shim = strdup(options->shim);
    processes->methods = options->methods ? options->methods : PROCESS_ANY;
    if (!processes->run || !processes->shim)
        abort();
    tree_boot(processes->boot, sizeof processes->boot);
    return processes;
}

/* The best that can be had: tried once, at the first process. */
static void find_room(struct processes *processes)
{
    static const struct {
        enum process_method method;
        enum cgroup_kind kind;
    } kinds[] = {{PROCESS_CGROUP2, CGROUP_2}, {PROCESS_FREEZER, CGROUP_FREEZER}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !processes->has_room; i++) {
        if (!(processes->methods & kinds[i].method))
            continue;
        processes->has_room = cgroup_room(kinds[i].kind, processes->run, &processes->room);
        if (!processes->has_room)
            processes->methods &= ~(unsigned)kinds[i].method;
    }
    if (!processes->has_room)
        processes->methods = PROCESS_SUBREAPER;
}

static bool may_use_cgroup(const struct processes *processes)
{
    return (processes->methods & (PROCESS_CGROUP2 | PROCESS_FREEZER)) != 0;
}

const char *processes_method(struct processes *processes)
{
    if (may_use_cgroup(processes) && !processes->has_room)
        find_room(processes);
    if (!processes->has_room)
        return "subreaper";
    return processes->room.kind == CGROUP_2 ? "cgroup2" : "freezer";
}

static struct slot *make_slot(struct processes *processes, enum slot_use use)
{
    enum { TRIES = 10000 }; /* as many as an interpreter before us can have left */
    static const char prefix[SLOT_USES] = {[SLOT_PROCESS] = 'p', [SLOT_SHIM] = 's'};
    struct slot *slot = calloc(1, sizeof *slot);
    if (!slot)
        abort();
    slot->use = use;
    for (int i = 0; i < TRIES; i++) {
        char name[32];
        snprintf(name, sizeof name, "%c%u", prefix[use], processes->number++);
        if (cgroup_make(&processes->room, name, &slot->cgroup))
            return slot;
        if (errno != EEXIST)
            break;
    }
    free(slot);
    return NULL;
}

struct slot *room_take(struct processes *processes, enum slot_use use)
{
    if (may_use_cgroup(processes) && !processes->has_room)
        find_room(processes);
    if (!processes->has_room)
        return NULL;
    struct slot *slot = processes->idle[use];
    if (slot)
        processes->idle[use] = slot->next;
    else
        slot = make_slot(processes, use);
    return slot;
}

void room_leave(struct slot *slot)
{
    if (!slot)
        return;
    cgroup_close(&slot->cgroup);
    free(slot);
}

static void drop_slot(struct slot *slot)
{
    cgroup_remove(slot->cgroup.path);
    room_leave(slot);
}

void room_give(struct processes *processes, struct slot *slot, bool fit)
{
    if (!slot)
        return;
    if (!fit || !processes->has_room || !cgroup_empty(&slot->cgroup)) {
        drop_slot(slot);
        return;
    }
    slot->next = processes->idle[slot->use];
    processes->idle[slot->use] = slot;
}

static void leave_room(struct processes *processes)
{
    for (int use = 0; use < SLOT_USES; use++)
        for (struct slot *slot; (slot = processes->idle[use]);) {
            processes->idle[use] = slot->next;
            drop_slot(slot);
        }
    if (!processes->has_room)
        return;
    cgroup_remove(processes->room.path);
    cgroup_close(&processes->room);
    processes->has_room = false;
}

void room_forbid(struct processes *processes)
{
    leave_room(processes);
    processes->methods = PROCESS_SUBREAPER;
}

void processes_free(struct processes *processes)
{
    if (!processes)
        return;
    leave_room(processes);
    free(processes->run);
    free(processes->shim);
    free(processes);
}

static const char *copy_text(struct arena *arena, const char *text)
{
    return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

static const char *const *copy_list(struct arena *arena, const char *const *list)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    const char **copy = arena_alloc(arena, (count + 1) * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = copy_text(arena, list[i]);
    return copy;
}

/* The bytes of standard input are not copied: they go where the child reads them from. */
static void copy_task(struct arena *arena, const struct task *task, struct task *copy)
{
    *copy = *task;
    copy->argv = copy_list(arena, task->argv);
    copy->env = copy_list(arena, task->env);
    copy->cwd = copy_text(arena, task->cwd);
    copy->user = copy_text(arena, task->user);
    copy->stdin_from = copy_text(arena, task->stdin_from);
    copy->stdout_to = copy_text(arena, task->stdout_to);
    copy->logs[TASK_OUT] = copy_text(arena, task->logs[TASK_OUT]);
    copy->logs[TASK_ERR] = copy_text(arena, task->logs[TASK_ERR]);
    copy->stdin_bytes = copy->handed = NULL;
}

/* By number if it is one and no name: as chown does. */
static bool find_user(const char *name, struct passwd *user, char *room, size_t size)
{
    struct passwd *found = NULL;
    char *end;
    if (getpwnam_r(name, user, room, size, &found) == 0 && found)
        return true;
    unsigned long number = strtoul(name, &end, 10);
    return *name >= '0' && *name <= '9' && !*end && number < UINT32_MAX &&
           getpwuid_r((uid_t)number, user, room, size, &found) == 0 && found;
}

static void look_up(void *data, const atomic_bool *stop)
{
    (void)stop;
    struct ready *ready = data;
    struct identity *identity = &ready->identity;
    struct passwd user;
    char text[16384];
    int count = sizeof identity->groups / sizeof *identity->groups;
    ready->part = TASK_USER;
    ready->failed = true;
    if (!find_user(ready->task.user, &user, text, sizeof text)) {
        failure_set(&ready->failure, 0, "there is no user %s", ready->task.user);
        return;
    }
    if (getgrouplist(user.pw_name, user.pw_gid, identity->groups, &count) < 0) {
        failure_set(&ready->failure, 0, "user %s is in too many groups", ready->task.user);
        return;
    }
    /* Who has no rights may still say that it is to be themself. */
    identity->given = geteuid() == 0 || user.pw_uid != geteuid();
    identity->uid = user.pw_uid;
    identity->gid = user.pw_gid;
    identity->group_count = (size_t)count;
    ready->failed = false;
}

/* The file is the user's who runs it: nobody else can open it. */
static void own_handed(struct ready *ready)
{
    int fd = ready->given.handed;
    uid_t owner = ready->identity.given ? ready->identity.uid : geteuid();
    if (ready->failed || fd < 0 || (fchmod(fd, 0600) == 0 && fchown(fd, owner, (gid_t)-1) == 0))
        return;
    ready->part = TASK_SYSTEM;
    ready->failed = true;
    failure_set(&ready->failure, errno, "can't hand a file over");
}

static void looked_up(void *data)
{
    struct ready *ready = data;
    ready->lookup = NULL;
    own_handed(ready);
    ready->then(ready->data);
}

static bool make_given(const struct task *task, struct ready *ready)
{
    ready->given = (struct streams_given){-1, -1};
    ready->part = TASK_STDIN;
    if (task->stdin_bytes != NULL)
        ready->given.input =
            streams_memory("runbook-stdin", task->stdin_bytes, task->stdin_length, &ready->failure);
    if (task->stdin_bytes != NULL && ready->given.input < 0)
        return false;
    ready->part = TASK_SYSTEM;
    if (task->handed != NULL)
        ready->given.handed =
            streams_memory("runbook-handed", task->handed, task->handed_length, &ready->failure);
    return task->handed == NULL || ready->given.handed >= 0;
}

void ready_make(struct processes *processes, struct arena *arena, const struct task *task,
                struct ready *ready, loop_callback *then, void *data)
{
    *ready = (struct ready){.arena = arena, .then = then, .data = data};
    copy_task(arena, task, &ready->task);
    ready->failed = !make_given(task, ready);
    if (task->user && !ready->failed) {
        ready->lookup = loop_work(processes->loop, look_up, looked_up, ready);
    } else {
        own_handed(ready);
        loop_later(processes->loop, then, data);
    }
}
