/* A run shown to people. */
#include "base/arena.h"
#include "base/path.h"
#include "base/text.h"
#include "commands/session.h"
#include "commands/show.h"
#include "lang/value.h"
#include "report/asked.h"
#include "report/closing.h"
#include "report/phrase.h"
#include "report/tail.h"
#include "report/talk.h"
#include "store/approvals.h"
#include "store/runs.h"
#include "store/state.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define TAIL_COUNT  20  /* last lines of a failed step's output */
#define SHOWN_LIMIT 400 /* characters of a value */
#define INDENT      "             "

static void add_text(struct buffer *into, const char *text)
{
    line_printable(into, text_of(text));
}

/* ---- the run ---- */

static void add_left(int64_t left, struct buffer *into)
{
    buffer_text(into, ": ");
    phrase_duration(into, left < 0 ? -left : left);
    buffer_text(into, left < 0 ? " over" : " left");
}

static void add_head(const struct shown *shown, struct buffer *into)
{
    const struct state_run *run = state_run(shown->session->state);
    phrase_step(into, run->runbook, run->title);
    buffer_format(into, "\nrun %s\n", run->id);
    buffer_format(into, "  %-11s", "begun");
    phrase_time(into, run->started);
    if (run->resumes > 0) {
        buffer_text(into, ", taken up again ");
        phrase_count(into, run->resumes, "time", "times");
        buffer_text(into, ", last at ");
        phrase_time(into, run->taken);
    }
    buffer_text(into, " by ");
    add_text(into, run->user);
    buffer_text(into, " on ");
    add_text(into, run->host);
    buffer_format(into, "\n  %-11s", "runbook");
    add_text(into, run->folder);
    buffer_text(into, "/");
    add_text(into, path_name(run->file));
    if (run->objective > 0) {
        buffer_format(into, "\n  %-11s", "objective");
        phrase_duration(into, run->objective);
        if (shown->about->held)
            add_left(run->objective - (session_now() - run->started), into);
    }
    buffer_format(into, "\n  %-11s%s\n", "record", session_run_folder(shown->session));
}

static void add_params(const struct shown *shown, struct buffer *into)
{
    const struct value *params = state_run(shown->session->state)->params;
    for (size_t i = 0; params != NULL && params->kind == VALUE_MAP && i < params->map.count; i++) {
        buffer_format(into, "  %-11s", i == 0 ? "params" : "");
        add_text(into, params->map.at[i].key);
        buffer_text(into, ": ");
        value_show(params->map.at[i].value, SHOWN_LIMIT, into);
        buffer_text(into, "\n");
    }
}

/* To others than root its attempts are closed: what is at work there they can't tell. */
static bool may_look(const struct shown *shown)
{
    const char *path =
        arena_format(shown->arena, "%s/attempts", session_run_folder(shown->session));
    return access(path, X_OK) == 0 || errno != EACCES;
}

static void add_standing(const struct shown *shown, const struct closing *closing,
                         struct buffer *into)
{
    const struct state_run *run = state_run(shown->session->state);
    buffer_format(into, "  %-11s", "state");
    if (shown->about->held) {
        buffer_format(into, "at work, process %lld, for ", (long long)run->pid);
        phrase_duration(into, session_now() - run->started);
        if (run->stopping) {
            buffer_text(into, ", stopping: ");
            add_text(into, run->stopping_reason);
        }
        buffer_text(into, "\n");
        return;
    }
    if (run->over) {
        closing_result(closing, into);
        return;
    }
    bool lives =
        may_look(shown) && run_shim_lives(shown->session->state_folder, shown->session->id);
    buffer_text(into, lives ? "interrupted: nobody attends it, and a step of it is still at work\n"
                            : "interrupted: whoever attended it is gone\n");
}

/* ---- steps ---- */

static const char *paint_of(const struct shown *shown, const struct state_step *step)
{
    if (!shown->colour)
        return "";
    switch (step->life) {
    case LIFE_DONE:
        return "\x1b[32m";
    case LIFE_FAILED:
        return step->tolerated ? "\x1b[33m" : "\x1b[1;31m";
    case LIFE_UNKNOWN:
        return "\x1b[1;31m";
    case LIFE_ASKING:
    case LIFE_RUNNING:
    case LIFE_VERIFYING:
    case LIFE_CANCELLED:
        return "\x1b[33m";
    case LIFE_WAITING:
    case LIFE_SKIPPED:
    case LIFE_UNDONE:
    case LIFE_BLOCKED:
    case LIFE_COUNT:
        return "\x1b[2m";
    }
    return "";
}

static void add_took(const struct shown *shown, const struct state_step *step, struct buffer *into)
{
    bool going =
        step->life == LIFE_ASKING || step->life == LIFE_RUNNING || step->life == LIFE_VERIFYING;
    if (step->started == 0 || step->life == LIFE_SKIPPED)
        return;
    buffer_text(into, " (");
    if (!going)
        phrase_duration(into, step->ended - step->started);
    else if (shown->about->held)
        buffer_text(into, "for "), phrase_duration(into, session_now() - step->started);
    else
        buffer_text(into, "since "), phrase_time(into, step->started);
    if (step->attempt != NULL && step->attempt->tries > 1)
        buffer_format(into, ", try %u", step->attempt->tries);
    if (step->round > 1)
        buffer_format(into, ", round %u", step->round);
    buffer_text(into, ")");
}

static void add_more(struct buffer *into, const char *word, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    buffer_format(into, INDENT "%s: ", word);
    add_text(into, text);
    buffer_text(into, "\n");
}

static void add_log(const struct shown *shown, const struct state_step *step, struct buffer *into)
{
    const char *folder = session_run_folder(shown->session);
    bool bad = step->life == LIFE_FAILED || step->life == LIFE_UNKNOWN;
    if (step->attempt == NULL)
        return;
    uint64_t number = step->attempt->number;
    struct buffer errors = {0};
    size_t count = bad ? tail_lines(&errors, folder, number, 2, TAIL_COUNT, INDENT "| ") : 0;
    if (bad)
        tail_lines(into, folder, number, 1, TAIL_COUNT - count, INDENT "| ");
    buffer_add(into, errors.at ? errors.at : "", errors.length);
    buffer_free(&errors);
    for (int stream = 1; stream <= 2; stream++) {
        struct buffer path = {0};
        if (tail_path(&path, folder, number, stream))
            add_more(into, "log", path.at);
        buffer_free(&path);
    }
}

static void add_question(const struct state_step *step, struct buffer *into)
{
    const struct state_question *question = step->question;
    add_more(into, "asks", question->ask);
    for (size_t i = 0; question->shown != NULL && i < question->shown->list.count; i++) {
        buffer_text(into, INDENT "  ");
        value_show(question->shown->list.at[i], SHOWN_LIMIT, into);
        buffer_text(into, "\n");
    }
    struct buffer people = {0};
    asked_of_step(step, &people);
    add_more(into, "of", people.at);
    buffer_free(&people);
    add_more(into, "wants typed back", question->type);
    add_more(into, "wants to be told a value of type", question->evidence);
}

static void add_one_answer(const struct state_answer *answer, struct buffer *into)
{
    buffer_format(into, INDENT "%s by ", answer->yes ? "allowed" : "refused");
    add_text(into, answer->user);
    buffer_format(into, " (%s) ", answer->where);
    phrase_time(into, answer->time);
    if (answer->reason != NULL) {
        buffer_text(into, ": ");
        add_text(into, answer->reason);
    }
    buffer_text(into, "\n");
}

/* The no, or every yes. */
static void add_answers(const struct state_step *step, struct buffer *into)
{
    const char *digest = step->question ? step->question->digest : NULL;
    const struct state_answer *last = digest ? state_answer(step, digest) : NULL;
    const struct state_answer *yes;
    if (last != NULL && !last->yes)
        add_one_answer(last, into);
    for (size_t i = 0; last != NULL && (yes = approvals_at(step, digest, i)) != NULL; i++)
        add_one_answer(yes, into);
}

static void add_step(const struct shown *shown, const struct state_step *step, struct buffer *into)
{
    bool well = step->life == LIFE_DONE || step->life == LIFE_SKIPPED;
    if (!shown->all && (well || step->life == LIFE_WAITING) &&
        phrase_inside_action(shown->session->state, step->name))
        return;
    buffer_format(into, "  %s%-9s%s  ", paint_of(shown, step),
                  step->left_out ? "left out" : life_name(step->life),
                  shown->colour ? "\x1b[0m" : "");
    phrase_step(into, step->name, step->title);
    add_took(shown, step, into);
    buffer_text(into, "\n");
    if (!well || step->left_out)
        add_more(into,
                 step->left_out ? "on the operator's word"
                 : step->reason ? step->reason
                                : "since",
                 step->message);
    if (step->tolerated)
        add_more(into, "tolerated", "the run goes on without it");
    if (closing_asks(step))
        add_question(step, into);
    add_answers(step, into);
    if (!well || shown->all)
        add_log(shown, step, into);
}

static void add_steps(const struct shown *shown, struct buffer *into)
{
    const struct state_step *step;
    buffer_text(into, "\nsteps:\n");
    for (size_t i = 0; (step = state_at(shown->session->state, i)) != NULL; i++)
        add_step(shown, step, into);
    for (size_t i = 0; i < shown->unborn.count; i++) {
        const struct unborn *unborn = shown->unborn.at[i];
        buffer_format(into, "  %-9s  ", life_name(unborn->life));
        add_text(into, unborn->name);
        buffer_text(into, "\n");
    }
    buffer_text(into, "\n");
}

void show_text(const struct shown *shown, struct buffer *into)
{
    struct closing closing = {.state = shown->session->state,
                              .id = shown->session->id,
                              .folder = session_run_folder(shown->session),
                              .words = session_words(shown->session),
                              .held = shown->about->held,
                              .colour = shown->colour};
    if (shown->damage != NULL)
        buffer_format(into, "%s:\n", shown->damage);
    add_head(shown, into);
    add_params(shown, into);
    add_standing(shown, &closing, into);
    add_steps(shown, into);
    closing_open(&closing, into);
    if (shown->damage == NULL)
        closing_next(&closing, into);
}
