#include "plan/checklist_own.h"

#include "base/arena.h"
#include "base/markdown.h"
#include "lang/expr.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"
#include "plan/print_text.h"
#include "plan/prove.h"

#include <string.h>

/* ---- lines ---- */

void checklist_begin(const struct checklist *list, size_t indent, bool box)
{
    for (size_t i = 0; i < indent; i++)
        buffer_text(list->into, " ");
    buffer_text(list->into, box ? "- [ ] " : "- ");
}

void checklist_end(const struct checklist *list)
{
    buffer_text(list->into, "\n");
}

void checklist_line(const struct checklist *list, size_t indent, const char *words,
                    const char *text)
{
    checklist_begin(list, indent, false);
    buffer_text(list->into, words);
    markdown_text(list->into, text_of(text));
    checklist_end(list);
}

void checklist_value(const struct checklist *list, size_t indent, const char *words,
                     const struct value *value)
{
    if (value != NULL && value->kind != VALUE_UNSET)
        checklist_line(list, indent, words, words_value(list->arena, value));
}

static void add_code_line(const struct checklist *list, size_t indent, const char *words,
                          const char *code, const char *behind)
{
    checklist_begin(list, indent, false);
    buffer_text(list->into, words);
    markdown_code(list->into, text_of(code));
    buffer_text(list->into, behind);
    checklist_end(list);
}

/* ---- a deed ---- */

static struct hand_blank *wanted(const struct checklist *list, const char *name, const char *output)
{
    const char *source = arena_format(list->arena, "steps.%s.%s", name, output);
    return hand_wants(list->hand, source) ? hand_blank(list->hand, source) : NULL;
}

/* A program's output that is wanted later is caught where it is made: the shell writes it down. */
static void add_caught(const struct checklist *list, const char *name, const char *action,
                       struct buffer *command)
{
    bool program = strcmp(action, "exec") == 0 || strcmp(action, "shell") == 0;
    bool file = strcmp(action, "file.read") == 0;
    struct hand_blank *out =
        program || file ? wanted(list, name, program ? "stdout" : "text") : NULL;
    struct hand_blank *end = program ? wanted(list, name, "exit") : NULL;
    if (out == NULL && end == NULL)
        return;
    struct buffer made = {0};
    if (out != NULL)
        buffer_format(&made, "%s=$(", out->variable);
    buffer_add(&made, command->at, command->length - 1);
    buffer_text(&made, out != NULL ? ")" : "");
    if (end != NULL)
        buffer_format(&made, "; %s=$?", end->variable);
    if (out != NULL)
        buffer_format(&made, "%s printf '%%s\\n' \"$%s\"", end != NULL ? ";" : " &&",
                      out->variable);
    buffer_text(&made, "\n");
    if (out != NULL)
        out->noted = out->caught = true;
    if (end != NULL)
        end->noted = end->caught = true;
    buffer_free(command);
    *command = made;
}

void checklist_deed(struct checklist *list, size_t indent, const struct deed *deed,
                    const char *name)
{
    struct buffer command = {0}, block = {0};
    if (!hand_command(list->hand, deed, &command)) {
        markdown_block(list->into, indent, "", line_deed(list->arena, deed, list->plan->folder));
        return;
    }
    for (size_t i = 0; i < list->hand->fresh.count; i++)
        hand_assign(list->hand->fresh.at[i], NULL, &block);
    if (name != NULL)
        add_caught(list, name, deed->action->name, &command);
    buffer_add(&block, command.at, command.length);
    markdown_block(list->into, indent, "sh", buffer_slice(&block));
    buffer_free(&command);
    buffer_free(&block);
}

/* ---- what is written down ---- */

bool checklist_is_bare(const struct type *type)
{
    return type->kind == TYPE_INT || type->kind == TYPE_FLOAT || type->kind == TYPE_BOOL ||
           type->kind == TYPE_JSON;
}

static const struct param *output_of(const struct step *step, const char *name)
{
    const struct param *own = map_get(&step->outputs, name);
    return own != NULL ? own : map_get(&step->use.action->outputs, name);
}

static const char *about_output(struct arena *arena, const struct param *output, const char *name)
{
    if (output == NULL)
        return name;
    if (output->value != NULL)
        return arena_format(arena, "%s: %s", name, term_print(arena, output->value));
    return output->about ? arena_format(arena, "%s: %s", name, output->about) : name;
}

static void add_box(const struct checklist *list, size_t indent, const char *words,
                    struct buffer *block)
{
    if (block->length > 0) {
        checklist_begin(list, indent, true);
        buffer_text(list->into, words);
        checklist_end(list);
        markdown_block(list->into, indent + 2, "sh", buffer_slice(block));
    }
    buffer_free(block);
}

/* Outputs that a later command needs, and that the shell did not catch. */
static void add_noted(struct checklist *list, size_t indent, const struct plan_step *step)
{
    const struct type *type = step->step->type;
    struct buffer found = {0}, asked = {0};
    for (size_t i = 0; type != NULL && i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        const struct param *output = output_of(step->step, field->name);
        struct hand_blank *blank = wanted(list, step->name, field->name);
        if (blank == NULL || blank->caught)
            continue;
        blank->noted = true;
        blank->list = field->type->kind == TYPE_LIST;
        blank->bare = checklist_is_bare(field->type);
        if (!checklist_capture(list, step, output, blank, &found))
            hand_assign(blank, about_output(list->arena, output, field->name), &asked);
    }
    add_box(list, indent, "Found in that, for later commands; look whether it can be so:", &found);
    add_box(list, indent, "Write down what later commands need:", &asked);
}

/* ---- before it ---- */

static void add_losses(const struct checklist *list, size_t indent, const struct plan_step *step)
{
    if (step->destroys != NULL && list->plan->target != NULL) {
        checklist_begin(list, indent, true);
        buffer_text(list->into, "Ask again whether it is the right system, as before the first "
                                "step");
        checklist_end(list);
    }
    for (size_t i = 0; i < list->losses.count; i++) {
        const struct plan_loss *loss = list->losses.at[i];
        if (loss->step != step)
            continue;
        const char *why = "; a copy is made and verified first";
        if (loss->protector != NULL && loss->protector != step)
            why =
                arena_format(list->arena, "; its copy was made and verified by `%s`: is it there?",
                             loss->protector->name);
        if (loss->accepted != NULL)
            why = "; nobody keeps a copy:";
        checklist_begin(list, indent, true);
        buffer_text(list->into, "**DESTROYS** ");
        markdown_code(list->into, text_of(loss->resource));
        buffer_text(list->into, why);
        if (loss->accepted != NULL) {
            buffer_text(list->into, " ");
            markdown_text(list->into, text_of(words_value(list->arena, loss->accepted)));
        }
        checklist_end(list);
    }
}

static void add_before(struct checklist *list, size_t indent, const struct plan_step *step)
{
    const char *needs = line_needs(list->arena, step);
    const char *repeat = line_repeat(list->arena, step);
    if (needs != NULL && !list->in_check)
        checklist_line(list, indent, step->step->needs.count > 0 ? "After " : "Needs ",
                       step->step->needs.count > 0
                           ? needs
                           : "no other step: it can be done at once, beside the others");
    if (step->when_shown != NULL && strcmp(step->when_shown, "run.ok") == 0)
        checklist_line(list, indent, "**Only if** all went well", "");
    else if (step->when_shown != NULL && step->when < 0)
        add_code_line(list, indent, "**Only if** ", step->when_shown, "; else go on to the next");
    if (repeat != NULL)
        checklist_line(list, indent, "Do this again, ", repeat);
    if (step->host != NULL)
        add_code_line(list, indent, "In a shell on the host ", step->host,
                      ", where the blanks are set too");
    checklist_block(list, indent, "Nothing to do here if this holds already",
                    step->step->done_if_verified ? NULL : step->done_if);
    if (step->step->done_if_verified)
        checklist_line(list, indent, "Nothing to do here if what verifies it holds already", "");
    checklist_block(list, indent, "Before it this must hold", step->preconditions);
    add_losses(list, indent, step);
    if (step->approve != NULL) {
        checklist_begin(list, indent, true);
        buffer_text(list->into, "**Somebody has to say yes:** ");
        markdown_text(list->into, text_of(line_approve(list->arena, step)));
        checklist_end(list);
    }
    checklist_value(list, indent, "**THE POINT OF NO RETURN:** ", step->irreversible);
}

/* ---- what is done ---- */

static void add_manual(const struct checklist *list, size_t indent, const struct plan_step *step)
{
    checklist_begin(list, indent, true);
    markdown_text(list->into,
                  text_of(words_value(list->arena, value_member(list->arena, step->inputs, "do"))));
    checklist_end(list);
    checklist_value(list, indent, "Look at: ", value_member(list->arena, step->inputs, "show"));
    const struct argument *evidence = map_get(&step->step->use.arguments, "evidence");
    if (evidence == NULL || evidence->param == NULL)
        return;
    checklist_begin(list, indent, true);
    buffer_text(list->into, "Write down the `evidence`");
    if (evidence->param->about != NULL) {
        buffer_text(list->into, ", ");
        markdown_text(list->into, text_of(evidence->param->about));
    }
    buffer_text(list->into, ": \\_\\_\\_\\_\\_\\_\\_\\_");
    checklist_end(list);
}

/* What only runbook's engine does, in words. */
static void add_engine(struct checklist *list, size_t indent, const struct plan_step *step)
{
    const struct use *use = &step->step->use;
    const char *name = use->action->name;
    struct arena *arena = list->arena;
    const struct argument *that = use->arguments.count ? use->arguments.at[0].value : NULL;
    const char *given = line_arguments(arena, use, step->inputs);
    if (step->wait != NULL) {
        checklist_block(list, indent, "Wait until this holds", step->wait);
        return;
    }
    if (plan_manual(step)) {
        add_manual(list, indent, step);
        return;
    }
    checklist_begin(list, indent, true);
    if (strcmp(name, "assert") == 0) {
        buffer_text(list->into, "It is so that ");
        markdown_code(list->into,
                      text_of(that && that->expr ? expr_print(arena, that->expr) : "true"));
    } else if (strcmp(name, "undo_run") == 0) {
        buffer_text(list->into, "Take back what was done: go on at *Taking it back*");
    } else {
        buffer_text(list->into, strcmp(name, "wait") == 0  ? "Wait "
                                : strcmp(name, "set") == 0 ? "Work out "
                                                           : "Give back now what these hold ");
        markdown_code(list->into, text_of(given));
    }
    checklist_end(list);
}

static void add_call(struct checklist *list, size_t indent, const char *prefix,
                     const struct plan_step *step)
{
    const struct plan_call *call = step->call;
    const char *given = line_arguments(list->arena, &step->step->use, step->inputs);
    checklist_begin(list, indent, false);
    buffer_text(list->into, "The runbook ");
    markdown_code(list->into, text_of(call->runbook->name));
    if (given[0] != '\0') {
        buffer_text(list->into, ", with ");
        markdown_code(list->into, text_of(given));
    }
    checklist_end(list);
    checklist_block(list, indent, "Is it the right system?", call->target);
    checklist_block(list, indent, "Before it this must hold", call->preconditions);
    checklist_steps(list, indent, prefix, &step->inside);
    if (call->on_failure.count > 0) {
        checklist_line(list, indent, "Only when one of these failed:", "");
        checklist_steps(list, indent + 2, prefix, &call->on_failure);
    }
}

static void add_loop(struct checklist *list, size_t indent, const char *prefix,
                     const struct plan_step *step)
{
    add_code_line(list, indent, "**For each** ", line_loop(list->arena, step), ":");
    checklist_steps(list, indent, prefix, &step->inside);
}

/* The item of a list that only the run knows: set anew for each of them. */
static void add_item(const struct checklist *list, size_t indent, const struct plan_step *step)
{
    if (step->relation != PLAN_ITEM || step->parent == NULL || step->parent->loop == NULL)
        return;
    const char *as = step->parent->step->foreach->as;
    const char *source = arena_format(list->arena, "item.%s", as);
    struct buffer block = {0};
    for (uint32_t i = 0; i < list->hand->blanks.count; i++) {
        const struct hand_blank *blank = list->hand->blanks.at[i].value;
        size_t length = strlen(source);
        if (strncmp(blank->source, source, length) == 0 &&
            (blank->source[length] == '\0' || blank->source[length] == '.'))
            hand_assign(blank, "one of them after the other", &block);
    }
    if (block.length > 0 && strstr(step->name, "‹") != NULL)
        markdown_block(list->into, indent, "sh", buffer_slice(&block));
    buffer_free(&block);
}

static void add_action(struct checklist *list, size_t indent, const char *prefix,
                       const struct plan_step *step)
{
    if (step->deed != NULL && indent == 0) {
        buffer_text(list->into, "- [ ] Do:\n");
        checklist_deed(list, 2, step->deed, step->name);
    } else if (step->deed != NULL)
        checklist_deed(list, indent, step->deed, step->name);
    else if (step->call != NULL)
        add_call(list, indent, prefix, step);
    else if (plan_opens(step))
        checklist_steps(list, indent, prefix, &step->inside);
    else
        add_engine(list, indent, step);
}

/* ---- after it ---- */

/* What is done later is told later, so that nobody who goes from top to bottom does it now. */
static void add_owed(struct checklist *list, size_t indent, const struct plan_step *step)
{
    void *kept = (void *)(uintptr_t)step;
    if (step->undo.count > 0)
        checklist_line(list, indent,
                       list->at_end ? "To take this back:"
                                    : "How it is taken back is told under *Taking it back*",
                       "");
    if (list->at_end)
        checklist_steps(list, indent + 2, "", &step->undo);
    else if (step->undo.count > 0 || step->irreversible != NULL)
        list_add(list->arena, &list->undos, kept);
    if (step->release.count > 0)
        checklist_line(list, indent,
                       list->at_end ? "To give it back:"
                                    : "**From here on it owes something**, also when it fails: see "
                                      "*At the end*",
                       "");
    if (list->at_end)
        checklist_steps(list, indent + 2, "", &step->release);
    else if (step->release.count > 0)
        list_add(list->arena, &list->releases, kept);
}

static void add_after(struct checklist *list, size_t indent, const struct plan_step *step)
{
    struct arena *arena = list->arena;
    const char *expected = checklist_expected(arena, step->step->use.action, step->expect);
    const char *retry = line_retry(arena, step);
    bool anything = step->step->expect != NULL && step->step->expect->anything;
    if (!anything && expected[0] != '\0' && strcmp(expected, "exit is 0") != 0) {
        checklist_begin(list, indent, true);
        buffer_text(list->into, "Expect ");
        markdown_code(list->into, text_of(expected));
        if (step->because != NULL) {
            buffer_text(list->into, ". If not: ");
            markdown_text(list->into, text_of(words_value(arena, step->because)));
        }
        checklist_end(list);
    } else {
        checklist_value(list, indent, "If it fails: ", step->because);
    }
    add_noted(list, indent, step);
    checklist_block(list, indent, "Verify that it is done", step->verify);
    if (retry != NULL)
        checklist_line(list, indent, "If it fails, try again: ", retry);
    checklist_value(list, indent, "If it fails all the same, go on: ", step->tolerate);
    if (plan_stays(step) && step->irreversible == NULL)
        checklist_line(list, indent, "Nothing takes this back", "");
    add_owed(list, indent, step);
}

/* ---- a step ---- */

static void add_facts(const struct checklist *list, const struct plan_step *step)
{
    static const char *const effects[] = {[EFFECT_READ] = "only looks",
                                          [EFFECT_CHANGE] = "**changes**",
                                          [EFFECT_DESTROY] = "**DESTROYS**"};
    buffer_format(list->into, " (%s", effects[step->effect]);
    if (!list->in_check && !plan_manual(step) && step->worst > 0)
        buffer_format(list->into, ", at most %s", words_time(list->arena, step->worst));
    buffer_text(list->into, ")");
}

static void add_skipped(const struct checklist *list, size_t indent, const struct plan_step *step)
{
    if (step->left_out != NULL)
        checklist_line(list, indent, "Left out: ", step->left_out);
    else
        add_code_line(list, indent, "Not to be done: ", step->when_shown, " is false");
}

static void add_body(struct checklist *list, size_t indent, const char *prefix,
                     const struct plan_step *step)
{
    if (step->when == 0) {
        add_skipped(list, indent, step);
        return;
    }
    add_item(list, indent, step);
    add_before(list, indent, step);
    if (step->loop != NULL) {
        add_loop(list, indent, prefix, step);
        add_noted(list, indent, step);
        return;
    }
    add_action(list, indent, prefix, step);
    add_after(list, indent, step);
}

void checklist_steps(struct checklist *list, size_t indent, const char *prefix,
                     const struct list *steps)
{
    for (size_t i = 0; i < steps->count; i++) {
        const struct plan_step *step = steps->at[i];
        const char *number = prefix[0] ? arena_format(list->arena, "%s%zu", prefix, i + 1) : "";
        checklist_begin(list, indent, step->when != 0 && !plan_opens(step) && step->loop == NULL);
        buffer_format(list->into, "%s%s", number, number[0] ? " " : "");
        markdown_code(list->into, text_of(step->name));
        if (step->title != NULL && step->relation != PLAN_ITEM) {
            buffer_text(list->into, " ");
            markdown_text(list->into, text_of(words_value(list->arena, step->title)));
        }
        if (step->when != 0)
            add_facts(list, step);
        checklist_end(list);
        add_body(list, indent + 2, number[0] ? arena_format(list->arena, "%s.", number) : "", step);
    }
}

void checklist_section(struct checklist *list, const char *number, const struct plan_step *step)
{
    buffer_format(list->into, "### %s\\. ", number);
    if (step->title != NULL)
        markdown_text(list->into, text_of(words_value(list->arena, step->title)));
    else
        markdown_code(list->into, text_of(step->name));
    buffer_text(list->into, "\n\nStep ");
    markdown_code(list->into, text_of(step->name));
    if (step->when != 0)
        add_facts(list, step);
    buffer_text(list->into, "\n\n");
    add_body(list, 0, arena_format(list->arena, "%s.", number), step);
    buffer_text(list->into, "\n");
}
