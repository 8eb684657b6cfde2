/* The script for fish: a line for each word that can come. */
#include "commands/completion.h"

#include "base/arena.h"
#include "base/list.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/options.h"
#include "commands/word.h"

/* What is offered for a word called NAME. */
static const char *offer(struct arena *arena, const char *name)
{
    const struct word_about *word = word_find(name);
    const char *asks = word != NULL ? completion_asks(word) : NULL;
    if (word == NULL || word->word == WORD_FREE)
        return "-x";
    if (asks != NULL)
        return arena_format(arena, "-x -k -a '(__runbook_ask %s %s)'", asks,
                            word->behind ? word->behind : "");
    if (word->word == WORD_FILE)
        return "-r -F";
    if (word->word == WORD_FOLDER)
        return "-x -a '(__fish_complete_directories)'";
    struct list choices = word_choices(arena, name);
    struct buffer list = {0};
    buffer_text(&list, "-x -a '");
    for (size_t i = 0; i < choices.count; i++)
        buffer_format(&list, "%s%s", i > 0 ? " " : "", (const char *)choices.at[i]);
    buffer_text(&list, "'");
    const char *copy = arena_copy(arena, list.at, list.length);
    buffer_free(&list);
    return copy;
}

static void add_option(struct arena *arena, const struct command *command,
                       const struct option *option, struct buffer *into)
{
    buffer_format(into, "complete -c runbook -n '__runbook_in %s' -l %s%s%s -d %s\n", command->name,
                  option->name, option->value ? " " : "",
                  option->value ? offer(arena, option->value) : "",
                  completion_quoted(arena, option->about));
}

static void add_command(struct arena *arena, const struct command *command, struct buffer *into)
{
    struct list names = word_names(arena, command->arguments);
    buffer_format(into, "\ncomplete -c runbook -n '__runbook_at 0' -a %s -d %s\n", command->name,
                  completion_quoted(arena, command->summary));
    for (size_t i = 0; i < names.count; i++) {
        const struct word_about *word = word_find(names.at[i]);
        bool many = i + 1 == names.count && word_repeats(command->arguments);
        buffer_format(into, "complete -c runbook -n '__runbook_in %s%s' %s\n", command->name,
                      many ? "" : arena_format(arena, "; and __runbook_at %zu", i + 1),
                      word != NULL && word->word == WORD_FILE ? "-F" : offer(arena, names.at[i]));
    }
    for (const struct option *const *at = command->options; at && *at; at++)
        add_option(arena, command, *at, into);
    add_option(arena, command, &option_help, into);
}

/* Options whose value is the next word. */
static void add_valued(struct buffer *into)
{
    buffer_text(into, "set -g __runbook_valued");
    for (size_t i = 0; command_at(i) != NULL; i++)
        for (const struct option *const *at = command_at(i)->options; at && *at; at++)
            if ((*at)->value != NULL)
                buffer_format(into, " %s:--%s", command_at(i)->name, (*at)->name);
    buffer_text(into, "\n\n");
}

static const char functions[] =
    "# The command and its arguments so far, without options; where --state and --beside point\n"
    "function __runbook_words\n"
    "    set -g __runbook_place\n"
    "    set -l option\n"
    "    set -l found\n"
    "    for word in (commandline -opc)[2..]\n"
    "        if test -n \"$option\"\n"
    "            contains -- $option --state --beside; and set -a __runbook_place $option $word\n"
    "            set option\n"
    "        else if string match -qr -- '^--(state|beside)=' $word\n"
    "            set -a __runbook_place $word\n"
    "        else if contains -- \"$found[1]:$word\" $__runbook_valued\n"
    "            set option $word\n"
    "        else if not string match -q -- '-*' $word\n"
    "            set -a found $word\n"
    "        end\n"
    "    end\n"
    "    set -q found[1]; and printf '%s\\n' $found\n"
    "end\n"
    "function __runbook_in --argument-names command\n"
    "    set -l found (__runbook_words)\n"
    "    test \"$found[1]\" = $command\n"
    "end\n"
    "function __runbook_at --argument-names position\n"
    "    set -l found (__runbook_words)\n"
    "    test (count $found) -eq $position\n"
    "end\n"
    "# Words that only the program knows, of the first argument on the line\n"
    "function __runbook_ask --argument-names kind behind\n"
    "    set -l found (__runbook_words)\n"
    "    set -l program (commandline -opc)[1]\n"
    "    eval (string escape -n -- $program) completion $kind (string escape -- $found[2] "
    "$__runbook_place) 2>/dev/null |\n"
    "        string replace -r '^([^\\t]*)' '$1'\"$behind\"\n"
    "end\n\n";

void completion_fish(struct arena *arena, struct buffer *into)
{
    buffer_text(into, "# Completes runbook's command line: made by `runbook completion fish`.\n\n");
    add_valued(into);
    buffer_text(into, functions);
    buffer_text(into, "complete -c runbook -f\n");
    for (size_t i = 0; command_at(i) != NULL; i++)
        add_command(arena, command_at(i), into);
}
