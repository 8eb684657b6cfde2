#include "plan/diff_print.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/model.h"

#include <string.h>

static const struct diff_format formats[] = {
    {"text", "for people", diff_print_text},
    {"markdown", "for the comment of a pull request", diff_print_markdown},
    {"json", "for programs: one object, \"format\": 1", diff_print_json},
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
    return change->scope && change->used_by
               ? arena_format(arena, "%s, used by %s", change->scope, change->used_by)
               : change->scope;
}

static const char *below(const char *name, const char *root)
{
    size_t length = root ? strlen(root) : 0;
    return length > 0 && strncmp(name, root, length) == 0 && name[length] == '/' ? name + length + 1
                                                                                 : NULL;
}

const char *diff_place(struct arena *arena, const struct diff_paper *paper, struct mark mark)
{
    if (mark.source == NULL)
        return NULL;
    const char *name = source_name(mark.source);
    const char *old = below(name, paper->old_root), *new = below(name, paper->new_root);
    if (old != NULL)
        name = arena_format(arena, "%s:%s", paper->old_side, old);
    return arena_format(arena, "%s:%u", new ? new : name, mark_line(mark));
}

bool diff_proved(const struct diff *diff)
{
    bool faulty = (diff->old.diagnostics && diff->old.diagnostics->errors > 0) ||
                  (diff->new.diagnostics && diff->new.diagnostics->errors > 0);
    bool done_differently = diff->changes.count > diff->counts[WEIGHT_WORDS];
    return faulty || (done_differently && diff->accounted > 0) ||
           diff->findings.count + diff->destroyed.count + diff->spared.count > 0;
}

const char *diff_lone(struct arena *arena, const struct diff_entry *entry)
{
    const struct runbook *old = entry->diff->old.runbook, *new = entry->diff->new.runbook;
    const struct runbook *one = new ? new : old;
    if (old != NULL && new != NULL)
        return NULL;
    if (entry->old_name != NULL && entry->new_name != NULL)
        return new ? "the old one can't be read: nothing is compared"
                   : "the new one can't be read: nothing is compared";
    const char *how = entry->new_name ? "new" : "removed";
    if (one == NULL)
        return arena_format(arena, "%s, and can't be read", how);
    unsigned count = one->steps ? one->steps->order.count : 0;
    return arena_format(arena, "%s: a %s of %u step%s", how, one->monitor ? "monitor" : "runbook",
                        count, count == 1 ? "" : "s");
}

const char *diff_proof(struct arena *arena, const struct diff *diff)
{
    if (diff->accounted == 0 || diff->new.plan == NULL)
        return NULL;
    return arena_format(arena,
                        "RB201 holds: what it destroys (%zu) was protected before, on every path, "
                        "or its loss is accepted",
                        diff->accounted);
}

static bool is_told(const struct diff *diff, const struct diagnostic *finding)
{
    for (uint32_t i = 0; i < diff->findings.count; i++) {
        const struct diff_finding *told = diff->findings.at[i];
        if (told->old == finding || told->new == finding)
            return true;
    }
    return false;
}

const char *diff_fault(struct arena *arena, const struct diff *diff, bool new)
{
    const struct diagnostics *all = new ? diff->new.diagnostics : diff->old.diagnostics;
    if (all == NULL || all->errors == 0)
        return NULL;
    for (uint32_t i = 0; i < all->list.count; i++) {
        const struct diagnostic *finding = all->list.at[i];
        const struct diagnostic_about *about = diagnostic_about(finding->code);
        if (about->severity == SEVERITY_ERROR && !is_told(diff, finding))
            return arena_format(arena, ": %s, %s", about->code, finding->message);
    }
    return "";
}
