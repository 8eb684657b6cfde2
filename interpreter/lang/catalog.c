#include "lang/catalog.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/text.h"
#include "lang/check.h"
#include "lang/expect.h"
#include "lang/read.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/yaml.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct catalog {
    struct arena *arena;
    const struct core_action *const *core;
    const char *const *folders;
    const char *stdlib;
    struct diagnostics *diagnostics;
    struct map core_names;    /* name to struct core_action */
    struct map core_families; /* "file" of "file.stat" */
    struct map actions;       /* those made so far: name to struct action */
    struct map shelf;         /* libraries that were found so far: name to struct place */
    struct list read;         /* of struct library */
    size_t checked;           /* so many of them */
    bool told;                /* something was found in one of them */
    struct map called;        /* runbooks that others call: real path to struct called */
    struct map parsed;        /* a source's name to struct parsed */
    struct key_index keys;
};

/* A library that was found. While it is read its actions are there already, for one another; when
 * it has faults these were told, and nothing more is said of what it lacks. */
struct place {
    bool broken;
};

static const char *family_of(struct arena *arena, const char *name)
{
    const char *dot = strchr(name, '.');
    return dot ? arena_copy(arena, name, (size_t)(dot - name)) : NULL;
}

struct catalog *catalog_new(struct arena *arena, const struct core_action *const *core,
                            const char *const *folders, const char *stdlib,
                            struct diagnostics *diagnostics)
{
    struct catalog *catalog = arena_alloc(arena, sizeof *catalog);
    *catalog = (struct catalog){.arena = arena,
                                .core = core,
                                .folders = folders,
                                .stdlib = stdlib,
                                .diagnostics = diagnostics};
    key_index_fill(&catalog->keys);
    for (size_t i = 0; core[i] != NULL; i++) {
        const char *family = family_of(arena, core[i]->name);
        map_put(arena, &catalog->core_names, core[i]->name, (void *)(uintptr_t)core[i]);
        if (family != NULL)
            map_put(arena, &catalog->core_families, family, catalog);
    }
    return catalog;
}

bool catalog_is_core(const struct catalog *catalog, const char *name)
{
    return map_get(&catalog->core_names, name) != NULL;
}

const struct key_index *catalog_keys(const struct catalog *catalog)
{
    return &catalog->keys;
}

const struct list *catalog_libraries(const struct catalog *catalog)
{
    return &catalog->read;
}

void catalog_put(struct catalog *catalog, const struct action *action)
{
    map_put(catalog->arena, &catalog->actions, action->name, (void *)(uintptr_t)action);
}

/* ---- the core's ---- */

/* TEXT, which stands in the program, as YAML. */
static struct node *core_node(struct catalog *catalog, const char *name, const char *text)
{
    const struct source *source = source_new(catalog->arena, name, text_of(text));
    return yaml_parse(catalog->arena, source, catalog->diagnostics);
}

static const struct type *core_type(struct arena *arena, const char *text)
{
    static const char *const free[][2] = {
        {"any", "json"}, {"list<any>", "list<json>"}, {"map<any>", "map<json>"}};
    for (size_t i = 0; i < sizeof free / sizeof free[0]; i++)
        if (strcmp(text, free[i][0]) == 0)
            text = free[i][1];
    const struct type *type = type_parse(arena, text);
    return type ? type : type_scalar(TYPE_JSON);
}

/* Text that the server runs as it is. */
static bool is_sql(const char *action, const char *param)
{
    static const char *const params[] = {"query", "statement", "statements"};
    if (strncmp(action, "sql.", 4) != 0)
        return false;
    for (size_t i = 0; i < sizeof params / sizeof params[0]; i++)
        if (strcmp(params[i], param) == 0)
            return true;
    return false;
}

static enum param_kind core_kind(const struct core_action *core, const struct param_about *about)
{
    static const struct {
        const char *type;
        enum param_kind kind;
    } kinds[] = {{"bool expr", PARAM_EXPR},
                 {"checks", PARAM_CHECKS},
                 {"steps", PARAM_STEPS},
                 {"runbook", PARAM_RUNBOOK},
                 {"param", PARAM_PARAM}};
    if (strcmp(core->name, "shell") == 0 && strcmp(about->name, "script") == 0)
        return PARAM_SCRIPT;
    if (is_sql(core->name, about->name))
        return PARAM_SQL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(about->type, kinds[i].type) == 0)
            return kinds[i].kind;
    if (strcmp(core->name, "call") == 0)
        return PARAM_GIVEN;
    return strcmp(core->name, "manual") == 0 && strcmp(about->name, "evidence") == 0 ? PARAM_PARAM
                                                                                     : PARAM_VALUE;
}

static void core_params(struct catalog *catalog, const struct core_action *core,
                        const struct param_about *abouts, bool outputs, struct map *into)
{
    struct arena *arena = catalog->arena;
    for (const struct param_about *about = abouts; about->name != NULL; about++) {
        struct param *param = arena_alloc(arena, sizeof *param);
        param->name = about->name;
        param->about = about->about;
        param->kind = outputs ? PARAM_VALUE : core_kind(core, about);
        param->type = core_type(arena, about->type);
        param->optional = param->type->optional || (!outputs && !about->mandatory);
        param->type = type_optional(arena, param->type, false);
        if (about->preset != NULL)
            param->preset = term_read(arena, core_node(catalog, core->name, about->preset),
                                      param->type, catalog->diagnostics);
        map_put(arena, into, param->name, param);
    }
}

/* What the core says in YAML: its default expectation, and what it destroys. */
static void core_written(struct catalog *catalog, struct action *action)
{
    const struct core_action *core = action->core;
    if (core->expect != NULL)
        action->expect = expect_read(catalog->arena, core_node(catalog, core->name, core->expect),
                                     action->result, NULL, catalog->diagnostics);
    if (core->destroys == NULL)
        return;
    const char *text = arena_format(catalog->arena, "'%s'", core->destroys);
    const struct term *term = term_read(catalog->arena, core_node(catalog, core->name, text),
                                        type_scalar(TYPE_STRING), catalog->diagnostics);
    list_add(catalog->arena, &action->destroys, (void *)(uintptr_t)term);
}

static const struct action *core_action(struct catalog *catalog, const struct core_action *core)
{
    struct action *action = arena_alloc(catalog->arena, sizeof *action);
    action->name = core->name;
    action->about = core->about;
    action->effect = core->effect;
    action->idempotent = core->idempotent || core->effect == EFFECT_READ;
    action->core = core;
    core_params(catalog, core, core->params, false, &action->params);
    core_params(catalog, core, core->outputs, true, &action->outputs);
    action->result = record_of_outputs(catalog->arena, &action->outputs);
    action->type = record_of_step(catalog->arena, action->result);
    core_written(catalog, action);
    catalog_put(catalog, action);
    return action;
}

/* ---- libraries ---- */

static const char *file_in(struct catalog *catalog, const char *folder, const char *name)
{
    const char *path = arena_format(catalog->arena, "%s/%s.yaml", folder, name);
    return access(path, F_OK) == 0 ? path : NULL;
}

/* Where library NAME lies, or NULL; *OWN: in a folder of the team's. */
static const char *find_file(struct catalog *catalog, const char *name, bool *own)
{
    *own = true;
    for (size_t i = 0; catalog->folders != NULL && catalog->folders[i] != NULL; i++) {
        const char *path = file_in(catalog, catalog->folders[i], name);
        if (path != NULL)
            return path;
    }
    *own = false;
    return catalog->stdlib ? file_in(catalog, catalog->stdlib, name) : NULL;
}

/* May a team's library be called NAME? */
static bool name_is_free(struct catalog *catalog, const char *name, const struct source *source)
{
    bool core = map_get(&catalog->core_families, name) != NULL || catalog_is_core(catalog, name);
    bool standard = catalog->stdlib && file_in(catalog, catalog->stdlib, name);
    if (!core && !standard)
        return true;
    struct mark mark = {.source = source};
    diagnostic_add(catalog->diagnostics, RB101, mark,
                   "rename the file and its 'library', and its actions where they are used",
                   "a library of one's own can't be called '%s': %s has one of that name", name,
                   core ? "the core" : "the standard library");
    return false;
}

/* `traps.yaml` lies among the libraries, and is a table of traps. */
static bool is_library_name(const char *name)
{
    return strcmp(name, "traps") != 0 && name[0] != '\0' &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static void read_into(struct catalog *catalog, const char *path, const char *name, bool own,
                      struct place *place)
{
    size_t found = diagnostics_found(catalog->diagnostics);
    const struct source *source = source_read(catalog->arena, path, path, catalog->diagnostics);
    const struct library *library = NULL;
    if (source != NULL && (!own || name_is_free(catalog, name, source)))
        library = library_read(catalog->arena, catalog, source, own, catalog->diagnostics);
    if (library != NULL)
        list_add(catalog->arena, &catalog->read, (void *)(uintptr_t)library);
    place->broken = library == NULL;
    catalog->told = catalog->told || diagnostics_found(catalog->diagnostics) > found;
}

/* The library NAME, read if it has not been; NULL when there is none. */
static const struct place *find_library(struct catalog *catalog, const char *name)
{
    struct place *place = map_get(&catalog->shelf, name);
    bool own = false;
    if (place != NULL)
        return place;
    const char *path = is_library_name(name) ? find_file(catalog, name, &own) : NULL;
    if (path == NULL)
        return NULL;
    place = arena_alloc(catalog->arena, sizeof *place);
    map_put(catalog->arena, &catalog->shelf, name, place);
    read_into(catalog, path, name, own, place);
    return place;
}

/* ---- names for messages ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void names_in(struct catalog *catalog, const char *folder, struct list *names)
{
    DIR *dir = folder ? opendir(folder) : NULL;
    if (dir == NULL)
        return;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        size_t length = strlen(entry->d_name);
        if (length <= 5 || strcmp(entry->d_name + length - 5, ".yaml") != 0)
            continue;
        const char *name = arena_copy(catalog->arena, entry->d_name, length - 5);
        if (is_library_name(name))
            list_add(catalog->arena, names, (void *)(uintptr_t)name);
    }
    closedir(dir);
}

/* The names of all libraries there are, sorted. */
static struct list library_names(struct catalog *catalog)
{
    struct list names = {0};
    for (size_t i = 0; catalog->folders != NULL && catalog->folders[i] != NULL; i++)
        names_in(catalog, catalog->folders[i], &names);
    names_in(catalog, catalog->stdlib, &names);
    if (names.count > 1)
        qsort(names.at, names.count, sizeof names.at[0], by_name);
    return names;
}

static void add_family(struct catalog *catalog, const char *library, struct list *names)
{
    size_t length = strlen(library);
    for (size_t i = 0; i < catalog->core_names.count; i++) {
        const char *name = catalog->core_names.at[i].key;
        if (strncmp(name, library, length) == 0 && name[length] == '.')
            list_add(catalog->arena, names, (void *)(uintptr_t)name);
    }
    for (size_t i = 0; i < catalog->actions.count; i++) {
        const char *name = catalog->actions.at[i].key;
        if (strncmp(name, library, length) == 0 && name[length] == '.' &&
            !catalog_is_core(catalog, name))
            list_add(catalog->arena, names, (void *)(uintptr_t)name);
    }
}

const char *catalog_nearest(struct catalog *catalog, const char *name)
{
    struct list names = {0};
    for (size_t i = 0; i < catalog->core_names.count; i++)
        list_add(catalog->arena, &names, (void *)(uintptr_t)catalog->core_names.at[i].key);
    for (size_t i = 0; i < catalog->actions.count; i++)
        list_add(catalog->arena, &names, (void *)(uintptr_t)catalog->actions.at[i].key);
    return text_nearest(name, (const char *const *)names.at, names.count);
}

/* "its actions are a, b, c" */
static const char *listed(struct catalog *catalog, const char *before, const struct list *names)
{
    struct buffer buffer = {0};
    buffer_text(&buffer, before);
    for (size_t i = 0; i < names->count; i++)
        buffer_format(&buffer, "%s%s", i ? ", " : " ", (const char *)names->at[i]);
    const char *text = arena_copy(catalog->arena, buffer.at, buffer.length);
    buffer_free(&buffer);
    return text;
}

/* Actions that people expect and that are written another way. */
static const char *other_way(const char *name)
{
    static const char *const ways[][2] = {
        {"file.exists", "write `file.stat` with `expect: {exists: true}`"},
        {"file.absent", "write `file.stat` with `expect: {exists: false}`"},
        {"file.delete", "write `file.remove`"},
        {"tcp.closed", "write `tcp.probe` with `expect: {open: false}`"},
        {"tcp.open", "write `tcp.probe`"},
        {"process.none", "write `process.list` with `expect: {count: 0}`"},
        {"process.kill", "write `process.signal`"},
        {"http.request",
         "write `http.get`, `http.post`, `http.put`, `http.patch` or `http.delete`"},
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(ways[i][0], name) == 0)
            return ways[i][1];
    return NULL;
}

static const struct action *no_action(struct catalog *catalog, const char *name, const char *family,
                                      struct mark mark)
{
    struct list names = {0};
    const char *remedy = other_way(name);
    add_family(catalog, family, &names);
    const char *near = text_nearest(name, (const char *const *)names.at, names.count);
    if (remedy == NULL && near != NULL)
        remedy = arena_format(catalog->arena, "did you mean '%s'?", near);
    if (remedy == NULL)
        remedy = listed(catalog, "its actions are", &names);
    diagnostic_add(catalog->diagnostics, RB101, mark, remedy, "there is no action '%s'", name);
    return NULL;
}

static const struct action *no_library(struct catalog *catalog, const char *name,
                                       const char *family, struct mark mark)
{
    struct list names = library_names(catalog);
    const char *all = listed(catalog, "; there are", &names);
    const char *verb = strchr(name, '.') + 1;
    for (size_t i = 0; i < catalog->core_families.count; i++)
        list_add(catalog->arena, &names, (void *)(uintptr_t)catalog->core_families.at[i].key);
    const char *near = text_nearest(family, (const char *const *)names.at, names.count);
    /* The core is known whole: nobody is sent to an action that it does not have. */
    if (near != NULL && map_get(&catalog->core_families, near) != NULL &&
        !catalog_is_core(catalog, arena_format(catalog->arena, "%s.%s", near, verb)))
        near = NULL;
    const char *remedy =
        strcmp(family, "traps") == 0
            ? "give the library another name: traps.yaml is a table of traps"
        : near ? arena_format(catalog->arena, "did you mean '%s.%s'?", near, verb)
               : arena_format(catalog->arena,
                              "put '%s.yaml' into a folder `library` beside the runbook%s", family,
                              strlen(all) > strlen("; there are") ? all : "");
    diagnostic_add(catalog->diagnostics, RB101, mark, remedy,
                   "there is no action '%s': no library '%s' was found", name, family);
    return NULL;
}

/* ---- the door ---- */

/* Actions that the language has and this release does not. */
static bool is_later(struct catalog *catalog, const char *name, struct mark mark)
{
    bool later = strcmp(name, "file.put") == 0;
    if (later)
        diagnostic_add(catalog->diagnostics, RB101, mark,
                       "take it out; a later release will have it",
                       "this release does not have the action '%s' yet", name);
    return later;
}

/* The action NAME if it was made and can be used; *KNOWN: it was made. */
static const struct action *made(const struct catalog *catalog, const char *name, bool *known)
{
    const struct action *action = map_get(&catalog->actions, name);
    *known = action != NULL;
    return action && action->library && action->library->broken ? NULL : action;
}

const struct action *catalog_find(struct catalog *catalog, const char *name, struct mark mark)
{
    bool known = false;
    const struct action *action = made(catalog, name, &known);
    if (known)
        return action;
    const struct core_action *core = map_get(&catalog->core_names, name);
    if (core != NULL)
        return core_action(catalog, core);
    if (is_later(catalog, name, mark))
        return NULL;
    const char *family = family_of(catalog->arena, name);
    if (family == NULL) {
        diagnostic_add(catalog->diagnostics, RB101, mark, NULL, "there is no action '%s'", name);
        return NULL;
    }
    const struct place *place = find_library(catalog, family);
    action = made(catalog, name, &known);
    if (known || (place != NULL && place->broken))
        return action;
    if (place == NULL && map_get(&catalog->core_families, family) == NULL)
        return no_library(catalog, name, family, mark);
    return no_action(catalog, name, family, mark);
}

void catalog_check(struct catalog *catalog)
{
    size_t found = diagnostics_found(catalog->diagnostics);
    while (catalog->checked < catalog->read.count)
        library_check(catalog->arena, catalog->read.at[catalog->checked++], catalog->diagnostics);
    catalog->told = catalog->told || diagnostics_found(catalog->diagnostics) > found;
}

bool catalog_again(struct catalog *catalog, struct diagnostics *diagnostics)
{
    bool clean = !catalog->told && catalog->diagnostics->errors == 0;
    if (clean)
        catalog->diagnostics = diagnostics;
    return clean;
}

struct parsed {
    const struct source *source;
    const struct node *node;
};

const struct node *catalog_parse(struct catalog *catalog, const struct source *source)
{
    struct parsed *parsed = map_get(&catalog->parsed, source_name(source));
    if (parsed != NULL && text_equal(source_text(parsed->source), source_text(source)))
        return parsed->node;
    const struct node *node = yaml_parse(catalog->arena, source, catalog->diagnostics);
    if (node == NULL || parsed != NULL)
        return node;
    parsed = arena_alloc(catalog->arena, sizeof *parsed);
    *parsed = (struct parsed){source, node};
    map_put(catalog->arena, &catalog->parsed, source_name(source), parsed);
    return node;
}

struct map *catalog_called(struct catalog *catalog)
{
    return &catalog->called;
}

const struct library *catalog_library(struct catalog *catalog, const char *name)
{
    find_library(catalog, name);
    catalog_check(catalog);
    for (size_t i = 0; i < catalog->read.count; i++) {
        const struct library *library = catalog->read.at[i];
        if (strcmp(library->name, name) == 0)
            return library;
    }
    return NULL;
}

static int by_action(const void *a, const void *b)
{
    const struct action *const *first = a, *const *second = b;
    return strcmp((*first)->name, (*second)->name);
}

void catalog_all(struct catalog *catalog, struct list *actions)
{
    struct mark nowhere = {0};
    for (size_t i = 0; catalog->core[i] != NULL; i++)
        catalog_find(catalog, catalog->core[i]->name, nowhere);
    struct list names = library_names(catalog);
    for (size_t i = 0; i < names.count; i++)
        find_library(catalog, names.at[i]);
    catalog_check(catalog);
    for (size_t i = 0; i < catalog->actions.count; i++)
        list_add(catalog->arena, actions, catalog->actions.at[i].value);
    if (actions->count > 1)
        qsort(actions->at, actions->count, sizeof actions->at[0], by_action);
}
