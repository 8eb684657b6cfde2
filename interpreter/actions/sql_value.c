#include "actions/sql_value.h"

#include "base/arena.h"
#include "base/list.h"
#include "base/units.h"
#include "lang/value.h"
#include "sys/postgres.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- there ---- */

static const char *json_parameter(struct arena *arena, const struct value *value)
{
    json_t *json = value_to_plain_json(value);
    char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT);
    const char *copy = arena_copy(arena, text ? text : "", text ? strlen(text) : 0);
    free(text);
    json_decref(json);
    return copy;
}

static const char *interval_parameter(struct arena *arena, int64_t duration)
{
    bool negative = duration < 0;
    uint64_t length = negative ? 0 - (uint64_t)duration : (uint64_t)duration;
    return arena_format(arena, "%s%llu.%09llu seconds", negative ? "-" : "",
                        (unsigned long long)(length / (uint64_t)UNITS_SECOND),
                        (unsigned long long)(length % (uint64_t)UNITS_SECOND));
}

const char *sql_parameter(struct arena *arena, const struct value *value)
{
    switch (value->kind) {
    case VALUE_UNSET:
        return NULL;
    case VALUE_TEXT:
        return value->text.at;
    case VALUE_DURATION:
        return interval_parameter(arena, value->integer);
    case VALUE_SIZE:
        return arena_format(arena, "%lld", (long long)value->integer);
    case VALUE_LIST:
    case VALUE_MAP:
        return json_parameter(arena, value);
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_BOOL:
    case VALUE_TIME:
    case VALUE_UNKNOWN: /* never in a deed that is begun */
    case VALUE_SECRET:
        break;
    }
    return value_print(arena, value);
}

/* ---- back ---- */

static const struct value *read_whole(struct arena *arena, struct text cell)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(cell.at, &end, 10);
    return errno == 0 && end != cell.at && *end == '\0' ? value_integer(arena, VALUE_INT, number)
                                                        : value_text(arena, cell);
}

static const struct value *read_float(struct arena *arena, struct text cell)
{
    char *end = NULL;
    double number = strtod(cell.at, &end);
    return end != cell.at && *end == '\0' && isfinite(number) ? value_float(arena, number)
                                                              : value_text(arena, cell);
}

/* As exact as it is: a double holds 15 digits. */
static const struct value *read_numeric(struct arena *arena, struct text cell)
{
    if (memchr(cell.at, '.', cell.length) == NULL)
        return read_whole(arena, cell);
    return cell.length <= 16 ? read_float(arena, cell) : value_text(arena, cell);
}

/* "2024-01-15 14:30:00.5+00" by RFC 3339. */
static const struct value *read_time(struct arena *arena, struct text cell)
{
    int64_t at = 0;
    if (cell.length < 20 || cell.at[10] != ' ')
        return value_text(arena, cell);
    const char *zone = cell.at + cell.length - 3;
    bool hours = *zone == '+' || *zone == '-';
    const char *text = arena_format(arena, "%.10sT%s%s", cell.at, cell.at + 11, hours ? ":00" : "");
    return time_parse(text_of(text), &at) ? value_integer(arena, VALUE_TIME, at)
                                          : value_text(arena, cell);
}

static bool add_part(double *seconds, double number, char unit, bool time)
{
    static const struct {
        char unit;
        bool time;
        double seconds;
    } units[] = {{'D', false, 86400}, {'H', true, 3600}, {'M', true, 60}, {'S', true, 1}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (units[i].unit == unit && units[i].time == time) {
            *seconds += number * units[i].seconds;
            return true;
        }
    return false; /* a year, a month: nobody knows how long */
}

/* "P1DT2H3M4.5S": a duration, unless it has years or months. */
static const struct value *read_interval(struct arena *arena, struct text cell)
{
    double seconds = 0;
    bool time = false, good = cell.length > 1 && cell.at[0] == 'P';
    for (const char *at = cell.at + 1; good && *at != '\0';) {
        if (*at == 'T') {
            time = true;
            at++;
            continue;
        }
        char *unit = NULL;
        double number = strtod(at, &unit);
        good = unit != at && add_part(&seconds, number, *unit, time);
        at = unit + 1;
    }
    if (!good || fabs(seconds) > 9e9)
        return value_text(arena, cell);
    return value_integer(arena, VALUE_DURATION,
                         (int64_t)llround(seconds * 1e6) * (UNITS_SECOND / 1000000));
}

static const struct value *read_json(struct arena *arena, struct text cell)
{
    const char *problem = NULL;
    const struct value *value = value_parse_json(arena, cell, &problem);
    return value ? value : value_text(arena, cell);
}

static const struct value *read_bytes(struct arena *arena, struct text cell)
{
    if (cell.length < 2 || cell.at[0] != '\\' || cell.at[1] != 'x')
        return value_text(arena, cell);
    size_t length = (cell.length - 2) / 2;
    char *bytes = arena_alloc(arena, length + 1);
    for (size_t i = 0; i < length; i++) {
        char pair[3] = {cell.at[2 + 2 * i], cell.at[3 + 2 * i], '\0'};
        bytes[i] = (char)strtoul(pair, NULL, 16);
    }
    return value_text(arena, (struct text){bytes, length});
}

static const struct value *read_cell(struct arena *arena, enum postgres_kind kind, struct text cell)
{
    switch (kind) {
    case POSTGRES_BOOL:
        return value_bool(cell.at[0] == 't');
    case POSTGRES_INT:
        return read_whole(arena, cell);
    case POSTGRES_FLOAT:
        return read_float(arena, cell);
    case POSTGRES_NUMERIC:
        return read_numeric(arena, cell);
    case POSTGRES_TIME:
        return read_time(arena, cell);
    case POSTGRES_INTERVAL:
        return read_interval(arena, cell);
    case POSTGRES_JSON:
        return read_json(arena, cell);
    case POSTGRES_BYTES:
        return read_bytes(arena, cell);
    case POSTGRES_TEXT:
        break;
    }
    return value_text(arena, cell);
}

/* ---- arrays: {1,NULL,"a \"b\"",{2,3}} ---- */

struct array {
    struct arena *arena;
    enum postgres_kind kind;
    const char *at; /* NULL: it is none */
};

static const struct value *read_quoted(struct array *array)
{
    struct buffer text = {0};
    for (array->at++; *array->at != '"' && *array->at != '\0'; array->at++) {
        array->at += *array->at == '\\' && array->at[1] != '\0';
        buffer_add(&text, array->at, 1);
    }
    array->at = *array->at == '"' ? array->at + 1 : NULL;
    struct text cell = {arena_copy(array->arena, text.at ? text.at : "", text.length), text.length};
    buffer_free(&text);
    return read_cell(array->arena, array->kind, cell);
}

static const struct value *read_list(struct array *array);

static const struct value *read_element(struct array *array)
{
    if (*array->at == '{')
        return read_list(array);
    if (*array->at == '"')
        return read_quoted(array);
    size_t length = strcspn(array->at, ",}");
    struct text cell = {arena_copy(array->arena, array->at, length), length};
    array->at += length;
    return text_is(cell, "NULL") ? &value_unset : read_cell(array->arena, array->kind, cell);
}

static const struct value *read_list(struct array *array)
{
    struct list items = {0};
    array->at++;
    while (array->at != NULL && *array->at != '}' && *array->at != '\0') {
        list_add(array->arena, &items, (void *)(uintptr_t)read_element(array));
        if (array->at != NULL && *array->at == ',')
            array->at++;
    }
    array->at = array->at != NULL && *array->at == '}' ? array->at + 1 : NULL;
    return value_list(array->arena, (const struct value *const *)items.at, items.count);
}

static const struct value *read_array(struct arena *arena, enum postgres_kind kind,
                                      struct text cell)
{
    struct array array = {arena, kind, cell.at};
    if (cell.at[0] != '{') /* one whose bounds are not the usual ones */
        return value_text(arena, cell);
    const struct value *list = read_list(&array);
    return array.at != NULL && *array.at == '\0' ? list : value_text(arena, cell);
}

static const struct value *cell_value(struct arena *arena, const struct postgres_column *column,
                                      struct text cell)
{
    if (cell.at == NULL)
        return &value_unset;
    return column->is_array ? read_array(arena, column->kind, cell)
                            : read_cell(arena, column->kind, cell);
}

/* ---- rows ---- */

/* Is there a column of the same name behind it? */
static bool is_shadowed(const struct postgres_rows *rows, size_t column)
{
    for (size_t i = column + 1; i < rows->column_count; i++)
        if (strcmp(rows->columns[i].name, rows->columns[column].name) == 0)
            return true;
    return false;
}

/* The place of each column that counts, and its name in ARENA; their number. */
static size_t take_names(struct arena *arena, const struct postgres_rows *rows, size_t *places,
                         const char **names)
{
    size_t count = 0;
    for (size_t i = 0; i < rows->column_count; i++) {
        const char *name = rows->columns[i].name;
        if (is_shadowed(rows, i))
            continue;
        places[count] = i;
        names[count++] = arena_copy(arena, name, strlen(name));
    }
    return count;
}

const struct value *sql_rows(struct arena *arena, const struct postgres_rows *rows)
{
    const struct value **list = arena_alloc(arena, (rows->count + 1) * sizeof *list);
    struct member *members = arena_alloc(arena, (rows->column_count + 1) * sizeof *members);
    size_t *places = arena_alloc(arena, (rows->column_count + 1) * sizeof *places);
    const char **names = arena_alloc(arena, (rows->column_count + 1) * sizeof *names);
    size_t count = take_names(arena, rows, places, names);
    for (size_t row = 0; row < rows->count; row++) {
        for (size_t i = 0; i < count; i++)
            members[i] = (struct member){
                names[i], cell_value(arena, &rows->columns[places[i]], rows->at[row][places[i]])};
        list[row] = value_map(arena, members, count);
    }
    return value_list(arena, list, rows->count);
}

const struct value *sql_first(struct arena *arena, const struct postgres_rows *rows)
{
    if (rows->count == 0 || rows->column_count == 0)
        return &value_unset;
    return cell_value(arena, &rows->columns[0], rows->at[0][0]);
}
