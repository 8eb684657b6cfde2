/* watch_own: what the files of store/watch share, and nobody else. */
#ifndef STORE_WATCH_OWN_H
#define STORE_WATCH_OWN_H

#include "base/list.h"
#include "lang/value.h"
#include "store/watch.h"

#define MONITORS_NAME "monitors"
#define STATE_NAME    "state.json"
#define ANSWERS_NAME  "answers"

enum { WATCH_CAP = 64 * 1024 * 1024, WATCH_FORMAT = 1, WATCH_RUNS = 1000 };

/* The numbers that one output of a check had in good rounds, oldest first; a ring of its own would
 * be no quicker at these sizes. */
struct watch_numbers {
    const char *output;
    enum value_kind kind;
    double at[WATCH_SAMPLES];
    size_t count;
};
struct watch_samples {
    size_t check;
    char *digest;
    struct list numbers; /* of struct watch_numbers */
};
struct watch_condition {
    const char *name;
    struct trip trip;
    struct list samples;             /* of struct watch_samples */
    const struct watch_run *waiting; /* for a person, or NULL */
};

struct watch {
    struct arena *arena;
    int folder; /* monitors/NAME */
    int lock;
    struct watch_condition *conditions;
    size_t count;
    const struct watch_run *run; /* the one at work, or NULL */
    int64_t made[WATCH_RUNS];    /* when recoveries began, oldest first */
    size_t made_count;
    int64_t ended; /* when the last run ended; 0: there was none */
};

/* watch_state.c: all of it as JSON. False: JSON is not what was written. */
struct json_t *watch_to_json(const struct watch *watch);
bool watch_from_json(struct watch *watch, const struct json_t *json);
/* The samples of CHECK, made if need be. */
struct watch_samples *watch_samples(struct watch *watch, struct watch_condition *condition,
                                    size_t check);
struct watch_numbers *watch_numbers(struct watch *watch, struct watch_samples *samples,
                                    const char *output, enum value_kind kind);

#endif
