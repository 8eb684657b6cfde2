/* The table of functions, sorted by name: parser, typing, eval, grammar.md and completion read it.
 */
#include "lang/functions.h"

#include "base/arena.h"
#include "lang/function_all.h"
#include "lang/type.h"

#include <stdlib.h>
#include <string.h>

static const struct function_entry FUNCTIONS[] = {
    {{"all", "all(list<bool>) bool", "are all members true? Of an empty list: true"},
     {SHAPE_BOOLS},
     1,
     OUTCOME_BOOL,
     true,
     function_all},
    {{"any", "any(list<bool>) bool", "is one member true? Of an empty list: false"},
     {SHAPE_BOOLS},
     1,
     OUTCOME_BOOL,
     true,
     function_any},
    {{"basename", "basename(string) string", "the last part of a path"},
     {SHAPE_TEXT},
     1,
     OUTCOME_TEXT,
     false,
     function_basename},
    {{"bool", "bool(x) bool", "a text true or false, or JSON, as a bool"},
     {SHAPE_SCALAR},
     1,
     OUTCOME_BOOL,
     false,
     function_bool},
    {{"capture", "capture(string, regex) string?",
      "the first match's first group, or all of it when the pattern has none; unset without a "
      "match"},
     {SHAPE_TEXT, SHAPE_PATTERN},
     2,
     OUTCOME_TEXT_OPTIONAL,
     false,
     function_capture},
    {{"contains", "contains(string, string) bool", "does the first hold the second?"},
     {SHAPE_TEXT, SHAPE_TEXT},
     2,
     OUTCOME_BOOL,
     false,
     function_contains},
    {{"dirname", "dirname(string) path", "a path without its last part"},
     {SHAPE_TEXT},
     1,
     OUTCOME_PATH,
     false,
     function_dirname},
    {{"ends_with", "ends_with(string, string) bool", "does the first end with the second?"},
     {SHAPE_TEXT, SHAPE_TEXT},
     2,
     OUTCOME_BOOL,
     false,
     function_ends_with},
    {{"exists", "exists(path) bool", "was it given, not skipped, and is it present?"},
     {SHAPE_PATH},
     1,
     OUTCOME_BOOL,
     true,
     NULL},
    {{"find_all", "find_all(string, regex) list<string>",
      "of every match its first group, or all of it when the pattern has none"},
     {SHAPE_TEXT, SHAPE_PATTERN},
     2,
     OUTCOME_TEXTS,
     false,
     function_find_all},
    {{"first", "first(list<T>) T?", "the first member; unset when there is none"},
     {SHAPE_LIST},
     1,
     OUTCOME_ELEMENT_OPTIONAL,
     true,
     function_first},
    {{"float", "float(x) float", "a text, an int or JSON as a float"},
     {SHAPE_SCALAR},
     1,
     OUTCOME_FLOAT,
     false,
     function_float},
    {{"format_time", "format_time(time, string) string",
      "a time in UTC by a strftime format: '%Y%m%d-%H%M%S'"},
     {SHAPE_TIME, SHAPE_TEXT},
     2,
     OUTCOME_TEXT,
     false,
     function_format_time},
    {{"int", "int(x) int",
      "a text, a float (cut), a size (its bytes) or JSON as an int; space around a text is passed "
      "over"},
     {SHAPE_SCALAR},
     1,
     OUTCOME_INT,
     false,
     function_int},
    {{"join", "join(list<string>, string) string", "the members, with the second between them"},
     {SHAPE_TEXTS, SHAPE_TEXT},
     2,
     OUTCOME_TEXT,
     true,
     function_join},
    {{"last", "last(list<T>) T?", "the last member; unset when there is none"},
     {SHAPE_LIST},
     1,
     OUTCOME_ELEMENT_OPTIONAL,
     true,
     function_last},
    {{"len", "len(string or list or json) int", "the number of characters or members"},
     {SHAPE_COUNTED},
     1,
     OUTCOME_INT,
     true,
     function_len},
    {{"lines", "lines(string) list<string>", "the lines of a text, without their ends"},
     {SHAPE_TEXT},
     1,
     OUTCOME_TEXTS,
     false,
     function_lines},
    {{"list", "list(json) list<json>", "a JSON array as a list"},
     {SHAPE_JSON},
     1,
     OUTCOME_JSONS,
     true,
     function_list},
    {{"lower", "lower(string) string", "in small letters"},
     {SHAPE_TEXT},
     1,
     OUTCOME_TEXT,
     false,
     function_lower},
    {{"max", "max(list<T>) T?", "the greatest member; unset when there is none"},
     {SHAPE_ORDERED},
     1,
     OUTCOME_ELEMENT_OPTIONAL,
     false,
     function_max},
    {{"min", "min(list<T>) T?", "the least member; unset when there is none"},
     {SHAPE_ORDERED},
     1,
     OUTCOME_ELEMENT_OPTIONAL,
     false,
     function_min},
    {{"only", "only(list<T>) T", "the one member of a list; an error when it has none or several"},
     {SHAPE_LIST},
     1,
     OUTCOME_ELEMENT,
     true,
     function_only},
    {{"parse_json", "parse_json(string) json", "a JSON text as a value"},
     {SHAPE_TEXT},
     1,
     OUTCOME_JSON,
     false,
     function_parse_json},
    {{"parse_time", "parse_time(string) time", "an RFC 3339 time: '2024-01-15T14:30:00Z'"},
     {SHAPE_TEXT},
     1,
     OUTCOME_TIME,
     false,
     function_parse_time},
    {{"replace", "replace(string, string, string) string",
      "every second in the first made the third; no pattern"},
     {SHAPE_TEXT, SHAPE_TEXT, SHAPE_TEXT},
     3,
     OUTCOME_TEXT,
     false,
     function_replace},
    {{"reverse", "reverse(list<T>) list<T>", "the members from last to first"},
     {SHAPE_LIST},
     1,
     OUTCOME_LIST,
     true,
     function_reverse},
    {{"seconds", "seconds(int or float) duration", "so many seconds"},
     {SHAPE_NUMBER},
     1,
     OUTCOME_DURATION,
     false,
     function_seconds},
    {{"size", "size(x) size", "a text such as 20GiB, a number of bytes or JSON as a size"},
     {SHAPE_SCALAR},
     1,
     OUTCOME_SIZE,
     false,
     function_size},
    {{"sort", "sort(list<T>) list<T>", "from the least to the greatest; texts byte by byte"},
     {SHAPE_ORDERED},
     1,
     OUTCOME_LIST,
     false,
     function_sort},
    {{"sort_by", "sort_by(list<T>, 'member') list<T>",
      "by that member, the least first; those that lack it come last"},
     {SHAPE_LIST, SHAPE_MEMBER},
     2,
     OUTCOME_LIST,
     false,
     function_sort_by},
    {{"split", "split(string, string) list<string>",
      "the parts between the second; of an empty text none"},
     {SHAPE_TEXT, SHAPE_TEXT},
     2,
     OUTCOME_TEXTS,
     false,
     function_split},
    {{"starts_with", "starts_with(string, string) bool", "does the first begin with the second?"},
     {SHAPE_TEXT, SHAPE_TEXT},
     2,
     OUTCOME_BOOL,
     false,
     function_starts_with},
    {{"string", "string(x) string", "a scalar as it stands inside a text"},
     {SHAPE_SCALAR},
     1,
     OUTCOME_TEXT,
     false,
     function_string},
    {{"sum", "sum(list<T>) T", "of numbers, durations or sizes; of an empty list zero"},
     {SHAPE_SUMMABLE},
     1,
     OUTCOME_ELEMENT,
     false,
     function_sum},
    {{"take", "take(list<T>, int) list<T>", "at most so many members, from the front"},
     {SHAPE_LIST, SHAPE_INT},
     2,
     OUTCOME_LIST,
     true,
     function_take},
    {{"to_seconds", "to_seconds(duration) int", "whole seconds, cut"},
     {SHAPE_DURATION},
     1,
     OUTCOME_INT,
     false,
     function_to_seconds},
    {{"trim", "trim(string) string", "without space at both ends"},
     {SHAPE_TEXT},
     1,
     OUTCOME_TEXT,
     false,
     function_trim},
    {{"unique", "unique(list<T>) list<T>", "each member once, where it first stands"},
     {SHAPE_LIST},
     1,
     OUTCOME_LIST,
     false,
     function_unique},
    {{"upper", "upper(string) string", "in capital letters"},
     {SHAPE_TEXT},
     1,
     OUTCOME_TEXT,
     false,
     function_upper},
};

static const size_t COUNT = sizeof FUNCTIONS / sizeof *FUNCTIONS;

const struct function *function_at(size_t index)
{
    return index < COUNT ? &FUNCTIONS[index].about : NULL;
}

static int by_name(const void *name, const void *entry)
{
    return strcmp(name, ((const struct function_entry *)entry)->about.name);
}

const struct function_entry *function_find(const char *name)
{
    return bsearch(name, FUNCTIONS, COUNT, sizeof *FUNCTIONS, by_name);
}

struct synonym {
    const char *word;
    const char *name;
};

/* What the same is called elsewhere. */
static const struct synonym SYNONYMS[] = {
    {"length", "len"},
    {"count", "len"},
    {"strlen", "len"},
    {"str", "string"},
    {"text", "string"},
    {"to_string", "string"},
    {"tostring", "string"},
    {"number", "int"},
    {"integer", "int"},
    {"to_int", "int"},
    {"to_number", "int"},
    {"boolean", "bool"},
    {"defined", "exists"},
    {"is_defined", "exists"},
    {"has", "exists"},
    {"strip", "trim"},
    {"lowercase", "lower"},
    {"tolower", "lower"},
    {"downcase", "lower"},
    {"uppercase", "upper"},
    {"toupper", "upper"},
    {"upcase", "upper"},
    {"startswith", "starts_with"},
    {"endswith", "ends_with"},
    {"includes", "contains"},
    {"json", "parse_json"},
    {"fromjson", "parse_json"},
    {"from_json", "parse_json"},
    {"strftime", "format_time"},
    {"date", "format_time"},
    {"strptime", "parse_time"},
    {"duration", "seconds"},
    {"sorted", "sort"},
    {"uniq", "unique"},
    {"reversed", "reverse"},
    {"regex", "capture"},
    {"match", "capture"},
    {"search", "capture"},
    {"findall", "find_all"},
    {"head", "take"},
    {"limit", "take"},
    {"one", "only"},
    {"single", "only"},
    {"concat", "join"},
    {"bytes", "size"},
    {"split_lines", "lines"},
    {"splitlines", "lines"},
    {"total", "sum"},
};

const char *function_nearest(const char *name)
{
    for (size_t i = 0; i < sizeof SYNONYMS / sizeof *SYNONYMS; i++) {
        if (strcmp(SYNONYMS[i].word, name) == 0) {
            return SYNONYMS[i].name;
        }
    }
    const char *names[sizeof FUNCTIONS / sizeof *FUNCTIONS];
    for (size_t i = 0; i < COUNT; i++) {
        names[i] = FUNCTIONS[i].about.name;
    }
    return text_nearest(name, names, COUNT);
}

/* --- calls --- */

/* The scalar type of SHAPE, or NULL when it is none. */
static const struct type *shape_type(enum shape shape)
{
    switch (shape) {
    case SHAPE_TEXT:
    case SHAPE_PATTERN:
    case SHAPE_MEMBER:
        return type_scalar(TYPE_STRING);
    case SHAPE_INT:
        return type_scalar(TYPE_INT);
    case SHAPE_DURATION:
        return type_scalar(TYPE_DURATION);
    case SHAPE_TIME:
        return type_scalar(TYPE_TIME);
    case SHAPE_NUMBER:
    case SHAPE_JSON:
    case SHAPE_LIST:
    case SHAPE_TEXTS:
    case SHAPE_BOOLS:
    case SHAPE_ORDERED:
    case SHAPE_SUMMABLE:
    case SHAPE_COUNTED:
    case SHAPE_SCALAR:
    case SHAPE_PATH:
        break;
    }
    return NULL;
}

/* VALUE as a list whose members are of type ELEMENT (NULL: whatever they are). */
static const struct value *as_list(struct evaluation *evaluation, const struct expr *expr,
                                   const struct value *value, const struct type *element)
{
    const char *why = NULL;
    if (value->kind != VALUE_LIST) {
        return evaluation_fail(evaluation, expr, "'%s' is %s, and a list is wanted",
                               expr_print(evaluation->arena, expr), value_kind_name(value->kind));
    }
    if (element == NULL) {
        return value;
    }
    struct type list = {.kind = TYPE_LIST, .element = element};
    const struct value *converted = value_convert(evaluation->arena, &list, value, &why);
    return converted != NULL ? converted : evaluation_fail(evaluation, expr, "%s", why);
}

/* An argument brought to what the function wants: only JSON is not it already. */
static const struct value *as_shape(struct evaluation *evaluation, const struct expr *expr,
                                    const struct value *value, enum shape shape)
{
    const struct type *scalar = shape_type(shape);
    if (scalar != NULL) {
        const char *why = NULL;
        const struct value *converted = value_convert(evaluation->arena, scalar, value, &why);
        return converted != NULL ? converted : evaluation_fail(evaluation, expr, "%s", why);
    }
    switch (shape) {
    case SHAPE_LIST:
    case SHAPE_ORDERED:
    case SHAPE_SUMMABLE:
        return as_list(evaluation, expr, value, NULL);
    case SHAPE_TEXTS:
        return as_list(evaluation, expr, value, type_scalar(TYPE_STRING));
    case SHAPE_BOOLS:
        return as_list(evaluation, expr, value, type_scalar(TYPE_BOOL));
    case SHAPE_TEXT:
    case SHAPE_PATTERN:
    case SHAPE_MEMBER:
    case SHAPE_INT:
    case SHAPE_DURATION:
    case SHAPE_TIME:
    case SHAPE_NUMBER:
    case SHAPE_JSON:
    case SHAPE_COUNTED:
    case SHAPE_SCALAR:
    case SHAPE_PATH:
        break;
    }
    return value;
}

static const struct value *evaluate_exists(struct evaluation *evaluation, const struct expr *expr)
{
    const struct value *value = evaluate_path(evaluation, expr->call.arguments[0]);
    if (value == NULL || value->kind == VALUE_UNKNOWN) {
        return value == NULL ? NULL : evaluation_unknown(evaluation, expr);
    }
    return value_bool(value->kind != VALUE_UNSET);
}

/* An argument, set and of its shape; an unknown one as it is. */
static const struct value *evaluate_argument(struct evaluation *evaluation,
                                             const struct expr *argument, enum shape shape)
{
    const struct value *value = evaluate(evaluation, argument);
    if (value == NULL || value->kind == VALUE_UNKNOWN) {
        return value;
    }
    if (value->kind == VALUE_UNSET) {
        const char *name = expr_print(evaluation->arena, argument);
        return evaluation_fail(evaluation, argument,
                               "'%s' is unset: write '%s ?\? …' for what stands in", name, name);
    }
    return as_shape(evaluation, argument, value, shape);
}

const struct value *evaluate_call(struct evaluation *evaluation, const struct expr *expr)
{
    const struct function_entry *function = expr->call.function;
    if (function->compute == NULL) {
        return evaluate_exists(evaluation, expr);
    }
    const struct value *arguments[FUNCTION_ARGUMENTS_LIMIT];
    bool unknown = false;
    for (size_t i = 0; i < expr->call.count; i++) {
        arguments[i] =
            evaluate_argument(evaluation, expr->call.arguments[i], function->arguments[i]);
        if (arguments[i] == NULL) {
            return NULL;
        }
        unknown = unknown || arguments[i]->kind == VALUE_UNKNOWN ||
                  (!function->shallow && value_has_unknown(arguments[i]));
    }
    return unknown ? evaluation_unknown(evaluation, expr)
                   : function->compute(evaluation, expr, arguments);
}
