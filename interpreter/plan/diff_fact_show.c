/* Facts looked at: are two the same, and how are they shown? */
#include "plan/diff_fact.h"

#include "base/arena.h"
#include "lang/value.h"
#include "lang/yaml.h"
#include "plan/diff_trait.h"

#include <string.h>

const struct fact *fact_find(const struct fact *fact, const char *key)
{
    return fact ? map_get(&fact->members, key) : NULL;
}

static bool is_told(const struct fact *fact, bool words)
{
    return fact != NULL && (words || fact->trait->judge != JUDGE_WORDS);
}

static bool node_equal(const struct node *a, const struct node *b)
{
    if (a == NULL || b == NULL || a->kind != b->kind || a->count != b->count)
        return a == b;
    if (a->kind == NODE_SCALAR)
        return text_equal(a->text, b->text);
    for (uint32_t i = 0; i < a->count; i++) {
        const struct node *other =
            a->kind == NODE_LIST ? b->items[i] : node_get(b, a->pairs[i].key);
        if (!node_equal(a->kind == NODE_LIST ? a->items[i] : a->pairs[i].value, other))
            return false;
    }
    return true;
}

static bool members_equal(const struct fact *a, const struct fact *b, bool words)
{
    size_t told = 0;
    for (uint32_t i = 0; i < a->members.count; i++) {
        const struct fact *member = a->members.at[i].value;
        if (!is_told(member, words))
            continue;
        told++;
        if (!fact_equal(member, map_get(&b->members, member->key), words))
            return false;
    }
    for (uint32_t i = 0; i < b->members.count; i++)
        told -= is_told(b->members.at[i].value, words);
    return told == 0;
}

bool fact_equal(const struct fact *a, const struct fact *b, bool words)
{
    if (a == NULL || b == NULL || a->kind != b->kind)
        return a == b;
    if (a->kind == FACT_NODE)
        return node_equal(a->node, b->node);
    if ((a->text == NULL) != (b->text == NULL) || (a->text && strcmp(a->text, b->text) != 0))
        return false;
    if (a->value != NULL && b->value != NULL && a->value->kind != b->value->kind)
        return false;
    return members_equal(a, b, words);
}

static void show_node(const struct node *node, struct buffer *into)
{
    if (node->kind == NODE_SCALAR)
        buffer_add(into, node->text.at, node->text.length);
    else
        buffer_text(into, node->kind == NODE_LIST ? "[" : "{");
    for (uint32_t i = 0; node->kind != NODE_SCALAR && i < node->count; i++) {
        buffer_text(into, i ? ", " : "");
        if (node->kind == NODE_MAP)
            buffer_format(into, "%s: ", node->pairs[i].key);
        show_node(node->kind == NODE_MAP ? node->pairs[i].value : node->items[i], into);
    }
    if (node->kind != NODE_SCALAR)
        buffer_text(into, node->kind == NODE_LIST ? "]" : "}");
}

/* A step's or check's keys as they stand in a line: "http.get http://…, within 30s". */
static void show_member(const struct fact *member, bool keyed, struct buffer *into)
{
    if (keyed && member->kind != FACT_USE)
        buffer_format(into, "%s: ", member->key);
    fact_show(member, into);
}

static void show_members(const struct fact *fact, struct buffer *into)
{
    bool list = fact->kind == FACT_LIST;
    size_t shown = 0;
    buffer_text(into, list ? "[" : "{");
    for (uint32_t i = 0; i < fact->members.count; i++) {
        const struct fact *member = fact->members.at[i].value;
        if (member->standard || !is_told(member, false))
            continue;
        buffer_text(into, shown++ ? ", " : "");
        show_member(member, !list, into);
    }
    buffer_text(into, list ? "]" : "}");
}

/* "git.fetch origin", "file.copy {from: a, to: b}" */
static void show_use(const struct fact *fact, struct buffer *into)
{
    const struct fact *first = fact->members.count ? fact->members.at[0].value : NULL;
    buffer_text(into, fact->text);
    if (first == NULL)
        return;
    buffer_text(into, " ");
    if (fact->members.count == 1 && first->kind == FACT_SCALAR)
        fact_show(first, into);
    else
        show_members(fact, into);
}

void fact_show(const struct fact *fact, struct buffer *into)
{
    if (fact->kind == FACT_NODE)
        show_node(fact->node, into);
    else if (fact->kind == FACT_SCALAR)
        buffer_text(into, fact->text);
    else if (fact->kind == FACT_USE)
        show_use(fact, into);
    else
        show_members(fact, into);
}

const char *fact_shown(struct arena *arena, const struct fact *fact)
{
    struct buffer text = {0};
    fact_show(fact, &text);
    const char *copy = arena_copy(arena, text.at ? text.at : "", text.length);
    buffer_free(&text);
    return copy;
}
