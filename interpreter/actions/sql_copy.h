/* sql_copy: what sql.copy_in and sql.copy_out share: the statement, and its table as it is shown.
 */
#ifndef ACTIONS_SQL_COPY_H
#define ACTIONS_SQL_COPY_H

#include "base/text.h"

struct arena;
struct deed;

/* `schema.table` with each part in quotes. */
const char *sql_copy_table(struct arena *arena, const char *table);

#endif
