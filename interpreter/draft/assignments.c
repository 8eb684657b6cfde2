/* Assignments of the document: a param, a text, or a step whose output is read. */
#include "draft/variables_own.h"

#include "base/arena.h"
#include "draft/command.h"
#include "draft/names.h"

#include <string.h>
#include <strings.h>

/* Is this said to be an example, in one of the languages in which procedures are written? */
static bool is_example(const char *comment)
{
    static const char *const words[] = {"example", "e.g.",     "for instance", "sample",
                                        "例",      "beispiel", "z.b.",         "exemple",
                                        "ejemplo", "replace",  "adjust",       "change this"};
    for (size_t i = 0; comment != NULL && i < sizeof words / sizeof *words; i++)
        if (strcasestr(comment, words[i]) != NULL)
            return true;
    return false;
}

static bool all_text(const struct shell_word *word)
{
    for (size_t i = 0; i < word->parts.count; i++)
        if (((const struct shell_part *)word->parts.at[i])->kind != PART_TEXT)
            return false;
    return true;
}

static const char *type_of(const char *value)
{
    if (strncmp(value, "http://", 7) == 0 || strncmp(value, "https://", 8) == 0)
        return strchr(value, ' ') == NULL && strlen(value) > 8 ? "url" : "string";
    return strchr(value, '/') != NULL && strchr(value, ':') == NULL && value[0] != '-' &&
                   strchr(value, ' ') == NULL
               ? "path"
               : "string";
}

static void assign_constant(struct draft *draft, const struct shell_assignment *assignment,
                            const char *value, const char *comment, struct draft_step *step)
{
    struct variable *variable = variable_new(draft, VARIABLE_PARAM, assignment->name);
    bool example = is_example(comment) || value[0] == '\0';
    const char *shown = value[0] != '\0' ? value : NULL;
    bool odd = strpbrk(value, "\n\t") != NULL || strlen(value) > 1000;
    const char *pattern = odd || shown == NULL ? NULL : draft_pattern(value);
    const char *about = NULL;
    if (example && shown != NULL && !odd)
        about = arena_format(draft->arena, "%s%sthe document has %s as an example",
                             comment ? comment : "", comment ? "; " : "", value);
    else if (comment != NULL)
        about = comment;
    if (odd) {
        variable->kind = VARIABLE_TEXT;
        variable->value = branch_literal(draft->arena, value);
    } else {
        const char *kept = example ? NULL : branch_literal(draft->arena, value);
        const char *wide =
            example && pattern == NULL ? "^[A-Za-z0-9./][A-Za-z0-9_.:/@+-]*$" : pattern;
        /* A path that climbs has no pattern, and a url of its type needs none. */
        variable->param = draft_param(draft, assignment->name, type_of(value), wide, kept, about);
        draft_note(draft, step, "is the param '%s'%s", variable->param->name,
                   example ? ", which has to be given" : "");
    }
    variable->split = strpbrk(value, " \t\n") != NULL;
    variable_bind(draft, variable);
}

static void assign_secret(struct draft *draft, const struct shell_assignment *assignment,
                          struct draft_step *step)
{
    variable_bind_secret(draft, assignment->name);
    draft_todo(
        draft, step,
        "a secret: it is read from $%s of the environment, or name a file that holds it; where "
        "the document has it in the clear, change it",
        assignment->name);
}

/* What gives the value: exec where it is one plain command. */
static void make_source(struct draft *draft, struct text inner, struct draft_step *step)
{
    struct arena *arena = draft->arena;
    struct branch *argv = NULL, *env = NULL;
    bool reads = false;
    if (command_plain(draft, inner, &argv, &reads)) {
        step->action = "exec";
        step->argument = argv;
        if (draft->cwd != NULL) {
            step->argument = branch_map(arena);
            branch_put(arena, step->argument, "argv", argv);
        }
        if (reads) {
            step->effect = DRAFT_READS;
            draft_key(draft, step, "effect", "read");
        }
    } else {
        const char *script = branch_literal(arena, arena_copy(arena, inner.at, inner.length));
        step->action = "shell";
        step->argument = branch_map(arena);
        order_put(draft, step->argument, "script", script);
        env = draft_env(draft, inner);
    }
    if (step->argument->kind == BRANCH_MAP)
        order_dir(draft, step->argument, "cwd");
    if (env != NULL)
        branch_put(arena, step->argument, "env", env);
    command_count(draft, step);
}

/* The step that runs what stands in `NAME=$(…)`. */
static void assign_step(struct draft *draft, const struct shell_assignment *assignment,
                        struct text inner, struct draft_step *step)
{
    struct arena *arena = draft->arena;
    struct variable *variable = variable_new(draft, VARIABLE_STEP, assignment->name);
    const char *name = name_of_words(arena, assignment->name);
    variable->output = name[0] != '\0' ? name : "value";
    variable->step = step;
    step->id = variable->output;
    make_source(draft, inner, step);
    static const char form[] = "[A-Za-z0-9./][A-Za-z0-9_.:/@+-]*";
    struct branch *expect = branch_put(arena, step->keys, "expect", branch_map(arena));
    struct branch *matches = branch_put(arena, expect, "stdout", branch_map(arena));
    branch_put(arena, matches, "matches", branch_text(arena, arena_format(arena, "^%s$", form)));
    struct branch *outputs = branch_put(arena, step->keys, "outputs", branch_map(arena));
    struct branch *output = branch_put(arena, outputs, variable->output, branch_map(arena));
    branch_put(arena, output, "type", branch_text(arena, "string"));
    branch_put(
        arena, output, "value",
        branch_text(arena, arena_format(arena, "${capture(result.stdout, '^(%s)$') ?? ''}", form)));
    draft_step_add(draft, step);
    variable->step->outer = draft->group;
    variable_bind(draft, variable);
}

static void assign_blank(struct draft *draft, const struct shell_assignment *assignment,
                         struct text blank, struct draft_step *step)
{
    struct variable *variable = variable_bind_unset(draft, assignment->name);
    variable->param->about = arena_format(draft->arena, "'%.*s', a blank in line %u",
                                          (int)blank.length, blank.at, draft->line);
    draft_note(draft, step, "is the param '%s', which has to be given", variable->param->name);
}

/* A word of nothing but text, without its quotes. */
static const char *plain_text(struct draft *draft, const struct shell_word *word)
{
    struct buffer plain = {0};
    for (size_t i = 0; i < word->parts.count; i++) {
        const struct shell_part *part = word->parts.at[i];
        buffer_add(&plain, part->text.at, part->text.length);
    }
    const char *text = arena_copy(draft->arena, plain.at ? plain.at : "", plain.length);
    buffer_free(&plain);
    return text;
}

void draft_assign(struct draft *draft, const struct shell_assignment *assignment,
                  const struct shell_line *line, const char *comment, struct draft_step *step)
{
    const struct shell_word *value = assignment->value;
    const struct shell_part *only = value->parts.count == 1 ? value->parts.at[0] : NULL;
    const char *text = NULL, *why = NULL;
    if (variable_is_secret(assignment->name)) {
        assign_secret(draft, assignment, step);
        return;
    }
    if (all_text(value)) {
        assign_constant(draft, assignment, plain_text(draft, value), comment, step);
        return;
    }
    if (only != NULL && only->kind == PART_BLANK) {
        assign_blank(draft, assignment, only->text, step);
        return;
    }
    if (draft_word(draft, value, DATE_NEW, &text, &why)) {
        struct variable *variable = variable_new(draft, VARIABLE_TEXT, assignment->name);
        variable->value = text;
        variable->word = value;
        variable_bind(draft, variable);
        draft_note(draft, step, "is '%s' where it is used", text);
        return;
    }
    if (only != NULL && only->kind == PART_COMMAND && !line->bash) {
        assign_step(draft, assignment, only->text, step);
        return;
    }
    struct variable *variable = variable_bind_unset(draft, assignment->name);
    if (variable->kind == VARIABLE_PARAM)
        variable->param->about = arena_format(draft->arena, "%.*s, in line %u",
                                              (int)line->text.length, line->text.at, draft->line);
    draft_todo(draft, step, "the value has %s: it is the param '%s' until a step computes it",
               why ? why : "more than a text", variable->param->name);
}
