/* act: a job's action: its deed described, its intent journaled, begun, and what came of it.
 * Nothing changes before its intent is synced. */
#ifndef ENGINE_ACT_H
#define ENGINE_ACT_H

#include "lang/action.h"

struct job;

/* 8: begins the action, by its form. job_acted, job_fail or settle_unknown follows. */
void act_begin(struct job *job);
/* With a place of --jobs: describes, tells the intent, and starts or waits for the sync. */
void act_deed(struct job *job);
void act_start(struct job *job);
/* Instead of act_start, when the record is broken: nothing of it begins. */
void act_refuse(struct job *job);
/* What an action came to. LATER: adopted from an earlier interpreter. */
void act_outcome(struct job *job, const struct outcome *outcome);
void act_cancel(struct job *job);
/* Forgets the inside and the work of the attempt before, when a new one comes. */
void act_forget(struct job *job);
/* The stage for starting, adopting or settling this job's deed. */
struct stage act_stage(struct job *job,
                       void (*ended)(void *context, const struct outcome *outcome));
bool act_repeatable(const struct job *job);

#endif
