#include "commands/prompt.h"

#include "base/arena.h"
#include "base/list.h"
#include "base/text.h"
#include "commands/command.h"
#include "engine/run.h"
#include "lang/value.h"
#include "sys/failure.h"
#include "sys/loop.h"

#include <string.h>
#include <unistd.h>

struct prompt {
    struct arena *arena;
    struct loop *loop;
    struct run *run;
    struct person person;
    struct list open; /* of struct question_view; the first is being asked */
    struct loop_watch *watch;
    struct buffer line;
};

static void show_question(const struct question_view *question)
{
    struct buffer text = {0};
    buffer_format(&text, "\n? %s: %s\n", question->step, question->ask);
    for (size_t i = 0; question->shown != NULL && i < question->shown->list.count; i++) {
        buffer_text(&text, "    ");
        value_show(question->shown->list.at[i], 400, &text);
        buffer_text(&text, "\n");
    }
    if (question->type != NULL)
        buffer_format(&text, "  type %s to allow it, anything else refuses: ", question->type);
    else if (question->evidence != NULL)
        buffer_text(&text, "  what did you find? (empty: not done) ");
    else if (question->manual)
        buffer_text(&text, "  done? [y/n] ");
    else
        buffer_text(&text, "  allow it? [y/n] ");
    say_out(buffer_slice(&text));
    buffer_free(&text);
}

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

static void next_question(struct prompt *prompt)
{
    if (prompt->open.count > 0)
        show_question(prompt->open.at[0]);
}

static void take_line(struct prompt *prompt, const char *line)
{
    if (prompt->open.count == 0)
        return;
    const struct question_view *question = prompt->open.at[0];
    struct answer_given given = {.step = question->step, .person = prompt->person};
    const char *why = NULL;
    if (!understand(question, line, &given)) {
        show_question(question);
        return;
    }
    enum answer_taken taken = run_answer(prompt->run, &given, &why);
    if (taken == ANSWER_NOT_EVIDENCE || taken == ANSWER_NOT_TYPED) {
        say_error("  %s\n", why);
        show_question(question);
        return;
    }
    prompt_withdraw(prompt, question);
}

static void ready(void *context, unsigned what)
{
    struct prompt *prompt = context;
    char bytes[1024];
    (void)what;
    ssize_t length = read(STDIN_FILENO, bytes, sizeof bytes);
    if (length <= 0) {
        loop_unwatch(prompt->watch);
        prompt->watch = NULL;
        if (length == 0)
            run_stop(prompt->run, "the terminal was closed", &prompt->person);
        return;
    }
    buffer_add(&prompt->line, bytes, (size_t)length);
    char *end;
    while ((end = memchr(prompt->line.at, '\n', prompt->line.length)) != NULL) {
        size_t size = (size_t)(end - prompt->line.at);
        const char *line = arena_copy(prompt->arena, prompt->line.at, size);
        memmove(prompt->line.at, end + 1, prompt->line.length - size - 1);
        prompt->line.length -= size + 1;
        take_line(prompt, line);
    }
}

struct prompt *prompt_open(struct arena *arena, struct loop *loop, const struct person *person)
{
    struct failure failure;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return NULL;
    struct prompt *prompt = arena_alloc(arena, sizeof *prompt);
    *prompt = (struct prompt){.arena = arena, .loop = loop, .person = *person};
    prompt->watch = loop_watch(loop, STDIN_FILENO, LOOP_READABLE, ready, prompt, &failure);
    return prompt->watch ? prompt : NULL;
}

void prompt_ask(struct prompt *prompt, struct run *run, const struct question_view *question)
{
    prompt->run = run;
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
        if (i == 0)
            next_question(prompt);
        return;
    }
}

void prompt_close(struct prompt *prompt)
{
    if (prompt == NULL)
        return;
    loop_unwatch(prompt->watch);
    buffer_free(&prompt->line);
}
