/* file: files that outlive a power loss, locks, folders.
 * A path is taken relative to FOLDER, an open folder or AT_FDCWD. Calls may wait for the disk: in
 * the loop only where architecture.md says so (the journal's sync), else in loop_work.
 * All descriptors are close-on-exec. May use base and sys/failure. */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include "base/text.h"
#include "sys/failure.h"

#include <stdint.h>
#include <sys/types.h>

/* Appends the whole file to INTO. More than CAP bytes, or no regular file (pipes and devices never
 * end): a failure (EFBIG, EINVAL, EISDIR), and INTO is as before. */
bool file_read(int folder, const char *path, size_t cap, struct buffer *into,
               struct failure *failure);

/* Writes all of it, through signals and short writes. WHAT names the file in the failure. */
bool file_write(int fd, struct text content, const char *what, struct failure *failure);

/* A file being written aside: under a name of its own in the folder of the file that it will
 * replace, unseen until file_commit. Fields are the module's own, but `fd`, to write to. */
struct file_aside {
    int fd;
    int folder;  /* the folder of both, opened */
    mode_t mode; /* of a new one */
    unsigned flags;
    char name[256];  /* what it will be called there */
    char aside[256]; /* what it is called until then */
};

enum file_flags {
    FILE_FOLLOW = 1, /* a path that is a symbolic link: replace what it points to, else refuse */
    FILE_NO_CLOBBER = 2, /* what exists is not replaced: EEXIST */
    FILE_SET_MODE = 4,   /* MODE also where a file is replaced, whose mode is else kept */
    FILE_SWEEP = 8,      /* file_sweep first */
};

/* Begins it. It becomes MODE (e.g. 0644) where nothing is replaced; else mode, owner and access
 * list of the file that is there. Ends with file_commit or file_abandon. */
bool file_begin(int folder, const char *path, mode_t mode, unsigned flags, struct file_aside *aside,
                struct failure *failure);
/* Syncs it, renames it to its place, syncs the folder. On failure it is gone, the old file whole.
 */
bool file_commit(struct file_aside *aside, struct failure *failure);
/* Takes away what a crash left of earlier writes of this very file; what is still being written
 * stays. */
void file_sweep(int folder, const char *path);
/* Takes it away. */
void file_abandon(struct file_aside *aside);

/* Begin, write and commit in one: the file is whole at every moment, the old one or the new. */
bool file_replace(int folder, const char *path, struct text content, mode_t mode, unsigned flags,
                  struct failure *failure);

/* Opens a folder; -1 on failure. The caller closes it. */
int folder_open(int folder, const char *path, struct failure *failure);
/* Makes the folder and those above it that are missing, each durable, with MODE whatever the
 * umask. One that exists (or a link to one) is left as it is. */
bool folder_make(int folder, const char *path, mode_t mode, struct failure *failure);
/* Makes its entries durable (fsync). */
bool folder_sync(int fd, const char *what, struct failure *failure);

enum file_lock { FILE_LOCKED, FILE_LOCK_HELD, FILE_LOCK_FAILED };

/* Opens (making it, 0600) and locks a file by flock, at once or not at all; *fd is open when it
 * was LOCKED, and closing it unlocks. The file is never removed: that would free the name while
 * somebody holds it. */
enum file_lock file_lock(int folder, const char *path, int *fd, struct failure *failure);

#endif
