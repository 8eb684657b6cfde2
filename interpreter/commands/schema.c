/* schema: the language as a JSON Schema, for editors. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/commands.h"
#include "commands/load.h"
#include "commands/options.h"
#include "lang/schema.h"

static int run(struct invocation *invocation)
{
    struct arena *arena = invocation->arena;
    struct loaded loaded = {0};
    struct list actions = load_actions(invocation, &loaded);
    bool bad = load_report(invocation, &loaded, SEVERITY_WARNING);
    struct buffer text = {0};
    command_json(schema_make(arena, &actions), &text);
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    if (!said)
        return EXIT_FAILED;
    return bad ? EXIT_INVALID : EXIT_GOOD;
}

const struct command command_schema = {
    .name = "schema",
    .arguments = "",
    .least = 0,
    .most = 0,
    .summary = "a JSON Schema of runbooks, for editors",
    .about =
        "Prints a JSON Schema (draft-07) of runbooks, monitors and libraries, with all actions\n"
        "that are there: those of the core, of the standard library, and of the `library` folder\n"
        "in the current folder (or the one of --beside). An editor with yaml-language-server\n"
        "completes and checks a file that begins with the line\n\n"
        "  # yaml-language-server: $schema=runbook.schema.json\n\n"
        "where `runbook schema >runbook.schema.json` was kept beside it. It knows the shape of a\n"
        "file; names, expressions, effects and what is destroyed are for `runbook check`.",
    .options = (const struct option *const[]){&option_beside, NULL},
    .run = run,
};
