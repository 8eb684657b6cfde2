#include "plan/print_markdown.h"

#include "base/arena.h"
#include "base/markdown.h"
#include "base/units.h"
#include "lang/term.h"
#include "lang/value.h"
#include "plan/print_page.h"
#include "plan/print_text.h"
#include "plan/prove.h"

#include <string.h>

enum {
    /* GitHub refuses a comment of more than 65,536 characters; somebody may put a line around it.
     */
    MAX_COMMENT = 62000,
    MAX_SHORT = 72, /* characters of a command in a table */
    MAX_CHECKS = 3, /* of a step, in a table */
};

/* ---- small things ---- */

static void add_value(const struct page *page, const struct value *value)
{
    markdown_text(page->into, text_of(words_value(page->arena, value)));
}

/* The first line, MAX_SHORT characters of it. */
static struct text shortened(struct arena *arena, struct text text)
{
    const char *end = text.length > 0 ? memchr(text.at, '\n', text.length) : NULL;
    size_t length = end != NULL ? (size_t)(end - text.at) : text.length;
    size_t at = 0, count = 0;
    for (; at < length && count < MAX_SHORT; count++) {
        uint32_t code;
        size_t one = text_character((struct text){text.at + at, length - at}, &code);
        at += one > 0 ? one : 1;
    }
    if (at == length)
        return (struct text){text.at, length};
    const char *made = arena_format(arena, "%.*s …", (int)at, text.at);
    return text_of(made);
}

/* ---- the head ---- */

static void add_title(const struct page *page)
{
    buffer_text(page->into, "## ");
    markdown_code(page->into, text_of(page->plan->runbook->name));
    if (page->plan->title != NULL) {
        buffer_text(page->into, ": ");
        add_value(page, page->plan->title);
    }
    buffer_text(page->into, "\n\n");
}

static void add_summary(const struct page *page)
{
    const struct plan *plan = page->plan;
    const size_t *effects = page->summary.effects;
    unsigned count = plan->steps.count;
    buffer_format(page->into,
                  "**%u step%s; opened to the last command: %zu read, %zu change, "
                  "%zu destroy",
                  count, count == 1 ? "" : "s", effects[EFFECT_READ], effects[EFFECT_CHANGE],
                  effects[EFFECT_DESTROY]);
    if (page->summary.later > 0)
        buffer_format(page->into, "; %zu more to take back or give back", page->summary.later);
    buffer_text(page->into, ".**");
    if (plan->objective > 0)
        buffer_format(page->into, " Objective %s;", duration_print(page->arena, plan->objective));
    const char *worst =
        plan->worst < 0 ? "nothing bounds it" : duration_print(page->arena, plan->worst);
    bool late = plan->objective > 0 && (plan->worst < 0 || plan->worst > plan->objective);
    buffer_format(page->into, " %s %s%s%s.\n\n", plan->objective > 0 ? "worst case" : "Worst case",
                  worst, page->summary.asks.count > 0 ? ", without what people take to answer" : "",
                  late ? ", **more than the objective**" : "");
}

/* ---- what is destroyed ---- */

static void add_why_safe(const struct page *page, const struct plan_loss *loss)
{
    if (loss->protector == loss->step) {
        buffer_text(page->into, "a copy that the same step makes and verifies first");
    } else if (loss->protector != NULL) {
        buffer_text(page->into, "the copy that ");
        markdown_code(page->into, text_of(loss->protector->name));
        buffer_text(page->into, " makes and verifies before");
    } else if (loss->accepted != NULL) {
        buffer_text(page->into, "nothing; accepted: ");
        add_value(page, loss->accepted);
    } else {
        buffer_text(page->into, "**not proved**");
    }
}

static void add_losses(const struct page *page)
{
    struct list losses = {0};
    plan_losses(page->arena, page->plan, &losses);
    if (losses.count == 0) {
        buffer_text(page->into, "Nothing that runbook knows of is destroyed.\n\n");
        return;
    }
    buffer_text(page->into, "### What is destroyed\n\n"
                            "| what | by | what is there instead (RB201) |\n"
                            "| --- | --- | --- |\n");
    for (size_t i = 0; i < losses.count; i++) {
        const struct plan_loss *loss = losses.at[i];
        buffer_text(page->into, "| ");
        markdown_code(page->into, text_of(loss->resource));
        buffer_text(page->into, " | ");
        markdown_code(page->into, text_of(loss->step->name));
        buffer_format(page->into, "%s | ", line_destroyed(loss->step));
        add_why_safe(page, loss);
        buffer_text(page->into, " |\n");
    }
    buffer_text(page->into, "\n");
}

/* ---- what a reviewer should know ---- */

/* By the steps as they are written: a library's own, and items, count as theirs. */
static void add_line(const struct page *page, const char *what, const struct list *steps)
{
    struct list written = {0};
    const struct plan_step *last = NULL;
    for (size_t i = 0; i < steps->count; i++) {
        const struct plan_step *step = plan_written(steps->at[i]);
        step = step->relation == PLAN_ITEM ? step->parent : step;
        if (step != last)
            list_add(page->arena, &written, (void *)(uintptr_t)step);
        last = step;
    }
    if (written.count == 0)
        return;
    buffer_format(page->into, "- %s: ", what);
    page_names(page, &written);
    buffer_text(page->into, "\n");
}

/* A line for each step, with what WORDS says of it. */
static void add_reasons(const struct page *page, const char *what, const struct list *steps,
                        const char *(*words)(struct arena *arena, const struct plan_step *step))
{
    for (size_t i = 0; i < steps->count && i < PAGE_MAX_NAMES; i++) {
        const struct plan_step *step = steps->at[i];
        buffer_format(page->into, "- %s ", what);
        markdown_code(page->into, text_of(step->name));
        buffer_text(page->into, ": ");
        markdown_text(page->into, text_of(words(page->arena, step)));
        buffer_text(page->into, "\n");
    }
    if (steps->count > PAGE_MAX_NAMES)
        buffer_format(page->into, "- … and %u more\n", steps->count - PAGE_MAX_NAMES);
}

static const char *words_irreversible(struct arena *arena, const struct plan_step *step)
{
    return words_value(arena, step->irreversible);
}

static const char *words_tolerated(struct arena *arena, const struct plan_step *step)
{
    return step->tolerate ? words_value(arena, step->tolerate) : "";
}

static const char *words_asked(struct arena *arena, const struct plan_step *step)
{
    if (step->approve != NULL)
        return line_approve(arena, step);
    return words_value(arena, value_member(arena, step->inputs, "do"));
}

static const char *words_skipped(struct arena *arena, const struct plan_step *step)
{
    if (step->left_out != NULL)
        return step->left_out;
    return step->when_shown ? arena_format(arena, "${%s} is false", step->when_shown) : "";
}

static void add_allowed(const struct page *page)
{
    const struct map *allow = &page->plan->runbook->allow;
    for (size_t i = 0; i < allow->count; i++) {
        buffer_text(page->into, "- Accepted warning ");
        markdown_code(page->into, text_of(allow->at[i].key));
        buffer_text(page->into, ": ");
        markdown_text(page->into, text_of(term_print(page->arena, allow->at[i].value)));
        buffer_text(page->into, "\n");
    }
}

/* A plan with an error is not printed, so of these nothing has to be asked. */
static const char proved[] =
    "- Proved: every value comes from a step before the one that uses it (RB103); what is\n"
    "  destroyed was saved before, and the copy verified, or its loss is accepted above (RB201);\n"
    "  nothing that can run side by side changes the same thing (RB207); nothing is tried\n"
    "  again that may not be repeated (RB203); no value becomes code, no secret leaves its place\n"
    "  (RB301, RB302).\n";

static void add_known(const struct page *page)
{
    const struct plan_summary *summary = &page->summary;
    buffer_text(page->into, "### What to know\n\n");
    add_reasons(page, "**No way back** after", &summary->irreversible, words_irreversible);
    add_line(page, "Changes that no `undo` takes back", &summary->stays);
    add_reasons(page, "Asks a person in", &summary->asks, words_asked);
    add_line(page, "A person has to settle, if cut off half-way", &summary->unsettled);
    add_reasons(page, "May fail without failing the run:", &summary->tolerated, words_tolerated);
    add_reasons(page, "Skipped:", &summary->skipped, words_skipped);
    if (summary->on_word > 0)
        buffer_format(page->into,
                      "- %zu check%s read%s on the author's word alone (`exec`, `shell`, "
                      "`http.get`); each says so in the details\n",
                      summary->on_word, summary->on_word == 1 ? "" : "s",
                      summary->on_word == 1 ? "s" : "");
    if (page->plan->target == NULL && summary->destroys.count > 0)
        buffer_text(page->into, "- No `target`: nothing asks which system this is\n");
    add_allowed(page);
    buffer_format(page->into, "%s\n", proved);
}

/* ---- the table ---- */

static const char *const effects[] = {
    [EFFECT_READ] = "read", [EFFECT_CHANGE] = "**change**", [EFFECT_DESTROY] = "**DESTROYS**"};

static void add_code(const struct page *page, struct text text)
{
    markdown_code(page->into, shortened(page->arena, text));
}

/* What it does, as the first line of its details is. */
static void add_deed(const struct page *page, const struct plan_step *step)
{
    struct buffer text = {0};
    struct words words = {.arena = page->arena, .into = &text};
    struct paper paper = {&words, page->arena, &text, page->plan->folder, true, true};
    bool group = step->call == NULL && plan_opens(step) && step->step->use.action->core != NULL;
    if (step->loop != NULL)
        buffer_format(&text, "foreach %s", line_loop(page->arena, step));
    else if (group)
        buffer_format(&text, "%u steps", (unsigned)step->inside.count);
    else
        print_action(&paper, 0, step);
    add_code(page, buffer_slice(&text));
    buffer_free(&text);
}

static void add_check(const struct page *page, const struct plan_check *check)
{
    const struct use *use = &check->check->use;
    if (check->list != NULL)
        buffer_text(page->into, "for each of a list");
    else if (check->check->kind != CHECK_ACTION)
        buffer_text(page->into, check->check->kind == CHECK_ANY ? "any of several" : "not: ");
    else if (check->deed != NULL)
        add_code(page, line_deed(page->arena, check->deed, page->plan->folder));
    else
        markdown_code(page->into, text_of(use->action->name));
    if (check->check->kind == CHECK_NOT && check->list == NULL && check->inside.count > 0)
        add_check(page, check->inside.at[0]);
}

static void add_checks(const struct page *page, const struct plan_step *step)
{
    const struct plan_block *block = step->verify ? step->verify : step->wait;
    const char *times = block != NULL && step->verify ? line_times(page->arena, block) : "";
    for (size_t i = 0; block != NULL && i < block->checks.count && i < MAX_CHECKS; i++) {
        buffer_text(page->into, i > 0 ? "<br>" : "");
        add_check(page, block->checks.at[i]);
    }
    if (block != NULL && block->checks.count > MAX_CHECKS)
        buffer_format(page->into, "<br>and %u more", (unsigned)block->checks.count - MAX_CHECKS);
    if (times[0] != '\0') {
        buffer_text(page->into, "<br>");
        markdown_text(page->into, text_of(times));
    }
    if (block == NULL && step->effect != EFFECT_READ && !plan_opens(step) && step->loop == NULL)
        buffer_text(page->into, "its result");
}

static void find_staying(void *context, struct plan_step *step)
{
    bool *stays = context;
    *stays = *stays || (plan_stays(step) && step->when != 0);
}

static void add_undo(const struct page *page, struct plan_step *step)
{
    bool stays = false;
    struct list one = {.at = (void *[]){step}, .count = 1};
    plan_visit(&one, find_staying, &stays);
    if (step->irreversible != NULL)
        buffer_text(page->into, "**no way back**");
    else if (step->undo.count > 0)
        buffer_text(page->into, "yes");
    else if (stays)
        buffer_text(page->into, plan_opens(step) ? "not all of it" : "none");
    if (step->release.count > 0)
        buffer_text(page->into, "<br>released at the end");
}

static void add_name(const struct page *page, const struct plan_step *step)
{
    markdown_code(page->into, text_of(step->name));
    if (step->title != NULL && step->relation != PLAN_ITEM) {
        buffer_text(page->into, "<br>");
        add_value(page, step->title);
    }
    if (step->when < 0) {
        buffer_text(page->into, "<br>when ");
        add_code(page, text_of(step->when_shown));
    }
}

static void add_row(struct page *page, struct plan_step *step)
{
    if (page->into->length > page->room / 5 * 3) {
        page->left_out++;
        return;
    }
    buffer_format(page->into, "| %s ", step->when == 0 ? "skipped" : effects[step->effect]);
    add_name(page, step);
    buffer_text(page->into, " | ");
    if (step->when != 0)
        add_deed(page, step);
    const char *needs = line_needs(page->arena, step);
    buffer_format(page->into, " | %s | ", needs ? needs : "");
    if (step->when != 0 && !plan_manual(step) && step->worst != 0)
        buffer_text(page->into, words_time(page->arena, step->worst));
    buffer_text(page->into, " | ");
    if (step->when != 0)
        add_checks(page, step);
    buffer_text(page->into, " | ");
    if (step->when != 0)
        add_undo(page, step);
    buffer_text(page->into, " |\n");
}

/* What an action of a library is made of, and the items of a loop, stand in the details alone. */
static void add_rows(struct page *page, const struct list *steps)
{
    for (size_t i = 0; i < steps->count; i++) {
        struct plan_step *step = steps->at[i];
        add_row(page, step);
        if (step->step->use.action->core != NULL && step->loop == NULL)
            add_rows(page, &step->inside);
        if (step->call != NULL)
            add_rows(page, &step->call->on_failure);
    }
}

static void add_table(struct page *page, const char *title, const struct list *steps)
{
    if (steps->count == 0)
        return;
    buffer_format(page->into,
                  "### %s\n\n"
                  "| step | what it does | after | at most | verified by | undo |\n"
                  "| --- | --- | --- | --- | --- | --- |\n",
                  title);
    add_rows(page, steps);
    buffer_text(page->into, "\n");
}

void print_markdown(const struct plan *plan, size_t room, struct buffer *into)
{
    struct page page = {
        .arena = arena_new(), .into = into, .plan = plan, .room = room > 0 ? room : MAX_COMMENT};
    plan_summarise(page.arena, plan, &page.summary);
    add_title(&page);
    add_summary(&page);
    add_losses(&page);
    add_known(&page);
    add_table(&page, "Steps", &plan->steps);
    add_table(&page, "Only when a step failed that is not tolerated", &plan->on_failure);
    page_details(&page);
    buffer_format(into, "Plan digest `%s`: a run of just this has it in its record.\n",
                  plan_digest(page.arena, plan));
    arena_free(page.arena);
}
