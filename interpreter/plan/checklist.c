#include "plan/checklist.h"

#include "base/arena.h"
#include "base/markdown.h"
#include "base/shell.h"
#include "base/units.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"
#include "plan/checklist_own.h"
#include "plan/print_text.h"
#include "plan/prove.h"

#include <string.h>

static void add(const struct checklist *list, const char *text)
{
    buffer_text(list->into, text);
}

/* ---- before it begins ---- */

static void add_title(const struct checklist *list, const char *file)
{
    const struct plan *plan = list->plan;
    add(list, "# ");
    markdown_text(list->into, text_of(plan->title != NULL ? words_value(list->arena, plan->title)
                                                          : plan->runbook->name));
    add(list, ", by hand\n\n");
    if (plan->runbook->about != NULL) {
        markdown_text(list->into, text_of(term_print(list->arena, plan->runbook->about)));
        add(list, "\n\n");
    }
    add(list, "Made by `runbook doc` of ");
    markdown_code(list->into, text_of(file));
    buffer_format(list->into, ", for when runbook itself can't run. Plan digest `%s`.",
                  plan_digest(list->arena, plan));
    if (plan->objective > 0)
        buffer_format(list->into, " It should be done within %s.",
                      duration_print(list->arena, plan->objective));
    add(list, "\n\n");
}

static const char how[] =
    "- Go from top to bottom and tick off each box. What a step needs comes before it.\n"
    "- Commands go into one bash shell that stays open. `name=''` is a blank: fill it in between\n"
    "  the quotes, and write it down on paper too. A list is `name=(one two)`. A command whose\n"
    "  blank is empty stops before it does anything.\n"
    "- `${…}` and ‹…› tell what runbook would work out there; work it out by what was printed.\n"
    "- A command has to end with 0 (`echo $?`), unless something else is told. One that takes "
    "longer\n"
    "  than its time has failed: end it with Ctrl-C.\n"
    "- What does not go as it is told here: stop, and read *If it breaks off* at the end.\n\n";

static bool begins_with(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Blanks that are set before anything: of the run, of the params, of the secrets. */
static void add_run_blank(const struct checklist *list, const struct hand_blank *blank,
                          struct buffer *into)
{
    const char *name = list->plan->runbook->name;
    if (strcmp(blank->source, "run.stamp") == 0)
        buffer_text(into, "run_stamp=$(date -u +%Y%m%d-%H%M%S)\n");
    else if (strcmp(blank->source, "run.started") == 0)
        buffer_text(into, "run_started=$(date -u +%Y-%m-%dT%H:%M:%SZ)\n");
    else if (strcmp(blank->source, "run.short") == 0)
        buffer_text(into, "run_short=hand\n");
    else if (strcmp(blank->source, "run.id") == 0)
        buffer_format(into, "run_id=%s-$(date -u +%%Y%%m%%d-%%H%%M%%S)-hand\n", name);
    else
        hand_assign(blank, NULL, into);
}

/* Type, what is meant, and what runbook would hold it to: nobody else does now. */
static const char *about_param(struct arena *arena, const struct param *param)
{
    const char *about = type_print(arena, param->type);
    const struct {
        const char *words;
        const struct term *term;
    } limits[] = {{"matches", param->pattern},
                  {"one of", param->one_of},
                  {"at least", param->min},
                  {"at most", param->max}};
    if (param->about != NULL)
        about = arena_format(arena, "%s, %s", about, param->about);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (limits[i].term != NULL)
            about = arena_format(arena, "%s; %s %s", about, limits[i].words,
                                 term_print(arena, limits[i].term));
    return about;
}

static void add_param_blank(const struct checklist *list, const struct hand_blank *blank,
                            struct buffer *into)
{
    const char *name = blank->source + strlen("params.");
    const struct param *param = map_get(&list->plan->runbook->params, name);
    hand_assign(blank, param != NULL ? about_param(list->arena, param) : NULL, into);
}

static void add_secret_blank(const struct checklist *list, const struct hand_blank *blank,
                             struct buffer *into)
{
    const char *name = blank->source + strlen("secrets.");
    for (size_t i = 0; i < list->plan->secrets.count; i++) {
        const struct value *part = list->plan->secrets.at[i];
        const struct member *source = &part->map.at[1];
        if (!text_is(part->map.at[0].value->text, name))
            continue;
        buffer_format(into, "%s=", blank->variable);
        if (strcmp(source->key, "env") == 0) {
            buffer_text(into, "\"$");
            buffer_text(into, words_value(list->arena, source->value));
            buffer_text(into, "\"\n");
            return;
        }
        buffer_text(into, strcmp(source->key, "file") == 0 ? "$(cat -- " : "$(");
        hand_words(list->hand, source->value, into);
        buffer_text(into, ")\n");
        return;
    }
    buffer_format(into, "read -r -s -p '%s: ' %s\n", name, blank->variable);
}

static void add_blanks(const struct checklist *list, const char *root, struct buffer *into,
                       void (*add_one)(const struct checklist *list, const struct hand_blank *blank,
                                       struct buffer *into))
{
    for (uint32_t i = 0; i < list->hand->blanks.count; i++) {
        const struct hand_blank *blank = list->hand->blanks.at[i].value;
        bool path = begins_with(blank->source, root) && strpbrk(blank->source, " ()") == NULL;
        if (path)
            add_one(list, blank, into);
    }
}

static void add_shell(const struct checklist *list)
{
    const struct plan *plan = list->plan;
    const struct value *env = plan->env;
    struct buffer lines = {0};
    buffer_text(&lines, "runbook_folder=$PWD   # the folder that the runbook lies in\n");
    add_blanks(list, "params.", &lines, add_param_blank);
    if (strcmp(plan->folder, ".") != 0) {
        buffer_text(&lines, "cd -- ");
        hand_word(list->hand, "", value_string(list->arena, plan->folder), &lines);
        buffer_text(&lines, "\n");
    }
    for (size_t i = 0; env != NULL && env->kind == VALUE_MAP && i < env->map.count; i++) {
        buffer_format(&lines, "export %s=", env->map.at[i].key);
        hand_word(list->hand, "", env->map.at[i].value, &lines);
        buffer_text(&lines, "\n");
    }
    add_blanks(list, "run.", &lines, add_run_blank);
    add_blanks(list, "secrets.", &lines, add_secret_blank);
    add(list, "- [ ] In the runbook's folder, in bash:\n");
    markdown_block(list->into, 2, "sh", buffer_slice(&lines));
    buffer_free(&lines);
}

static void add_params(const struct checklist *list)
{
    const struct value *params = list->plan->params;
    if (params == NULL || params->kind != VALUE_MAP || params->map.count == 0)
        return;
    add(list, "This checklist was made for these params; for others, make it anew with "
              "`--param`.\n\n| param | type | is | what it is |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < params->map.count; i++) {
        const struct member *member = &params->map.at[i];
        const struct param *param = map_get(&list->plan->runbook->params, member->key);
        bool blank = member->value->kind == VALUE_UNKNOWN;
        add(list, "| ");
        markdown_code(list->into, text_of(member->key));
        add(list, " | ");
        markdown_text(list->into, text_of(param ? type_print(list->arena, param->type) : ""));
        add(list, " | ");
        if (blank)
            add(list, "**a blank below**");
        else if (member->value->kind == VALUE_UNSET)
            add(list, "not given");
        else
            markdown_code(list->into, text_of(words_value(list->arena, member->value)));
        add(list, " | ");
        markdown_text(list->into, text_of(param && param->about ? param->about : ""));
        add(list, " |\n");
    }
    add(list, "\n");
}

static void add_lock(const struct checklist *list)
{
    if (list->plan->lock == NULL || list->plan->lock->kind == VALUE_UNSET)
        return;
    add(list, "- [ ] Nobody else is at work on ");
    markdown_code(list->into, text_of(words_value(list->arena, list->plan->lock)));
    add(list, ", by hand or by runbook (`runbook list`)\n");
}

/* ---- at its end ---- */

static void add_later(struct checklist *list, const struct plan_step *step,
                      const struct list *entries)
{
    add(list, "### Of ");
    markdown_code(list->into, text_of(step->name));
    add(list, "\n\n");
    checklist_steps(list, 0, "", entries);
    add(list, "\n");
}

static void add_releases(struct checklist *list)
{
    if (list->releases.count == 0)
        return;
    add(list, "## At the end\n\nWhat was begun is given back when all is done, and also when you "
              "give up: what was taken last first.\n\n");
    for (size_t i = list->releases.count; i-- > 0;) {
        const struct plan_step *step = list->releases.at[i];
        add_later(list, step, &step->release);
    }
}

/* Is STEP in one that has an undo of its own? */
static bool is_covered(const struct plan_step *step)
{
    for (step = step->parent; step != NULL; step = step->parent)
        if (step->undo.count > 0)
            return true;
    return false;
}

static void add_undos(struct checklist *list)
{
    if (list->undos.count == 0)
        return;
    add(list, "## Taking it back\n\nOnly when that is decided. Of each of these that began, from "
              "top to bottom.\n\n");
    for (size_t i = list->undos.count; i-- > 0;) {
        const struct plan_step *step = list->undos.at[i];
        if (step->undo.count > 0)
            add_later(list, step, &step->undo);
        if (step->undo.count > 0 && is_covered(step))
            add(list, "(Only where the step around it, above, did not do it.)\n\n");
        if (step->irreversible == NULL)
            continue;
        add(list, "**If ");
        markdown_code(list->into, text_of(step->name));
        add(list, " began, go no further back: it is the point of no return.**\n\n");
    }
}

static void add_end(struct checklist *list)
{
    list->at_end = true;
    add_releases(list);
    add_undos(list);
    add(list, "## If it breaks off\n\n"
              "- A step that only looks may be done again at any time.\n"
              "- Of a step that **changes**, look first whether it was done: by what verifies it, "
              "else by your own eyes. Never do it again on a guess.\n");
    if (list->releases.count > 0)
        add(list, "- What is owed stays owed until it is given back: see *At the end*.\n");
    if (list->undos.count > 0)
        add(list, "- To go back: *Taking it back*.\n");
    add(list, "- Keep this list with its blanks: who goes on needs them.\n");
}

/* ---- the whole ---- */

static void add_sections(struct checklist *list, const struct list *steps, const char *letter)
{
    for (size_t i = 0; i < steps->count; i++)
        checklist_section(list, arena_format(list->arena, "%s%zu", letter, i + 1), steps->at[i]);
}

static void add_all(struct checklist *list, const char *file)
{
    const struct plan *plan = list->plan;
    add_title(list, file);
    add(list, how);
    add(list, "## Before it begins\n\n");
    add_params(list);
    add_lock(list);
    add_shell(list);
    checklist_block(list, 0, "Is it the right system? Ask again before each step that destroys",
                    plan->target);
    checklist_block(list, 0, "Before anything is changed this must hold", plan->preconditions);
    add(list, "\n## Steps\n\n");
    add_sections(list, &plan->steps, "");
    if (plan->on_failure.count > 0) {
        add(list, "## Only when a step failed that has no *go on*\n\n");
        add_sections(list, &plan->on_failure, "F");
    }
    add_end(list);
}

/* Params that were not given are blanks whether a command wants them or not: conditions may. */
static void ask_params(struct hand *hand, const struct plan *plan)
{
    const struct value *params = plan->params;
    for (size_t i = 0; params != NULL && params->kind == VALUE_MAP && i < params->map.count; i++) {
        const struct member *member = &params->map.at[i];
        const struct param *param = map_get(&plan->runbook->params, member->key);
        if (member->value->kind != VALUE_UNKNOWN || param == NULL)
            continue;
        struct hand_blank *blank =
            hand_blank(hand, arena_format(hand->arena, "params.%s", member->key));
        blank->bare = checklist_is_bare(param->type);
        blank->list = param->type->kind == TYPE_LIST;
    }
}

static void begin_anew(struct checklist *list, struct buffer *into)
{
    for (uint32_t i = 0; i < list->hand->blanks.count; i++)
        ((struct hand_blank *)list->hand->blanks.at[i].value)->asked = false;
    list->into = into;
    list->at_end = false;
    list->releases = list->undos = (struct list){0};
}

/* Made until no new blank comes up: only what comes later tells which values have to be written
 * down before, and these, which others they are found in. */
void print_checklist(const struct plan *plan, const char *file, struct buffer *into)
{
    enum { MAX_DRAFTS = 5 };
    struct arena *arena = arena_new();
    struct hand hand = {.arena = arena, .folder = plan->folder, .env = plan->env};
    struct checklist list = {.arena = arena, .plan = plan, .hand = &hand};
    plan_losses(arena, plan, &list.losses);
    ask_params(&hand, plan);
    for (uint32_t drafts = 0, known = UINT32_MAX; drafts < MAX_DRAFTS && hand.blanks.count != known;
         drafts++) {
        struct buffer draft = {0};
        known = hand.blanks.count;
        begin_anew(&list, &draft);
        add_all(&list, file);
        buffer_free(&draft);
    }
    begin_anew(&list, into);
    add_all(&list, file);
    arena_free(arena);
}
