/* input: an action's inputs: taken over and looked at by its describe, read back from the deed.
 * Pure. Unknown values pass every check: they are looked at again when they are known, before the
 * intent. */
#ifndef ACTIONS_INPUT_H
#define ACTIONS_INPUT_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct deed;
struct describing;
struct problem;
struct value;

/* Fills in the inputs of DEED: all of ARGS that are set, in the order of the action's params. */
void input_take(const struct describing *describing, const struct value *args, struct deed *deed);
/* Adds one more input, behind those. */
void input_add(const struct describing *describing, struct deed *deed, const char *name,
               const struct value *value);

/* Sets *problem and returns false, so that a describe can end with it. */
bool input_refuse(const struct describing *describing, struct problem *problem, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));
/* The input NAME, if set, may stand where the kernel wants a string: no NUL in it (of a list or
 * map: in none of its members), and it is not empty. False with *problem. */
bool input_is_name(const struct describing *describing, const struct deed *deed, const char *name,
                   struct problem *problem);
/* As input_is_name, for texts that may be empty. */
bool input_has_no_nul(const struct describing *describing, const struct deed *deed,
                      const char *name, struct problem *problem);
/* `mode`, if set, is three or four octal digits. */
bool input_is_mode(const struct describing *describing, const struct deed *deed,
                   struct problem *problem);

/* Reading; what is not set is value_unset, NULL, an empty slice, false, FALLBACK. */
const struct value *input_value(const struct deed *deed, const char *name);
const char *input_text(const struct deed *deed, const char *name);
struct text input_bytes(const struct deed *deed, const char *name);
bool input_flag(const struct deed *deed, const char *name);
int64_t input_number(const struct deed *deed, const char *name, int64_t fallback);
/* `mode` as a number, or FALLBACK. */
unsigned input_mode(const struct deed *deed, unsigned fallback);
/* A text as it stands in a plan: an unknown one as ‹…›, anything else that is no text as value_show
 * has it. */
void input_show(const struct deed *deed, const char *name, struct buffer *into);
void input_show_value(const struct value *value, struct buffer *into);

#endif
