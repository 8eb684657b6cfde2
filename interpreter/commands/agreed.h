/* agreed: a plan that was saved for others to agree to, and is then all that may run.
 *
 * The file is the plan's JSON (plan/print_json.c) with one more member:
 *
 *   agreed  {version (of the program that saved it), file (the runbook, as it was named),
 *            params (as --params takes them), sources (SHA-256 of each file: "runbook", "called
 *            runbook inner.yaml", "library shop"), steps (id to digest), left_out (id to why)}
 *
 * What runs is compared with all of it but the version, so that neither the runbook nor what was
 * shown to who agreed can be another. */
#ifndef COMMANDS_AGREED_H
#define COMMANDS_AGREED_H

#include "commands/load.h"

#include <stdbool.h>

struct json_t;
struct plan;

/* Writes PLAN of LOADED to PATH, whole or not at all; false after saying why not. */
bool agreed_save(struct invocation *invocation, const struct loaded *loaded,
                 const struct plan *plan, const char *path);
/* What stands in PATH; NULL after saying why it can't be used. The caller gives it back. */
struct json_t *agreed_read(struct invocation *invocation, const char *path);
/* The runbook that it is of, as it was named when it was saved. */
const char *agreed_file(struct invocation *invocation, const struct json_t *agreed);
/* Params that are not given by --param are to be those of the plan; call it before they are bound.
 */
void agreed_params(struct invocation *invocation, const struct json_t *agreed,
                   struct loaded *loaded);
/* Is LOADED's PLAN what was agreed? Else says what differs. */
bool agreed_holds(struct invocation *invocation, struct json_t *agreed, const struct loaded *loaded,
                  const struct plan *plan);

#endif
