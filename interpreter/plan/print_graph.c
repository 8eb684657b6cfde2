/* One walk over the steps, and two ways to write what it meets. What an action of a library is made
 * of, and the items of a loop, are one node; groups and calls are boxes around their steps. An
 * arrow leads from what is needed to what waits for it. */
#include "plan/print_graph.h"

#include "base/arena.h"
#include "plan/print_text.h"

#include <string.h>

#define MAX_LABEL 60 /* characters of a line of a label */

struct sheet;

struct graph_writer {
    void (*begin)(struct sheet *sheet);
    void (*end)(struct sheet *sheet);
    /* One line of a label that is not its first: what is between them. */
    const char *line_break;
    void (*label)(struct buffer *into, struct text text);
    void (*node)(struct sheet *sheet, size_t id, const struct plan_step *step);
    void (*box_begin)(struct sheet *sheet, size_t id, const struct plan_step *step);
    void (*box_end)(struct sheet *sheet);
    void (*edge)(struct sheet *sheet, const struct plan_step *from, const struct plan_step *to);
};

struct sheet {
    const struct graph_writer *writer;
    struct arena *arena;
    struct buffer *into;
    const struct plan *plan;
    struct map ids;   /* full name to the number of its node or box, plus one */
    struct list made; /* of struct plan_step, by number */
    size_t depth;
};

/* Opened here: a box with its steps in it. */
static bool is_box(const struct plan_step *step)
{
    return step->when != 0 && step->loop == NULL && plan_opens(step) && step->inside.count > 0 &&
           step->step->use.action->core != NULL;
}

static size_t id_of(const struct sheet *sheet, const struct plan_step *step)
{
    return (size_t)(uintptr_t)map_get(&sheet->ids, step->name) - 1;
}

static void add_indent(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->depth; i++)
        buffer_text(sheet->into, "  ");
}

/* ---- a label ---- */

static void add_line(const struct sheet *sheet, const char *text)
{
    size_t at = 0, count = 0, length = strcspn(text, "\n");
    for (; at < length && count < MAX_LABEL; count++) {
        uint32_t code;
        size_t one = text_character((struct text){text + at, length - at}, &code);
        at += one > 0 ? one : 1;
    }
    sheet->writer->label(sheet->into, (struct text){text, at});
    if (at < length)
        buffer_text(sheet->into, "…");
}

static void add_next(const struct sheet *sheet, const char *text)
{
    buffer_text(sheet->into, sheet->writer->line_break);
    add_line(sheet, text);
}

static const char *first_line(const struct sheet *sheet, const struct plan_step *step)
{
    const char *sign = step->when == 0                  ? "skipped: "
                       : step->effect == EFFECT_DESTROY ? "DESTROYS: "
                       : step->effect == EFFECT_CHANGE  ? "change: "
                                                        : "";
    return arena_format(sheet->arena, "%s%s", sign, step->name);
}

static void add_label(const struct sheet *sheet, const struct plan_step *step)
{
    struct arena *arena = sheet->arena;
    add_line(sheet, first_line(sheet, step));
    if (step->title != NULL)
        add_next(sheet, words_value(arena, step->title));
    if (step->when != 1 && step->when_shown != NULL)
        add_next(sheet, arena_format(arena, "%s: %s", step->when < 0 ? "only when" : "not so",
                                     step->when_shown));
    if (step->left_out != NULL)
        add_next(sheet, arena_format(arena, "left out: %s", step->left_out));
    if (step->loop != NULL)
        add_next(sheet, arena_format(arena, "for each %s", line_loop(arena, step)));
    if (step->approve != NULL || plan_manual(step))
        add_next(sheet, "asks a person");
    if (step->when != 0 && step->irreversible != NULL)
        add_next(sheet, "no way back");
    if (step->when != 0 && step->worst > 0)
        add_next(sheet, arena_format(arena, "at most %s", words_time(arena, step->worst)));
}

/* ---- the walk ---- */

static void number(struct sheet *sheet, const struct plan_step *step)
{
    list_add(sheet->arena, &sheet->made, (void *)(uintptr_t)step);
    map_put(sheet->arena, &sheet->ids, step->name, (void *)(uintptr_t)sheet->made.count);
}

static void add_steps(struct sheet *sheet, const struct list *steps)
{
    for (size_t i = 0; i < steps->count; i++) {
        const struct plan_step *step = steps->at[i];
        number(sheet, step);
        if (!is_box(step)) {
            sheet->writer->node(sheet, id_of(sheet, step), step);
            continue;
        }
        sheet->writer->box_begin(sheet, id_of(sheet, step), step);
        sheet->depth++;
        add_steps(sheet, &step->inside);
        if (step->call != NULL)
            add_steps(sheet, &step->call->on_failure);
        sheet->depth--;
        sheet->writer->box_end(sheet);
    }
}

/* STEP of STEPS by its id. */
static const struct plan_step *needed(const struct list *steps, const struct step *step)
{
    for (size_t i = 0; i < steps->count; i++) {
        const struct plan_step *at = steps->at[i];
        if (at->step == step)
            return at;
    }
    return NULL;
}

static void add_edges(struct sheet *sheet, const struct list *steps)
{
    for (size_t i = 0; i < steps->count; i++) {
        const struct plan_step *step = steps->at[i];
        const struct list *needs = &step->step->needs;
        for (size_t j = 0; j < needs->count; j++) {
            const struct plan_step *from = needed(steps, needs->at[j]);
            if (from != NULL)
                sheet->writer->edge(sheet, from, step);
        }
        if (is_box(step))
            add_edges(sheet, &step->inside);
        if (is_box(step) && step->call != NULL)
            add_edges(sheet, &step->call->on_failure);
    }
}

static void print_graph(const struct graph_writer *writer, const struct plan *plan,
                        struct buffer *into)
{
    struct sheet sheet = {
        .writer = writer, .arena = arena_new(), .into = into, .plan = plan, .depth = 1};
    writer->begin(&sheet);
    add_steps(&sheet, &plan->steps);
    if (plan->on_failure.count > 0) {
        writer->box_begin(&sheet, 0, NULL);
        sheet.depth++;
        add_steps(&sheet, &plan->on_failure);
        sheet.depth--;
        writer->box_end(&sheet);
    }
    add_edges(&sheet, &plan->steps);
    add_edges(&sheet, &plan->on_failure);
    writer->end(&sheet);
    arena_free(sheet.arena);
}

static const char failure_title[] = "only when a step failed that is not tolerated";

static const char *plan_title(const struct sheet *sheet)
{
    const struct plan *plan = sheet->plan;
    return plan->title == NULL ? plan->runbook->name
                               : arena_format(sheet->arena, "%s: %s", plan->runbook->name,
                                              words_value(sheet->arena, plan->title));
}

/* ---- Graphviz ---- */

static void dot_label(struct buffer *into, struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == '"' || c == '\\')
            buffer_format(into, "\\%c", c);
        else if (c == '&') /* it reads HTML's names of characters */
            buffer_text(into, "&amp;");
        else
            buffer_add(into, c < 0x20 || c == 0x7f ? " " : text.at + i, 1);
    }
}

/* Kinds of steps, as both draw them. */
enum look { LOOK_READ, LOOK_CHANGE, LOOK_DESTROY, LOOK_SKIPPED };

static enum look look_of(const struct plan_step *step)
{
    return step->when == 0 ? LOOK_SKIPPED : (enum look)step->effect;
}

static const char *const dot_looks[] = {
    [LOOK_READ] = "style=\"rounded,filled\", fillcolor=\"#eef3fb\", color=\"#5b7aa8\"",
    [LOOK_CHANGE] = "style=filled, fillcolor=\"#fff3cd\", color=\"#b38600\"",
    [LOOK_DESTROY] = "shape=octagon, style=filled, fillcolor=\"#f8d7da\", color=\"#b02a37\"",
    [LOOK_SKIPPED] = "style=dashed, color=\"#999999\", fontcolor=\"#777777\"",
};

static void dot_begin(struct sheet *sheet)
{
    buffer_text(sheet->into, "digraph plan {\n"
                             "  graph [compound=true, rankdir=TB, fontname=\"sans-serif\", "
                             "labelloc=t, label=\"");
    add_line(sheet, plan_title(sheet));
    buffer_text(sheet->into, "\"];\n"
                             "  node [shape=box, fontname=\"sans-serif\", fontsize=11];\n"
                             "  edge [color=\"#555555\"];\n");
}

static void dot_end(struct sheet *sheet)
{
    buffer_text(sheet->into, "}\n");
}

static void dot_node(struct sheet *sheet, size_t id, const struct plan_step *step)
{
    add_indent(sheet);
    buffer_format(sheet->into, "n%zu [label=\"", id);
    add_label(sheet, step);
    buffer_format(sheet->into, "\", %s];\n", dot_looks[look_of(step)]);
}

static void dot_box_begin(struct sheet *sheet, size_t id, const struct plan_step *step)
{
    add_indent(sheet);
    if (step == NULL) {
        buffer_format(sheet->into, "subgraph cluster_failure { style=dashed; label=\"%s\";\n",
                      failure_title);
        return;
    }
    buffer_format(sheet->into, "subgraph cluster_%zu { style=rounded; label=\"", id);
    add_label(sheet, step);
    buffer_text(sheet->into, "\";\n");
}

static void dot_box_end(struct sheet *sheet)
{
    add_indent(sheet);
    buffer_text(sheet->into, "}\n");
}

/* An arrow can't end at a box: it ends at a node in it and is cut at its border. */
static const struct plan_step *end_node(const struct plan_step *step, bool last)
{
    while (is_box(step))
        step = step->inside.at[last ? step->inside.count - 1 : 0];
    return step;
}

static void dot_edge(struct sheet *sheet, const struct plan_step *from, const struct plan_step *to)
{
    add_indent(sheet);
    buffer_format(sheet->into, "n%zu -> n%zu [style=%s", id_of(sheet, end_node(from, true)),
                  id_of(sheet, end_node(to, false)), to->when != 1 ? "dashed" : "solid");
    if (is_box(from))
        buffer_format(sheet->into, ", ltail=cluster_%zu", id_of(sheet, from));
    if (is_box(to))
        buffer_format(sheet->into, ", lhead=cluster_%zu", id_of(sheet, to));
    buffer_text(sheet->into, "];\n");
}

void print_dot(const struct plan *plan, struct buffer *into)
{
    static const struct graph_writer writer = {
        .begin = dot_begin,
        .end = dot_end,
        .line_break = "\\n",
        .label = dot_label,
        .node = dot_node,
        .box_begin = dot_box_begin,
        .box_end = dot_box_end,
        .edge = dot_edge,
    };
    print_graph(&writer, plan, into);
}

/* ---- Mermaid ---- */

static bool is_letter(const struct text text, size_t at)
{
    unsigned char c = at < text.length ? (unsigned char)text.at[at] : ' ';
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void mermaid_label(struct buffer *into, struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool in_word =
            strchr("-._/:", c) != NULL && i > 0 && is_letter(text, i - 1) && is_letter(text, i + 1);
        if (c < 0x20 || c == 0x7f)
            buffer_text(into, " ");
        else if (is_letter(text, i) || c == ' ' || in_word)
            buffer_add(into, text.at + i, 1);
        else
            buffer_format(into, "#%u;", (unsigned)c);
        /* `\\n` is a line break to it, `$$` begins a formula, also where they were written so: a
         * blank of no width parts them. */
        if (c == '\\' || c == '$')
            buffer_text(into, "#8203;");
    }
}

static const char *const mermaid_classes[] = {
    [LOOK_READ] = "read",
    [LOOK_CHANGE] = "change",
    [LOOK_DESTROY] = "destroy",
    [LOOK_SKIPPED] = "skipped",
};

static void mermaid_begin(struct sheet *sheet)
{
    buffer_text(sheet->into, "flowchart TD\n");
}

static void mermaid_end(struct sheet *sheet)
{
    buffer_text(sheet->into,
                "  classDef read fill:#eef3fb,stroke:#5b7aa8,color:#111\n"
                "  classDef change fill:#fff3cd,stroke:#b38600,color:#111\n"
                "  classDef destroy fill:#f8d7da,stroke:#b02a37,color:#111,stroke-width:3px\n"
                "  classDef skipped fill:#f4f4f4,stroke:#999,color:#777,stroke-dasharray:4\n");
}

static void mermaid_node(struct sheet *sheet, size_t id, const struct plan_step *step)
{
    static const char *const shapes[][2] = {
        [LOOK_READ] = {"(", ")"},
        [LOOK_CHANGE] = {"[", "]"},
        [LOOK_DESTROY] = {"{{", "}}"},
        [LOOK_SKIPPED] = {"[", "]"},
    };
    enum look look = look_of(step);
    add_indent(sheet);
    buffer_format(sheet->into, "n%zu%s\"", id, shapes[look][0]);
    add_label(sheet, step);
    buffer_format(sheet->into, "\"%s:::%s\n", shapes[look][1], mermaid_classes[look]);
}

static void mermaid_box_begin(struct sheet *sheet, size_t id, const struct plan_step *step)
{
    add_indent(sheet);
    if (step == NULL) {
        buffer_format(sheet->into, "subgraph failure[\"%s\"]\n", failure_title);
        return;
    }
    buffer_format(sheet->into, "subgraph n%zu[\"", id);
    add_label(sheet, step);
    buffer_text(sheet->into, "\"]\n");
}

static void mermaid_box_end(struct sheet *sheet)
{
    add_indent(sheet);
    buffer_text(sheet->into, "end\n");
}

static void mermaid_edge(struct sheet *sheet, const struct plan_step *from,
                         const struct plan_step *to)
{
    add_indent(sheet);
    buffer_format(sheet->into, "n%zu %s n%zu\n", id_of(sheet, from), to->when != 1 ? "-.->" : "-->",
                  id_of(sheet, to));
}

void print_mermaid(const struct plan *plan, struct buffer *into)
{
    static const struct graph_writer writer = {
        .begin = mermaid_begin,
        .end = mermaid_end,
        .line_break = "<br/>",
        .label = mermaid_label,
        .node = mermaid_node,
        .box_begin = mermaid_box_begin,
        .box_end = mermaid_box_end,
        .edge = mermaid_edge,
    };
    print_graph(&writer, plan, into);
}
