#include "lang/runbook.h"

#include "base/arena.h"
#include "base/path.h"
#include "lang/catalog.h"
#include "lang/check.h"
#include "lang/monitor.h"
#include "lang/reach.h"
#include "lang/read.h"
#include "lang/term.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CALLS_LIMIT = 10 }; /* of runbooks inside one another: nobody follows more */

/* ---- its keys ---- */

void read_defaults_key(struct reader *reader, void *object, const struct key *key,
                       const struct pair *pair)
{
    if (read_is_map(reader, pair->value, "'defaults'", key->example))
        read_mapping(reader, MAPPING_DEFAULTS, pair, "'defaults'", (char *)object + key->at);
}

void read_steps_key(struct reader *reader, void *object, const struct key *key,
                    const struct pair *pair)
{
    *(const struct steps **)((char *)object + key->at) = read_steps(reader, pair, NULL, NULL);
}

static void refuse_same_ids(struct reader *reader, const struct steps *steps,
                            const struct steps *on_failure)
{
    for (size_t i = 0; i < on_failure->order.count; i++) {
        const struct step *step = on_failure->order.at[i];
        const struct step *other = map_get(&steps->by_id, step->id);
        if (other == NULL)
            continue;
        struct diagnostic *found =
            diagnostic_add(reader->diagnostics, RB004, step->mark, "give it another name",
                           "'%s' is the id of a step in 'steps' too", step->id);
        diagnostic_note(reader->diagnostics, found, other->mark, "that one");
    }
}

void read_on_failure_key(struct reader *reader, void *object, const struct key *key,
                         const struct pair *pair)
{
    struct runbook *runbook = object;
    (void)key;
    runbook->on_failure = read_steps(reader, pair, runbook->steps, NULL);
    if (runbook->on_failure != NULL && runbook->steps != NULL)
        refuse_same_ids(reader, runbook->steps, runbook->on_failure);
}

/* ---- the file ---- */

/* What else a file can be that was taken for a runbook; true after a diagnostic. */
static bool is_something_else(struct reader *reader, const struct node *node)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct pair *pair = &node->pairs[i];
        if (strcmp(pair->key, "library") == 0) {
            diagnostic_add(reader->diagnostics, RB101, pair->key_mark,
                           "put it into a folder `library` beside the runbook, and use its actions "
                           "there",
                           "this is a library, not a runbook");
            return true;
        }
    }
    return false;
}

static bool is_monitor(const struct node *node)
{
    return node->kind == NODE_MAP && node_get(node, "monitor") != NULL &&
           node_get(node, "runbook") == NULL;
}

static void read_file(struct reader *reader, struct runbook *runbook, const struct node *node)
{
    struct pair whole = {
        .key = "runbook", .key_mark = node->mark, .value = (struct node *)(uintptr_t)node};
    const struct pair *first = node->kind == NODE_MAP && node->count ? &node->pairs[0] : NULL;
    if (!read_is_map(reader, node, "a runbook", "runbook: NAME, and below it `steps:`"))
        return;
    if (node_get(node, "runbook") == NULL && is_something_else(reader, node))
        return;
    if (first != NULL)
        whole.key_mark = first->key_mark;
    if (is_monitor(node)) {
        read_monitor(reader, &whole, (struct monitor *)runbook);
        return;
    }
    read_mapping(reader, MAPPING_RUNBOOK, &whole, "the runbook", runbook);
    const struct node *name = node_get(node, "runbook");
    runbook->mark = name ? name->mark : node->mark;
}

static struct runbook *read_runbook(struct reader *reader, const struct source *source,
                                    const char *file)
{
    const struct node *node = catalog_parse(reader->catalog, source);
    struct monitor *monitor =
        node != NULL && is_monitor(node) ? arena_alloc(reader->arena, sizeof *monitor) : NULL;
    struct runbook *runbook =
        monitor != NULL ? &monitor->runbook : arena_alloc(reader->arena, sizeof *runbook);
    runbook->source = source;
    runbook->node = node;
    runbook->file = file;
    runbook->folder = reader->relative;
    reader->source = source;
    if (node == NULL)
        return NULL;
    read_file(reader, runbook, node);
    return runbook;
}

/* ---- call ---- */

/* PATH as seen from where FOLDER is seen from. */
static const char *joined(struct arena *arena, const char *folder, const char *path)
{
    return strcmp(folder, ".") == 0 ? path : arena_format(arena, "%s/%s", folder, path);
}

/* A runbook that is called: it is read once, for all that call it. */
struct called {
    struct runbook *runbook;
    struct map called; /* by it and by those: real path to struct runbook */
    size_t height;     /* so deep do they call one another */
};

/* HEIGHT: so deep does the runbook itself call others. */
static bool is_too_deep(struct reader *reader, size_t depth, size_t height, struct mark mark)
{
    if (depth + height < CALLS_LIMIT)
        return false;
    diagnostic_add(reader->diagnostics, RB103, mark, "call it from further out",
                   "runbooks call one another more than %d deep", CALLS_LIMIT);
    return true;
}

/* Also when it would be too deep, with HEIGHT more below it. */
static bool is_circle(struct reader *reader, const char *real, const char *path, size_t height,
                      struct mark mark)
{
    size_t depth = 0;
    for (const struct calling *at = reader->calling; at != NULL; at = at->outer, depth++)
        if (strcmp(at->path, real) == 0) {
            diagnostic_add(reader->diagnostics, RB103, mark,
                           "take the call out, or move what both need into a third runbook",
                           "the runbook '%s' would call itself%s", path,
                           depth ? " by way of this one" : "");
            return true;
        }
    return is_too_deep(reader, depth, height, mark);
}

static struct called *read_inner(struct reader *outer, const char *path, const char *real)
{
    struct arena *arena = outer->arena;
    const char *shown = joined(arena, path_folder(arena, source_name(outer->source)), path);
    const struct source *source = source_read(arena, real, shown, outer->diagnostics);
    if (source == NULL)
        return NULL;
    struct calling calling = {.path = real, .outer = outer->calling};
    struct called *called = arena_alloc(arena, sizeof *called);
    struct reader inner = {
        .arena = arena,
        .catalog = outer->catalog,
        .diagnostics = outer->diagnostics,
        .folder = path_folder(arena, real),
        .relative = path_folder(arena, joined(arena, outer->relative, path)),
        .called = &called->called,
        .calling = &calling,
    };
    struct runbook *runbook = read_runbook(&inner, source, path);
    called->runbook = inner.broken ? NULL : runbook;
    called->height = inner.height;
    outer->broken = outer->broken || called->runbook == NULL;
    return called->runbook != NULL ? called : NULL;
}

static void note_called(struct reader *reader, const char *real, const struct called *called)
{
    map_put(reader->arena, reader->called, real, called->runbook);
    for (size_t i = 0; i < called->called.count; i++)
        map_put(reader->arena, reader->called, called->called.at[i].key,
                called->called.at[i].value);
    if (reader->height < called->height + 1)
        reader->height = called->height + 1;
}

/* The runbook in REAL, read when it has not been; NULL after a diagnostic. */
static struct runbook *find_called(struct reader *reader, const char *path, const char *real,
                                   struct mark mark)
{
    struct map *shelf = catalog_called(reader->catalog);
    struct called *called = map_get(shelf, real);
    if (is_circle(reader, real, path, called ? called->height : 0, mark))
        return NULL;
    if (called == NULL)
        called = read_inner(reader, path, real);
    if (called == NULL)
        return NULL;
    map_put(reader->arena, shelf, real, called);
    note_called(reader, real, called);
    return called->runbook;
}

const struct runbook *read_called(struct reader *reader, const char *path, struct mark mark)
{
    if (reader->library) {
        diagnostic_add(reader->diagnostics, RB101, mark, "call it from the runbook",
                       "an action of a library can't call a runbook");
        return NULL;
    }
    if (path[0] == '/') {
        diagnostic_add(reader->diagnostics, RB102, mark, "name it from the folder of this file",
                       "the runbook that is called is named by a relative path");
        return NULL;
    }
    char *found = realpath(arena_format(reader->arena, "%s/%s", reader->folder, path), NULL);
    if (found == NULL) {
        diagnostic_add(reader->diagnostics, RB001, mark, "name a file from the folder of this one",
                       "there is no runbook '%s' in the folder of this file", path);
        return NULL;
    }
    const char *real = arena_copy(reader->arena, found, strlen(found));
    free(found);
    struct runbook *runbook = find_called(reader, path, real, mark);
    if (runbook != NULL && runbook->monitor != NULL) {
        diagnostic_add(reader->diagnostics, RB101, mark, "call the runbook that it runs",
                       "'%s' is a monitor, and can't be called", path);
        return NULL;
    }
    return runbook;
}

/* ---- the door ---- */

static void check_all(struct reader *reader, struct runbook *runbook)
{
    const struct map *called = reader->called;
    catalog_check(reader->catalog);
    for (size_t i = 0; i < called->count; i++)
        runbook_check(reader->arena, called->at[i].value, reader->diagnostics);
    runbook_check(reader->arena, runbook, reader->diagnostics);
    reach_libraries(reader->arena, runbook, &runbook->libraries);
}

/* The real path of SOURCE, which lies in FOLDER. */
static const char *real_path(struct arena *arena, const struct source *source, const char *folder)
{
    const char *path = arena_format(arena, "%s/%s", folder, path_name(source_name(source)));
    char *real = realpath(path, NULL);
    if (real != NULL)
        path = arena_copy(arena, real, strlen(real));
    free(real);
    return path;
}

/* Reads SOURCE, and checks it when it has no errors so far; NULL: it is nothing that can be read.
 */
static struct runbook *read_all(struct reader *reader, const struct source *source)
{
    struct map called = {0};
    size_t errors = reader->diagnostics->errors;
    struct calling calling = {.path = real_path(reader->arena, source, reader->folder)};
    reader->relative = ".";
    reader->called = &called;
    reader->calling = &calling;
    struct runbook *runbook = read_runbook(reader, source, source_name(source));
    if (runbook != NULL && !reader->broken && reader->diagnostics->errors == errors)
        check_all(reader, runbook);
    return runbook;
}

const struct runbook *runbook_read(struct arena *arena, struct catalog *catalog,
                                   const struct source *source, const char *folder,
                                   struct diagnostics *diagnostics)
{
    size_t errors = diagnostics->errors;
    struct reader reader = {
        .arena = arena, .catalog = catalog, .diagnostics = diagnostics, .folder = folder};
    struct runbook *runbook = read_all(&reader, source);
    return runbook != NULL && !reader.broken && diagnostics->errors == errors ? runbook : NULL;
}

const struct runbook *runbook_outline(struct arena *arena, struct catalog *catalog,
                                      const struct source *source, const char *folder,
                                      struct diagnostics *diagnostics)
{
    struct reader reader = {
        .arena = arena, .catalog = catalog, .diagnostics = diagnostics, .folder = folder};
    struct runbook *runbook = read_all(&reader, source);
    return runbook != NULL && (runbook->steps != NULL || runbook->params.count > 0) ? runbook
                                                                                    : NULL;
}
