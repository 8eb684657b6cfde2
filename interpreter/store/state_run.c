/* What events make so of the run as a whole. */
#include "store/state_own.h"

#include "lang/value.h"

#include <string.h>

/* Who holds it from now on, and with which copies. */
static void take_up(struct folding *folding)
{
    struct state_run *run = &folding->state->run;
    run->taken = folding->event->time;
    run->user = state_word(folding, FIELD_USER);
    run->host = state_word(folding, FIELD_HOST);
    run->boot = state_word(folding, FIELD_BOOT);
    run->version = state_word(folding, FIELD_VERSION);
    run->pid = event_integer(folding->event, FIELD_PID);
    if (event_has(folding->event, FIELD_COPY)) {
        run->copy = state_word(folding, FIELD_COPY);
        run->copies = state_value(folding, FIELD_COPIES);
    }
    if (event_has(folding->event, FIELD_PLAN)) {
        run->plan = state_text(folding, FIELD_PLAN);
    }
    if (event_has(folding->event, FIELD_OPTIONS)) {
        run->options = state_value(folding, FIELD_OPTIONS);
    }
}

void fold_started(struct folding *folding)
{
    struct state_run *run = &folding->state->run;
    run->id = state_text(folding, FIELD_RUN);
    run->runbook = state_text(folding, FIELD_RUNBOOK);
    run->command = state_text(folding, FIELD_COMMAND);
    run->title = state_text(folding, FIELD_TITLE);
    run->begins = state_text(folding, FIELD_BEGINS);
    run->ends = state_text(folding, FIELD_ENDS);
    run->file = state_text(folding, FIELD_FILE);
    run->folder = state_text(folding, FIELD_FOLDER);
    run->lock = state_text(folding, FIELD_LOCK);
    run->params = state_value(folding, FIELD_PARAMS);
    run->objective = event_integer(folding->event, FIELD_OBJECTIVE);
    run->started = folding->event->time;
    take_up(folding);
}

void fold_resumed(struct folding *folding)
{
    struct state_run *run = &folding->state->run;
    take_up(folding);
    run->resumes++;
    if (strcmp(event_text(folding->event, FIELD_COMMAND), "undo") == 0) {
        const struct value *options = state_value(folding, FIELD_OPTIONS);
        const struct value *from = options != NULL ? value_find(options, "from") : NULL;
        run->undoing = true;
        run->undo_from = from != NULL && from->kind == VALUE_TEXT ? from->text.at : NULL;
    }
    run->target_held = false; /* asked again by whoever takes it up */
    run->stopping = false;
    run->stopping_reason = NULL;
    run->over = false;
    run->result = NULL;
    run->reason = NULL;
    run->exit = 0;
    run->ended = 0;
}

void fold_left_out(struct folding *folding)
{
    folding->state->run.left_out = true;
}

void fold_stopping(struct folding *folding)
{
    folding->state->run.stopping = true;
    folding->state->run.stopping_reason = state_text(folding, FIELD_REASON);
}

void fold_logged(struct folding *folding)
{
    folding->state->run.logged = (uint64_t)event_integer(folding->event, FIELD_MARK);
}

void fold_ended(struct folding *folding)
{
    struct state_run *run = &folding->state->run;
    run->over = true;
    run->undoing = false;
    run->undo_run = false;
    run->result = state_word(folding, FIELD_RESULT);
    run->reason = state_text(folding, FIELD_REASON);
    run->exit = event_integer(folding->event, FIELD_EXIT);
    run->ended = folding->event->time;
}

void fold_checked(struct folding *folding)
{
    struct state_run *run = &folding->state->run;
    if (folding->record != NULL) {
        return;
    }
    bool holds = strcmp(event_text(folding->event, FIELD_ANSWER), "holds") == 0;
    const char *block = event_text(folding->event, FIELD_BLOCK);
    if (strcmp(block, "target") == 0) {
        run->target_held = holds;
    } else if (strcmp(block, "preconditions") == 0) {
        run->preconditions_held |= holds;
    }
}
