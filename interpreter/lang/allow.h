/* allow: a warning or note that somebody accepts, on a step or for the whole runbook, with a
 * reason. The finding is kept, as a suppressed one (base/diagnostic.h). */
#ifndef LANG_ALLOW_H
#define LANG_ALLOW_H

#include "base/diagnostic.h"

struct library;
struct runbook;
struct step;
struct term;

/* Why CODE is accepted by STEP (or what it stands in; NULL: none), or by RUNBOOK (may be NULL);
 * NULL: nobody does. */
const struct term *allow_find(const struct runbook *runbook, const struct step *step,
                              enum diagnostic_code code);
/* FINDING, which was just added, is suppressed; WHY NULL: it stays. */
void allow_settle(struct diagnostics *diagnostics, struct diagnostic *finding,
                  const struct term *why);
/* RB106 for what RUNBOOK, and the libraries of a team that it uses, allow though it was not found.
 * To be called when all was checked and proved. */
void allow_unused(const struct runbook *runbook, struct diagnostics *diagnostics);
/* The same of one library. */
void allow_unused_library(const struct library *library, struct diagnostics *diagnostics);

#endif
