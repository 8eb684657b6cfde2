/* Commands as one would type them: what a script and an argv become, and where each part stands. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/command_line.h"
#include "lang/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const struct node *parse(struct arena *arena, const char *text)
{
    struct diagnostics *diagnostics = arena_alloc(arena, sizeof *diagnostics);
    diagnostics->arena = arena;
    const struct node *node =
        yaml_parse(arena, source_new(arena, "x.yaml", text_of(text)), diagnostics);
    assert_non_null(node);
    return node_get(node, "x");
}

static const struct {
    const char *script;
    const char *lines; /* with a '\n' between them */
} scripts[] = {
    {"", ""},
    {"\n\n  \n", ""},
    {"a", "a"},
    {"  a   b\tc  \nd", "a b c\nd"},
    {"a # b\n# c\nd#e", "a\nd#e"},
    {"a \\\n  b", "a b"},
    {"a |\n  b", "a | b"},
    {"a &&\nb ||\nc; d", "a && b || c; d"},
    {"a 'b  # c' \"d   e\"", "a 'b  # c' \"d   e\""},
    {"a 'b\nc' d", "a 'b c' d"},
    {"a \"b\\\"c\nd\" e", "a \"b\\\"c d\" e"},
    {"a \\' # b", "a \\'"},
    {"sh -c 'a\nb' c", "sh -c 'a; b' c"},
    {"sh -euc 'a;\nb &&\nc' d", "sh -euc 'a; b && c' d"},
    {"psql -v x -c 'select 1\nfrom t'", "psql -v x -c 'select 1; from t'"},
    {"mysql -e 'a\nb'", "mysql -e 'a b'"},
    {"cat <<END\na\nb # c\nEND\nd", "cat <<END\nd"},
    {"cat <<'END' >x\na\nEND\nd", "cat <<'END' >x\nd"},
    {"cat <<-END\na\n\t\tEND\nd", "cat <<-END\nd"},
    {"cat <<A <<B\na\nA\nb\nB\nd", "cat <<A <<B\nd"},
    {"cat <<END | grep x\na\nEND\nd", "cat <<END | grep x\nd"},
    {"cat <<END |\na\nEND\n grep x\nd", "cat <<END | grep x\nd"},
    {"cat <<END\na\nEN", "cat <<END"},
    {"cat <<<x\nb", "cat <<<x\nb"},
    {"echo $((1<<2))\nb", "echo $((1<<2))\nb"},
    {"a 'b", "a 'b"},
    {"a \\", "a \\"},
    {"x=$(a)\n(b)\n{ c; }", "x=$(a)\n(b)\n{ c; }"},
};

static void test_scripts(void **state)
{
    (void)state;
    struct command_line line = {0};
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct arena *arena = arena_new();
        struct node script = {.kind = NODE_SCALAR, .text = text_of(scripts[i].script)};
        struct buffer lines = {0};
        size_t at = 0;
        size_t count = 0;
        while (command_line_next(&line, &script, &at) && count++ < 100) {
            assert_int_equal(line.places.length, sizeof(struct command_place) * line.text.length);
            buffer_format(&lines, "%s%.*s", lines.length ? "\n" : "", (int)line.text.length,
                          line.text.at);
        }
        const char *found = lines.length ? lines.at : "";
        if (strcmp(found, scripts[i].lines) != 0)
            fail_msg("%s: '%s', expected '%s'", scripts[i].script, found, scripts[i].lines);
        buffer_free(&lines);
        arena_free(arena);
    }
    command_line_free(&line);
}

static const struct {
    const char *argv, *command;
} words[] = {
    {"x: [a, -b, c=d, /e]", "a -b c=d /e"},
    {"x: ['a b', '', \"it's\", 'x;y', '*']", "'a b' '' 'it'\\''s' 'x;y' '*'"},
    {"x: ['${params.a ?? ''b c''}', '${item...}']", "${params.a ?? 'b c'} ${item...}"},
    {"x: ['${params.a} b', '$HOME']", "'${params.a} b' '$HOME'"},
    {"x: [\"a\\nb\"]", "'a b'"},
    {"x: []", ""},
    {"x: word", ""},
};

static void test_words(void **state)
{
    (void)state;
    struct command_line line = {0};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct arena *arena = arena_new();
        command_line_words(&line, parse(arena, words[i].argv));
        struct text found = buffer_slice(&line.text);
        if (!text_is(found, words[i].command))
            fail_msg("%s: '%.*s', expected '%s'", words[i].argv, (int)found.length, found.at,
                     words[i].command);
        arena_free(arena);
    }
    command_line_free(&line);
}

/* `part` of the command stands at `place` of the file. */
static const struct {
    const char *text, *part, *place;
} places[] = {
    {"x: [tail, -f, log]", "-f", "1:11-1:13"},
    {"x: [tail, -f, log]", "tail -f", "1:5-1:13"},
    {"x: [tail, '-f', log]", "-f", "1:12-1:14"},
    {"x: [tail, 'a -f b', log]", "-f", "1:14-1:16"},
    {"x: [tail, \"\\tq\", log]", "q", "1:14-1:15"},
    {"x:\n- tail\n- -f\n", "tail -f", "2:3-2:7"},
    {"x:\n- tail\n- -f\n", "-f", "3:3-3:5"},
    {"x: |\n  tail \\\n    -f log\n", "-f", "3:5-3:7"},
    {"x: |\n  tail \\\n    -f log\n", "tail -f", "2:3-3:7"},
    {"x: >-\n  tail\n  -f log\n", "-f", "3:3-3:5"},
    {"x: |\n  # c\n  a  'b'  tail\n", "tail", "3:11-3:15"},
};

static void test_places(void **state)
{
    (void)state;
    struct command_line line = {0};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct arena *arena = arena_new();
        const struct node *node = parse(arena, places[i].text);
        size_t at = 0;
        if (node->kind == NODE_LIST)
            command_line_words(&line, node);
        else
            assert_true(command_line_next(&line, node, &at));
        size_t length = strlen(places[i].part);
        const char *part = memmem(line.text.at, line.text.length, places[i].part, length);
        assert_non_null(part);
        struct mark mark = command_line_mark(&line, (struct text){part, length});
        struct mark end = mark_end(mark);
        char found[64];
        snprintf(found, sizeof found, "%u:%u-%u:%u", mark_line(mark), mark_column(mark),
                 mark_line(end), mark_column(end));
        if (strcmp(found, places[i].place) != 0)
            fail_msg("%s: %s is at %s, expected %s", places[i].text, places[i].part, found,
                     places[i].place);
        arena_free(arena);
    }
    command_line_free(&line);
}

/* Whatever a script is: lines come to an end, each byte has a place in the script, in order, and
 * what is no quote, blank or joint is the byte that stands there. */
static void test_random_scripts(void **state)
{
    (void)state;
    static const char bytes[] = "ab  \n\n'\"\\\\#;|&<<<E(()){}$-c\t";
    const char *given = getenv("RUNBOOK_TEST_SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
    struct command_line line = {0};
    char text[128];
    print_message("# seed %u\n", seed);
    for (size_t round = 0; round < 20000; round++) {
        size_t length = (size_t)rand_r(&seed) % sizeof text;
        for (size_t i = 0; i < length; i++)
            text[i] = bytes[(size_t)rand_r(&seed) % (sizeof bytes - 1)];
        struct node script = {.kind = NODE_SCALAR, .text = {text, length}};
        size_t at = 0;
        size_t before = 0;
        while (command_line_next(&line, &script, &at)) {
            const struct command_place *stand = (const struct command_place *)line.places.at;
            assert_int_equal(line.places.length, sizeof *stand * line.text.length);
            assert_true(at > before && at <= length);
            for (size_t i = 0; i < line.text.length; i++) {
                assert_true(stand[i].offset >= before && stand[i].offset < at);
                assert_true(i == 0 || stand[i].offset >= stand[i - 1].offset);
                if (line.text.at[i] != ' ' && line.text.at[i] != ';')
                    assert_int_equal(line.text.at[i], text[stand[i].offset]);
            }
            before = at;
        }
        assert_int_equal(at, length);
    }
    command_line_free(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_random_scripts),
    };
    return cmocka_run_group_tests_name("lang_command_line", tests, NULL, NULL);
}
