#include "plan/print_page.h"

#include "base/arena.h"
#include "base/markdown.h"
#include "plan/print_graph.h"
#include "plan/print_text.h"

enum {
    MAX_NOTE = 1500, /* what is said of what was left out */
    MAX_GRAPH = 8000 /* a larger one is no picture to look at */
};

void page_names(const struct page *page, const struct list *steps)
{
    for (size_t i = 0; i < steps->count && i < PAGE_MAX_NAMES; i++) {
        buffer_text(page->into, i > 0 ? ", " : "");
        markdown_code(page->into, text_of(((const struct plan_step *)steps->at[i])->name));
    }
    if (steps->count > PAGE_MAX_NAMES)
        buffer_format(page->into, " and %u more", steps->count - PAGE_MAX_NAMES);
}

/* A step, folded: with all that its actions of a library are made of, or without. */
struct detail {
    const struct plan_step *step;
    struct text whole, brief;
    struct text told; /* one of them, or nothing */
};

static struct text kept(struct arena *arena, struct buffer *buffer)
{
    struct text text = {arena_copy(arena, buffer->at ? buffer->at : "", buffer->length),
                        buffer->length};
    buffer_free(buffer);
    return text;
}

/* MARK is HTML. */
static struct text folded(struct arena *arena, const char *name, const char *mark,
                          const struct value *title, struct text text)
{
    struct buffer page = {0};
    buffer_format(&page, "<details><summary>%s", mark);
    markdown_html(&page, text_of(name));
    if (title != NULL) {
        buffer_text(&page, ": ");
        markdown_html(&page, text_of(words_value(arena, title)));
    }
    buffer_text(&page, "</summary>\n\n");
    markdown_block(&page, 0, "", text);
    buffer_text(&page, "\n</details>\n\n");
    return kept(arena, &page);
}

static const char *const marks[] = {[EFFECT_READ] = "read ",
                                    [EFFECT_CHANGE] = "<b>change</b> ",
                                    [EFFECT_DESTROY] = "<b>DESTROYS</b> "};

static struct text step_text(struct arena *arena, const struct page *page, struct plan_step *step,
                             bool closed)
{
    struct buffer text = {0};
    struct words words = {.arena = arena, .into = &text};
    struct paper paper = {&words, arena, &text, page->plan->folder, false, closed};
    struct list one = {.at = (void *[]){step}, .count = 1};
    print_steps(&paper, 0, &one);
    struct text made =
        folded(arena, step->name, marks[step->effect], step->title, buffer_slice(&text));
    buffer_free(&text);
    return made;
}

static void add_details(const struct page *page, struct list *details, const struct list *steps)
{
    for (size_t i = 0; i < steps->count; i++) {
        struct detail *detail = arena_alloc(page->arena, sizeof *detail);
        *detail = (struct detail){.step = steps->at[i],
                                  .whole = step_text(page->arena, page, steps->at[i], false),
                                  .brief = step_text(page->arena, page, steps->at[i], true)};
        list_add(page->arena, details, detail);
    }
}

/* Everything that is asked and given before the first step. */
static struct text begin_detail(const struct page *page)
{
    struct arena *arena = page->arena;
    struct buffer text = {0};
    struct words words = {.arena = arena, .into = &text};
    struct paper paper = {&words, arena, &text, page->plan->folder, false, false};
    print_head(&words, page->plan);
    print_block(&paper, 0, "target, asked at the start, at resume, before every destroy",
                page->plan->target);
    print_block(&paper, 0, "preconditions, asked once at the start", page->plan->preconditions);
    struct text made =
        folded(arena, "params, target and preconditions", "", NULL, buffer_slice(&text));
    buffer_free(&text);
    return made;
}

/* Puts TEXT in the place of what is told of the step, where it has room. */
static void tell(struct detail *detail, struct text text, size_t *room)
{
    if (text.length > *room + detail->told.length)
        return;
    *room = *room + detail->told.length - text.length;
    detail->told = text;
}

/* First every step as it is written, then what the actions in it are made of; what destroys comes
 * before what changes, and that before what reads. */
static void choose_details(const struct list *details, size_t *room)
{
    for (int round = 0; round < 2; round++)
        for (int effect = EFFECT_DESTROY; effect >= EFFECT_READ; effect--)
            for (size_t i = 0; i < details->count; i++) {
                struct detail *detail = details->at[i];
                if ((int)detail->step->effect == effect && (round == 0 || detail->told.length > 0))
                    tell(detail, round == 0 ? detail->brief : detail->whole, room);
            }
}

/* Names the steps of which less than all, or nothing, is told. */
static void add_note(const struct page *page, const struct list *details, bool nothing,
                     const char *note)
{
    struct list steps = {0};
    for (size_t i = 0; i < details->count; i++) {
        const struct detail *detail = details->at[i];
        bool none = detail->told.length == 0;
        if (none == nothing && (none || detail->told.length < detail->whole.length))
            list_add(page->arena, &steps, (void *)(uintptr_t)detail->step);
    }
    if (steps.count == 0)
        return;
    buffer_text(page->into, "A comment has no room for ");
    buffer_text(page->into, note);
    page_names(page, &steps);
    buffer_text(page->into, ". `runbook plan` without `--format` prints all of it.\n\n");
}

/* The steps as a picture, where that is one that can be looked at. */
static struct text graph_detail(const struct page *page)
{
    struct buffer graph = {0}, made = {0};
    print_mermaid(page->plan, &graph);
    if (graph.length <= MAX_GRAPH) {
        buffer_text(&made, "<details><summary>the same as a graph</summary>\n\n");
        markdown_block(&made, 0, "mermaid", buffer_slice(&graph));
        buffer_text(&made, "\n</details>\n\n");
    }
    buffer_free(&graph);
    return kept(page->arena, &made);
}

void page_details(const struct page *page)
{
    struct list details = {0};
    struct text begin = begin_detail(page);
    add_details(page, &details, &page->plan->steps);
    add_details(page, &details, &page->plan->on_failure);
    size_t used = page->into->length + MAX_NOTE;
    if (used + begin.length > page->room)
        begin.length = 0;
    used += begin.length;
    size_t room = used < page->room ? page->room - used : 0;
    choose_details(&details, &room);
    struct text graph = graph_detail(page);
    if (graph.length <= room)
        buffer_add(page->into, graph.at, graph.length);
    buffer_text(page->into, "### Exactly\n\n");
    buffer_add(page->into, begin.at, begin.length);
    for (size_t i = 0; i < details.count; i++) {
        const struct detail *detail = details.at[i];
        buffer_add(page->into, detail->told.at, detail->told.length);
    }
    if (page->left_out > 0)
        buffer_format(page->into, "A comment has no room for %zu more rows of the tables.\n\n",
                      page->left_out);
    add_note(page, &details, false, "what the actions of a library are made of in ");
    add_note(page, &details, true, "the details of ");
}
