/* Files of a run beside its journal: outputs too long for a line, copies of the runbook. Each is
 * whole and synced, with its folder, before a line names it. */
#include "store/journal_own.h"

#include "store/share.h"
#include "sys/file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A value has at most 16 MiB; as JSON each byte can take six. */
enum { FILE_CAP = 128 * 1024 * 1024 };

static void path_of(const char *digest, char path[sizeof FILES_NAME + DIGEST_TEXT])
{
    snprintf(path, sizeof FILES_NAME + DIGEST_TEXT, FILES_NAME "/%s", digest);
}

/* What has that name has that content, since it came there by a rename; only its name may not be
 * durable yet, when a crash came between. */
static bool keep_again(int folder, struct failure *failure)
{
    int fd = folder_open(folder, FILES_NAME, failure);
    bool synced = fd >= 0 && folder_sync(fd, FILES_NAME, failure);
    if (fd >= 0) {
        close(fd);
    }
    return synced;
}

static bool keep(void *context, struct text bytes, char digest[DIGEST_TEXT],
                 struct failure *failure)
{
    const int *folder = context;
    char path[sizeof FILES_NAME + DIGEST_TEXT];
    digest_text(bytes, digest);
    path_of(digest, path);
    if (faccessat(*folder, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        return keep_again(*folder, failure);
    }
    return file_replace(*folder, path, bytes, 0600, FILE_SET_MODE, failure);
}

static bool is_digest(const char *text)
{
    size_t length = strspn(text, "0123456789abcdef");
    return length == DIGEST_TEXT - 1 && text[length] == '\0';
}

static bool load(void *context, const char *digest, struct buffer *into, struct failure *failure)
{
    const int *folder = context;
    char path[sizeof FILES_NAME + DIGEST_TEXT];
    char found[DIGEST_TEXT];
    if (!is_digest(digest)) {
        return failure_set(failure, 0, "it names a file that can't be one");
    }
    path_of(digest, path);
    size_t start = into->length;
    if (!file_read(*folder, path, FILE_CAP, into, failure)) {
        return false;
    }
    digest_text((struct text){into->at + start, into->length - start}, found);
    return strcmp(found, digest) == 0 ||
           failure_set(failure, 0, "%s does not hold what was written to it", path);
}

struct event_files journal_files(const int *folder)
{
    /* Only read through; the callbacks' context is not const for others' sake. */
    return (struct event_files){keep, load, (void *)folder};
}

enum journal_result journal_keep(struct journal *journal, const char *name, struct text bytes,
                                 struct failure *failure)
{
    int folder = journal_folder(journal);
    gid_t group = share_of(folder);
    char above[256];
    const char *slash = strrchr(name, '/');
    if (slash != NULL) {
        snprintf(above, sizeof above, "%.*s", (int)(slash - name), name);
        if (!folder_make(folder, above, 0700, failure)) {
            return JOURNAL_FAILED;
        }
        share_give(folder, above, group, SHARE_FOLDER);
    }
    if (!file_replace(folder, name, bytes, 0600, FILE_SET_MODE, failure)) {
        return JOURNAL_FAILED;
    }
    share_give(folder, name, group, SHARE_FILE);
    return JOURNAL_OK;
}
