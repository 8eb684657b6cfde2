/* people: who may answer a question and how many of them must, as `by` and `count` of an approval
 * say it. `by` is a list of texts, users (`alice`, or the number of one without a name) and groups
 * (`%dba`); without one it is root and whoever runs it. */
#ifndef LANG_PEOPLE_H
#define LANG_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct buffer;
struct person;
struct value;

/* What is wrong with BY (NULL: there is none) and COUNT of them; NULL: nothing, as far as it is
 * known. COUNT 0: not known yet. */
const char *people_problem(struct arena *arena, const struct value *by, int64_t count);
/* Those of BY that this machine does not know, "alise, %dbas"; NULL: none. *ALL: nobody is left. */
const char *people_missing(struct arena *arena, const struct value *by, bool *all);
/* May PERSON answer? By the user database as it is now; without BY, ours is the user that runs it.
 */
bool people_have(const struct value *by, const struct person *person);
/* That PERSON may not answer STEP, and who may. */
const char *people_refusal(struct arena *arena, const struct value *by, const struct person *person,
                           const char *step);
/* "alice", "one of alice, %dba", "2 of alice, bob, %dba", "2 people"; nothing for anybody. */
void people_print(const struct value *by, int64_t count, struct buffer *into);

#endif
