#include "commands/changes.h"

#include "base/arena.h"
#include "commands/copies.h"
#include "commands/options.h"
#include "commands/session.h"
#include "lang/model.h"
#include "lang/runbook.h"
#include "plan/plan.h"
#include "store/state.h"

#include <string.h>

struct changes {
    struct session *session;
    struct buffer lines;
};

static void add_line(struct changes *changes, const char *word, const char *id, const char *more)
{
    buffer_format(&changes->lines, "  %-8s %s%s\n", word, id, more);
}

static const char *standing(const struct changes *changes, const char *id)
{
    switch (state_life(changes->session->state, id)) {
    case LIFE_DONE:
        return ", which is done and stays done";
    case LIFE_SKIPPED:
        return ", which was skipped and stays so";
    case LIFE_RUNNING:
    case LIFE_VERIFYING:
    case LIFE_UNKNOWN:
        return ", which has begun as it was";
    case LIFE_WAITING:
    case LIFE_ASKING:
    case LIFE_FAILED:
    case LIFE_CANCELLED:
    case LIFE_UNDONE:
    case LIFE_BLOCKED:
    case LIFE_COUNT:
        break;
    }
    return "";
}

/* Steps are compared by name and content: a renamed one is removed and added. */
static void compare(struct changes *changes, const struct steps *before, const struct steps *now)
{
    struct arena *arena = changes->session->invocation->arena;
    for (size_t i = 0; now != NULL && i < now->order.count; i++) {
        const struct step *step = now->order.at[i];
        const struct step *old = before ? map_get(&before->by_id, step->id) : NULL;
        if (old == NULL)
            add_line(changes, "new", step->id, "");
        else if (strcmp(step_digest(arena, old), step_digest(arena, step)) != 0)
            add_line(changes, "changed", step->id, standing(changes, step->id));
    }
    for (size_t i = 0; before != NULL && i < before->order.count; i++) {
        const struct step *old = before->order.at[i];
        if (now == NULL || map_get(&now->by_id, old->id) == NULL)
            add_line(changes, "gone", old->id, standing(changes, old->id));
    }
}

static void find_changes(struct changes *changes)
{
    const struct runbook *now = changes->session->loaded.runbook;
    const struct loaded copy = copies_load(changes->session);
    if (copy.runbook == NULL) {
        add_line(changes, "unknown", "which: the copy in the record can't be read", "");
        return;
    }
    compare(changes, copy.runbook->steps, now->steps);
    compare(changes, copy.runbook->on_failure, now->on_failure);
    if (changes->lines.length == 0)
        add_line(changes, "changed", "what stands around the steps",
                 " (target, preconditions, params, defaults), or what they call");
}

int changes_allow(struct session *session, const struct plan *plan)
{
    struct changes changes = {.session = session};
    const char *before = state_run(session->state)->plan;
    if (strcmp(before, plan_digest(session->invocation->arena, plan)) == 0)
        return 0;
    bool accepted = option_value(session->invocation, &option_accept_changes) != NULL;
    find_changes(&changes);
    say_error("runbook %s: %s: the runbook is not what it was when %s began:\n%s",
              session->invocation->command->name, accepted ? "accepted" : "error RB705",
              session->id, changes.lines.at ? changes.lines.at : "");
    if (!accepted)
        say_error("  = remedy: put it back as it was, or go on with what it is now: "
                  "--accept-changes\n");
    buffer_free(&changes.lines);
    return accepted ? 0 : EXIT_STOPPED;
}
