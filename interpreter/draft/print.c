/* The draft as a text. */
#include "draft/draft_own.h"

#include "base/arena.h"
#include "base/path.h"

#include <string.h>

/* ---- steps ---- */

static void print_key(struct buffer *into, size_t indent, const char *key, const char *value,
                      struct arena *arena)
{
    if (value != NULL)
        branch_write(into, indent, key, branch_text(arena, value));
}

static bool has_steps(const struct draft_step *group)
{
    for (size_t i = 0; i < group->inner.count; i++) {
        const struct draft_step *step = group->inner.at[i];
        if (step->role != ROLE_NOTE && (step->action != NULL || has_steps(step)))
            return true;
    }
    return false;
}

static void print_notes(struct buffer *into, size_t indent, const struct draft_step *step)
{
    for (size_t i = 0; i < step->notes.count; i++)
        branch_comment(into, indent, step->notes.at[i]);
}

static void print_steps(const struct draft *draft, struct buffer *into, size_t indent,
                        const struct draft_step *group);

/* A group without a step in it is what was written there. */
static void print_heading(struct buffer *into, size_t indent, const struct draft_step *group,
                          struct arena *arena)
{
    if (group->written == NULL)
        return;
    static const char marks[] = "######";
    size_t level = group->heading <= 6 ? group->heading : 6;
    branch_comment(
        into, indent,
        arena_format(arena, "line %u: %.*s %s", group->line, (int)level, marks, group->written));
}

static void print_group(const struct draft *draft, struct buffer *into, size_t indent,
                        const struct draft_step *group)
{
    struct arena *arena = draft->arena;
    print_heading(into, indent, group, arena);
    print_notes(into, indent, group);
    if (!has_steps(group)) {
        print_steps(draft, into, indent, group);
        return;
    }
    buffer_format(into, "%*s%s:\n", (int)indent, "", group->id);
    print_key(into, indent + 2, "title", group->title, arena);
    print_key(into, indent + 2, "when", group->when, arena);
    buffer_format(into, "%*ssteps:\n", (int)indent + 2, "");
    print_steps(draft, into, indent + 4, group);
    if (group->outputs != NULL)
        branch_write(into, indent + 2, "outputs", group->outputs);
}

static void print_step(const struct draft *draft, struct buffer *into, size_t indent,
                       const struct draft_step *step)
{
    print_notes(into, indent, step);
    if (step->role == ROLE_NOTE)
        return;
    buffer_format(into, "%*s%s:\n", (int)indent, "", step->id);
    print_key(into, indent + 2, "title", step->title, draft->arena);
    branch_write(into, indent + 2, step->action, step->argument);
    for (size_t i = 0; i < step->keys->items.count; i++)
        branch_write(into, indent + 2, step->keys->keys.at[i], step->keys->items.at[i]);
    if (step->verify != NULL)
        branch_write(into, indent + 2, "verify", step->verify);
}

static bool is_group(const struct draft_step *step)
{
    return step->role != ROLE_NOTE && step->action == NULL;
}

static void print_steps(const struct draft *draft, struct buffer *into, size_t indent,
                        const struct draft_step *group)
{
    for (size_t i = 0; i < group->inner.count; i++) {
        const struct draft_step *step = group->inner.at[i];
        const struct draft_step *before = i > 0 ? group->inner.at[i - 1] : NULL;
        if (before != NULL &&
            (is_group(step) || is_group(before) ||
             (before->role == ROLE_NOTE) != (step->role == ROLE_NOTE) || before->role != ROLE_NOTE))
            buffer_text(into, "\n");
        if (is_group(step))
            print_group(draft, into, indent, step);
        else
            print_step(draft, into, indent, step);
    }
}

/* ---- head ---- */

/* The params that the steps really name. */
static void find_used(struct draft *draft, struct text steps, struct map *used)
{
    static const char *const begins[] = {"params.", "secrets."};
    for (size_t b = 0; b < 2; b++) {
        const char *at = steps.at, *end = steps.at + steps.length;
        size_t length = strlen(begins[b]);
        while ((at = memmem(at, (size_t)(end - at), begins[b], length)) != NULL) {
            at += length;
            size_t name = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_");
            map_put(draft->arena, used, arena_copy(draft->arena, at, name), draft);
        }
    }
}

static void print_param(const struct draft *draft, struct buffer *into,
                        const struct draft_param *param)
{
    struct arena *arena = draft->arena;
    struct branch *map = branch_map(arena);
    branch_put(arena, map, "type", branch_text(arena, param->type));
    if (param->value != NULL)
        branch_put(arena, map, "default", branch_text(arena, param->value));
    if (param->pattern != NULL)
        branch_put(arena, map, "pattern", branch_text(arena, param->pattern));
    if (param->one_of != NULL)
        branch_put(arena, map, "one_of", param->one_of);
    if (param->about != NULL)
        branch_put(arena, map, "about", branch_text(arena, param->about));
    if (param->value == NULL)
        branch_comment(into, 2, "TODO: is there a default?");
    branch_write(into, 2, param->name, map);
}

static void print_params(const struct draft *draft, struct buffer *into, const struct map *used,
                         bool secrets)
{
    bool any = false;
    for (size_t i = 0; i < draft->params.count; i++) {
        const struct draft_param *param = draft->params.at[i];
        if (param->secret != secrets || map_get(used, param->name) == NULL)
            continue;
        if (!any)
            buffer_text(into, secrets ? "secrets:\n" : "params:\n");
        any = true;
        if (secrets)
            buffer_format(into, "  %s: {env: %s}\n", param->name, param->variable);
        else
            print_param(draft, into, param);
    }
}

static size_t count_given(const struct draft *draft, const struct map *used)
{
    size_t count = 0;
    for (size_t i = 0; i < draft->params.count; i++) {
        const struct draft_param *param = draft->params.at[i];
        count += !param->secret && param->value == NULL && map_get(used, param->name) != NULL;
    }
    return count;
}

static void print_counts(const struct draft *draft, struct buffer *into, bool stamped)
{
    const struct draft_counts *counts = &draft->counts;
    struct arena *arena = draft->arena;
    branch_comment(into, 0,
                   arena_format(arena, "Draft of %s, made by `runbook import`. Nobody has run it.",
                                path_name(draft->request->file)));
    branch_comment(into, 0, "");
    branch_comment(
        into, 0,
        arena_format(arena,
                     "%zu commands, all of them here and in order, each below its line of "
                     "the document. As steps: %zu exec, %zu shell, %zu http, %zu sql, %zu of "
                     "the library, %zu of the core; %zu said by titles (echo); %zu lines that "
                     "are no commands.",
                     counts->commands, counts->exec, counts->shell, counts->http, counts->sql,
                     counts->library, counts->core, counts->said, counts->left));
    if (counts->commented + counts->blocks > 0)
        branch_comment(into, 0,
                       arena_format(arena,
                                    "%zu commands that are commented out, and %zu blocks that "
                                    "are no shell, stand as comments.",
                                    counts->commented, counts->blocks));
    if (stamped)
        branch_comment(
            into, 0,
            "${run.stamp} is when the run began, in UTC, as 20240115-143000: it stands where the "
            "document makes a name by $(date …).");
    branch_comment(into, 0,
                   arena_format(arena,
                                "%zu traps: look for \"trap\". %zu things to decide: look for "
                                "\"TODO\". What else is wrong: `runbook check`.",
                                counts->traps, counts->decide));
}

static void print_defaults(const struct draft *draft, struct buffer *into)
{
    struct arena *arena = draft->arena;
    struct branch *defaults = branch_map(arena);
    branch_put(arena, defaults, "timeout", branch_text(arena, "5m"));
    if (draft->folder)
        branch_put(arena, defaults, "cwd", branch_text(arena, "${params.folder}"));
    if (draft->exported != NULL)
        branch_put(arena, defaults, "env", draft->exported);
    branch_comment(into, 0, "What one command may take, where its step says nothing else.");
    branch_write(into, 0, "defaults", defaults);
}

static bool destroys(const struct draft_step *group)
{
    for (size_t i = 0; i < group->inner.count; i++) {
        const struct draft_step *step = group->inner.at[i];
        if (step->effect == DRAFT_DESTROYS || destroys(step))
            return true;
    }
    return false;
}

/* `about` in lines of a readable width; words are not torn. */
static void print_about(struct buffer *into, const char *about)
{
    if (about == NULL)
        return;
    buffer_text(into, "about: >-\n");
    struct text rest = text_of(about);
    while (rest.length > 0) {
        size_t length = rest.length;
        for (size_t i = 0; i < rest.length; i++)
            if (rest.at[i] == ' ' && i >= 90) {
                length = i;
                break;
            }
        buffer_text(into, "  ");
        buffer_add(into, rest.at, length);
        buffer_text(into, "\n");
        rest.at += length;
        rest.length -= length;
        while (rest.length > 0 && rest.at[0] == ' ') {
            rest.at++;
            rest.length--;
        }
    }
}

static void print_target(struct buffer *into)
{
    branch_comment(into, 0,
                   "TODO: which system is this? It is asked before every step that destroys:");
    branch_comment(into, 0, "target:\n  - host.identity: {}\n    expect: {name: {matches: '^…$'}}");
}

/* Is `run.stamp` in STEPS outside of comments? */
static bool is_stamped(const char *steps)
{
    for (const char *line = steps; line != NULL && *line != '\0';) {
        size_t length = strcspn(line, "\n");
        bool comment = line[strspn(line, " ")] == '#';
        if (!comment && memmem(line, length, "${run.stamp}", strlen("${run.stamp}")) != NULL)
            return true;
        line += length + (line[length] == '\n');
    }
    return false;
}

void draft_print(struct draft *draft, struct buffer *into)
{
    struct arena *arena = draft->arena;
    struct buffer steps = {0}, middle = {0};
    struct map used = {0};
    print_steps(draft, &steps, 2, draft->root);
    print_defaults(draft, &middle);
    if (draft->connections != NULL)
        branch_write(&middle, 0, "connections", draft->connections);
    find_used(draft, buffer_slice(&steps), &used);
    find_used(draft, buffer_slice(&middle), &used);
    if (destroys(draft->root))
        print_target(&middle);
    draft->counts.decide += count_given(draft, &used) + destroys(draft->root);
    print_counts(draft, into, is_stamped(steps.at));
    buffer_format(into, "runbook: %s\n", draft->name);
    print_key(into, 0, "title", draft->title, arena);
    print_about(into, draft->about);
    print_key(into, 0, "objective", draft->objective, arena);
    branch_comment(into, 0, "Two people can't do it at the same time.");
    buffer_format(into, "lock: %s\n", draft->name);
    if (draft->log != NULL)
        branch_comment(
            into, 0,
            arena_format(arena, "TODO: is this the log (line %u), one line of it a step?\nlog: %s",
                         draft->log_line, draft->log));
    print_params(draft, into, &used, false);
    print_params(draft, into, &used, true);
    buffer_add(into, middle.at, middle.length);
    buffer_text(into, "\nsteps:\n");
    buffer_add(into, steps.at, steps.length);
    buffer_free(&steps);
    buffer_free(&middle);
}
