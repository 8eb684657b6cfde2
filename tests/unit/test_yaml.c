/* lang/yaml: the tree and its marks, places inside scalars, limits, files. What is said to broken
 * files stands in test_yaml_messages. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static struct node *parse(struct arena *arena, const char *yaml)
{
    struct diagnostics diagnostics = {.arena = arena};
    struct node *root = yaml_parse(arena, source_new(arena, "t.yaml", text_of(yaml)), &diagnostics);
    if (root == NULL) {
        struct buffer buffer = {0};
        diagnostic_print(diagnostics.list.at[0], false, &buffer);
        print_error("%s", buffer.at);
        buffer_free(&buffer);
    }
    assert_non_null(root);
    assert_int_equal(diagnostics.list.count, 0);
    return root;
}

/* A tree as one line: text by style, [lists], {maps}; block ones with a '-' inside the bracket. */
static void write_tree(const struct node *node, struct buffer *into)
{
    static const char *const quotes[] = {"", "'", "\"", "|", ">"};
    if (node->kind == NODE_SCALAR) {
        buffer_text(into, quotes[node->style]);
        for (size_t i = 0; i < node->text.length; i++) {
            char c = node->text.at[i];
            buffer_add(into, c == '\n' ? "~" : &c, 1);
        }
        assert_int_equal(node->text.at[node->text.length], '\0');
        assert_int_equal(node->count, 0);
        buffer_text(into, quotes[node->style]);
        return;
    }
    buffer_text(into, node->kind == NODE_LIST ? "[" : "{");
    buffer_text(into, node->style == STYLE_BLOCK ? "-" : "");
    for (size_t i = 0; i < node->count; i++) {
        buffer_text(into, i > 0 ? ", " : "");
        if (node->kind == NODE_MAP) {
            buffer_format(into, "%s: ", node->pairs[i].key);
        }
        write_tree(node->kind == NODE_MAP ? node->pairs[i].value : node->items[i], into);
    }
    buffer_text(into, node->kind == NODE_LIST ? "]" : "}");
}

static void test_trees(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"a: b\n", "{-a: b}"},
        {"a: b", "{-a: b}"},
        {"--- \na: b\n...\n", "{-a: b}"},
        {"%YAML 1.2\n---\na: b\n", "{-a: b}"},
        {"# head\na: b # tail\n\n", "{-a: b}"},
        {"a:\nb:\n", "{-a: , b: }"},
        {"a: {}\nb: []\nc: ''\n", "{-a: {}, b: [], c: ''}"},
        {"- a\n- [b, c]\n- - d\n  - e\n", "[-a, [b, c], [-d, e]]"},
        {"a:\n- b\n- c\n", "{-a: [-b, c]}"},
        {"a:\n  b:\n    c: d\n  e: f\n", "{-a: {-b: {-c: d}, e: f}}"},
        {"a: {b: {c: d}, e: [f, {g: h}]}\n", "{-a: {b: {c: d}, e: [f, {g: h}]}}"},
        {"a: [b: c]\n", "{-a: [{b: c}]}"},
        {"a: [x, http.get: y]\n", "{-a: [x, {http.get: y}]}"},
        {"a: {b: }\n", "{-a: {b: }}"},
        {"a: {b: , c: d}\n", "{-a: {b: , c: d}}"},
        {"a: {\"b\":c}\n", "{-a: {b: c}}"},
        {"'a b': \"c\"\n", "{-a b: \"c\"}"},
        {"? a\n: b\n", "{-a: b}"},
        {"\"on\": 1\n'y': 2\n\"null\": 3\nyes_or_no: 4\n", "{-on: 1, y: 2, null: 3, yes_or_no: 4}"},
        {"a: no\nb: 0755\nc: 1.10\nd: 12:30\ne: null\nf: ~\n",
         "{-a: no, b: 0755, c: 1.10, d: 12:30, e: null, f: ~}"},
        {"a: http://x:80/#y\nb: a#b\nc: -x\nd: --y\n",
         "{-a: http://x:80/#y, b: a#b, c: -x, d: --y}"},
        {"a: ${b.c}\nb: x ${d} y\nc: \"${e}\"\n", "{-a: ${b.c}, b: x ${d} y, c: \"${e}\"}"},
        {"a: one\n  two\n\n  three\n", "{-a: one two~three}"},
        {"a: 'one\n  two'\n", "{-a: 'one two'}"},
        {"a: 'it''s'\nb: \"\\t\\\"\\u00e9\\x41\\\n  z\"\n", "{-a: 'it's', b: \"\t\"\xc3\xa9"
                                                            "Az\"}"},
        {"a: |\n  one\n    two\n\n  three\nb: >\n  one\n  two\n\n  three\n",
         "{-a: |one~  two~~three~|, b: >one two~three~>}"},
        {"a: |-\n  x\nb: |+\n  y\n\nc: >-\n  z\n", "{-a: |x|, b: |y~~|, c: >z>}"},
        {"a: |\n  x\t y\n  if\n  \tz\n", "{-a: |x\t y~if~\tz~|}"},
        {"a: b\r\nc: |\r\n  d\r\n  e\r\n", "{-a: b, c: |d~e~|}"},
        {"\xc3\xa9: \xe6\xbc\xa2 \xf0\x9f\x98\x80\n", "{-\xc3\xa9: \xe6\xbc\xa2 \xf0\x9f\x98\x80}"},
        {"a:   # says nothing\n  b: c\n", "{-a: {-b: c}}"},
        {"a: # also nothing\n", "{-a: }"},
        {"a:\tb\n", "{-a: b}"},
        {"200: ok\n/status: ok\n", "{-200: ok, /status: ok}"},
        {"text\n", "text"},
        {"\"\\e[31m\"\n", "\"\x1b[31m\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct buffer buffer = {0};
        write_tree(parse(arena, cases[i][0]), &buffer);
        assert_string_equal(buffer.at, cases[i][1]);
        buffer_free(&buffer);
        arena_free(arena);
    }
}

static void test_get(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct node *root = parse(arena, "a: 1\nb: {c: 2}\nd: [e]\n");
    assert_true(text_is(node_get(root, "a")->text, "1"));
    assert_true(text_is(node_get(node_get(root, "b"), "c")->text, "2"));
    assert_null(node_get(root, "c"));
    assert_null(node_get(node_get(root, "a"), "a"));
    assert_null(node_get(node_get(root, "d"), "e"));
    arena_free(arena);
}

static void mark_check(struct mark mark, const char *wanted)
{
    struct text text = source_text(mark.source);
    assert_true(mark.start <= mark.end && mark.end <= text.length);
    char *marked = strndup(text.at + mark.start, mark.end - mark.start);
    assert_string_equal(marked, wanted);
    free(marked);
}

/* What each mark covers; behind characters of several bytes, since the parser counts characters. */
static void test_marks(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct node *root = parse(arena, "\xc3\xa9\xe6\xbc\xa2: plain text # no\n"
                                     "\"q k\": 'single'\n"
                                     "flow: {a: [b, \"\xc3\xa9\"]}\n"
                                     "block:   \n"
                                     "  - x: y  \n"
                                     "    z: |  # head\n"
                                     "      text\n"
                                     "empty:\n"
                                     "long: one\n  two\n");
    mark_check(root->mark, "\xc3\xa9\xe6\xbc\xa2: plain text # no");
    mark_check(root->pairs[0].key_mark, "\xc3\xa9\xe6\xbc\xa2");
    mark_check(root->pairs[0].value->mark, "plain text");
    mark_check(root->pairs[1].key_mark, "\"q k\"");
    mark_check(root->pairs[1].value->mark, "'single'");
    mark_check(node_get(root, "flow")->mark, "{a: [b, \"\xc3\xa9\"]}");
    mark_check(node_get(node_get(root, "flow"), "a")->mark, "[b, \"\xc3\xa9\"]");
    mark_check(node_get(node_get(root, "flow"), "a")->items[1]->mark, "\"\xc3\xa9\"");
    struct node *item = node_get(root, "block")->items[0];
    mark_check(node_get(root, "block")->mark, "- x: y");
    mark_check(item->mark, "x: y");
    mark_check(item->pairs[0].value->mark, "y");
    mark_check(item->pairs[1].value->mark, "|  # head");
    mark_check(node_get(root, "empty")->mark, "");
    assert_int_equal(mark_line(node_get(root, "empty")->mark), 8);
    assert_int_equal(mark_column(node_get(root, "empty")->mark), 7);
    mark_check(node_get(root, "long")->mark, "one\n  two");
    arena_free(arena);
}

/* The place of "${x}" (or of the word after '@') in a scalar's value is its place in the file. */
static void test_places(void **state)
{
    (void)state;
    static const char *const files[] = {
        "a: ${x}\n",
        "a: b ${x} c\n",
        "\xc3\xa9: \xe6\xbc\xa2 ${x}\n",
        "a: 'b ${x} c'\n",
        "a: 'it''s ''${x}'' c'\n",
        "a: \"b ${x} c\"\n",
        "a: \"\\\"b\\\" \\t\\x41\\u00e9\\U0001F600\\\\ ${x} c\"\n",
        "a: \"one\n  two \\\n  ${x}\"\n",
        "a: 'one\n\n\n  two ${x}'\n",
        "a: one\n  two\n  ${x} three\n",
        "a: |\n  ${x}\n",
        "a: |-\n  one\n    two ${x}\n",
        "a: |\n\n\n  one\n\n     ${x}\n  three\n",
        "a: |2\n    one\n   ${x}\n",
        "a: | # says\n  one ${x}\n",
        "a: |\r\n  one\r\n  ${x}\r\n",
        "a: >\n  one\n  two ${x}\n",
        "a: >\n  one\n\n    two\n  three\n\n\n  ${x}\n",
        "a: >-\n  one two\n  ${x}",
        "a: [b, \"${x}\"]\n",
        "- - a: {b: \"c ${x}\"}\n",
        "? \"${x}\"\n: ${x}\n",
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct arena *arena = arena_new();
        struct node *node = parse(arena, files[i]);
        while (node->kind != NODE_SCALAR) {
            node = node->kind == NODE_MAP ? node->pairs[node->count - 1].value
                                          : node->items[node->count - 1];
        }
        const char *hole = strstr(node->text.at, "${x}");
        assert_non_null(hole);
        size_t offset = (size_t)(hole - node->text.at);
        struct mark mark = node_mark_at(node, offset, 4);
        const char *wanted = files[i];
        for (const char *at = files[i]; (at = strstr(at, "${x}")) != NULL; at++) {
            wanted = at; /* the last one */
        }
        if (mark.start != (uint32_t)(wanted - files[i]) || mark.end != mark.start + 4) {
            fail_msg("case %zu: %u-%u instead of %zu", i, mark.start, mark.end,
                     (size_t)(wanted - files[i]));
        }
        mark_check(node_mark_at(node, offset + 2, 1), "x");
        arena_free(arena);
    }
}

/* At every offset of odd scalars: inside the file, never before the scalar. */
static void test_places_everywhere(void **state)
{
    (void)state;
    static const char *const files[] = {
        "a: \"\\u00e9\\N\\_\\L\\P x\\\n   y\\e\"\n",
        "a: |+\n\n  x\n\n\n",
        "a: >\n   x\n    y\n\n",
        "a: 'x\n\n   y'\n",
        "a: ''\n",
        "a:\n",
        "a: |\n",
        "a: \"\\\n  \\\n  x\"\n",
        "a: >+\n\n\n",
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct arena *arena = arena_new();
        struct node *node = node_get(parse(arena, files[i]), "a");
        for (size_t offset = 0; offset <= node->text.length + 2; offset++) {
            for (size_t length = 0; length < 12; length++) {
                struct mark mark = node_mark_at(node, offset, length);
                assert_true(mark.start >= node->mark.start);
                assert_true(mark.start <= mark.end);
                assert_true(mark.start <= strlen(files[i]));
            }
        }
        arena_free(arena);
    }
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What HEAD, COUNT times PART and TAIL give; the first message's text. */
static void hostile_check(const char *head, const char *part, size_t count, const char *tail,
                          const char *wanted)
{
    struct buffer file = {0};
    buffer_text(&file, head);
    for (size_t i = 0; i < count; i++) {
        buffer_text(&file, part);
    }
    buffer_text(&file, tail);
    struct arena *arena = arena_new();
    struct diagnostics diagnostics = {.arena = arena};
    double begin = cpu_seconds();
    struct node *root =
        yaml_parse(arena, source_new(arena, "t.yaml", buffer_slice(&file)), &diagnostics);
    double took = cpu_seconds() - begin;
    if (wanted == NULL) {
        assert_non_null(root);
    } else {
        assert_null(root);
        assert_true(diagnostics.list.count >= 1 && diagnostics.list.count <= 21);
        const struct diagnostic *first = diagnostics.list.at[0];
        assert_string_equal(first->message, wanted);
    }
    /* These take 2 ms; by the plain interface of the library some of them take half a minute. */
    assert_true(took < 1);
    arena_free(arena);
    buffer_free(&file);
}

static void test_hostile(void **state)
{
    (void)state;
    static const char deep[] = "lists and maps are nested deeper than 64 levels";
    static const char text[] = "a text is longer than 1 MiB";
    hostile_check("", "[", 200000, "", deep);
    hostile_check("", "{a: ", 50000, "", deep);
    hostile_check("", "- ", 100000, "", deep);
    hostile_check("", "? ", 100000, "", "a list or a map stands where a key is expected");
    hostile_check("", "[", 64, "x", "the '[' that opens here is not closed");
    hostile_check("a: ", "x", 1024 * 1024, "\n", NULL);
    hostile_check("a: ", "x", 1024 * 1024 + 1, "\n", text);
    hostile_check("a: '", "x", 1024 * 1024 + 1, "'\n", text);
    hostile_check("a: |\n", "  more than eight\n", 100000, "", text);
    hostile_check("a: '", "x y ", 16 * 1024 * 1024 / 4, "'\n",
                  "2 MiB follow here without a key or a value");
    hostile_check("a: b\n", "# long\n", 1000000, "c: d\n",
                  "2 MiB follow here without a key or a value");
    hostile_check("a: &a b\n", "- *a\n", 100000, "",
                  "'&a' is an anchor, and this language has none");
    hostile_check("", "a: 1\n", 1000, "", "the key 'a' stands twice");
    hostile_check("a: [", "b, ", 100000, "c]\n", NULL);
    hostile_check("a: \"", "\\x", 1000, "\"\n", "this escape names no character");
}

/* An alias bomb: eleven levels of nine. */
static void test_alias_bomb(void **state)
{
    (void)state;
    struct buffer file = {0};
    buffer_text(&file, "a0: &a0 lol\n");
    for (int i = 1; i < 12; i++) {
        buffer_format(&file, "a%d: &a%d [*a%d", i, i, i - 1);
        for (int j = 1; j < 9; j++) {
            buffer_format(&file, ", *a%d", i - 1);
        }
        buffer_text(&file, "]\n");
    }
    hostile_check(file.at, "", 0, "", "'&a0' is an anchor, and this language has none");
    buffer_free(&file);
}

/* Every beginning of a file that has everything ends in a tree or a message, and every byte of it
 * changed as well: no crash (under a sanitizer also no stray read), no silence. */
static void test_cut_and_changed(void **state)
{
    (void)state;
    static const char file[] = "a: \"q\\t\\x41\" # c\nb: 'it''s'\nc: [d, {e: f}, \"${g}\"]\n"
                               "h: |\n  i\n   j\nk: >-\n  l\n  m\n? n\n: - o\n  - p: &q r\n"
                               "    s: *q\n\xc3\xa9: !t u\n<<: v\n";
    static const char bytes[] = "\t\r\n :-[]{},#\"'|>&*!%@`?\\\x01\xff\xc3$";
    char *copy = malloc(sizeof file);
    for (size_t length = 0; length < sizeof file; length++) {
        for (size_t b = 0; b < sizeof bytes; b++) {
            memcpy(copy, file, length);
            if (length > 0) {
                copy[b * 7 % length] = bytes[b];
            }
            char *exact = malloc(length + (length == 0));
            memcpy(exact, copy, length);
            struct arena *arena = arena_new();
            struct diagnostics diagnostics = {.arena = arena};
            struct node *root = yaml_parse(
                arena, source_new(arena, "t.yaml", (struct text){exact, length}), &diagnostics);
            assert_int_equal(root == NULL, diagnostics.errors > 0);
            for (size_t i = 0; i < diagnostics.list.count; i++) {
                const struct diagnostic *finding = diagnostics.list.at[i];
                assert_true(finding->mark.start <= finding->mark.end);
                assert_true(finding->mark.end <= length);
                assert_non_null(finding->remedy);
                struct buffer buffer = {0};
                diagnostic_print(finding, true, &buffer);
                buffer_free(&buffer);
            }
            arena_free(arena);
            free(exact);
        }
    }
    free(copy);
}

static const char *folder_new(void)
{
    static const char pattern[] = "/tmp/test_yaml.XXXXXX";
    char *folder = strdup(pattern);
    assert_non_null(mkdtemp(folder));
    return folder;
}

static void refuse_check(const char *path, enum diagnostic_code code, const char *wanted)
{
    struct arena *arena = arena_new();
    struct diagnostics diagnostics = {.arena = arena};
    assert_null(source_read(arena, path, "shown", &diagnostics));
    assert_int_equal(diagnostics.list.count, 1);
    const struct diagnostic *finding = diagnostics.list.at[0];
    assert_int_equal(finding->code, code);
    assert_string_equal(finding->message, wanted);
    assert_non_null(finding->remedy);
    arena_free(arena);
}

static void test_read(void **state)
{
    (void)state;
    const char *folder = folder_new();
    struct arena *arena = arena_new();
    struct diagnostics diagnostics = {.arena = arena};
    char *path = arena_format(arena, "%s/f", folder);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, "a: b\n", 5), 5);
    const struct source *source = source_read(arena, path, "shown", &diagnostics);
    assert_non_null(source);
    assert_string_equal(source_name(source), "shown");
    assert_true(text_is(source_text(source), "a: b\n"));
    assert_int_equal(ftruncate(file, 64 * 1024 * 1024 + 1), 0);
    refuse_check(path, RB005, "'shown' has 65 MiB; at most 64 MiB are read");
    assert_int_equal(ftruncate(file, INT64_C(1) << 30), 0);
    double begin = cpu_seconds();
    refuse_check(path, RB005, "'shown' has 1024 MiB; at most 64 MiB are read");
    assert_true(cpu_seconds() - begin < 0.05);
    assert_int_equal(ftruncate(file, 0), 0);
    source = source_read(arena, path, "shown", &diagnostics);
    assert_int_equal(source_text(source).length, 0);
    close(file);
    unlink(path);
    refuse_check(path, RB001, "can't read 'shown': No such file or directory");
    refuse_check(folder, RB001, "'shown' is a folder, not a file");
    refuse_check("/dev/null", RB001, "'shown' is a device, not a file");
    assert_int_equal(mkfifo(path, 0600), 0);
    refuse_check(path, RB001, "'shown' is a pipe, not a file");
    unlink(path);
    assert_int_equal(symlink("f", path), 0);
    refuse_check(path, RB001, "can't read 'shown': Too many levels of symbolic links");
    unlink(path);
    refuse_check("/dev/null/x", RB001, "can't read 'shown': Not a directory");
    assert_int_equal(diagnostics.list.count, 0);
    rmdir(folder);
    arena_free(arena);
    free((char *)folder);
}

/* 100,000 steps: all are there, in their order. */
static void test_long(void **state)
{
    (void)state;
    enum { STEPS = 100000 };
    struct buffer file = {0};
    buffer_text(&file, "steps:\n");
    for (int i = 0; i < STEPS; i++) {
        buffer_format(&file, "  step_%d:\n    exec: [echo, \"%d\"]\n    timeout: 30s\n", i, i);
    }
    struct arena *arena = arena_new();
    struct diagnostics diagnostics = {.arena = arena};
    struct node *root =
        yaml_parse(arena, source_new(arena, "t.yaml", buffer_slice(&file)), &diagnostics);
    assert_non_null(root);
    struct node *steps = node_get(root, "steps");
    assert_int_equal(steps->count, STEPS);
    for (int i = 0; i < STEPS; i++) {
        char name[32];
        snprintf(name, sizeof name, "step_%d", i);
        assert_string_equal(steps->pairs[i].key, name);
        struct node *exec = node_get(steps->pairs[i].value, "exec");
        assert_string_equal(exec->items[1]->text.at, name + 5);
        assert_int_equal(mark_line(exec->mark), 3 + 3 * i);
    }
    arena_free(arena);
    buffer_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees),
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_places_everywhere),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_alias_bomb),
        cmocka_unit_test(test_cut_and_changed),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
