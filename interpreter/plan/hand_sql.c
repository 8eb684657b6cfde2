/* SQL by psql: values are its variables, which it quotes itself, so none of them is a statement. */
#include "plan/hand_own.h"

#include "base/arena.h"
#include "base/shell.h"
#include "base/units.h"

#include <ctype.h>
#include <string.h>

static void add_name(const char *field, struct buffer *into)
{
    static const char *const others[][2] = {{"dbname", "PGDATABASE"},
                                            {"target_session_attrs", "PGTARGETSESSIONATTRS"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i][0], field) == 0) {
            buffer_text(into, others[i][1]);
            return;
        }
    buffer_text(into, "PG");
    for (const char *at = field; *at != '\0'; at++)
        buffer_format(into, "%c", toupper((unsigned char)*at));
}

static const struct value *fields_of(const struct value *connection)
{
    const struct value *fields =
        connection->kind == VALUE_MAP ? value_find(connection, "postgres") : connection;
    return fields != NULL ? fields : &value_unset;
}

static void add_variable(const struct hand_line *line, const struct member *member)
{
    const struct value *value = member->value;
    if (value->kind == VALUE_DURATION)
        value = value_integer(line->hand->arena, VALUE_INT, value->integer / UNITS_SECOND);
    add_name(member->key, line->into);
    hand_add(line, "=");
    hand_add_value(line, "", value);
    hand_add(line, " ");
}

/* Of a connection that only the run knows the person makes a service. */
void hand_connection(const struct hand_line *line, const struct value *connection)
{
    const struct value *fields = fields_of(connection);
    for (size_t i = 0; fields->kind == VALUE_MAP && i < fields->map.count; i++)
        add_variable(line, &fields->map.at[i]);
    if (fields->kind == VALUE_UNKNOWN)
        add_variable(line, &(struct member){"service", fields});
}

void hand_connection_names(const struct value *connection, struct buffer *names)
{
    const struct value *fields = fields_of(connection);
    for (size_t i = 0; fields->kind == VALUE_MAP && i < fields->map.count; i++) {
        buffer_text(names, names->length > 0 ? "," : "");
        add_name(fields->map.at[i].key, names);
    }
    if (fields->kind == VALUE_UNKNOWN)
        buffer_text(names, names->length > 0 ? ",PGSERVICE" : "PGSERVICE");
}

static void add_psql(const struct hand_line *line, bool reads)
{
    if (reads)
        hand_add(line, "PGOPTIONS='-c default_transaction_read_only=on' ");
    hand_connection(line, hand_input(line, "db"));
    hand_add(line, "psql --no-psqlrc --set=ON_ERROR_STOP=1");
}

static const char *value_text_of(const struct hand_line *line, const struct value *value)
{
    return value->kind == VALUE_LIST || value->kind == VALUE_MAP
               ? NULL
               : value_print(line->hand->arena, value);
}

/* `prepare` gives $1 the type that the statement wants; `execute` takes it from a variable. */
static void add_bound(const struct hand_line *line, const struct value *statement,
                      const struct value *args)
{
    struct buffer script = {0};
    for (size_t i = 0; i < args->list.count; i++) {
        const struct value *arg = args->list.at[i];
        bool plain = arg->kind == VALUE_UNKNOWN || value_text_of(line, arg) != NULL;
        const char *before = arena_format(line->hand->arena, "--set=arg_%zu=", i + 1);
        hand_add(line, " \\\n  ");
        if (plain)
            hand_add_value(line, before, arg);
        else
            hand_add_value(line, before,
                           value_string(line->hand->arena, "fill in: a list as {a,b}, or JSON"));
    }
    buffer_text(&script, "prepare asked as\n");
    buffer_add(&script, statement->text.at, statement->text.length);
    buffer_text(&script, ";\nexecute asked(");
    for (size_t i = 0; i < args->list.count; i++)
        buffer_format(&script, "%s:'arg_%zu'", i > 0 ? ", " : "", i + 1);
    buffer_text(&script, ");\n");
    hand_add(line, " \\\n  <<<");
    shell_word(line->into, buffer_slice(&script));
    buffer_free(&script);
}

static void add_statement(const struct hand_line *line, const struct value *statement)
{
    const struct value *args = hand_input(line, "args");
    if (args->kind == VALUE_LIST && args->list.count > 0 && statement->kind == VALUE_TEXT) {
        add_bound(line, statement, args);
        return;
    }
    hand_add(line, " \\\n  ");
    hand_add_value(line, "--command=", statement);
}

void hand_sql_ping(const struct hand_line *line)
{
    add_psql(line, true);
    hand_add(line, " --command='select 1'");
}

void hand_sql_query(const struct hand_line *line)
{
    add_psql(line, true);
    add_statement(line, hand_input(line, "query"));
}

void hand_sql_exec(const struct hand_line *line)
{
    const struct value *together = hand_input(line, "transaction");
    const struct value *many = hand_input(line, "statements");
    add_psql(line, false);
    if (together->kind != VALUE_BOOL || together->truth)
        hand_add(line, " --single-transaction");
    if (hand_given(line, "statement"))
        add_statement(line, hand_input(line, "statement"));
    for (size_t i = 0; many->kind == VALUE_LIST && i < many->list.count; i++)
        add_statement(line, many->list.at[i]);
    if (many->kind == VALUE_UNKNOWN)
        add_statement(line, many);
    if (hand_given(line, "script")) {
        hand_add(line, " ");
        hand_add_input(line, "--file=", "script");
    }
}

/* A table's name in SQL's quotes, its schema apart. */
static const struct value *table_in_quotes(struct arena *arena, const struct value *table)
{
    bool text = table->kind == VALUE_TEXT || table->kind == VALUE_UNKNOWN;
    struct buffer quoted = {0};
    buffer_text(&quoted, "\"");
    for (size_t i = 0; text && i < table->text.length; i++) {
        char c = table->text.at[i];
        if (c == '.' && table->kind == VALUE_TEXT)
            buffer_text(&quoted, "\".\"");
        else
            buffer_format(&quoted, c == '"' ? "\"%c" : "%c", c);
    }
    buffer_text(&quoted, "\"");
    struct text made = {arena_copy(arena, quoted.at, quoted.length), quoted.length};
    buffer_free(&quoted);
    return table->kind == VALUE_UNKNOWN ? value_unknown_text(arena, made) : value_text(arena, made);
}

/* `copy WHAT DIRECTION`, as one word. */
static void add_copy(const struct hand_line *line, const char *before, const struct value *what,
                     const char *behind)
{
    struct arena *arena = line->hand->arena;
    const char *text = arena_format(arena, "--command=copy %s%.*s%s", before,
                                    (int)what->text.length, what->text.at, behind);
    hand_add(line, " \\\n  ");
    hand_add_value(line, "",
                   what->kind == VALUE_UNKNOWN ? value_unknown_text(arena, text_of(text))
                                               : value_string(arena, text));
}

void hand_sql_copy_in(const struct hand_line *line)
{
    add_psql(line, false);
    add_copy(line, "", table_in_quotes(line->hand->arena, hand_input(line, "table")),
             " from stdin");
    hand_add(line, " <");
    hand_add_input(line, "", "path");
}

void hand_sql_copy_out(const struct hand_line *line)
{
    add_psql(line, true);
    if (hand_given(line, "query"))
        add_copy(line, "(", hand_input(line, "query"), ") to stdout");
    else
        add_copy(line, "", table_in_quotes(line->hand->arena, hand_input(line, "table")),
                 " to stdout");
    hand_add(line, " >");
    hand_add_input(line, "", "path");
}
