#include "lang/connection.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/keys.h"
#include "lang/read.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <string.h>

/* ---- its fields ---- */

static const struct type *place_of(const struct key *key)
{
    return type_scalar(key->reading == READ_COUNT      ? TYPE_INT
                       : key->reading == READ_PATH     ? TYPE_PATH
                       : key->reading == READ_SECRET   ? TYPE_SECRET
                       : key->reading == READ_DURATION ? TYPE_DURATION
                                                       : TYPE_STRING);
}

/* Is TEXT one of the words that WORDS lists with commas? */
static bool is_word(const char *words, struct text text)
{
    for (const char *at = words; at != NULL; at = strstr(at, ", ")) {
        at += at == words ? 0 : 2;
        if (text_equal(text, (struct text){at, strcspn(at, ",")}))
            return true;
    }
    return false;
}

/* A field whose type is a list of words takes one of them; what is computed the server's library
 * looks at. */
static bool is_one_of(const struct key *key, const struct term *term,
                      struct diagnostics *diagnostics)
{
    if (strchr(key->type, ',') == NULL || term->kind != TERM_CONSTANT ||
        is_word(key->type, term->constant->text))
        return true;
    diagnostic_add(diagnostics, RB102, term->mark, NULL, "'%s' is one of %s, found '%s'", key->name,
                   key->type, term->constant->text.at);
    return false;
}

static bool is_positive(const struct key *key, const struct term *term,
                        struct diagnostics *diagnostics)
{
    bool number = key->reading == READ_COUNT || key->reading == READ_DURATION;
    if (!number || term->kind != TERM_CONSTANT || term->constant->integer > 0)
        return true;
    diagnostic_add(diagnostics, RB102, term->mark, NULL, "'%s' is more than nothing", key->name);
    return false;
}

static const struct key *field_key(struct arena *arena, const struct pair *pair,
                                   struct diagnostics *diagnostics)
{
    const struct key *key = key_find(MAPPING_POSTGRES, pair->key, NULL);
    if (key != NULL)
        return key;
    const char *foreign = keys_foreign(MAPPING_POSTGRES, pair->key);
    const char *near = keys_nearest(MAPPING_POSTGRES, pair->key);
    diagnostic_add(diagnostics, RB101, pair->key_mark,
                   foreign ? foreign
                   : near  ? arena_format(arena, "did you mean '%s'?", near)
                           : "its keys stand in grammar.md under Connection",
                   "'%s' is no key of a postgres connection", pair->key);
    return NULL;
}

static const struct term *read_field(struct arena *arena, const struct pair *pair,
                                     struct diagnostics *diagnostics)
{
    const struct key *key = field_key(arena, pair, diagnostics);
    const struct term *term =
        key ? term_read(arena, pair->value, place_of(key), diagnostics) : NULL;
    bool good =
        term != NULL && is_one_of(key, term, diagnostics) && is_positive(key, term, diagnostics);
    return good ? term : NULL;
}

/* ---- the mapping ---- */

static const struct term *map_term(struct arena *arena, const struct node *node,
                                   const struct type *type, const struct term_member *members,
                                   size_t count)
{
    struct term *term = arena_alloc(arena, sizeof *term);
    *term = (struct term){.kind = TERM_MAP, .mark = node->mark, .type = type};
    term->count = count;
    term->members = members;
    return term_fold_map(arena, term);
}

static const struct term *read_fields(struct arena *arena, const struct node *node,
                                      struct diagnostics *diagnostics)
{
    struct term_member *members = arena_alloc(arena, (node->count + 1) * sizeof *members);
    bool good = true;
    for (size_t i = 0; i < node->count; i++) {
        const struct pair *pair = &node->pairs[i];
        members[i] =
            (struct term_member){pair->key, pair->key_mark, read_field(arena, pair, diagnostics)};
        good = good && members[i].term != NULL;
    }
    return good ? map_term(arena, node, NULL, members, node->count) : NULL;
}

static const struct term *wrong(const struct node *node, struct diagnostics *diagnostics,
                                const char *remedy)
{
    diagnostic_add(diagnostics, RB102, node->mark, remedy,
                   "a connection is a mapping with one key, its kind");
    return NULL;
}

const struct term *connection_read(struct arena *arena, const struct node *node,
                                   struct diagnostics *diagnostics)
{
    static const char form[] = "write it like this: {postgres: {host: localhost, dbname: shop}}";
    const struct pair *pair = node->kind == NODE_MAP && node->count == 1 ? &node->pairs[0] : NULL;
    if (pair == NULL)
        return wrong(node, diagnostics, form);
    if (key_find(MAPPING_CONNECTION, pair->key, NULL) == NULL) {
        const char *foreign = keys_foreign(MAPPING_CONNECTION, pair->key);
        diagnostic_add(diagnostics, RB101, pair->key_mark, foreign ? foreign : form,
                       "there is no kind of connection '%s'", pair->key);
        return NULL;
    }
    if (pair->value->kind != NODE_MAP)
        return wrong(pair->value, diagnostics, form);
    struct term_member *member = arena_alloc(arena, sizeof *member);
    *member = (struct term_member){pair->key, pair->key_mark,
                                   read_fields(arena, pair->value, diagnostics)};
    if (member->term == NULL)
        return NULL;
    return map_term(arena, node, type_scalar(TYPE_CONNECTION), member, 1);
}

void read_connections_key(struct reader *reader, void *object, const struct key *key,
                          const struct pair *pair)
{
    struct map *connections = (struct map *)((char *)object + key->at);
    if (!read_is_map(reader, pair->value, "'connections'", key->example))
        return;
    for (size_t i = 0; i < pair->value->count; i++) {
        const struct pair *each = &pair->value->pairs[i];
        bool named = read_is_id(reader, each->key, each->key_mark);
        const struct term *term = connection_read(reader->arena, each->value, reader->diagnostics);
        if (named && term != NULL)
            map_put(reader->arena, connections, each->key, (void *)(uintptr_t)term);
    }
}
