/* SQL text taken apart, values bound, cells read: what the sql actions do without a server. What
 * they do with one stands in tests/cases/run/sql_*. */
#include "actions_world.h"

#include "actions/sql_copy.h"
#include "actions/sql_script.h"
#include "actions/sql_value.h"
#include "base/list.h"
#include "sys/postgres.h"

/* ---- scripts ---- */

/* The statements between bars, each with its line; or the fault. */
static const char *split(struct world *world, const char *script)
{
    struct list statements = {0};
    struct buffer line = {0};
    const char *fault = sql_split(world->arena, text_of(script), &statements);
    if (fault != NULL)
        return fault;
    for (size_t i = 0; i < statements.count; i++) {
        const struct sql_statement *statement = statements.at[i];
        buffer_format(&line, "%s%zu:%s", i ? "|" : "", statement->line, statement->text);
    }
    const char *copy = arena_copy(world->arena, line.at ? line.at : "", line.length);
    buffer_free(&line);
    return copy;
}

static void statements_end_at_their_semicolon(void **state)
{
    struct world *world = *state;
    static const char *const examples[][2] = {
        {"", ""},
        {" ;; ; -- nothing\n /* nor */ ;", ""},
        {"select 1", "1:select 1"},
        {"select 1;\n\n select 2;", "1:select 1|3:select 2"},
        {"select ';' , '''; ' ; b", "1:select ';' , '''; ' |1:b"},
        {"select E'\\'; ' ; b", "1:select E'\\'; ' |1:b"},
        {"select '\\'; b", "1:select '\\'|1:b"},
        {"select e';' ; name';' ; x", "1:select e';' |1:name';' |1:x"},
        {"select \"a;\"\";\" ; b", "1:select \"a;\"\";\" |1:b"},
        {"select $$;$x$;$$ ; b", "1:select $$;$x$;$$ |1:b"},
        {"do $tag$ $$;$$ ; $tag$ ; b", "1:do $tag$ $$;$$ ; $tag$ |1:b"},
        {"select $1;b", "1:select $1|1:b"},
        {"select a$b$; c$b$", "1:select a$b$|1:c$b$"},
        {"/* a ; /* b ; */ ; */ select 1; -- c ; d\ne",
         "1:/* a ; /* b ; */ ; */ select 1|1:-- c ; d\ne"},
        {"create rule r as on insert to t do (select 1; select 2); b",
         "1:create rule r as on insert to t do (select 1; select 2)|1:b"},
        {"create function f() returns int begin atomic select case when a then 1 end; select 2; "
         "end; b",
         "1:create function f() returns int begin atomic select case when a then 1 end; select 2; "
         "end|1:b"},
        {"begin; select 1; end; b", "1:begin|1:select 1|1:end|1:b"},
        {"select 'open", "line 1: a text in ' is not closed"},
        {"select 1;\nselect \"open", "line 2: a name in \" is not closed"},
        {"/* /* */", "line 1: a comment /* is not closed"},
        {"\n\ndo $a$ $b$", "line 3: a text in $$ is not closed"},
        {"select 1;\n\\connect other", "line 2: a command of psql's (\\…) is no SQL"},
        {"é; ü", "1:é|1:ü"},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        assert_string_equal(split(world, examples[i][0]), examples[i][1]);
}

/* Whatever is cut off: no byte behind the end is read (the sanitizers look), and it ends. */
static void every_beginning_is_split(void **state)
{
    struct world *world = *state;
    static const char script[] = "select E'\\'' /* a /* b */ */ , $t$ ; $t$, \"q\"\"\" -- c\n; "
                                 "create function f() begin atomic select case 1 end; end; \\x";
    for (size_t length = 0; length < sizeof script; length++) {
        char *copy = malloc(length + 1);
        memcpy(copy, script, length);
        struct list statements = {0};
        (void)sql_split(world->arena, (struct text){copy, length}, &statements);
        free(copy);
    }
}

static void transaction_words_are_seen(void **state)
{
    (void)state;
    static const char *const examples[][2] = {
        {"commit", "COMMIT"},
        {" -- now\n /* really */ Commit and chain", "COMMIT"},
        {"begin isolation level serializable", "BEGIN"},
        {"start transaction", "START TRANSACTION"},
        {"prepare transaction 'x'", "PREPARE TRANSACTION"},
        {"end work", "END"},
        {"abort", "ABORT"},
        {"rollback", "ROLLBACK"},
        {"rollback to savepoint a", NULL},
        {"rollback work to a", NULL},
        {"savepoint a", NULL},
        {"prepare a as select 1", NULL},
        {"select 'commit'", NULL},
        {"committed", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const char *word = sql_transaction_word(examples[i][0]);
        if (examples[i][1] == NULL)
            assert_null(word);
        else
            assert_string_equal(word, examples[i][1]);
    }
}

static void a_table_is_only_ever_a_name(void **state)
{
    struct world *world = *state;
    assert_string_equal(sql_copy_table(world->arena, "public.stock"), "\"public\".\"stock\"");
    assert_string_equal(sql_copy_table(world->arena, "a\"; drop table b; --"),
                        "\"a\"\"; drop table b; --\"");
}

/* ---- values ---- */

static void values_become_parameters(void **state)
{
    struct world *world = *state;
    const struct value *list[] = {number(world, 1), text(world, "é\"")};
    const struct {
        const struct value *value;
        const char *wanted;
    } examples[] = {
        {text(world, "'; --"), "'; --"},
        {number(world, -5), "-5"},
        {value_float(world->arena, 1.5), "1.5"},
        {&value_true, "true"},
        {value_integer(world->arena, VALUE_DURATION, 90 * UNITS_SECOND + 500000000),
         "90.500000000 seconds"},
        {value_integer(world->arena, VALUE_DURATION, -UNITS_SECOND), "-1.000000000 seconds"},
        {value_integer(world->arena, VALUE_SIZE, 1024), "1024"},
        {value_integer(world->arena, VALUE_TIME, 0), "1970-01-01T00:00:00Z"},
        {value_list(world->arena, list, 2), "[1,\"é\\\"\"]"},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        assert_string_equal(sql_parameter(world->arena, examples[i].value), examples[i].wanted);
    assert_null(sql_parameter(world->arena, &value_unset));
}

static const char *cell(struct world *world, enum postgres_kind kind, bool array, const char *from)
{
    const struct postgres_column column = {"c", kind, array};
    const struct text text = from ? text_of(from) : (struct text){0};
    const struct text *const row = &text;
    const struct postgres_rows rows = {&column, 1, &row, 1};
    struct buffer shown = {0};
    const struct value *value = sql_first(world->arena, &rows);
    buffer_format(&shown, "%s ", value_kind_name(value->kind));
    value_show(value, 0, &shown);
    const char *copy = arena_copy(world->arena, shown.at, shown.length);
    buffer_free(&shown);
    return copy;
}

static void cells_become_values(void **state)
{
    struct world *world = *state;
    static const struct {
        enum postgres_kind kind;
        bool array;
        const char *from, *wanted;
    } examples[] = {
        {POSTGRES_BOOL, false, "f", "a bool false"},
        {POSTGRES_INT, false, "-9223372036854775808", "an int -9223372036854775808"},
        {POSTGRES_FLOAT, false, "1e-3", "a float 0.001"},
        {POSTGRES_FLOAT, false, "NaN", "a text NaN"},
        {POSTGRES_FLOAT, false, "-Infinity", "a text -Infinity"},
        {POSTGRES_NUMERIC, false, "13", "an int 13"},
        {POSTGRES_NUMERIC, false, "12.50", "a float 12.5"},
        {POSTGRES_NUMERIC, false, "9223372036854775808", "a text 9223372036854775808"},
        {POSTGRES_NUMERIC, false, "0.12345678901234567890", "a text 0.12345678901234567890"},
        {POSTGRES_TIME, false, "2024-01-15 14:30:00.5+00", "a time 2024-01-15T14:30:00.500Z"},
        {POSTGRES_TIME, false, "2024-01-15 14:30:00-05:30", "a time 2024-01-15T20:00:00Z"},
        {POSTGRES_TIME, false, "infinity", "a text infinity"},
        {POSTGRES_INTERVAL, false, "P1DT2H3M4.5S", "a duration 1d2h3m4.5s"},
        {POSTGRES_INTERVAL, false, "PT0S", "a duration 0s"},
        {POSTGRES_INTERVAL, false, "PT-1M", "a duration -1m"},
        {POSTGRES_INTERVAL, false, "P1Y", "a text P1Y"},
        {POSTGRES_INTERVAL, false, "P2M", "a text P2M"},
        {POSTGRES_JSON, false, "{\"a\": [1, null]}", NULL},
        {POSTGRES_BYTES, false, "\\x6869", "a text hi"},
        {POSTGRES_TEXT, false, "", "a text ''"},
        {POSTGRES_TEXT, false, NULL, NULL},
        {POSTGRES_INT, true, "{1,-2}", "a list [1, -2]"},
        {POSTGRES_INT, true, "{}", "a list []"},
        {POSTGRES_INT, true, "{{1,2},{3,4}}", "a list [[1, 2], [3, 4]]"},
        {POSTGRES_INT, true, "[2:3]={1,2}", NULL},
        {POSTGRES_TEXT, true, "{a,\"b,\\\"c\",\"NULL\"}", NULL},
        {POSTGRES_TEXT, true, "{\"open", NULL},
        {POSTGRES_TEXT, true, "{open", NULL},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const char *got = cell(world, examples[i].kind, examples[i].array, examples[i].from);
        if (examples[i].wanted != NULL)
            assert_string_equal(got, examples[i].wanted);
    }
    assert_non_null(strstr(cell(world, POSTGRES_INT, true, "[2:3]={1,2}"), "a text"));
    assert_non_null(strstr(cell(world, POSTGRES_TEXT, true, "{\"open"), "a text"));
    assert_non_null(strstr(cell(world, POSTGRES_TEXT, true, "{open"), "a text"));
    assert_non_null(strstr(cell(world, POSTGRES_JSON, false, "{\"a\": 1}"), "a mapping"));
    const char *quoted = cell(world, POSTGRES_TEXT, true, "{a,\"b,\\\"c\",\"NULL\",NULL}");
    assert_non_null(strstr(quoted, "b,\"c"));
    const struct postgres_rows none = {0};
    assert_int_equal(sql_first(world->arena, &none)->kind, VALUE_UNSET);
}

static void rows_are_mappings(void **state)
{
    struct world *world = *state;
    const struct postgres_column columns[] = {
        {"a", POSTGRES_INT, false}, {"b", POSTGRES_TEXT, false}, {"a", POSTGRES_TEXT, false}};
    const struct text cells[] = {{"1", 1}, {NULL, 0}, {"x", 1}};
    const struct text *const row = cells;
    const struct postgres_rows rows = {columns, 3, &row, 1};
    const struct value *list = sql_rows(world->arena, &rows);
    assert_int_equal(list->list.count, 1);
    assert_int_equal(list->list.at[0]->map.count, 2);
    assert_int_equal(value_member(world->arena, list->list.at[0], "b")->kind, VALUE_UNSET);
    assert_string_equal(value_member(world->arena, list->list.at[0], "a")->text.at, "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(statements_end_at_their_semicolon),
        TEST(every_beginning_is_split),
        TEST(transaction_words_are_seen),
        TEST(a_table_is_only_ever_a_name),
        TEST(values_become_parameters),
        TEST(cells_become_values),
        TEST(rows_are_mappings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
