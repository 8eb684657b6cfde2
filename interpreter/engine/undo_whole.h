/* undo_whole: the run as a whole taken back, by `runbook undo` or by an undo_run that was cut off.
 * What walks is undo; what ends and releases is run. */
#ifndef ENGINE_UNDO_WHOLE_H
#define ENGINE_UNDO_WHOLE_H

#include <stdbool.h>

struct run;
struct value;

/* `runbook undo`, when what was in flight has come to its end: the walk, then RELEASED, or the
 * run's end. */
void undo_whole_begin(struct run *run, void (*released)(struct run *run));
/* Its result and exit code. */
const char *undo_whole_result(const struct run *run, int *exit);
/* Did an undo_run of on_failure go all the way? Else it failed. */
bool undo_whole_by_handler(const struct run *run);
/* Was an undo_run cut off, and does this resume go on with it? */
bool undo_whole_goes_on(const struct run *run);
/* What `failure` named before the interpreter was gone. */
const struct value *undo_whole_failure(struct run *run);

#endif
