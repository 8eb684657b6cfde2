#include "engine/release.h"

#include "base/arena.h"
#include "base/list.h"
#include "engine/entry.h"
#include "engine/live.h"
#include "engine/locate.h"
#include "engine/tell.h"
#include "lang/value.h"
#include "store/state.h"

#include <string.h>

struct releases {
    struct run *run;
    struct list entries; /* of struct owed, in the order in which they run */
    size_t next;
    bool ok;
    bool well;
    release_ended *ended;
    void *context;
};

/* An entry and whose it is, by their full names. */
struct owed {
    const char *name, *step;
};

static void next_entry(void *context);

/* Is STEP's name an id (or id[item]) directly behind PREFIX? */
static bool directly_in(const char *step, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(step, prefix, length) == 0 && strchr(step + length, '/') == NULL;
}

static bool named(const char *step, const char *prefix, const struct value *ids)
{
    const char *id = step + strlen(prefix);
    size_t length = strcspn(id, "[#/");
    for (size_t i = 0; i < ids->list.count; i++) {
        struct text wanted = ids->list.at[i]->text;
        if (wanted.length == length && memcmp(wanted.at, id, length) == 0)
            return true;
    }
    return false;
}

/* Open obligations, last taken step first, the entries of one step in their order. PREFIX NULL:
 * all. */
static void collect(struct releases *releases, const char *prefix, const struct value *ids)
{
    struct run *run = releases->run;
    struct list open = {0};
    const struct state_obligation *owed;
    for (size_t i = 0; (owed = state_obligation(run->state, i)) != NULL; i++)
        if (owed->open && !owed->undo &&
            (prefix == NULL ||
             (directly_in(owed->step, prefix) && (ids == NULL || named(owed->step, prefix, ids)))))
            list_add(run->arena, &open, (void *)(uintptr_t)owed);
    for (size_t end = open.count; end > 0;) {
        size_t begin = end;
        const struct state_obligation *last = open.at[end - 1];
        while (begin > 0 &&
               strcmp(((const struct state_obligation *)open.at[begin - 1])->step, last->step) == 0)
            begin--;
        for (size_t i = begin; i < end; i++) {
            const struct state_obligation *entry = open.at[i];
            struct owed *kept = arena_alloc(run->arena, sizeof *kept);
            kept->name = arena_copy(run->arena, entry->entry, strlen(entry->entry));
            kept->step = arena_copy(run->arena, entry->step, strlen(entry->step));
            list_add(run->arena, &releases->entries, kept);
        }
        end = begin;
    }
}

static void entry_over(struct job *job)
{
    struct releases *releases = job->waiter;
    if (job->ending != ENDING_WELL) {
        releases->well = false;
        job->run->release_failed = true;
    }
    run_later(job->run, next_entry, releases);
}

static void begin_entry(struct releases *releases, const struct owed *owed)
{
    struct run *run = releases->run;
    const char *name = owed->name;
    struct located located;
    if (!locate(run->arena, run, name, &located)) {
        releases->well = false;
        run->release_failed = true;
        tell_note(run, name, "this release is not in the runbook any more; it stays owed");
        run_later(run, next_entry, releases);
        return;
    }
    const struct state_step *known = state_step(run->state, name);
    if (known != NULL && life_final(known->life))
        tell_again(run, name, "resume", true);
    struct job *job = entry_job(run, &located, located.step, name, owed->step);
    job->over = entry_over;
    job->waiter = releases;
    job->moment.ok = value_bool(releases->ok);
    run_later(run, job_enter, job);
}

static void next_entry(void *context)
{
    struct releases *releases = context;
    if (releases->next < releases->entries.count && !releases->run->cancelling)
        begin_entry(releases, releases->entries.at[releases->next++]);
    else
        releases->ended(releases->context, releases->well);
}

static void begin(struct run *run, const char *prefix, const struct value *ids, bool ok,
                  release_ended *ended, void *context)
{
    struct releases *releases = arena_alloc(run->arena, sizeof *releases);
    *releases =
        (struct releases){.run = run, .ok = ok, .well = true, .ended = ended, .context = context};
    collect(releases, prefix, ids);
    run_later(run, next_entry, releases);
}

void release_scope(struct run *run, const struct scope *scope, bool ok, release_ended *ended,
                   void *context)
{
    begin(run, scope->prefix, NULL, ok, ended, context);
}

void release_all(struct run *run, bool ok, release_ended *ended, void *context)
{
    begin(run, NULL, NULL, ok, ended, context);
}

void release_named(struct run *run, const struct scope *scope, const struct value *ids,
                   release_ended *ended, void *context)
{
    begin(run, scope->prefix, ids, true, ended, context);
}
