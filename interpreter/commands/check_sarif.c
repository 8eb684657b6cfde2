/* Findings as SARIF 2.1.0 (OASIS): one run for all files, the rules from the table of diagnostics.
 * Columns are characters, as everywhere here, and SARIF is told so. */
#include "commands/check_format.h"

#include "base/arena.h"
#include "base/digest.h"
#include "commands/options.h"
#include "lang/value.h"

#include <jansson.h>
#include <string.h>

struct output {
    struct arena *arena;
    json_t *results;
    struct map seen; /* fingerprints without a count, to struct count */
};

struct count {
    size_t value;
};

/* Braces are doubled: alone they would stand for an argument (3.11.5). */
static json_t *message_json(const char *text)
{
    struct buffer plain = {0};
    for (; *text != '\0'; text++)
        buffer_add(&plain,
                   *text == '{'   ? "{{"
                   : *text == '}' ? "}}"
                                  : text,
                   *text == '{' || *text == '}' ? 2 : 1);
    json_t *json = json_pack("{s:o}", "text", json_of_text(plain.at ? plain.at : ""));
    buffer_free(&plain);
    return json;
}

/* ---- rules ---- */

static json_t *rules_json(void)
{
    json_t *rules = json_array();
    for (int code = 0; code < DIAGNOSTIC_COUNT; code++) {
        const struct diagnostic_about *about = diagnostic_about((enum diagnostic_code)code);
        json_array_append_new(
            rules, json_pack("{s:s, s:o, s:o, s:{s:s}}", "id", about->code, "shortDescription",
                             message_json(about->title), "help", message_json(about->story),
                             "defaultConfiguration", "level", severity_name(about->severity)));
    }
    return rules;
}

/* ---- places ---- */

/* PATH as a URI: relative where it lies below the current folder. */
static json_t *location_of(struct arena *arena, const char *name)
{
    const char *path = check_path(arena, name);
    struct buffer uri = {0};
    if (path[0] == '/')
        buffer_text(&uri, "file://");
    for (const char *at = path; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= '0' && byte <= '9') || strchr("-._~/", byte) != NULL;
        if (plain)
            buffer_add(&uri, at, 1);
        else
            buffer_format(&uri, "%%%02X", (unsigned)byte);
    }
    json_t *json = json_pack("{s:s}", "uri", uri.at ? uri.at : "");
    if (path[0] != '/')
        json_object_set_new(json, "uriBaseId", json_string("%SRCROOT%"));
    buffer_free(&uri);
    return json;
}

/* A file as a whole. */
static json_t *file_json(struct arena *arena, const char *name)
{
    return json_pack("{s:{s:o}}", "physicalLocation", "artifactLocation", location_of(arena, name));
}

static json_t *place_json(struct arena *arena, struct mark mark)
{
    struct mark end = mark_end(mark);
    json_t *place = file_json(arena, source_name(mark.source));
    if (source_text(mark.source).length > 0)
        json_object_set_new(json_object_get(place, "physicalLocation"), "region",
                            json_pack("{s:i, s:i, s:i, s:i}", "startLine", mark_line(mark),
                                      "startColumn", mark_column(mark), "endLine", mark_line(end),
                                      "endColumn", mark_column(end)));
    return place;
}

static json_t *related_json(struct arena *arena, const struct diagnostic *finding)
{
    json_t *related = json_array();
    for (size_t i = 0; i < finding->notes.count; i++) {
        const struct diagnostic_note *note = finding->notes.at[i];
        if (note->mark.source == NULL)
            continue;
        json_t *place = place_json(arena, note->mark);
        json_object_set_new(place, "id", json_integer((json_int_t)i));
        json_object_set_new(place, "message", message_json(note->text));
        json_array_append_new(related, place);
    }
    return related;
}

/* ---- fingerprints ---- */

/* The line that MARK begins in. */
static struct text line_of(struct mark mark)
{
    struct text text = source_text(mark.source);
    size_t start = mark.start < text.length ? mark.start : text.length;
    size_t end = start;
    while (start > 0 && text.at[start - 1] != '\n')
        start--;
    while (end < text.length && text.at[end] != '\n')
        end++;
    while (start < end && text.at[start] == ' ')
        start++;
    return (struct text){text.at + start, end - start};
}

/* What tells a finding from others also when lines move: its code, file, message, line as it is
 * written, and how many such there were before it. */
static void put_fingerprint(struct output *output, const struct diagnostic *finding, json_t *result)
{
    struct mark mark = finding->mark;
    struct text line = mark.source ? line_of(mark) : (struct text){"", 0};
    const char *key =
        arena_format(output->arena, "%s\n%s\n%s\n%.*s", diagnostic_about(finding->code)->code,
                     mark.source ? check_path(output->arena, source_name(mark.source)) : "",
                     finding->message, (int)(line.length < 4096 ? line.length : 4096), line.at);
    struct count *count = map_get(&output->seen, key);
    if (count == NULL) {
        count = arena_alloc(output->arena, sizeof *count);
        map_put(output->arena, &output->seen, key, count);
    }
    char hex[DIGEST_TEXT];
    digest_text(text_of(arena_format(output->arena, "%s\n%zu", key, count->value++)), hex);
    json_object_set_new(result, "partialFingerprints", json_pack("{s:s}", "finding/v1", hex));
}

/* ---- results ---- */

static const char *message_of(struct arena *arena, const struct diagnostic *finding)
{
    const char *message = finding->trap
                              ? arena_format(arena, "%s [%s]", finding->message, finding->trap)
                              : finding->message;
    return finding->remedy ? arena_format(arena, "%s. Remedy: %s", message, finding->remedy)
                           : message;
}

static json_t *suppression_json(struct arena *arena, struct allowance allowed)
{
    return json_pack("{s:s, s:o, s:o}", "kind", "inSource", "justification",
                     json_of_text(allowed.why), "location", place_json(arena, allowed.mark));
}

static void add_result(void *context, const struct checked_file *file,
                       const struct diagnostic *finding)
{
    struct output *output = context;
    struct arena *arena = output->arena;
    const struct diagnostic_about *about = diagnostic_about(finding->code);
    json_t *result = json_pack("{s:s, s:i, s:s, s:o}", "ruleId", about->code, "ruleIndex",
                               (int)finding->code, "level", severity_name(about->severity),
                               "message", message_json(message_of(arena, finding)));
    json_object_set_new(result, "locations",
                        json_pack("[o]", finding->mark.source != NULL
                                             ? place_json(arena, finding->mark)
                                             : file_json(arena, file->name)));
    json_t *related = related_json(arena, finding);
    if (json_array_size(related) > 0)
        json_object_set(result, "relatedLocations", related);
    json_decref(related);
    put_fingerprint(output, finding, result);
    if (finding->allowed.why != NULL)
        json_object_set_new(result, "suppressions",
                            json_pack("[o]", suppression_json(arena, finding->allowed)));
    if (finding->trap != NULL)
        json_object_set_new(result, "properties", json_pack("{s:s}", "trap", finding->trap));
    json_array_append_new(output->results, result);
}

static bool say_sarif(struct invocation *invocation, const struct checked *checked)
{
    (void)invocation;
    struct output output = {.arena = checked->arena, .results = json_array()};
    check_each(checked, false, add_result, &output);
    if (checked->shows_suppressed)
        check_each(checked, true, add_result, &output);
    json_t *driver = json_pack("{s:s, s:s, s:o}", "name", "runbook", "semanticVersion",
                               RUNBOOK_VERSION, "rules", rules_json());
    json_t *run = json_pack("{s:{s:o}, s:s, s:o}", "tool", "driver", driver, "columnKind",
                            "unicodeCodePoints", "results", output.results);
    json_t *log =
        json_pack("{s:s, s:s, s:[o]}", "$schema", "https://json.schemastore.org/sarif-2.1.0.json",
                  "version", "2.1.0", "runs", run);
    struct buffer text = {0};
    command_json(log, &text);
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    return said;
}

const struct check_format check_sarif = {"sarif", say_sarif};
