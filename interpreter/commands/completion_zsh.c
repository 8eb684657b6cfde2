/* The script for zsh: what _arguments reads, for each command. */
#include "commands/completion.h"

#include "base/arena.h"
#include "base/list.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/options.h"
#include "commands/word.h"

#include <string.h>

/* TEXT with a backslash before each of CHARACTERS. */
static const char *escaped(struct arena *arena, const char *text, const char *characters)
{
    struct buffer into = {0};
    buffer_text(&into, "");
    for (; *text != '\0'; text++)
        buffer_format(&into, "%s%c", strchr(characters, *text) ? "\\" : "", *text);
    const char *copy = arena_copy(arena, into.at ? into.at : "", into.length);
    buffer_free(&into);
    return copy;
}

/* `MESSAGE:ACTION` of a word called NAME. */
static const char *action_of(struct arena *arena, const char *name)
{
    const struct word_about *word = word_find(name);
    const char *message = escaped(arena, name, ":");
    const char *asks = word != NULL ? completion_asks(word) : NULL;
    if (word == NULL || word->word == WORD_FREE)
        return arena_format(arena, "%s: ", message);
    if (asks != NULL)
        return arena_format(arena, "%s:{_runbook_ask %s %s}", message, asks,
                            word->behind ? word->behind : "");
    if (word->word == WORD_FILE)
        return arena_format(arena, "%s:_files", message);
    if (word->word == WORD_FOLDER)
        return arena_format(arena, "%s:_files -/", message);
    struct list choices = word_choices(arena, name);
    struct buffer list = {0};
    buffer_format(&list, "%s:(", "choice");
    for (size_t i = 0; i < choices.count; i++)
        buffer_format(&list, "%s%s", i > 0 ? " " : "", (const char *)choices.at[i]);
    buffer_text(&list, ")");
    const char *copy = arena_copy(arena, list.at, list.length);
    buffer_free(&list);
    return copy;
}

static void add_option(struct arena *arena, const struct option *option, struct buffer *into)
{
    const char *spec = arena_format(arena, "%s--%s%s[%s]%s%s", option->many ? "*" : "",
                                    option->name, option->value ? "=" : "",
                                    escaped(arena, option->about, "[]\\"), option->value ? ":" : "",
                                    option->value ? action_of(arena, option->value) : "");
    buffer_format(into, " \\\n        %s", completion_quoted(arena, spec));
}

static void add_command(struct arena *arena, const struct command *command, struct buffer *into)
{
    struct list names = word_names(arena, command->arguments);
    buffer_format(into, "    %s)\n      _arguments -S", command->name);
    for (const struct option *const *at = command->options; at && *at; at++)
        add_option(arena, *at, into);
    add_option(arena, &option_help, into);
    for (size_t i = 0; i < names.count; i++) {
        bool many = i + 1 == names.count && word_repeats(command->arguments);
        const char *spec =
            arena_format(arena, "%s:%s", many ? "*" : arena_format(arena, "%zu", i + 1),
                         action_of(arena, names.at[i]));
        buffer_format(into, " \\\n        %s", completion_quoted(arena, spec));
    }
    buffer_text(into, " ;;\n");
}

static void add_commands(struct arena *arena, struct buffer *into)
{
    buffer_text(into, "  local -a commands=(\n");
    for (size_t i = 0; command_at(i) != NULL; i++)
        buffer_format(into, "    %s\n",
                      completion_quoted(arena, arena_format(arena, "%s:%s", command_at(i)->name,
                                                            command_at(i)->summary)));
    buffer_text(into, "  )\n");
}

/* Options whose value is the next word: for who looks for an argument among the words. */
static void add_valued(struct buffer *into)
{
    buffer_text(into, "  local -a valued=(");
    for (size_t i = 0; command_at(i) != NULL; i++)
        for (const struct option *const *at = command_at(i)->options; at && *at; at++)
            if ((*at)->value != NULL)
                buffer_format(into, "%s:--%s ", command_at(i)->name, (*at)->name);
    buffer_text(into, ")\n");
}

static const char asking[] =
    "# KIND [BEHIND]: words that only the program knows, of the first argument on the line\n"
    "_runbook_ask() {\n"
    "  local -a found place\n"
    "  local of word about option i\n"
    "  for ((i = 2; i < CURRENT; i++)); do\n"
    "    word=${(Q)words[i]}\n"
    "    if [[ -n $option ]]; then\n"
    "      [[ $option == --(state|beside) ]] && place+=($option $word)\n"
    "      option=\n"
    "    elif [[ $word == --(state|beside)=* ]]; then\n"
    "      place+=($word)\n"
    "    elif (( ${valued[(Ie)$words[1]:$word]} )); then\n"
    "      option=$word\n"
    "    elif [[ $word != -* ]]; then\n"
    "      of=${of:-$word}\n"
    "    fi\n"
    "  done\n"
    "  while IFS=$'\\t' read -r word about; do\n"
    "    found+=(\"${word//:/\\\\:}:$about\")\n"
    "  done < <($program completion $1 $of $place 2>/dev/null)\n"
    "  if [[ -n $2 ]]; then\n"
    "    _describe -V -t $1 $1 found -S $2\n"
    "  else\n"
    "    _describe -V -t $1 $1 found\n"
    "  fi\n"
    "}\n\n";

void completion_zsh(struct arena *arena, struct buffer *into)
{
    buffer_text(into, "#compdef runbook\n"
                      "# Completes runbook's command line: made by `runbook completion zsh`.\n\n");
    buffer_text(into, asking);
    buffer_text(into, "_runbook() {\n");
    add_commands(arena, into);
    add_valued(into);
    buffer_text(into, "  local program=${(Q)words[1]/#\\~\\//$HOME/}\n"
                      "  if (( CURRENT == 2 )); then\n"
                      "    _describe -t commands command commands\n"
                      "    return\n"
                      "  fi\n"
                      "  shift words\n"
                      "  (( CURRENT-- ))\n"
                      "  case $words[1] in\n");
    for (size_t i = 0; command_at(i) != NULL; i++)
        add_command(arena, command_at(i), into);
    buffer_text(into, "  esac\n"
                      "}\n\n"
                      "if [[ $funcstack[1] == _runbook ]]; then\n"
                      "  _runbook \"$@\"\n"
                      "else\n"
                      "  compdef _runbook runbook\n"
                      "fi\n");
}
