#include "engine/question.h"

#include "base/arena.h"
#include "base/digest.h"
#include "engine/live.h"
#include "engine/tell.h"
#include "lang/runbook.h"
#include "lang/type.h"
#include "lang/value.h"
#include "store/event.h"
#include "store/state.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct question {
    struct job *job;
    struct question_view view;
    const struct value *evidence;
    question_answered *answered;
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
    digest_text(buffer_slice(&all), hex);
    buffer_free(&all);
    return arena_copy(job->arena, hex, sizeof hex - 1);
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
    struct question **at = &question->job->run->questions;
    while (*at != NULL && *at != question)
        at = &(*at)->next;
    if (*at != NULL)
        *at = question->next;
    run_later(question->job->run, deliver, question);
}

void question_withdraw(struct question *question)
{
    if (question == NULL || question->closed)
        return;
    const struct run_setup *setup = question->job->run->setup;
    take(question, false, NULL);
    question->closed = true;
    if (setup->withdraw != NULL)
        setup->withdraw(setup->context, &question->view);
}

static const char *refusal(struct arena *arena, const struct answer_given *given)
{
    return arena_format(arena, "refused by %s%s%s", given->person.user, given->reason ? ": " : "",
                        given->reason ? given->reason : "");
}

static enum answer_taken check_text(struct question *question, const struct answer_given *given,
                                    const char **why)
{
    const struct question_view *view = &question->view;
    if (!given->yes)
        return ANSWER_TAKEN;
    if (view->type != NULL && (given->text == NULL || strcmp(given->text, view->type) != 0)) {
        *why =
            arena_format(question->job->arena, "%s wants '%s' typed back", view->step, view->type);
        return ANSWER_NOT_TYPED;
    }
    if (view->evidence == NULL)
        return ANSWER_TAKEN;
    question->evidence = given->text == NULL ? NULL
                                             : value_read(question->job->arena, view->evidence,
                                                          text_of(given->text), true, why);
    if (question->evidence == NULL && given->text == NULL)
        *why = arena_format(question->job->arena, "%s wants a %s as evidence", view->step,
                            type_print(question->job->arena, view->evidence));
    return question->evidence != NULL ? ANSWER_TAKEN : ANSWER_NOT_EVIDENCE;
}

static void tell_answer(struct question *question, const struct answer_given *given)
{
    struct job *job = question->job;
    tell_answered(job, &question->view, given, question->evidence);
    take(question, given->yes, refusal(job->arena, given));
}

enum answer_taken run_answer(struct run *run, const struct answer_given *given, const char **why)
{
    for (struct question *question = run->questions; question != NULL; question = question->next) {
        if (strcmp(question->view.step, given->step) != 0)
            continue;
        enum answer_taken taken = check_text(question, given, why);
        if (taken == ANSWER_TAKEN) {
            tell_answer(question, given);
            if (run->setup->withdraw != NULL)
                run->setup->withdraw(run->setup->context, &question->view);
        }
        return taken;
    }
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

/* An answer that was given to just this before counts: a yes to an approval always; what was
 * written while nobody attended the run, once. */
static bool answered_before(struct question *question)
{
    struct job *job = question->job;
    const struct question_view *view = &question->view;
    const struct state_step *known = state_step(job->run->state, job->name);
    const struct state_answer *before = known ? state_answer(known, view->digest) : NULL;
    bool waited = before != NULL && before == job->given && view->evidence == NULL;
    if (before == NULL || !(waited || (before->yes && !view->manual)))
        return false;
    job->given = NULL;
    if (!before->yes)
        tell_asked(job, view); /* it is used up: a later resume asks anew */
    struct answer_given given = {.person = {.user = before->user}, .reason = before->reason};
    take(question, before->yes, refusal(job->arena, &given));
    return true;
}

/* One is asked at a time of the items of a loop; elsewhere each when its turn has come. */
static struct question *pose(struct job *job, const struct question_view *view,
                             question_answered *answered)
{
    struct run *run = job->run;
    const struct run_setup *setup = run->setup;
    struct question *question = arena_alloc(job->arena, sizeof *question);
    *question = (struct question){.job = job, .view = *view, .answered = answered};
    if (answered_before(question))
        return question;
    if (!view->manual && approved_ahead(job, view)) {
        struct answer_given given = {.step = job->name, .yes = true, .text = view->type};
        given.person = setup->person;
        given.person.where = "option";
        tell_asked(job, view);
        tell_answer(question, &given);
        return question;
    }
    tell_asked(job, view);
    question->next = run->questions;
    run->questions = question;
    if (run->parent != NULL || setup->ask == NULL || !setup->ask(setup->context, &question->view))
        run_needs_person(run, job->name);
    return question;
}

struct question *question_approve(struct job *job, question_answered *answered,
                                  struct problem *problem)
{
    const struct approve *approve = job->step->approve;
    const struct moment *moment = &job->moment;
    const struct value *ask = bind_term(job->arena, approve->ask, NULL, moment, problem);
    const struct value *type = bind_term(job->arena, approve->type, &value_unset, moment, problem);
    const struct value *show = bind_term(job->arena, approve->show, &value_unset, moment, problem);
    const struct value *inputs = bind_arguments(job->arena, &job->step->use, moment, problem);
    if (ask == NULL || type == NULL || show == NULL || inputs == NULL)
        return NULL;
    struct question_view view = {
        .step = job->name,
        .ask = ask->text.at,
        .type = type->kind == VALUE_TEXT ? type->text.at : NULL,
        .shown = show->kind == VALUE_LIST ? show : NULL,
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
        .ask = what->kind == VALUE_TEXT ? what->text.at : "",
        .shown = show->kind == VALUE_LIST ? show : NULL,
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
