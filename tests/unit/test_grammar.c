/* grammar.md's tables are those of the code: between `<!-- NAME -->` and `<!-- end -->` stands what
 * the code's table NAME gives, word for word. `test_grammar --write` writes them anew. */
#include "actions/actions.h"
#include "base/diagnostic.h"
#include "base/text.h"
#include "commands/command.h"
#include "lang/action.h"
#include "lang/expr.h"
#include "lang/keys.h"
#include "plan/print_json.h"
#include "store/life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A cell of a Markdown table: a bar in it is escaped. */
static void cell(struct buffer *into, const char *text)
{
    buffer_text(into, " ");
    for (; text != NULL && *text != '\0'; text++) {
        if (*text == '|')
            buffer_text(into, "\\");
        buffer_add(into, text, 1);
    }
    buffer_text(into, " |");
}

static void code_cell(struct buffer *into, const char *text)
{
    char quoted[1024] = "";
    if (text != NULL && text[0] != '\0')
        snprintf(quoted, sizeof quoted, "`%s`", text);
    cell(into, quoted);
}

static void table_keys(struct buffer *into, const struct key_table *table)
{
    buffer_text(into, "| key | type | default | meaning |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < table->count; i++) {
        const struct key *key = &table->keys[i];
        buffer_text(into, "|");
        code_cell(into, key->name);
        cell(into, key->type);
        cell(into, key->mandatory ? "*must be given*" : key->preset);
        cell(into, key->about);
        buffer_text(into, "\n");
    }
}

static void table_functions(struct buffer *into)
{
    buffer_text(into, "| function | meaning |\n| --- | --- |\n");
    for (size_t i = 0; function_at(i) != NULL; i++) {
        buffer_text(into, "|");
        code_cell(into, function_at(i)->signature);
        cell(into, function_at(i)->about);
        buffer_text(into, "\n");
    }
}

static void list_names(struct buffer *into, const struct param_about *about)
{
    for (; about != NULL && about->name != NULL; about++)
        buffer_format(into, "%s%s: %s", into->length ? ", " : "", about->name, about->type);
}

static void table_actions(struct buffer *into)
{
    buffer_text(into, "| action | effect | params | outputs | expected | meaning |\n"
                      "| --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; core_actions[i] != NULL; i++) {
        const struct core_action *action = core_actions[i];
        struct buffer params = {0}, outputs = {0};
        list_names(&params, action->params);
        list_names(&outputs, action->outputs);
        buffer_text(into, "|");
        code_cell(into, action->name);
        cell(into, effect_name(action->effect));
        cell(into, params.at);
        cell(into, outputs.at);
        code_cell(into, action->expect);
        cell(into, action->about);
        buffer_text(into, "\n");
        buffer_free(&params);
        buffer_free(&outputs);
    }
}

static const char *dependents(enum life life)
{
    switch (life_dependents(life, false)) {
    case DEPENDENTS_WAIT:
        return "wait";
    case DEPENDENTS_RUN:
        return "run";
    case DEPENDENTS_BLOCKED:
        return "are blocked";
    }
    return "";
}

static void table_states(struct buffer *into)
{
    buffer_text(into, "| state | steps that need it | meaning |\n| --- | --- | --- |\n");
    for (int life = 0; life < LIFE_COUNT; life++) {
        buffer_text(into, "|");
        code_cell(into, life_name((enum life)life));
        cell(into, dependents((enum life)life));
        cell(into, life_about((enum life)life));
        buffer_text(into, "\n");
    }
}

static void table_exits(struct buffer *into)
{
    buffer_text(into, "| exit code | means |\n| --- | --- |\n");
    for (size_t i = 0; exit_about_at(i) != NULL; i++)
        buffer_format(into, "| %d | %s |\n", exit_about_at(i)->code, exit_about_at(i)->means);
}

static void table_codes(struct buffer *into)
{
    static const char *const severities[] = {"note", "warning", "error"};
    buffer_text(into, "| code | | what holds where it is silent |\n| --- | --- | --- |\n");
    for (int code = 0; code < DIAGNOSTIC_COUNT; code++) {
        const struct diagnostic_about *about = diagnostic_about((enum diagnostic_code)code);
        buffer_text(into, "|");
        cell(into, about->code);
        cell(into, severities[about->severity]);
        cell(into, about->title);
        buffer_text(into, "\n");
    }
}

static void table_plan(struct buffer *into)
{
    buffer_text(into, "| of | key | is | what it tells |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; plan_key_at(i) != NULL; i++) {
        const struct plan_key *key = plan_key_at(i);
        buffer_text(into, "|");
        cell(into, key->of);
        code_cell(into, key->name);
        cell(into, key->type);
        cell(into, key->about);
        buffer_text(into, "\n");
    }
}

/* The table NAME, or false. */
static bool table(const char *name, struct buffer *into)
{
    static const struct {
        const char *name;
        void (*make)(struct buffer *into);
    } others[] = {{"functions", table_functions}, {"actions", table_actions},
                  {"states", table_states},       {"exit codes", table_exits},
                  {"codes", table_codes},         {"plan", table_plan}};
    for (int mapping = 0; mapping < MAPPING_COUNT; mapping++)
        if (strcmp(keys_of((enum mapping)mapping)->name, name) == 0) {
            table_keys(into, keys_of((enum mapping)mapping));
            return true;
        }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i].name, name) == 0) {
            others[i].make(into);
            return true;
        }
    return false;
}

static char *grammar(void)
{
    FILE *file = fopen("grammar.md", "r");
    if (file == NULL)
        return NULL;
    char *text = calloc(1, 1 << 20);
    size_t length = fread(text, 1, (1 << 20) - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

/* The text with every table as the code has it; *COUNT tables were met. */
static void renewed(const char *text, struct buffer *into, size_t *count)
{
    const char *mark;
    while ((mark = strstr(text, "<!-- ")) != NULL) {
        const char *behind = strstr(mark, " -->\n");
        char name[64] = "";
        if (behind != NULL && (size_t)(behind - mark - 5) < sizeof name)
            memcpy(name, mark + 5, (size_t)(behind - mark - 5));
        const char *end = behind ? strstr(behind, "<!-- end -->") : NULL;
        struct buffer made = {0};
        if (end == NULL || !table(name, &made)) {
            buffer_add(into, text, (size_t)(mark + 5 - text));
            text = mark + 5;
        } else {
            buffer_add(into, text, (size_t)(behind + 5 - text));
            buffer_text(into, made.at);
            text = end;
            (*count)++;
        }
        buffer_free(&made);
        if (end != NULL && strncmp(text, "<!-- end -->", 12) == 0) {
            buffer_text(into, "<!-- end -->");
            text += 12;
        }
    }
    buffer_text(into, text);
}

static void test_tables_are_those_of_the_code(void **state)
{
    (void)state;
    struct buffer made = {0};
    size_t count = 0;
    char *text = grammar();
    assert_non_null(text);
    renewed(text, &made, &count);
    assert_string_equal(text, made.at);
    assert_int_equal(count, MAPPING_COUNT + 6);
    buffer_free(&made);
    free(text);
}

static int write_tables(void)
{
    struct buffer made = {0};
    size_t count = 0;
    char *text = grammar();
    if (text == NULL)
        return 1;
    renewed(text, &made, &count);
    FILE *file = fopen("grammar.md", "w");
    bool good = file != NULL && fwrite(made.at, 1, made.length, file) == made.length;
    good = file != NULL && fclose(file) == 0 && good;
    printf("%zu tables written\n", count);
    buffer_free(&made);
    free(text);
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tables_are_those_of_the_code)};
    if (argc > 1 && strcmp(argv[1], "--write") == 0)
        return write_tables();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
