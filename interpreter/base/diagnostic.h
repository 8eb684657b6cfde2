/* diagnostic: what a person got wrong, where, and what to do.
 * Findings are collected in a list and handed up; nothing here prints to a stream or exits.
 * Codes stand in diagnostics.def, one place, from which `explain` and grammar.md are made. */
#ifndef BASE_DIAGNOSTIC_H
#define BASE_DIAGNOSTIC_H

#include "base/list.h"
#include "base/source.h"

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };
/* "note", "warning", "error". */
const char *severity_name(enum severity severity);

enum diagnostic_code {
#define DIAGNOSTIC(code, severity, title, story) code,
#include "base/diagnostics.def"
#undef DIAGNOSTIC
    DIAGNOSTIC_COUNT
};

struct diagnostic_about {
    const char *code; /* "RB101" */
    enum severity severity;
    const char *title; /* what is proved or asked, one line */
    const char *story; /* the long telling for `explain`: why, an example, the remedy */
};

struct diagnostic_note {
    struct mark mark;
    const char *text;
};

/* Who accepts a finding: an `allow` of the runbook. */
struct allowance {
    struct mark mark; /* of the reason */
    const char *why;
};

struct diagnostic {
    enum diagnostic_code code;
    struct mark mark;
    const char *message;      /* one line, no final point */
    const char *remedy;       /* what to do, or NULL */
    const char *trap;         /* the trap of a command that it is about, or NULL */
    struct list notes;        /* of struct diagnostic_note */
    struct allowance allowed; /* of a suppressed one */
};

struct diagnostics {
    struct arena *arena;    /* owns everything in the list */
    struct list list;       /* of struct diagnostic, in the order found */
    struct list suppressed; /* those that somebody accepts: they are in no count */
    size_t errors;
    size_t warnings;
};

/* Adds a finding; REMEDY (copied) may be NULL. Returns it so that notes can be added. */
struct diagnostic *diagnostic_add(struct diagnostics *diagnostics, enum diagnostic_code code,
                                  struct mark mark, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* A further place that belongs to the finding: "first given here". */
void diagnostic_note(struct diagnostics *diagnostics, struct diagnostic *diagnostic,
                     struct mark mark, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Moves FINDING, a warning or note and the last one added, to the suppressed ones: ALLOWED accepts
 * it (its text is the caller's to keep). One that was found there already is dropped. */
void diagnostic_suppress(struct diagnostics *diagnostics, struct diagnostic *finding,
                         struct allowance allowed);
/* How many were found, suppressed ones too. */
size_t diagnostics_found(const struct diagnostics *diagnostics);
/* Sorts by source name, then place, so that the output is the same whatever the order of checks. */
void diagnostics_sort(struct diagnostics *diagnostics);
/* Appends it for people:
 *   level1.yaml:12:5: error RB101: 'precondition' is no key of a step
 *      12 |     precondition: {}
 *         |     ^~~~~~~~~~~~
 *         = remedy: did you mean 'preconditions'?
 * and of a suppressed one, in place of the remedy, who accepts it and why. COLOUR adds ANSI
 * colours. */
void diagnostic_print(const struct diagnostic *diagnostic, bool colour, struct buffer *into);
/* The table's entry. */
const struct diagnostic_about *diagnostic_about(enum diagnostic_code code);
/* The code named "RB101" (any case); false when there is none. */
bool diagnostic_find(const char *name, enum diagnostic_code *code);

#endif
