#include "commands/copies.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/source.h"
#include "commands/session.h"
#include "commands/sources.h"
#include "lang/model.h"
#include "lang/value.h"
#include "lang/yaml.h"
#include "store/journal.h"
#include "store/state.h"
#include "sys/failure.h"

#include <stdlib.h>
#include <string.h>

/* ---- keeping ---- */

static struct list find_files(const struct session *session)
{
    struct list files = {0};
    sources_find(session->invocation->arena, session->loaded.runbook, &files);
    return files;
}

static const struct value *about(struct arena *arena, const char *folder,
                                 const struct source_file *file)
{
    char hex[DIGEST_TEXT];
    digest_text(source_text(file->source), hex);
    const struct member members[] = {
        {"path", value_string(arena, source_name(file->source))},
        {"copy", value_string(arena, arena_format(arena, "%s/%s", folder, file->copy))},
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
    struct list files = find_files(session);
    const char *folder = folder_of(arena, number);
    const struct value **at = arena_alloc(arena, files.count * sizeof *at);
    for (size_t i = 0; i < files.count; i++) {
        struct failure failure;
        const struct source_file *file = files.at[i];
        const char *name = arena_format(arena, "%s/%s", folder, file->copy);
        at[i] = about(arena, folder, file);
        if (journal_keep(session->journal, name, source_text(file->source), &failure) !=
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
    struct list files = find_files(session);
    const char *folder = folder_of(arena, copies_number(session));
    if (copies == NULL || copies->kind != VALUE_LIST || copies->list.count != files.count)
        return false;
    for (size_t i = 0; i < files.count; i++)
        if (!has_same(arena, copies, about(arena, folder, files.at[i])))
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
