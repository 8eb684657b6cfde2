/* sql_value: values to a server's parameters, and a server's cells to values.
 * Pure. */
#ifndef ACTIONS_SQL_VALUE_H
#define ACTIONS_SQL_VALUE_H

struct arena;
struct postgres_rows;
struct value;

/* VALUE as the text of a parameter, or NULL for SQL's null. A duration is an interval, a size its
 * bytes, a list or map JSON. */
const char *sql_parameter(struct arena *arena, const struct value *value);
/* The rows as a list of maps from column to value. Null is unset; bool, whole numbers, floats,
 * times with a zone, intervals without months, JSON and arrays are what they are, all else is a
 * text. Of two columns of one name the last counts. */
const struct value *sql_rows(struct arena *arena, const struct postgres_rows *rows);
/* The first column of the first row, or unset. */
const struct value *sql_first(struct arena *arena, const struct postgres_rows *rows);

#endif
