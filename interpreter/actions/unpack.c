/* What is read passes three layers: the file; the bytes behind its compression, whose end and
 * checksum are seen here; the entries in them. gzip is undone by zlib, since libarchive does not
 * look at its checksum; the others by libarchive as a "raw" archive, which does. A zip has its own
 * checksums, and is read from the file, since its index stands at its end. */
#include "actions/unpack.h"

#include "actions/archives.h"
#include "actions/files.h"
#include "base/arena.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum {
    PIECE = 128 * 1024,
    END_MARK = 1024 /* two blocks of zeros: how a tar ends */
};

struct source {
    struct blocking *blocking;
    const char *path;
    int fd;
    gzFile gzip; /* one of these two */
    struct archive *raw;
    uint64_t zeros; /* so many at the end of what came so far */
    struct failure
        failure; /* of these bytes, when `failed`: it goes before what came of it later */
    bool failed;
    char piece[PIECE];
};

static bool source_fail(struct source *source, const char *why)
{
    source->failed = true;
    return failure_set(&source->failure, 0, "%s is not whole: %s", source->path, why);
}

/* ---- the bytes behind the compression ---- */

static ssize_t read_gzip(struct source *source)
{
    int error = Z_OK;
    int length = gzread(source->gzip, source->piece, PIECE);
    const char *why = gzerror(source->gzip, &error);
    if (length < 0 && error == Z_ERRNO) {
        source->failed = true;
        failure_set(&source->failure, errno, "can't read %s", source->path);
    } else if (length < 0) {
        source_fail(source, why);
    } else if (length == 0 && error == Z_BUF_ERROR) {
        source_fail(source, "its compressed data end too early");
        return -1;
    }
    return length;
}

static ssize_t read_raw(struct source *source)
{
    la_ssize_t length = archive_read_data(source->raw, source->piece, PIECE);
    if (length < 0)
        source_fail(source, archive_error_string(source->raw));
    return length;
}

static void count_zeros(struct source *source, size_t length)
{
    size_t zeros = 0;
    while (zeros < length && source->piece[length - 1 - zeros] == '\0')
        zeros++;
    source->zeros = zeros == length ? source->zeros + length : zeros;
}

/* libarchive's callback. */
static la_ssize_t read_piece(struct archive *archive, void *data, const void **at)
{
    struct source *source = data;
    ssize_t length = -1;
    if (blocking_stopped(source->blocking, &source->failure))
        source->failed = true;
    else
        length = source->gzip != NULL ? read_gzip(source) : read_raw(source);
    if (length < 0)
        archive_set_error(archive, EIO, "stopped");
    else
        count_zeros(source, (size_t)length);
    *at = source->piece;
    return length;
}

/* ---- opening ---- */

static bool begins(const unsigned char *head, size_t length, const char *magic, size_t size)
{
    return length >= size && memcmp(head, magic, size) == 0;
}

static bool open_raw(struct source *source)
{
    struct archive_entry *entry;
    source->raw = archive_read_new();
    archive_read_support_filter_all(source->raw);
    archive_read_support_format_raw(source->raw);
    if (archive_read_open_fd(source->raw, source->fd, PIECE) != ARCHIVE_OK ||
        archive_read_next_header(source->raw, &entry) != ARCHIVE_OK)
        return source_fail(source, archive_error_string(source->raw));
    return true;
}

static bool open_gzip(struct source *source)
{
    int copy = fcntl(source->fd, F_DUPFD_CLOEXEC, 0); /* gzclose closes it */
    source->gzip = copy >= 0 ? gzdopen(copy, "rb") : NULL;
    if (source->gzip != NULL)
        return true;
    if (copy >= 0)
        close(copy);
    source->failed = true;
    return failure_set(&source->failure, errno, "can't read %s", source->path);
}

/* ARCHIVE is opened on what is behind the compression. */
static bool open_archive(struct source *source, struct archive *archive)
{
    unsigned char head[8];
    ssize_t length = pread(source->fd, head, sizeof head, 0);
    if (length < 0) {
        source->failed = true;
        return failure_set(&source->failure, errno, "can't read %s", source->path);
    }
    size_t size = (size_t)length;
    if (begins(head, size, "PK\3\4", 4) || begins(head, size, "PK\5\6", 4)) {
        archive_read_support_format_zip_seekable(archive);
        return archive_read_open_fd(archive, source->fd, PIECE) == ARCHIVE_OK;
    }
    archive_read_support_format_tar(archive);
    archive_read_support_format_gnutar(archive);
    /* Reads on behind the end mark: else nobody would look at what follows, checksums included. */
    archive_read_set_options(archive, "tar:read_concatenated_archives");
    if (!(begins(head, size, "\x1f\x8b", 2) ? open_gzip(source) : open_raw(source)))
        return false;
    return archive_read_open(archive, source, NULL, read_piece, NULL) == ARCHIVE_OK;
}

static void close_source(struct source *source)
{
    if (source->gzip != NULL)
        gzclose(source->gzip);
    archive_read_free(source->raw);
    close(source->fd);
}

/* ---- reading ---- */

/* False when the source failed, or EACH said so, or libarchive did; in this order it is told. */
static bool each_entry(struct source *source, struct archive *archive, unpack_entry *each,
                       void *data, struct failure *failure)
{
    for (;;) {
        struct archive_entry *entry;
        int answer = archive_read_next_header(archive, &entry);
        if (answer == ARCHIVE_EOF)
            break;
        if (answer != ARCHIVE_OK && answer != ARCHIVE_WARN) {
            const char *why = archive_error_string(archive);
            return failure_set(failure, 0, "%s is not whole: %s", source->path,
                               why != NULL ? why : "it can't be read");
        }
        const char *name = archive_entry_pathname(entry);
        if (name == NULL || name[0] == '\0')
            return source_fail(source, "an entry has no name that can be read");
        if (blocking_stopped(source->blocking, failure) ||
            !each(data, archive, entry, name, failure))
            return false;
    }
    bool is_tar = (archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
    if (is_tar && source->zeros < END_MARK)
        return source_fail(source, "its end mark is missing, so that entries may be missing too");
    return true;
}

static bool read_all(struct source *source, unpack_entry *each, void *data, struct failure *failure)
{
    struct archive *archive = archive_read_new();
    bool good = open_archive(source, archive);
    if (!good && !source->failed)
        source_fail(source, archive_error_string(archive));
    good = good && each_entry(source, archive, each, data, failure);
    archive_read_free(archive);
    if (!good && source->failed)
        *failure = source->failure;
    return good;
}

bool unpack(struct blocking *blocking, const char *path, unpack_entry *each, void *data,
            struct failure *failure)
{
    struct stat about;
    int fd = files_open(path, &about, failure);
    if (fd < 0)
        return false;
    struct source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        close(fd);
        return failure_set(failure, ENOMEM, "can't read %s", path);
    }
    source->blocking = blocking;
    source->path = path;
    source->fd = fd;
    struct archives_locale locale = archives_enter();
    bool good = read_all(source, each, data, failure);
    archives_leave(locale);
    close_source(source);
    free(source);
    return good;
}
