/* sql.query: one statement that reads, and its rows. */
#include "actions/actions.h"
#include "actions/input.h"
#include "actions/sql.h"
#include "actions/sql_place.h"
#include "actions/sql_value.h"
#include "lang/value.h"

static void query_fill(struct sql_request *request)
{
    request->scope = POSTGRES_READING;
    sql_add(request, input_text(request->deed, "query"), input_value(request->deed, "args"));
}

static struct outcome query_tell(struct arena *arena, const struct postgres_answer *answer)
{
    struct answer told = {.arena = arena};
    answer_add(&told, "rows", sql_rows(arena, answer->rows));
    answer_add(&told, "count", value_integer(arena, VALUE_INT, (int64_t)answer->rows->count));
    answer_add(&told, "value", sql_first(arena, answer->rows));
    return answer_ended(&told);
}

static struct work *query_start(const struct deed *deed, const struct stage *stage)
{
    static const struct sql_about about = {.fill = query_fill, .tell = query_tell};
    return sql_start(deed, stage, &about);
}

static void query_show(const struct deed *deed, struct buffer *into)
{
    buffer_text(into, "ask ");
    sql_place_show(deed, into);
    sql_show_statement(deed, input_value(deed, "query"), into);
}

static const struct param_about query_params[] = {
    SQL_DB,
    {"query", "string", NULL, true,
     "one statement, without `${…}`: values stand in it as $1, $2 …"},
    {"args", "list<any>", NULL, false, "those values, in their order"},
    {0},
};
static const struct param_about query_outputs[] = {
    {"rows", "list<any>", NULL, true,
     "its rows, each with its columns by name; null is unset. At most 16 MiB"},
    {"count", "int", NULL, true, "how many they are"},
    {"value", "json", NULL, false, "the first column of the first row; unset without one"},
    {0},
};

const struct core_action action_sql_query = {
    .name = "sql.query",
    .about = "Asks in a transaction that the server lets change nothing.",
    .effect = EFFECT_READ,
    .idempotent = true,
    .form = FORM_WORK,
    .params = query_params,
    .outputs = query_outputs,
    .describe = sql_describe,
    .start = query_start,
    .cancel = sql_cancel,
    .show = query_show,
};
