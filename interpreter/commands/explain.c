/* explain: the long story behind a code; what a trap of a command is about. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/commands.h"
#include "commands/load.h"
#include "commands/options.h"
#include "lang/trap.h"
#include "lang/yaml.h"

#include <string.h>

/* ---- traps ---- */

/* The stdlib's and those of the runbooks that lie here; a table with faults is told by `check`. */
static const struct list *all_traps(struct arena *arena)
{
    struct diagnostics diagnostics = {.arena = arena};
    return traps_all(load_traps(arena, ".", &diagnostics));
}

static const struct trap *find_trap(const struct list *traps, const char *name)
{
    for (size_t i = 0; i < traps->count; i++) {
        const struct trap *trap = traps->at[i];
        if (strcmp(trap->id, name) == 0)
            return trap;
    }
    return NULL;
}

static void add_examples(struct buffer *into, const char *title, const struct list *examples)
{
    buffer_format(into, "\n%s:\n", title);
    for (size_t i = 0; i < examples->count; i++) {
        buffer_text(into, "    ");
        buffer_printable(into, ((const struct node *)examples->at[i])->text);
        buffer_text(into, "\n");
    }
}

static void add_excused(struct buffer *into, const struct list *excused)
{
    for (size_t i = 0; i < excused->count; i++) {
        buffer_text(into, i == 0 ? "It is right where the step has " : " or ");
        buffer_format(into, "`%s`", ((const struct node *)excused->at[i])->text.at);
    }
    if (excused->count > 0)
        buffer_text(into, ".\n");
}

static void add_trap(struct buffer *into, const struct trap *trap)
{
    const struct diagnostic_about *about = diagnostic_about(trap->code);
    buffer_format(into, "%s, a trap of %s (%s): %s\n\n", trap->id, about->code,
                  severity_name(about->severity), about->title);
    buffer_printable(into, text_of(trap->message));
    buffer_text(into, "\n  = remedy: ");
    buffer_printable(into, text_of(trap->remedy));
    buffer_text(into, "\n");
    add_excused(into, &trap->excused);
    add_examples(into, "falls into it", &trap->catches);
    add_examples(into, "looks like it, and is right", &trap->passes);
}

/* The names of those of CODE, below its story. */
static void add_traps_of(struct buffer *into, const struct list *traps, enum diagnostic_code code)
{
    size_t count = 0;
    for (size_t i = 0; i < traps->count; i++) {
        const struct trap *trap = traps->at[i];
        if (trap->code == code)
            buffer_format(into, "%s%s",
                          count++ == 0 ? "\nits traps (`runbook explain NAME`):\n    " : "\n    ",
                          trap->id);
    }
    buffer_text(into, count > 0 ? "\n" : "");
}

/* ---- codes ---- */

static int unknown(struct arena *arena, const char *word, const struct list *traps)
{
    const char **names = arena_alloc(arena, (DIAGNOSTIC_COUNT + traps->count) * sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < DIAGNOSTIC_COUNT; i++)
        names[count++] = diagnostic_about((enum diagnostic_code)i)->code;
    for (size_t i = 0; i < traps->count; i++)
        names[count++] = ((const struct trap *)traps->at[i])->id;
    const char *near = text_nearest(word, names, count);
    say_error("runbook explain: error RB601: there is no code or trap '%s'\n", word);
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

static void add_story(struct buffer *into, enum diagnostic_code code, const struct list *traps)
{
    const struct diagnostic_about *about = diagnostic_about(code);
    buffer_format(into, "%s (%s): %s\n\n%s", about->code, severity_name(about->severity),
                  about->title, about->story);
    add_traps_of(into, traps, code);
}

static int run(struct invocation *invocation)
{
    struct buffer text = {0};
    enum diagnostic_code code;
    const char *word = invocation->arguments.count ? invocation->arguments.at[0] : NULL;
    const struct list *traps = all_traps(invocation->arena);
    if (word == NULL)
        add_all(&text);
    else if (diagnostic_find(word, &code))
        add_story(&text, code, traps);
    else if (find_trap(traps, word) != NULL)
        add_trap(&text, find_trap(traps, word));
    else
        return unknown(invocation->arena, word, traps);
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
             "remedy; or what a trap (as logs_follow) is about. Without a word it lists all codes.",
    .options = NULL,
    .run = run,
};
