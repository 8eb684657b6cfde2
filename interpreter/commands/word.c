#include "commands/word.h"

#include "base/arena.h"
#include "base/list.h"

#include <string.h>

static const struct word_about words[] = {
    {"FILE", WORD_FILE, NULL,
     "a runbook: a path, else a name in $RUNBOOK_PATH or among the installed ones"},
    {"OLD", WORD_FILE, NULL, NULL},
    {"NEW", WORD_FILE, NULL, NULL},
    {"PATH", WORD_FILE, NULL, NULL},
    {"DOCUMENT", WORD_FILE, NULL, "a written procedure, in Markdown"},
    {"FOLDER", WORD_FOLDER, NULL, NULL},
    {"RUN", WORD_RUN, NULL, "a run: its id, or the end of one that no other run has"},
    {"STEP", WORD_STEP, NULL, "a step of the runbook, by its id"},
    {"STEP=REASON", WORD_STEP, "=", "a step, and why: the reason is written to the record"},
    {"STEP.NAME=VALUE", WORD_STEP, ".", NULL},
    {"ENTRY=REASON", WORD_FREE, NULL, NULL},
    {"NAME=VALUE", WORD_PARAM, "=", NULL},
    {"ACTION", WORD_ACTION, NULL, "an action of the core or of a library, or a whole library"},
    {"CODE", WORD_CODE, NULL, "the code of a finding, as RB201"},
    {"REF", WORD_FREE, NULL, NULL},
    {"TEXT", WORD_FREE, NULL, NULL},
    {"N", WORD_FREE, NULL, NULL},
    {"BYTES", WORD_FREE, NULL, NULL},
};

static const struct word_about choice = {"", WORD_CHOICE, NULL, NULL};

const struct word_about *word_at(size_t index)
{
    return index < sizeof words / sizeof *words ? &words[index] : NULL;
}

const struct word_about *word_find(const char *name)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].name, name) == 0)
            return &words[i];
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyz|")] == '\0' ? &choice : NULL;
}

/* The parts of TEXT between characters of BETWEEN. */
static struct list split(struct arena *arena, const char *text, const char *between)
{
    struct list parts = {0};
    for (text += strspn(text, between); *text != '\0'; text += strspn(text, between)) {
        size_t length = strcspn(text, between);
        list_add(arena, &parts, arena_copy(arena, text, length));
        text += length;
    }
    return parts;
}

struct list word_names(struct arena *arena, const char *arguments)
{
    return split(arena, arguments, " []…");
}

bool word_repeats(const char *arguments)
{
    return strstr(arguments, "…") != NULL;
}

struct list word_choices(struct arena *arena, const char *name)
{
    return split(arena, name, "|");
}
