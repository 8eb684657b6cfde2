/* release: giving back what steps hold. What is owed stands in the fold, in the order of intents;
 * it is given back last taken first, one after the other, and a failure of one does not keep the
 * others. */
#ifndef ENGINE_RELEASE_H
#define ENGINE_RELEASE_H

#include <stdbool.h>

struct run;
struct scope;
struct value;

/* WELL: each ran well or had a `when` that was false. Called once, never from inside. */
typedef void release_ended(void *context, bool well);

/* What the steps directly in SCOPE hold; OK is `run.ok`: the scope ended well. */
void release_scope(struct run *run, const struct scope *scope, bool ok, release_ended *ended,
                   void *context);
/* Everything that is owed. */
void release_all(struct run *run, bool ok, release_ended *ended, void *context);
/* What the steps of SCOPE with these ids (a list) hold. */
void release_named(struct run *run, const struct scope *scope, const struct value *ids,
                   release_ended *ended, void *context);

#endif
