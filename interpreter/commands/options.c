#include "commands/options.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

const struct option option_help = {"help", NULL, false, "what this command does"};
const struct option option_state = {
    "state", "FOLDER", false,
    "where runs are recorded (default: $RUNBOOK_STATE, else /var/lib/runbook for root and "
    "$XDG_STATE_HOME/runbook for others)"};
const struct option option_format = {"format", "text|json", false, "how the output is written"};
const struct option option_plan_format = {"format", "text|json|markdown|dot|mermaid", false,
                                          "how the plan is written; markdown is a comment under a "
                                          "pull request, dot and mermaid are drawn"};
const struct option option_room = {"room", "BYTES", false,
                                   "of markdown: what a comment may have (default: 62000, as "
                                   "GitHub's); what has no room is named"};
const struct option option_param = {"param", "NAME=VALUE", true, "a param of the runbook"};
const struct option option_params = {"params", "FILE", false,
                                     "params from a YAML file; --param wins"};
const struct option option_dry_run = {"dry-run", NULL, false,
                                      "print what would be done, and touch nothing"};
const struct option option_from = {"from", "STEP", false,
                                   "begin at STEP: what comes before it is left out, on your word"};
const struct option option_undo_from = {
    "from", "STEP", false, "take back STEP and what follows it, and leave what comes before"};
const struct option option_until = {"until", "STEP", false, "stop after STEP, as Ctrl-C does"};
const struct option option_only = {"only", "STEP", true,
                                   "run nothing but STEP: the rest is left out, on your word"};
const struct option option_skip = {"skip", "STEP=REASON", true, "leave STEP out, on your word"};
const struct option option_output = {"output", "STEP.NAME=VALUE", true,
                                     "an output of a step that did not run here, on your word"};
const struct option option_jobs = {"jobs", "N", false, "actions at work at a time (default: 32)"};
const struct option option_approve = {
    "approve", "STEP", true, "approve STEP in advance, where no `by` or `count` wants people"};
const struct option option_yes = {"yes", NULL, false,
                                  "approve every step that asks for no text to be typed back"};
const struct option option_strict = {"strict", NULL, false,
                                     "exit with 8 where a run recovered, but did not succeed"};
const struct option option_rerun = {"rerun", "STEP=REASON", true,
                                    "an unknown step did not happen: run it again"};
const struct option option_assume_done = {"assume-done", "STEP=REASON", true,
                                          "an unknown step happened: go on behind it"};
const struct option option_accept_changes = {
    "accept-changes", NULL, false, "go on although the runbook was changed since the run began"};
const struct option option_reason = {"reason", "TEXT", false, "why; it is written to the record"};
const struct option option_type = {"type", "TEXT", false,
                                   "the text that the step wants typed back"};
const struct option option_colour = {"colour", "auto|always|never", false,
                                     "whether it is in colour"};
const struct option option_drop = {"drop", "ENTRY=REASON", true,
                                   "let go of a release that is owed, on your word"};
const struct option option_beside = {"beside", "FOLDER", false,
                                     "where the runbooks lie, with their `library` folder"};
const struct option option_once = {"once", NULL, false, "one round, then end: for cron"};
const struct option option_id = {
    "id", "RUN", false,
    "the run's id, made before (RUNBOOK-YYYYMMDD-HHMMSS-abcde); refused if there is such a run"};
const struct option option_on_limit = {"on-limit", NULL, false,
                                       "of a monitor: what it does when its limit is reached"};
const struct option option_all = {
    "all", NULL, false, "also the steps inside actions of libraries, and the logs of all"};
const struct option option_history = {"history", NULL, false,
                                      "also how long it will take, by what earlier runs took"};

const struct option option_save = {
    "save", "FILE", false, "write the plan to FILE, for others to agree to; see `run --plan`"};
const struct option option_plan = {
    "plan", "FILE", false,
    "run what `plan --save` wrote to FILE, with its params; refused when anything differs"};

void command_json(json_t *json, struct buffer *into)
{
    char *text = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    buffer_format(into, "%s\n", text ? text : "null");
    free(text);
    json_decref(json);
}

bool option_json(const struct invocation *invocation, bool *json)
{
    const char *format = option_value(invocation, &option_format);
    *json = format != NULL && strcmp(format, "json") == 0;
    if (format == NULL || *json || strcmp(format, "text") == 0)
        return true;
    say_error("runbook %s: error RB601: there is no format '%s'\n"
              "  = remedy: it is text or json\n",
              invocation->command->name, format);
    return false;
}
