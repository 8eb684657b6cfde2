/* RB402: what nothing takes back, and what a person would have to settle after a crash. One note a
 * runbook: who runs it wants to know it before, and not read it at each step. */
#include "plan/proof.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/allow.h"

#include <string.h>

/* So many are named. */
#define MAX_NAMES 8

/* Steps as written, each once, be it in several items. */
struct places {
    const struct plan_step *at[MAX_NAMES];
    struct map names; /* of all of them */
    size_t count;
};
struct returns {
    const struct proof *proof;
    const struct step *allowed;                /* the last that is accepted: told of once */
    struct places destroyed, stays, unsettled; /* the first two: what nothing takes back */
};

/* NAME without the items in it: "old[a]/gone" is old/gone. */
static const char *without_items(struct arena *arena, const char *name)
{
    char *plain = arena_copy(arena, name, strlen(name));
    size_t length = 0, depth = 0;
    for (const char *at = name; *at != '\0'; at++) {
        depth += *at == '[';
        if (depth == 0)
            plain[length++] = *at;
        depth -= *at == ']' && depth > 0;
    }
    plain[length] = '\0';
    return plain;
}

static void add(struct arena *arena, struct places *places, const struct plan_step *step)
{
    const struct plan_step *written = plan_written(step);
    if (!map_put(arena, &places->names, without_items(arena, written->name), places))
        return;
    if (places->count < MAX_NAMES)
        places->at[places->count] = written;
    places->count++;
}

/* Then it is told of by itself, with the reason. */
static bool is_allowed(struct returns *returns, const struct plan_step *step, bool unsettled)
{
    struct diagnostics *diagnostics = returns->proof->diagnostics;
    const struct plan_step *written = plan_written(step);
    const struct term *why = proof_allow(returns->proof, step, RB402);
    if (why == NULL || written->step == returns->allowed)
        return why != NULL;
    returns->allowed = written->step;
    allow_settle(diagnostics,
                 diagnostic_add(diagnostics, RB402, written->step->mark, NULL,
                                unsettled
                                    ? "cut off half-way, only a person can tell what became of %s"
                                    : "nothing takes back %s",
                                written->name),
                 why);
    return true;
}

static void look_at(void *context, struct plan_step *step)
{
    struct returns *returns = context;
    struct arena *arena = returns->proof->arena;
    bool stays = plan_stays(step) && step->when != 0 && step->irreversible == NULL;
    bool unsettled = plan_unsettled(step) && step->step->undo.count == 0;
    if ((!stays && !unsettled) || is_allowed(returns, step, unsettled))
        return;
    if (stays)
        add(arena, step->effect == EFFECT_DESTROY ? &returns->destroyed : &returns->stays, step);
    if (unsettled)
        add(arena, &returns->unsettled, step);
}

static void tell_names(const struct proof *proof, struct diagnostic *finding, const char *what,
                       const struct places *places)
{
    struct buffer line = {0};
    if (places->count == 0)
        return;
    buffer_format(&line, "%s: ", what);
    for (size_t i = 0; i < places->count && i < MAX_NAMES; i++)
        buffer_format(&line, "%s%s", i > 0 ? ", " : "", places->names.at[i].key);
    if (places->count > MAX_NAMES)
        buffer_format(&line, " and %zu more", places->count - MAX_NAMES);
    diagnostic_note(proof->diagnostics, finding, (struct mark){0}, "%s", line.at);
    buffer_free(&line);
}

static const char *changes(const struct proof *proof, size_t count)
{
    return arena_format(proof->arena, "%zu change%s", count, count == 1 ? "" : "s");
}

static const char *message(const struct proof *proof, const struct returns *returns)
{
    size_t staying = returns->destroyed.count + returns->stays.count;
    const char *unsettled = arena_format(
        proof->arena, "%s cut off half-way: only a person can tell what became of %s",
        changes(proof, returns->unsettled.count), returns->unsettled.count == 1 ? "it" : "them");
    const char *stays =
        arena_format(proof->arena, "%s that nothing takes back", changes(proof, staying));
    return staying == 0                    ? unsettled
           : returns->unsettled.count == 0 ? stays
                                           : arena_format(proof->arena, "%s; %s", stays, unsettled);
}

void prove_return(const struct proof *proof)
{
    struct returns returns = {.proof = proof};
    plan_visit(&proof->plan->steps, look_at, &returns);
    plan_visit(&proof->plan->on_failure, look_at, &returns);
    const struct places *kinds[] = {&returns.unsettled, &returns.destroyed, &returns.stays};
    const struct plan_step *first = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && first == NULL; i++)
        first = kinds[i]->count > 0 ? kinds[i]->at[0] : NULL;
    if (first == NULL)
        return;
    bool asks = returns.unsettled.count > 0;
    struct diagnostic *finding = diagnostic_add(
        proof->diagnostics, RB402, first->step->mark,
        asks ? "where it holds, give it `idempotent: true`, a `done_if` or a `verify`"
             : "give an `undo` where there is a way back; of the rest it is enough to know it",
        "%s", message(proof, &returns));
    tell_names(proof, finding, "destroyed without an undo", &returns.destroyed);
    tell_names(proof, finding, "nothing takes back", &returns.stays);
    tell_names(proof, finding, "a person would have to settle", &returns.unsettled);
}
