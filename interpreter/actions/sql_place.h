/* sql_place: the connection in a deed: looked at, shown, and made into what libpq takes.
 * Pure. */
#ifndef ACTIONS_SQL_PLACE_H
#define ACTIONS_SQL_PLACE_H

#include "base/text.h"

#include <stdbool.h>

struct deed;
struct describing;
struct map;
struct postgres_spec;
struct problem;
struct stage;

/* The connection of DEED (its input `db`; of a program `connection`), where it is known: one to
 * postgres whose texts hold no NUL. */
bool sql_place_check(const struct describing *describing, const struct deed *deed,
                     struct problem *problem);
/* "db (postgres://user@host:5432/shop)"; nothing where there is none. */
void sql_place_show(const struct deed *deed, struct buffer *into);
/* Its name, else its host: for messages. In the stage's arena. */
const char *sql_place_name(const struct deed *deed, const struct stage *stage);
/* Fills in keywords, values and the time to connect; memory is the stage's. */
void sql_place_fill(const struct deed *deed, const struct stage *stage, struct postgres_spec *spec);
/* For a program: what `PGHOST` and so on are to be is put into VARIABLES (texts by name, the
 * stage's). */
void sql_place_variables(const struct deed *deed, const struct stage *stage, struct map *variables);
/* And the password in a file as libpq reads it, whoever it is for; nothing where there is none. */
struct text sql_place_passfile(const struct deed *deed, const struct stage *stage);

#endif
