/* A trap is searched for in three stages, so that a command which falls into none, as nearly all
 * do, costs a few searches for a word: is one of its words in the command, is its pattern, and is
 * not what it says `unless` of. A pattern is compiled when the first command gets that far. */
#include "lang/trap.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/keys.h"
#include "lang/pattern.h"
#include "lang/read.h"
#include "lang/yaml.h"

#include <string.h>

struct search {
    const struct node *node; /* NULL: there is none */
    struct pattern *pattern; /* NULL until it is needed, or it is wrong */
};

struct entry {
    struct trap trap; /* the first: a trap is its entry */
    struct search catches, unless;
};

struct traps {
    struct arena *arena;
    struct list list; /* of struct entry */
    struct map by_id;
};

struct traps *traps_new(struct arena *arena)
{
    struct traps *traps = arena_alloc(arena, sizeof *traps);
    traps->arena = arena;
    return traps;
}

const struct list *traps_all(const struct traps *traps)
{
    return &traps->list;
}

bool trap_excused(const struct trap *trap, const char *key)
{
    for (size_t i = 0; i < trap->excused.count; i++)
        if (text_is(((const struct node *)trap->excused.at[i])->text, key))
            return true;
    return false;
}

/* ---- reading ---- */

/* A list of fixed texts, which has at least one; to LIST as struct node. */
static void read_texts(struct reader *reader, const struct pair *pair, struct list *list)
{
    const char *what = arena_format(reader->arena, "'%s'", pair->key);
    if (!read_is_list(reader, pair->value, what, NULL))
        return;
    if (pair->value->count == 0)
        diagnostic_add(reader->diagnostics, RB101, pair->value->mark, "write at least one",
                       "%s is empty", what);
    for (size_t i = 0; i < pair->value->count; i++)
        if (read_fixed(reader, pair->value->items[i], what) != NULL)
            list_add(reader->arena, list, pair->value->items[i]);
}

static void read_code(struct reader *reader, const struct pair *pair, struct trap *trap)
{
    const char *name = read_fixed(reader, pair->value, "'code'");
    if (name == NULL)
        return;
    if (!diagnostic_find(name, &trap->code) ||
        strncmp(diagnostic_about(trap->code)->code, "RB5", 3))
        diagnostic_add(reader->diagnostics, RB101, pair->value->mark,
                       "grammar.md has the kinds of traps: RB501 for a command that never ends …",
                       "'%s' is no code of a trap", name);
}

static void read_places(struct reader *reader, const struct pair *pair, struct trap *trap)
{
    static const struct {
        const char *name;
        enum trap_place place;
    } places[] = {{"exec", TRAP_EXEC}, {"shell", TRAP_SHELL}, {"check", TRAP_CHECK}};
    enum { COUNT = sizeof places / sizeof *places };
    struct list words = {0};
    read_texts(reader, pair, &words);
    trap->places = 0;
    for (size_t i = 0; i < words.count; i++) {
        const struct node *word = words.at[i];
        size_t place = 0;
        while (place < COUNT && !text_is(word->text, places[place].name))
            place++;
        if (place < COUNT)
            trap->places |= places[place].place;
        else
            diagnostic_add(reader->diagnostics, RB102, word->mark, "write exec, shell or check",
                           "'%s' is no place of a command", word->text.at);
    }
}

/* What of an action may make its command right. */
static bool is_param_of_command(const char *name)
{
    static const char *const names[] = {"stdin", "stdin_from", "stdout_to", "env", "user"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void read_excused(struct reader *reader, const struct pair *pair, struct trap *trap)
{
    read_texts(reader, pair, &trap->excused);
    for (size_t i = 0; i < trap->excused.count; i++) {
        const struct node *word = trap->excused.at[i];
        if (key_find(MAPPING_STEP, word->text.at, NULL) != NULL ||
            is_param_of_command(word->text.at))
            continue;
        const char *near = keys_nearest(MAPPING_STEP, word->text.at);
        diagnostic_add(reader->diagnostics, RB101, word->mark,
                       near ? arena_format(reader->arena, "did you mean '%s'?", near) : NULL,
                       "'%s' is neither a key of a step nor a param of exec", word->text.at);
    }
}

static void read_pattern(struct reader *reader, const struct pair *pair, struct search *search)
{
    if (read_fixed(reader, pair->value, arena_format(reader->arena, "'%s'", pair->key)) != NULL)
        search->node = pair->value;
}

/* The keys that only a trap has. */
static void read_own_key(struct reader *reader, const struct pair *pair, struct entry *entry)
{
    struct trap *trap = &entry->trap;
    struct list *const texts[] = {&trap->words, &trap->catches, &trap->passes};
    static const char *const names[] = {"words", "catches", "passes"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(pair->key, names[i]) == 0)
            read_texts(reader, pair, texts[i]);
    if (strcmp(pair->key, "code") == 0)
        read_code(reader, pair, trap);
    else if (strcmp(pair->key, "in") == 0)
        read_places(reader, pair, trap);
    else if (strcmp(pair->key, "excused") == 0)
        read_excused(reader, pair, trap);
    else if (strcmp(pair->key, "pattern") == 0)
        read_pattern(reader, pair, &entry->catches);
    else if (strcmp(pair->key, "unless") == 0)
        read_pattern(reader, pair, &entry->unless);
}

static void tell_twin(struct reader *reader, const struct pair *pair, const struct entry *first)
{
    diagnostic_add(reader->diagnostics, RB101, pair->key_mark, "give it another name",
                   "there is a trap '%s' already, in %s", pair->key,
                   first->trap.own ? source_name(first->trap.mark.source) : "the standard library");
}

static void read_trap(struct reader *reader, struct traps *traps, const struct pair *pair, bool own)
{
    struct entry *entry = arena_alloc(reader->arena, sizeof *entry);
    const char *what = arena_format(reader->arena, "trap '%s'", pair->key);
    struct found found;
    if (!read_is_id(reader, pair->key, pair->key_mark) ||
        !read_is_map(reader, pair->value, what, NULL))
        return;
    entry->trap.id = pair->key;
    entry->trap.mark = pair->key_mark;
    entry->trap.places = TRAP_ANYWHERE;
    entry->trap.own = own;
    keys_collect(reader, MAPPING_TRAP, pair->value, &found, NULL);
    keys_missing(reader, MAPPING_TRAP, &found, pair->key_mark, what);
    keys_read(reader, MAPPING_TRAP, &found, false, &entry->trap);
    for (size_t i = 0; i < pair->value->count; i++)
        read_own_key(reader, &pair->value->pairs[i], entry);
    if (map_put(reader->arena, &traps->by_id, entry->trap.id, entry))
        list_add(reader->arena, &traps->list, entry);
    else
        tell_twin(reader, pair, map_get(&traps->by_id, pair->key));
}

bool traps_read(struct traps *traps, const struct source *source, bool own,
                struct diagnostics *diagnostics)
{
    size_t errors = diagnostics->errors;
    struct reader reader = {.arena = traps->arena, .diagnostics = diagnostics, .source = source};
    struct node *node = yaml_parse(traps->arena, source, diagnostics);
    struct found found;
    if (node == NULL || !read_is_map(&reader, node, "a table of traps", "traps: {ID: {…}}"))
        return false;
    keys_collect(&reader, MAPPING_TRAPS, node, &found, NULL);
    keys_missing(&reader, MAPPING_TRAPS, &found, node->mark, "the table of traps");
    const struct node *all = node_get(node, "traps");
    if (all != NULL && read_is_map(&reader, all, "'traps'", "traps: {ID: {…}}"))
        for (size_t i = 0; i < all->count; i++)
            read_trap(&reader, traps, &all->pairs[i], own);
    return diagnostics->errors == errors;
}

/* ---- searching ---- */

/* The pattern, compiled; NULL with a *PROBLEM at *OFFSET when it is none. */
static const struct pattern *compile(struct arena *arena, struct search *search,
                                     const char **problem, size_t *offset)
{
    if (search->pattern == NULL && search->node != NULL)
        search->pattern = pattern_compile(arena, search->node->text, problem, offset);
    return search->pattern;
}

static bool is_found(struct arena *arena, struct search *search, struct text command,
                     struct text *where)
{
    const char *problem = NULL;
    size_t offset = 0;
    struct text whole = {0}, group = {0};
    const struct pattern *pattern = compile(arena, search, &problem, &offset);
    if (pattern == NULL ||
        pattern_match(pattern, command, 0, &whole, &group, &problem) != PATTERN_FOUND)
        return false;
    *where = group.at != NULL && group.length > 0 ? group : whole;
    return true;
}

/* Which pairs of neighbouring bytes a command has; two pairs may share a bit. */
enum { PAIR_BITS = 4096 };
struct pairs {
    uint64_t bits[PAIR_BITS / 64];
};

static unsigned pair_of(const char *at)
{
    return ((unsigned)(unsigned char)at[0] << 6 ^ (unsigned)(unsigned char)at[1]) % PAIR_BITS;
}

static void pairs_find(struct pairs *pairs, struct text command)
{
    *pairs = (struct pairs){0};
    for (size_t i = 0; i + 1 < command.length; i++) {
        unsigned pair = pair_of(command.at + i);
        pairs->bits[pair / 64] |= UINT64_C(1) << pair % 64;
    }
}

static bool has_pair(const struct pairs *pairs, const char *at)
{
    unsigned pair = pair_of(at);
    return pairs->bits[pair / 64] >> pair % 64 & 1;
}

static bool may_hold(const struct pairs *pairs, struct text word)
{
    return word.length < 2 ||
           (has_pair(pairs, word.at) && has_pair(pairs, word.at + word.length - 2));
}

static bool has_word(const struct entry *entry, const struct pairs *pairs, struct text command)
{
    for (size_t i = 0; i < entry->trap.words.count; i++) {
        struct text word = ((const struct node *)entry->trap.words.at[i])->text;
        if (may_hold(pairs, word) &&
            memmem(command.at, command.length, word.at, word.length) != NULL)
            return true;
    }
    return false;
}

static bool catches(struct arena *arena, struct entry *entry, const struct pairs *pairs,
                    struct text command, struct text *where)
{
    struct text excuse;
    return has_word(entry, pairs, command) && is_found(arena, &entry->catches, command, where) &&
           !is_found(arena, &entry->unless, command, &excuse);
}

void traps_match(const struct traps *traps, struct text command, unsigned places, trap_found *found,
                 void *context)
{
    struct pairs pairs;
    pairs_find(&pairs, command);
    for (size_t i = 0; i < traps->list.count; i++) {
        struct entry *entry = traps->list.at[i];
        struct text where = command;
        if ((entry->trap.places & places) != 0 &&
            catches(traps->arena, entry, &pairs, command, &where))
            found(context, &entry->trap, where);
    }
}

/* ---- proving ---- */

static void prove_pattern(struct arena *arena, struct search *search,
                          struct diagnostics *diagnostics)
{
    const char *problem = NULL;
    size_t offset = 0;
    if (search->node != NULL && compile(arena, search, &problem, &offset) == NULL)
        diagnostic_add(diagnostics, RB102, node_mark_at(search->node, offset, 1),
                       "patterns are those of PCRE2, as in `matches`", "this is no pattern: %s",
                       problem);
}

static bool is_caught(struct arena *arena, struct entry *entry, struct text example)
{
    struct pairs pairs;
    struct text where;
    pairs_find(&pairs, example);
    return catches(arena, entry, &pairs, example, &where);
}

static const char *why_not(struct arena *arena, struct entry *entry, struct text example)
{
    struct pairs pairs;
    struct text where;
    pairs_find(&pairs, example);
    if (!has_word(entry, &pairs, example))
        return "none of its `words` stands in it";
    return is_found(arena, &entry->catches, example, &where) ? "its `unless` excuses it"
                                                             : "its `pattern` is not found in it";
}

static void prove_examples(struct arena *arena, struct entry *entry,
                           struct diagnostics *diagnostics)
{
    const struct trap *trap = &entry->trap;
    for (size_t i = 0; i < trap->catches.count; i++) {
        const struct node *example = trap->catches.at[i];
        if (!is_caught(arena, entry, example->text))
            diagnostic_add(diagnostics, RB204, example->mark, "mend the trap, or the example",
                           "trap '%s' does not catch this: %s", trap->id,
                           why_not(arena, entry, example->text));
    }
    for (size_t i = 0; i < trap->passes.count; i++) {
        const struct node *example = trap->passes.at[i];
        if (is_caught(arena, entry, example->text))
            diagnostic_add(diagnostics, RB204, example->mark,
                           "narrow `pattern`, or say by `unless` what makes it right",
                           "trap '%s' catches this, and must let it pass", trap->id);
    }
}

bool traps_prove(const struct traps *traps, const struct source *source,
                 struct diagnostics *diagnostics)
{
    size_t errors = diagnostics->errors;
    for (size_t i = 0; i < traps->list.count; i++) {
        struct entry *entry = traps->list.at[i];
        size_t before = diagnostics->errors;
        if (entry->trap.mark.source != source)
            continue;
        prove_pattern(traps->arena, &entry->catches, diagnostics);
        prove_pattern(traps->arena, &entry->unless, diagnostics);
        if (diagnostics->errors == before)
            prove_examples(traps->arena, entry, diagnostics);
    }
    return diagnostics->errors == errors;
}
