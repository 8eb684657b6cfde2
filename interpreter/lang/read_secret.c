/* `secrets` of a runbook: the mapping, and its rules. */
#include "lang/read.h"

#include "base/arena.h"
#include "lang/keys.h"

static bool has_one_source(struct reader *reader, const struct secret *secret)
{
    int sources = (secret->env != NULL) + (secret->file != NULL) + (secret->command != NULL);
    if (sources == 1)
        return true;
    diagnostic_add(reader->diagnostics, sources == 0 ? RB101 : RB102, secret->mark,
                   "say one of `env: NAME`, `file: PATH` and `command: [PROGRAM, ARGUMENT]`",
                   sources == 0 ? "secret '%s' does not say where it is read"
                                : "secret '%s' has more than one source",
                   secret->name);
    return false;
}

static struct secret *read_secret(struct reader *reader, const struct pair *pair)
{
    size_t errors = reader->diagnostics->errors;
    struct secret *secret = arena_alloc(reader->arena, sizeof *secret);
    secret->name = pair->key;
    secret->mark = pair->key_mark;
    read_mapping(reader, MAPPING_SECRET, pair,
                 arena_format(reader->arena, "secret '%s'", pair->key), secret);
    if (reader->diagnostics->errors != errors || !has_one_source(reader, secret))
        return NULL;
    return secret;
}

void read_secrets_key(struct reader *reader, void *object, const struct key *key,
                      const struct pair *pair)
{
    struct map *secrets = (struct map *)((char *)object + key->at);
    if (!read_is_map(reader, pair->value, "'secrets'", key->example))
        return;
    for (size_t i = 0; i < pair->value->count; i++) {
        const struct pair *each = &pair->value->pairs[i];
        bool named = read_is_id(reader, each->key, each->key_mark);
        struct secret *secret = read_secret(reader, each);
        if (named && secret != NULL)
            map_put(reader->arena, secrets, each->key, secret);
    }
}
