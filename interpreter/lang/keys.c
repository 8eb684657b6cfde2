#include "lang/keys.h"

#include "base/text.h"
#include "lang/keys_tables.h"

#include <assert.h>
#include <string.h>

static const struct key_table *const tables[] = {
    [MAPPING_RUNBOOK] = &keys_of_runbook,     [MAPPING_PARAM] = &keys_of_param,
    [MAPPING_OUTPUT] = &keys_of_output,       [MAPPING_DEFAULTS] = &keys_of_defaults,
    [MAPPING_STEP] = &keys_of_step,           [MAPPING_FOREACH] = &keys_of_foreach,
    [MAPPING_REPEAT] = &keys_of_repeat,       [MAPPING_APPROVE] = &keys_of_approve,
    [MAPPING_RETRY] = &keys_of_retry,         [MAPPING_CHECK] = &keys_of_check,
    [MAPPING_BLOCK] = &keys_of_block,         [MAPPING_LIBRARY] = &keys_of_library,
    [MAPPING_ACTION] = &keys_of_action,       [MAPPING_MATCHER] = &keys_of_matcher,
    [MAPPING_SECRET] = &keys_of_secret,       [MAPPING_CONNECTION] = &keys_of_connection,
    [MAPPING_POSTGRES] = &keys_of_postgres,   [MAPPING_MONITOR] = &keys_of_monitor,
    [MAPPING_CONDITION] = &keys_of_condition, [MAPPING_STRIKES] = &keys_of_strikes,
    [MAPPING_BREAKER] = &keys_of_breaker,     [MAPPING_LIMIT] = &keys_of_limit,
    [MAPPING_TRAPS] = &keys_of_traps,         [MAPPING_TRAP] = &keys_of_trap,
};
static_assert(sizeof tables / sizeof tables[0] == MAPPING_COUNT, "a table for each mapping");

/* What other tools, and the left-out chapters of this language, call things. */
static const struct {
    enum mapping mapping;
    const char *word;
    const char *remedy;
} foreign[] = {
    {MAPPING_STEP, "if", "a condition is written `when: ${…}`"},
    {MAPPING_STEP, "unless", "a condition is written `when: ${not …}`"},
    {MAPPING_STEP, "depends_on", "the steps that come before are named by `needs: [a, b]`"},
    {MAPPING_STEP, "after", "the steps that come before are named by `needs: [a, b]`"},
    {MAPPING_STEP, "requires", "the steps that come before are named by `needs: [a, b]`"},
    {MAPPING_STEP, "name", "the key of a step is its name; prose goes into `title`"},
    {MAPPING_STEP, "id", "the key of a step is its id"},
    {MAPPING_STEP, "description", "prose goes into `title`"},
    {MAPPING_STEP, "about", "prose goes into `title`"},
    {MAPPING_STEP, "run", "a command is written `exec: [program, argument]` or `shell: …`"},
    {MAPPING_STEP, "cmd", "a command is written `exec: [program, argument]` or `shell: …`"},
    {MAPPING_STEP, "command", "a command is written `exec: [program, argument]` or `shell: …`"},
    {MAPPING_STEP, "script", "a script is written `shell: …`"},
    {MAPPING_STEP, "sleep",
     "to wait for a time is `wait: 30s`; to wait for a thing is `verify` "
     "or `wait` with `checks`"},
    {MAPPING_STEP, "loop", "a loop over a list is `foreach: {as: NAME, in: LIST}`"},
    {MAPPING_STEP, "with_items", "a loop over a list is `foreach: {as: NAME, in: LIST}`"},
    {MAPPING_STEP, "until", "to do it again until something holds is `repeat: {until: …, max: …}`"},
    {MAPPING_STEP, "retries", "to try again is `retry: {attempts: N}`"},
    {MAPPING_STEP, "ignore_errors", "a failure that does not fail the run is `tolerate: WHY`"},
    {MAPPING_STEP, "continue_on_error", "a failure that does not fail the run is `tolerate: WHY`"},
    {MAPPING_STEP, "on_failure",
     "use `tolerate` here and a step with "
     "`when: ${steps.ID.state == 'failed'}`"},
    {MAPPING_STEP, "finally", "what must be given back is a `release` of the step that takes it"},
    {MAPPING_STEP, "confirm", "a question to a person is `approve: {ask: …}`"},
    {MAPPING_STEP, "guard", "what must hold before a step is `preconditions`"},
    {MAPPING_STEP, "env",
     "the environment is a param of the action: `exec: {argv: […], env: {…}}`"},
    {MAPPING_STEP, "cwd", "the folder is a param of the action: `exec: {argv: […], cwd: …}`"},
    {MAPPING_STEP, "params", "params stand under the action: `library.verb: {param: value}`"},
    {MAPPING_STEP, "args", "params stand under the action: `library.verb: {param: value}`"},
    {MAPPING_STEP, "rollback",
     "how to take a step back is `undo`; to give back what it holds is `release`"},
    {MAPPING_STEP, "assume_done", "what is done already is told by `done_if`"},
    {MAPPING_RUNBOOK, "name", "the name is the value of `runbook`"},
    {MAPPING_RUNBOOK, "description", "prose goes into `about`"},
    {MAPPING_RUNBOOK, "inputs", "what a run is given is `params`"},
    {MAPPING_RUNBOOK, "vars",
     "what a run is given is `params`; a value in between is a step `set`"},
    {MAPPING_RUNBOOK, "env", "the environment of every process is `defaults: {env: {…}}`"},
    {MAPPING_RUNBOOK, "timeout", "a limit for every step is `defaults: {timeout: …}`"},
    {MAPPING_RUNBOOK, "monitor",
     "a file is one of the two: a monitor names the runbooks that it runs"},
    {MAPPING_RUNBOOK, "tasks", "what is done stands under `steps`"},
    {MAPPING_RUNBOOK, "verify", "`verify` is a key of a step"},
    {MAPPING_RUNBOOK, "finally",
     "what must be given back is a `release` of the step that takes it"},
    {MAPPING_PARAM, "required", "a param without `default` and `optional: true` has to be given"},
    {MAPPING_PARAM, "enum", "the values that may be are `one_of: [a, b]`"},
    {MAPPING_PARAM, "description", "prose goes into `about`"},
    {MAPPING_POSTGRES, "database", "the database is `dbname`, as libpq calls it"},
    {MAPPING_POSTGRES, "username", "the user is `user`"},
    {MAPPING_POSTGRES, "url", "write its parts: host, port, user, dbname"},
    {MAPPING_CONNECTION, "postgresql", "the kind is written `postgres`"},
    {MAPPING_MATCHER, "equals", "a value that must be equal is written as it is: `exit: 0`"},
    {MAPPING_MATCHER, "is", "a value that must be equal is written as it is: `exit: 0`"},
    {MAPPING_MATCHER, "in", "the values that may be are `one_of: [a, b]`"},
    {MAPPING_MATCHER, "regex", "a pattern is `matches: '^ok'`"},
    {MAPPING_MATCHER, "length", "the length is `count: 3` or `count: {min: 1}`"},
    {MAPPING_CHECK, "all", "the checks of a block must all hold: write them one below the other"},
    {MAPPING_CHECK, "within", "waiting is of the whole block: `{within: 60s, checks: […]}`"},
    {MAPPING_CHECK, "retry", "asking again is of the whole block: `{within: 60s, checks: […]}`"},
    {MAPPING_CHECK, "when", "a check is always asked; a condition is `when` of its step"},
    {MAPPING_MONITOR, "interval", "from round to round is `every`"},
    {MAPPING_MONITOR, "steps", "what is run is named by `run` of a condition"},
    {MAPPING_MONITOR, "lock", "the runbook that is run has its own; a monitor is watched once"},
    {MAPPING_CONDITION, "cooldown", "it is a key of the whole monitor"},
    {MAPPING_CONDITION, "when", "a condition is always asked; write a check that holds else"},
    {MAPPING_BREAKER, "timeout", "the time after which a round counts as bad is `slow`"},
    {MAPPING_BLOCK, "timeout",
     "to ask again for some time is `within`; one check's limit is its "
     "own `timeout`"},
    {MAPPING_BLOCK, "interval", "from round to round is `every`"},
    {MAPPING_BLOCK, "retry", "to ask again for some time is `within`"},
};

const struct key_table *keys_of(enum mapping mapping)
{
    return tables[mapping];
}

const struct key *key_find(enum mapping mapping, const char *name, size_t *index)
{
    const struct key_table *table = tables[mapping];
    for (size_t i = 0; i < table->count; i++)
        if (table->keys[i].name[0] == name[0] && strcmp(table->keys[i].name, name) == 0) {
            if (index)
                *index = i;
            return &table->keys[i];
        }
    return NULL;
}

static size_t slot_of(const char *name)
{
    size_t length = strlen(name);
    size_t last = length > 0 ? (unsigned char)name[length - 1] : 0;
    return ((unsigned char)name[0] * 7U + last * 31U + length) & 127U;
}

void key_index_fill(struct key_index *index)
{
    memset(index, 0, sizeof *index);
    for (size_t i = 0; i < MAPPING_COUNT; i++)
        for (size_t j = 0; j < tables[i]->count; j++)
            index->slots[i][slot_of(tables[i]->keys[j].name)] = (unsigned char)(j + 1);
}

const struct key *key_find_by(const struct key_index *keys, enum mapping mapping, const char *name,
                              size_t *index)
{
    unsigned char slot = keys->slots[mapping][slot_of(name)];
    if (slot == 0)
        return NULL;
    const struct key *key = &tables[mapping]->keys[slot - 1];
    if (strcmp(key->name, name) != 0)
        return key_find(mapping, name, index); /* two keys share the slot, or it is none */
    *index = slot - 1U;
    return key;
}

const char *keys_nearest(enum mapping mapping, const char *word)
{
    const struct key_table *table = tables[mapping];
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; i < table->count; i++)
        names[count++] = table->keys[i].name;
    return text_nearest(word, names, count);
}

const char *keys_foreign(enum mapping mapping, const char *word)
{
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        if (foreign[i].mapping == mapping && strcmp(foreign[i].word, word) == 0)
            return foreign[i].remedy;
    return NULL;
}
