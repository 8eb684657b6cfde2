/* Findings as one object; grammar.md has its form. Members are added, never changed: what changes
 * is another `format`. */
#include "commands/check_format.h"

#include "commands/options.h"
#include "lang/value.h"

#include <jansson.h>

static void put_place(json_t *object, struct mark mark)
{
    if (mark.source == NULL)
        return;
    json_object_set_new(object, "file", json_of_text(source_name(mark.source)));
    json_object_set_new(object, "line", json_integer(mark_line(mark)));
    json_object_set_new(object, "column", json_integer(mark_column(mark)));
    json_object_set_new(object, "end_line", json_integer(mark_line(mark_end(mark))));
    json_object_set_new(object, "end_column", json_integer(mark_column(mark_end(mark))));
}

static json_t *place_and(struct mark mark, const char *key, const char *text)
{
    json_t *json = json_object();
    put_place(json, mark);
    json_object_set_new(json, key, json_of_text(text));
    return json;
}

static json_t *finding_json(const struct diagnostic *finding)
{
    const struct diagnostic_about *about = diagnostic_about(finding->code);
    json_t *json =
        json_pack("{s:s, s:s}", "code", about->code, "severity", severity_name(about->severity));
    json_t *notes = json_array();
    put_place(json, finding->mark);
    json_object_set_new(json, "message", json_of_text(finding->message));
    json_set_text(json, "remedy", finding->remedy);
    json_set_text(json, "trap", finding->trap);
    for (size_t i = 0; i < finding->notes.count; i++) {
        const struct diagnostic_note *note = finding->notes.at[i];
        json_array_append_new(notes, place_and(note->mark, "text", note->text));
    }
    if (json_array_size(notes) > 0)
        json_object_set(json, "notes", notes);
    json_decref(notes);
    if (finding->allowed.why != NULL)
        json_object_set_new(json, "allowed",
                            place_and(finding->allowed.mark, "why", finding->allowed.why));
    return json;
}

static void add_finding(void *list, const struct checked_file *file,
                        const struct diagnostic *finding)
{
    (void)file;
    json_array_append_new(list, finding_json(finding));
}

static json_t *file_json(const struct checked_file *file)
{
    return json_pack("{s:o, s:I, s:I, s:I}", "file", json_of_text(file->name), "errors",
                     (json_int_t)file->found->errors, "warnings", (json_int_t)file->found->warnings,
                     "suppressed", (json_int_t)file->found->suppressed.count);
}

static bool say_json(struct invocation *invocation, const struct checked *checked)
{
    (void)invocation;
    json_t *files = json_array();
    json_t *findings = json_array();
    for (size_t i = 0; i < checked->files.count; i++)
        json_array_append_new(files, file_json(checked->files.at[i]));
    check_each(checked, false, add_finding, findings);
    json_t *all = json_pack("{s:i, s:o, s:o}", "format", 1, "files", files, "findings", findings);
    if (checked->shows_suppressed) {
        json_t *suppressed = json_array();
        check_each(checked, true, add_finding, suppressed);
        json_object_set_new(all, "suppressed", suppressed);
    }
    struct buffer text = {0};
    command_json(all, &text);
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    return said;
}

const struct check_format check_json = {"json", say_json};
