/* sql.ping: does the server answer a query? */
#include "actions/actions.h"
#include "actions/sql.h"
#include "actions/sql_place.h"
#include "lang/value.h"

static void ping_fill(struct sql_request *request)
{
    request->scope = POSTGRES_READING;
    sql_add(request, "select 1", NULL);
}

static struct outcome ping_tell(struct arena *arena, const struct postgres_answer *answer)
{
    struct answer told = {.arena = arena};
    (void)answer;
    answer_add(&told, "up", &value_true);
    return answer_ended(&told);
}

static struct work *ping_start(const struct deed *deed, const struct stage *stage)
{
    static const struct sql_about about = {.fill = ping_fill, .tell = ping_tell, .down = "up"};
    return sql_start(deed, stage, &about);
}

static void ping_show(const struct deed *deed, struct buffer *into)
{
    buffer_text(into, "ask ");
    sql_place_show(deed, into);
    buffer_text(into, " whether it answers");
}

static const struct param_about ping_params[] = {SQL_DB, {0}};
static const struct param_about ping_outputs[] = {
    {"up", "bool", NULL, true,
     "it answered a query; `false`: nobody listens there, or the server is starting or ending"},
    {0},
};

const struct core_action action_sql_ping = {
    .name = "sql.ping",
    .about = "Logs in and asks a query. That nobody listens there is an answer; no such host, "
             "silence or a login that is refused is none.",
    .effect = EFFECT_READ,
    .idempotent = true,
    .form = FORM_WORK,
    .params = ping_params,
    .outputs = ping_outputs,
    .expect = "{up: true}",
    .describe = sql_describe,
    .start = ping_start,
    .cancel = sql_cancel,
    .show = ping_show,
};
