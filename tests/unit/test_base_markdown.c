/* base/markdown: what is put in comes out as it was when cmark renders it. */
#include "base/markdown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmark.h>
#include <cmocka.h>

/* The only paragraph's or block's text after cmark has read it; the kinds of the nodes are told, so
 * that a text that became a list or a link shows. */
static void add_node(struct buffer *into, cmark_node *node)
{
    const char *literal = cmark_node_get_literal(node);
    const char *kind = cmark_node_get_type_string(node);
    if (strcmp(kind, "text") == 0 || strcmp(kind, "code") == 0 || strcmp(kind, "code_block") == 0)
        buffer_text(into, literal);
    else if (strcmp(kind, "document") != 0 && strcmp(kind, "paragraph") != 0)
        buffer_format(into, "<%s %s>", kind, literal ? literal : "");
    for (cmark_node *at = cmark_node_first_child(node); at != NULL; at = cmark_node_next(at))
        add_node(into, at);
}

static void comes_back(const struct buffer *markdown, const char *expected)
{
    struct buffer seen = {0};
    cmark_node *document =
        cmark_parse_document(markdown->at ? markdown->at : "", markdown->length, CMARK_OPT_DEFAULT);
    add_node(&seen, document);
    assert_string_equal(seen.at ? seen.at : "", expected);
    cmark_node_free(document);
    buffer_free(&seen);
}

static const char *const texts[] = {
    "plain",
    "# no heading",
    "- no item",
    "1. no item",
    "+ no item",
    "12) no item",
    "> no quote",
    "=== ---",
    "a.b-c_d (e) {f} 1. 2) x! = #",
    "&#x41; & &lt; _a_ a_ _b",
    "*not* _marked_ ~~up~~",
    "[no](link) ![no](image)",
    "<b>no HTML</b> &amp; no entity",
    "`no code`",
    "a | b",
    "back\\slash at the end\\",
    "http://localhost:3000/health?a=b&c",
    "``two`` and ```three```",
    "`",
    "--- ===",
    "日本語 – ‹steps.a.x›",
};

static void test_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buffer made = {0};
        markdown_text(&made, text_of(texts[i]));
        comes_back(&made, texts[i]);
        buffer_free(&made);
    }
}

static void test_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buffer made = {0};
        markdown_code(&made, text_of(texts[i]));
        if (strchr(texts[i], '|') == NULL)
            comes_back(&made, texts[i]);
        else
            assert_null(strchr(made.at, '|'));
        buffer_free(&made);
    }
}

static void test_block(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t indent = 0; indent < 4; indent++) {
            struct buffer made = {0}, lines = {0};
            buffer_format(&lines, "%s\n\n  %s\n", texts[i], texts[i]);
            markdown_block(&made, indent, "sh", buffer_slice(&lines));
            comes_back(&made, lines.at);
            buffer_free(&made);
            buffer_free(&lines);
        }
}

/* What could leave its place: a line break, what turns a terminal's writing, no UTF-8. */
static void test_one_line(void **state)
{
    (void)state;
    struct buffer made = {0};
    markdown_text(&made, text_of("a\n# b\x1b[31m\xff"));
    comes_back(&made, "a # b?[31m?");
    made.length = 0;
    markdown_code(&made, text_of("a\n\n```\nb"));
    comes_back(&made, "a  ``` b");
    made.length = 0;
    markdown_code(&made, text_of("ps | grep '<x>'"));
    assert_string_equal(made.at, "<code>ps &#124; grep &#39;&#60;x&#62;&#39;</code>");
    buffer_free(&made);
}

/* A backslash is gone when GitHub looks for names to call: the sign stands in an element. */
static void test_nobody_is_called(void **state)
{
    (void)state;
    struct buffer made = {0};
    markdown_text(&made, text_of("@all, me@here #12 !3 a @ b # c #d"));
    assert_string_equal(made.at, "<span>@</span>all, me<span>@</span>here <span>#</span>12 "
                                 "<span>!</span>3 a @ b # c #d");
    made.length = 0;
    markdown_html(&made, text_of("<b>@all</b> & `x`"));
    assert_string_equal(made.at, "&#60;b&#62;<span>@</span>all&#60;/b&#62; &#38; &#96;x&#96;");
    buffer_free(&made);
}

static void test_empty(void **state)
{
    (void)state;
    struct buffer made = {0};
    markdown_text(&made, text_of(""));
    markdown_code(&made, text_of(""));
    assert_int_equal(made.length, 0);
    markdown_block(&made, 0, "", text_of(""));
    assert_string_equal(made.at, "```\n```\n");
    buffer_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),  cmocka_unit_test(test_code),
        cmocka_unit_test(test_block), cmocka_unit_test(test_one_line),
        cmocka_unit_test(test_empty), cmocka_unit_test(test_nobody_is_called),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
