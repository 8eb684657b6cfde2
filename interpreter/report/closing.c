#include "report/closing.h"

#include "base/text.h"
#include "report/asked.h"
#include "report/phrase.h"
#include "store/name.h"
#include "store/state.h"

#include <string.h>

/* ---- looking ---- */

bool closing_asks(const struct state_step *step)
{
    bool open = step->life == LIFE_ASKING ||
                (step->life == LIFE_RUNNING && step->attempt != NULL && !step->attempt->ended);
    return open && step->question != NULL && state_answer_waiting(step) == NULL;
}

static bool is_manual(const struct state_step *step)
{
    return step->life == LIFE_RUNNING;
}

/* An undo that failed since the run was taken up: what failed before it is why it was asked for. */
static bool stopped_undo(const struct state *state, const struct state_step *step)
{
    return name_in_undo(step->name) && name_is_entry(step->name) &&
           state_run(state)->result != NULL && step->ended >= state_run(state)->taken;
}

const struct state_step *closing_cause(const struct state *state)
{
    const struct state_step *step, *first = NULL;
    for (size_t i = 0; (step = state_at(state, i)) != NULL; i++)
        if ((step->life == LIFE_UNKNOWN || (step->life == LIFE_FAILED && !step->tolerated)) &&
            stopped_undo(state, step))
            return step;
    for (size_t i = 0; (step = state_at(state, i)) != NULL; i++)
        if ((step->life == LIFE_UNKNOWN || (step->life == LIFE_FAILED && !step->tolerated)) &&
            (first == NULL || step->finished < first->finished))
            first = step;
    return first;
}

size_t closing_owed(const struct state *state)
{
    const struct state_obligation *owed;
    size_t count = 0;
    for (size_t i = 0; (owed = state_obligation(state, i)) != NULL; i++)
        count += owed->open && !owed->undo;
    return count;
}

/* Is there something that `runbook undo` would run? */
static bool may_undo(const struct state *state)
{
    const struct state_obligation *owed;
    for (size_t i = 0; (owed = state_obligation(state, i)) != NULL; i++)
        if (owed->open && owed->undo)
            return true;
    return false;
}

static bool result_is(const struct closing *closing, const char *result)
{
    const char *found = state_run(closing->state)->result;
    return found != NULL && strcmp(found, result) == 0;
}

static bool any_answered(const struct closing *closing)
{
    const struct state_step *step;
    for (size_t i = 0; (step = state_at(closing->state, i)) != NULL; i++)
        if (state_answer_waiting(step) != NULL)
            return true;
    return false;
}

static bool any_asks(const struct closing *closing)
{
    const struct state_step *step;
    for (size_t i = 0; (step = state_at(closing->state, i)) != NULL; i++)
        if (closing_asks(step))
            return true;
    return false;
}

/* Is it an undo that asks, or asked? A resume would go forward instead. */
static bool undo_asks(const struct state *state)
{
    const struct state_step *step;
    for (size_t i = 0; (step = state_at(state, i)) != NULL; i++)
        if (name_in_undo(step->name) && (closing_asks(step) || state_answer_waiting(step) != NULL))
            return true;
    return false;
}

/* ---- the result ---- */

static const char *paint(const struct closing *closing)
{
    if (!closing->colour)
        return "";
    if (result_is(closing, "succeeded") || result_is(closing, "undone"))
        return "\x1b[1;32m";
    return result_is(closing, "recovered") || result_is(closing, "stopped") ||
                   result_is(closing, "abandoned")
               ? "\x1b[1;33m"
               : "\x1b[1;31m";
}

static void add_times(const struct state_run *run, struct buffer *into)
{
    int64_t took = run->ended - run->started;
    bool good = strcmp(run->result, "succeeded") == 0 || strcmp(run->result, "recovered") == 0;
    buffer_text(into, good ? " in " : " after ");
    phrase_duration(into, took);
    if (run->objective <= 0)
        return;
    buffer_text(into, took > run->objective ? ", OVER the objective of " : ", objective ");
    phrase_duration(into, run->objective);
}

static void add_cause(const struct closing *closing, struct buffer *into)
{
    const struct state_run *run = state_run(closing->state);
    const struct state_step *cause = closing_cause(closing->state);
    bool step = cause != NULL && (result_is(closing, "failed") || result_is(closing, "in_doubt")) &&
                run->exit != 4 && run->exit != 7 && run->exit != 11;
    const char *why = step ? cause->message : run->reason;
    if (why == NULL && !step)
        return;
    buffer_text(into, ": ");
    if (step) {
        buffer_printable(into, text_of(cause->name));
        buffer_text(into, ": ");
    }
    if (!step && run->exit == 4)
        buffer_text(into, "nothing was changed, since a precondition does not hold: ");
    if (!step && run->exit == 7)
        buffer_text(into, "this is not the system that the runbook names: ");
    buffer_printable(into, text_of(why ? why : ""));
}

void closing_result(const struct closing *closing, struct buffer *into)
{
    const struct state_run *run = state_run(closing->state);
    static const char *const loud[][2] = {{"failed", "FAILED"}, {"in_doubt", "IN DOUBT"}};
    const char *word = run->result ? run->result : "interrupted";
    for (size_t i = 0; i < sizeof loud / sizeof *loud; i++)
        if (strcmp(word, loud[i][0]) == 0)
            word = loud[i][1];
    buffer_format(into, "%s%s%s", paint(closing), word, closing->colour ? "\x1b[0m" : "");
    if (run->result != NULL) {
        add_times(run, into);
        add_cause(closing, into);
    }
    buffer_text(into, "\n");
}

/* ---- what is open ---- */

static void add_line(struct buffer *into, const char *word, const char *name, const char *more)
{
    buffer_format(into, "  %-11s", word);
    buffer_printable(into, text_of(name));
    if (more != NULL && more[0] != '\0') {
        buffer_text(into, ": ");
        buffer_printable(into, text_of(more));
    }
    buffer_text(into, "\n");
}

static void add_question(struct buffer *into, const struct state_step *step)
{
    struct buffer people = {0};
    add_line(into, "asks", step->name, step->question->ask);
    asked_of_step(step, &people);
    if (people.length > 0)
        buffer_format(into, "  %-11s%s\n", "", people.at);
    buffer_free(&people);
}

/* It was unknown what became of it; how that was found out. */
static const char *settled_by(const char *how)
{
    static const char *const hows[][2] = {
        {"proof", "by the action's own proof"}, {"done_if", "its done_if held"},
        {"verify", "its verify held"},          {"idempotent", "it was run again, as it may be"},
        {"person", "on the word of a person"},
    };
    for (size_t i = 0; i < sizeof hows / sizeof *hows; i++)
        if (strcmp(how, hows[i][0]) == 0)
            return hows[i][1];
    return how;
}

void closing_open(const struct closing *closing, struct buffer *into)
{
    const struct state_step *step;
    const struct state_obligation *owed;
    for (size_t i = 0; (step = state_at(closing->state, i)) != NULL; i++) {
        if (step->tolerated)
            add_line(into, "tolerated", step->name, step->message);
        else if (step->left_out)
            add_line(into, "left out", step->name, step->message);
        else if (step->life == LIFE_UNKNOWN)
            add_line(into, "in doubt", step->name, step->message);
        else if (step->verdict != 0)
            add_line(into, "settled", step->name, settled_by(step->settled_how));
        if (closing_asks(step))
            add_question(into, step);
    }
    for (size_t i = 0; (owed = state_obligation(closing->state, i)) != NULL; i++)
        if (owed->open && !owed->undo)
            add_line(into, "owed", owed->entry, NULL);
}

/* ---- what to type ---- */

static const char *short_of(const char *id)
{
    const char *dash = strrchr(id, '-');
    return dash != NULL ? dash + 1 : id;
}

static void add_command(const struct closing *closing, struct buffer *into, const char *verb,
                        const char *step, const char *about)
{
    struct buffer line = {0};
    buffer_format(&line, "runbook %s %s", verb, short_of(closing->id));
    if (step != NULL)
        buffer_text(&line, " "), phrase_shell(&line, step);
    buffer_text(&line, closing->words);
    buffer_format(into, "  %-46s  %s\n", line.at, about);
    buffer_free(&line);
}

/* Nobody attends the run, so what is to be told is told to a resume. */
static void next_evidence(const struct closing *closing, const struct state_step *step,
                          struct buffer *into)
{
    struct buffer line = {0}, output = {0};
    buffer_format(&output, "%s.evidence=VALUE", step->name);
    buffer_format(&line, "runbook resume %s --output ", short_of(closing->id));
    phrase_shell(&line, output.at);
    buffer_text(&line, closing->words);
    buffer_format(into, "  %-46s  when it is done: tells the %s\n", line.at,
                  step->question->evidence);
    buffer_free(&line);
    buffer_free(&output);
}

static void next_questions(const struct closing *closing, struct buffer *into)
{
    const struct state_step *step;
    for (size_t i = 0; (step = state_at(closing->state, i)) != NULL; i++) {
        if (!closing_asks(step))
            continue;
        if (step->question->evidence != NULL && !closing->held) {
            next_evidence(closing, step, into);
            continue;
        }
        struct buffer name = {0};
        phrase_shell(&name, step->name);
        if (step->question->evidence != NULL)
            buffer_text(&name, " --type VALUE");
        if (step->question->type != NULL)
            buffer_text(&name, " --type "), phrase_shell(&name, step->question->type);
        struct buffer line = {0};
        buffer_format(&line, "runbook approve %s %s%s", short_of(closing->id), name.at,
                      closing->words);
        buffer_format(into, "  %-46s  %s\n", line.at,
                      is_manual(step) ? "when it is done" : "to allow it, or `reject`");
        buffer_free(&name);
        buffer_free(&line);
    }
}

static void next_doubt(const struct closing *closing, struct buffer *into)
{
    const struct state_step *step;
    for (size_t i = 0; (step = state_at(closing->state, i)) != NULL; i++) {
        if (step->life != LIFE_UNKNOWN)
            continue;
        static const char *const ways[][2] = {{"assume-done", "it happened: go on behind it"},
                                              {"rerun", "it did not happen: run it again"}};
        for (size_t w = 0; w < 2; w++) {
            struct buffer line = {0}, said = {0};
            buffer_format(&said, "%s=REASON", step->name);
            buffer_format(&line, "runbook resume %s --%s ", short_of(closing->id), ways[w][0]);
            phrase_shell(&line, said.at);
            buffer_text(&line, closing->words);
            buffer_format(into, "  %-46s  %s\n", line.at, ways[w][1]);
            buffer_free(&line);
            buffer_free(&said);
        }
    }
}

static void next_end(const struct closing *closing, struct buffer *into)
{
    size_t owed = closing_owed(closing->state);
    if (result_is(closing, "succeeded") || result_is(closing, "recovered") ||
        result_is(closing, "undone") || result_is(closing, "abandoned")) {
        if (owed > 0)
            add_command(closing, into, "release", NULL, "gives back what is owed");
        return;
    }
    next_questions(closing, into);
    next_doubt(closing, into);
    if (!result_is(closing, "in_doubt") && !undo_asks(closing->state))
        add_command(closing, into, "resume", NULL,
                    any_asks(closing)              ? "goes on, and asks at a terminal"
                    : any_answered(closing)        ? "goes on with the answer"
                    : result_is(closing, "failed") ? "goes on, once the cause is mended"
                                                   : "goes on");
    if (owed > 0)
        add_command(closing, into, "release", NULL, "gives back what is owed, without going on");
    if (may_undo(closing->state))
        add_command(closing, into, "undo", NULL, "takes back what it did");
    if (!result_is(closing, "stopped"))
        add_command(closing, into, "abandon", NULL, "gives it up");
}

void closing_next(const struct closing *closing, struct buffer *into)
{
    size_t before = into->length;
    if (closing->held)
        next_questions(closing, into);
    else
        next_end(closing, into);
    if (into->length == before)
        return;
    struct buffer lines = {0};
    buffer_add(&lines, into->at + before, into->length - before);
    into->length = before;
    buffer_text(into, "next:\n");
    buffer_add(into, lines.at, lines.length);
    buffer_free(&lines);
}
