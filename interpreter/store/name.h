/* name: what the full name of a step tells by itself: `outer[item]#2/inner`, and behind a step
 * `undo/N` or `release/N` for the entries of what it owes. May use nothing but the text. */
#ifndef STORE_NAME_H
#define STORE_NAME_H

#include <stdbool.h>

/* Where the entry's number begins, when "/undo/N" or "/release/N" stands at SLASH; else NULL. No id
 * begins with a digit. */
const char *name_entry_number(const char *slash);
/* Is NAME an entry itself ("freeze/release/1")? */
bool name_is_entry(const char *name);
/* Is it one, or does it stand in one? */
bool name_in_entry(const char *name);
/* Is it, or the first entry that it stands in, one of an undo? */
bool name_in_undo(const char *name);
/* Does NAME stand in OUTER, be it as an item or in a round? */
bool name_inside(const char *name, const char *outer);

#endif
