#include "commands/check_idle.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/check_format.h"
#include "commands/load.h"
#include "lang/model.h"
#include "lang/yaml.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* The names in FOLDER that end with .yaml, sorted: struct list of char. */
static void list_yaml(struct arena *arena, const char *folder, struct list *into)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        const char *dot = strrchr(name, '.');
        if (dot != NULL && strcmp(dot, ".yaml") == 0)
            list_add(arena, into, arena_copy(arena, name, strlen(name)));
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static bool was_checked(const struct list *checked, const char *path)
{
    for (size_t i = 0; i < checked->count; i++)
        if (strcmp(((const struct loaded *)checked->at[i])->path, path) == 0)
            return true;
    return false;
}

/* Was each runbook of FOLDER checked, and read? */
static bool knows_all(struct arena *arena, const struct list *checked, const char *folder)
{
    struct list names = {0};
    list_yaml(arena, folder, &names);
    for (size_t i = 0; i < names.count; i++) {
        const char *path = arena_format(arena, "%s/%s", folder, (const char *)names.at[i]);
        bool runbook = load_begins(path, "runbook") || load_begins(path, "monitor");
        if (runbook && !was_checked(checked, path))
            return false;
    }
    return true;
}

static bool is_used(const struct list *checked, const char *folder, const char *name)
{
    for (size_t i = 0; i < checked->count; i++) {
        const struct loaded *loaded = checked->at[i];
        const struct list *libraries = &loaded->runbook->libraries;
        for (size_t j = 0; j < libraries->count && strcmp(loaded->folder, folder) == 0; j++)
            if (strcmp(((const struct library *)libraries->at[j])->name, name) == 0)
                return true;
    }
    return false;
}

/* As people named the runbooks beside it. */
static const char *shown(struct arena *arena, const struct loaded *beside, const char *name)
{
    const char *slash = strrchr(beside->file, '/');
    return arena_format(arena, "%.*slibrary/%s", slash ? (int)(slash - beside->file) + 1 : 0,
                        beside->file, name);
}

static void report(struct invocation *invocation, const char *file, struct list *files)
{
    struct loaded loaded;
    const struct library *library = load_library(invocation, file, &loaded);
    struct checked_file *known = NULL;
    if (library == NULL)
        return; /* it has faults of its own, which are told when it is used or checked */
    for (size_t i = 0; i < files->count && known == NULL; i++)
        if (strcmp(((const struct checked_file *)files->at[i])->name, file) == 0)
            known = files->at[i];
    if (known == NULL) {
        struct diagnostics *found = arena_alloc(invocation->arena, sizeof *found);
        found->arena = invocation->arena;
        known = arena_alloc(invocation->arena, sizeof *known);
        *known = (struct checked_file){file, found};
        list_add(invocation->arena, files, known);
    }
    diagnostic_add((struct diagnostics *)(uintptr_t)known->found, RB106, library->node->mark,
                   "take it out, or use it", "no runbook of this folder uses the library '%s'",
                   library->name);
}

static void look_at(struct invocation *invocation, const struct list *checked,
                    const struct loaded *beside, struct list *files)
{
    struct arena *arena = invocation->arena;
    struct list names = {0};
    list_yaml(arena, arena_format(arena, "%s/library", beside->folder), &names);
    if (names.count == 0 || !knows_all(arena, checked, beside->folder))
        return;
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.at[i];
        const char *bare = arena_copy(arena, name, strlen(name) - strlen(".yaml"));
        if (strcmp(name, "traps.yaml") != 0 && !is_used(checked, beside->folder, bare))
            report(invocation, shown(arena, beside, name), files);
    }
}

void check_idle(struct invocation *invocation, const struct list *checked, struct list *files)
{
    struct map seen = {0};
    for (size_t i = 0; i < checked->count; i++) {
        const struct loaded *loaded = checked->at[i];
        if (map_put(invocation->arena, &seen, loaded->folder, &seen))
            look_at(invocation, checked, loaded, files);
    }
}
