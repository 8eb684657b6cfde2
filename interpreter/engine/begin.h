/* begin: a deed begun: the secrets that it needs are read first, and hidden in all that comes back.
 * Nothing else of engine starts, settles or adopts an action. */
#ifndef ENGINE_BEGIN_H
#define ENGINE_BEGIN_H

struct begun;
struct deed;
struct run_setup;
struct stage;

/* What is to be done with it. */
enum begin_how { BEGIN_START, BEGIN_SETTLE, BEGIN_ADOPT };

/* Does it; STAGE's `ended` follows, from the loop. All memory is the stage's arena's. */
struct begun *begin_deed(const struct run_setup *setup, const struct deed *deed,
                         const struct stage *stage, enum begin_how how);
/* As a core action's cancel: `ended` follows. */
void begin_cancel(struct begun *begun);

#endif
