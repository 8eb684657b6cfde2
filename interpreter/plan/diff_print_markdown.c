/* For the comment of a pull request: what weakens safety, what is destroyed and what the checker
 * says stand open, the rest is folded. */
#include "plan/diff_print.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/markdown.h"
#include "plan/diff_words.h"

#include <string.h>

/* A comment has 65,536 characters at most; what would come behind that is told by its headline. */
enum { MOST = 56000, MOST_VALUE = 4000 };

struct page {
    struct arena *arena;
    struct buffer *into;
    const struct diff_paper *paper;
};

static void add_text(const struct page *page, const char *text)
{
    markdown_text(page->into, text_of(text));
}

static void add_code(const struct page *page, const char *text)
{
    markdown_code(page->into, text_of(text));
}

/* ---- changes ---- */

static void add_lines(struct buffer *block, const struct piece *piece)
{
    static const char signs[] = {' ', '-', '+'};
    struct text rest = piece->text;
    while (rest.length > 0) {
        const char *end = memchr(rest.at, '\n', rest.length);
        size_t length = end ? (size_t)(end - rest.at) : rest.length;
        buffer_format(block, "%c %.*s\n", signs[piece->kind], (int)length, rest.at);
        length += end != NULL;
        rest.at += length;
        rest.length -= length;
    }
}

/* Both texts as a diff of lines. */
static void add_diff(const struct page *page, const struct change *change)
{
    struct buffer block = {0};
    const char *was = arena_format(page->arena, "%.*s", MOST_VALUE, change->was);
    const char *is = arena_format(page->arena, "%.*s", MOST_VALUE, change->is);
    struct list pieces = diff_lines(page->arena, was, is);
    for (uint32_t i = 0; i < pieces.count; i++)
        add_lines(&block, pieces.at[i]);
    markdown_block(page->into, 2, "diff", buffer_slice(&block));
    buffer_free(&block);
}

static void add_change(const struct page *page, const struct change *change)
{
    const char *now = diff_place(page->arena, page->paper, change->new);
    const char *before = diff_place(page->arena, page->paper, change->old);
    buffer_text(page->into, "- ");
    if (change->scope != NULL)
        add_text(page, arena_format(page->arena, "%s: ", diff_where(page->arena, change)));
    if (change->step != NULL) {
        buffer_text(page->into, "**");
        add_code(page, change->step);
        buffer_text(page->into, "**: ");
    }
    add_text(page, change->says);
    if (now != NULL || before != NULL) {
        buffer_text(page->into, now ? " (" : " (before: ");
        add_code(page, now ? now : before);
        buffer_text(page->into, ")");
    }
    buffer_text(page->into, "\n");
    if (change->detailed)
        add_diff(page, change);
}

static void add_weight(const struct page *page, const struct diff *diff, enum weight weight)
{
    bool open = weight == WEIGHT_WEAKENED || weight == WEIGHT_DESTROYS;
    if (diff->counts[weight] == 0)
        return;
    if (open)
        buffer_format(page->into, "\n**%s**\n\n", weight_title(weight));
    else
        buffer_format(page->into, "\n<details><summary>%s: %zu</summary>\n\n", weight_title(weight),
                      diff->counts[weight]);
    for (uint32_t i = 0; i < diff->changes.count; i++) {
        const struct change *change = diff->changes.at[i];
        if (change->weight == weight)
            add_change(page, change);
    }
    if (!open)
        buffer_text(page->into, "\n</details>\n");
}

/* ---- the checker ---- */

static void add_finding(const struct page *page, const struct diff_finding *finding)
{
    const struct diagnostic *one = finding->new ? finding->new : finding->old;
    const struct diagnostic_about *about = diagnostic_about(one->code);
    const char *place = diff_place(page->arena, page->paper, one->mark);
    buffer_format(page->into, "- %s %s %s: ", finding->new ? "now:" : "no longer:",
                  severity_name(about->severity), about->code);
    add_text(page, one->message);
    if (finding->new != NULL && finding->old != NULL) {
        buffer_text(page->into, "; before: ");
        add_text(page, finding->old->message);
    }
    if (place != NULL) {
        buffer_text(page->into, " (");
        add_code(page, place);
        buffer_text(page->into, ")");
    }
    buffer_text(page->into, "\n");
}

static void add_fault(const struct page *page, const char *what, const char *fault)
{
    if (fault == NULL)
        return;
    buffer_format(page->into, "- **%s**", what);
    add_text(page, fault);
    buffer_text(page->into, "\n");
}

static void add_losses(const struct page *page, const char *how, const struct list *losses)
{
    for (uint32_t i = 0; i < losses->count; i++) {
        const struct diff_loss *loss = losses->at[i];
        buffer_format(page->into, "- %s ", how);
        add_code(page, loss->resource);
        buffer_text(page->into, ", by ");
        add_code(page, loss->by);
        buffer_text(page->into, "\n");
    }
}

static void add_proof(const struct page *page, const struct diff *diff)
{
    if (!diff_proved(diff))
        return;
    buffer_text(page->into, "\n**what the checker says**\n\n");
    add_fault(page, "the new one is not valid and would not run",
              diff_fault(page->arena, diff, true));
    add_fault(page, "the old one does not check today", diff_fault(page->arena, diff, false));
    const char *proof = diff_proof(page->arena, diff);
    if (proof != NULL) {
        buffer_text(page->into, "- ");
        add_text(page, proof);
        buffer_text(page->into, "\n");
    }
    add_losses(page, "now destroyed too:", &diff->destroyed);
    add_losses(page, "no longer destroyed:", &diff->spared);
    for (uint32_t i = 0; i < diff->findings.count; i++)
        add_finding(page, diff->findings.at[i]);
}

/* ---- all ---- */

static void add_head(const struct page *page, const struct diff_entry *entry)
{
    const char *lone = diff_lone(page->arena, entry);
    buffer_text(page->into, "\n#### ");
    add_code(page, entry->new_name ? entry->new_name : entry->old_name);
    buffer_text(page->into, "\n\n");
    add_text(page, lone ? lone : diff_headline(page->arena, entry->diff->counts));
    buffer_text(page->into, "\n");
}

static void add_entry(const struct page *page, const struct diff_entry *entry)
{
    add_head(page, entry);
    add_weight(page, entry->diff, WEIGHT_WEAKENED);
    add_weight(page, entry->diff, WEIGHT_DESTROYS);
    add_proof(page, entry->diff);
    for (enum weight weight = WEIGHT_CHANGED; weight < WEIGHT_COUNT; weight++)
        add_weight(page, entry->diff, weight);
}

void diff_print_markdown(const struct diff_paper *paper, bool colour, struct buffer *into)
{
    struct page page = {arena_new(), into, paper};
    size_t counts[WEIGHT_COUNT];
    (void)colour;
    diff_counts(paper, counts);
    if (paper->entries.count == 0) {
        buffer_text(into, "No runbook would do anything differently.\n");
        arena_free(page.arena);
        return;
    }
    buffer_format(into, "### What would be done differently\n\n%s\n",
                  diff_headline(page.arena, counts));
    for (uint32_t i = 0; i < paper->entries.count; i++) {
        size_t before = into->length;
        add_entry(&page, paper->entries.at[i]);
        if (into->length <= MOST)
            continue;
        into->length = before;
        add_head(&page, paper->entries.at[i]);
        buffer_text(into, "\nToo much for a comment: `runbook diff` tells it.\n");
    }
    arena_free(page.arena);
}
