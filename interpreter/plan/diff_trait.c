#include "plan/diff_trait.h"

#include <string.h>

static const struct trait traits[] = {
    {MAPPING_RUNBOOK, "title", JUDGE_WORDS, NULL},
    {MAPPING_RUNBOOK, "about", JUDGE_WORDS, NULL},
    {MAPPING_RUNBOOK, "begins", JUDGE_WORDS, NULL},
    {MAPPING_RUNBOOK, "ends", JUDGE_WORDS, NULL},
    {MAPPING_RUNBOOK, "objective", JUDGE_NUMBER, NULL},
    {MAPPING_RUNBOOK, "lock", JUDGE_GUARD, NULL},
    {MAPPING_RUNBOOK, "target", JUDGE_GUARD, NULL},
    {MAPPING_RUNBOOK, "preconditions", JUDGE_GUARD, NULL},
    {MAPPING_RUNBOOK, "on_failure", JUDGE_GUARD, NULL},
    {MAPPING_RUNBOOK, "allow", JUDGE_LICENCE, NULL},
    {MAPPING_PARAM, "about", JUDGE_WORDS, NULL},
    {MAPPING_PARAM, "pattern", JUDGE_GUARD, NULL},
    {MAPPING_PARAM, "one_of", JUDGE_WIDENS, NULL},
    {MAPPING_PARAM, "min", JUDGE_LEAST, NULL},
    {MAPPING_PARAM, "max", JUDGE_MOST, NULL},
    {MAPPING_OUTPUT, "about", JUDGE_WORDS, NULL},
    {MAPPING_DEFAULTS, "timeout", JUDGE_MOST, NULL},
    {MAPPING_DEFAULTS, "check_timeout", JUDGE_MOST, NULL},
    {MAPPING_DEFAULTS, "grace", JUDGE_NUMBER, NULL},
    {MAPPING_DEFAULTS, "every", JUDGE_NUMBER, NULL},
    {MAPPING_STEP, "title", JUDGE_WORDS, NULL},
    {MAPPING_STEP, "because", JUDGE_WORDS, NULL},
    {MAPPING_STEP, "when", JUDGE_WHEN, NULL},
    {MAPPING_STEP, "preconditions", JUDGE_GUARD, NULL},
    {MAPPING_STEP, "approve", JUDGE_GUARD, NULL},
    {MAPPING_STEP, "timeout", JUDGE_MOST, NULL},
    {MAPPING_STEP, "retry", JUDGE_RETRY, NULL},
    {MAPPING_STEP, "verify", JUDGE_GUARD, NULL},
    {MAPPING_STEP, "undo", JUDGE_GUARD, NULL},
    {MAPPING_STEP, "release", JUDGE_GUARD, NULL},
    {MAPPING_STEP, "tolerate", JUDGE_LICENCE, NULL},
    {MAPPING_STEP, "idempotent", JUDGE_LICENCE, NULL},
    {MAPPING_STEP, "effect", JUDGE_EFFECT, NULL},
    {MAPPING_STEP, "protects", JUDGE_GUARD, NULL},
    {MAPPING_STEP, "destroys", JUDGE_DESTROYS, NULL},
    {MAPPING_STEP, "accept_loss", JUDGE_LICENCE, NULL},
    {MAPPING_STEP, "irreversible", JUDGE_LICENCE, NULL},
    {MAPPING_STEP, "allow", JUDGE_LICENCE, NULL},
    {MAPPING_FOREACH, "max", JUDGE_MOST, NULL},
    {MAPPING_FOREACH, "stop_after", JUDGE_MOST, NULL},
    {MAPPING_FOREACH, "parallel", JUDGE_NUMBER, NULL},
    {MAPPING_FOREACH, "pause", JUDGE_NUMBER, NULL},
    {MAPPING_FOREACH, "empty", JUDGE_LICENCE, NULL},
    {MAPPING_REPEAT, "max", JUDGE_MOST, NULL},
    {MAPPING_REPEAT, "pause", JUDGE_NUMBER, NULL},
    {MAPPING_APPROVE, "type", JUDGE_GUARD, NULL},
    {MAPPING_APPROVE, "by", JUDGE_WIDENS, NULL},
    {MAPPING_APPROVE, "count", JUDGE_LEAST, NULL},
    {MAPPING_APPROVE, "within", JUDGE_NUMBER, NULL},
    {MAPPING_RETRY, "attempts", JUDGE_RETRY, NULL},
    {MAPPING_RETRY, "delay", JUDGE_NUMBER, NULL},
    {MAPPING_RETRY, "backoff", JUDGE_NUMBER, NULL},
    {MAPPING_RETRY, "also", JUDGE_RETRY, NULL},
    {MAPPING_CHECK, "because", JUDGE_WORDS, NULL},
    {MAPPING_CHECK, "timeout", JUDGE_NUMBER, NULL},
    {MAPPING_BLOCK, "within", JUDGE_NUMBER, NULL},
    {MAPPING_BLOCK, "every", JUDGE_NUMBER, NULL},
    {MAPPING_BLOCK, "stable_for", JUDGE_LEAST, NULL},
    {MAPPING_BLOCK, "stall", JUDGE_MOST, NULL},
    {MAPPING_ACTION, "about", JUDGE_WORDS, NULL},
    {MAPPING_ACTION, "effect", JUDGE_EFFECT, NULL},
    {MAPPING_ACTION, "idempotent", JUDGE_LICENCE, NULL},
    {MAPPING_ACTION, "protects", JUDGE_GUARD, NULL},
    {MAPPING_ACTION, "destroys", JUDGE_DESTROYS, NULL},
    {MAPPING_SECRET, "env", JUDGE_SOURCE, NULL},
    {MAPPING_SECRET, "file", JUDGE_SOURCE, NULL},
    {MAPPING_SECRET, "command", JUDGE_SOURCE, NULL},
    {MAPPING_MONITOR, "title", JUDGE_WORDS, NULL},
    {MAPPING_MONITOR, "about", JUDGE_WORDS, NULL},
    {MAPPING_MONITOR, "every", JUDGE_NUMBER, NULL},
    {MAPPING_MONITOR, "cooldown", JUDGE_LEAST, NULL},
    {MAPPING_MONITOR, "allow", JUDGE_LICENCE, NULL},
    {MAPPING_CONDITION, "about", JUDGE_WORDS, NULL},
    {MAPPING_CONDITION, "every", JUDGE_NUMBER, NULL},
    {MAPPING_CONDITION, "approve", JUDGE_GUARD, NULL},
    {MAPPING_STRIKES, "failed", JUDGE_NUMBER, NULL},
    {MAPPING_STRIKES, "of", JUDGE_NUMBER, NULL},
    {MAPPING_BREAKER, "errors", JUDGE_NUMBER, NULL},
    {MAPPING_BREAKER, "of", JUDGE_NUMBER, NULL},
    {MAPPING_BREAKER, "slow", JUDGE_NUMBER, NULL},
    {MAPPING_BREAKER, "reset", JUDGE_NUMBER, NULL},
    {MAPPING_LIMIT, "runs", JUDGE_MOST, NULL},
    {MAPPING_LIMIT, "within", JUDGE_LEAST, NULL},
    {MAPPING_COUNT, "keep", JUDGE_GUARD, "file.write"},
    {MAPPING_COUNT, "keep", JUDGE_GUARD, "file.copy"},
    {MAPPING_COUNT, "keep", JUDGE_GUARD, "file.move"},
    {MAPPING_COUNT, "keep", JUDGE_GUARD, "file.edit"},
    {MAPPING_COUNT, "keep", JUDGE_GUARD, "archive.extract"},
    {MAPPING_COUNT, "replace", JUDGE_LICENCE, "file.move"},
    {MAPPING_COUNT, "count", JUDGE_GUARD, "file.edit"},
    {MAPPING_COUNT, "for", JUDGE_NUMBER, "wait"},
    {MAPPING_COUNT, "checks", JUDGE_GUARD, "wait"},
    {MAPPING_COUNT, "that", JUDGE_GUARD, "assert"},
};

static const struct trait plain[] = {
    {MAPPING_COUNT, "", JUDGE_PLAIN, NULL}, {MAPPING_COUNT, "", JUDGE_WORDS, NULL},
    {MAPPING_COUNT, "", JUDGE_GUARD, NULL}, {MAPPING_COUNT, "", JUDGE_LICENCE, NULL},
    {MAPPING_COUNT, "", JUDGE_CHECK, NULL}, {MAPPING_COUNT, "", JUDGE_EXPECT, NULL},
    {MAPPING_COUNT, "", JUDGE_STEPS, NULL}, {MAPPING_COUNT, "", JUDGE_STEP, NULL},
    {MAPPING_COUNT, "", JUDGE_ENTRY, NULL},
};

const struct trait *trait_plain(enum judge judge)
{
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (plain[i].judge == judge)
            return &plain[i];
    return &plain[0];
}

const struct trait *trait_of(enum mapping mapping, const char *key)
{
    for (size_t i = 0; i < sizeof traits / sizeof *traits; i++)
        if (traits[i].mapping == mapping && traits[i].action == NULL &&
            strcmp(traits[i].key, key) == 0)
            return &traits[i];
    return &plain[0];
}

const struct trait *trait_of_argument(const char *action, const char *key)
{
    for (size_t i = 0; i < sizeof traits / sizeof *traits; i++)
        if (traits[i].action != NULL && strcmp(traits[i].action, action) == 0 &&
            strcmp(traits[i].key, key) == 0)
            return &traits[i];
    return &plain[0];
}
