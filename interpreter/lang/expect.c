/* Expectations: reading, typing, printing. Judging is in expect_judge.c. */
#include "lang/eval.h"
#include "lang/expect.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/text.h"
#include "lang/expr.h"
#include "lang/keys.h"
#include "lang/model.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/typing.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <string.h>

/* ---- which matcher goes with which type ---- */

static bool is_json(const struct type *type)
{
    return type->kind == TYPE_JSON;
}

static bool is_ordered(const struct type *type)
{
    switch (type->kind) {
    case TYPE_INT:
    case TYPE_FLOAT:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_TIME:
    case TYPE_JSON:
        return true;
    case TYPE_STRING:
    case TYPE_PATH:
    case TYPE_URL:
    case TYPE_REGEX:
        return true;
    case TYPE_BOOL:
    case TYPE_SECRET:
    case TYPE_CONNECTION:
    case TYPE_LIST:
    case TYPE_MAP:
    case TYPE_RECORD:
    case TYPE_NOTHING:
        break;
    }
    return false;
}

bool expect_goes_with(enum matcher_kind kind, const struct type *type)
{
    bool list = type->kind == TYPE_LIST;
    bool map = type->kind == TYPE_MAP || type->kind == TYPE_RECORD;
    bool text = type_is_text(type);
    switch (kind) {
    case MATCH_EQUAL:
    case MATCH_NOT:
        return true;
    case MATCH_MIN:
    case MATCH_MAX:
        return is_ordered(type);
    case MATCH_ONE_OF:
        return type_is_scalar(type) || is_json(type);
    case MATCH_MATCHES:
        return text || is_json(type);
    case MATCH_CONTAINS:
        return text || list || is_json(type);
    case MATCH_COUNT:
        return text || list || map || is_json(type);
    case MATCH_EACH:
        return list || is_json(type);
    case MATCH_JSON:
        return text || map || is_json(type);
    case MATCH_EXISTS:
        return type->optional || is_json(type);
    }
    return false;
}

static const char *matchers_for(struct arena *arena, const struct type *type)
{
    const struct key_table *table = keys_of(MAPPING_MATCHER);
    struct buffer buffer = {0};
    buffer_format(&buffer, "with type %s go", type_print(arena, type));
    for (size_t i = 0; i < table->count; i++)
        if (expect_goes_with((enum matcher_kind)table->keys[i].at, type))
            buffer_format(&buffer, " %s", table->keys[i].name);
    const char *text = arena_copy(arena, buffer.at, buffer.length);
    buffer_free(&buffer);
    return text;
}

/* ---- reading ---- */

static const struct matcher *read_matcher(struct arena *arena, const struct node *node,
                                          const struct type *type, struct diagnostics *diagnostics);

/* What the member of a list, or what a pointer leads to, is. */
static const struct type *member_type(const struct type *type)
{
    return type->kind == TYPE_LIST ? type->element : type_scalar(TYPE_JSON);
}

const struct type *expect_place(struct arena *arena, enum matcher_kind kind,
                                const struct type *type)
{
    const struct type *set = type_optional(arena, type, false);
    switch (kind) {
    case MATCH_ONE_OF:
        return type_list(arena, set);
    case MATCH_MATCHES:
        return type_scalar(TYPE_REGEX);
    case MATCH_CONTAINS:
        return type_is_text(set) ? type_scalar(TYPE_STRING) : member_type(set);
    case MATCH_EXISTS:
        return type_scalar(TYPE_BOOL);
    case MATCH_COUNT:
        return type_scalar(TYPE_INT);
    case MATCH_EACH:
        return member_type(set);
    case MATCH_JSON:
        return type_scalar(TYPE_JSON);
    case MATCH_EQUAL:
    case MATCH_MIN:
    case MATCH_MAX:
    case MATCH_NOT:
        break;
    }
    return set;
}

static bool is_pointer(const char *text)
{
    if (text[0] != '\0' && text[0] != '/')
        return false;
    for (const char *c = text; *c; c++)
        if (*c == '~' && c[1] != '0' && c[1] != '1')
            return false;
    return true;
}

static void read_pointers(struct arena *arena, const struct node *node, struct map *into,
                          struct diagnostics *diagnostics)
{
    if (node->kind != NODE_MAP) {
        diagnostic_add(diagnostics, RB102, node->mark, "write it like this: json: {/status: ok}",
                       "'json' wants a mapping of JSON pointers to matchers");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct pair *pair = &node->pairs[i];
        if (!is_pointer(pair->key))
            diagnostic_add(
                diagnostics, RB102, pair->key_mark,
                arena_format(arena, "write '/%s'; `~1` in it is a slash, `~0` a tilde", pair->key),
                "'%s' is no JSON pointer: it begins with '/'", pair->key);
        const struct matcher *matcher =
            read_matcher(arena, pair->value, type_scalar(TYPE_JSON), diagnostics);
        if (matcher != NULL)
            map_put(arena, into, pair->key, (void *)(uintptr_t)matcher);
    }
}

static void read_part(struct arena *arena, const struct pair *pair, const struct type *type,
                      struct matcher_part *part, struct diagnostics *diagnostics)
{
    const struct type *place = expect_place(arena, part->kind, type);
    switch (part->kind) {
    case MATCH_NOT:
    case MATCH_COUNT:
    case MATCH_EACH:
        part->inside = read_matcher(arena, pair->value, place, diagnostics);
        return;
    case MATCH_JSON:
        read_pointers(arena, pair->value, &part->json, diagnostics);
        return;
    case MATCH_EQUAL:
    case MATCH_MIN:
    case MATCH_MAX:
    case MATCH_ONE_OF:
    case MATCH_MATCHES:
    case MATCH_CONTAINS:
    case MATCH_EXISTS:
        part->term = term_read(arena, pair->value, place, diagnostics);
        return;
    }
}

static void unknown_matcher(struct arena *arena, const struct pair *pair, const struct type *type,
                            struct diagnostics *diagnostics)
{
    const char *foreign = keys_foreign(MAPPING_MATCHER, pair->key);
    const char *near = keys_nearest(MAPPING_MATCHER, pair->key);
    bool deep = expect_goes_with(MATCH_JSON, type);
    const char *remedy =
        foreign ? foreign
        : near  ? arena_format(arena, "did you mean '%s'?", near)
        : deep  ? arena_format(arena, "to look inside, write `json: {/%s: …}`", pair->key)
                : matchers_for(arena, type);
    diagnostic_add(diagnostics, RB101, pair->key_mark, remedy, "'%s' is no matcher", pair->key);
}

static void read_parts(struct arena *arena, const struct node *node, const struct type *type,
                       struct matcher *matcher, struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct pair *pair = &node->pairs[i];
        const struct key *key = key_find(MAPPING_MATCHER, pair->key, NULL);
        if (key == NULL) {
            unknown_matcher(arena, pair, type, diagnostics);
            continue;
        }
        struct matcher_part *part = arena_alloc(arena, sizeof *part);
        part->kind = (enum matcher_kind)key->at;
        part->mark = pair->key_mark;
        list_add(arena, &matcher->parts, part);
        if (expect_goes_with(part->kind, type)) {
            read_part(arena, pair, type, part, diagnostics);
            continue;
        }
        diagnostic_add(diagnostics, RB102, pair->key_mark,
                       part->kind == MATCH_EXISTS ? "take it out: there always is a value"
                                                  : matchers_for(arena, type),
                       "'%s' does not go with a value of type %s", pair->key,
                       type_print(arena, type));
    }
    if (node->count == 0)
        diagnostic_add(diagnostics, RB204, node->mark, "say what it must be, or take the key out",
                       "a matcher that says nothing always holds");
}

static const struct matcher *read_matcher(struct arena *arena, const struct node *node,
                                          const struct type *type, struct diagnostics *diagnostics)
{
    struct matcher *matcher = arena_alloc(arena, sizeof *matcher);
    matcher->mark = node->mark;
    list_reserve(arena, &matcher->parts, node->kind == NODE_MAP ? node->count : 1);
    if (node->kind == NODE_MAP) {
        read_parts(arena, node, type, matcher, diagnostics);
        return matcher;
    }
    struct matcher_part *part = arena_alloc(arena, sizeof *part);
    part->kind = MATCH_EQUAL;
    part->mark = node->mark;
    part->term = term_read(arena, node, expect_place(arena, MATCH_EQUAL, type), diagnostics);
    list_add(arena, &matcher->parts, part);
    return part->term ? matcher : NULL;
}

static void unknown_output(struct arena *arena, const struct pair *pair, const struct type *outputs,
                           struct diagnostics *diagnostics)
{
    const char **names = arena_alloc(arena, (outputs->field_count + 1) * sizeof *names);
    struct buffer all = {0};
    buffer_text(&all, outputs->field_count ? "the outputs are" : "it has no outputs");
    for (size_t i = 0; i < outputs->field_count; i++) {
        names[i] = outputs->fields[i].name;
        buffer_format(&all, "%s %s", i ? "," : "", names[i]);
    }
    const char *near = text_nearest(pair->key, names, outputs->field_count);
    diagnostic_add(diagnostics, RB101, pair->key_mark,
                   near ? arena_format(arena, "did you mean '%s'?", near) : all.at,
                   "there is no output '%s' to expect something of", pair->key);
    buffer_free(&all);
}

static void read_outputs(struct arena *arena, const struct node *node, const struct type *outputs,
                         struct expectation *expect, struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct pair *pair = &node->pairs[i];
        const struct type *type = type_member(outputs, pair->key);
        if (type == NULL) {
            unknown_output(arena, pair, outputs, diagnostics);
            continue;
        }
        const struct matcher *matcher = read_matcher(arena, pair->value, type, diagnostics);
        if (matcher != NULL)
            map_put(arena, &expect->outputs, pair->key, (void *)(uintptr_t)matcher);
    }
}

/* The fixed value that MATCHER (or NULL) wants and nothing else, or NULL. */
static const struct value *wanted(const struct matcher *matcher)
{
    const struct matcher_part *part =
        matcher != NULL && matcher->parts.count == 1 ? matcher->parts.at[0] : NULL;
    return part != NULL && part->kind == MATCH_EQUAL && part->term != NULL &&
                   part->term->kind == TERM_CONSTANT
               ? part->term->constant
               : NULL;
}

/* Is something else than what the default wants written of one of its outputs? */
static bool contradicts(const struct expectation *expect, const struct expectation *default_)
{
    for (size_t i = 0; i < default_->outputs.count; i++) {
        const struct value *a = wanted(default_->outputs.at[i].value);
        const struct value *b = wanted(map_get(&expect->outputs, default_->outputs.at[i].key));
        if (a != NULL && b != NULL && !value_equal(a, b))
            return true;
    }
    return false;
}

/* Who looks at `stdout` still wants `exit` 0. Who wants `answered: false` wants no `status`, which
 * is there only when the default's answer came. */
static void merge(struct arena *arena, struct expectation *expect, const struct type *outputs,
                  const struct expectation *default_)
{
    if (default_ == NULL)
        return;
    bool other = contradicts(expect, default_);
    for (size_t i = 0; i < default_->outputs.count; i++) {
        const char *name = default_->outputs.at[i].key;
        if (!other || !type_member(outputs, name)->optional)
            map_put(arena, &expect->outputs, name, default_->outputs.at[i].value);
    }
}

static const struct expr *read_condition(struct arena *arena, const struct node *node,
                                         struct diagnostics *diagnostics)
{
    const struct template *template =
        node->kind == NODE_SCALAR ? template_parse(arena, node, diagnostics) : NULL;
    if (template != NULL && template->whole != NULL && !template->splice)
        return template->whole;
    if (template != NULL || node->kind == NODE_LIST)
        diagnostic_add(diagnostics, RB102, node->mark,
                       "write `{exit: 0}`, or `${result.exit == 0}`",
                       "an expectation is a mapping of outputs to matchers, or one `${…}`");
    return NULL;
}

const struct expectation *expect_read(struct arena *arena, const struct node *node,
                                      const struct type *outputs,
                                      const struct expectation *default_,
                                      struct diagnostics *diagnostics)
{
    struct expectation *expect = arena_alloc(arena, sizeof *expect);
    expect->mark = node->mark;
    if (node->kind != NODE_MAP) {
        expect->expr = read_condition(arena, node, diagnostics);
        return expect->expr ? expect : NULL;
    }
    expect->anything = node->count == 0;
    map_reserve(arena, &expect->outputs, node->count + (default_ ? default_->outputs.count : 0));
    read_outputs(arena, node, outputs, expect, diagnostics);
    expect->written = expect->outputs.count;
    if (!expect->anything)
        merge(arena, expect, outputs, default_);
    return expect;
}

/* ---- typing ---- */

static void type_matcher(struct arena *arena, const struct matcher *matcher,
                         const struct names *names, struct diagnostics *diagnostics)
{
    for (size_t i = 0; matcher != NULL && i < matcher->parts.count; i++) {
        const struct matcher_part *part = matcher->parts.at[i];
        if (part->term != NULL)
            term_type(arena, part->term, names, diagnostics);
        type_matcher(arena, part->inside, names, diagnostics);
        for (size_t j = 0; j < part->json.count; j++)
            type_matcher(arena, part->json.at[j].value, names, diagnostics);
    }
}

void expect_type(struct arena *arena, const struct expectation *expect, const struct type *outputs,
                 const struct names *names, struct diagnostics *diagnostics)
{
    (void)outputs; /* the terms know their places since they were read */
    for (size_t i = 0; i < expect->outputs.count; i++)
        type_matcher(arena, expect->outputs.at[i].value, names, diagnostics);
    const struct type *type =
        expect->expr ? expr_type(arena, expect->expr, names, diagnostics) : NULL;
    if (type != NULL && !type_accepts(type_scalar(TYPE_BOOL), type))
        diagnostic_add(diagnostics, type->optional && type->kind == TYPE_BOOL ? RB104 : RB102,
                       expr_mark(expect->expr), "compare it with something: … == 0, … != ''",
                       "an expectation is true or false, and this is of type %s",
                       type_print(arena, type));
}

/* ---- printing ---- */

struct printing {
    struct arena *arena;
    const struct values *values; /* NULL: terms as written */
    struct buffer *into;
};

static void print_matcher(const struct printing *printing, const char *subject,
                          const struct matcher *matcher);

/* Its value when there are names to evaluate it with, else as written. */
static void print_term(const struct printing *printing, const struct term *term)
{
    struct problem ignored = {0};
    const struct value *value =
        printing->values ? term_eval(printing->arena, term, printing->values, &ignored) : NULL;
    if (value != NULL)
        value_show(value, 0, printing->into);
    else
        buffer_text(printing->into, term_print(printing->arena, term));
}

static void print_part(const struct printing *printing, const char *subject,
                       const struct matcher_part *part)
{
    static const char *const verbs[] = {
        [MATCH_EQUAL] = "is",         [MATCH_MIN] = "is at least", [MATCH_MAX] = "is at most",
        [MATCH_ONE_OF] = "is one of", [MATCH_MATCHES] = "matches", [MATCH_CONTAINS] = "contains",
        [MATCH_EXISTS] = "exists:",   [MATCH_NOT] = "not: ",       [MATCH_COUNT] = "count of",
        [MATCH_EACH] = "each of",     [MATCH_JSON] = "",
    };
    struct buffer *into = printing->into;
    if (part->term != NULL) {
        buffer_format(into, "%s %s ", subject, verbs[part->kind]);
        print_term(printing, part->term);
        return;
    }
    if (part->inside != NULL) {
        buffer_format(into, part->kind == MATCH_NOT ? "%s" : "%s ", verbs[part->kind]);
        print_matcher(printing, subject, part->inside);
    }
    for (size_t i = 0; i < part->json.count; i++) {
        buffer_text(into, i ? ", " : "");
        print_matcher(printing,
                      arena_format(printing->arena, "%s %s", subject, part->json.at[i].key),
                      part->json.at[i].value);
    }
}

static void print_matcher(const struct printing *printing, const char *subject,
                          const struct matcher *matcher)
{
    for (size_t i = 0; i < matcher->parts.count; i++) {
        buffer_text(printing->into, i ? " and " : "");
        print_part(printing, subject, matcher->parts.at[i]);
    }
}

void expect_print(struct arena *arena, const struct expectation *expect,
                  const struct values *values, struct buffer *into)
{
    struct printing printing = {arena, values, into};
    if (expect->anything)
        buffer_text(into, "whatever comes");
    if (expect->expr != NULL)
        buffer_format(into, "${%s}", expr_print(arena, expect->expr));
    for (size_t i = 0; i < expect->outputs.count; i++) {
        buffer_text(into, i ? ", " : "");
        print_matcher(&printing, expect->outputs.at[i].key, expect->outputs.at[i].value);
    }
}
