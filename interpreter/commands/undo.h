/* undo: a run taken back; and, of a resume, the taking back gone on with. */
#ifndef COMMANDS_UNDO_H
#define COMMANDS_UNDO_H

struct session;

/* Takes the run of SESSION, whose record is open and held, back: all of it, or (FROM not NULL) that
 * step and what follows it. The exit code. */
int undo_take_back(struct session *session, const char *from);

#endif
