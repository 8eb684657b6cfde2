/* sql.copy_in: a file into a table. */
#include "actions/actions.h"
#include "actions/files.h"
#include "actions/input.h"
#include "actions/sql.h"
#include "actions/sql_copy.h"
#include "actions/sql_place.h"
#include "base/arena.h"

#include <unistd.h>

static bool copy_in_describe(const struct describing *describing, const struct value *args,
                             struct deed *deed, struct problem *problem)
{
    return sql_describe(describing, args, deed, problem) &&
           input_is_name(describing, deed, "table", problem);
}

static void copy_in_fill(struct sql_request *request)
{
    request->scope = POSTGRES_TRANSACTION;
    request->copy = POSTGRES_COPY_IN;
    sql_add(request,
            arena_format(request->arena, "copy %s from stdin",
                         sql_copy_table(request->arena, input_text(request->deed, "table"))),
            NULL);
}

static bool copy_in_prepare(struct sql_request *request, struct failure *failure)
{
    struct stat about;
    request->file = files_open(request->path, &about, failure);
    return request->file >= 0;
}

static bool copy_in_finish(struct sql_request *request, bool good, struct failure *failure)
{
    (void)good;
    (void)failure;
    close(request->file);
    return true;
}

static struct outcome copy_in_tell(struct arena *arena, const struct postgres_answer *answer)
{
    return sql_tell_count(arena, "rows", answer);
}

static struct work *copy_in_start(const struct deed *deed, const struct stage *stage)
{
    static const struct sql_about about = {.fill = copy_in_fill,
                                           .prepare = copy_in_prepare,
                                           .tell = copy_in_tell,
                                           .finish = copy_in_finish};
    return sql_start(deed, stage, &about);
}

static void copy_in_show(const struct deed *deed, struct buffer *into)
{
    buffer_text(into, "copy the file ");
    input_show(deed, "path", into);
    buffer_text(into, " into table ");
    input_show(deed, "table", into);
    buffer_text(into, " of ");
    sql_place_show(deed, into);
}

static const struct param_about copy_in_params[] = {
    SQL_DB,
    {"table", "string", NULL, true, "the table, or schema.table, exactly as it is called"},
    {"path", "path", NULL, true, "the file, in the text form of COPY"},
    {0},
};
static const struct param_about copy_in_outputs[] = {
    {"rows", "int", NULL, false, "how many it added"},
    {0},
};

const struct core_action action_sql_copy_in = {
    .name = "sql.copy_in",
    .about = "Adds the rows of a file to a table: all of them or none.",
    .effect = EFFECT_CHANGE,
    .form = FORM_WORK,
    .params = copy_in_params,
    .outputs = copy_in_outputs,
    .describe = copy_in_describe,
    .start = copy_in_start,
    .cancel = sql_cancel,
    .settle = sql_settle,
    .show = copy_in_show,
};
