/* undo: taking back what a run did: last ended first, one after the other, back to the last step
 * that is irreversible. Each entry of an undo is a step with a life of its own; a walk that was cut
 * off is begun again from the record. */
#ifndef ENGINE_UNDO_H
#define ENGINE_UNDO_H

struct run;
struct scope;
struct undoing;

enum undo_end {
    UNDO_ALL,          /* went all the way; changes without an undo were named and left */
    UNDO_FAILED,       /* an undo failed */
    UNDO_UNKNOWN,      /* nobody knows whether a step, or an undo, happened */
    UNDO_IRREVERSIBLE, /* a step can't be taken back, nor what is before it */
    UNDO_STOPPED,      /* by a person, or the record can't be written */
};

/* WHY, for people, lives as long as the run; NULL for UNDO_ALL. Called once, never from inside. */
typedef void undo_ended(void *context, enum undo_end end, const char *why);

/* The steps of SCOPE and all that stands in them; FROM: of that id of the runbook and what follows
 * it alone, or NULL. */
struct undoing *undo_begin(struct run *run, const struct scope *scope, const char *from,
                           undo_ended *ended, void *context);
/* Ends the undo that is at work; no further one begins. */
void undo_cancel(struct undoing *undoing);

#endif
