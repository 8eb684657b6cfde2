/* expect: does what came out meet what was expected? Three answers; pure. */
#ifndef LANG_EXPECT_H
#define LANG_EXPECT_H

#include "base/source.h"
#include "lang/model.h"

#include <stdbool.h>

struct arena;
struct buffer;
struct diagnostics;
struct expectation;
struct names;
struct node;
struct type;
struct value;
struct values;

enum answer { ANSWER_HOLDS, ANSWER_FAILS, ANSWER_UNASKED, ANSWER_UNKNOWN };

/* Reads `expect:`; OUTPUTS is the record of what the action puts out; DEFAULT_ (or NULL) is merged
 * in for outputs that a written mapping does not name. NULL after a diagnostic. */
const struct expectation *expect_read(struct arena *arena, const struct node *node,
                                      const struct type *outputs,
                                      const struct expectation *default_,
                                      struct diagnostics *diagnostics);
/* Types what is inside (expressions, terms against the outputs' types). */
void expect_type(struct arena *arena, const struct expectation *expect, const struct type *outputs,
                 const struct names *names, struct diagnostics *diagnostics);
/* Judges OUTPUTS (a map). WHY gets one line for people of what did not hold: "exit is 1, wanted 0".
 * VALUES gives the names its terms use (`result` among them). ANSWER_UNKNOWN only when there are
 * unknowns. */
enum answer expect_judge(struct arena *arena, const struct expectation *expect,
                         const struct value *outputs, const struct values *values,
                         struct buffer *why);
/* "exit is 0, stdout matches ^ok": for the plan. With VALUES what is known stands as its value,
 * without (NULL) as written. */
void expect_print(struct arena *arena, const struct expectation *expect,
                  const struct values *values, struct buffer *into);

/* Does matcher KIND go with a value of TYPE? */
bool expect_goes_with(enum matcher_kind kind, const struct type *type);
/* What stands behind it there: the type of its term, or of what the matcher inside it judges. */
const struct type *expect_place(struct arena *arena, enum matcher_kind kind,
                                const struct type *type);

#endif
