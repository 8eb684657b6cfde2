/* man: the manual page, from the tables that --help is made of. */
#include "base/arena.h"
#include "base/text.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/prose.h"
#include "commands/word.h"

#include <string.h>

struct about {
    const char *name;
    const char *means;
};

static const char description[] =
    "A runbook is a YAML file of typed steps with preconditions, time limits and verification. "
    "`runbook check` proves what can be proved without running it, `runbook plan` prints what a "
    "run would do, and `runbook run` does that and nothing else. Each step is written to a record "
    "before and after it happens, so that a run that broke off, whatever ended it, is taken up "
    "again by `runbook resume` without a step done twice. What nobody can know is never repeated "
    "silently: the step is unknown until its own proof, or a person, settles it.\n\n"
    "Behind the command, options and arguments stand in any order; an option's value is given as "
    "`--name value` or `--name=value`; "
    "`--` ends them.";

static const struct about environment[] = {
    {"RUNBOOK_STATE", "the folder in which runs are recorded, where --state gives none"},
    {"RUNBOOK_PATH", "folders, with colons between, in which runbooks are found by name"},
    {"RUNBOOK_LIBRARY",
     "folders, with colons between, in which libraries of actions are found behind the `library` "
     "folder beside the runbook"},
    {"XDG_STATE_HOME", "where an ordinary user's runs are recorded: in its folder `runbook`; "
                       "~/.local/state when it is not set"},
    {"NO_COLOR", "set, and not empty: nothing is coloured"},
    {"TERM", "`dumb`: nothing is coloured"},
    {"TMPDIR", "where `runbook drill --simulate` keeps its record; /tmp when it is not set"},
    {"RUNBOOK_RUN, RUNBOOK_STEP, RUNBOOK_ATTEMPT",
     "are set for the programs that a step starts: the run's id, the step's name, the number of "
     "the attempt"},
};

static const struct about files[] = {
    {"/var/lib/runbook", "the runs of root; ~/.local/state/runbook those of others"},
    {"runs/RUN/journal.jsonl", "there: the record of a run, one event a line, a chain of hashes"},
    {"runs/RUN/logs/", "the output of each attempt"},
    {"library/NAME.yaml", "beside a runbook: actions of one's own, named NAME.VERB"},
    {"library/traps.yaml", "beside a runbook: commands that a team wants to be warned of"},
    {"/etc/runbook/NAME.yaml", "the monitor that the unit runbook-watch@NAME watches"},
    {"PREFIX/share/runbook/",
     "the standard library, and runbooks to begin with; PREFIX is where runbook was installed"},
};

static const struct about examples[] = {
    {"runbook check level1.yaml", "is it right?"},
    {"runbook run level1.yaml --dry-run --param stable=v1.4", "what would it do?"},
    {"runbook run level1.yaml", "do it"},
    {"runbook list", "the runs, and which can be resumed"},
    {"runbook resume", "go on where it broke off"},
    {"runbook undo level1-20240115-143000-x7k2q", "take it back"},
    {"runbook drill --simulate level1.yaml", "what if each step fails?"},
};

/* ---- troff ---- */

/* What is not to be taken as what it looks like, or would be made prettier than it is. */
static const char *escape_of(char character)
{
    switch (character) {
    case '\\':
        return "\\e";
    case '-':
        return "\\-";
    case '\'':
        return "\\(aq";
    case '"':
        return "\\(dq";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    case '`':
        return "\\(ga";
    default:
        return NULL;
    }
}

/* One character of TEXT, whose length is returned. */
static size_t add_character(struct buffer *into, struct text text)
{
    uint32_t code = 0;
    size_t length = text_character(text, &code);
    const char *escape = escape_of(text.at[0]);
    if (escape != NULL)
        buffer_text(into, escape);
    else if (length > 1)
        buffer_format(into, "\\[u%04X]", code);
    else
        buffer_add(into, text.at, 1);
    return length > 0 ? length : 1;
}

/* TEXT on one line; what stands in backticks is bold. A dot at its front is none of a request. */
static void add_text(struct buffer *into, const char *text)
{
    bool bold = false;
    struct text rest = text_of(text);
    buffer_text(into, "\\&");
    while (rest.length > 0) {
        size_t length = 1;
        if (rest.at[0] == '`') {
            bold = !bold;
            buffer_text(into, bold ? "\\fB" : "\\fR");
        } else {
            length = add_character(into, rest);
        }
        rest = (struct text){rest.at + length, rest.length - length};
    }
    buffer_text(into, bold ? "\\fR\n" : "\n");
}

/* The lines of TEXT as they are. */
static void add_literal(struct buffer *into, const char *text)
{
    struct text rest = text_of(text);
    buffer_text(into, ".nf\n\\&");
    while (rest.length > 0) {
        size_t length = 1;
        if (rest.at[0] == '\n')
            buffer_text(into, "\n\\&");
        else
            length = add_character(into, rest);
        rest = (struct text){rest.at + length, rest.length - length};
    }
    buffer_text(into, "\n.fi\n");
}

/* BETWEEN is the request that parts paragraphs. */
static void add_prose(struct arena *arena, struct buffer *into, const char *text,
                      const char *between)
{
    const char *paragraph;
    bool literal, first = true;
    for (; (paragraph = prose_next(arena, &text, &literal)) != NULL; first = false) {
        if (!first)
            buffer_format(into, "%s\n", between);
        if (literal)
            add_literal(into, paragraph);
        else
            add_text(into, paragraph);
    }
}

static void add_row(struct buffer *into, const char *name, const char *means)
{
    buffer_text(into, ".TP\n\\fB");
    struct text rest = text_of(name);
    while (rest.length > 0) {
        size_t length = add_character(into, rest);
        rest = (struct text){rest.at + length, rest.length - length};
    }
    buffer_text(into, "\\fR\n");
    add_text(into, means);
}

static void add_rows(struct buffer *into, const char *section, const struct about *rows,
                     size_t count)
{
    buffer_format(into, ".SH %s\n", section);
    for (size_t i = 0; i < count; i++)
        add_row(into, rows[i].name, rows[i].means);
}

/* ---- the page ---- */

static void add_command(struct arena *arena, struct buffer *into, const struct command *command)
{
    add_row(into,
            arena_format(arena, "runbook %s%s%s%s", command->name, command->arguments[0] ? " " : "",
                         command->arguments, command->options ? " [OPTIONS]" : ""),
            "");
    into->length -= strlen("\\&\n"); /* what is said of it are whole paragraphs */
    into->at[into->length] = '\0';
    add_prose(arena, into, command->about, ".IP");
    if (command->options == NULL)
        return;
    buffer_text(into, ".RS\n");
    for (const struct option *const *at = command->options; *at != NULL; at++)
        add_row(into,
                arena_format(arena, "--%s%s%s", (*at)->name, (*at)->value ? " " : "",
                             (*at)->value ? (*at)->value : ""),
                arena_format(arena, "%s%s", (*at)->about, (*at)->many ? " (may be repeated)" : ""));
    buffer_text(into, ".RE\n");
}

static void add_commands(struct arena *arena, struct buffer *into)
{
    buffer_text(into, ".SH COMMANDS\n");
    for (size_t i = 0; command_group_at(i) != NULL; i++) {
        const struct command_group *group = command_group_at(i);
        const char *title =
            arena_format(arena, "%c%s", group->title[0] - 'a' + 'A', group->title + 1);
        buffer_text(into, ".SS ");
        add_text(into, title);
        for (const struct command *const *at = group->commands; *at != NULL; at++)
            add_command(arena, into, *at);
    }
    buffer_text(into, ".SS Words\n");
    for (size_t i = 0; word_at(i) != NULL; i++)
        if (word_at(i)->means != NULL)
            add_row(into, word_at(i)->name, word_at(i)->means);
}

static void add_exits(struct arena *arena, struct buffer *into)
{
    buffer_text(into, ".SH EXIT STATUS\n");
    for (size_t i = 0; exit_about_at(i) != NULL; i++)
        add_row(into, arena_format(arena, "%d", exit_about_at(i)->code), exit_about_at(i)->means);
}

static void add_page(struct arena *arena, struct buffer *into)
{
    buffer_text(into, ".\\\" made by `runbook man`\n"
                      ".TH RUNBOOK 1 \"" RUNBOOK_RELEASED "\" \"runbook " RUNBOOK_VERSION
                      "\" \"User Commands\"\n"
                      ".SH NAME\n"
                      "runbook \\- run written procedures: typed, verified, resumable\n"
                      ".SH SYNOPSIS\n"
                      ".B runbook\n"
                      ".I COMMAND\n"
                      "[ARGUMENT ...] [OPTION ...]\n"
                      ".SH DESCRIPTION\n");
    add_prose(arena, into, description, ".PP");
    add_commands(arena, into);
    add_exits(arena, into);
    add_rows(into, "ENVIRONMENT", environment, sizeof environment / sizeof *environment);
    add_rows(into, "FILES", files, sizeof files / sizeof *files);
    add_rows(into, "EXAMPLES", examples, sizeof examples / sizeof *examples);
}

static int run(struct invocation *invocation)
{
    struct buffer page = {0};
    add_page(invocation->arena, &page);
    bool said = say_out(buffer_slice(&page));
    buffer_free(&page);
    return said ? EXIT_GOOD : EXIT_FAILED;
}

const struct command command_man = {
    .name = "man",
    .arguments = "",
    .least = 0,
    .most = 0,
    .summary = "the manual page",
    .about = "Prints the manual page for man(1). It is installed with runbook; else\n\n"
             "  runbook man | man -l -\n\n"
             "shows it.",
    .options = NULL,
    .run = run,
};
