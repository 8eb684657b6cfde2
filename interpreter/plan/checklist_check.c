#include "plan/checklist_own.h"

#include "base/arena.h"
#include "base/markdown.h"
#include "lang/expect.h"
#include "lang/expr.h"
#include "lang/value.h"
#include "plan/print_text.h"

#include <string.h>

const char *checklist_expected(struct arena *arena, const struct action *action, const char *expect)
{
    if (expect != NULL)
        return expect;
    if (action->expect == NULL)
        return "";
    struct buffer text = {0};
    expect_print(arena, action->expect, NULL, &text);
    const char *copy = arena_copy(arena, text.at ? text.at : "", text.length);
    buffer_free(&text);
    return copy;
}

static void add_check(struct checklist *list, size_t indent, const struct plan_check *check);

static void add_checks(struct checklist *list, size_t indent, const struct list *checks)
{
    for (size_t i = 0; i < checks->count; i++)
        add_check(list, indent, checks->at[i]);
}

static const char *asserted(struct arena *arena, const struct use *use)
{
    const struct argument *that = use->arguments.count ? use->arguments.at[0].value : NULL;
    return that != NULL && that->expr != NULL ? expr_print(arena, that->expr) : "";
}

/* What is asked, in the box's own line; a command follows as a block. */
static void add_question(struct checklist *list, size_t indent, const struct plan_check *check)
{
    const struct use *use = &check->check->use;
    struct arena *arena = list->arena;
    const char *expected = checklist_expected(arena, use->action, check->expect);
    checklist_begin(list, indent, true);
    if (strcmp(use->action->name, "assert") == 0) {
        buffer_text(list->into, "It is so that ");
        markdown_code(list->into, text_of(asserted(arena, use)));
    } else if (check->deed == NULL) {
        const char *given = line_arguments(arena, use, check->inputs);
        markdown_code(list->into, text_of(arena_format(arena, "%s%s%s", use->action->name,
                                                       given[0] ? ": " : "", given)));
        buffer_text(list->into, expected[0] ? " gives " : " holds");
    } else {
        buffer_text(list->into, expected[0] ? "Expect " : "It succeeds");
    }
    if (expected[0] != '\0')
        markdown_code(list->into, text_of(expected));
    if (check->host != NULL) {
        buffer_text(list->into, ", on the host ");
        markdown_code(list->into, text_of(check->host));
    }
    if (check->because != NULL) {
        buffer_text(list->into, ". If not: ");
        markdown_text(list->into, text_of(words_value(arena, check->because)));
    }
    checklist_end(list);
}

static void add_asked(struct checklist *list, size_t indent, const struct plan_check *check)
{
    add_question(list, indent, check);
    if (check->deed != NULL)
        checklist_deed(list, indent + 2, check->deed, NULL);
    if (check->opened != NULL) {
        bool before = list->in_check;
        list->in_check = true;
        checklist_steps(list, indent + 2, "", &check->opened->inside);
        list->in_check = before;
    }
}

static void add_check(struct checklist *list, size_t indent, const struct plan_check *check)
{
    const struct check *from = check->check;
    if (check->list != NULL) {
        const char *each = arena_format(list->arena, "%s in %s", from->foreach->as,
                                        words_value(list->arena, check->list));
        checklist_line(list, indent, "For every ", each);
        add_checks(list, indent + 2, &check->inside);
    } else if (from->kind != CHECK_ACTION) {
        checklist_line(list, indent,
                       from->kind == CHECK_ANY ? "At least one of these holds:"
                                               : "This does **not** hold:",
                       "");
        add_checks(list, indent + 2, &check->inside);
        if (check->because != NULL)
            checklist_value(list, indent + 2, "If not: ", check->because);
    } else {
        add_asked(list, indent, check);
    }
}

void checklist_block(struct checklist *list, size_t indent, const char *words,
                     const struct plan_block *block)
{
    if (block == NULL)
        return;
    const char *times = line_times(list->arena, block);
    checklist_begin(list, indent, false);
    buffer_text(list->into, words);
    if (times[0] != '\0') {
        buffer_text(list->into, " (ask again, all in the same round: ");
        markdown_text(list->into, text_of(times));
        buffer_text(list->into, ")");
    }
    buffer_text(list->into, ":");
    checklist_end(list);
    add_checks(list, indent + 2, &block->checks);
}
