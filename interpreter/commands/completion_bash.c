/* The script for bash: tables, and one function that reads the line. */
#include "commands/completion.h"

#include "base/arena.h"
#include "base/list.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/options.h"
#include "commands/word.h"

/* What `kind` and `words` of the script are set to for NAME. */
static void add_kind(struct arena *arena, const char *name, struct buffer *into)
{
    const struct word_about *word = word_find(name);
    if (word == NULL || word->word == WORD_FREE) {
        buffer_text(into, "kind='free'");
    } else if (word->word == WORD_CHOICE) {
        struct list choices = word_choices(arena, name);
        buffer_text(into, "kind='choice' words='");
        for (size_t i = 0; i < choices.count; i++)
            buffer_format(into, "%s%s", i > 0 ? " " : "", (const char *)choices.at[i]);
        buffer_text(into, "'");
    } else {
        const char *asks = completion_asks(word);
        buffer_format(into, "kind='%s'%s%s%s",
                      asks                        ? asks
                      : word->word == WORD_FOLDER ? "folder"
                                                  : "file",
                      word->behind ? " behind='" : "", word->behind ? word->behind : "",
                      word->behind ? "'" : "");
    }
}

static void add_commands(struct buffer *into)
{
    buffer_text(into, "_runbook_commands='");
    for (size_t i = 0; command_at(i) != NULL; i++)
        buffer_format(into, "%s ", command_at(i)->name);
    buffer_text(into, "--help --version'\n\n# COMMAND: sets options\n_runbook_options() {\n"
                      "  case $1 in\n");
    for (size_t i = 0; command_at(i) != NULL; i++) {
        buffer_format(into, "    %s) options='", command_at(i)->name);
        for (const struct option *const *at = command_at(i)->options; at && *at; at++)
            buffer_format(into, "--%s ", (*at)->name);
        buffer_text(into, "--help' ;;\n");
    }
    buffer_text(into, "  esac\n}\n\n");
}

static void add_values(struct arena *arena, struct buffer *into)
{
    buffer_text(into, "# COMMAND OPTION: sets kind, words, behind; fails for what takes no value\n"
                      "_runbook_value() {\n  case $1:$2 in\n");
    for (size_t i = 0; command_at(i) != NULL; i++)
        for (const struct option *const *at = command_at(i)->options; at && *at; at++) {
            if ((*at)->value == NULL)
                continue;
            buffer_format(into, "    %s:--%s) ", command_at(i)->name, (*at)->name);
            add_kind(arena, (*at)->value, into);
            buffer_text(into, " ;;\n");
        }
    buffer_text(into, "    *) return 1 ;;\n  esac\n}\n\n");
}

static void add_arguments(struct arena *arena, struct buffer *into)
{
    buffer_text(into, "# COMMAND N: sets kind, words, behind for its Nth argument\n"
                      "_runbook_argument() {\n  case $1:$2 in\n");
    for (size_t i = 0; command_at(i) != NULL; i++) {
        const struct command *command = command_at(i);
        struct list names = word_names(arena, command->arguments);
        for (size_t j = 0; j < names.count; j++) {
            bool many = j + 1 == names.count && word_repeats(command->arguments);
            if (many)
                buffer_format(into, "    %s:*) ", command->name);
            else
                buffer_format(into, "    %s:%zu) ", command->name, j + 1);
            add_kind(arena, names.at[j], into);
            buffer_text(into, " ;;\n");
        }
    }
    buffer_text(into, "  esac\n}\n\n");
}

static const char reader[] =
    "# VALUE BEFORE: sets COMPREPLY to what kind offers for VALUE, with BEFORE in front\n"
    "_runbook_offer() {\n"
    "  local word\n"
    "  case $kind in\n"
    "    choice) mapfile -t COMPREPLY < <(compgen -P \"$2\" -W \"$words\" -- \"$1\") ;;\n"
    "    file) compopt -o filenames 2>/dev/null\n"
    "      mapfile -t COMPREPLY < <(compgen -P \"$2\" -f -- \"$1\") ;;\n"
    "    folder) compopt -o filenames 2>/dev/null\n"
    "      mapfile -t COMPREPLY < <(compgen -P \"$2\" -d -- \"$1\") ;;\n"
    "    free | '') ;;\n"
    "    *) [[ -z $behind ]] || compopt -o nospace 2>/dev/null\n"
    "      while IFS=$'\\t' read -r word _; do\n"
    "        [[ $word == \"$1\"* ]] && COMPREPLY+=(\"$2$word$behind\")\n"
    "      done < <(\"$program\" completion \"$kind\" ${of:+\"$of\"} \"${place[@]}\" 2>/dev/null) "
    ";;\n"
    "  esac\n"
    "}\n"
    "\n"
    "_runbook() {\n"
    "  local line=${COMP_LINE:0:COMP_POINT} now='' command='' of='' option='' ended='' word i\n"
    "  local kind='' words='' behind='' options='' position=1 broken\n"
    "  local -a before place=()\n"
    "  local program=${COMP_WORDS[0]/#~\\//$HOME/}\n"
    "  COMPREPLY=()\n"
    "  read -ra before <<<\"$line\"\n"
    "  if [[ $line != *[[:space:]] ]]; then\n"
    "    now=${before[${#before[@]} - 1]}\n"
    "    unset \"before[${#before[@]} - 1]\"\n"
    "  fi\n"
    "  for ((i = 1; i < ${#before[@]}; i++)); do\n"
    "    word=${before[i]}\n"
    "    if [[ -n $option ]]; then\n"
    "      [[ $option == --state || $option == --beside ]] && place+=(\"$option\" \"$word\")\n"
    "      option=''\n"
    "    elif [[ -n $ended || $word != -* ]]; then\n"
    "      if [[ -z $command ]]; then\n"
    "        command=$word\n"
    "      else\n"
    "        of=${of:-$word}\n"
    "        ((position++))\n"
    "      fi\n"
    "    elif [[ $word == -- ]]; then\n"
    "      ended=1\n"
    "    elif [[ $word == --state=* || $word == --beside=* ]]; then\n"
    "      place+=(\"$word\")\n"
    "    elif _runbook_value \"$command\" \"$word\"; then\n"
    "      option=$word\n"
    "    fi\n"
    "  done\n"
    "  kind='' words='' behind=''\n"
    "  if [[ -n $option ]]; then\n"
    "    _runbook_value \"$command\" \"$option\"\n"
    "    _runbook_offer \"$now\" ''\n"
    "  elif [[ -z $command ]]; then\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$_runbook_commands\" -- \"$now\")\n"
    "  elif [[ -z $ended && $now == --*=* ]]; then\n"
    "    _runbook_value \"$command\" \"${now%%=*}\"\n"
    "    _runbook_offer \"${now#*=}\" \"${now%%=*}=\"\n"
    "  elif [[ -z $ended && $now == -* ]]; then\n"
    "    _runbook_options \"$command\"\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$now\")\n"
    "  else\n"
    "    _runbook_argument \"$command\" \"$position\"\n"
    "    _runbook_offer \"$now\" ''\n"
    "  fi\n"
    "  # bash replaces only what stands behind the last of its word breaks.\n"
    "  broken=${now%\"${now##*[\"$COMP_WORDBREAKS\"]}\"}\n"
    "  COMPREPLY=(\"${COMPREPLY[@]#\"$broken\"}\")\n"
    "}\n"
    "complete -F _runbook runbook\n";

void completion_bash(struct arena *arena, struct buffer *into)
{
    buffer_text(into, "# shellcheck shell=bash\n"
                      "# Completes runbook's command line: made by `runbook completion bash`.\n\n");
    add_commands(into);
    add_values(arena, into);
    add_arguments(arena, into);
    buffer_text(into, reader);
}
