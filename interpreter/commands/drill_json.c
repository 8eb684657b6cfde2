#include "commands/drill.h"
#include "commands/options.h"
#include "lang/value.h"

#include <jansson.h>

static const char *const faults[DRILL_FAULTS] = {
    [DRILL_NONE] = "none",
    [DRILL_FAILS] = "fails",
    [DRILL_TIMES_OUT] = "times_out",
    [DRILL_CRASHES] = "crashes",
};
static const char *const grades[DRILL_GRADES] = {
    [DRILL_DESTROYED] = "destroyed", [DRILL_DOUBT] = "in_doubt",      [DRILL_OWED] = "owed",
    [DRILL_CHANGED] = "changed",     [DRILL_AS_IT_WAS] = "as_it_was", [DRILL_GOES_ON] = "goes_on",
};

static json_t *names(const struct list *list)
{
    json_t *json = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(json, json_of_text(list->at[i]));
    return json;
}

static json_t *losses(const struct list *list)
{
    json_t *json = json_array();
    for (size_t i = 0; i < list->count; i++) {
        const struct drill_loss *loss = list->at[i];
        json_t *one = json_object();
        json_set_text(one, "resource", loss->resource);
        json_set_text(one, "by", loss->by);
        json_set_text(one, "copy", loss->copy);
        json_object_set_new(one, "undo", json_boolean(loss->undoable));
        json_array_append_new(json, one);
    }
    return json;
}

static json_t *questions(const struct list *list)
{
    json_t *json = json_array();
    for (size_t i = 0; i < list->count; i++) {
        const struct drill_question *question = list->at[i];
        json_t *one = json_object();
        json_set_text(one, "step", question->step);
        json_set_text(one, "ask", question->ask);
        json_array_append_new(json, one);
    }
    return json;
}

static json_t *fate(const struct drill_fate *fate)
{
    json_t *json = json_object();
    json_set_text(json, "leaves", grades[fate->grade]);
    json_set_text(json, "result", fate->result);
    json_object_set_new(json, "exit", json_integer(fate->exit));
    json_set_text(json, "reason", fate->reason);
    json_set_text(json, "settled", fate->settled);
    json_set_text(json, "state", fate->life);
    json_object_set_new(json, "tries", json_integer(fate->tries));
    json_object_set_new(json, "destroyed", losses(&fate->losses));
    json_object_set_new(json, "changed", names(&fate->changed));
    json_set_text(json, "half_done", fate->half);
    json_object_set_new(json, "taken_back", names(&fate->taken_back));
    json_object_set_new(json, "given_back", names(&fate->given_back));
    json_object_set_new(json, "owed", names(&fate->owed));
    json_object_set_new(json, "on_failure", names(&fate->handlers));
    json_object_set_new(json, "tolerated", names(&fate->tolerated));
    json_object_set_new(json, "asked", questions(&fate->asked));
    return json;
}

static json_t *row_json(const struct drill_row *row)
{
    json_t *json = json_object();
    json_set_text(json, "step", row->step);
    json_set_text(json, "at", row->at);
    json_set_text(json, "fault", faults[row->fault]);
    json_set_text(json, "leaves", grades[row->grade]);
    json_object_set_new(json, "then", fate(row->fate));
    if (row->happened != NULL)
        json_object_set_new(json, "then_if_it_happened", fate(row->happened));
    return json;
}

void drill_json(const struct drill_found *found, struct buffer *into)
{
    json_t *json = json_object(), *rows = json_array();
    json_set_text(json, "runbook", found->runbook);
    json_set_text(json, "file", found->file);
    json_object_set_new(json, "actions", json_integer((json_int_t)found->steps));
    json_object_set_new(json, "without_a_fault", fate(found->well));
    json_object_set_new(json, "taken_as_true", names(&found->taken));
    json_object_set_new(json, "skipped", names(&found->skipped));
    for (size_t i = 0; i < found->rows.count; i++)
        json_array_append_new(rows, row_json(found->rows.at[i]));
    json_object_set_new(json, "faults", rows);
    command_json(json, into);
}
