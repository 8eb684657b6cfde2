#include "commands/choose.h"

#include "base/arena.h"
#include "base/graph.h"
#include "commands/options.h"
#include "commands/session.h"
#include "lang/model.h"
#include "lang/type.h"
#include "lang/value.h"
#include "plan/plan.h"
#include "plan/prove.h"
#include "store/event.h"
#include "store/name.h"
#include "store/state.h"

#include <string.h>

/* ---- names ---- */

static int unknown_step(struct session *session, const struct option *option, const char *name)
{
    load_no_step(session->invocation, &session->loaded, "runbook", option, name);
    return EXIT_USAGE;
}

static const struct step *find_step(struct session *session, const char *name)
{
    return map_get(&session->loaded.runbook->steps->by_id, name);
}

static int check_names(struct session *session, const struct option *option, bool reason)
{
    for (const char *const *at = option_values(session->invocation, option); *at; at++) {
        const char *equals = reason ? strchr(*at, '=') : NULL;
        if (reason && (equals == NULL || equals[1] == '\0')) {
            say_error("runbook: error RB601: --%s wants %s, not '%s'\n"
                      "  = remedy: say why: it is written to the record\n",
                      option->name, option->value, *at);
            return EXIT_USAGE;
        }
        const char *name =
            equals ? arena_copy(session->invocation->arena, *at, (size_t)(equals - *at)) : *at;
        if (find_step(session, name) == NULL)
            return unknown_step(session, option, name);
    }
    return 0;
}

/* ---- --output STEP.NAME=VALUE ---- */

struct given_output {
    const char *step, *name;
    const struct value *value;
};

static int bad_output(const char *text, const char *why)
{
    say_error("runbook: error RB601: --output %s: %s\n  = remedy: write it as STEP.NAME=VALUE\n",
              text, why);
    return EXIT_USAGE;
}

static int read_output(struct session *session, const char *text, struct given_output *output)
{
    struct arena *arena = session->invocation->arena;
    const char *equals = strchr(text, '=');
    const char *dot = equals ? memchr(text, '.', (size_t)(equals - text)) : NULL;
    if (dot == NULL)
        return bad_output(text, "STEP.NAME is missing");
    const char *base = arena_copy(arena, text, strcspn(text, ".[#/"));
    output->step = arena_copy(arena, text, (size_t)(dot - text));
    output->name = arena_copy(arena, dot + 1, (size_t)(equals - dot - 1));
    const struct step *step = find_step(session, base);
    if (step == NULL)
        return unknown_step(session, &option_output, base);
    const struct type *type = step->type ? type_member(step->type, output->name) : NULL;
    if (type == NULL)
        return bad_output(text, arena_format(arena, "%s has no output '%s'", base, output->name));
    const char *problem = NULL;
    output->value =
        value_read(arena, type_optional(arena, type, false), text_of(equals + 1), true, &problem);
    return output->value != NULL ? 0 : bad_output(text, problem);
}

static int check_outputs(struct session *session)
{
    for (const char *const *at = option_values(session->invocation, &option_output); *at; at++) {
        struct given_output output;
        int failed = read_output(session, *at, &output);
        if (failed != 0)
            return failed;
    }
    return 0;
}

int choose_read(struct session *session)
{
    int failed = check_names(session, &option_from, false);
    if (failed == 0)
        failed = check_names(session, &option_only, false);
    if (failed == 0)
        failed = check_names(session, &option_skip, true);
    if (failed == 0)
        failed = check_names(session, &option_until, false);
    return failed != 0 ? failed : check_outputs(session);
}

/* ---- telling ---- */

static bool tell_left_out(struct session *session, const struct step *step, const char *reason)
{
    if (state_life(session->state, step->id) != LIFE_WAITING)
        return true; /* it was begun: only what waits can be left out */
    struct event event = event_of(EVENT_SKIPPED, step->id, session_now());
    event_set_text(&event, FIELD_REASON, "operator");
    event_set_text(&event, FIELD_MESSAGE, reason);
    event_set_text(&event, FIELD_TITLE, step->id);
    return session_tell(session, &event);
}

static bool named(const char *const *names, const char *id)
{
    for (; *names != NULL; names++)
        if (strcmp(*names, id) == 0)
            return true;
    return false;
}

static const char *skip_reason(struct session *session, const char *id)
{
    size_t length = strlen(id);
    for (const char *const *at = option_values(session->invocation, &option_skip); *at; at++)
        if (strncmp(*at, id, length) == 0 && (*at)[length] == '=')
            return *at + length + 1;
    return NULL;
}

/* Why the operator leaves STEP out, or NULL. */
static const char *left_out(struct session *session, const struct step *step, bool resumed)
{
    const struct invocation *invocation = session->invocation;
    const char *from = option_value(invocation, &option_from);
    const char *const *only = option_values(invocation, &option_only);
    const char *reason = skip_reason(session, step->id);
    if (reason != NULL)
        return reason;
    if (only[0] != NULL && !named(only, step->id))
        return arena_format(invocation->arena, "--only %s", only[0]);
    if (from == NULL || resumed || strcmp(from, step->id) == 0)
        return NULL;
    const struct step *first = find_step(session, from);
    return graph_before(step->home->graph, first->index, step->index)
               ? NULL
               : arena_format(invocation->arena, "--from %s", from);
}

/* ---- what it leaves ---- */

/* What was left out before, and stays so. */
static const char *left_out_before(struct session *session, const struct step *step)
{
    const struct state_step *known = session->state ? state_step(session->state, step->id) : NULL;
    return known != NULL && known->left_out ? known->message : NULL;
}

static bool has_begun(struct session *session, const struct step *step)
{
    return session->state != NULL && state_life(session->state, step->id) != LIFE_WAITING;
}

static void add_given(struct session *session, struct plan_part *part,
                      const struct given_output *output)
{
    struct arena *arena = session->invocation->arena;
    const struct value *before = map_get(&part->given, output->step);
    size_t count = before ? before->map.count : 0;
    struct member *members = arena_alloc(arena, (count + 1) * sizeof *members);
    if (count > 0)
        memcpy(members, before->map.at, count * sizeof *members);
    members[count++] = (struct member){output->name, output->value};
    const struct value *now = value_map(arena, members, count);
    if (before == NULL)
        map_put(arena, &part->given, output->step, (void *)(uintptr_t)now);
    else
        *(struct value *)(uintptr_t)before = *now;
}

static void find_given(struct session *session, struct plan_part *part)
{
    struct arena *arena = session->invocation->arena;
    const struct state_step *known;
    for (size_t i = 0; session->state && (known = state_at(session->state, i)) != NULL; i++)
        if (known->left_out && known->outputs != NULL)
            map_put(arena, &part->given, known->name,
                    (void *)(uintptr_t)value_copy(arena, known->outputs));
    for (const char *const *at = option_values(session->invocation, &option_output); *at; at++) {
        struct given_output output;
        if (read_output(session, *at, &output) == 0)
            add_given(session, part, &output);
    }
}

static bool find_part(struct session *session, bool resumed, struct plan_part *part)
{
    const struct steps *steps = session->loaded.runbook->steps;
    *part = (struct plan_part){0};
    for (size_t i = 0; i < steps->order.count; i++) {
        const struct step *step = steps->order.at[i];
        const char *why = left_out_before(session, step);
        if (why == NULL && !has_begun(session, step))
            why = left_out(session, step, resumed);
        if (why != NULL)
            map_put(session->invocation->arena, &part->left_out, step->id, (void *)(uintptr_t)why);
    }
    find_given(session, part);
    return part->left_out.count > 0;
}

const struct plan *choose_plan(struct session *session, const struct plan *whole, bool resumed)
{
    struct loaded *loaded = &session->loaded;
    struct diagnostics findings = {.arena = session->invocation->arena};
    struct plan_part part;
    if (!find_part(session, resumed, &part))
        return whole;
    struct loaded again = *loaded;
    again.diagnostics = &findings;
    const struct plan *plan =
        plan_make_part(findings.arena, loaded->runbook, loaded->params, &part, &findings);
    if (plan != NULL)
        plan_prove(plan, &findings);
    if (!load_report(session->invocation, &again, SEVERITY_ERROR) && plan != NULL)
        return plan;
    say_error("runbook %s: error RB708: with what is left out it can't be run\n"
              "  = remedy: leave less out; a value that is missing is given by --output "
              "STEP.NAME=VALUE\n",
              session->invocation->command->name);
    return NULL;
}

/* STEP and all inside it wait again. */
static bool tell_again(struct session *session, const struct step *step)
{
    const struct state_step *known;
    for (size_t i = 0; (known = state_at(session->state, i)) != NULL; i++) {
        bool its = strcmp(known->name, step->id) == 0 || name_inside(known->name, step->id);
        if (!its || known->life == LIFE_WAITING || name_in_entry(known->name))
            continue;
        struct event event = event_of(EVENT_AGAIN, known->name, session_now());
        event_set_text(&event, FIELD_REASON, "operator");
        event_set_truth(&event, FIELD_FRESH, true);
        if (!session_tell(session, &event))
            return false;
    }
    return true;
}

static bool tell_from(struct session *session)
{
    const char *from = option_value(session->invocation, &option_from);
    const struct steps *steps = session->loaded.runbook->steps;
    const struct step *first = from ? find_step(session, from) : NULL;
    for (size_t i = 0; first != NULL && i < steps->order.count; i++) {
        const struct step *step = steps->order.at[i];
        if (step != first && !graph_before(steps->graph, first->index, step->index))
            continue;
        const struct state_step *known = state_step(session->state, step->id);
        if (known != NULL && known->life == LIFE_DONE && known->outputs != NULL &&
            known->outputs->map.count > 0)
            say_error("runbook resume: %s runs again: what it had captured is taken anew\n",
                      step->id);
        if (!tell_again(session, step))
            return false;
    }
    return true;
}

static bool tell_outputs(struct session *session)
{
    struct person person = person_self(session->invocation->arena, "option");
    for (const char *const *at = option_values(session->invocation, &option_output); *at; at++) {
        struct given_output output;
        if (read_output(session, *at, &output) != 0)
            return false;
        struct event event = event_of(EVENT_PERSON_OUTPUT, output.step, session_now());
        event_set_text(&event, FIELD_NAME, output.name);
        event_set_value(&event, FIELD_VALUE, output.value);
        event_set_person(&event, &person);
        if (!session_tell(session, &event))
            return false;
    }
    return true;
}

bool choose_tell(struct session *session, bool resumed)
{
    const struct steps *steps = session->loaded.runbook->steps;
    if (resumed && !tell_from(session))
        return false;
    for (size_t i = 0; i < steps->order.count; i++) {
        const struct step *step = steps->order.at[i];
        const char *why = left_out(session, step, resumed);
        if (why != NULL && !tell_left_out(session, step, why))
            return false;
    }
    return tell_outputs(session);
}
