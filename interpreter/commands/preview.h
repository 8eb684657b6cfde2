/* preview: what a run would do, printed: the same by `run --dry-run` and by `plan`. */
#ifndef COMMANDS_PREVIEW_H
#define COMMANDS_PREVIEW_H

struct invocation;
struct plan;

/* PLAN in the --format that was asked for; the exit code. */
int preview_print(struct invocation *invocation, const struct plan *plan);

/* Its JSON; the caller gives it back. */
struct json_t *preview_json(const struct plan *plan);

#endif
