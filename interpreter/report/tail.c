#include "report/tail.h"

#include "base/arena.h"
#include "base/text.h"
#include "report/talk.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Enough for the last lines; a longer line is shown from its middle. */
#define TAIL_BYTES 16384

bool tail_path(struct buffer *into, const char *folder, uint64_t number, int stream)
{
    struct buffer path = {0};
    buffer_format(&path, "%s/logs/%" PRIu64 ".%s", folder, number, stream == 1 ? "out" : "err");
    bool there = access(path.at, F_OK) == 0;
    if (there)
        buffer_add(into, path.at, path.length);
    buffer_free(&path);
    return there;
}

/* The last bytes of the file, in BYTES (TAIL_BYTES of room). */
static size_t read_end(const char *path, char *bytes)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t length = 0;
    if (fd < 0)
        return 0;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
        off_t from = about.st_size > TAIL_BYTES ? about.st_size - TAIL_BYTES : 0;
        length = pread(fd, bytes, TAIL_BYTES, from);
    }
    close(fd);
    return length > 0 ? (size_t)length : 0;
}

/* Where the last COUNT lines of TEXT begin. */
static size_t begin_of(struct text text, size_t count)
{
    size_t at = text.length;
    if (at > 0 && text.at[at - 1] == '\n')
        at--;
    while (at > 0) {
        if (text.at[at - 1] == '\n' && --count == 0)
            break;
        at--;
    }
    return at;
}

size_t tail_lines(struct buffer *into, const char *folder, uint64_t number, int stream,
                  size_t count, const char *prefix)
{
    struct buffer path = {0};
    size_t shown = 0;
    if (count == 0 || !tail_path(&path, folder, number, stream)) {
        buffer_free(&path);
        return 0;
    }
    char *bytes = memory_resize(NULL, TAIL_BYTES);
    struct text text = {bytes, read_end(path.at, bytes)};
    for (size_t at = begin_of(text, count); at < text.length; shown++) {
        const char *end = memchr(text.at + at, '\n', text.length - at);
        size_t length = end ? (size_t)(end - text.at) - at : text.length - at;
        buffer_text(into, prefix);
        line_printable(into, (struct text){text.at + at, length});
        buffer_text(into, "\n");
        at += length + 1;
    }
    free(bytes);
    buffer_free(&path);
    return shown;
}
