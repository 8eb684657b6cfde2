/* sql.exec: statements that change something. */
#include "actions/actions.h"
#include "actions/input.h"
#include "actions/sql.h"
#include "actions/sql_place.h"
#include "actions/sql_script.h"
#include "base/arena.h"
#include "lang/value.h"
#include "sys/file.h"

#include <fcntl.h>
#include <string.h>

enum { SCRIPT_CAP = 16 << 20 };

/* ---- describing ---- */

static bool is_together(const struct deed *deed)
{
    const struct value *together = input_value(deed, "transaction");
    return together->kind != VALUE_BOOL || together->truth;
}

/* In one transaction no statement may end it; the plan says so already. */
static bool check_statement(const struct describing *describing, const struct deed *deed,
                            const struct value *statement, struct problem *problem)
{
    const char *word = statement->kind == VALUE_TEXT && is_together(deed)
                           ? sql_transaction_word(statement->text.at)
                           : NULL;
    if (word == NULL)
        return true;
    return input_refuse(describing, problem,
                        "sql.exec: all of it is one transaction already: take %s out, or say "
                        "`transaction: false`",
                        word);
}

static bool exec_describe(const struct describing *describing, const struct value *args,
                          struct deed *deed, struct problem *problem)
{
    if (!sql_describe(describing, args, deed, problem))
        return false;
    const struct value *one = input_value(deed, "statement");
    const struct value *many = input_value(deed, "statements");
    const struct value *script = input_value(deed, "script");
    int given =
        (one->kind != VALUE_UNSET) + (many->kind != VALUE_UNSET) + (script->kind != VALUE_UNSET);
    if (given != 1)
        return input_refuse(describing, problem,
                            "sql.exec: wants one of `statement`, `statements` and `script`");
    if (input_value(deed, "args")->kind != VALUE_UNSET && one->kind == VALUE_UNSET)
        return input_refuse(describing, problem, "sql.exec: `args` go with `statement`");
    if (!check_statement(describing, deed, one, problem))
        return false;
    if (many->kind == VALUE_LIST && many->list.count == 0)
        return input_refuse(describing, problem, "sql.exec: `statements` is empty");
    for (size_t i = 0; many->kind == VALUE_LIST && i < many->list.count; i++)
        if (!check_statement(describing, deed, many->list.at[i], problem))
            return false;
    return true;
}

/* ---- doing ---- */

static void exec_fill(struct sql_request *request)
{
    const struct value *many = input_value(request->deed, "statements");
    const char *one = input_text(request->deed, "statement");
    request->all_or_nothing = is_together(request->deed);
    request->scope = request->all_or_nothing ? POSTGRES_TRANSACTION : POSTGRES_ALONE;
    if (one != NULL)
        sql_add(request, one, input_value(request->deed, "args"));
    for (size_t i = 0; many->kind == VALUE_LIST && i < many->list.count; i++)
        sql_add(request, many->list.at[i]->text.at, NULL);
}

static bool take_script(struct sql_request *request, struct text script, struct failure *failure)
{
    const char *fault = memchr(script.at, '\0', script.length)
                            ? "it holds a NUL byte"
                            : sql_split(request->arena, script, &request->lines);
    if (fault != NULL)
        return failure_set(failure, 0, "%s: %s", request->path, fault);
    if (request->lines.count == 0)
        return failure_set(failure, 0, "%s: there is no statement in it", request->path);
    for (size_t i = 0; i < request->lines.count; i++) {
        const struct sql_statement *statement = request->lines.at[i];
        const char *word = request->all_or_nothing ? sql_transaction_word(statement->text) : NULL;
        if (word != NULL)
            return failure_set(failure, 0,
                               "%s line %zu: all of it is one transaction already: take %s out, "
                               "or say `transaction: false`",
                               request->path, statement->line, word);
        sql_add(request, statement->text, NULL);
    }
    return true;
}

/* In the pool. */
static bool exec_prepare(struct sql_request *request, struct failure *failure)
{
    struct buffer script = {0};
    bool good = file_read(AT_FDCWD, request->path, SCRIPT_CAP, &script, failure) &&
                take_script(request, script.at ? buffer_slice(&script) : text_of(""), failure);
    buffer_free(&script);
    return good;
}

static struct outcome exec_tell(struct arena *arena, const struct postgres_answer *answer)
{
    return sql_tell_count(arena, "affected", answer);
}

static struct work *exec_start(const struct deed *deed, const struct stage *stage)
{
    static const struct sql_about about = {
        .fill = exec_fill, .prepare = exec_prepare, .tell = exec_tell};
    return sql_start(deed, stage, &about);
}

static void exec_show(const struct deed *deed, struct buffer *into)
{
    const struct value *many = input_value(deed, "statements");
    const struct value *script = input_value(deed, "script");
    buffer_text(into, "change ");
    sql_place_show(deed, into);
    buffer_text(into, is_together(deed) ? " in one transaction" : " without a transaction");
    if (input_value(deed, "statement")->kind != VALUE_UNSET)
        sql_show_statement(deed, input_value(deed, "statement"), into);
    for (size_t i = 0; many->kind == VALUE_LIST && i < many->list.count; i++)
        sql_show_statement(deed, many->list.at[i], into);
    if (many->kind == VALUE_UNKNOWN)
        sql_show_statement(deed, many, into);
    if (script->kind != VALUE_UNSET) {
        buffer_text(into, "\n  by the script ");
        input_show(deed, "script", into);
    }
}

static const struct param_about exec_params[] = {
    SQL_DB,
    {"statement", "string", NULL, false,
     "one statement, without `${…}`: values stand in it as $1, $2 …"},
    {"args", "list<any>", NULL, false, "those values, in their order"},
    {"statements", "list<string>", NULL, false, "or several, without `${…}`, one after the other"},
    {"script", "path", NULL, false, "or a file of them; commands of psql's (`\\connect`) are none"},
    {"transaction", "bool", "true", false,
     "all or nothing; `false`, for what can't be in a transaction: each by itself, up to the first "
     "error"},
    {0},
};
static const struct param_about exec_outputs[] = {
    {"affected", "int", NULL, false, "rows that were added, changed or removed"},
    {0},
};

const struct core_action action_sql_exec = {
    .name = "sql.exec",
    .about = "Changes a database, in one transaction. Its id is in the record before COMMIT: when "
             "the connection is lost then, the server tells what became of it.",
    .effect = EFFECT_CHANGE,
    .form = FORM_WORK,
    .params = exec_params,
    .outputs = exec_outputs,
    .may_declare = true,
    .describe = exec_describe,
    .start = exec_start,
    .cancel = sql_cancel,
    .settle = sql_settle,
    .show = exec_show,
};
