/* probe: one check asked once: holds, does not hold, can't be asked.
 * A composite is a quiet run of its own: the same engine, without a journal. */
#ifndef ENGINE_PROBE_H
#define ENGINE_PROBE_H

#include "lang/expect.h"

struct arena;
struct check;
struct moment;
struct probe;
struct run;
struct value;

struct probe_request {
    struct run *run;
    const char *name; /* for the child's environment */
    const struct check *check;
    const struct moment *moment; /* must outlive the asking */
    struct arena *arena;
    /* Once, never from inside probe_start. OUTPUTS: what was found (map), or NULL. */
    void (*answered)(void *context, enum answer answer, const char *why,
                     const struct value *outputs);
    void *context;
};

struct probe *probe_start(const struct probe_request *request);
/* Ends what is being asked; `answered` is not called. NULL is allowed. */
void probe_cancel(struct probe *probe);

#endif
