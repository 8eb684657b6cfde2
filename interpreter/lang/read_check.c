/* Checks and check blocks. */
#include "lang/read.h"

#include "base/arena.h"
#include "lang/expect.h"
#include "lang/yaml.h"

#include <string.h>

static struct check *read_check(struct reader *reader, const struct node *node);

static void read_inside(struct reader *reader, const struct node *node, struct list *into)
{
    struct check *check = read_check(reader, node);
    if (check != NULL)
        list_add(reader->arena, into, check);
}

static void read_checks(struct reader *reader, const struct node *node, const char *what,
                        struct list *into)
{
    if (!read_is_list(reader, node, what, "[{http.get: 'http://localhost/health'}]"))
        return;
    list_reserve(reader->arena, into, node->count);
    for (size_t i = 0; i < node->count; i++)
        read_inside(reader, node->items[i], into);
    if (node->count == 0)
        diagnostic_add(reader->diagnostics, RB204, node->mark, "write a check, or take the key out",
                       "%s has no check in it, and would always hold", what);
}

void read_expect_key(struct reader *reader, void *object, const struct key *key,
                     const struct pair *pair)
{
    if (reader->outputs == NULL)
        return; /* of an action that is not known, and was told of */
    *(const struct expectation **)((char *)object + key->at) = expect_read(
        reader->arena, pair->value, reader->outputs, reader->standard, reader->diagnostics);
}

/* ---- one check ---- */

/* `any` and `not`: what is inside says what is expected. */
static void read_combination(struct reader *reader, struct check *check, const struct found *found)
{
    const struct pair *any = keys_found(reader, MAPPING_CHECK, found, "any");
    const struct pair *not = keys_found(reader, MAPPING_CHECK, found, "not");
    const struct pair *expect = keys_found(reader, MAPPING_CHECK, found, "expect");
    check->kind = any ? CHECK_ANY : CHECK_NOT;
    check->mark = any ? any->key_mark : not ->key_mark;
    if (any && not )
        diagnostic_add(reader->diagnostics, RB101, not ->key_mark, "make it a check of its own",
                       "a check is one of 'any', 'not' and an action");
    if (any)
        read_checks(reader, any->value, "'any'", &check->checks);
    else if (not ->value->kind == NODE_LIST)
        diagnostic_add(reader->diagnostics, RB102, not ->value->mark,
                       "write `not: {any: […]}` for none of them, or a `not` for each",
                       "'not' wants one check, found a list");
    else
        read_inside(reader, not ->value, &check->checks);
    if (expect)
        diagnostic_add(reader->diagnostics, RB101, expect->key_mark, "write it in the check inside",
                       "'expect' speaks of an action, and '%s' "
                       "has none",
                       any ? "any" : "not");
}

static void read_asked(struct reader *reader, struct check *check, const struct node *node,
                       const struct others *others)
{
    const struct pair *pair =
        read_find_action(reader, MAPPING_CHECK, others, node->mark, "this check");
    if (pair == NULL)
        return;
    check->mark = pair->key_mark;
    if (read_use(reader, pair, &check->use))
        check->expect = check->use.action->expect;
}

static void read_check_keys(struct reader *reader, struct check *check, const struct node *node)
{
    struct found found;
    struct others others = {.count = 0};
    keys_collect(reader, MAPPING_CHECK, node, &found, &others);
    if (keys_found(reader, MAPPING_CHECK, &found, "any") ||
        keys_found(reader, MAPPING_CHECK, &found, "not")) {
        read_combination(reader, check, &found);
        if (others.count > 0)
            diagnostic_add(reader->diagnostics, RB101, others.at[0]->key_mark,
                           "make it a check of its own",
                           "a check is one of 'any', 'not' and an action");
        keys_read(reader, MAPPING_CHECK, &found, false, check);
        return;
    }
    read_asked(reader, check, node, &others);
    keys_read(reader, MAPPING_CHECK, &found, false, check);
    if (check->use.action == NULL)
        return;
    reader->outputs = check->use.action->result;
    reader->standard = check->use.action->expect;
    keys_read(reader, MAPPING_CHECK, &found, true, check);
}

static struct check *read_check(struct reader *reader, const struct node *node)
{
    if (!read_is_map(reader, node, "a check", "- http.get: 'http://localhost/health'"))
        return NULL;
    struct check *check = arena_alloc(reader->arena, sizeof *check);
    const struct type *outputs = reader->outputs;
    const struct expectation *standard = reader->standard;
    check->mark = node->mark;
    check->kind = CHECK_ACTION;
    read_check_keys(reader, check, node);
    reader->outputs = outputs;
    reader->standard = standard;
    return check;
}

/* ---- lists and blocks ---- */

void read_checks_key(struct reader *reader, void *object, const struct key *key,
                     const struct pair *pair)
{
    read_checks(reader, pair->value, arena_format(reader->arena, "'%s'", pair->key),
                (struct list *)((char *)object + key->at));
}

/* A single check where a block is wanted: its action is no key of a block. */
static bool is_bare_check(const struct node *node)
{
    for (size_t i = 0; i < node->count; i++)
        if (strchr(node->pairs[i].key, '.') != NULL ||
            key_find(MAPPING_CHECK, node->pairs[i].key, NULL) != NULL)
            return true;
    return false;
}

const struct block *read_block(struct reader *reader, const struct pair *pair)
{
    const struct node *node = pair->value;
    struct block *block = arena_alloc(reader->arena, sizeof *block);
    const char *what = arena_format(reader->arena, "'%s'", pair->key);
    block->mark = pair->key_mark;
    if (node->kind == NODE_LIST) {
        read_checks(reader, node, what, &block->checks);
        return block;
    }
    if (node->kind == NODE_MAP && node_get(node, "checks") == NULL && is_bare_check(node)) {
        diagnostic_add(
            reader->diagnostics, RB102, node->mark,
            "write a `-` before it; with `within` and so on, the list goes into `checks`",
            "%s wants a list of checks, found one check", what);
        return NULL;
    }
    if (!read_has_shape(reader, node, NODE_MAP, "a list of checks, or a mapping with 'checks'",
                        what, "[{http.get: 'http://localhost/health'}]"))
        return NULL;
    read_mapping(reader, MAPPING_BLOCK, pair, what, block);
    return block;
}

void read_block_key(struct reader *reader, void *object, const struct key *key,
                    const struct pair *pair)
{
    *(const struct block **)((char *)object + key->at) = read_block(reader, pair);
}
