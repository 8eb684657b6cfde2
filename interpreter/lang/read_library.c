/* Libraries. Signatures are read before bodies, so that actions may name one another in any order;
 * whether one reaches itself is for check.h. */
#include "lang/read.h"

#include "base/arena.h"
#include "base/path.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/yaml.h"

#include <string.h>

static void read_signature(struct reader *reader, struct library *library, const struct pair *pair)
{
    struct action *action = arena_alloc(reader->arena, sizeof *action);
    const char *what = arena_format(reader->arena, "action '%s'", pair->key);
    struct found found;
    bool named = read_is_id(reader, pair->key, pair->key_mark);
    if (!read_is_map(reader, pair->value, what, "{effect: read, steps: {…}}"))
        return;
    action->name = arena_format(reader->arena, "%s.%s", library->name, pair->key);
    action->arena = reader->arena;
    action->mark = pair->key_mark;
    action->library = library;
    action->node = pair->value;
    keys_collect(reader, MAPPING_ACTION, pair->value, &found, NULL);
    keys_missing(reader, MAPPING_ACTION, &found, pair->key_mark, what);
    keys_read(reader, MAPPING_ACTION, &found, false, action);
    action->result = record_of_outputs(reader->arena, &action->outputs);
    action->type = record_of_step(reader->arena, action->result);
    if (action->destroys.count > 0 && action->effect != EFFECT_DESTROY)
        diagnostic_add(reader->diagnostics, RB202, pair->key_mark, "write `effect: destroy`",
                       "%s names what it destroys, so its effect is destroy", what);
    action->idempotent = action->idempotent || action->effect == EFFECT_READ;
    reader->outputs = action->result;
    keys_read(reader, MAPPING_ACTION, &found, true, action);
    if (named) {
        map_put(reader->arena, &library->actions, action->name, action);
        catalog_put(reader->catalog, action);
    }
}

void read_actions_key(struct reader *reader, void *object, const struct key *key,
                      const struct pair *pair)
{
    struct library *library = object;
    (void)key;
    if (library->name == NULL || !read_is_map(reader, pair->value, "'actions'", NULL))
        return;
    for (size_t i = 0; i < pair->value->count; i++)
        read_signature(reader, library, &pair->value->pairs[i]);
}

static void read_body(struct reader *reader, struct action *action)
{
    for (size_t i = 0; i < action->node->count; i++) {
        const struct pair *pair = &action->node->pairs[i];
        if (strcmp(pair->key, "steps") != 0)
            continue;
        reader->idempotent = action->idempotent && action->effect != EFFECT_READ;
        action->steps = read_steps(reader, pair, NULL, NULL);
    }
}

/* The file's name without `.yaml`. */
static const char *stem(struct arena *arena, const struct source *source)
{
    const char *name = path_name(source_name(source));
    const char *dot = strrchr(name, '.');
    return arena_copy(arena, name, dot ? (size_t)(dot - name) : strlen(name));
}

static void check_name(struct reader *reader, const struct library *library)
{
    const char *wanted = stem(reader->arena, library->source);
    const struct node *node = node_get(library->node, "library");
    if (library->name == NULL || strcmp(library->name, wanted) == 0)
        return;
    diagnostic_add(reader->diagnostics, RB101, node->mark,
                   arena_format(reader->arena, "write `library: %s`, or rename the file", wanted),
                   "the library '%s' lies in a file of another name", library->name);
}

const struct library *library_read(struct arena *arena, struct catalog *catalog,
                                   const struct source *source, bool own,
                                   struct diagnostics *diagnostics)
{
    size_t errors = diagnostics->errors;
    struct library *library = arena_alloc(arena, sizeof *library);
    struct reader reader = {.arena = arena,
                            .catalog = catalog,
                            .diagnostics = diagnostics,
                            .source = source,
                            .library = true};
    struct node *node = yaml_parse(arena, source, diagnostics);
    if (node == NULL || !read_is_map(&reader, node, "a library", "library: NAME"))
        return NULL;
    struct pair whole = {"library", node->count ? node->pairs[0].key_mark : node->mark, node};
    library->source = source;
    library->node = node;
    library->own = own;
    read_mapping(&reader, MAPPING_LIBRARY, &whole, "the library", library);
    check_name(&reader, library);
    for (size_t i = 0; i < library->actions.count; i++)
        read_body(&reader, library->actions.at[i].value);
    library->broken = diagnostics->errors != errors || reader.broken;
    return library->broken ? NULL : library;
}
