#include "sys/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

int streams_memory(const char *name, const char *at, size_t length, struct failure *failure)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) {
        failure_set(failure, errno, "no memory for %s", name);
        return -1;
    }
    struct text content = {at, length};
    if (file_write(fd, content, name, failure) && lseek(fd, 0, SEEK_SET) == 0 &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) == 0)
        return fd;
    close(fd);
    return -1;
}

/* A pipe without a writer must not hold us up; the program shall wait for it all the same. */
static int open_input(int folder, const char *path)
{
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return fd;
}

static bool open_stdin(const struct task *task, int given, int folder, struct streams *streams,
                       enum task_part *part, struct failure *failure)
{
    *part = TASK_STDIN;
    const char *path = task->stdin_from ? task->stdin_from : "/dev/null";
    streams->given[0] = given >= 0 ? given : open_input(folder, path);
    return streams->given[0] >= 0 || failure_set(failure, errno, "can't read %s", path);
}

static bool open_pipe(struct streams *streams, int stream, enum task_part *part,
                      struct failure *failure)
{
    int ends[2];
    *part = TASK_SYSTEM;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return failure_set(failure, errno, "can't make a pipe");
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    streams->read[stream] = ends[0];
    streams->given[stream + 1] = ends[1];
    return true;
}

static bool open_stdout(const struct task *task, int folder, struct streams *streams,
                        enum task_part *part, struct failure *failure)
{
    if (!task->stdout_to)
        return open_pipe(streams, TASK_OUT, part, failure);
    *part = TASK_STDOUT;
    mode_t mode = task->stdout_mode ? task->stdout_mode : 0644;
    unsigned flags = FILE_SWEEP | (task->stdout_mode ? FILE_SET_MODE : 0U);
    if (!file_begin(folder, task->stdout_to, mode, flags, &streams->aside, failure))
        return false;
    streams->to_file = true;
    streams->given[1] = fcntl(streams->aside.fd, F_DUPFD_CLOEXEC, 0);
    return streams->given[1] >= 0 || failure_set(failure, errno, "can't write %s", task->stdout_to);
}

bool streams_open(const struct task *task, const struct streams_given *given,
                  struct streams *streams, enum task_part *part, struct failure *failure)
{
    int input = given->input;
    *streams = (struct streams){.given = {-1, -1, -1, given->handed}, .read = {-1, -1}};
    bool relative = task->stdin_from || task->stdout_to;
    int folder =
        relative && task->cwd ? open(task->cwd, O_PATH | O_DIRECTORY | O_CLOEXEC) : AT_FDCWD;
    bool opened;
    if (folder == -1) {
        *part = TASK_CWD;
        opened = failure_set(failure, errno, "can't enter %s", task->cwd);
        close_one(&input);
    } else {
        opened = open_stdin(task, input, folder, streams, part, failure) &&
                 open_stdout(task, folder, streams, part, failure) &&
                 open_pipe(streams, TASK_ERR, part, failure);
    }
    if (folder >= 0)
        close(folder);
    if (!opened)
        streams_close(streams);
    return opened;
}

void streams_started(struct streams *streams)
{
    for (size_t i = 0; i < sizeof streams->given / sizeof *streams->given; i++)
        close_one(&streams->given[i]);
}

size_t streams_count(const struct streams *streams)
{
    return streams->given[3] >= 0 ? 4 : 3;
}

void streams_drop(struct streams_given *given)
{
    close_one(&given->input);
    close_one(&given->handed);
}

void streams_close(struct streams *streams)
{
    streams_started(streams);
    close_one(&streams->read[0]);
    close_one(&streams->read[1]);
    if (streams->to_file)
        file_abandon(&streams->aside);
    streams->to_file = false;
}
