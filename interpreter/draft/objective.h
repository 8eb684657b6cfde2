/* objective: the time in which a procedure should be done, as the document says it: "recommended
 * recovery time: 5-10 minutes". May use base alone. */
#ifndef DRAFT_OBJECTIVE_H
#define DRAFT_OBJECTIVE_H

struct arena;
struct piece;

struct objective {
    const char *time;          /* "10m"; NULL: none is said, or more than one */
    const struct piece *prose; /* where */
};

/* What is said anywhere in DOCUMENT of its section called TITLE, by what stands before a ':' there.
 * Of a range the later end counts. */
struct objective objective_of(struct arena *arena, const struct piece *document, const char *title);
/* What is said in SECTION itself. */
struct objective objective_in(struct arena *arena, const struct piece *section);

#endif
