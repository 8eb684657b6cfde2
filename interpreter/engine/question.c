#include "engine/question.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/units.h"
#include "engine/live.h"
#include "engine/simulation.h"
#include "engine/tell.h"
#include "lang/people.h"
#include "lang/runbook.h"
#include "lang/type.h"
#include "lang/value.h"
#include "plan/approval.h"
#include "store/approvals.h"
#include "store/event.h"
#include "store/state.h"
#include "sys/loop.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct question {
    struct job *job;
    struct question_view view;
    const struct value *evidence;
    question_answered *answered;
    struct loop_timer limit; /* its `within` */
    bool yes;
    const char *reason;
    bool closed;
    struct question *next; /* the run's open ones */
};

/* ---- what is asked ---- */

static void add_json(struct buffer *into, const struct value *value)
{
    json_t *json = value_to_json(value);
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    buffer_text(into, text ? text : "null");
    buffer_text(into, "\n");
    free(text);
    json_decref(json);
}

static const char *digest_of(struct job *job, const struct question_view *view,
                             const struct value *inputs)
{
    struct buffer all = {0};
    char hex[DIGEST_TEXT];
    buffer_format(&all, "%s\n%s\n%s\n", step_digest(job->arena, job->step), view->ask,
                  view->type ? view->type : "");
    add_json(&all, inputs);
    add_json(&all, view->shown ? view->shown : &value_unset);
    if (view->by != NULL)
        add_json(&all, view->by);
    if (view->count > 1)
        buffer_format(&all, "%lld\n", (long long)view->count);
    digest_text(buffer_slice(&all), hex);
    buffer_free(&all);
    return arena_copy(job->arena, hex, sizeof hex - 1);
}

/* ---- who has answered ---- */

static const struct state_step *known_of(const struct question *question)
{
    return state_step(question->job->run->state, question->job->name);
}

static const char *names_given(const struct question *question)
{
    struct arena *arena = question->job->arena;
    const struct state_step *known = known_of(question);
    const struct state_answer *yes;
    const char *names = "";
    for (size_t i = 0; known && (yes = approvals_at(known, question->view.digest, i)) != NULL; i++)
        names = arena_format(arena, "%s%s%s", names, i > 0 ? ", " : "", yes->user);
    return names;
}

static int64_t still_wanted(const struct question *question)
{
    const struct state_step *known = known_of(question);
    int64_t given = known ? (int64_t)approvals_count(known, question->view.digest) : 0;
    return question->view.manual ? 0 : question->view.count - given;
}

static bool has_answered(const struct question *question, const struct person *person)
{
    const struct state_step *known = known_of(question);
    return known != NULL && !question->view.manual &&
           approvals_hold(known, question->view.digest, person_id(person));
}

static void look_again(struct question *question)
{
    const struct person *runner = &question->job->run->setup->person;
    question->view.given = names_given(question);
    question->view.here = people_have(question->view.by, runner) && !has_answered(question, runner);
}

/* ---- answering ---- */

static void deliver(void *context)
{
    struct question *question = context;
    if (question->closed)
        return;
    question->closed = true;
    question->answered(question->job, question->yes, question->reason);
}

static void take(struct question *question, bool yes, const char *reason)
{
    question->yes = yes;
    question->reason = reason;
    loop_timer_stop(&question->limit);
    struct question **at = &question->job->run->questions;
    while (*at != NULL && *at != question)
        at = &(*at)->next;
    if (*at != NULL)
        *at = question->next;
    run_later(question->job->run, deliver, question);
}

static void hide(struct question *question)
{
    const struct run_setup *setup = question->job->run->setup;
    if (setup->withdraw != NULL)
        setup->withdraw(setup->context, &question->view);
}

/* Does somebody see it? */
static bool show(struct question *question)
{
    const struct run_setup *setup = question->job->run->setup;
    look_again(question);
    return setup->ask != NULL && setup->ask(setup->context, &question->view);
}

void question_withdraw(struct question *question)
{
    if (question == NULL || question->closed)
        return;
    take(question, false, NULL);
    question->closed = true;
    hide(question);
}

static const char *refusal(struct arena *arena, const struct answer_given *given)
{
    return arena_format(arena, "refused by %s%s%s", given->person.user, given->reason ? ": " : "",
                        given->reason ? given->reason : "");
}

static enum answer_taken check_person(const struct question *question,
                                      const struct answer_given *given, struct arena *arena,
                                      const char **why)
{
    const struct question_view *view = &question->view;
    if (!people_have(view->by, &given->person)) {
        *why = people_refusal(arena, view->by, &given->person, view->step);
        return ANSWER_NOT_NAMED;
    }
    if (!given->yes || !has_answered(question, &given->person))
        return ANSWER_TAKEN;
    *why = arena_format(arena, "%s has said yes already; %lld more must", given->person.user,
                        (long long)still_wanted(question));
    return ANSWER_TWICE;
}

static enum answer_taken check_text(struct question *question, const struct answer_given *given,
                                    struct arena *arena, const char **why)
{
    const struct question_view *view = &question->view;
    if (!given->yes)
        return ANSWER_TAKEN;
    if (view->type != NULL && (given->text == NULL || strcmp(given->text, view->type) != 0)) {
        *why = arena_format(arena, "%s wants '%s' typed back", view->step, view->type);
        return ANSWER_NOT_TYPED;
    }
    if (view->evidence == NULL)
        return ANSWER_TAKEN;
    question->evidence = given->text == NULL ? NULL
                                             : value_read(question->job->arena, view->evidence,
                                                          text_of(given->text), true, why);
    if (question->evidence == NULL && given->text == NULL)
        *why = arena_format(arena, "%s wants a %s as evidence", view->step,
                            type_print(arena, view->evidence));
    return question->evidence != NULL ? ANSWER_TAKEN : ANSWER_NOT_EVIDENCE;
}

/* Is it decided with this? */
static bool tell_answer(struct question *question, const struct answer_given *given)
{
    struct job *job = question->job;
    tell_answered(job, &question->view, given, question->evidence);
    if (given->yes && still_wanted(question) > 0)
        return false;
    take(question, given->yes, refusal(job->arena, given));
    return true;
}

static enum answer_taken answer_question(struct question *question,
                                         const struct answer_given *given, struct arena *arena,
                                         const char **why)
{
    enum answer_taken taken = check_person(question, given, arena, why);
    if (taken == ANSWER_TAKEN)
        taken = check_text(question, given, arena, why);
    if (taken != ANSWER_TAKEN)
        return taken;
    bool decided = tell_answer(question, given);
    hide(question);
    *why = NULL;
    if (decided)
        return ANSWER_TAKEN;
    *why = arena_format(arena, "%lld more must say yes", (long long)still_wanted(question));
    (void)show(question);
    return ANSWER_TAKEN;
}

enum answer_taken run_answer(struct run *run, const struct answer_given *given, struct arena *arena,
                             const char **why)
{
    for (struct question *question = run->questions; question != NULL; question = question->next)
        if (strcmp(question->view.step, given->step) == 0)
            return answer_question(question, given, arena, why);
    *why = "nothing is asked there now";
    return ANSWER_NOT_ASKED;
}

/* ---- asking ---- */

static bool approved_ahead(const struct job *job, const struct question_view *view)
{
    const struct run_options *options = &job->run->setup->options;
    for (const char *const *name = options->approve; name != NULL && *name != NULL; name++)
        if (strcmp(*name, job->name) == 0 ||
            (job->loop != NULL && strcmp(*name, job->loop->name) == 0))
            return true;
    return options->yes && view->type == NULL;
}

/* Answers that were given to just this before count: a yes to an approval always, when as many said
 * it as must; what was written while nobody attended the run, once. */
static bool answered_before(struct question *question)
{
    struct job *job = question->job;
    const struct question_view *view = &question->view;
    const struct state_step *known = state_step(job->run->state, job->name);
    const struct state_answer *before = known ? state_answer(known, view->digest) : NULL;
    bool waited = before != NULL && before == job->given && view->evidence == NULL;
    bool enough = before != NULL && before->yes && !view->manual && still_wanted(question) <= 0;
    if (!waited && !enough)
        return false;
    job->given = NULL;
    if (!before->yes)
        tell_asked(job, view); /* it is used up: a later resume asks anew */
    struct answer_given given = {.person = {.user = before->user}, .reason = before->reason};
    take(question, before->yes, refusal(job->arena, &given));
    return true;
}

/* Not by `by` and `count`: they want people, each for themselves. */
static bool take_ahead(struct question *question)
{
    struct job *job = question->job;
    const struct question_view *view = &question->view;
    if (view->manual || !approved_ahead(job, view))
        return false;
    if (job->step->approve->by != NULL || job->step->approve->count != NULL) {
        tell_note(job->run, job->name,
                  "--approve and --yes count for nothing here: its `by` or `count` wants people");
        return false;
    }
    struct answer_given given = {.step = job->name, .yes = true, .text = view->type};
    given.person = job->run->setup->person;
    given.person.where = "option";
    tell_asked(job, view);
    (void)tell_answer(question, &given);
    return true;
}

/* In a simulation somebody is there, and what they would tell is not known. */
static bool take_simulated(struct question *question)
{
    struct job *job = question->job;
    const struct simulation *simulation = simulation_of(job->run);
    const struct question_view *view = &question->view;
    if (simulation == NULL)
        return false;
    bool yes = simulation->agrees(simulation->context, view);
    tell_asked(job, view);
    if (view->evidence != NULL)
        question->evidence =
            value_unknown(job->arena, arena_format(job->arena, "steps.%s.evidence", job->step->id));
    struct answer_given given = {.step = job->name, .yes = yes, .person = job->run->setup->person};
    given.person.where = "simulation";
    tell_answered(job, view, &given, yes ? question->evidence : NULL);
    take(question, yes, yes ? NULL : "refused");
    return true;
}

static void leave(void *context)
{
    struct question *question = context;
    if (!question->closed)
        job_over(question->job, ENDING_OPEN);
}

/* The step is left as it is, wherever it stands: what is stopped already would not wake it. */
static void give_up(struct question *question, const char *why)
{
    struct job *job = question->job;
    run_needs_person(job->run, arena_format(job->arena, "%s %s", job->name, why));
    run_later(job->run, leave, question);
}

static void not_within(void *context)
{
    struct question *question = context;
    give_up(question, arena_format(question->job->arena, "was not answered within %s",
                                   duration_print(question->job->arena, question->view.within)));
}

/* One is asked at a time of the items of a loop; elsewhere each when its turn has come. */
static struct question *pose(struct job *job, const struct question_view *view,
                             question_answered *answered)
{
    struct run *run = job->run;
    struct question *question = arena_alloc(job->arena, sizeof *question);
    *question = (struct question){.job = job, .view = *view, .answered = answered};
    if (answered_before(question) || take_simulated(question) || take_ahead(question))
        return question;
    tell_asked(job, &question->view);
    question->next = run->questions;
    run->questions = question;
    bool seen = run->parent == NULL && show(question);
    if (run->parent == NULL && view->within > 0)
        loop_timer_start(run_loop(run), &question->limit, view->within, not_within, question);
    else if (!seen)
        give_up(question, "waits for a person");
    return question;
}

struct question *question_approve(struct job *job, question_answered *answered,
                                  struct problem *problem)
{
    const struct moment *moment = &job->moment;
    const struct approval *approval =
        approval_bind(job->arena, job->step->approve, moment, problem);
    const struct value *inputs = bind_arguments(job->arena, &job->step->use, moment, problem);
    if (approval == NULL || inputs == NULL)
        return NULL;
    struct question_view view = {
        .step = job->name,
        .ask = approval->ask != NULL ? approval->ask->text.at : "",
        .type = approval->type != NULL ? approval->type->text.at : NULL,
        .shown = approval->show,
        .by = approval->by,
        .count = approval->count,
        .within = approval->within,
    };
    view.digest = digest_of(job, &view, inputs);
    return pose(job, &view, answered);
}

struct question *question_manual(struct job *job, question_answered *answered)
{
    const struct value *inputs = job->deed->inputs;
    const struct value *what = value_member(job->arena, inputs, "do");
    const struct value *show = value_member(job->arena, inputs, "show");
    const struct type *evidence = type_member(job->step->result, "evidence");
    struct question_view view = {
        .step = job->name,
        .ask = what->kind == VALUE_TEXT || what->kind == VALUE_UNKNOWN ? what->text.at : "",
        .shown = show->kind == VALUE_LIST ? show : NULL,
        .count = 1,
        .manual = true,
        .evidence = evidence,
    };
    view.digest = digest_of(job, &view, inputs);
    const struct state_step *known = state_step(job->run->state, job->name);
    const struct value *given = known && known->outputs
                                    ? value_member(job->arena, known->outputs, "evidence")
                                    : &value_unset;
    if (given->kind == VALUE_UNSET)
        return pose(job, &view, answered);
    struct question *question = arena_alloc(job->arena, sizeof *question);
    *question =
        (struct question){.job = job, .view = view, .answered = answered, .evidence = given};
    take(question, true, NULL); /* `resume --output STEP.evidence=…` */
    return question;
}

const struct value *question_evidence(const struct question *question)
{
    return question->evidence;
}
