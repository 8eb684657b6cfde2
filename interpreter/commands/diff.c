/* diff: what would be done differently by a changed runbook: two files, or all that a branch
 * changes. Reads and compares; runs nothing but git. */
#include "plan/diff.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/commands.h"
#include "commands/load.h"
#include "commands/options.h"
#include "commands/revision.h"
#include "lang/model.h"
#include "plan/diff_print.h"
#include "plan/params.h"
#include "plan/plan.h"
#include "plan/prove.h"
#include "sys/file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static const struct option option_diff_format = {
    "format", "text|markdown|json", false,
    "how it is written; markdown is a comment under a pull request"};
static const struct option option_git = {
    "git", "REF", false, "all that changed since git's REF, or from A to B of A..B"};
static const struct option option_stdlib = {
    "stdlib", "FOLDER", false,
    "with --git: the repository's FOLDER is its standard library, at each side its own"};

/* What was asked for. */
struct request {
    struct invocation *invocation;
    const struct diff_format *format;
    struct diff_paper paper;
    struct revisions revisions; /* with --git */
    struct map apart;           /* names of the sources that are compared by themselves */
    bool invalid;               /* something of the new side that differs has errors */
};

/* ---- one side ---- */

/* Those of --param that name params of RUNBOOK: each side has its own. */
static const char *const *own_params(struct invocation *invocation, const struct runbook *runbook)
{
    const char *const *typed = option_values(invocation, &option_param);
    struct list own = {0};
    for (; *typed != NULL; typed++) {
        const char *name = arena_copy(invocation->arena, *typed, strcspn(*typed, "="));
        if (map_get(&runbook->params, name) != NULL)
            list_add(invocation->arena, &own, (void *)(uintptr_t)*typed);
    }
    list_add(invocation->arena, &own, NULL);
    return (const char *const *)own.at;
}

static const struct plan *plan_of(struct invocation *invocation, const struct loaded *loaded)
{
    struct arena *arena = invocation->arena;
    struct diagnostics *diagnostics = loaded->diagnostics;
    const struct value *params = NULL;
    struct params_given given = {.typed = own_params(invocation, loaded->runbook), .open = true};
    if (given.typed[0] != NULL)
        params = params_read(arena, loaded->runbook, &given, diagnostics);
    const struct plan *plan =
        diagnostics->errors == 0 ? plan_make(arena, loaded->runbook, params, diagnostics) : NULL;
    if (plan != NULL)
        plan_prove(plan, diagnostics);
    return diagnostics->errors == 0 ? plan : NULL;
}

static struct diff_side side_of(struct invocation *invocation, const struct loaded *loaded)
{
    struct diff_side side = {.runbook = loaded->runbook, .diagnostics = loaded->diagnostics};
    if (side.runbook != NULL && side.diagnostics->errors == 0)
        side.plan = plan_of(invocation, loaded);
    if (side.runbook == NULL)
        side.runbook = load_outline(invocation, loaded);
    diagnostics_sort(side.diagnostics);
    return side;
}

/* ---- a pair; either may be missing ---- */

static void compare(struct request *request, const struct loaded *old, const struct loaded *new)
{
    struct arena *arena = request->invocation->arena;
    struct diff_entry *entry = arena_alloc(arena, sizeof *entry);
    struct diff_side before = {0}, now = {0};
    if (old != NULL) {
        before = side_of(request->invocation, old);
        entry->old_name = old->file;
    }
    if (new != NULL) {
        now = side_of(request->invocation, new);
        entry->new_name = new->file;
    }
    request->paper.compared++;
    entry->diff = diff_make(arena, &before, &now, &request->apart);
    bool lone = old == NULL || new == NULL;
    if (!lone && diff_empty(entry->diff))
        return;
    request->invalid = request->invalid || (now.diagnostics != NULL && now.diagnostics->errors > 0);
    list_add(arena, &request->paper.entries, entry);
}

/* ---- two files ---- */

static int compare_files(struct request *request)
{
    struct invocation *invocation = request->invocation;
    const char *const *names = (const char *const *)invocation->arguments.at;
    if (invocation->arguments.count != 2) {
        say_error("runbook diff: error RB601: two files are compared\n"
                  "  = remedy: usage: runbook diff OLD NEW, or runbook diff --git REF [PATH…]\n");
        return EXIT_USAGE;
    }
    struct loaded old = load_runbook(invocation, names[0]);
    struct loaded new = load_runbook(invocation, names[1]);
    request->paper.old_side = names[0];
    request->paper.new_side = names[1];
    compare(request, &old, &new);
    return EXIT_GOOD;
}

/* ---- two revisions ---- */

/* Is a key that makes a file a runbook or a monitor at the start of one of its lines? */
static bool has_key(struct text text, const char *key)
{
    size_t length = strlen(key);
    for (size_t at = 0; at + length < text.length; at++) {
        bool start = at == 0 || text.at[at - 1] == '\n';
        if (start && strncmp(text.at + at, key, length) == 0)
            return true;
    }
    return false;
}

static bool is_runbook(const char *path)
{
    enum { LARGEST = 64 << 20 };
    struct buffer text = {0};
    struct failure failure;
    bool is =
        file_read(AT_FDCWD, path, LARGEST, &text, &failure) && text.at != NULL &&
        (has_key(buffer_slice(&text), "runbook:") || has_key(buffer_slice(&text), "monitor:"));
    buffer_free(&text);
    return is;
}

static struct loaded load_side(struct request *request, const struct revision *revision,
                               const char *path)
{
    struct arena *arena = request->invocation->arena;
    const char *stdlib = option_value(request->invocation, &option_stdlib);
    const char *shown = revision->commit && revision == &request->revisions.old
                            ? arena_format(arena, "%s:%s", revision->name, path)
                            : path;
    return load_revision(request->invocation, arena_format(arena, "%s/%s", revision->folder, path),
                         shown,
                         stdlib ? arena_format(arena, "%s/%s", revision->folder, stdlib) : NULL);
}

/* The runbooks of REVISION that were asked for: path to struct loaded. */
static struct map load_all(struct request *request, const struct revision *revision)
{
    struct arena *arena = request->invocation->arena;
    struct map all = {0};
    for (uint32_t i = 0; i < revision->files.count; i++) {
        const char *path = revision->files.at[i];
        if (!revisions_within(&request->revisions, path) ||
            !is_runbook(arena_format(arena, "%s/%s", revision->folder, path)))
            continue;
        struct loaded *loaded = arena_alloc(arena, sizeof *loaded);
        *loaded = load_side(request, revision, path);
        map_put(arena, &all, path, loaded);
    }
    return all;
}

/* One that is gone, and is what NEW is called now; NULL: none. */
static const struct loaded *find_renamed(const struct map *old, const struct map *new,
                                         const struct loaded *loaded)
{
    for (uint32_t i = 0; loaded->runbook != NULL && i < old->count; i++) {
        const struct loaded *before = old->at[i].value;
        if (map_get(new, old->at[i].key) == NULL && before->runbook != NULL &&
            strcmp(before->runbook->name, loaded->runbook->name) == 0)
            return before;
    }
    return NULL;
}

static void compare_all(struct request *request)
{
    struct arena *arena = request->invocation->arena;
    struct map old = load_all(request, &request->revisions.old);
    struct map new = load_all(request, &request->revisions.new);
    struct map matched = {0};
    request->apart = new;
    for (uint32_t i = 0; i < new.count; i++) {
        const struct loaded *now = new.at[i].value, *before = map_get(&old, new.at[i].key);
        if (before == NULL)
            before = find_renamed(&old, &new, now);
        if (before != NULL)
            map_put(arena, &matched, before->path, (void *)(uintptr_t)before);
        compare(request, before, now);
    }
    for (uint32_t i = 0; i < old.count; i++) {
        const struct loaded *before = old.at[i].value;
        if (map_get(&matched, before->path) == NULL)
            compare(request, before, NULL);
    }
}

static int compare_revisions(struct request *request, const char *spec)
{
    struct failure failure = {0};
    struct revisions *revisions = &request->revisions;
    struct arena *arena = request->invocation->arena;
    int code = EXIT_GOOD;
    if (revisions_open(arena, spec, &request->invocation->arguments, revisions, &failure)) {
        request->paper.old_side = revisions->old.name;
        request->paper.new_side = revisions->new.name;
        request->paper.old_root = revisions->old.folder;
        request->paper.new_root = revisions->new.folder;
        compare_all(request);
    } else {
        say_error("runbook diff: error RB601: %s\n", failure.text);
        code = EXIT_USAGE;
    }
    revisions_close(revisions);
    return code;
}

/* ---- the command ---- */

static int print(struct request *request)
{
    struct buffer text = {0};
    request->format->print(&request->paper, request->invocation->colour, &text);
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    if (!said)
        return EXIT_FAILED;
    return request->invalid ? EXIT_INVALID : EXIT_GOOD;
}

static int run(struct invocation *invocation)
{
    struct request request = {.invocation = invocation};
    const char *name = option_value(invocation, &option_diff_format);
    const char *spec = option_value(invocation, &option_git);
    request.format = diff_format_find(name ? name : "text");
    if (request.format == NULL || (spec == NULL && option_value(invocation, &option_stdlib))) {
        say_error(request.format ? "runbook diff: error RB601: --stdlib goes with --git\n"
                                 : "runbook diff: error RB601: there is no format '%s'\n"
                                   "  = remedy: text, markdown or json\n",
                  name);
        return EXIT_USAGE;
    }
    int code = spec ? compare_revisions(&request, spec) : compare_files(&request);
    return code == EXIT_GOOD ? print(&request) : code;
}

const struct command command_diff = {
    .name = "diff",
    .arguments = "OLD NEW",
    .least = 0,
    .most = 1000,
    .summary = "what a changed runbook would do differently",
    .about =
        "Compares two runbooks by what they mean, never by text: steps that are new, gone, moved "
        "or now\n"
        "side by side, limits, checks, effects, commands word by word, and what the checker says "
        "of one\n"
        "side alone. What weakens safety stands first. Params that are not given stay open.\n"
        "\n"
        "  runbook diff level1.yaml changed.yaml\n"
        "  runbook diff --git main runbooks/      what the work tree changed since main\n"
        "  runbook diff --git v1..v2              what v2 does differently than v1\n"
        "  runbook diff --git v1...topic          what topic changed since it left v1\n"
        "\n"
        "With --git, files and folders say where to look for runbooks and monitors; libraries "
        "and what\n"
        "is called are part of the comparison, wherever they lie. Exit code 0 whether or not they "
        "differ;\n"
        "3 when what is new has errors (it is compared all the same, as far as it can be read).",
    .options = (const struct option *const[]){&option_git, &option_stdlib, &option_param,
                                              &option_diff_format, NULL},
    .run = run,
};
