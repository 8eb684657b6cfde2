#include "commands/prompt.h"

#include "base/arena.h"
#include "base/list.h"
#include "base/text.h"
#include "base/units.h"
#include "commands/command.h"
#include "engine/run.h"
#include "lang/value.h"
#include "report/asked.h"
#include "report/phrase.h"
#include "sys/failure.h"
#include "sys/loop.h"

#include <string.h>
#include <termios.h>
#include <unistd.h>

/* A question that was written over is shown again when nothing more was written for so long. */
#define QUIET_TIME (UNITS_SECOND / 2)
/* How often a process that is no longer in the foreground looks whether it is again. */
#define FOREGROUND_TIME UNITS_SECOND

struct prompt {
    struct arena *arena;
    struct loop *loop;
    struct run *run;
    struct person person;
    struct list open;         /* of struct question_view; the first is being asked */
    struct loop_watch *watch; /* while one is */
    struct buffer line;
    bool shown; /* the cursor stands behind the question */
    struct loop_timer again;
    struct loop_timer foreground;
};

/* Only who is in the foreground may read what is typed: the others are stopped by the kernel. */
static bool in_foreground(void)
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/* ---- showing ---- */

/* Who has to answer, unless it is whoever sits here. */
static void add_people(const struct question_view *question, struct buffer *into)
{
    size_t before = into->length;
    buffer_text(into, "  ");
    asked_of(question->by, question->count, question->within, question->given, into);
    if (into->length == before + 2)
        into->length = before;
    else
        buffer_text(into, "\n");
}

static void add_what(const struct question_view *question, struct buffer *into)
{
    add_people(question, into);
    if (question->type != NULL)
        buffer_format(into, "  type %s to allow it, anything else refuses: ", question->type);
    else if (question->evidence != NULL)
        buffer_text(into, "  what did you find? (empty: not done) ");
    else if (question->manual)
        buffer_text(into, "  done? [y/n] ");
    else
        buffer_text(into, "  allow it? [y/n] ");
}

static void add_question(const struct question_view *question, struct buffer *into)
{
    buffer_text(into, "\n? ");
    buffer_printable(into, text_of(question->step));
    buffer_text(into, ": ");
    buffer_printable(into, text_of(question->ask));
    buffer_text(into, "\n");
    for (size_t i = 0; question->shown != NULL && i < question->shown->list.count; i++) {
        buffer_text(into, "    ");
        value_show(question->shown->list.at[i], 400, into);
        buffer_text(into, "\n");
    }
}

static void show_question(struct prompt *prompt, const struct question_view *question)
{
    struct buffer text = {0};
    add_question(question, &text);
    add_what(question, &text);
    prompt->shown = say_out(buffer_slice(&text));
    buffer_free(&text);
}

/* Nobody here can answer it: those who can do it from elsewhere. */
static void show_to_others(struct prompt *prompt, const struct question_view *question,
                           const char *command)
{
    struct buffer text = {0};
    add_question(question, &text);
    add_people(question, &text);
    buffer_format(&text, "  they answer with: %s ", command);
    phrase_shell(&text, question->step);
    if (question->type != NULL)
        buffer_text(&text, " --type "), phrase_shell(&text, question->type);
    buffer_text(&text, "\n");
    prompt_interrupt(prompt);
    say_out(buffer_slice(&text));
    buffer_free(&text);
}

static void ready(void *context, unsigned what);

static void watch(struct prompt *prompt)
{
    struct failure failure;
    if (prompt->watch == NULL)
        prompt->watch =
            loop_watch(prompt->loop, STDIN_FILENO, LOOP_READABLE, ready, prompt, &failure);
}

static void unwatch(struct prompt *prompt)
{
    loop_unwatch(prompt->watch);
    prompt->watch = NULL;
}

/* What was typed before a question was shown is no answer to it. */
static void next_question(struct prompt *prompt)
{
    loop_timer_stop(&prompt->again);
    if (prompt->open.count == 0) {
        unwatch(prompt);
        return;
    }
    prompt->line.length = 0;
    if (in_foreground())
        tcflush(STDIN_FILENO, TCIFLUSH);
    show_question(prompt, prompt->open.at[0]);
    watch(prompt);
}

static void show_again(void *context)
{
    struct prompt *prompt = context;
    struct buffer text = {0};
    if (prompt->shown || prompt->open.count == 0)
        return;
    const struct question_view *question = prompt->open.at[0];
    buffer_text(&text, "? ");
    buffer_printable(&text, text_of(question->step));
    buffer_text(&text, ":");
    add_what(question, &text);
    prompt->shown = say_out(buffer_slice(&text));
    buffer_free(&text);
}

void prompt_interrupt(struct prompt *prompt)
{
    if (prompt == NULL || prompt->open.count == 0)
        return;
    if (prompt->shown)
        say_out(text_of("\n"));
    prompt->shown = false;
    loop_timer_start(prompt->loop, &prompt->again, QUIET_TIME, show_again, prompt);
}

/* ---- answering ---- */

static bool is_yes(const char *line)
{
    return strcmp(line, "y") == 0 || strcmp(line, "yes") == 0;
}

/* What the line means for the question; false: it means nothing, ask again. */
static bool understand(const struct question_view *question, const char *line,
                       struct answer_given *given)
{
    given->text = line;
    if (question->type != NULL) {
        given->yes = strcmp(line, question->type) == 0;
        return true;
    }
    if (question->evidence != NULL) {
        given->yes = line[0] != '\0';
        return true;
    }
    given->yes = is_yes(line);
    return given->yes || strcmp(line, "n") == 0 || strcmp(line, "no") == 0;
}

static void take_line(struct prompt *prompt, const char *line)
{
    const struct question_view *question = prompt->open.at[0];
    struct answer_given given = {.step = question->step, .person = prompt->person};
    const char *why = NULL;
    prompt->shown = false; /* the terminal has shown the end of the line */
    if (!understand(question, line, &given)) {
        show_question(prompt, question);
        return;
    }
    enum answer_taken taken = run_answer(prompt->run, &given, prompt->arena, &why);
    if (taken == ANSWER_TAKEN)
        return; /* it was withdrawn, or asked again of others */
    say_error("  %s\n", why);
    show_question(prompt, question);
}

static void look_again(void *context)
{
    struct prompt *prompt = context;
    if (prompt->open.count == 0)
        return;
    if (in_foreground())
        watch(prompt);
    else
        loop_timer_start(prompt->loop, &prompt->foreground, FOREGROUND_TIME, look_again, prompt);
}

static void ready(void *context, unsigned what)
{
    struct prompt *prompt = context;
    char bytes[1024];
    (void)what;
    if (!in_foreground()) {
        unwatch(prompt);
        look_again(prompt);
        return;
    }
    ssize_t length = read(STDIN_FILENO, bytes, sizeof bytes);
    if (length <= 0) {
        unwatch(prompt);
        if (length == 0)
            run_stop(prompt->run, "the terminal was closed", &prompt->person);
        return;
    }
    buffer_add(&prompt->line, bytes, (size_t)length);
    char *end = memchr(prompt->line.at, '\n', prompt->line.length);
    if (end == NULL)
        return;
    const char *line = arena_copy(prompt->arena, prompt->line.at, (size_t)(end - prompt->line.at));
    prompt->line.length = 0;
    if (prompt->open.count > 0)
        take_line(prompt, line);
}

/* ---- the door ---- */

struct prompt *prompt_open(struct arena *arena, struct loop *loop, const struct person *person)
{
    if (!prompt_possible())
        return NULL;
    struct prompt *prompt = arena_alloc(arena, sizeof *prompt);
    *prompt = (struct prompt){.arena = arena, .loop = loop, .person = *person};
    return prompt;
}

bool prompt_possible(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && in_foreground();
}

void prompt_ask(struct prompt *prompt, struct run *run, const struct question_view *question,
                const char *command)
{
    prompt->run = run;
    if (!question->here) {
        show_to_others(prompt, question, command);
        return;
    }
    list_add(prompt->arena, &prompt->open, (void *)(uintptr_t)question);
    if (prompt->open.count == 1)
        next_question(prompt);
}

void prompt_withdraw(struct prompt *prompt, const struct question_view *question)
{
    for (size_t i = 0; i < prompt->open.count; i++) {
        if (prompt->open.at[i] != question)
            continue;
        memmove(&prompt->open.at[i], &prompt->open.at[i + 1],
                (prompt->open.count - i - 1) * sizeof(void *));
        prompt->open.count--;
        if (i > 0)
            return;
        if (prompt->shown)
            say_out(text_of("\n"));
        prompt->shown = false;
        next_question(prompt);
        return;
    }
}

void prompt_close(struct prompt *prompt)
{
    if (prompt == NULL)
        return;
    unwatch(prompt);
    loop_timer_stop(&prompt->again);
    loop_timer_stop(&prompt->foreground);
    buffer_free(&prompt->line);
}
