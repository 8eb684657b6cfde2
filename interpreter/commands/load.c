#include "commands/load.h"

#include "actions/actions.h"
#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/path.h"
#include "commands/options.h"
#include "engine/fetch.h"
#include "lang/catalog.h"
#include "lang/model.h"
#include "lang/runbook.h"
#include "lang/secret.h"
#include "lang/trap.h"
#include "lang/yaml.h"
#include "plan/params.h"
#include "plan/plan.h"
#include "plan/prove.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- where things are ---- */

const char *load_path(struct arena *arena, const struct loaded *loaded, const char *path)
{
    return path[0] == '/' ? path : arena_format(arena, "%s/%s", loaded->folder, path);
}

const char *load_program(struct arena *arena)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    return length > 0 ? arena_copy(arena, path, (size_t)length) : "/usr/local/bin/runbook";
}

/* The folder of this program: what belongs to it is found from there, so that an installed tree can
 * be moved, and the built one needs no installing. */
static const char *program_folder(struct arena *arena)
{
    const char *path = load_program(arena);
    const char *slash = strrchr(path, '/');
    return arena_copy(arena, path, slash ? (size_t)(slash - path) : 0);
}

static const char *first_there(struct arena *arena, const char *const *relative)
{
    const char *folder = program_folder(arena);
    const char *path = NULL;
    for (size_t i = 0; relative[i] != NULL; i++) {
        path = arena_format(arena, "%s/%s", folder, relative[i]);
        if (access(path, F_OK) == 0)
            return path;
    }
    return path;
}

const char *load_shim(struct arena *arena)
{
    static const char *const places[] = {"runbook-shim", "../libexec/runbook/runbook-shim", NULL};
    return first_there(arena, places);
}

static const char *stdlib_folder(struct arena *arena)
{
    static const char *const places[] = {"../stdlib", "../share/runbook/stdlib", NULL};
    return first_there(arena, places);
}

const char *load_ci(struct arena *arena)
{
    return arena_format(arena, "%s/ci", stdlib_folder(arena));
}

static const char *runbooks_folder(struct arena *arena)
{
    static const char *const places[] = {"../runbooks", "../share/runbook/runbooks", NULL};
    return first_there(arena, places);
}

/* Adds the folders of a PATH-like list. */
static void add_folders(struct arena *arena, struct list *list, const char *folders)
{
    while (folders != NULL && *folders != '\0') {
        size_t length = strcspn(folders, ":");
        if (length > 0)
            list_add(arena, list, arena_copy(arena, folders, length));
        folders += length;
        folders += *folders == ':';
    }
}

/* A team's own, for a runbook in FOLDER (NULL: none). */
static struct list library_folders(struct arena *arena, const char *folder)
{
    struct list folders = {0};
    if (folder != NULL)
        list_add(arena, &folders, arena_format(arena, "%s/library", folder));
    add_folders(arena, &folders, getenv("RUNBOOK_LIBRARY"));
    return folders;
}

static struct catalog *catalog_for(struct arena *arena, const char *folder, const char *stdlib,
                                   struct diagnostics *diagnostics)
{
    struct list folders = library_folders(arena, folder);
    list_add(arena, &folders, NULL);
    return catalog_new(arena, core_actions, (const char *const *)folders.at,
                       stdlib ? stdlib : stdlib_folder(arena), diagnostics);
}

struct catalog *load_catalog(struct arena *arena, const char *folder,
                             struct diagnostics *diagnostics)
{
    return catalog_for(arena, folder, NULL, diagnostics);
}

static void add_traps(struct traps *traps, const char *path, bool own,
                      struct diagnostics *diagnostics)
{
    const struct source *source =
        access(path, F_OK) == 0 ? source_read(diagnostics->arena, path, path, diagnostics) : NULL;
    if (source != NULL && traps_read(traps, source, own, diagnostics) && own)
        traps_prove(traps, source, diagnostics);
}

const struct traps *load_traps(struct arena *arena, const char *folder,
                               struct diagnostics *diagnostics)
{
    struct traps *traps = traps_new(arena);
    struct list folders = library_folders(arena, folder);
    add_traps(traps, arena_format(arena, "%s/traps.yaml", stdlib_folder(arena)), false,
              diagnostics);
    for (size_t i = 0; i < folders.count; i++)
        add_traps(traps, arena_format(arena, "%s/traps.yaml", (const char *)folders.at[i]), true,
                  diagnostics);
    return traps;
}

struct list load_actions(struct invocation *invocation, struct loaded *loaded)
{
    struct arena *arena = invocation->arena;
    struct list actions = {0};
    const char *beside = option_value(invocation, &option_beside);
    char *folder = realpath(beside ? beside : ".", NULL);
    loaded->diagnostics = arena_alloc(arena, sizeof *loaded->diagnostics);
    loaded->diagnostics->arena = arena;
    loaded->catalog = load_catalog(arena, folder, loaded->diagnostics);
    free(folder);
    catalog_all(loaded->catalog, &actions);
    return actions;
}

const char *load_find(struct arena *arena, const char *file)
{
    if (access(file, F_OK) == 0 || strchr(file, '/') != NULL)
        return file;
    struct list folders = {0};
    add_folders(arena, &folders, getenv("RUNBOOK_PATH"));
    list_add(arena, &folders, (void *)(uintptr_t)runbooks_folder(arena));
    for (size_t i = 0; i < folders.count; i++) {
        const char *path = arena_format(arena, "%s/%s", (const char *)folders.at[i], file);
        if (access(path, F_OK) == 0)
            return path;
    }
    return file;
}

bool load_begins(const char *file, const char *key)
{
    char head[4096];
    int descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t length = descriptor < 0 ? 0 : read(descriptor, head, sizeof head - 1);
    if (descriptor >= 0)
        close(descriptor);
    head[length > 0 ? length : 0] = '\0';
    const char *line = head;
    while (*line == '#' || *line == '\n' || *line == '\r' || strncmp(line, "---", 3) == 0) {
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return strncmp(line, key, strlen(key)) == 0 && line[strlen(key)] == ':';
}

/* ---- reading ---- */

static struct loaded loaded_new(struct arena *arena, const char *file)
{
    struct loaded loaded = {.file = file};
    loaded.diagnostics = arena_alloc(arena, sizeof *loaded.diagnostics);
    loaded.diagnostics->arena = arena;
    return loaded;
}

static void read_into(struct arena *arena, struct loaded *loaded, const char *path)
{
    const struct source *source = source_read(arena, path, loaded->file, loaded->diagnostics);
    if (source != NULL)
        loaded->runbook =
            runbook_read(arena, loaded->catalog, source, loaded->folder, loaded->diagnostics);
}

struct loaded load_copy(struct invocation *invocation, const char *copy, const char *file,
                        const char *folder)
{
    struct arena *arena = invocation->arena;
    struct loaded loaded = loaded_new(arena, file);
    const char **folders = arena_alloc(arena, 2 * sizeof *folders);
    folders[0] = arena_format(arena, "%s/library", copy);
    loaded.path = arena_format(arena, "%s/0.yaml", copy);
    loaded.folder = folder;
    loaded.catalog = catalog_new(arena, core_actions, folders, NULL, loaded.diagnostics);
    read_into(arena, &loaded, loaded.path);
    return loaded;
}

/* Where FOUND lies, absolute. */
static void set_place(struct arena *arena, struct loaded *loaded, const char *found)
{
    char real[PATH_MAX];
    if (realpath(found, real) == NULL)
        strncpy(real, found, sizeof real - 1), real[sizeof real - 1] = '\0';
    const char *slash = strrchr(real, '/');
    loaded->path = arena_copy(arena, real, strlen(real));
    loaded->folder = arena_copy(arena, real, slash ? (size_t)(slash - real) : 0);
}

struct loaded load_revision(struct invocation *invocation, const char *path, const char *file,
                            const char *stdlib)
{
    struct arena *arena = invocation->arena;
    struct loaded loaded = loaded_new(arena, file);
    set_place(arena, &loaded, path);
    loaded.stdlib = stdlib;
    loaded.catalog = catalog_for(arena, loaded.folder, stdlib, loaded.diagnostics);
    read_into(arena, &loaded, path);
    return loaded;
}

const struct runbook *load_outline(struct invocation *invocation, const struct loaded *loaded)
{
    struct arena *arena = invocation->arena;
    struct diagnostics *told_before = loaded_new(arena, loaded->file).diagnostics;
    struct catalog *catalog = catalog_for(arena, loaded->folder, loaded->stdlib, told_before);
    const struct source *source = source_read(arena, loaded->path, loaded->file, told_before);
    return source ? runbook_outline(arena, catalog, source, loaded->folder, told_before) : NULL;
}

struct loaded load_beside(struct invocation *invocation, const char *file,
                          const struct loaded *before)
{
    struct arena *arena = invocation->arena;
    struct loaded loaded = loaded_new(arena, file);
    const char *found = load_find(arena, file);
    set_place(arena, &loaded, found);
    bool shared = before != NULL && strcmp(before->folder, loaded.folder) == 0 &&
                  catalog_again(before->catalog, loaded.diagnostics);
    loaded.catalog =
        shared ? before->catalog : load_catalog(arena, loaded.folder, loaded.diagnostics);
    read_into(arena, &loaded, found);
    return loaded;
}

static bool is_stdlib(struct arena *arena, const char *folder)
{
    char *real = realpath(folder, NULL);
    char *standard = realpath(stdlib_folder(arena), NULL);
    bool same = real != NULL && standard != NULL && strcmp(real, standard) == 0;
    free(real);
    free(standard);
    return same;
}

const struct library *load_library(struct invocation *invocation, const char *file,
                                   struct loaded *loaded)
{
    struct arena *arena = invocation->arena;
    const char *folder = path_folder(arena, file);
    bool standard = is_stdlib(arena, folder);
    const char *name = path_name(file);
    const char *dot = strrchr(name, '.');
    struct list folders = {0};
    *loaded = loaded_new(arena, file);
    if (!standard)
        list_add(arena, &folders, (void *)(uintptr_t)folder);
    add_folders(arena, &folders, getenv("RUNBOOK_LIBRARY"));
    list_add(arena, &folders, NULL);
    loaded->folder = arena_format(arena, "%s/..", folder);
    loaded->catalog = catalog_new(arena, core_actions, (const char *const *)folders.at,
                                  standard ? folder : stdlib_folder(arena), loaded->diagnostics);
    return catalog_library(loaded->catalog,
                           arena_copy(arena, name, dot ? (size_t)(dot - name) : strlen(name)));
}

void load_traps_file(struct invocation *invocation, const char *file, struct loaded *loaded)
{
    struct arena *arena = invocation->arena;
    bool standard = is_stdlib(arena, path_folder(arena, file));
    struct traps *traps = traps_new(arena);
    *loaded = loaded_new(arena, file);
    if (!standard)
        add_traps(traps, arena_format(arena, "%s/traps.yaml", stdlib_folder(arena)), false,
                  loaded->diagnostics);
    const struct source *source = source_read(arena, file, file, loaded->diagnostics);
    if (source != NULL && traps_read(traps, source, !standard, loaded->diagnostics))
        traps_prove(traps, source, loaded->diagnostics);
}

struct loaded load_runbook(struct invocation *invocation, const char *file)
{
    return load_beside(invocation, file, NULL);
}

bool load_params(struct invocation *invocation, struct loaded *loaded)
{
    struct arena *arena = invocation->arena;
    const char *file = option_value(invocation, &option_params);
    struct params_given given = {.typed = option_values(invocation, &option_param),
                                 .file = loaded->given,
                                 .open = loaded->open};
    if (file != NULL) {
        const struct source *source = source_read(arena, file, file, loaded->diagnostics);
        given.file = source ? yaml_parse(arena, source, loaded->diagnostics) : NULL;
        if (given.file == NULL)
            return false;
    }
    loaded->params = params_read(arena, loaded->runbook, &given, loaded->diagnostics);
    return loaded->params != NULL;
}

void load_no_step(struct invocation *invocation, const struct loaded *loaded, const char *who,
                  const struct option *option, const char *id)
{
    const struct list *steps = &loaded->runbook->steps->order;
    const char **names = arena_alloc(invocation->arena, (steps->count + 1) * sizeof *names);
    for (size_t i = 0; i < steps->count; i++)
        names[i] = ((const struct step *)steps->at[i])->id;
    const char *near = text_nearest(id, names, steps->count);
    say_error("%s: error RB601: --%s: there is no step '%s' in %s\n", who, option->name, id,
              loaded->file);
    if (near != NULL)
        say_error("  = remedy: did you mean '%s'?\n", near);
}

bool load_report(struct invocation *invocation, const struct loaded *loaded, enum severity least)
{
    struct buffer text = {0};
    diagnostics_sort(loaded->diagnostics);
    for (size_t i = 0; i < loaded->diagnostics->list.count; i++) {
        const struct diagnostic *finding = loaded->diagnostics->list.at[i];
        if (diagnostic_about(finding->code)->severity >= least)
            diagnostic_print(finding, invocation->colour_errors, &text);
    }
    if (text.length > 0)
        say_error("%s", text.at);
    buffer_free(&text);
    return loaded->diagnostics->errors > 0;
}

/* A monitor is taken for a runbook where what it does at its limit is meant, and only there. */
static bool is_what_is_meant(struct invocation *invocation, struct loaded *loaded)
{
    bool on_limit = option_value(invocation, &option_on_limit) != NULL;
    if ((loaded->runbook->monitor != NULL) == on_limit)
        return true;
    diagnostic_add(loaded->diagnostics, RB101, loaded->runbook->mark,
                   on_limit
                       ? "leave --on-limit away"
                       : "`runbook watch` carries it out; what it does at its limit is `runbook "
                         "run --on-limit`",
                   on_limit ? "this is a runbook, not a monitor, and has no limit"
                            : "this is a monitor, not a runbook");
    return false;
}

const struct plan *load_plan(struct invocation *invocation, struct loaded *loaded,
                             enum severity least)
{
    const struct plan *plan = NULL;
    if (loaded->runbook != NULL && loaded->diagnostics->errors == 0 &&
        is_what_is_meant(invocation, loaded) && load_params(invocation, loaded))
        plan = plan_make(invocation->arena, loaded->runbook, loaded->params, loaded->diagnostics);
    if (plan != NULL)
        plan_prove(plan, loaded->diagnostics);
    return load_report(invocation, loaded, least) ? NULL : plan;
}

struct secrets *load_secrets(const struct loaded *loaded)
{
    struct secrets *secrets = secrets_new();
    fetch_early(secrets, loaded->runbook, loaded->params, loaded->folder);
    return secrets;
}
