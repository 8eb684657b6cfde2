/* sql.copy_out: a table or the rows of a query into a file. */
#include "actions/actions.h"
#include "actions/input.h"
#include "actions/sql.h"
#include "actions/sql_copy.h"
#include "actions/sql_place.h"
#include "base/arena.h"
#include "lang/value.h"
#include "sys/file.h"

#include <fcntl.h>

static bool copy_out_describe(const struct describing *describing, const struct value *args,
                              struct deed *deed, struct problem *problem)
{
    if (!sql_describe(describing, args, deed, problem) ||
        !input_is_name(describing, deed, "table", problem))
        return false;
    bool table = input_value(deed, "table")->kind != VALUE_UNSET;
    if (table == (input_value(deed, "query")->kind != VALUE_UNSET))
        return input_refuse(describing, problem, "sql.copy_out: wants one of `table` and `query`");
    return true;
}

static void copy_out_fill(struct sql_request *request)
{
    const char *table = input_text(request->deed, "table");
    request->scope = POSTGRES_READING;
    request->copy = POSTGRES_COPY_OUT;
    request->own = arena_alloc(request->arena, sizeof(struct file_aside));
    const char *what = table != NULL ? sql_copy_table(request->arena, table)
                                     /* On lines of its own: a comment at its end is closed. */
                                     : arena_format(request->arena, "(\n%s\n)",
                                                    input_text(request->deed, "query"));
    sql_add(request, arena_format(request->arena, "copy %s to stdout", what), NULL);
}

/* Written aside: the file is there whole, or not at all. */
static bool copy_out_prepare(struct sql_request *request, struct failure *failure)
{
    struct file_aside *aside = request->own;
    if (!file_begin(AT_FDCWD, request->path, 0644, FILE_SWEEP, aside, failure))
        return false;
    request->file = aside->fd;
    return true;
}

static bool copy_out_finish(struct sql_request *request, bool good, struct failure *failure)
{
    if (good)
        return file_commit(request->own, failure);
    file_abandon(request->own);
    return true;
}

static struct outcome copy_out_tell(struct arena *arena, const struct postgres_answer *answer)
{
    return sql_tell_count(arena, "rows", answer);
}

static struct work *copy_out_start(const struct deed *deed, const struct stage *stage)
{
    static const struct sql_about about = {.fill = copy_out_fill,
                                           .prepare = copy_out_prepare,
                                           .tell = copy_out_tell,
                                           .finish = copy_out_finish};
    return sql_start(deed, stage, &about);
}

static void copy_out_show(const struct deed *deed, struct buffer *into)
{
    bool table = input_value(deed, "table")->kind != VALUE_UNSET;
    buffer_text(into, table ? "copy table " : "copy what a query gives");
    if (table)
        input_show(deed, "table", into);
    buffer_text(into, " from ");
    sql_place_show(deed, into);
    buffer_text(into, " into the file ");
    input_show(deed, "path", into);
    if (!table)
        sql_show_statement(deed, input_value(deed, "query"), into);
}

static const struct param_about copy_out_params[] = {
    SQL_DB,
    {"table", "string", NULL, false, "the table, or schema.table, exactly as it is called"},
    {"query", "string", NULL, false, "or a query, without `${…}`, whose rows are copied"},
    {"path", "path", NULL, true,
     "the file, in the text form of COPY: written aside, and in its place when it is whole"},
    {0},
};
static const struct param_about copy_out_outputs[] = {
    {"rows", "int", NULL, false, "how many they are"},
    {0},
};

const struct core_action action_sql_copy_out = {
    .name = "sql.copy_out",
    .about = "Writes a table, or the rows of a query, to a file, in a transaction that the server "
             "lets change nothing.",
    .effect = EFFECT_CHANGE,
    .form = FORM_WORK,
    .params = copy_out_params,
    .outputs = copy_out_outputs,
    .describe = copy_out_describe,
    .start = copy_out_start,
    .cancel = sql_cancel,
    .show = copy_out_show,
};
