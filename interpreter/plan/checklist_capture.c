/* Outputs that a pattern finds in what a program printed: the shell can find them too, so that
 * nobody has to type a commit's hash. Only the plainest form of such an output is told so:
 * `${capture(steps.ID.stdout, 'pattern')}`, with or without `?? ''`, and find_all. */
#include "plan/checklist_own.h"

#include "base/arena.h"
#include "base/shell.h"
#include "lang/term.h"
#include "lang/type.h"

#include <string.h>

struct capture {
    const char *source;  /* "steps.outer/found.stdout" */
    const char *pattern; /* as it is meant, not as it is quoted */
};

/* Moves *AT behind WORD, if that stands there. */
static bool take(const char **at, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(*at, word, length) != 0)
        return false;
    *at += length;
    return true;
}

/* A program of INSIDE that runs for sure, by its id. */
static const struct plan_step *program_in(const struct list *inside, const char *id, size_t length)
{
    for (size_t i = 0; i < inside->count; i++) {
        const struct plan_step *step = inside->at[i];
        if (strlen(step->step->id) == length && memcmp(step->step->id, id, length) == 0)
            return step->deed != NULL && strcmp(step->deed->action->name, "exec") == 0 &&
                           step->when == 1
                       ? step
                       : NULL;
    }
    return NULL;
}

static const struct plan_step *take_program(const struct plan_step *step, const char **at)
{
    if (take(at, "result.stdout"))
        return step->deed != NULL && strcmp(step->deed->action->name, "exec") == 0 ? step : NULL;
    if (!take(at, "steps."))
        return NULL;
    size_t length = strcspn(*at, ".");
    const struct plan_step *found = program_in(&step->inside, *at, length);
    *at += length;
    return take(at, ".stdout") ? found : NULL;
}

/* A text in quotes, in which `''` is a quote; NULL: there is none. */
static const char *take_quoted(struct arena *arena, const char **at)
{
    struct buffer text = {0};
    bool ended = false;
    if (!take(at, "'"))
        return NULL;
    while (**at != '\0' && !ended) {
        ended = **at == '\'' && (*at)[1] != '\'';
        *at += **at == '\'';
        if (!ended)
            buffer_add(&text, (*at)++, 1);
    }
    const char *copy = ended ? arena_copy(arena, text.at ? text.at : "", text.length) : NULL;
    buffer_free(&text);
    return copy;
}

static bool read_capture(struct arena *arena, const struct plan_step *step, const char *text,
                         bool list, struct capture *capture)
{
    if (!take(&text, list ? "${find_all(" : "${capture("))
        return false;
    const struct plan_step *program = take_program(step, &text);
    if (program == NULL || !take(&text, ", "))
        return false;
    capture->source = arena_format(arena, "steps.%s.stdout", program->name);
    capture->pattern = take_quoted(arena, &text);
    if (capture->pattern == NULL || !take(&text, ")"))
        return false;
    take(&text, " ?? ''");
    return strcmp(text, "}") == 0;
}

bool checklist_capture(struct checklist *list, const struct plan_step *step,
                       const struct param *output, const struct hand_blank *blank,
                       struct buffer *into)
{
    struct capture capture;
    const char *term =
        output != NULL && output->value ? term_print(list->arena, output->value) : "";
    if (!read_capture(list->arena, step, term, blank->list, &capture))
        return false;
    const struct hand_blank *printed = hand_blank(list->hand, capture.source);
    buffer_format(into, blank->list ? "mapfile -t %s < <(" : "%s=$(", blank->variable);
    buffer_format(into, "printf %%s \"${%s?}\" |\n  re=", printed->variable);
    shell_word(into, text_of(capture.pattern));
    buffer_text(into, blank->list ? " perl -0777 -ne 'print $1 // $&, \"\\n\" while /$ENV{re}/g')"
                                  : " perl -0777 -ne 'print $1 // $& if /$ENV{re}/')");
    buffer_format(into, "; declare -p %s\n", blank->variable);
    return true;
}
