#include "commands/sources.h"

#include "base/arena.h"
#include "base/list.h"
#include "lang/model.h"
#include "lang/walk.h"

struct called {
    struct arena *arena;
    struct list runbooks; /* of struct runbook, the root first */
};

/* A walker's: adds each runbook that is called, once. */
static void add_called(const struct walker *walker, const struct use *use)
{
    struct called *called = walker->context;
    const struct argument *call = map_get(&use->arguments, "runbook");
    if (call == NULL || call->runbook == NULL)
        return;
    for (size_t i = 0; i < called->runbooks.count; i++)
        if (called->runbooks.at[i] == call->runbook)
            return;
    list_add(called->arena, &called->runbooks, (void *)(uintptr_t)call->runbook);
}

static void add_file(struct arena *arena, struct list *files, struct source_file file)
{
    struct source_file *kept = arena_alloc(arena, sizeof *kept);
    *kept = file;
    list_add(arena, files, kept);
}

void sources_find(struct arena *arena, const struct runbook *runbook, struct list *files)
{
    struct called called = {.arena = arena};
    struct walker walker = {.use = add_called, .context = &called};
    list_add(arena, &called.runbooks, (void *)(uintptr_t)runbook);
    for (size_t i = 0; i < called.runbooks.count; i++)
        walk_runbook(&walker, called.runbooks.at[i]);
    for (size_t i = 0; i < called.runbooks.count; i++) {
        const struct runbook *one = called.runbooks.at[i];
        const char *what = i == 0 ? "runbook" : arena_format(arena, "called runbook %s", one->file);
        add_file(arena, files,
                 (struct source_file){arena_format(arena, "%zu.yaml", i), what, one->source});
    }
    for (size_t i = 0; i < runbook->libraries.count; i++) {
        const struct library *library = runbook->libraries.at[i];
        add_file(arena, files,
                 (struct source_file){arena_format(arena, "library/%s.yaml", library->name),
                                      arena_format(arena, "library %s", library->name),
                                      library->source});
    }
}
