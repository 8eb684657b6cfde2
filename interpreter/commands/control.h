/* control: the unix socket `control` in a run's folder, by which another terminal approves, rejects
 * or stops. One JSON line each way: {"do": "approve", "step": "load", "text": …, "reason": …} and
 * {"ok": true}, with "more" when others must say yes too, or {"ok": false, "why": …}; a yes is sent
 * when what was said is durable. Who asks is what the kernel says (sys/person.h). Whoever may open
 * the socket may ask; heard are those whom the question is for, and to stop, root and the run's own
 * user. */
#ifndef COMMANDS_CONTROL_H
#define COMMANDS_CONTROL_H

#include <stdbool.h>

struct arena;
struct control;
struct loop;
struct run;

/* Listens in the run's FOLDER (an open one); NULL when it can't, and then it can't be controlled.
 */
struct control *control_open(struct arena *arena, struct loop *loop, int folder, struct run *run);
/* The end of a turn: what was said in it is durable, so whoever said it is told. NULL is allowed,
 * as below. */
void control_turned(struct control *control);
void control_close(struct control *control);

struct control_request {
    const char *what; /* "approve", "reject", "stop" */
    const char *step; /* or NULL */
    const char *text;
    const char *reason;
};
enum control_sent {
    CONTROL_DONE,
    CONTROL_REFUSED,
    CONTROL_NOBODY,
    CONTROL_LOST, /* it was sent, and no answer came: whether it was heard stands in the record */
};
/* Sends a request to whoever holds the run whose folder is PATH. *SAID (ARENA's, or NULL) is why it
 * was refused, or what more is wanted. */
enum control_sent control_send(struct arena *arena, const char *path,
                               const struct control_request *request, const char **said);

#endif
