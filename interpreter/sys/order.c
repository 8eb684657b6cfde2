/* An order is a list of "name=value", each ended by a NUL: no value can hold one. It begins with
 * its version and ends with "end=", so that a shim of another version, or half an order, is
 * refused before anything is done. Numbers are decimal. */
#include "sys/order.h"

#include "base/mask.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char version[] = "runbook-order=2";

static void put(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(FILE *file, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(file, format, arguments);
    va_end(arguments);
    fputc('\0', file);
}

static void put_text(FILE *file, const char *name, const char *value)
{
    if (value)
        put(file, "%s=%s", name, value);
}

static void put_number(FILE *file, const char *name, int64_t value)
{
    put(file, "%s=%" PRId64, name, value);
}

static void put_task(FILE *file, const struct task *task)
{
    for (const char *const *at = task->argv; *at; at++)
        put_text(file, "argv", *at);
    for (const char *const *at = task->env; at && *at; at++)
        put_text(file, "env", *at);
    put_text(file, "cwd", task->cwd);
    put_text(file, "stdin_from", task->stdin_from);
    put_text(file, "stdout_to", task->stdout_to);
    put_text(file, "out", task->logs[TASK_OUT]);
    put_text(file, "err", task->logs[TASK_ERR]);
    size_t length;
    for (size_t i = 0; mask_secret(task->mask, i, &length); i++)
        put(file, "secret=%.*s", (int)length, mask_secret(task->mask, i, &length));
    put_number(file, "umask", task->umask);
    put_number(file, "stdout_mode", task->stdout_mode);
    put_number(file, "log_cap", task->log_cap);
    put_number(file, "timeout", task->timeout);
    put_number(file, "stall", task->stall);
    put_number(file, "grace", task->grace);
}

static void put_identity(FILE *file, const struct identity *identity)
{
    if (!identity->given)
        return;
    put_number(file, "uid", identity->uid);
    put_number(file, "gid", identity->gid);
    for (size_t i = 0; i < identity->group_count; i++)
        put_number(file, "group", identity->groups[i]);
}

bool order_write(int fd, const struct order *order, struct failure *failure)
{
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    if (!file)
        return failure_set(failure, errno, "no memory for an order");
    put(file, "%s", version);
    put_task(file, &order->task);
    put_identity(file, &order->identity);
    put_number(file, "stdin_given", order->stdin_given);
    put_number(file, "handed", order->handed);
    put_number(file, "light", order->light);
    put_number(file, "cgroup", order->cgroup);
    put_text(file, "cgroup_path", order->cgroup_path);
    put_text(file, "boot", order->boot);
    put_text(file, "end", "");
    bool whole = fclose(file) == 0;
    for (size_t done = 0; whole && done < length;) {
        ssize_t written = write(fd, text + done, length - done);
        if (written < 0 && errno == EINTR)
            continue;
        whole = written > 0;
        done += whole ? (size_t)written : 0;
    }
    int error = errno;
    if (text)
        explicit_bzero(text, length);
    free(text);
    return whole || failure_set(failure, error, "can't write an order");
}

struct reader {
    struct order *order;
    const char **lists[2]; /* argv and env, being filled */
    size_t counts[2];
    struct mask *mask;
    bool ended;
};

static bool take_text(struct order *order, const char *name, const char *value)
{
    struct task *task = &order->task;
    const struct {
        const char *name;
        const char **into;
    } texts[] = {
        {"cwd", &task->cwd},
        {"stdin_from", &task->stdin_from},
        {"stdout_to", &task->stdout_to},
        {"out", &task->logs[TASK_OUT]},
        {"err", &task->logs[TASK_ERR]},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(texts[i].name, name) == 0) {
            *texts[i].into = value;
            return true;
        }
    if (strcmp(name, "cgroup_path") == 0)
        return snprintf(order->cgroup_path, sizeof order->cgroup_path, "%s", value) <
               (int)sizeof order->cgroup_path;
    if (strcmp(name, "boot") == 0)
        return snprintf(order->boot, sizeof order->boot, "%s", value) < (int)sizeof order->boot;
    return false;
}

static bool take_duration(struct task *task, const char *name, int64_t value)
{
    const struct {
        const char *name;
        int64_t *into;
    } numbers[] = {
        {"log_cap", &task->log_cap},
        {"timeout", &task->timeout},
        {"stall", &task->stall},
        {"grace", &task->grace},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(numbers[i].name, name) == 0) {
            *numbers[i].into = value;
            return true;
        }
    return false;
}

static bool take_identity(struct identity *identity, const char *name, int64_t value)
{
    if (strcmp(name, "uid") == 0) {
        identity->given = true;
        identity->uid = (uid_t)value;
    } else if (strcmp(name, "gid") == 0) {
        identity->gid = (gid_t)value;
    } else if (strcmp(name, "group") == 0 &&
               identity->group_count < sizeof identity->groups / sizeof *identity->groups) {
        identity->groups[identity->group_count++] = (gid_t)value;
    } else {
        return false;
    }
    return true;
}

static bool take_number(struct order *order, const char *name, const char *text)
{
    char *stop;
    int64_t value = strtoll(text, &stop, 10);
    if (*stop || stop == text)
        return false;
    if (take_duration(&order->task, name, value) || take_identity(&order->identity, name, value))
        return true;
    if (strcmp(name, "umask") == 0)
        order->task.umask = (mode_t)value;
    else if (strcmp(name, "stdout_mode") == 0)
        order->task.stdout_mode = (mode_t)value;
    else if (strcmp(name, "stdin_given") == 0)
        order->stdin_given = value != 0;
    else if (strcmp(name, "handed") == 0)
        order->handed = value != 0;
    else if (strcmp(name, "light") == 0)
        order->light = value != 0;
    else if (strcmp(name, "cgroup") == 0)
        order->cgroup = (enum cgroup_kind)value;
    else
        return false;
    return true;
}

static bool take_field(struct reader *reader, const char *name, const char *value)
{
    if (strcmp(name, "argv") == 0) {
        reader->lists[0][reader->counts[0]++] = value;
        return true;
    }
    if (strcmp(name, "env") == 0) {
        reader->lists[1][reader->counts[1]++] = value;
        return true;
    }
    if (strcmp(name, "secret") == 0) {
        if (!reader->mask)
            reader->mask = mask_new();
        mask_learn(reader->mask, value, strlen(value));
        return true;
    }
    if (strcmp(name, "end") == 0) {
        reader->ended = true;
        return true;
    }
    return take_text(reader->order, name, value) || take_number(reader->order, name, value);
}

/* The fields behind the version; each is cut at its '=' in place. */
static bool take_fields(struct reader *reader, char *at, const char *end)
{
    while (at < end && !reader->ended) {
        char *stop = memchr(at, '\0', (size_t)(end - at));
        char *equal = stop ? strchr(at, '=') : NULL;
        if (!equal)
            return false;
        *equal = '\0';
        if (!take_field(reader, at, equal + 1))
            return false;
        at = stop + 1;
    }
    return reader->ended && at == end && reader->counts[0] > 0;
}

static char *read_all(int fd, size_t *length)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0)
        return NULL;
    *length = (size_t)stat.st_size;
    char *text = malloc(*length + 1);
    if (!text)
        return NULL;
    for (size_t done = 0; done < *length;) {
        ssize_t got = pread(fd, text + done, *length - done, (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            free(text);
            return NULL;
        }
        done += (size_t)got;
    }
    text[*length] = '\0';
    return text;
}

bool order_read(int fd, struct order *order, struct failure *failure)
{
    *order = (struct order){.task.folder = ORDER_FOLDER};
    size_t length;
    char *text = read_all(fd, &length);
    if (!text)
        return failure_set(failure, errno, "can't read the order");
    if (length < sizeof version || memcmp(text, version, sizeof version) != 0) {
        free(text);
        return failure_set(failure, 0, "the order is of another version");
    }
    size_t fields = 0;
    for (size_t i = 0; i < length; i++)
        fields += text[i] == '\0';
    const char **lists = calloc(2 * (fields + 1), sizeof *lists);
    struct reader reader = {.order = order, .lists = {lists, lists + fields + 1}};
    if (!lists || !take_fields(&reader, text + sizeof version, text + length)) {
        mask_free(reader.mask);
        free(lists);
        free(text);
        return failure_set(failure, 0, "the order is not whole");
    }
    order->task.argv = reader.lists[0];
    order->task.env = reader.lists[1];
    order->task.mask = reader.mask;
    return true;
}
