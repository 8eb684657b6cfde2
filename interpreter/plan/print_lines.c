#include "plan/print_text.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/expr.h"
#include "lang/people.h"
#include "lang/term.h"
#include "lang/value.h"

#include <inttypes.h>
#include <string.h>

static const char *taken(struct arena *arena, struct buffer *buffer)
{
    const char *text = arena_copy(arena, buffer->at ? buffer->at : "", buffer->length);
    buffer_free(buffer);
    return text;
}

void print_place(const struct words *words, size_t indent, const char *folder,
                 const struct value *env)
{
    if (strcmp(folder, ".") != 0)
        words_prose(words, indent, "folder", folder);
    if (env != NULL)
        words_prose(words, indent, "env", words_value(words->arena, env));
}

const char *line_loop(struct arena *arena, const struct plan_step *step)
{
    const struct plan_loop *loop = step->loop;
    struct buffer line = {0};
    buffer_format(&line, "%s in %s", step->step->foreach->as, words_value(arena, loop->list));
    if (loop->parallel > 1)
        buffer_format(&line, "; %" PRId64 " at a time", loop->parallel);
    if (loop->pause != 0)
        buffer_format(&line, "; a pause of %s between",
                      loop->pause < 0 ? "unknown length" : duration_print(arena, loop->pause));
    if (loop->stop_after > 1)
        buffer_format(&line, "; stops after %" PRId64 " failures", loop->stop_after);
    if (loop->max > 0)
        buffer_format(&line, "; at most %" PRId64 " items", loop->max);
    if (step->step->foreach->empty_ok)
        buffer_text(&line, "; the list may be empty");
    if (loop->list->kind == VALUE_LIST && loop->list->list.count == 0 &&
        !step->step->foreach->empty_ok)
        buffer_text(&line, "; FAILS: the list is empty");
    if (loop->list->kind == VALUE_LIST && loop->max > 0 &&
        loop->list->list.count > (size_t)loop->max)
        buffer_format(&line, "; FAILS: there are %zu", loop->list->list.count);
    return taken(arena, &line);
}

const char *line_repeat(struct arena *arena, const struct plan_step *step)
{
    const struct plan_repeat *repeat = step->repeat;
    struct buffer line = {0};
    if (repeat == NULL)
        return NULL;
    buffer_format(&line, "until ${%s}, ", expr_print(arena, step->step->repeat->until));
    if (repeat->max > 0)
        buffer_format(&line, "at most %" PRId64 " rounds", repeat->max);
    else
        buffer_format(&line, "at most %s rounds", term_print(arena, step->step->repeat->max));
    if (repeat->pause != 0)
        buffer_format(&line, ", %s between",
                      repeat->pause < 0 ? term_print(arena, step->step->repeat->pause)
                                        : duration_print(arena, repeat->pause));
    return taken(arena, &line);
}

const char *line_retry(struct arena *arena, const struct plan_step *step)
{
    const struct plan_retry *retry = step->retry;
    struct buffer line = {0};
    if (retry == NULL)
        return NULL;
    if (retry->attempts < 0)
        buffer_text(&line, "attempts decided at run time");
    else
        buffer_format(&line, "%" PRId64 " attempts", retry->attempts);
    if (retry->delay != 0)
        buffer_format(&line, ", %s between",
                      retry->delay < 0 ? "a time decided at run time"
                                       : duration_print(arena, retry->delay));
    if (retry->backoff != 1)
        buffer_format(&line, ", each time %g times as long", retry->backoff);
    if (step->step->retry->also_timeout)
        buffer_text(&line, ", also after a timeout");
    if (step->step->retry->also_verify)
        buffer_text(&line, ", also when verify does not hold");
    return taken(arena, &line);
}

const char *line_approve(struct arena *arena, const struct plan_step *step)
{
    const struct approval *approve = step->approve;
    struct buffer line = {0};
    if (approve == NULL)
        return NULL;
    bool many = approve->count == APPROVAL_UNKNOWN;
    buffer_format(&line, "\"%s\"", words_value(arena, approve->ask));
    if (approve->type != NULL)
        buffer_format(&line, "; answered by typing %s", words_value(arena, approve->type));
    if (approve->show != NULL)
        buffer_format(&line, "; shows %s", words_value(arena, approve->show));
    if (approve->by != NULL || approve->count > 1)
        buffer_text(&line, "; asks "), people_print(approve->by, many ? 1 : approve->count, &line);
    if (many)
        buffer_format(&line, "; by %s of them", term_print(arena, step->step->approve->count));
    if (approve->within != 0)
        buffer_format(&line, "; within %s, else the run stops",
                      approve->within == APPROVAL_UNKNOWN
                          ? term_print(arena, step->step->approve->within)
                          : duration_print(arena, approve->within));
    return taken(arena, &line);
}

/* Only what is not plain from the order: the one step before it is what is needed if nothing is
 * said. */
const char *line_needs(struct arena *arena, const struct plan_step *step)
{
    const struct step *from = step->step;
    const char *names = "";
    if (step->relation != PLAN_INSIDE && step->relation != PLAN_FAILURE)
        return NULL;
    if (from->needs.count == 0)
        return from->index == 0 ? NULL : "nothing; starts at once";
    const struct step *first = from->needs.at[0];
    if (from->needs.count == 1 && first->index + 1 == from->index)
        return NULL;
    for (size_t i = 0; i < from->needs.count; i++)
        names = words_join(arena, names, ((const struct step *)from->needs.at[i])->id);
    return names;
}

const char *line_times(struct arena *arena, const struct plan_block *block)
{
    const char *line = "";
    if (block->within != NULL)
        line = words_join(arena, line, arena_format(arena, "within %s", block->within));
    if (block->stable_for != NULL)
        line = words_join(arena, line, arena_format(arena, "stable for %s", block->stable_for));
    if (block->every != NULL)
        line = words_join(arena, line, arena_format(arena, "every %s", block->every));
    if (block->stall != NULL)
        line = words_join(arena, line,
                          arena_format(arena, "fails when nothing changes for %s", block->stall));
    return line;
}

static void add_part(struct arena *arena, struct buffer *line, size_t *parts, const char *name,
                     int64_t time)
{
    if (time == 0)
        return;
    buffer_format(line, "%s%s%s%s", *parts ? " + " : "", name, name[0] ? " " : "",
                  words_time(arena, time));
    ++*parts;
}

const char *line_worst(struct arena *arena, const struct plan_step *step)
{
    struct buffer line = {0};
    size_t parts = 0;
    if (step->loop != NULL || step->when == 0)
        return NULL;
    int64_t attempts = step->retry ? step->retry->attempts : 1;
    int64_t rounds = step->repeat ? step->repeat->max : 1;
    add_part(arena, &line, &parts, "done_if", step->done_if ? step->done_if->worst : 0);
    add_part(arena, &line, &parts, "preconditions",
             step->preconditions ? step->preconditions->worst : 0);
    if (rounds != 1)
        buffer_format(&line, "%s%" PRId64 " rounds of ", parts ? " + " : "", rounds);
    size_t before = rounds != 1 ? 0 : parts;
    add_part(arena, &line, &before, "", step->action);
    parts = before > parts ? before : parts + (before > 0);
    add_part(arena, &line, &parts, "verify", step->verify ? step->verify->worst : 0);
    if (step->repeat != NULL && step->repeat->pause != 0)
        buffer_text(&line, ", and the pauses between");
    const char *sum = taken(arena, &line);
    if (attempts == 1)
        return parts > 1 || rounds != 1 ? sum : NULL;
    return arena_format(arena, "%" PRId64 " attempts of %s%s", attempts, sum,
                        step->retry->delay != 0 ? ", and what is waited between" : "");
}

const char *line_outputs(struct arena *arena, const struct plan_step *step)
{
    const struct map *outputs = &step->step->outputs;
    const char *line = "";
    for (size_t i = 0; i < outputs->count; i++) {
        const struct param *output = outputs->at[i].value;
        line = words_join(arena, line,
                          arena_format(arena, "%s = %s", output->name,
                                       output->value ? term_print(arena, output->value) : "?"));
    }
    return line;
}

const char *line_arguments(struct arena *arena, const struct use *use, const struct value *inputs)
{
    const struct map *written = &use->arguments;
    size_t count = 0;
    if (inputs == NULL || inputs->kind != VALUE_MAP)
        return "";
    struct member *at = arena_alloc(arena, (written->count + 1) * sizeof *at);
    for (size_t i = 0; i < written->count; i++) {
        const struct value *value = value_member(arena, inputs, written->at[i].key);
        if (value->kind != VALUE_UNSET)
            at[count++] = (struct member){written->at[i].key, value};
    }
    return count == 0 ? "" : words_value(arena, value_map(arena, at, count));
}

/* An action without words of its own: its name and what it is given. */
static void show_plainly(struct arena *arena, const struct deed *deed, struct buffer *into)
{
    const struct value *inputs = deed->inputs;
    struct member *at = arena_alloc(arena, (inputs->map.count + 1) * sizeof *at);
    size_t count = 0;
    for (size_t i = 0; i < inputs->map.count; i++)
        if (inputs->map.at[i].value->kind != VALUE_UNSET)
            at[count++] = inputs->map.at[i];
    buffer_text(into, deed->action->name);
    if (count > 0) {
        buffer_text(into, ": ");
        value_show(value_map(arena, at, count), 0, into);
    }
}

struct text line_deed(struct arena *arena, const struct deed *deed, const char *folder)
{
    struct buffer line = {0};
    if (deed->action->show != NULL)
        deed->action->show(deed, &line);
    else
        show_plainly(arena, deed, &line);
    if (strcmp(deed->folder, folder) != 0)
        buffer_format(&line, "\n  in the folder %s", deed->folder);
    if (strcmp(deed->host, "here") != 0)
        buffer_format(&line, "\n  on the host %s", deed->host);
    size_t length = line.length;
    return (struct text){taken(arena, &line), length};
}

/* Only a destroyer in an undo, or a release, is none that a run comes to by itself. */
const char *line_destroyed(const struct plan_step *step)
{
    for (; step != NULL; step = step->parent)
        if (step->relation == PLAN_UNDO || step->relation == PLAN_RELEASE ||
            step->relation == PLAN_FAILURE)
            return step->relation == PLAN_UNDO      ? ", only when it is taken back"
                   : step->relation == PLAN_RELEASE ? ", only when it is given back"
                                                    : ", only in on_failure";
    return "";
}
