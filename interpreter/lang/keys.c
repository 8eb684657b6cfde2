#include "lang/keys.h"

#include "base/text.h"
#include "lang/model.h"

#include <assert.h>
#include <string.h>

static const struct key runbook_keys[] = {
    {.name = "runbook", .type = "id", .mandatory = true, .reading = READ_ID,
     .at = offsetof(struct runbook, name), .about = "its name", .example = "runbook: level1"},
    {.name = "title", .type = "text", .reading = READ_TEXT,
     .at = offsetof(struct runbook, title), .about = "one line for lists and log"},
    {.name = "about", .type = "text", .reading = READ_TEXT,
     .at = offsetof(struct runbook, about), .about = "prose for the reader"},
    {.name = "objective", .type = "duration", .reading = READ_DURATION,
     .at = offsetof(struct runbook, objective),
     .about = "the time in which it should be done; shown, never enforced",
     .example = "objective: 10m"},
    {.name = "lock", .type = "text", .reading = READ_TEXT, .at = offsetof(struct runbook, lock),
     .about = "one run at a time per name; a called runbook that asks for a lock its run holds "
              "has it"},
    {.name = "log", .type = "path", .reading = READ_PATH, .at = offsetof(struct runbook, log),
     .about = "the operation log, one line a step; `PATH.jsonl` beside it for machines"},
    {.name = "params", .type = "map of param", .reading = READ_PARAMS,
     .at = offsetof(struct runbook, params), .about = "what the run is given",
     .example = "params: {service: {type: string, default: backend}}"},
    {.name = "secrets", .type = "map of secret", .stage = STAGE_LATER, .reading = READ_APART,
     .about = "what must never be written down, and where it is read"},
    {.name = "connections", .type = "map of connection", .stage = STAGE_LATER,
     .reading = READ_APART, .about = "the databases and servers that actions speak to"},
    {.name = "defaults", .type = "map", .reading = READ_DEFAULTS,
     .at = offsetof(struct runbook, defaults),
     .about = "limits and places that hold where a step says none; inside actions too, not in a "
              "called runbook",
     .example = "defaults: {timeout: 2m}"},
    {.name = "target", .type = "list of checks", .reading = READ_CHECKS,
     .at = offsetof(struct runbook, target),
     .about = "who the system is: asked at start, at resume, before every `destroy`",
     .example = "target: [{host.identity: {}, expect: {name: web1}}]"},
    {.name = "preconditions", .type = "check block", .reading = READ_BLOCK,
     .at = offsetof(struct runbook, preconditions),
     .about = "asked at the start until they held once; not on resume after that"},
    {.name = "steps", .type = "map of step", .mandatory = true, .reading = READ_STEPS,
     .at = offsetof(struct runbook, steps), .about = "what is done, in this order",
     .example = "steps: {restarted: {exec: [systemctl, restart, nginx]}}"},
    {.name = "on_failure", .type = "map of step", .reading = READ_ON_FAILURE,
     .at = offsetof(struct runbook, on_failure),
     .about = "run when a step failed and is not tolerated, after the running ones have ended"},
    {.name = "outputs", .type = "map of output", .reading = READ_OUTPUTS,
     .at = offsetof(struct runbook, outputs), .about = "what a `call` of this runbook gives",
     .example = "outputs: {version: {type: string, value: '${steps.found.version}'}}"},
    {.name = "allow", .type = "map of code: why", .reading = READ_ALLOW,
     .at = offsetof(struct runbook, allow), .about = "a warning of the checker that is accepted",
     .example = "allow: {RB106: the param is for the next release}"},
};

static const struct key param_keys[] = {
    {.name = "type", .type = "type", .mandatory = true, .reading = READ_TYPE,
     .at = offsetof(struct param, type), .about = "what its value is", .example = "type: string"},
    {.name = "default", .type = "of its type", .late = true, .reading = READ_TYPED,
     .at = offsetof(struct param, preset),
     .about = "what it is when it is not given; may name params written before it"},
    {.name = "optional", .type = "bool", .preset = "false", .reading = READ_BOOL,
     .at = offsetof(struct param, optional), .about = "it may be left out, and is then unset",
     .example = "optional: true"},
    {.name = "pattern", .type = "regex", .reading = READ_PATTERN,
     .at = offsetof(struct param, pattern),
     .about = "must be found in its text; of a list, in every member",
     .example = "pattern: '^[a-z_]+$'"},
    {.name = "one_of", .type = "list of its type", .late = true, .reading = READ_APART,
     .at = offsetof(struct param, one_of),
     .about = "it is one of these; of a list, every member is", .example = "one_of: [blue, green]"},
    {.name = "min", .type = "number", .late = true, .reading = READ_APART,
     .at = offsetof(struct param, min),
     .about = "the least number, duration, size or time, or length of a text or list"},
    {.name = "max", .type = "number", .late = true, .reading = READ_APART,
     .at = offsetof(struct param, max),
     .about = "the greatest number, duration, size or time, or length of a text or list"},
    {.name = "about", .type = "text", .reading = READ_PROSE, .at = offsetof(struct param, about),
     .about = "one line for whoever gives it"},
};

static const struct key output_keys[] = {
    {.name = "type", .type = "type", .mandatory = true, .reading = READ_TYPE,
     .at = offsetof(struct param, type), .about = "what its value is", .example = "type: string"},
    {.name = "value", .type = "of its type", .mandatory = true, .late = true,
     .reading = READ_TYPED, .at = offsetof(struct param, value), .about = "how it is computed",
     .example = "value: ${trim(result.stdout)}"},
    {.name = "about", .type = "text", .reading = READ_PROSE, .at = offsetof(struct param, about),
     .about = "one line for whoever reads it"},
};

static const struct key defaults_keys[] = {
    {.name = "timeout", .type = "duration", .preset = "5m", .reading = READ_DURATION,
     .at = offsetof(struct defaults, timeout), .about = "of one attempt of an action"},
    {.name = "check_timeout", .type = "duration", .preset = "10s", .reading = READ_DURATION,
     .at = offsetof(struct defaults, check_timeout), .about = "of one check"},
    {.name = "grace", .type = "duration", .preset = "10s", .zero = true, .reading = READ_DURATION,
     .at = offsetof(struct defaults, grace), .about = "from SIGTERM to SIGKILL"},
    {.name = "every", .type = "duration", .preset = "2s", .reading = READ_DURATION,
     .at = offsetof(struct defaults, every), .about = "from round to round of a check block"},
    {.name = "host", .type = "text", .preset = "here", .reading = READ_HOST,
     .at = offsetof(struct defaults, host), .about = "where processes run and files lie"},
    {.name = "cwd", .type = "path", .preset = "the runbook's folder", .reading = READ_PATH,
     .at = offsetof(struct defaults, cwd), .about = "of processes and relative paths"},
    {.name = "env", .type = "map of text", .reading = READ_ENVIRONMENT,
     .at = offsetof(struct defaults, env), .about = "the environment of every process",
     .example = "env: {LANG: C.UTF-8}"},
};

static const struct key step_keys[] = {
    {.name = "title", .type = "text", .preset = "its id", .reading = READ_TEXT,
     .at = offsetof(struct step, title), .about = "its line in log and report"},
    {.name = "needs", .type = "list of ids", .preset = "the step before", .no_release = true,
     .reading = READ_APART, .at = offsetof(struct step, needs),
     .about = "the steps that it comes after; `[]` starts at once",
     .example = "needs: [stopped, backup]"},
    {.name = "when", .type = "expr bool", .preset = "true", .reading = READ_EXPR,
     .at = offsetof(struct step, when), .about = "false: it is skipped",
     .example = "when: ${params.severe}"},
    {.name = "foreach", .type = "map", .reading = READ_FOREACH,
     .at = offsetof(struct step, foreach), .about = "does it for every item of a list",
     .example = "foreach: {as: host, in: [web1, web2]}"},
    {.name = "repeat", .type = "map", .reading = READ_REPEAT, .at = offsetof(struct step, repeat),
     .about = "does it again until something holds",
     .example = "repeat: {until: '${result.moved == 0}', max: 100}"},
    {.name = "host", .type = "text", .preset = "defaults", .reading = READ_HOST,
     .at = offsetof(struct step, host),
     .about = "where the processes and files of this step are, and of all inside it"},
    {.name = "done_if", .type = "check block, or `verified`", .no_release = true, .late = true,
     .reading = READ_DONE_IF, .at = offsetof(struct step, done_if),
     .about = "nothing to do if it holds; `verified`: the step's own `verify`",
     .example = "done_if: verified"},
    {.name = "preconditions", .type = "check block", .reading = READ_BLOCK,
     .at = offsetof(struct step, preconditions),
     .about = "must hold right before the action; may wait with `within`"},
    {.name = "approve", .type = "map", .no_release = true, .reading = READ_APPROVE,
     .at = offsetof(struct step, approve), .about = "a person says yes before the action",
     .example = "approve: {ask: 'Push ${params.commit}?'}"},
    {.name = "expect", .type = "expectation", .preset = "the action's", .late = true,
     .reading = READ_EXPECT, .at = offsetof(struct step, expect),
     .about = "what its outputs must be; `{}`: whatever comes",
     .example = "expect: {exit: {one_of: [0, 1]}}"},
    {.name = "because", .type = "text", .reading = READ_TEXT, .at = offsetof(struct step, because),
     .about = "what the operator reads when `expect` fails"},
    {.name = "outputs", .type = "map of output", .reading = READ_OUTPUTS,
     .at = offsetof(struct step, outputs), .about = "more typed outputs, computed from `result`",
     .example = "outputs: {commit: {type: string, value: '${trim(result.stdout)}'}}"},
    {.name = "timeout", .type = "duration", .preset = "defaults", .reading = READ_DURATION,
     .at = offsetof(struct step, timeout),
     .about = "of one attempt of the action, with `repeat` of one round; of a group, composite or "
              "call all inside"},
    {.name = "retry", .type = "map", .preset = "1 attempt", .reading = READ_RETRY,
     .at = offsetof(struct step, retry), .about = "tries again; read or idempotent only",
     .example = "retry: {attempts: 5, delay: 2s}"},
    {.name = "verify", .type = "check block", .reading = READ_BLOCK,
     .at = offsetof(struct step, verify), .about = "the step is not done until it holds",
     .example = "verify: {within: 60s, checks: [{http.get: 'http://localhost/health'}]}"},
    {.name = "undo", .type = "list of steps", .stage = STAGE_LATER, .no_release = true,
     .reading = READ_APART, .about = "how to take it back"},
    {.name = "release", .type = "list of steps", .no_release = true, .late = true,
     .reading = READ_RELEASE, .at = offsetof(struct step, release),
     .about = "how to give back what it holds",
     .example = "release: [{exec: [fsfreeze, --unfreeze, /data]}]"},
    {.name = "tolerate", .type = "text: why", .reading = READ_TEXT,
     .at = offsetof(struct step, tolerate), .about = "its failure does not fail the run",
     .example = "tolerate: The message is a courtesy."},
    {.name = "idempotent", .type = "bool",
     .preset = "the action's; inside an action that is, true", .reading = READ_APART,
     .at = offsetof(struct step, idempotent), .about = "may be run twice",
     .example = "idempotent: true"},
    {.name = "effect", .type = "read, change, destroy", .preset = "the action's",
     .reading = READ_APART, .at = offsetof(struct step, effect),
     .about = "for `exec`, `shell`, `http` only", .example = "effect: read"},
    {.name = "protects", .type = "list of `kind:name`", .preset = "the action's",
     .reading = READ_RESOURCES, .at = offsetof(struct step, protects),
     .about = "what it makes a copy of, for `exec`, `shell`, `file.*`, `sql.exec`",
     .example = "protects: ['volume:pgdata']"},
    {.name = "destroys", .type = "list of `kind:name`", .preset = "the action's",
     .reading = READ_RESOURCES, .at = offsetof(struct step, destroys),
     .about = "what is gone after it, for the same; makes the effect destroy",
     .example = "destroys: ['volume:pgdata']"},
    {.name = "accept_loss", .type = "text: why", .reading = READ_TEXT,
     .at = offsetof(struct step, accept_loss), .about = "no protected copy is needed"},
    {.name = "irreversible", .type = "text: why", .no_release = true, .reading = READ_TEXT,
     .at = offsetof(struct step, irreversible), .about = "the point of no return"},
    {.name = "allow", .type = "map of code: why", .reading = READ_ALLOW,
     .at = offsetof(struct step, allow), .about = "a warning of the checker that is accepted here",
     .example = "allow: {RB501: the command ends by itself}"},
};

static const struct key foreach_keys[] = {
    {.name = "as", .type = "id", .mandatory = true, .reading = READ_ID,
     .at = offsetof(struct foreach, as), .about = "its name in `${item.NAME}`",
     .example = "as: host"},
    {.name = "in", .type = "list", .mandatory = true, .reading = READ_VALUES,
     .at = offsetof(struct foreach, in), .about = "the items", .example = "in: [web1, web2]"},
    {.name = "parallel", .type = "count", .preset = "1", .reading = READ_COUNT,
     .at = offsetof(struct foreach, parallel), .about = "so many at a time"},
    {.name = "max", .type = "count", .reading = READ_COUNT, .at = offsetof(struct foreach, max),
     .about = "a longer list fails the step"},
    {.name = "pause", .type = "duration", .preset = "0s", .zero = true, .reading = READ_DURATION,
     .at = offsetof(struct foreach, pause), .about = "between items"},
    {.name = "stop_after", .type = "count", .preset = "1", .reading = READ_COUNT,
     .at = offsetof(struct foreach, stop_after),
     .about = "after so many failed items no new one begins"},
    {.name = "empty", .type = "ok", .reading = READ_OK, .at = offsetof(struct foreach, empty_ok),
     .about = "an empty list is done, not failed", .example = "empty: ok"},
};

static const struct key repeat_keys[] = {
    {.name = "until", .type = "expr bool", .mandatory = true, .reading = READ_EXPR,
     .at = offsetof(struct repeat, until), .about = "when it is enough; sees `result`",
     .example = "until: ${result.count == 0}"},
    {.name = "max", .type = "count", .mandatory = true, .reading = READ_COUNT,
     .at = offsetof(struct repeat, max), .about = "rounds; after them the step fails",
     .example = "max: 100"},
    {.name = "pause", .type = "duration", .preset = "0s", .zero = true, .reading = READ_DURATION,
     .at = offsetof(struct repeat, pause), .about = "between rounds"},
};

static const struct key approve_keys[] = {
    {.name = "ask", .type = "text", .mandatory = true, .reading = READ_TEXT,
     .at = offsetof(struct approve, ask), .about = "the question",
     .example = "ask: Replace the database?"},
    {.name = "type", .type = "text", .reading = READ_TEXT, .at = offsetof(struct approve, type),
     .about = "what has to be typed back"},
    {.name = "show", .type = "list of values", .reading = READ_VALUES,
     .at = offsetof(struct approve, show), .about = "what the person sees before answering",
     .example = "show: ['${steps.found.commit}']"},
    {.name = "by", .type = "list of users and %groups", .preset = "anyone", .stage = STAGE_LATER,
     .reading = READ_APART, .about = "who may answer"},
    {.name = "count", .type = "count", .preset = "1", .stage = STAGE_LATER, .reading = READ_APART,
     .about = "how many of them"},
    {.name = "within", .type = "duration", .stage = STAGE_LATER, .reading = READ_APART,
     .about = "past it the run stops"},
};

static const struct key retry_keys[] = {
    {.name = "attempts", .type = "count", .mandatory = true, .reading = READ_COUNT,
     .at = offsetof(struct retry, attempts), .about = "the first one included",
     .example = "attempts: 3"},
    {.name = "delay", .type = "duration", .preset = "1s", .zero = true, .reading = READ_DURATION,
     .at = offsetof(struct retry, delay), .about = "before the next, give or take a tenth"},
    {.name = "backoff", .type = "number", .preset = "1", .reading = READ_FLOAT,
     .at = offsetof(struct retry, backoff), .about = "the delay grows by this factor"},
    {.name = "also", .type = "list of `timeout`, `verify`", .reading = READ_ALSO,
     .at = offsetof(struct retry, also_timeout), .about = "what else is tried again",
     .example = "also: [timeout]"},
};

static const struct key check_keys[] = {
    {.name = "any", .type = "list of checks", .reading = READ_APART,
     .about = "at least one of them holds", .example = "any: [{tcp.probe: {host: a, port: 80}}]"},
    {.name = "not", .type = "check", .reading = READ_APART, .about = "it does not hold",
     .example = "not: {tcp.probe: {host: a, port: 80}}"},
    {.name = "expect", .type = "expectation", .preset = "the action's", .late = true,
     .reading = READ_EXPECT, .at = offsetof(struct check, expect),
     .about = "what its outputs must be", .example = "expect: {exists: true}"},
    {.name = "because", .type = "text", .reading = READ_TEXT,
     .at = offsetof(struct check, because),
     .about = "what the operator reads when it does not hold"},
    {.name = "host", .type = "text", .preset = "the step's", .reading = READ_HOST,
     .at = offsetof(struct check, host), .about = "where it is asked"},
    {.name = "foreach", .type = "map", .reading = READ_FOREACH,
     .at = offsetof(struct check, foreach), .about = "it must hold for every item",
     .example = "foreach: {as: port, in: [80, 443]}"},
    {.name = "timeout", .type = "duration", .preset = "defaults", .reading = READ_DURATION,
     .at = offsetof(struct check, timeout), .about = "of one time of asking"},
};

static const struct key block_keys[] = {
    {.name = "checks", .type = "list of checks", .mandatory = true, .reading = READ_CHECKS,
     .at = offsetof(struct block, checks), .about = "all must hold in the same round",
     .example = "checks: [{http.get: 'http://localhost/health'}]"},
    {.name = "within", .type = "duration", .preset = "one round", .reading = READ_DURATION,
     .at = offsetof(struct block, within), .about = "ask again until they hold, this long"},
    {.name = "every", .type = "duration", .preset = "defaults", .reading = READ_DURATION,
     .at = offsetof(struct block, every), .about = "from the start of a round to the next"},
    {.name = "stable_for", .type = "duration", .preset = "0s", .zero = true, .reading = READ_DURATION,
     .at = offsetof(struct block, stable_for),
     .about = "they must hold in every round for this long; `within` includes it"},
    {.name = "stall", .type = "duration", .reading = READ_DURATION,
     .at = offsetof(struct block, stall),
     .about = "fail early when no output that an expectation names has changed for so long"},
};

static const struct key library_keys[] = {
    {.name = "library", .type = "id", .mandatory = true, .reading = READ_ID,
     .at = offsetof(struct library, name),
     .about = "the first half of its actions' names; the file bears the same name",
     .example = "library: shop"},
    {.name = "about", .type = "text", .mandatory = true, .reading = READ_PROSE,
     .at = offsetof(struct library, about), .about = "what it is for",
     .example = "about: The shop's own services."},
    {.name = "actions", .type = "map of action", .mandatory = true, .late = true,
     .reading = READ_ACTIONS, .at = offsetof(struct library, actions),
     .about = "its actions by the second half of their names",
     .example = "actions: {restart: {effect: change, steps: {}}}"},
};

static const struct key action_keys[] = {
    {.name = "about", .type = "text", .reading = READ_PROSE, .at = offsetof(struct action, about),
     .about = "what it does"},
    {.name = "effect", .type = "read, change, destroy", .mandatory = true,
     .reading = READ_EFFECT, .at = offsetof(struct action, effect),
     .about = "never milder than what it is made of", .example = "effect: change"},
    {.name = "idempotent", .type = "bool", .preset = "reads: true", .reading = READ_BOOL,
     .at = offsetof(struct action, idempotent),
     .about = "may be run twice; also of its inner steps, save those that say false"},
    {.name = "protects", .type = "list of `kind:name`", .reading = READ_RESOURCES,
     .at = offsetof(struct action, protects), .about = "what it makes a copy of",
     .example = "protects: ['database:${params.name}']"},
    {.name = "destroys", .type = "list of `kind:name`", .reading = READ_RESOURCES,
     .at = offsetof(struct action, destroys), .about = "what is gone after it",
     .example = "destroys: ['volume:${params.name}']"},
    {.name = "params", .type = "map of param", .reading = READ_PARAMS,
     .at = offsetof(struct action, params), .about = "the first may be given alone",
     .example = "params: {service: {type: string, pattern: '^[a-z]+$'}}"},
    {.name = "outputs", .type = "map of output", .reading = READ_OUTPUTS,
     .at = offsetof(struct action, outputs), .about = "what it gives",
     .example = "outputs: {running: {type: bool, value: '${steps.asked.exit == 0}'}}"},
    {.name = "expect", .type = "expectation", .late = true, .reading = READ_EXPECT,
     .at = offsetof(struct action, expect), .about = "used where a check or step says none",
     .example = "expect: {running: true}"},
    {.name = "steps", .type = "map of step", .mandatory = true, .reading = READ_APART,
     .at = offsetof(struct action, steps), .about = "what it is made of",
     .example = "steps: {asked: {exec: [systemctl, is-active, nginx], effect: read}}"},
};

static const struct key matcher_keys[] = {
    {.name = "min", .type = "of the output's type", .reading = READ_APART, .at = MATCH_MIN,
     .about = "number, duration, size, time, text: at least"},
    {.name = "max", .type = "of the output's type", .reading = READ_APART, .at = MATCH_MAX,
     .about = "number, duration, size, time, text: at most"},
    {.name = "not", .type = "matcher", .reading = READ_APART, .at = MATCH_NOT,
     .about = "any: the matcher inside does not hold"},
    {.name = "one_of", .type = "list of the output's type", .reading = READ_APART,
     .at = MATCH_ONE_OF, .about = "scalar: it is equal to one of the list"},
    {.name = "matches", .type = "regex", .reading = READ_APART, .at = MATCH_MATCHES,
     .about = "text: the pattern is found in it"},
    {.name = "contains", .type = "text, or a member", .reading = READ_APART,
     .at = MATCH_CONTAINS, .about = "text, list: the text, or a member, is in it"},
    {.name = "count", .type = "matcher of int", .reading = READ_APART, .at = MATCH_COUNT,
     .about = "text, list, json: its length meets the matcher inside"},
    {.name = "each", .type = "matcher", .reading = READ_APART, .at = MATCH_EACH,
     .about = "list: the matcher inside holds of every member"},
    {.name = "json", .type = "map of JSON pointer: matcher", .reading = READ_APART,
     .at = MATCH_JSON, .about = "text, json, map: what the pointers lead to meets its matcher"},
    {.name = "exists", .type = "bool", .reading = READ_APART, .at = MATCH_EXISTS,
     .about = "optional, json: there is a value, or none"},
};

#define TABLE(mapping, name_, noun_, keys_)                                                        \
    [mapping] = {name_, noun_, keys_, sizeof keys_ / sizeof keys_[0]}
static const struct key_table tables[] = {
    TABLE(MAPPING_RUNBOOK, "runbook", "a runbook", runbook_keys),
    TABLE(MAPPING_PARAM, "param", "a param", param_keys),
    TABLE(MAPPING_OUTPUT, "output", "an output", output_keys),
    TABLE(MAPPING_DEFAULTS, "defaults", "`defaults`", defaults_keys),
    TABLE(MAPPING_STEP, "step", "a step", step_keys),
    TABLE(MAPPING_FOREACH, "foreach", "`foreach`", foreach_keys),
    TABLE(MAPPING_REPEAT, "repeat", "`repeat`", repeat_keys),
    TABLE(MAPPING_APPROVE, "approve", "`approve`", approve_keys),
    TABLE(MAPPING_RETRY, "retry", "`retry`", retry_keys),
    TABLE(MAPPING_CHECK, "check", "a check", check_keys),
    TABLE(MAPPING_BLOCK, "check block", "a check block", block_keys),
    TABLE(MAPPING_LIBRARY, "library", "a library", library_keys),
    TABLE(MAPPING_ACTION, "action", "an action", action_keys),
    TABLE(MAPPING_MATCHER, "matcher", "a matcher", matcher_keys),
};
static_assert(sizeof tables / sizeof tables[0] == MAPPING_COUNT, "a table for each mapping");
static_assert(sizeof step_keys / sizeof step_keys[0] <= 64, "struct found keeps a bit for each key");

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
    {MAPPING_STEP, "sleep", "to wait for a time is `wait: 30s`; to wait for a thing is `verify` "
                            "or `wait` with `checks`"},
    {MAPPING_STEP, "loop", "a loop over a list is `foreach: {as: NAME, in: LIST}`"},
    {MAPPING_STEP, "with_items", "a loop over a list is `foreach: {as: NAME, in: LIST}`"},
    {MAPPING_STEP, "until", "to do it again until something holds is `repeat: {until: …, max: …}`"},
    {MAPPING_STEP, "retries", "to try again is `retry: {attempts: N}`"},
    {MAPPING_STEP, "ignore_errors", "a failure that does not fail the run is `tolerate: WHY`"},
    {MAPPING_STEP, "continue_on_error", "a failure that does not fail the run is `tolerate: WHY`"},
    {MAPPING_STEP, "on_failure", "use `tolerate` here and a step with "
                                 "`when: ${steps.ID.state == 'failed'}`"},
    {MAPPING_STEP, "finally", "what must be given back is a `release` of the step that takes it"},
    {MAPPING_STEP, "confirm", "a question to a person is `approve: {ask: …}`"},
    {MAPPING_STEP, "guard", "what must hold before a step is `preconditions`"},
    {MAPPING_STEP, "env", "the environment is a param of the action: `exec: {argv: […], env: {…}}`"},
    {MAPPING_STEP, "cwd", "the folder is a param of the action: `exec: {argv: […], cwd: …}`"},
    {MAPPING_STEP, "params", "params stand under the action: `library.verb: {param: value}`"},
    {MAPPING_STEP, "args", "params stand under the action: `library.verb: {param: value}`"},
    {MAPPING_STEP, "rollback", "how to give back what a step holds is `release`"},
    {MAPPING_STEP, "assume_done", "what is done already is told by `done_if`"},
    {MAPPING_RUNBOOK, "name", "the name is the value of `runbook`"},
    {MAPPING_RUNBOOK, "description", "prose goes into `about`"},
    {MAPPING_RUNBOOK, "inputs", "what a run is given is `params`"},
    {MAPPING_RUNBOOK, "vars", "what a run is given is `params`; a value in between is a step `set`"},
    {MAPPING_RUNBOOK, "env", "the environment of every process is `defaults: {env: {…}}`"},
    {MAPPING_RUNBOOK, "timeout", "a limit for every step is `defaults: {timeout: …}`"},
    {MAPPING_RUNBOOK, "tasks", "what is done stands under `steps`"},
    {MAPPING_RUNBOOK, "verify", "`verify` is a key of a step"},
    {MAPPING_RUNBOOK, "finally", "what must be given back is a `release` of the step that takes it"},
    {MAPPING_PARAM, "required", "a param without `default` and `optional: true` has to be given"},
    {MAPPING_PARAM, "enum", "the values that may be are `one_of: [a, b]`"},
    {MAPPING_PARAM, "description", "prose goes into `about`"},
    {MAPPING_MATCHER, "equals", "a value that must be equal is written as it is: `exit: 0`"},
    {MAPPING_MATCHER, "is", "a value that must be equal is written as it is: `exit: 0`"},
    {MAPPING_MATCHER, "in", "the values that may be are `one_of: [a, b]`"},
    {MAPPING_MATCHER, "regex", "a pattern is `matches: '^ok'`"},
    {MAPPING_MATCHER, "length", "the length is `count: 3` or `count: {min: 1}`"},
    {MAPPING_CHECK, "all", "the checks of a block must all hold: write them one below the other"},
    {MAPPING_CHECK, "within", "waiting is of the whole block: `{within: 60s, checks: […]}`"},
    {MAPPING_CHECK, "retry", "asking again is of the whole block: `{within: 60s, checks: […]}`"},
    {MAPPING_CHECK, "when", "a check is always asked; a condition is `when` of its step"},
    {MAPPING_BLOCK, "timeout", "to ask again for some time is `within`; one check's limit is its "
                               "own `timeout`"},
    {MAPPING_BLOCK, "interval", "from round to round is `every`"},
    {MAPPING_BLOCK, "retry", "to ask again for some time is `within`"},
};

const struct key_table *keys_of(enum mapping mapping)
{
    return &tables[mapping];
}

const struct key *key_find(enum mapping mapping, const char *name, size_t *index)
{
    const struct key_table *table = &tables[mapping];
    for (size_t i = 0; i < table->count; i++)
        if (table->keys[i].name[0] == name[0] && strcmp(table->keys[i].name, name) == 0) {
            if (index)
                *index = i;
            return &table->keys[i];
        }
    return NULL;
}

const char *keys_nearest(enum mapping mapping, const char *word)
{
    const struct key_table *table = &tables[mapping];
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; i < table->count; i++)
        if (table->keys[i].stage == STAGE_HERE)
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
