/* The values of keys that need nothing but themselves: texts, limits, words, types, resources. */
#include "lang/read.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <string.h>

static void *member(void *object, const struct key *key)
{
    return (char *)object + key->at;
}

static const char *quoted(struct reader *reader, const struct key *key)
{
    return arena_format(reader->arena, "'%s'", key->name);
}

/* Does the constant make sense as a limit? A negative duration or no attempt does not. */
static void check_limit(struct reader *reader, const struct key *key, const struct term *term)
{
    if (term->kind != TERM_CONSTANT)
        return;
    int64_t number = term->constant->integer;
    if (key->reading == READ_COUNT && number < 1)
        diagnostic_add(reader->diagnostics, RB102, term->mark, "write 1 or more",
                       "'%s' is at least 1, found %lld", key->name, (long long)number);
    if (key->reading == READ_DURATION && (number < 0 || (number == 0 && !key->zero)))
        diagnostic_add(reader->diagnostics, RB102, term->mark,
                       key->preset ? "take the key out for its default" : "write a longer one: 30s",
                       "'%s' is a duration longer than nothing", key->name);
}

void read_term_key(struct reader *reader, void *object, const struct key *key,
                   const struct pair *pair)
{
    static const enum type_kind kinds[] = {
        [READ_TEXT] = TYPE_STRING, [READ_DURATION] = TYPE_DURATION, [READ_PATH] = TYPE_PATH,
        [READ_COUNT] = TYPE_INT,   [READ_FLOAT] = TYPE_FLOAT,       [READ_PATTERN] = TYPE_REGEX,
    };
    const struct term *term = term_read(reader->arena, pair->value,
                                        type_scalar(kinds[key->reading]), reader->diagnostics);
    if (term != NULL)
        check_limit(reader, key, term);
    *(const struct term **)member(object, key) = term;
}

void read_values_key(struct reader *reader, void *object, const struct key *key,
                     const struct pair *pair)
{
    const struct node *node = pair->value;
    bool expression =
        node->kind == NODE_SCALAR && node->text.length > 2 && strncmp(node->text.at, "${", 2) == 0;
    if (expression || read_is_list(reader, node, quoted(reader, key), key->example))
        *(const struct term **)member(object, key) =
            term_read(reader->arena, node, NULL, reader->diagnostics);
}

void read_argv_key(struct reader *reader, void *object, const struct key *key,
                   const struct pair *pair)
{
    const struct type *type = type_list(reader->arena, type_scalar(TYPE_STRING));
    if (read_is_list(reader, pair->value, quoted(reader, key), key->example))
        *(const struct term **)member(object, key) =
            term_read(reader->arena, pair->value, type, reader->diagnostics);
}

void read_environment_key(struct reader *reader, void *object, const struct key *key,
                          const struct pair *pair)
{
    const struct type *type = type_parse(reader->arena, "map<string|secret>");
    if (read_is_map(reader, pair->value, quoted(reader, key), key->example))
        *(const struct term **)member(object, key) =
            term_read(reader->arena, pair->value, type, reader->diagnostics);
}

void read_expr_key(struct reader *reader, void *object, const struct key *key,
                   const struct pair *pair)
{
    *(const struct expr **)member(object, key) =
        read_expr(reader, pair->value, quoted(reader, key));
}

void read_id_key(struct reader *reader, void *object, const struct key *key,
                 const struct pair *pair)
{
    const char *name = read_fixed(reader, pair->value, quoted(reader, key));
    if (name != NULL && read_is_id(reader, name, pair->value->mark))
        *(const char **)member(object, key) = name;
}

void read_prose_key(struct reader *reader, void *object, const struct key *key,
                    const struct pair *pair)
{
    *(const char **)member(object, key) = read_fixed(reader, pair->value, quoted(reader, key));
}

/* Reads one of WORDS (COUNT of them); its place, or -1 after a diagnostic. */
static int read_word(struct reader *reader, const struct node *node, const char *what,
                     const char *const *words, size_t count)
{
    struct buffer list = {0};
    for (size_t i = 0; i < count; i++)
        if (node->kind == NODE_SCALAR && text_is(node->text, words[i])) {
            buffer_free(&list);
            return (int)i;
        } else {
            buffer_format(&list, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", words[i]);
        }
    const char *near = node->kind == NODE_SCALAR && node->text.length > 0
                           ? text_nearest(node->text.at, words, count)
                           : NULL;
    diagnostic_add(reader->diagnostics, RB102, node->mark,
                   arena_format(reader->arena,
                                near ? "did you mean '%s'?" : "write one of these: %s",
                                near ? near : list.at),
                   "%s is %s, found %s", what, list.at,
                   node->kind == NODE_SCALAR && node->text.length > 0
                       ? arena_format(reader->arena, "'%s'", node->text.at)
                       : read_shape(node));
    buffer_free(&list);
    return -1;
}

void read_bool_key(struct reader *reader, void *object, const struct key *key,
                   const struct pair *pair)
{
    const struct node *node = pair->value;
    const char *problem = NULL;
    if (!read_has_shape(reader, node, NODE_SCALAR, "true or false", quoted(reader, key),
                        key->example))
        return;
    const struct value *value =
        value_read(reader->arena, type_scalar(TYPE_BOOL), node->text, true, &problem);
    if (value != NULL)
        *(bool *)member(object, key) = value->truth;
    else
        diagnostic_add(reader->diagnostics, RB102, node->mark,
                       strstr(node->text.at, "${")
                           ? "it is fixed: the checker relies on it before anything runs"
                           : "write true or false",
                       "'%s': %s", key->name, problem);
}

void read_effect_key(struct reader *reader, void *object, const struct key *key,
                     const struct pair *pair)
{
    static const char *const words[] = {"read", "change", "destroy"};
    int word = read_word(reader, pair->value, "'effect'", words, 3);
    if (word >= 0)
        *(enum effect *)member(object, key) = (enum effect)word;
}

void read_ok_key(struct reader *reader, void *object, const struct key *key,
                 const struct pair *pair)
{
    static const char *const words[] = {"ok"};
    *(bool *)member(object, key) =
        read_word(reader, pair->value, quoted(reader, key), words, 1) == 0;
}

void read_also_key(struct reader *reader, void *object, const struct key *key,
                   const struct pair *pair)
{
    static const char *const words[] = {"timeout", "verify"};
    struct retry *retry = object;
    if (!read_is_list(reader, pair->value, "'also'", key->example))
        return;
    for (size_t i = 0; i < pair->value->count; i++) {
        int word = read_word(reader, pair->value->items[i], "what is also tried again", words, 2);
        retry->also_timeout = retry->also_timeout || word == 0;
        retry->also_verify = retry->also_verify || word == 1;
    }
}

void read_host_key(struct reader *reader, void *object, const struct key *key,
                   const struct pair *pair)
{
    const struct term *term =
        term_read(reader->arena, pair->value, type_scalar(TYPE_STRING), reader->diagnostics);
    *(const struct term **)member(object, key) = term;
    if (term == NULL || (term->kind == TERM_CONSTANT && text_is(term->constant->text, "here")))
        return;
    diagnostic_add(reader->diagnostics, RB101, term->mark,
                   "write `host: here`, or run the command there by `exec: [ssh, …]`",
                   "this release does not reach other hosts yet: 'host' is 'here'");
}

void read_type_key(struct reader *reader, void *object, const struct key *key,
                   const struct pair *pair)
{
    const char *text = read_fixed(reader, pair->value, "'type'");
    const struct type *type = text ? type_parse(reader->arena, text) : NULL;
    if (text == NULL)
        return;
    *(const struct type **)member(object, key) = type;
    if (type != NULL)
        return;
    size_t count = 0;
    const char *const *names = type_names(&count);
    const char *near = text_nearest(text, names, count);
    struct buffer all = {0};
    for (size_t i = 0; i < count; i++)
        buffer_format(&all, "%s%s", i ? " " : "the types are ", names[i]);
    diagnostic_add(reader->diagnostics, RB101, pair->value->mark,
                   near ? arena_format(reader->arena, "did you mean '%s'?", near) : all.at,
                   "'%s' is no type", text);
    buffer_free(&all);
}

static bool is_resource(const struct node *node)
{
    size_t kind = node->kind == NODE_SCALAR
                      ? strspn(node->text.at, "abcdefghijklmnopqrstuvwxyz0123456789_")
                      : 0;
    return kind > 0 && node->text.at[kind] == ':' && node->text.at[kind + 1] != '\0';
}

void read_resources_key(struct reader *reader, void *object, const struct key *key,
                        const struct pair *pair)
{
    struct list *list = member(object, key);
    if (!read_is_list(reader, pair->value, quoted(reader, key), key->example))
        return;
    for (size_t i = 0; i < pair->value->count; i++) {
        const struct node *node = pair->value->items[i];
        if (!is_resource(node)) {
            diagnostic_add(reader->diagnostics, RB102, node->mark,
                           "write the kind, a colon and the name: 'volume:pgdata'",
                           "what a step %s is `kind:name`", key->name);
            continue;
        }
        const struct term *term =
            term_read(reader->arena, node, type_scalar(TYPE_STRING), reader->diagnostics);
        if (term != NULL)
            list_add(reader->arena, list, (void *)(uintptr_t)term);
    }
}

/* The code that PAIR accepts: of a warning or note, since no error can be accepted. NULL after a
 * diagnostic. */
static const char *allowed_code(struct reader *reader, const struct pair *pair)
{
    enum diagnostic_code code;
    if (!diagnostic_find(pair->key, &code)) {
        diagnostic_add(reader->diagnostics, RB101, pair->key_mark,
                       "write the code as `runbook check` tells it: RB106",
                       "'%s' is no code of a finding", pair->key);
        return NULL;
    }
    if (diagnostic_about(code)->severity != SEVERITY_ERROR)
        return diagnostic_about(code)->code;
    diagnostic_add(reader->diagnostics, RB101, pair->key_mark,
                   arena_format(reader->arena, "mend what %s tells of (`runbook explain %s`)",
                                pair->key, pair->key),
                   "%s is an error, and only a warning can be allowed", pair->key);
    return NULL;
}

/* Why it is accepted: who reads it next year has nothing else. NULL after a diagnostic. */
static const struct term *allowed_why(struct reader *reader, const struct pair *pair)
{
    const struct node *node = pair->value;
    bool blank = node->kind == NODE_SCALAR && node->text.at[strspn(node->text.at, " \t\n")] == '\0';
    if (!blank)
        return term_read(reader->arena, node, type_scalar(TYPE_STRING), reader->diagnostics);
    diagnostic_add(
        reader->diagnostics, RB101, pair->key_mark,
        arena_format(reader->arena, "say why it is right here: `%s: the reason`", pair->key),
        "%s is allowed without a reason", pair->key);
    return NULL;
}

void read_allow_key(struct reader *reader, void *object, const struct key *key,
                    const struct pair *pair)
{
    if (!read_is_map(reader, pair->value, "'allow'", key->example))
        return;
    for (size_t i = 0; i < pair->value->count; i++) {
        const struct pair *allowed = &pair->value->pairs[i];
        const char *code = allowed_code(reader, allowed);
        const struct term *why = allowed_why(reader, allowed);
        if (code != NULL && why != NULL)
            map_put(reader->arena, member(object, key), code, (void *)(uintptr_t)why);
    }
}
