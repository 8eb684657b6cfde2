/* question: what is asked of a person: may this begin (approve), was this done (manual).
 * An answer counts for the digest of what was asked: definition, inputs, what was shown. */
#ifndef ENGINE_QUESTION_H
#define ENGINE_QUESTION_H

#include "engine/run.h"

struct job;
struct problem;
struct question;

typedef void question_answered(void *context, bool yes, const char *reason);

/* Asks; ANSWERED is called once, never from inside. NULL with *problem when what is to be asked has
 * no value. */
struct question *question_approve(struct job *job, question_answered *answered,
                                  struct problem *problem);
/* Asks a person to do what the job's deed says. */
struct question *question_manual(struct job *job, question_answered *answered);
/* The answer to `manual`, or NULL. */
const struct value *question_evidence(const struct question *question);
/* NULL is allowed. */
void question_withdraw(struct question *question);

#endif
