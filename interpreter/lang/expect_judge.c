/* Does what came out meet what was expected? Three answers and, of what is not known yet, a fourth.
 */
#include "lang/expect.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/eval.h"
#include "lang/expr.h"
#include "lang/model.h"
#include "lang/pattern.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_LIMIT = 60 }; /* characters of a value in a line for people */

struct judge {
    struct arena *arena;
    const struct values *values;
};

static enum answer judge_matcher(const struct judge *judge, const char *subject,
                                 const struct value *found, const struct matcher *matcher,
                                 struct buffer *why);

/* ---- telling ---- */

static void show(const struct value *value, struct buffer *into)
{
    if (value->kind == VALUE_UNSET) {
        buffer_text(into, "unset");
        return;
    }
    struct buffer text = {0};
    value_show(value, SHOWN_LIMIT, &text);
    bool bare = value->kind == VALUE_TEXT &&
                (text.length == 0 || (text.at[0] != '\'' && text.at[0] != '"'));
    buffer_format(into, bare ? "'%s'" : "%s", text.at ? text.at : "");
    buffer_free(&text);
}

/* Every phrase stands behind what was told before. */
static void begin(const char *subject, struct buffer *why)
{
    buffer_format(why, "%s%s", why->length ? "; " : "", subject);
}

/* "exit is 1, wanted at least 2" */
static enum answer fails(const char *subject, const struct value *found, const char *wanted,
                         const struct value *value, struct buffer *why)
{
    begin(subject, why);
    buffer_text(why, " is ");
    show(found, why);
    buffer_format(why, ", wanted %s", wanted);
    if (value != NULL)
        show(value, why);
    return ANSWER_FAILS;
}

static enum answer unasked(const char *subject, const char *message, struct buffer *why)
{
    begin(subject, why);
    buffer_format(why, ": %s", message);
    return ANSWER_UNASKED;
}

/* ---- comparing ---- */

static bool is_number(const struct value *value)
{
    return value->kind == VALUE_INT || value->kind == VALUE_FLOAT;
}

/* In json, WANTED is converted to what was found: a text to a number, a number to a text. */
static const struct value *like_found(struct arena *arena, const struct value *wanted,
                                      const struct value *found)
{
    static const enum type_kind kinds[] = {
        [VALUE_UNSET] = TYPE_JSON,  [VALUE_TEXT] = TYPE_STRING,  [VALUE_INT] = TYPE_INT,
        [VALUE_FLOAT] = TYPE_FLOAT, [VALUE_BOOL] = TYPE_BOOL,    [VALUE_DURATION] = TYPE_DURATION,
        [VALUE_SIZE] = TYPE_SIZE,   [VALUE_TIME] = TYPE_TIME,    [VALUE_LIST] = TYPE_JSON,
        [VALUE_MAP] = TYPE_JSON,    [VALUE_UNKNOWN] = TYPE_JSON, [VALUE_SECRET] = TYPE_SECRET,
    };
    const char *problem = NULL;
    if (wanted->kind == found->kind || (is_number(wanted) && is_number(found)))
        return wanted;
    if (wanted->kind == VALUE_LIST || wanted->kind == VALUE_MAP || wanted->kind == VALUE_UNSET)
        return wanted;
    struct text text =
        wanted->kind == VALUE_TEXT ? wanted->text : text_of(value_print(arena, wanted));
    const struct value *read =
        value_read(arena, type_scalar(kinds[found->kind]), text, false, &problem);
    return read ? read : wanted;
}

static bool equal(struct arena *arena, const struct value *found, const struct value *wanted)
{
    if (found->kind == VALUE_LIST && wanted->kind == VALUE_LIST) {
        bool same = found->list.count == wanted->list.count;
        for (size_t i = 0; same && i < found->list.count; i++)
            same = equal(arena, found->list.at[i], wanted->list.at[i]);
        return same;
    }
    if (found->kind == VALUE_MAP && wanted->kind == VALUE_MAP) {
        bool same = found->map.count == wanted->map.count;
        for (size_t i = 0; same && i < found->map.count; i++)
            same = equal(arena, found->map.at[i].value,
                         value_member(arena, wanted, found->map.at[i].key));
        return same;
    }
    const struct value *like = like_found(arena, wanted, found);
    if (is_number(like) && is_number(found))
        return value_compare(found, like) == 0;
    return value_equal(found, like);
}

/* -1, 0, 1; false when the two can't be compared. A number that a text holds is one. */
static bool order(struct arena *arena, const struct value *found, const struct value *wanted,
                  int *order)
{
    const char *problem = NULL;
    if (found->kind == VALUE_TEXT && is_number(wanted))
        found = value_read(arena, type_scalar(TYPE_FLOAT), found->text, true, &problem);
    else
        wanted = like_found(arena, wanted, found);
    bool scalar = found != NULL && found->kind != VALUE_LIST && found->kind != VALUE_MAP &&
                  found->kind != VALUE_BOOL;
    if (!scalar || !(found->kind == wanted->kind || (is_number(found) && is_number(wanted))))
        return false;
    *order = value_compare(found, wanted);
    return true;
}

/* ---- single matchers ---- */

static enum answer judge_order(const struct judge *judge, bool upper, const char *subject,
                               const struct value *found, const struct value *wanted,
                               struct buffer *why)
{
    int result = 0;
    const char *words = upper ? "at most " : "at least ";
    if (order(judge->arena, found, wanted, &result) && (upper ? result <= 0 : result >= 0))
        return ANSWER_HOLDS;
    return fails(subject, found, words, wanted, why);
}

static enum answer judge_one_of(const struct judge *judge, const char *subject,
                                const struct value *found, const struct value *wanted,
                                struct buffer *why)
{
    for (size_t i = 0; wanted->kind == VALUE_LIST && i < wanted->list.count; i++)
        if (equal(judge->arena, found, wanted->list.at[i]))
            return ANSWER_HOLDS;
    return fails(subject, found, "one of ", wanted, why);
}

static enum answer judge_matches(const struct judge *judge, const char *subject,
                                 const struct value *found, const struct value *wanted,
                                 struct buffer *why)
{
    const char *problem = NULL;
    size_t offset = 0;
    struct text whole, group;
    if (found->kind == VALUE_LIST || found->kind == VALUE_MAP)
        return fails(subject, found, "a text that matches ", wanted, why);
    struct text subject_text =
        found->kind == VALUE_TEXT ? found->text : text_of(value_print(judge->arena, found));
    struct pattern *pattern = pattern_compile(judge->arena, wanted->text, &problem, &offset);
    if (pattern == NULL)
        return unasked(
            subject,
            arena_format(judge->arena, "the pattern '%s' is wrong: %s", wanted->text.at, problem),
            why);
    switch (pattern_match(pattern, subject_text, 0, &whole, &group, &problem)) {
    case PATTERN_FOUND:
        return ANSWER_HOLDS;
    case PATTERN_ABSENT:
        return fails(subject, found, "a text that matches ", wanted, why);
    case PATTERN_ERROR:
        break;
    }
    return unasked(subject, problem, why);
}

static enum answer judge_contains(const struct judge *judge, const char *subject,
                                  const struct value *found, const struct value *wanted,
                                  struct buffer *why)
{
    if (found->kind == VALUE_TEXT) {
        struct text part =
            wanted->kind == VALUE_TEXT ? wanted->text : text_of(value_print(judge->arena, wanted));
        if (part.length == 0 ||
            memmem(found->text.at, found->text.length, part.at, part.length) != NULL)
            return ANSWER_HOLDS;
        return fails(subject, found, "a text that contains ", wanted, why);
    }
    for (size_t i = 0; found->kind == VALUE_LIST && i < found->list.count; i++)
        if (equal(judge->arena, found->list.at[i], wanted))
            return ANSWER_HOLDS;
    return fails(subject, found, "a list that contains ", wanted, why);
}

static enum answer judge_exists(const char *subject, const struct value *found,
                                const struct value *wanted, struct buffer *why)
{
    bool exists = found->kind != VALUE_UNSET;
    if (exists == wanted->truth)
        return ANSWER_HOLDS;
    return fails(subject, found, exists ? "no value" : "a value", NULL, why);
}

/* Matchers that compare with a term. */
static enum answer judge_term(const struct judge *judge, const char *subject,
                              const struct value *found, const struct matcher_part *part,
                              struct buffer *why)
{
    struct problem problem = {0};
    const struct value *wanted = term_eval(judge->arena, part->term, judge->values, &problem);
    if (wanted == NULL)
        return unasked(subject, problem.message, why);
    if (value_has_unknown(wanted))
        return ANSWER_UNKNOWN;
    switch (part->kind) {
    case MATCH_EQUAL:
        return equal(judge->arena, found, wanted) ? ANSWER_HOLDS
                                                  : fails(subject, found, "", wanted, why);
    case MATCH_MIN:
    case MATCH_MAX:
        return judge_order(judge, part->kind == MATCH_MAX, subject, found, wanted, why);
    case MATCH_ONE_OF:
        return judge_one_of(judge, subject, found, wanted, why);
    case MATCH_MATCHES:
        return judge_matches(judge, subject, found, wanted, why);
    case MATCH_CONTAINS:
        return judge_contains(judge, subject, found, wanted, why);
    case MATCH_EXISTS:
        return judge_exists(subject, found, wanted, why);
    case MATCH_NOT:
    case MATCH_COUNT:
    case MATCH_EACH:
    case MATCH_JSON:
        break;
    }
    abort();
}

/* ---- matchers with matchers inside ---- */

static enum answer both(enum answer a, enum answer b)
{
    /* One that fails settles it, whatever the other would have said. */
    if (a == ANSWER_FAILS || b == ANSWER_FAILS)
        return ANSWER_FAILS;
    if (a == ANSWER_UNASKED || b == ANSWER_UNASKED)
        return ANSWER_UNASKED;
    return a == ANSWER_UNKNOWN || b == ANSWER_UNKNOWN ? ANSWER_UNKNOWN : ANSWER_HOLDS;
}

static enum answer judge_not(const struct judge *judge, const char *subject,
                             const struct value *found, const struct matcher *inside,
                             struct buffer *why)
{
    struct buffer told = {0};
    enum answer answer = judge_matcher(judge, subject, found, inside, &told);
    if (answer == ANSWER_UNASKED && told.length)
        begin(told.at, why);
    buffer_free(&told);
    if (answer == ANSWER_FAILS)
        return ANSWER_HOLDS;
    if (answer != ANSWER_HOLDS)
        return answer;
    struct expectation shown = {0};
    map_put(judge->arena, &shown.outputs, "it", (void *)(uintptr_t)inside);
    struct buffer words = {0};
    expect_print(judge->arena, &shown, judge->values, &words);
    fails(subject, found, arena_format(judge->arena, "that not: %s", words.at), NULL, why);
    buffer_free(&words);
    return ANSWER_FAILS;
}

static size_t characters(struct text text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++)
        count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    return count;
}

static enum answer judge_count(const struct judge *judge, const char *subject,
                               const struct value *found, const struct matcher *inside,
                               struct buffer *why)
{
    size_t count;
    if (found->kind == VALUE_TEXT)
        count = characters(found->text);
    else if (found->kind == VALUE_LIST)
        count = found->list.count;
    else if (found->kind == VALUE_MAP)
        count = found->map.count;
    else
        return fails(subject, found, "something that has a length", NULL, why);
    return judge_matcher(judge, arena_format(judge->arena, "the count of %s", subject),
                         value_integer(judge->arena, VALUE_INT, (int64_t)count), inside, why);
}

static enum answer judge_each(const struct judge *judge, const char *subject,
                              const struct value *found, const struct matcher *inside,
                              struct buffer *why)
{
    enum answer answer = ANSWER_HOLDS;
    if (found->kind != VALUE_LIST)
        return fails(subject, found, "a list", NULL, why);
    for (size_t i = 0; i < found->list.count; i++)
        answer =
            both(answer, judge_matcher(judge, arena_format(judge->arena, "%s[%zu]", subject, i),
                                       found->list.at[i], inside, why));
    return answer;
}

/* One step of a JSON pointer: TOKEN (until '/' or the end) with ~1 and ~0 undone. */
static const char *unescaped(struct arena *arena, const char *token, size_t length)
{
    char *plain = arena_copy(arena, token, length);
    char *to = plain;
    for (const char *from = plain; *from; from++) {
        bool tilde = from[0] == '~' && (from[1] == '0' || from[1] == '1');
        *to++ = tilde ? (from[1] == '0' ? '~' : '/') : *from;
        from += tilde;
    }
    *to = '\0';
    return plain;
}

static const struct value *at_index(const struct value *list, const char *token)
{
    char *end = NULL;
    unsigned long index = strtoul(token, &end, 10);
    bool number =
        *token >= '0' && *token <= '9' && *end == '\0' && (token[0] != '0' || token[1] == '\0');
    return number && index < list->list.count ? list->list.at[index] : &value_unset;
}

/* What POINTER (RFC 6901) leads to, or unset. */
static const struct value *at_pointer(struct arena *arena, const struct value *value,
                                      const char *pointer)
{
    while (*pointer == '/' && value->kind != VALUE_UNKNOWN) {
        size_t length = strcspn(++pointer, "/");
        const char *token = unescaped(arena, pointer, length);
        pointer += length;
        if (value->kind == VALUE_LIST)
            value = at_index(value, token);
        else if (value->kind == VALUE_MAP)
            value = value_member(arena, value, token);
        else
            return &value_unset;
    }
    return value;
}

static enum answer judge_json(const struct judge *judge, const char *subject,
                              const struct value *found, const struct map *pointers,
                              struct buffer *why)
{
    const char *problem = NULL;
    const struct value *json =
        found->kind == VALUE_TEXT ? value_parse_json(judge->arena, found->text, &problem) : found;
    enum answer answer = ANSWER_HOLDS;
    if (json == NULL) {
        begin(subject, why);
        buffer_format(why, ": %s", problem);
        return ANSWER_FAILS;
    }
    for (size_t i = 0; i < pointers->count; i++) {
        const char *inner = arena_format(judge->arena, "%s: %s", subject, pointers->at[i].key);
        answer = both(answer, judge_matcher(judge, inner,
                                            at_pointer(judge->arena, json, pointers->at[i].key),
                                            pointers->at[i].value, why));
    }
    return answer;
}

static enum answer judge_part(const struct judge *judge, const char *subject,
                              const struct value *found, const struct matcher_part *part,
                              struct buffer *why)
{
    if (found->kind == VALUE_UNSET && part->kind != MATCH_EXISTS)
        return fails(subject, found, "a value", NULL, why);
    switch (part->kind) {
    case MATCH_NOT:
        return judge_not(judge, subject, found, part->inside, why);
    case MATCH_COUNT:
        return judge_count(judge, subject, found, part->inside, why);
    case MATCH_EACH:
        return judge_each(judge, subject, found, part->inside, why);
    case MATCH_JSON:
        return judge_json(judge, subject, found, &part->json, why);
    case MATCH_EQUAL:
    case MATCH_MIN:
    case MATCH_MAX:
    case MATCH_ONE_OF:
    case MATCH_MATCHES:
    case MATCH_CONTAINS:
    case MATCH_EXISTS:
        break;
    }
    return judge_term(judge, subject, found, part, why);
}

static enum answer judge_matcher(const struct judge *judge, const char *subject,
                                 const struct value *found, const struct matcher *matcher,
                                 struct buffer *why)
{
    enum answer answer = ANSWER_HOLDS;
    if (found->kind == VALUE_UNKNOWN)
        return ANSWER_UNKNOWN;
    for (size_t i = 0; i < matcher->parts.count; i++)
        answer = both(answer, judge_part(judge, subject, found, matcher->parts.at[i], why));
    return answer;
}

/* ---- the door ---- */

static enum answer judge_expr(const struct judge *judge, const struct expr *expr,
                              struct buffer *why)
{
    struct problem problem = {0};
    const struct value *value = expr_eval(judge->arena, expr, judge->values, &problem);
    if (value == NULL) {
        buffer_text(why, problem.message);
        return ANSWER_UNASKED;
    }
    if (value->kind == VALUE_UNKNOWN)
        return ANSWER_UNKNOWN;
    if (value->kind == VALUE_BOOL && value->truth)
        return ANSWER_HOLDS;
    buffer_format(why, "${%s} is false", expr_print(judge->arena, expr));
    return ANSWER_FAILS;
}

enum answer expect_judge(struct arena *arena, const struct expectation *expect,
                         const struct value *outputs, const struct values *values,
                         struct buffer *why)
{
    struct judge judge = {arena, values};
    enum answer answer = ANSWER_HOLDS;
    if (expect->expr != NULL)
        return judge_expr(&judge, expect->expr, why);
    for (size_t i = 0; i < expect->outputs.count; i++) {
        const char *name = expect->outputs.at[i].key;
        const struct value *value = value_member(arena, outputs, name);
        /* Who wants `answered: false` has said enough of `status`: a default asks nothing of what
         * is not there. And what is not there needs no line of its own behind another reason. */
        if (value->kind == VALUE_UNSET && (i >= expect->written || answer == ANSWER_FAILS))
            continue;
        answer = both(answer, judge_matcher(&judge, name, value, expect->outputs.at[i].value, why));
    }
    return answer;
}
