/* sql_place: the connection in a deed: looked at, shown, and made into what libpq takes.
 * Pure. */
#ifndef ACTIONS_SQL_PLACE_H
#define ACTIONS_SQL_PLACE_H

#include "base/text.h"

#include <stdbool.h>

struct deed;
struct describing;
struct postgres_spec;
struct problem;
struct stage;

/* The input `db` of DEED, where it is known: a postgres connection whose texts hold no NUL. */
bool sql_place_check(const struct describing *describing, const struct deed *deed,
                     struct problem *problem);
/* "db (postgres://user@host:5432/shop)". */
void sql_place_show(const struct deed *deed, struct buffer *into);
/* Its name, else its host: for messages. In the stage's arena. */
const char *sql_place_name(const struct deed *deed, const struct stage *stage);
/* Fills in keywords, values and the time to connect; memory is the stage's. */
void sql_place_fill(const struct deed *deed, const struct stage *stage, struct postgres_spec *spec);

#endif
