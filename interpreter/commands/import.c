/* import: a written procedure as a draft runbook. Reads one file, writes another; runs nothing. */
#include "base/arena.h"
#include "commands/command.h"
#include "commands/commands.h"
#include "base/diagnostic.h"
#include "base/path.h"
#include "commands/load.h"
#include "draft/draft.h"
#include "lang/trap.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { DOCUMENT_LIMIT = 16 * 1024 * 1024 }; /* bytes: what is larger was written by no person */

static const struct option option_section = {"section", "TEXT", false,
                                             "the section with this heading alone"};
static const struct option option_to = {
    "output", "PATH", false, "where the draft is written; one that is there is not replaced"};
static const struct option option_force = {"force", NULL, false, "replace the file of --output"};

static int refuse(const char *file, const char *what, const char *remedy)
{
    struct buffer name = {0};
    buffer_printable(&name, text_of(file));
    say_error("%s: error RB001: %s\n  = remedy: %s\n", name.at ? name.at : "", what, remedy);
    buffer_free(&name);
    return EXIT_INVALID;
}

static int no_section(const char *file, const char *section, const struct buffer *list)
{
    struct buffer text = {0};
    buffer_printable(&text, text_of(section));
    say_error("%s: error RB601: there is no section '%s'\n  = remedy: it has these:\n%s", file,
              text.at, list->at ? list->at : "");
    buffer_free(&text);
    return EXIT_USAGE;
}

static int deliver(struct invocation *invocation, const struct buffer *draft)
{
    const char *to = option_value(invocation, &option_to);
    bool force = option_value(invocation, &option_force) != NULL;
    struct failure failure = {0};
    if (to == NULL)
        return say_out(buffer_slice(draft)) ? EXIT_GOOD : EXIT_FAILED;
    if (file_replace(AT_FDCWD, to, buffer_slice(draft), 0644, force ? FILE_FOLLOW : FILE_NO_CLOBBER,
                     &failure))
        return EXIT_GOOD;
    say_error("runbook import: error RB001: the draft can't be written: %s\n  = remedy: %s\n",
              failure.text,
              failure.error == EEXIST ? "name another --output, or replace it with --force"
                                      : "name another --output");
    return failure.error == EEXIST ? EXIT_USAGE : EXIT_FAILED;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static int made(struct invocation *invocation, const char *file, const struct buffer *draft,
                const struct draft_counts *counts)
{
    int code = deliver(invocation, draft);
    if (code == EXIT_GOOD)
        say_error(
            "%s: %zu command%s (%zu exec, %zu shell, %zu http, %zu sql, %zu of the library, %zu of "
            "the core), %zu trap%s, %zu to decide\n",
            file, counts->commands, plural(counts->commands), counts->exec, counts->shell,
            counts->http, counts->sql, counts->library, counts->core, counts->traps,
            plural(counts->traps), counts->decide);
    return code;
}

/* ---- traps ---- */

struct finding {
    draft_trap_found *found;
    void *context;
};

static void tell_trap(void *context, const struct trap *trap, struct text where)
{
    const struct finding *finding = context;
    struct draft_trap one = {diagnostic_about(trap->code)->code, trap->id, trap->message,
                             trap->remedy};
    (void)where;
    finding->found(finding->context, &one);
}

/* The document's line is what a person would type: it falls into whatever there is. */
static void find_traps(void *context, struct text command, bool script, bool check,
                       draft_trap_found *found, void *found_context)
{
    struct finding finding = {found, found_context};
    traps_match(context, command, TRAP_EXEC | (script ? TRAP_SHELL : 0) | (check ? TRAP_CHECK : 0),
                tell_trap, &finding);
}

static int run(struct invocation *invocation)
{
    const char *file = invocation->arguments.at[0];
    struct buffer document = {0}, draft = {0};
    struct draft_counts counts = {0};
    struct failure failure = {0};
    int code = EXIT_INVALID;
    if (!file_read(AT_FDCWD, file, DOCUMENT_LIMIT, &document, &failure)) {
        code = refuse(file, failure.text, "name a plain file of at most 16 MiB, in Markdown");
        buffer_free(&document);
        return code;
    }
    const char *section = option_value(invocation, &option_section);
    struct diagnostics findings = {.arena = invocation->arena};
    const struct traps *traps =
        load_traps(invocation->arena, path_folder(invocation->arena, file), &findings);
    struct draft_request request = {.file = file,
                                    .document = buffer_slice(&document),
                                    .section = section,
                                    .find_traps = find_traps,
                                    .find_context = (void *)(uintptr_t)traps};
    switch (draft_make(invocation->arena, &request, &draft, &counts)) {
    case DRAFT_MADE:
        code = made(invocation, file, &draft, &counts);
        break;
    case DRAFT_NO_COMMAND:
        code = refuse(file,
                      counts.commands > 0
                          ? "no command in it does anything: they set variables, or say something"
                          : "there is no command in it",
                      "commands stand in fenced blocks that say ```bash, ```sh or ```console");
        break;
    case DRAFT_NO_SECTION:
        code = no_section(file, section, &draft);
        break;
    case DRAFT_TOO_LARGE:
        code = refuse(file, "it has more than 10,000 commands",
                      "import its sections one by one: --section");
        break;
    }
    buffer_free(&document);
    buffer_free(&draft);
    return code;
}

const struct command command_import = {
    .name = "import",
    .arguments = "DOCUMENT",
    .least = 1,
    .most = 1,
    .summary = "a written procedure as a draft runbook",
    .about =
        "Makes a draft of a document: headings become groups, commands steps, in their order. A "
        "plain\n"
        "command becomes an action of the library or `exec`, anything else `shell`, word for "
        "word;\n"
        "above each stands the line that it was made of. Blanks and variables become params. What "
        "the\n"
        "document leaves open is marked TODO, what goes wrong when it is run as it stands: trap.\n"
        "Nothing is run. The draft can always be read; `runbook check` tells what is left to do.\n"
        "\n"
        "  runbook import rollback.md --section 'Level 2' --output level2.yaml\n"
        "  runbook check level2.yaml",
    .options = (const struct option *const[]){&option_section, &option_to, &option_force, NULL},
    .run = run,
};
