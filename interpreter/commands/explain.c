/* explain: the long story behind a code. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/commands.h"
#include "commands/options.h"

static int unknown(const char *word)
{
    const char *names[DIAGNOSTIC_COUNT];
    for (size_t i = 0; i < DIAGNOSTIC_COUNT; i++)
        names[i] = diagnostic_about((enum diagnostic_code)i)->code;
    const char *near = text_nearest(word, names, DIAGNOSTIC_COUNT);
    say_error("runbook explain: error RB601: there is no code '%s'\n", word);
    if (near != NULL)
        say_error("  = remedy: did you mean %s? `runbook explain` lists all\n", near);
    else
        say_error("  = remedy: `runbook explain` lists all\n");
    return EXIT_USAGE;
}

static void add_all(struct buffer *into)
{
    for (size_t i = 0; i < DIAGNOSTIC_COUNT; i++) {
        const struct diagnostic_about *about = diagnostic_about((enum diagnostic_code)i);
        buffer_format(into, "%s  %-7s  %s\n", about->code, severity_name(about->severity),
                      about->title);
    }
}

static int run(struct invocation *invocation)
{
    struct buffer text = {0};
    enum diagnostic_code code;
    if (invocation->arguments.count == 0) {
        add_all(&text);
    } else if (diagnostic_find(invocation->arguments.at[0], &code)) {
        const struct diagnostic_about *about = diagnostic_about(code);
        buffer_format(&text, "%s (%s): %s\n\n%s", about->code, severity_name(about->severity),
                      about->title, about->story);
    } else {
        return unknown(invocation->arguments.at[0]);
    }
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    return said ? EXIT_GOOD : EXIT_FAILED;
}

const struct command command_explain = {
    .name = "explain",
    .arguments = "[CODE]",
    .least = 0,
    .most = 1,
    .summary = "the story behind a code, and what to do",
    .about = "Tells what CODE (as RB201) proves or asks, why, with an example that fails and the\n"
             "remedy. Without a code it lists all.",
    .options = NULL,
    .run = run,
};
