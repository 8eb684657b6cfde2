/* ci: a ready workflow that reviews what a branch changes. Its parts are files of `ci` in the
 * standard library: a template for each forge, and the shell that goes into it. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/commands.h"
#include "commands/load.h"
#include "commands/options.h"
#include "lang/yaml.h"

#include <string.h>

/* The text of NAME in the folder, or NULL after a diagnostic. */
static const struct source *part(const char *folder, const char *name,
                                 struct diagnostics *diagnostics)
{
    const char *path = arena_format(diagnostics->arena, "%s/%s", folder, name);
    return source_read(diagnostics->arena, path, path, diagnostics);
}

/* The lines of TEXT, each behind INDENT blanks; an empty one stays empty. */
static void add_indented(struct buffer *into, struct text text, size_t indent)
{
    while (text.length > 0) {
        const char *newline = memchr(text.at, '\n', text.length);
        size_t length = newline ? (size_t)(newline - text.at) : text.length;
        if (length > 0)
            buffer_format(into, "%*s", (int)indent, "");
        buffer_add(into, text.at, length);
        buffer_text(into, "\n");
        length += newline != NULL;
        text = (struct text){text.at + length, text.length - length};
    }
}

/* The name in a line that is blanks and `@NAME@`, in ARENA; else NULL. */
static const char *placeholder(struct arena *arena, struct text line, size_t *indent)
{
    *indent = 0;
    while (*indent < line.length && line.at[*indent] == ' ')
        (*indent)++;
    const char *at = line.at + *indent;
    size_t length = line.length - *indent;
    return length > 2 && at[0] == '@' && at[length - 1] == '@'
               ? arena_copy(arena, at + 1, length - 2)
               : NULL;
}

static bool fill(const char *folder, struct text text, struct diagnostics *diagnostics,
                 struct buffer *into)
{
    while (text.length > 0) {
        const char *newline = memchr(text.at, '\n', text.length);
        struct text line = {text.at, newline ? (size_t)(newline - text.at) : text.length};
        size_t indent = 0, length = line.length + (newline != NULL);
        const char *name = placeholder(diagnostics->arena, line, &indent);
        const struct source *source = name ? part(folder, name, diagnostics) : NULL;
        if (name != NULL && source == NULL)
            return false;
        if (name != NULL)
            add_indented(into, source_text(source), indent);
        else
            buffer_add(into, text.at, length);
        text = (struct text){text.at + length, text.length - length};
    }
    return true;
}

static int run(struct invocation *invocation)
{
    static const char *const forges[] = {"github", "gitlab"};
    struct loaded loaded = {0};
    struct diagnostics diagnostics = {.arena = invocation->arena};
    const char *forge = invocation->arguments.at[0];
    if (strcmp(forge, forges[0]) != 0 && strcmp(forge, forges[1]) != 0) {
        say_error("runbook ci: error RB601: there is no workflow for '%s'\n"
                  "  = remedy: there are github and gitlab\n",
                  forge);
        return EXIT_USAGE;
    }
    const char *folder = load_ci(invocation->arena);
    const struct source *template =
        part(folder, arena_format(invocation->arena, "%s.yml", forge), &diagnostics);
    struct buffer text = {0};
    bool good = template && fill(folder, source_text(template), &diagnostics, &text);
    loaded.diagnostics = &diagnostics;
    bool said = good && say_out(buffer_slice(&text));
    buffer_free(&text);
    if (!good)
        load_report(invocation, &loaded, SEVERITY_ERROR);
    return said ? EXIT_GOOD : EXIT_FAILED;
}

const struct command command_ci = {
    .name = "ci",
    .arguments = "github|gitlab",
    .least = 1,
    .most = 1,
    .summary = "a workflow that reviews the runbooks that a branch changes",
    .about =
        "Prints a ready workflow for pull requests of GitHub, or merge requests of GitLab. It\n"
        "checks the runbooks that the branch changes, those beside a library that it changes, and\n"
        "those that name a changed one; findings stand beside the lines, and go to code scanning\n"
        "as SARIF or to GitLab's code quality. One comment, which is updated, tells what would be\n"
        "done differently, and the plan of each. An error fails it.\n\n"
        "  runbook ci github >.github/workflows/runbook.yml\n"
        "  runbook ci gitlab >.gitlab-ci.yml\n\n"
        "Where a release of runbook is to be had is to be filled in. Nothing of a runbook is run,\n"
        "and the comment alone wants a right to write; where it is not given, as to the branch of "
        "a\n"
        "fork, there is no comment, and the rest is done.",
    .options = NULL,
    .run = run,
};
