/* Findings as people read them, on standard error; whether a file is right, and on demand what
 * somebody accepts in it, on standard output. */
#include "commands/check_format.h"

#include <stdio.h>

static void add_findings(const struct list *list, bool colour, struct buffer *into)
{
    for (size_t i = 0; i < list->count; i++)
        diagnostic_print(list->at[i], colour, into);
}

static void add_verdict(const struct checked_file *file, struct buffer *into)
{
    buffer_printable(into, text_of(file->name));
    buffer_text(into, ": no errors");
    if (file->found->warnings > 0)
        buffer_text(into, ", but warnings");
    if (file->found->suppressed.count > 0)
        buffer_format(into, "; %u allowed", file->found->suppressed.count);
    buffer_text(into, "\n");
}

static bool say_file(struct invocation *invocation, const struct checked *checked,
                     const struct checked_file *file)
{
    struct buffer wrong = {0};
    struct buffer good = {0};
    add_findings(&file->found->list, invocation->colour_errors, &wrong);
    if (wrong.length > 0)
        say_error("%s", wrong.at);
    if (file->found->errors == 0)
        add_verdict(file, &good);
    if (checked->shows_suppressed)
        add_findings(&file->found->suppressed, invocation->colour, &good);
    bool said = good.length == 0 || say_out(buffer_slice(&good));
    buffer_free(&wrong);
    buffer_free(&good);
    return said;
}

static bool say_text(struct invocation *invocation, const struct checked *checked)
{
    bool said = true;
    for (size_t i = 0; i < checked->files.count; i++)
        said = say_file(invocation, checked, checked->files.at[i]) && said;
    return said;
}

const struct check_format check_text = {"text", say_text};
