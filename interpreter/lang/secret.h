/* secret: what was read of the secrets that values speak of.
 * A value never holds the bytes of a secret, only where they are to be had (VALUE_SECRET). They are
 * read when a deed that needs them begins, and put in where they leave for a process or a server.
 * What is known here is hidden from all that comes back. */
#ifndef LANG_SECRET_H
#define LANG_SECRET_H

#include "base/text.h"

#include <stdbool.h>

struct arena;
struct mask;
struct secrets;
struct value;

/* What is known; empty. Never NULL; the caller frees, and what it held is wiped. */
struct secrets *secrets_new(void);
void secrets_free(struct secrets *secrets); /* NULL is allowed */

/* Calls EACH with every part of VALUE, lists and maps looked through, that is a secret: a map of
 * its `name` and its source, see value_secret. */
void secrets_each(const struct value *value, void (*each)(void *data, const struct value *part),
                  void *data);
bool secrets_know(const struct secrets *secrets, const struct value *part);
/* PART is TEXT, which is copied. False with *why (fixed text) when that can't be a secret: it is
 * too short to be hidden, too long, or holds a NUL. */
bool secrets_learn(struct secrets *secrets, const struct value *part, struct text text,
                   const char **why);

/* VALUE as it is to leave: a secret's bytes, any other scalar as it is printed. In the arena. All
 * of it must be known; SECRETS NULL: there are none. */
struct text secrets_reveal(struct arena *arena, const struct secrets *secrets,
                           const struct value *value);
/* For what comes in pieces; grows with what is learned. NULL for SECRETS NULL. */
const struct mask *secrets_mask(const struct secrets *secrets);
/* TEXT, or VALUE with all texts in it, without secrets; the same one when none is in it. */
const char *secrets_hide(struct arena *arena, const struct secrets *secrets, const char *text);
const struct value *secrets_hide_in(struct arena *arena, const struct secrets *secrets,
                                    const struct value *value);

#endif
