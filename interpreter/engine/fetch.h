/* fetch: the secrets that a deed needs, read where it says that they are.
 * From the environment and from files at once or in the pool, from a command by the action `exec`;
 * once each in the life of this interpreter. */
#ifndef ENGINE_FETCH_H
#define ENGINE_FETCH_H

struct arena;
struct fetch;
struct run_setup;
struct runbook;
struct secrets;
struct value;

struct fetch_request {
    const struct run_setup *setup; /* its loop, processes, core actions, folder; what is read goes
                                      into its `secrets` */
    struct arena *arena;           /* lives until `then` was called */
    const struct value *inputs;    /* a deed's */
    /* From the loop, never from inside the start: all are known, or WHY not (the arena's). */
    void (*then)(void *context, const char *why);
    void *context;
};

/* NULL: there is nothing to read, and `then` is not called. */
struct fetch *fetch_start(const struct fetch_request *request);
/* `then` is called all the same, soon. */
void fetch_cancel(struct fetch *fetch);

/* Reads at once what of RUNBOOK's own secrets lies in the environment and in files, but for what a
 * step makes: it is hidden from the beginning then. What can't be read is told when it is needed.
 * PARAMS are the runbook's, FOLDER its absolute one. */
void fetch_early(struct secrets *secrets, const struct runbook *runbook, const struct value *params,
                 const char *folder);

#endif
