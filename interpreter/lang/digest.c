#include "lang/digest.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/list.h"
#include "base/text.h"
#include "lang/model.h"
#include "lang/runbook.h"
#include "lang/walk.h"
#include "lang/yaml.h"

#include <stdlib.h>
#include <string.h>

/* What a node is part of, since a `title` is prose in a step and a value under an action. */
enum part {
    PART_VALUE,
    PART_STEP,
    PART_STEPS, /* by id, in an order that means something */
    PART_STEP_LIST,
    PART_BLOCK,
    PART_CHECK,
    PART_CHECK_LIST,
    PART_PARAM,
    PART_PARAMS,
    PART_ACTION,
    PART_RUNBOOK,
    PART_PROSE, /* is left out */
};

static const struct {
    enum part within;
    const char *key;
    enum part part;
} parts[] = {
    {PART_STEP, "title", PART_PROSE},
    {PART_STEP, "because", PART_PROSE},
    {PART_STEP, "allow", PART_PROSE},
    {PART_STEP, "done_if", PART_BLOCK},
    {PART_STEP, "preconditions", PART_BLOCK},
    {PART_STEP, "verify", PART_BLOCK},
    {PART_STEP, "wait", PART_BLOCK},
    {PART_STEP, "release", PART_STEP_LIST},
    {PART_STEP, "undo", PART_STEP_LIST},
    {PART_STEP, "steps", PART_STEPS},
    {PART_STEP, "outputs", PART_PARAMS},
    {PART_BLOCK, "checks", PART_CHECK_LIST},
    {PART_CHECK, "because", PART_PROSE},
    {PART_CHECK, "any", PART_CHECK_LIST},
    {PART_CHECK, "not", PART_CHECK},
    {PART_PARAM, "about", PART_PROSE},
    {PART_ACTION, "about", PART_PROSE},
    {PART_ACTION, "params", PART_PARAMS},
    {PART_ACTION, "outputs", PART_PARAMS},
    {PART_ACTION, "steps", PART_STEPS},
    {PART_RUNBOOK, "title", PART_PROSE},
    {PART_RUNBOOK, "begins", PART_PROSE},
    {PART_RUNBOOK, "ends", PART_PROSE},
    {PART_RUNBOOK, "about", PART_PROSE},
    {PART_RUNBOOK, "allow", PART_PROSE},
    {PART_RUNBOOK, "params", PART_PARAMS},
    {PART_RUNBOOK, "outputs", PART_PARAMS},
    {PART_RUNBOOK, "target", PART_CHECK_LIST},
    {PART_RUNBOOK, "preconditions", PART_BLOCK},
    {PART_RUNBOOK, "steps", PART_STEPS},
    {PART_RUNBOOK, "on_failure", PART_STEPS},
};

static enum part part_under(enum part within, const char *key)
{
    if (within == PART_STEPS)
        return PART_STEP;
    if (within == PART_PARAMS)
        return PART_PARAM;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].within == within && strcmp(parts[i].key, key) == 0)
            return parts[i].part;
    return PART_VALUE;
}

static enum part part_of_item(enum part list)
{
    if (list == PART_STEP_LIST)
        return PART_STEP;
    return list == PART_CHECK_LIST || list == PART_BLOCK ? PART_CHECK : PART_VALUE;
}

/* ---- canonical JSON ---- */

static void write_text(struct text text, struct buffer *into)
{
    buffer_text(into, "\"");
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte == '"' || byte == '\\')
            buffer_format(into, "\\%c", byte);
        else if (byte < 0x20)
            buffer_format(into, "\\u%04x", byte);
        else
            buffer_add(into, &text.at[i], 1);
    }
    buffer_text(into, "\"");
}

static int by_key(const void *a, const void *b)
{
    const struct pair *const *first = a, *const *second = b;
    return strcmp((*first)->key, (*second)->key);
}

static void write_node(const struct node *node, enum part part, struct buffer *into);

static void write_map(const struct node *node, enum part part, struct buffer *into)
{
    const struct pair **pairs = calloc(node->count + 1, sizeof *pairs);
    bool ordered = part == PART_STEPS;
    size_t written = 0;
    if (pairs == NULL)
        memory_exhausted(node->count * sizeof *pairs);
    for (size_t i = 0; i < node->count; i++)
        pairs[i] = &node->pairs[i];
    if (!ordered)
        qsort(pairs, node->count, sizeof *pairs, by_key);
    buffer_text(into, ordered ? "[" : "{");
    for (size_t i = 0; i < node->count; i++) {
        enum part under = part_under(part, pairs[i]->key);
        if (under == PART_PROSE)
            continue;
        buffer_text(into, written++ ? "," : "");
        buffer_text(into, ordered ? "{" : "");
        write_text(text_of(pairs[i]->key), into);
        buffer_text(into, ":");
        write_node(pairs[i]->value, under, into);
        buffer_text(into, ordered ? "}" : "");
    }
    buffer_text(into, ordered ? "]" : "}");
    free(pairs);
}

static void write_node(const struct node *node, enum part part, struct buffer *into)
{
    switch (node->kind) {
    case NODE_SCALAR:
        write_text(node->text, into);
        return;
    case NODE_LIST:
        buffer_text(into, "[");
        for (size_t i = 0; i < node->count; i++) {
            buffer_text(into, i ? "," : "");
            write_node(node->items[i], part_of_item(part), into);
        }
        buffer_text(into, "]");
        return;
    case NODE_MAP:
        write_map(node, part, into);
        return;
    }
}

/* ---- with the actions that it opens into ---- */

struct opened {
    struct arena *arena;
    struct map seen; /* names of actions and files of runbooks */
    struct buffer *into;
};

static void add_runbook(const struct walker *walker, const struct runbook *runbook)
{
    struct opened *opened = walker->context;
    if (!map_put(opened->arena, &opened->seen, runbook->file, opened))
        return;
    write_text(text_of(runbook->file), opened->into);
    buffer_text(opened->into, ":");
    write_node(runbook->node, PART_RUNBOOK, opened->into);
    walk_runbook(walker, runbook);
}

static void add_use(const struct walker *walker, const struct use *use)
{
    struct opened *opened = walker->context;
    const struct action *action = use->action;
    if (action->core == NULL && map_put(opened->arena, &opened->seen, action->name, opened))
        buffer_format(opened->into, ",{\"%s\":\"%s\"}", action->name, action_digest(action));
    for (size_t i = 0; action->core != NULL && i < use->arguments.count; i++) {
        const struct argument *argument = use->arguments.at[i].value;
        if (argument->runbook != NULL)
            add_runbook(walker, argument->runbook);
    }
}

static const char *finish(struct arena *arena, struct buffer *buffer)
{
    char hex[DIGEST_TEXT];
    digest_text(buffer_slice(buffer), hex);
    buffer_free(buffer);
    return arena_copy(arena, hex, sizeof hex - 1);
}

const char *action_digest(const struct action *action)
{
    struct arena *arena = action->arena;
    struct buffer buffer = {0};
    if (action->digest != NULL)
        return action->digest;
    struct opened opened = {.arena = arena, .into = &buffer};
    struct walker walker = {.use = add_use, .context = &opened};
    buffer_text(&buffer, "[");
    write_node(action->node, PART_ACTION, &buffer);
    walk_steps(&walker, action->steps);
    buffer_text(&buffer, "]");
    return ((struct action *)(uintptr_t)action)->digest = finish(arena, &buffer);
}

const char *step_digest(struct arena *arena, const struct step *step)
{
    struct buffer buffer = {0};
    struct opened opened = {.arena = arena, .into = &buffer};
    struct walker walker = {.use = add_use, .context = &opened};
    buffer_text(&buffer, "[");
    write_node(step->node, PART_STEP, &buffer);
    walk_step(&walker, step);
    buffer_text(&buffer, "]");
    return finish(arena, &buffer);
}
