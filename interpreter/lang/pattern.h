/* pattern: PCRE2 with a deadline. Patterns run against output that nobody vouches for, so each
 * match has a time limit (250 ms, by callout), a heap limit and a subject cap (1 MiB: what is
 * longer is an error, not a "no").
 */
#ifndef LANG_PATTERN_H
#define LANG_PATTERN_H

#include "base/text.h"

struct arena;
struct pattern; /* freed with the arena (the arena keeps a finaliser) */

enum pattern_answer { PATTERN_FOUND, PATTERN_ABSENT, PATTERN_ERROR };

/* Compiles; NULL with *problem (arena text) and *offset (bytes into TEXT). */
struct pattern *pattern_compile(struct arena *arena, struct text text, const char **problem,
                                size_t *offset);
/* Searches from byte FROM. On PATTERN_FOUND *whole is the match and *group its first group (or the
 * whole, when it has none; `at` NULL when that group took no part). On PATTERN_ERROR *problem says
 * which limit. A pattern that is searched for a lot is compiled to machine code: one thread uses
 * it. */
enum pattern_answer pattern_match(const struct pattern *pattern, struct text subject, size_t from,
                                  struct text *whole, struct text *group, const char **problem);
/* TEXT with every character escaped that has a meaning in a pattern. */
const char *pattern_quote(struct arena *arena, struct text text);

#endif
