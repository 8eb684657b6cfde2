/* control: the unix socket `control` in a run's folder, by which another terminal approves, rejects
 * or stops. One JSON line each way: {"do": "approve", "step": "load", "text": …, "reason": …} and
 * {"ok": true} or {"ok": false, "why": …}. Who asks is what the kernel says: SO_PEERCRED, and the
 * audit login id of that process; only root and the run's own user are heard. */
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
void control_close(struct control *control);

struct control_request {
    const char *what; /* "approve", "reject", "stop" */
    const char *step; /* or NULL */
    const char *text;
    const char *reason;
};
enum control_sent { CONTROL_DONE, CONTROL_REFUSED, CONTROL_NOBODY };
/* Sends a request to whoever holds the run whose folder is PATH; *WHY (ARENA's) when refused. */
enum control_sent control_send(struct arena *arena, const char *path,
                               const struct control_request *request, const char **why);

#endif
