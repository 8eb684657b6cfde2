/* revision: two states of a git repository, as folders with the YAML files of each: of a commit a
 * private temporary one, of the work tree itself. */
#ifndef COMMANDS_REVISION_H
#define COMMANDS_REVISION_H

#include "base/list.h"
#include "sys/failure.h"

#include <stdbool.h>

struct arena;

struct revision {
    const char *name;   /* for people: "main", "1f3a9c2", "the work tree" */
    const char *commit; /* NULL: the work tree */
    const char *folder; /* absolute: where its files are */
    struct list files;  /* of const char: paths from the top, sorted */
};

struct revisions {
    struct revision old, new;
    const char *top;    /* of the work tree, absolute */
    struct list within; /* of const char: paths from the top that were asked for; "": all */
};

/* SPEC is `REF` (what the work tree changes since it left REF), `A..B`, or `A...B` (what B changes
 * since it left A). PATHS (of const char) are files and folders as seen from the current folder;
 * none: all. From here to revisions_close a signal that ends us waits, so that the temporary
 * folders are removed in any case. False with *failure; revisions_close is called all the same. */
bool revisions_open(struct arena *arena, const char *spec, const struct list *paths,
                    struct revisions *revisions, struct failure *failure);
void revisions_close(struct revisions *revisions);
/* Is the file, a path from the top, one of those asked for? */
bool revisions_within(const struct revisions *revisions, const char *file);

#endif
