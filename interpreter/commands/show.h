/* show: a run as its record tells it, for the two ways in which it is shown. */
#ifndef COMMANDS_SHOW_H
#define COMMANDS_SHOW_H

#include "base/list.h"
#include "store/life.h"

#include <stdbool.h>

struct arena;
struct buffer;
struct invocation;
struct run_about;
struct session;

/* A step of the runbook that no event names. */
struct unborn {
    const char *name;
    enum life life; /* waiting; blocked, when one that it needs did not end well */
};

struct shown {
    struct arena *arena;
    const struct session *session; /* its state, id and folder */
    const struct run_about *about;
    struct list unborn; /* of struct unborn */
    const char *damage; /* the record ends here, since it can't be trusted further; or NULL */
    bool all;           /* also what stands inside actions of libraries, and went well */
    bool colour;
};

void show_text(const struct shown *shown, struct buffer *into);
void show_json(const struct shown *shown, struct buffer *into);

#endif
