/* files: what the actions on files share: opening, copying, digests, keeping an old file, removing
 * trees. All of it runs in the pool (blocking.h). A function that was told to stop fails with
 * ECANCELED. */
#ifndef ACTIONS_FILES_H
#define ACTIONS_FILES_H

#include "actions/blocking.h"
#include "base/digest.h"

#include <dirent.h>
#include <sys/stat.h>

struct describing;
struct list;
struct problem;

#define FILES_TEXT_CAP ((size_t)16 << 20) /* the limit of a value */
#define FILES_NEW_MODE 0644u              /* of a file that is new, when nothing is said */

/* A describe for actions that take a path or two: `path`, `from`, `to`, `keep` and `dir` are names,
 * `mode` is a mode. */
bool files_describe(const struct describing *describing, const struct value *args,
                    struct deed *deed, struct problem *problem);

/* Opens a regular file for reading, never waiting for a pipe's other end; -1 on failure. *ABOUT is
 * its fstat. */
int files_open(const char *path, struct stat *about, struct failure *failure);
/* file_begin (sys/file.h) of the file at PATH: with the deed's `mode`, if it has one, else the old
 * file's, else NEW_MODE. A link is refused: what people mean is mostly the file behind it, and what
 * others put there may lead anywhere. */
struct file_aside;
bool files_begin(struct blocking *blocking, const char *path, mode_t new_mode,
                 struct file_aside *aside, struct failure *failure);
/* Copies all that is left of FROM to TO. */
bool files_pour(struct blocking *blocking, int from, int to, const char *what,
                struct failure *failure);
/* SHA-256 of a file as hex. */
bool files_digest(struct blocking *blocking, const char *path, char hex[DIGEST_TEXT],
                  struct failure *failure);

/* Saves the file at PATH, if there is one, as the deed's `keep`, if it has one: durable when this
 * returns, with its mode and owner; folders that are missing above it are made. Not when its digest
 * is ALREADY (or NULL): then what would be kept is no older one, and the kept one stays. */
bool files_keep(struct blocking *blocking, const char *path, const char *already,
                struct failure *failure);
/* The folder that PATH stands in. */
const char *files_above(struct arena *arena, const char *path);
/* Makes the entry of PATH in its folder durable. */
bool files_sync_entry(const char *path, struct failure *failure);

/* Adds the names in a folder that fit GLOB (NULL: all), sorted, without "." and "..", to NAMES,
 * which is empty; they are ARENA's. SHOWN is the folder's name for the failure. */
bool files_names(struct blocking *blocking, struct arena *arena, DIR *stream, const char *shown,
                 const char *glob, struct list *names, struct failure *failure);

/* Removes PATH with all in it (CONTENTS_ONLY: all in it), never following a link and never into
 * another file system, which is looked for before anything is removed. What is not there is no
 * failure. */
bool files_remove_tree(struct blocking *blocking, const char *path, bool contents_only,
                       struct failure *failure);

/* The same, whole and whether or not BLOCKING was told to stop: for what was made beside, and is
 * not wanted. */
void files_clear_away(struct blocking *blocking, const char *path);
/* Is it a folder with nothing in it? */
bool files_is_empty(const char *path);

/* Ended well; `path` is the input NAME as written. */
struct outcome files_done(struct blocking *blocking, const char *name);
/* Of settle: takes away what the attempt that was cut off left beside PATH, and beside `keep`. */
void files_sweep(struct blocking *blocking, const char *path);
/* Of settle: it was not done, or nobody can say. */
struct outcome files_not_done(struct blocking *blocking, const char *why, const char *path);
struct outcome files_cannot_say(struct blocking *blocking, const char *why, const char *path);

/* Of settle, for a file that is the old one or the new at every moment: done when the file of input
 * NAME has the digest WANTED. */
struct outcome files_prove_digest(struct blocking *blocking, const char *name, const char *wanted);

/* For `show`: " with mode 0644", " keeping the old one as x", where the deed has them. */
void files_show_mode(const struct deed *deed, struct buffer *into);
void files_show_keep(const struct deed *deed, struct buffer *into);

#endif
