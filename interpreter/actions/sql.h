/* sql: the life that the actions on a database share: prepare in the pool, one conversation with
 * the server, finish in the pool; and the proof whether a transaction was committed. */
#ifndef ACTIONS_SQL_H
#define ACTIONS_SQL_H

#include "actions/answer.h"
#include "base/list.h"
#include "sys/failure.h"
#include "sys/postgres.h"

struct describing;
struct problem;
struct value;

#define SQL_DB                                                                                     \
    {                                                                                              \
        "db", "connection", NULL, true, "the name of a connection of the runbook, or one in place" \
    }

/* What an action asks of the server. Statements are filled in by `fill`, or by `prepare` where a
 * disk is asked for them. */
struct sql_request {
    const struct deed *deed; /* what the pool reads of it is copied before: `path` */
    struct arena *arena;     /* its own: the pool's while that has it */
    const char *path;        /* absolute: the file that it reads or writes; NULL: none */
    enum postgres_scope scope;
    enum postgres_copy copy;
    struct list statements; /* of struct postgres_statement */
    struct list lines;      /* of a script: struct sql_statement beside each of them; else empty */
    bool all_or_nothing;    /* a script may hold no COMMIT */
    int file;               /* of a copy */
    void *own;              /* of the action */
};

struct sql_about {
    void (*fill)(struct sql_request *request);
    /* In the pool; false with the failure: nothing was begun. NULL: nothing to prepare. */
    bool (*prepare)(struct sql_request *request, struct failure *failure);
    /* What the answer of one that is done gives. */
    struct outcome (*tell)(struct arena *arena, const struct postgres_answer *answer);
    /* In the pool, whatever the end (GOOD: it is done). False with the failure. NULL: nothing. */
    bool (*finish)(struct sql_request *request, bool good, struct failure *failure);
    const char *down; /* the output that is false when nobody listens there; NULL: a failure */
};

/* Takes the args over, looks at `db` and that no text holds a NUL. */
bool sql_describe(const struct describing *describing, const struct value *args, struct deed *deed,
                  struct problem *problem);
void sql_add(struct sql_request *request, const char *text, const struct value *args);

struct work *sql_start(const struct deed *deed, const struct stage *stage,
                       const struct sql_about *about);
void sql_cancel(struct work *work);
/* A core_action's settle: what the transaction's id says. */
struct work *sql_settle(const struct deed *deed, const struct stage *stage);

/* "affected" and its like: OUTPUT is the rows that were changed. */
struct outcome sql_tell_count(struct arena *arena, const char *output,
                              const struct postgres_answer *answer);
/* For `show`: a statement's lines, and what its parameters are. */
void sql_show_statement(const struct deed *deed, const struct value *statement,
                        struct buffer *into);

#endif
