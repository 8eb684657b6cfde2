/* Findings as the workflow commands of GitHub Actions, a line each: they show as annotations beside
 * the lines of a pull request. */
#include "commands/check_format.h"

#include <string.h>

struct output {
    struct arena *arena;
    struct buffer text;
};

/* TEXT with what would end the message, or in a PROPERTY the property, written as %XX. */
static void add_escaped(struct buffer *into, const char *text, bool property)
{
    for (; *text != '\0'; text++)
        if (strchr(property ? "%\r\n:," : "%\r\n", *text) != NULL)
            buffer_format(into, "%%%02X", (unsigned)(unsigned char)*text);
        else
            buffer_add(into, text, 1);
}

static void add_place(struct output *output, const struct checked_file *file, struct mark mark)
{
    struct buffer *into = &output->text;
    struct mark end = mark_end(mark);
    buffer_text(into, "file=");
    add_escaped(
        into, check_path(output->arena, mark.source ? source_name(mark.source) : file->name), true);
    buffer_text(into, ",");
    if (mark.source == NULL)
        return;
    buffer_format(into, "line=%u,endLine=%u,col=%u,", mark_line(mark), mark_line(end),
                  mark_column(mark));
    /* The last column itself; it may be said of one line alone. */
    if (mark_line(end) == mark_line(mark) && mark.end > mark.start)
        buffer_format(into, "endColumn=%u,", mark_column(end) - 1);
}

static void add_message(struct output *output, const struct diagnostic *finding)
{
    struct buffer *into = &output->text;
    add_escaped(into, finding->message, false);
    if (finding->trap != NULL)
        buffer_format(into, " [%s]", finding->trap);
    if (finding->allowed.why != NULL) {
        buffer_text(into, "%0Aallowed: ");
        add_escaped(into, finding->allowed.why, false);
    } else if (finding->remedy != NULL) {
        buffer_text(into, "%0Aremedy: ");
        add_escaped(into, finding->remedy, false);
    }
    for (size_t i = 0; i < finding->notes.count; i++) {
        const struct diagnostic_note *note = finding->notes.at[i];
        buffer_text(into, "%0A");
        if (note->mark.source != NULL) {
            add_escaped(into, check_path(output->arena, source_name(note->mark.source)), false);
            buffer_format(into, ":%u: ", mark_line(note->mark));
        }
        add_escaped(into, note->text, false);
    }
}

static void add_finding(void *context, const struct checked_file *file,
                        const struct diagnostic *finding)
{
    static const char *const commands[] = {"notice", "warning", "error"};
    struct output *output = context;
    const struct diagnostic_about *about = diagnostic_about(finding->code);
    bool allowed = finding->allowed.why != NULL;
    buffer_format(&output->text, "::%s ", commands[allowed ? SEVERITY_NOTE : about->severity]);
    add_place(output, file, finding->mark);
    buffer_format(&output->text, "title=%s::", about->code);
    add_message(output, finding);
    buffer_text(&output->text, "\n");
}

static bool say_github(struct invocation *invocation, const struct checked *checked)
{
    (void)invocation;
    struct output output = {.arena = checked->arena};
    check_each(checked, false, add_finding, &output);
    if (checked->shows_suppressed)
        check_each(checked, true, add_finding, &output);
    bool said = output.text.length == 0 || say_out(buffer_slice(&output.text));
    buffer_free(&output.text);
    return said;
}

const struct check_format check_github = {"github", say_github};
