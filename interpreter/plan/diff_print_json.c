/* The JSON format, version 1, as grammar.md tells it. Keys that have nothing to say are left out; a
 * reader ignores keys that it does not know. */
#include "plan/diff_print.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/model.h"
#include "lang/value.h"

#include <jansson.h>

struct sheet {
    struct arena *arena;
    const struct diff_paper *paper;
};

static void put_place(const struct sheet *sheet, json_t *object, const char *key, struct mark mark)
{
    json_set_text(object, key, diff_place(sheet->arena, sheet->paper, mark));
}

static json_t *counts_json(const size_t counts[WEIGHT_COUNT])
{
    json_t *json = json_object();
    for (enum weight weight = WEIGHT_WEAKENED; weight < WEIGHT_COUNT; weight++)
        json_object_set_new(json, weight_name(weight), json_integer((json_int_t)counts[weight]));
    return json;
}

static json_t *change_json(const struct sheet *sheet, const struct change *change)
{
    json_t *json = json_object();
    json_set_text(json, "weight", weight_name(change->weight));
    json_set_text(json, "kind", change_kind_name(change->kind));
    json_set_text(json, "scope", change->scope);
    json_set_text(json, "used_by", change->used_by);
    json_set_text(json, "step", change->step);
    json_set_text(json, "path", change->path);
    json_set_text(json, "says", change->says);
    json_set_text(json, "was", change->was);
    json_set_text(json, "is", change->is);
    put_place(sheet, json, "old_place", change->old);
    put_place(sheet, json, "new_place", change->new);
    return json;
}

static void put_finding(const struct sheet *sheet, json_t *json, bool new,
                        const struct diagnostic *finding)
{
    if (finding == NULL)
        return;
    json_set_text(json, new ? "is" : "was", finding->message);
    put_place(sheet, json, new ? "new_place" : "old_place", finding->mark);
}

static json_t *finding_json(const struct sheet *sheet, const struct diff_finding *finding)
{
    const struct diagnostic *one = finding->new ? finding->new : finding->old;
    const struct diagnostic_about *about = diagnostic_about(one->code);
    json_t *json = json_object();
    json_set_text(json, "code", about->code);
    json_set_text(json, "severity", severity_name(about->severity));
    put_finding(sheet, json, false, finding->old);
    put_finding(sheet, json, true, finding->new);
    return json;
}

static json_t *losses_json(const struct list *losses)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < losses->count; i++) {
        const struct diff_loss *loss = losses->at[i];
        json_t *json = json_object();
        json_set_text(json, "resource", loss->resource);
        json_set_text(json, "by", loss->by);
        json_array_append_new(list, json);
    }
    return list;
}

static bool is_valid(const struct diff_side *side)
{
    return side->diagnostics != NULL && side->diagnostics->errors == 0;
}

static json_t *entry_json(const struct sheet *sheet, const struct diff_entry *entry)
{
    const struct diff *diff = entry->diff;
    json_t *json = json_object(), *changes = json_array(), *findings = json_array();
    json_set_text(json, "old", entry->old_name);
    json_set_text(json, "new", entry->new_name);
    if (entry->old_name != NULL)
        json_object_set_new(json, "old_valid", json_boolean(is_valid(&diff->old)));
    if (entry->new_name != NULL)
        json_object_set_new(json, "new_valid", json_boolean(is_valid(&diff->new)));
    for (uint32_t i = 0; i < diff->changes.count; i++)
        json_array_append_new(changes, change_json(sheet, diff->changes.at[i]));
    for (uint32_t i = 0; i < diff->findings.count; i++)
        json_array_append_new(findings, finding_json(sheet, diff->findings.at[i]));
    json_object_set_new(json, "counts", counts_json(diff->counts));
    json_object_set_new(json, "changes", changes);
    json_object_set_new(json, "findings", findings);
    json_object_set_new(json, "destroyed", losses_json(&diff->destroyed));
    json_object_set_new(json, "spared", losses_json(&diff->spared));
    return json;
}

static int add_bytes(const char *bytes, size_t length, void *context)
{
    buffer_add(context, bytes, length);
    return 0;
}

void diff_print_json(const struct diff_paper *paper, bool colour, struct buffer *into)
{
    struct sheet sheet = {arena_new(), paper};
    size_t counts[WEIGHT_COUNT];
    json_t *json = json_object(), *entries = json_array();
    (void)colour;
    diff_counts(paper, counts);
    json_object_set_new(json, "format", json_integer(1));
    json_set_text(json, "old", paper->old_side);
    json_set_text(json, "new", paper->new_side);
    json_object_set_new(json, "compared", json_integer((json_int_t)paper->compared));
    json_object_set_new(json, "counts", counts_json(counts));
    for (uint32_t i = 0; i < paper->entries.count; i++)
        json_array_append_new(entries, entry_json(&sheet, paper->entries.at[i]));
    json_object_set_new(json, "runbooks", entries);
    json_dump_callback(json, add_bytes, into, JSON_INDENT(2));
    buffer_text(into, "\n");
    json_decref(json);
    arena_free(sheet.arena);
}
