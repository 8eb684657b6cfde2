#include "plan/print.h"

#include "base/arena.h"
#include "plan/print_graph.h"
#include "plan/print_json.h"
#include "plan/print_markdown.h"
#include "plan/print_text.h"

#include <string.h>

/* A blank line before each, so that the eye finds them. */
static void print_apart(const struct paper *paper, const struct list *steps)
{
    for (size_t i = 0; i < steps->count; i++) {
        struct list one = {.at = steps->at + i, .count = 1};
        buffer_text(paper->into, "\n");
        print_steps(paper, 0, &one);
    }
}

static void text_print(const struct plan *plan, const struct plan_look *look, struct buffer *into)
{
    struct words words = {
        .arena = arena_new(), .into = into, .colour = look->colour, .columns = look->columns};
    struct paper paper = {&words, words.arena, into, plan->folder, false, false};
    print_head(&words, plan);
    if (plan->target != NULL) {
        buffer_text(into, "\n");
        print_block(&paper, 0, "target, asked at the start, at resume, before every destroy",
                    plan->target);
    }
    if (plan->preconditions != NULL) {
        buffer_text(into, "\n");
        print_block(&paper, 0, "preconditions, asked once at the start", plan->preconditions);
    }
    buffer_text(into, "\nsteps, one after the other where no needs are told:\n");
    print_apart(&paper, &plan->steps);
    if (plan->on_failure.count > 0)
        buffer_text(into, "\non_failure, only when a step failed that is not tolerated:\n");
    print_apart(&paper, &plan->on_failure);
    arena_free(words.arena);
}

static void json_print(const struct plan *plan, const struct plan_look *look, struct buffer *into)
{
    (void)look;
    print_json(plan, into);
}

static void markdown_print(const struct plan *plan, const struct plan_look *look,
                           struct buffer *into)
{
    print_markdown(plan, look->room, into);
}

static void dot_print(const struct plan *plan, const struct plan_look *look, struct buffer *into)
{
    (void)look;
    print_dot(plan, into);
}

static void mermaid_print(const struct plan *plan, const struct plan_look *look,
                          struct buffer *into)
{
    (void)look;
    print_mermaid(plan, into);
}

static const struct plan_format formats[] = {
    {"text", "for people: what would be done, in order", text_print},
    {"json", "for machines: the same facts, one object, \"format\": 1", json_print},
    {"markdown", "for a comment under a pull request: what is destroyed, a table, details folded",
     markdown_print},
    {"dot", "the steps and what they wait for, for Graphviz", dot_print},
    {"mermaid", "the same for Mermaid, as GitHub and GitLab draw it", mermaid_print},
};

const struct plan_format *plan_format_at(unsigned index)
{
    return index < sizeof formats / sizeof *formats ? &formats[index] : NULL;
}

const struct plan_format *plan_format_find(const char *name)
{
    for (unsigned i = 0; plan_format_at(i) != NULL; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}
