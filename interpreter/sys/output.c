#include "sys/output.h"

#include "sys/task.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void output_begin(struct output *output, int folder, const char *name, int64_t cap)
{
    *output = (struct output){
        .folder = folder, .name = name, .cap = cap > 0 ? cap : TASK_LOG_CAP, .fd = -1};
}

static void put(struct output *output, const char *at, size_t length)
{
    if (!output->name || output->failure.text[0])
        return;
    if (output->fd < 0)
        output->fd = openat(output->folder, output->name,
                            O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (output->fd < 0) {
        failure_set(&output->failure, errno, "can't make the log %s", output->name);
        return;
    }
    while (length > 0) {
        ssize_t written = write(output->fd, at, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            failure_set(&output->failure, errno, "can't write the log %s", output->name);
            return;
        }
        at += written;
        length -= (size_t)written;
    }
}

size_t output_add(struct output *output, const char *at, size_t length)
{
    if (output->cut || length == 0)
        return 0;
    uint64_t left = (uint64_t)output->cap - output->bytes;
    size_t kept = length <= left ? length : (size_t)left;
    put(output, at, kept);
    output->bytes += kept;
    if (kept < length) {
        static const char notice[] = "\n[runbook: cut here, more came than a log may hold]\n";
        put(output, notice, sizeof notice - 1);
        output->cut = true;
    }
    return kept;
}

void output_end(struct output *output)
{
    if (output->fd >= 0)
        close(output->fd);
    output->fd = -1;
}
