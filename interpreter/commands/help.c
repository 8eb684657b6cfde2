#include "commands/help.h"

#include "base/arena.h"
#include "commands/command.h"
#include "commands/prose.h"
#include "report/phrase.h"

#include <stdio.h>

enum { COMMAND_COLUMN = 22, CODE_COLUMN = 6, OPTION_COLUMN = 29 };

/* ---- one command ---- */

static void add_options(struct arena *arena, const struct command *command, struct buffer *into)
{
    if (command->options == NULL)
        return;
    buffer_text(into, "\noptions:\n");
    for (const struct option *const *at = command->options; *at != NULL; at++)
        prose_row(
            into,
            arena_format(arena, "--%s%s%s", (*at)->name, (*at)->value ? " " : "",
                         (*at)->value ? (*at)->value : ""),
            OPTION_COLUMN,
            arena_format(arena, "%s%s", (*at)->about, (*at)->many ? " (may be repeated)" : ""));
}

void help_command(struct arena *arena, const struct command *command, struct buffer *into)
{
    const char *about = command->about, *paragraph;
    bool literal;
    buffer_format(into, "usage: runbook %s%s%s%s\n", command->name,
                  command->arguments[0] ? " " : "", command->arguments,
                  command->options ? " [OPTIONS]" : "");
    while ((paragraph = prose_next(arena, &about, &literal)) != NULL) {
        buffer_text(into, "\n");
        if (literal)
            buffer_text(into, paragraph);
        else
            phrase_wrap(into, paragraph, 0, PROSE_WIDTH);
        buffer_text(into, "\n");
    }
    add_options(arena, command, into);
}

/* ---- all ---- */

static void add_group(const struct command_group *group, struct buffer *into)
{
    buffer_format(into, "\n%s:\n", group->title);
    for (const struct command *const *at = group->commands; *at != NULL; at++) {
        struct buffer name = {0};
        buffer_format(&name, "%s %s", (*at)->name, (*at)->arguments);
        prose_row(into, name.at, COMMAND_COLUMN, (*at)->summary);
        buffer_free(&name);
    }
}

void help_all(struct buffer *into)
{
    buffer_text(into, "usage: runbook COMMAND …\n\n"
                      "Runs written procedures: typed, verified, resumable.\n");
    for (size_t i = 0; command_group_at(i) != NULL; i++)
        add_group(command_group_at(i), into);
    buffer_text(into, "\n`runbook COMMAND --help` tells more of each, `runbook man` all of it.\n"
                      "\nexit codes:\n");
    for (size_t i = 0; exit_about_at(i) != NULL; i++) {
        char code[8];
        snprintf(code, sizeof code, "%2d", (int)exit_about_at(i)->code);
        prose_row(into, code, CODE_COLUMN, exit_about_at(i)->means);
    }
}
