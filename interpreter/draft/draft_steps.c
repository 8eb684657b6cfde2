/* Steps of a draft. */
#include "draft/draft_own.h"

#include "base/arena.h"
#include "draft/names.h"

#include <stdarg.h>
#include <string.h>

struct draft_step *draft_step_new(struct draft *draft)
{
    struct draft_step *step = arena_alloc(draft->arena, sizeof *step);
    step->id = "";
    step->effect = DRAFT_CHANGES;
    step->keys = branch_map(draft->arena);
    step->line = draft->line;
    return step;
}

void draft_note(struct draft *draft, struct draft_step *step, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    list_add(draft->arena, &step->notes, arena_format_list(draft->arena, format, arguments));
    va_end(arguments);
}

void draft_todo(struct draft *draft, struct draft_step *step, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_format_list(draft->arena, format, arguments);
    va_end(arguments);
    draft->counts.decide++;
    draft_note(draft, step, "TODO: %s", text);
}

void draft_trap(struct draft *draft, struct draft_step *step, const char *id, const char *format,
                ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_format_list(draft->arena, format, arguments);
    va_end(arguments);
    draft->counts.traps++;
    draft_note(draft, step, "trap (%s): %s", id, text);
}

void draft_step_add(struct draft *draft, struct draft_step *step)
{
    struct draft_step *group = draft->group;
    if (step->role != ROLE_NOTE)
        step->id = name_unique(draft->arena, &group->taken, step->id, "step");
    step->outer = group;
    list_add(draft->arena, &group->inner, step);
}

void draft_key(struct draft *draft, struct draft_step *step, const char *key, const char *value)
{
    branch_put(draft->arena, step->keys, key, branch_text(draft->arena, value));
}
