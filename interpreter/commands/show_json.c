/* A run shown to programs. Times are RFC 3339, durations seconds. */
#include "base/arena.h"
#include "base/text.h"
#include "base/units.h"
#include "commands/list.h"
#include "commands/session.h"
#include "commands/options.h"
#include "commands/show.h"
#include "lang/value.h"
#include "report/closing.h"
#include "report/tail.h"
#include "store/approvals.h"
#include "store/runs.h"
#include "store/state.h"

#include <jansson.h>

static void set_time(struct arena *arena, json_t *object, const char *key, int64_t time)
{
    if (time != 0)
        json_set_text(object, key, time_print(arena, time));
}

static void set_seconds(json_t *object, const char *key, int64_t duration)
{
    json_object_set_new(object, key, json_real((double)duration / (double)UNITS_SECOND));
}

static void set_value(json_t *object, const char *key, const struct value *value)
{
    if (value != NULL && value->kind != VALUE_UNSET)
        json_object_set_new(object, key, value_to_plain_json(value));
}

static json_t *question_json(const struct shown *shown, const struct state_step *step)
{
    json_t *json = json_object();
    json_set_text(json, "ask", step->question->ask);
    json_set_text(json, "type", step->question->type);
    set_value(json, "show", step->question->shown);
    set_value(json, "by", step->question->by);
    if (step->question->count > 1)
        json_object_set_new(json, "count", json_integer(step->question->count));
    if (step->question->within > 0)
        set_seconds(json, "within", step->question->within);
    json_set_text(json, "digest", step->question->digest);
    set_time(shown->arena, json, "since", step->question->time);
    return json;
}

static json_t *answer_json(const struct shown *shown, const struct state_answer *answer)
{
    json_t *json = json_object();
    json_set_text(json, "user", answer->user);
    json_object_set_new(json, "uid", json_integer(answer->uid));
    if (answer->login >= 0)
        json_object_set_new(json, "login", json_integer(answer->login));
    json_object_set_new(json, "yes", json_boolean(answer->yes));
    json_set_text(json, "where", answer->where);
    json_set_text(json, "reason", answer->reason);
    set_time(shown->arena, json, "time", answer->time);
    return json;
}

/* Who said yes to what is asked, or no. */
static json_t *answers_json(const struct shown *shown, const struct state_step *step)
{
    json_t *list = json_array();
    const char *digest = step->question->digest;
    const struct state_answer *yes, *last = state_answer(step, digest);
    if (last != NULL && !last->yes)
        json_array_append_new(list, answer_json(shown, last));
    for (size_t i = 0; (yes = approvals_at(step, digest, i)) != NULL; i++)
        json_array_append_new(list, answer_json(shown, yes));
    return list;
}

static json_t *logs_json(const struct shown *shown, const struct state_attempt *attempt)
{
    json_t *logs = json_array();
    for (int stream = 1; stream <= 2; stream++) {
        struct buffer path = {0};
        if (tail_path(&path, session_run_folder(shown->session), attempt->number, stream))
            json_array_append_new(logs, json_of_text(path.at));
        buffer_free(&path);
    }
    return logs;
}

static json_t *step_json(const struct shown *shown, const struct state_step *step)
{
    json_t *json = json_object();
    json_set_text(json, "name", step->name);
    json_set_text(json, "title", step->title);
    json_set_text(json, "state", life_name(step->life));
    json_set_text(json, "reason", step->reason);
    json_set_text(json, "message", step->message);
    if (step->tolerated)
        json_object_set_new(json, "tolerated", json_true());
    if (step->left_out)
        json_object_set_new(json, "left_out", json_true());
    if (step->verdict != 0)
        json_set_text(json, "settled_by", step->settled_how);
    set_time(shown->arena, json, "started", step->started);
    set_time(shown->arena, json, "ended", step->ended);
    if (step->ended != 0)
        set_seconds(json, "duration", step->ended - step->started);
    if (step->round > 0)
        json_object_set_new(json, "round", json_integer(step->round));
    if (step->attempt != NULL) {
        json_object_set_new(json, "attempts", json_integer(step->attempt->tries));
        json_set_text(json, "action", step->attempt->action);
        json_set_text(json, "effect", effect_name(step->attempt->effect));
        json_object_set_new(json, "logs", logs_json(shown, step->attempt));
    }
    set_value(json, "outputs", step->outputs);
    if (closing_asks(step))
        json_object_set_new(json, "asks", question_json(shown, step));
    if (step->question != NULL && step->answers != NULL)
        json_object_set_new(json, "answers", answers_json(shown, step));
    return json;
}

static json_t *steps_json(const struct shown *shown)
{
    json_t *steps = json_array();
    const struct state_step *step;
    for (size_t i = 0; (step = state_at(shown->session->state, i)) != NULL; i++)
        json_array_append_new(steps, step_json(shown, step));
    for (size_t i = 0; i < shown->unborn.count; i++) {
        const struct unborn *unborn = shown->unborn.at[i];
        json_array_append_new(
            steps, json_pack("{s:s, s:s}", "name", unborn->name, "state", life_name(unborn->life)));
    }
    return steps;
}

static json_t *owed_json(const struct state *state)
{
    json_t *list = json_array();
    const struct state_obligation *owed;
    for (size_t i = 0; (owed = state_obligation(state, i)) != NULL; i++)
        if (owed->open)
            json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "entry", owed->entry, "step",
                                                  owed->step, "undo", owed->undo));
    return list;
}

static json_t *run_json(const struct shown *shown)
{
    const struct state_run *run = state_run(shown->session->state);
    json_t *json = json_object();
    json_set_text(json, "run", run->id);
    json_set_text(json, "runbook", run->runbook);
    json_set_text(json, "title", run->title);
    json_set_text(json, "state", run_standing(shown->about));
    json_set_text(json, "result", run->result);
    json_set_text(json, "reason", run->reason);
    if (run->over)
        json_object_set_new(json, "exit", json_integer(run->exit));
    set_time(shown->arena, json, "started", run->started);
    set_time(shown->arena, json, "ended", run->ended);
    if (run->objective > 0)
        set_seconds(json, "objective", run->objective);
    json_set_text(json, "user", run->user);
    json_set_text(json, "host", run->host);
    json_object_set_new(json, "pid", json_integer(run->pid));
    json_object_set_new(json, "resumes", json_integer(run->resumes));
    json_object_set_new(json, "resumable", json_boolean(shown->about->resumable));
    json_set_text(json, "file", run->file);
    json_set_text(json, "folder", run->folder);
    json_set_text(json, "record", session_run_folder(shown->session));
    set_value(json, "params", run->params);
    json_object_set_new(json, "steps", steps_json(shown));
    json_object_set_new(json, "owed", owed_json(shown->session->state));
    json_set_text(json, "damage", shown->damage);
    return json;
}

void show_json(const struct shown *shown, struct buffer *into)
{
    command_json(run_json(shown), into);
}
