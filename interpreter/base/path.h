/* path: the two halves of a path, as text alone: nothing is looked up. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

struct arena;

/* What stands behind the last '/': a slice of PATH, "" where it ends with one. */
const char *path_name(const char *path);
/* What stands before it, in ARENA; "." where there is none. */
const char *path_folder(struct arena *arena, const char *path);

#endif
