/* Mappings are read by the tables of keys.h: shapes, unknown and missing keys. */
#include "lang/read.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/expr.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <assert.h>
#include <string.h>

/* ---- shapes ---- */

const char *read_shape(const struct node *node)
{
    static const char *const shapes[] = {"a text", "a list", "a mapping"};
    return node->kind == NODE_SCALAR && node->text.length == 0 && node->style == STYLE_PLAIN
               ? "nothing"
               : shapes[node->kind];
}

bool read_has_shape(struct reader *reader, const struct node *node, enum node_kind kind,
                    const char *wanted, const char *what, const char *example)
{
    if (node->kind == kind)
        return true;
    diagnostic_add(reader->diagnostics, RB102, node->mark,
                   example ? arena_format(reader->arena, "write it like this: %s", example) : NULL,
                   "%s wants %s, found %s", what, wanted, read_shape(node));
    return false;
}

bool read_is_map(struct reader *reader, const struct node *node, const char *what,
                 const char *example)
{
    return read_has_shape(reader, node, NODE_MAP, "a mapping", what, example);
}

bool read_is_list(struct reader *reader, const struct node *node, const char *what,
                  const char *example)
{
    return read_has_shape(reader, node, NODE_LIST, "a list", what, example);
}

const char *read_fixed(struct reader *reader, const struct node *node, const char *what)
{
    if (node->kind == NODE_SCALAR && node->text.length > 0)
        return node->text.at;
    diagnostic_add(reader->diagnostics, RB102, node->mark, NULL, "%s wants a text, found %s", what,
                   read_shape(node));
    return NULL;
}

/* Words that other people's YAML tools read as something else than a text. */
static bool is_yaml_word(const char *name)
{
    if (strchr("oyntf", name[0]) == NULL) /* what they begin with */
        return false;
    static const char *const words[] = {"on", "off",  "yes",   "no",  "y",
                                        "n",  "true", "false", "null"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], name) == 0)
            return true;
    return false;
}

static bool has_form_of_id(const char *name)
{
    if (name[0] < 'a' || name[0] > 'z')
        return false;
    while ((*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9') || *name == '_')
        name++;
    return *name == '\0';
}

/* NAME with what can't be in an id made into `_`, for the remedy. */
static const char *id_like(struct arena *arena, const char *name)
{
    char *like = arena_copy(arena, name, strlen(name));
    for (char *c = like; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
        else if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9')))
            *c = '_';
    }
    return has_form_of_id(like) ? like : NULL;
}

bool read_is_id(struct reader *reader, const char *name, struct mark mark)
{
    if (has_form_of_id(name) && !is_yaml_word(name))
        return true;
    if (is_yaml_word(name)) {
        diagnostic_add(reader->diagnostics, RB101, mark, "take another word",
                       "'%s' can't be a name: other YAML tools do not read it as a text", name);
        return false;
    }
    const char *like = id_like(reader->arena, name);
    diagnostic_add(reader->diagnostics, RB101, mark,
                   like ? arena_format(reader->arena, "write '%s'", like) : NULL,
                   "'%s' can't be a name: a name is a lower-case letter, then letters, digits "
                   "and `_`",
                   name);
    return false;
}

/* TEXT, which was written without `${…}`, as what goes into one. */
static const char *as_condition(const char *text)
{
    static const char *const words[][2] = {{"yes", "true"}, {"on", "true"},   {"y", "true"},
                                           {"no", "false"}, {"off", "false"}, {"n", "false"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], text) == 0)
            return words[i][1];
    return text;
}

const struct expr *read_expr(struct reader *reader, const struct node *node, const char *what)
{
    if (!read_has_shape(reader, node, NODE_SCALAR, "one `${…}`", what, NULL))
        return NULL;
    const struct template *template = template_parse(reader->arena, node, reader->diagnostics);
    if (template == NULL)
        return NULL;
    if (template->whole != NULL && !template->splice)
        return template->whole;
    bool bare = template->constant && template->text.length > 0;
    diagnostic_add(reader->diagnostics, RB102, node->mark,
                   bare ? arena_format(reader->arena, "write it as an expression: ${%s}",
                                       as_condition(node->text.at))
                        : "put the whole condition into one `${…}`",
                   "%s wants one `${…}` and nothing around it", what);
    return NULL;
}

bool read_may_guess(const struct diagnostics *diagnostics, size_t count)
{
    enum { GUESSES = 1000 * 1000 }; /* comparisons of two words in all: some tenths of a second */
    return count * (diagnostics->errors + 1) <= GUESSES;
}

const char *read_nearest(struct reader *reader, const struct map *map, const char *word)
{
    if (!read_may_guess(reader->diagnostics, map->count))
        return NULL;
    const char **names = arena_alloc(reader->arena, (map->count + 1) * sizeof *names);
    for (size_t i = 0; i < map->count; i++)
        names[i] = map->at[i].key;
    return text_nearest(word, names, map->count);
}

/* ---- keys ---- */

static const char *all_keys(struct reader *reader, const struct key_table *table)
{
    struct buffer buffer = {0};
    buffer_format(&buffer, "the keys of %s are", table->noun);
    for (size_t i = 0; i < table->count; i++)
        buffer_format(&buffer, " %s", table->keys[i].name);
    const char *text = arena_copy(reader->arena, buffer.at, buffer.length);
    buffer_free(&buffer);
    return text;
}

void keys_unknown(struct reader *reader, enum mapping mapping, const struct pair *pair)
{
    const struct key_table *table = keys_of(mapping);
    const char *remedy = keys_foreign(mapping, pair->key);
    const char *near = remedy ? NULL : keys_nearest(mapping, pair->key);
    if (near != NULL)
        remedy = arena_format(reader->arena, "did you mean '%s'?", near);
    diagnostic_add(reader->diagnostics, RB101, pair->key_mark,
                   remedy ? remedy : all_keys(reader, table), "'%s' is no key of %s", pair->key,
                   table->noun);
}

void keys_collect(struct reader *reader, enum mapping mapping, const struct node *node,
                  struct found *found, struct others *others)
{
    const struct key_index *keys = reader->catalog ? catalog_keys(reader->catalog) : NULL;
    found->present = 0;
    for (size_t i = 0; i < node->count; i++) {
        const struct pair *pair = &node->pairs[i];
        size_t index = 0;
        const struct key *key = keys ? key_find_by(keys, mapping, pair->key, &index)
                                     : key_find(mapping, pair->key, &index);
        if (key != NULL) {
            found->present |= UINT64_C(1) << index;
            found->at[index] = pair;
        } else if (others == NULL || others->count == sizeof others->at / sizeof others->at[0]) {
            keys_unknown(reader, mapping, pair);
        } else {
            others->at[others->count++] = pair;
        }
    }
}

const struct pair *keys_found(const struct reader *reader, enum mapping mapping,
                              const struct found *found, const char *name)
{
    size_t index = 0;
    if (found->present == 0 ||
        key_find_by(catalog_keys(reader->catalog), mapping, name, &index) == NULL)
        return NULL;
    return found->present >> index & 1 ? found->at[index] : NULL;
}

void keys_missing(struct reader *reader, enum mapping mapping, const struct found *found,
                  struct mark mark, const char *what)
{
    const struct key_table *table = keys_of(mapping);
    for (size_t i = 0; i < table->count; i++) {
        const struct key *key = &table->keys[i];
        if (!key->mandatory || (found->present >> i & 1))
            continue;
        diagnostic_add(reader->diagnostics, RB101, mark,
                       arena_format(reader->arena, "add `%s` (%s)", key->example, key->about),
                       "%s has no '%s'", what, key->name);
    }
}

void read_mapping(struct reader *reader, enum mapping mapping, const struct pair *pair,
                  const char *what, void *object)
{
    struct found found;
    if (!read_is_map(reader, pair->value, what, NULL))
        return;
    keys_collect(reader, mapping, pair->value, &found, NULL);
    keys_missing(reader, mapping, &found, pair->key_mark, what);
    keys_read(reader, mapping, &found, false, object);
    keys_read(reader, mapping, &found, true, object);
}

/* ---- the table of readers ---- */

static key_reader *const readers[] = {
    [READ_TEXT] = read_term_key,
    [READ_DURATION] = read_term_key,
    [READ_PATH] = read_term_key,
    [READ_COUNT] = read_term_key,
    [READ_FLOAT] = read_term_key,
    [READ_PATTERN] = read_term_key,
    [READ_VALUES] = read_values_key,
    [READ_ENVIRONMENT] = read_environment_key,
    [READ_EXPR] = read_expr_key,
    [READ_ID] = read_id_key,
    [READ_PROSE] = read_prose_key,
    [READ_BOOL] = read_bool_key,
    [READ_EFFECT] = read_effect_key,
    [READ_OK] = read_ok_key,
    [READ_ALSO] = read_also_key,
    [READ_HOST] = read_host_key,
    [READ_TYPE] = read_type_key,
    [READ_TYPED] = read_typed_key,
    [READ_RESOURCES] = read_resources_key,
    [READ_ALLOW] = read_allow_key,
    [READ_PARAMS] = read_params_key,
    [READ_OUTPUTS] = read_outputs_key,
    [READ_DEFAULTS] = read_defaults_key,
    [READ_CHECKS] = read_checks_key,
    [READ_BLOCK] = read_block_key,
    [READ_DONE_IF] = read_done_if_key,
    [READ_EXPECT] = read_expect_key,
    [READ_FOREACH] = read_foreach_key,
    [READ_REPEAT] = read_repeat_key,
    [READ_APPROVE] = read_approve_key,
    [READ_PEOPLE] = read_people_key,
    [READ_RETRY] = read_retry_key,
    [READ_RELEASE] = read_release_key,
    [READ_UNDO] = read_undo_key,
    [READ_STEPS] = read_steps_key,
    [READ_ON_FAILURE] = read_on_failure_key,
    [READ_ACTIONS] = read_actions_key,
    [READ_ARGV] = read_argv_key,
    [READ_SECRET] = read_term_key,
    [READ_SECRETS] = read_secrets_key,
    [READ_CONNECTIONS] = read_connections_key,
    [READ_PERCENT] = read_percent_key,
    [READ_CONDITIONS] = read_conditions_key,
    [READ_STRIKES] = read_strikes_key,
    [READ_BREAKER] = read_breaker_key,
    [READ_LIMIT] = read_limit_key,
};
static_assert(sizeof readers / sizeof readers[0] == READING_COUNT, "a reader for each reading");

void keys_read(struct reader *reader, enum mapping mapping, const struct found *found, bool late,
               void *object)
{
    const struct key *keys = keys_of(mapping)->keys;
    for (uint64_t rest = found->present; rest != 0; rest &= rest - 1) {
        size_t index = (size_t)__builtin_ctzll(rest);
        if (keys[index].late == late && keys[index].reading != READ_APART)
            readers[keys[index].reading](reader, object, &keys[index], found->at[index]);
    }
}
