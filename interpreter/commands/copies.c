#include "commands/copies.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/source.h"
#include "commands/session.h"
#include "lang/model.h"
#include "lang/value.h"
#include "lang/walk.h"
#include "lang/yaml.h"
#include "store/journal.h"
#include "store/state.h"
#include "sys/failure.h"

#include <stdlib.h>
#include <string.h>

/* ---- which files ---- */

struct file {
    const char *name; /* in the copy's folder */
    const struct source *source;
};

struct files {
    struct arena *arena;
    struct file *at;
    size_t count;
    struct list called; /* of struct runbook, the root first */
};

/* A walker's: adds each runbook that is called, once. */
static void add_called(const struct walker *walker, const struct use *use)
{
    struct files *files = walker->context;
    const struct argument *call = map_get(&use->arguments, "runbook");
    if (call == NULL || call->runbook == NULL)
        return;
    for (size_t i = 0; i < files->called.count; i++)
        if (files->called.at[i] == call->runbook)
            return;
    list_add(files->arena, &files->called, (void *)(uintptr_t)call->runbook);
}

static struct files find_files(struct session *session)
{
    struct arena *arena = session->invocation->arena;
    const struct runbook *runbook = session->loaded.runbook;
    struct files files = {.arena = arena};
    struct walker walker = {.use = add_called, .context = &files};
    list_add(arena, &files.called, (void *)(uintptr_t)runbook);
    for (size_t i = 0; i < files.called.count; i++)
        walk_runbook(&walker, files.called.at[i]);
    files.at =
        arena_alloc(arena, (files.called.count + runbook->libraries.count) * sizeof *files.at);
    for (size_t i = 0; i < files.called.count; i++)
        files.at[files.count++] =
            (struct file){arena_format(arena, "%zu.yaml", i),
                          ((const struct runbook *)files.called.at[i])->source};
    for (size_t i = 0; i < runbook->libraries.count; i++) {
        const struct library *library = runbook->libraries.at[i];
        files.at[files.count++] =
            (struct file){arena_format(arena, "library/%s.yaml", library->name), library->source};
    }
    return files;
}

/* ---- keeping ---- */

static const struct value *about(struct arena *arena, const char *folder, const struct file *file)
{
    char hex[DIGEST_TEXT];
    digest_text(source_text(file->source), hex);
    const struct member members[] = {
        {"path", value_string(arena, source_name(file->source))},
        {"copy", value_string(arena, arena_format(arena, "%s/%s", folder, file->name))},
        {"digest", value_string(arena, hex)},
    };
    return value_map(arena, members, sizeof members / sizeof *members);
}

static const char *folder_of(struct arena *arena, unsigned number)
{
    return arena_format(arena, "runbook/%u", number);
}

bool copies_keep(struct session *session, unsigned number, const struct value **copies)
{
    struct arena *arena = session->invocation->arena;
    struct files files = find_files(session);
    const char *folder = folder_of(arena, number);
    const struct value **at = arena_alloc(arena, files.count * sizeof *at);
    for (size_t i = 0; i < files.count; i++) {
        struct failure failure;
        const char *name = arena_format(arena, "%s/%s", folder, files.at[i].name);
        at[i] = about(arena, folder, &files.at[i]);
        if (journal_keep(session->journal, name, source_text(files.at[i].source), &failure) !=
            JOURNAL_OK) {
            say_error("runbook: error RB701: %s\n", failure.text);
            return false;
        }
    }
    *copies = value_list(arena, at, files.count);
    return true;
}

/* ---- comparing ---- */

unsigned copies_number(const struct session *session)
{
    const char *copy = state_run(session->state)->copy;
    const char *slash = copy ? strrchr(copy, '/') : NULL;
    return slash ? (unsigned)strtoul(slash + 1, NULL, 10) : 0;
}

static bool has_same(struct arena *arena, const struct value *copies, const struct value *file)
{
    for (size_t i = 0; i < copies->list.count; i++) {
        const struct value *copy = copies->list.at[i];
        if (value_equal(value_member(arena, copy, "copy"), value_member(arena, file, "copy")))
            return value_equal(value_member(arena, copy, "digest"),
                               value_member(arena, file, "digest"));
    }
    return false;
}

bool copies_same(struct session *session)
{
    struct arena *arena = session->invocation->arena;
    const struct value *copies = state_run(session->state)->copies;
    struct files files = find_files(session);
    const char *folder = folder_of(arena, copies_number(session));
    if (copies == NULL || copies->kind != VALUE_LIST || copies->list.count != files.count)
        return false;
    for (size_t i = 0; i < files.count; i++)
        if (!has_same(arena, copies, about(arena, folder, &files.at[i])))
            return false;
    return true;
}

/* ---- reading ---- */

struct loaded copies_load(struct session *session)
{
    struct arena *arena = session->invocation->arena;
    const struct state_run *run = state_run(session->state);
    const char *folder =
        arena_format(arena, "%s/%s", session_run_folder(session), run->copy ? run->copy : "");
    return load_copy(session->invocation, folder, run->file, run->folder);
}
