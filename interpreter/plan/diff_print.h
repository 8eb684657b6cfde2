/* diff_print: what differs, for people, for a pull request, for programs: a table of formats. A
 * paper holds the diffs of several runbooks. */
#ifndef PLAN_DIFF_PRINT_H
#define PLAN_DIFF_PRINT_H

#include "plan/diff.h"

#include <stdbool.h>

struct buffer;

/* One runbook or monitor of both sides. */
struct diff_entry {
    const char *old_name, *new_name; /* as people name the file; NULL: it is not there */
    const struct diff *diff;
};

struct diff_paper {
    const char *old_side, *new_side; /* "main", "the work tree" */
    const char *old_root, *new_root; /* folders whose files are told by the side's name; or NULL */
    struct list entries;             /* of struct diff_entry, those that differ */
    size_t compared;                 /* so many were looked at */
};

struct diff_format {
    const char *name, *about;
    void (*print)(const struct diff_paper *paper, bool colour, struct buffer *into);
};
/* The format NAME, or NULL; at INDEX, NULL past the end. */
const struct diff_format *diff_format_find(const char *name);
const struct diff_format *diff_format_at(unsigned index);

/* Of all entries together. */
void diff_counts(const struct diff_paper *paper, size_t counts[WEIGHT_COUNT]);
/* "2 weaken safety, 1 destroys or changes more, 3 done differently"; arena text. */
const char *diff_headline(struct arena *arena, const size_t counts[WEIGHT_COUNT]);
/* "action shop.drained, used by a, b": where a change of another scope is; NULL: the runbook. */
const char *diff_where(struct arena *arena, const struct change *change);
/* "runbooks/level1.yaml:12", "main:runbooks/level1.yaml:12"; NULL when MARK is no place. */
const char *diff_place(struct arena *arena, const struct diff_paper *paper, struct mark mark);
/* "new: a runbook of 12 steps", when one side alone is there, or can be read; NULL: both are. */
const char *diff_lone(struct arena *arena, const struct diff_entry *entry);
/* Does the checker say something of one side alone? */
bool diff_proved(const struct diff *diff);
/* "RB201 holds: …" of what the new one destroys; NULL where there is nothing to say. */
const char *diff_proof(struct arena *arena, const struct diff *diff);
/* Why a side is not valid: its first error that the other has too, since what one side alone has is
 * told anyhow, else ""; NULL: it is valid, or not there. */
const char *diff_fault(struct arena *arena, const struct diff *diff, bool new);

/* diff_print_text.c, diff_print_markdown.c, diff_print_json.c */
void diff_print_text(const struct diff_paper *paper, bool colour, struct buffer *into);
void diff_print_markdown(const struct diff_paper *paper, bool colour, struct buffer *into);
void diff_print_json(const struct diff_paper *paper, bool colour, struct buffer *into);

#endif
