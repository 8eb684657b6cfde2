#include "commands/check_format.h"

#include "base/arena.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What tells a finding from every other. */
static const char *key_of(struct arena *arena, const struct diagnostic *finding)
{
    struct mark mark = finding->mark;
    return arena_format(arena, "%d:%u:%s:%s", (int)finding->code, mark.start,
                        mark.source ? source_name(mark.source) : "", finding->message);
}

void check_each(const struct checked *checked, bool suppressed, check_found *found, void *context)
{
    struct map told = {0};
    for (size_t i = 0; i < checked->files.count; i++) {
        const struct checked_file *file = checked->files.at[i];
        const struct list *list = suppressed ? &file->found->suppressed : &file->found->list;
        for (size_t j = 0; j < list->count; j++)
            if (map_put(checked->arena, &told, key_of(checked->arena, list->at[j]), &told))
                found(context, file, list->at[j]);
    }
}

const char *check_path(struct arena *arena, const char *name)
{
    char real[PATH_MAX];
    char here[PATH_MAX];
    if (realpath(name, real) == NULL || getcwd(here, sizeof here) == NULL)
        return name;
    size_t length = strcmp(here, "/") == 0 ? 0 : strlen(here);
    if (strncmp(real, here, length) == 0 && real[length] == '/')
        return arena_copy(arena, real + length + 1, strlen(real + length + 1));
    return arena_copy(arena, real, strlen(real));
}
