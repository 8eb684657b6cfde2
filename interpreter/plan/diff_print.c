#include "plan/diff_print.h"

#include "base/arena.h"
#include "base/diagnostic.h"

#include <string.h>

static const struct diff_format formats[] = {
    {"text", "for people", diff_print_text},
};

const struct diff_format *diff_format_at(unsigned index)
{
    return index < sizeof formats / sizeof *formats ? &formats[index] : NULL;
}

const struct diff_format *diff_format_find(const char *name)
{
    for (unsigned i = 0; diff_format_at(i) != NULL; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

void diff_counts(const struct diff_paper *paper, size_t counts[WEIGHT_COUNT])
{
    memset(counts, 0, WEIGHT_COUNT * sizeof *counts);
    for (uint32_t i = 0; i < paper->entries.count; i++) {
        const struct diff_entry *entry = paper->entries.at[i];
        for (int weight = 0; entry->diff != NULL && weight < WEIGHT_COUNT; weight++)
            counts[weight] += entry->diff->counts[weight];
    }
}

const char *diff_headline(struct arena *arena, const size_t counts[WEIGHT_COUNT])
{
    static const char *const one[] = {"weakens safety", "destroys or changes more",
                                      "does something else", "strengthens safety", "is words only"};
    static const char *const many[] = {"weaken safety", "destroy or change more",
                                       "do something else", "strengthen safety", "are words only"};
    const char *line = NULL;
    for (int i = 0; i < WEIGHT_COUNT; i++)
        if (counts[i] > 0)
            line = arena_format(arena, "%s%s%zu %s", line ? line : "", line ? ", " : "", counts[i],
                                counts[i] == 1 ? one[i] : many[i]);
    return line ? line : "nothing is done differently";
}

const char *diff_where(struct arena *arena, const struct change *change)
{
    if (change->scope == NULL)
        return "";
    return change->used_by ? arena_format(arena, "%s, used by %s: ", change->scope, change->used_by)
                           : arena_format(arena, "%s: ", change->scope);
}

const char *diff_faults(struct arena *arena, const struct diff_side *side)
{
    const struct diagnostics *all = side->diagnostics;
    const struct diagnostic *first = NULL;
    for (uint32_t i = 0; all != NULL && i < all->list.count && first == NULL; i++) {
        const struct diagnostic *finding = all->list.at[i];
        if (diagnostic_about(finding->code)->severity == SEVERITY_ERROR)
            first = finding;
    }
    if (first == NULL)
        return NULL;
    const char *more =
        all->errors > 1 ? arena_format(arena, ", and %zu more", all->errors - 1) : "";
    return arena_format(arena, "%s, %s%s", diagnostic_about(first->code)->code, first->message,
                        more);
}
