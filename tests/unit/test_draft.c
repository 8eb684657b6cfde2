/* What drafts are made by: shell taken apart, texts written as YAML that is read as what they were.
 */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/source.h"
#include "draft/branch.h"
#include "draft/names.h"
#include "draft/shell.h"
#include "lang/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* ---- shell ---- */

struct shell_case {
    const char *block;
    const char *told; /* a line each: kind, its lines, its words in <>; parts that are no text by
                         their sign */
};

static const struct shell_case shell_cases[] = {
    {"ls -la 'a b' \"c d\"", "simple 0-0 <ls> <-la> <a b> <c d>\n"},
    {"a\n\n# b\nc # d", "simple 0-0 <a>\ncomment 2-2 b\nsimple 3-3 <c>\n"},
    {"a \\\n  b\nc", "simple 0-1 <a> <b>\nsimple 2-2 <c>\n"},
    {"echo \"a\nb\"", "simple 0-1 <echo> <a\nb>\n"},
    {"A=1 B='x y' c", "simple 0-0 A=<1> B=<x y> <c>\n"},
    {"A=$(date +%F)", "simple 0-0 A=<$(date +%F)>\n"},
    {"a $B \"${C}\" ${D:-1} $1", "simple 0-0 <a> <$B> <$C> <?> <?>\n"},
    {"a | b && c; d &", "chain 0-0 <a> | <b> && <c> ; <d> &\n"},
    {"a |\nb", "pipe 0-1 <a> | <b>\n"},
    {"a > b 2>&1 < c", "simple 0-0 <a> 1><b> 2&><1> 0<<c>\n"},
    {"cat <<X\nif\nX\nd", "simple 0-2 <cat> 0<<<X>\nsimple 3-3 <d>\n"},
    {"if a; then\n  b\nfi\nc", "other 0-2\nsimple 3-3 <c>\n"},
    {"f() {\n a\n}\nb", "other 0-2\nsimple 3-3 <b>\n"},
    {"case $x in\n a) b;;\nesac\nc", "other 0-2\nsimple 3-3 <c>\n"},
    {"(a; b)\nc", "other 0-0\nsimple 1-1 <c>\n"},
    {"'a\nb", "broken 0-0\nsimple 1-1 <b>\n"},
    {"if a\nb", "broken 0-0\nsimple 1-1 <b>\n"},
    {"git reset <commit-hash>", "simple 0-0 <git> <reset> <%<commit-hash>>\n"},
    {"a [container-id] [a-z] [ -f x ]",
     "simple 0-0 <a> <%[container-id]> <?a-z]> <[> <-f> <x> <]>\n"},
    {"a <in >out", "simple 0-0 <a> 0<<in> 1><out>\n"},
    {"a YOUR_TOKEN xxx.xxx Xx", "simple 0-0 <a> <%YOUR_TOKEN> <%xxx.%xxx> <Xx>\n"},
    {"echo '<h1>no</h1>' a#b", "simple 0-0 <echo> <<h1>no</h1>> <a#b>\n"},
    {"ls *.c ~ {a,b} \\*", "simple 0-0 <ls> <?.c> <?> <?a,b}> <*>\n"},
    {"a '$B' \\$C \"\\$D\" `e`", "simple 0-0 <a> <$B> <$C> <$D> <$(e)>\n"},
    {"", ""},
    {"\n \t\n", ""},
};

static void tell_word(struct buffer *into, const struct shell_word *word)
{
    buffer_text(into, "<");
    for (size_t i = 0; i < word->parts.count; i++) {
        const struct shell_part *part = word->parts.at[i];
        static const char *const signs[] = {[PART_TEXT] = "",
                                            [PART_VARIABLE] = "$",
                                            [PART_COMMAND] = "$(",
                                            [PART_BLANK] = "%",
                                            [PART_OTHER] = "?"};
        buffer_text(into, signs[part->kind]);
        if (part->kind != PART_OTHER)
            buffer_add(into, part->text.at, part->text.length);
        buffer_text(into, part->kind == PART_COMMAND ? ")" : "");
    }
    buffer_text(into, ">");
}

static void tell_command(struct buffer *into, const struct shell_command *command)
{
    static const char *const signs[] = {
        [REDIRECT_IN] = "<",    [REDIRECT_OUT] = ">",   [REDIRECT_APPEND] = ">>",
        [REDIRECT_HERE] = "<<", [REDIRECT_COPY] = "&>", [REDIRECT_OTHER] = "!"};
    for (size_t i = 0; i < command->assignments.count; i++) {
        const struct shell_assignment *assignment = command->assignments.at[i];
        buffer_format(into, " %s=", assignment->name);
        tell_word(into, assignment->value);
    }
    for (size_t i = 0; i < command->words.count; i++) {
        buffer_text(into, " ");
        tell_word(into, command->words.at[i]);
    }
    for (size_t i = 0; i < command->redirects.count; i++) {
        const struct shell_redirect *redirect = command->redirects.at[i];
        buffer_format(into, " %d%s", redirect->fd, signs[redirect->kind]);
        tell_word(into, redirect->target);
    }
}

static void tell_line(struct buffer *into, const struct shell_line *line)
{
    static const char *const kinds[] = {[SHELL_COMMENT] = "comment",
                                        [SHELL_SIMPLE] = "simple",
                                        [SHELL_PIPE] = "pipe",
                                        [SHELL_CHAIN] = "chain",
                                        [SHELL_OTHER] = "other"};
    buffer_format(into, "%s %u-%u", line->broken ? "broken" : kinds[line->kind], line->line,
                  line->last);
    if (line->kind == SHELL_COMMENT)
        buffer_format(into, " %s", line->comment);
    for (size_t i = 0; line->kind != SHELL_OTHER && i < line->commands.count; i++) {
        tell_command(into, line->commands.at[i]);
        if (i < line->between.count)
            buffer_format(into, " %s", (const char *)line->between.at[i]);
    }
    buffer_text(into, "\n");
}

static void shell_is_taken_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shell_cases / sizeof *shell_cases; i++) {
        struct arena *arena = arena_new();
        struct list lines = shell_read(arena, text_of(shell_cases[i].block));
        struct buffer told = {0};
        buffer_text(&told, "");
        for (size_t l = 0; l < lines.count; l++)
            tell_line(&told, lines.at[l]);
        assert_string_equal(told.at ? told.at : "", shell_cases[i].told);
        buffer_free(&told);
        arena_free(arena);
    }
}

static void names_of_a_script(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct list names = {0};
    shell_names(
        arena,
        text_of("for f in $A; do echo \"$f ${B}\" '$C' \\$D $1 $((E)); done; F=1; echo $F $A"),
        &names);
    assert_int_equal(names.count, 2);
    assert_string_equal(names.at[0], "A");
    assert_string_equal(names.at[1], "B");
    arena_free(arena);
}

/* ---- names ---- */

static void titles_give_names(void **state)
{
    static const struct {
        const char *title, *name;
    } cases[] = {{"1. Stop the services", "stop_services"},
                 {"Überprüfung der Dienste", "ueberpruefung_dienste"},
                 {"1.1 Git履歴の確認", "git_history_check"},
                 {"未知の語", ""},
                 {"🚨 Now!", "now"},
                 {"Off!", "off_"},
                 {"2024", ""},
                 {"Don't panic", "dont_panic"}};
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(name_of_title(arena, cases[i].title), cases[i].name);
    struct map taken = {0};
    assert_string_equal(name_unique(arena, &taken, "a", "x"), "a");
    assert_string_equal(name_unique(arena, &taken, "a_2", "x"), "a_2");
    assert_string_equal(name_unique(arena, &taken, "a", "x"), "a_3");
    assert_string_equal(name_unique(arena, &taken, "", "x"), "x");
    arena_free(arena);
}

/* ---- YAML ---- */

static const char *const pieces[] = {"a",
                                     "b c",
                                     " ",
                                     "  ",
                                     "\n",
                                     "\n\n",
                                     "\t",
                                     ":",
                                     ": ",
                                     " #",
                                     "#",
                                     "-",
                                     "- ",
                                     "---",
                                     "...",
                                     "'",
                                     "\"",
                                     "\\",
                                     "{",
                                     "}",
                                     "[",
                                     "]",
                                     ",",
                                     "&",
                                     "*",
                                     "!",
                                     "|",
                                     ">",
                                     "%",
                                     "@",
                                     "`",
                                     "?",
                                     "? ",
                                     "=",
                                     "~",
                                     "yes",
                                     "no",
                                     "null",
                                     "1",
                                     "0x1f",
                                     "2024-01-15",
                                     "${params.a}",
                                     "$${",
                                     "$",
                                     "日本",
                                     "é",
                                     "\xf0\x9f\x9a\xa8",
                                     "<<",
                                     "\xc2\xa0"};

static const char *random_text(struct arena *arena)
{
    struct buffer text = {0};
    for (int count = rand() % 7; count > 0; count--)
        buffer_text(&text, pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)]);
    const char *made = arena_copy(arena, text.at ? text.at : "", text.length);
    buffer_free(&text);
    return made;
}

static struct branch *random_branch(struct arena *arena, int depth)
{
    static const char *const keys[] = {"a", "N", "on", "X-Header", "a b", "true", "p.q"};
    int kind = depth > 4 ? 0 : rand() % 4;
    if (kind < 2)
        return branch_text(arena, random_text(arena));
    struct branch *branch = kind == 2 ? branch_list(arena) : branch_map(arena);
    for (int i = 0, count = 1 + rand() % 4; i < count; i++) {
        struct branch *inner = random_branch(arena, depth + 1);
        if (rand() % 5 == 0)
            list_add(arena, &inner->notes, (void *)(uintptr_t)random_text(arena));
        if (kind == 2)
            branch_add(arena, branch, inner);
        else
            branch_put(arena, branch, keys[i], inner);
    }
    return branch;
}

static bool same(const struct branch *branch, const struct node *node)
{
    if (branch->kind == BRANCH_TEXT)
        return node->kind == NODE_SCALAR && text_is(node->text, branch->text);
    if (node->kind != (branch->kind == BRANCH_LIST ? NODE_LIST : NODE_MAP) ||
        node->count != branch->items.count)
        return false;
    for (size_t i = 0; i < node->count; i++) {
        bool map = node->kind == NODE_MAP;
        if (map && strcmp(node->pairs[i].key, branch->keys.at[i]) != 0)
            return false;
        if (!same(branch->items.at[i], map ? node->pairs[i].value : node->items[i]))
            return false;
    }
    return true;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    const char *given = getenv("DRAFT_SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
    srand(seed);
    for (int round = 0; round < 4000; round++) {
        struct arena *arena = arena_new();
        struct diagnostics findings = {.arena = arena};
        struct branch *branch = random_branch(arena, 0);
        struct buffer text = {0};
        branch_comment(&text, (size_t)(rand() % 3), random_text(arena));
        branch_write(&text, 0, "key", branch);
        const struct source *source = source_new(arena, "draft", buffer_slice(&text));
        const struct node *node = yaml_parse(arena, source, &findings);
        if (node == NULL || findings.errors > 0 || !same(branch, node_get(node, "key")))
            fail_msg("seed %u, round %d: %s\n%s", seed, round,
                     findings.errors > 0 ? ((const struct diagnostic *)findings.list.at[0])->message
                                         : "another text was read",
                     text.at);
        buffer_free(&text);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shell_is_taken_apart),
        cmocka_unit_test(names_of_a_script),
        cmocka_unit_test(titles_give_names),
        cmocka_unit_test(what_is_written_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
