/* tell: what the engine says happened: each function makes one event, appends it and folds it.
 * A state is changed nowhere else. An event that can't be written breaks the run (run->broken):
 * nothing new is started then. */
#ifndef ENGINE_TELL_H
#define ENGINE_TELL_H

#include "engine/live.h"
#include "lang/action.h"

struct answer_given;
struct ask_request;
struct question_view;

/* How an intent or an opening is told, beside what the job knows of itself. */
struct intent {
    const struct deed *deed;
    int64_t until; /* wall-clock end of a `wait`, ns; 0: none */
    int64_t limit; /* wall-clock end of its limit; 0: none */
    bool repeatable;
    bool shim;
};

void tell_checking(const struct ask_request *request, int64_t within);
void tell_checked(const struct ask_request *request, unsigned round, enum answer answer,
                  const char *why, bool last);
void tell_skipped(struct job *job, const char *reason, const char *message);
void tell_opened(struct job *job, const char *opens, const struct value *items,
                 const struct value *inputs, int64_t limit);
void tell_round(struct job *job, int64_t delay);
/* Sets job->attempt. NULL, or why it can't be told: then there is no attempt. */
const char *tell_intent(struct job *job, const struct intent *intent);
/* What was told: OUTCOME, or, when its outputs can't be kept, one that is lost, and says why. */
struct outcome tell_outcome(struct job *job, const struct outcome *outcome, bool adopted);
/* NULL, or why these outputs can't be kept: then there are none. */
const char *tell_computed(struct job *job, const struct value *outputs);
void tell_proof(struct job *job, const struct value *proof);
void tell_retrying(struct job *job, int64_t delay, const char *reason, const char *message);
void tell_verifying(struct job *job);
void tell_done(struct job *job);
/* TOLERATED: why, or NULL. */
void tell_failed(struct job *job, const char *reason, const char *message, const char *tolerated);
void tell_unknown(struct job *job, const char *message);
void tell_settled(struct job *job, const char *how, const char *verdict, const char *reason);
void tell_cancelled(struct job *job, const char *reason);
/* What it did was taken back. */
void tell_undone(struct run *run, const char *name);
void tell_again(struct run *run, const char *name, const char *reason, bool fresh);
void tell_unknown_name(struct run *run, const char *name, const char *message);
/* NAME NULL: of the run. */
void tell_note(struct run *run, const char *name, const char *message);
void tell_asked(struct job *job, const struct question_view *view);
void tell_answered(struct job *job, const struct question_view *view,
                   const struct answer_given *given, const struct value *evidence);
void tell_stopping(struct run *run, const char *reason, const char *user);
void tell_ended(struct run *run, const char *result, int exit, const char *reason,
                const char *const *tolerated, size_t count);

#endif
