/* sql_script: SQL text taken apart as far as must be: where a statement ends, how it begins.
 * Pure. Knows quotes, comments, dollar quotes and bodies in BEGIN ATOMIC; the rest is for the
 * server to understand. */
#ifndef ACTIONS_SQL_SCRIPT_H
#define ACTIONS_SQL_SCRIPT_H

#include "base/text.h"

struct arena;
struct list;

struct sql_statement {
    const char *text; /* without its semicolon; NUL-terminated */
    size_t line;      /* of the script, from 1, on which it begins */
};

/* Adds SCRIPT's statements (struct sql_statement, ARENA's) to STATEMENTS, those that are more than
 * comments. NULL, or what in it is no SQL: an unclosed quote, a command of psql's. */
const char *sql_split(struct arena *arena, struct text script, struct list *statements);
/* Is it a COMMIT, BEGIN or the like, which would end or begin a transaction? Says which, in upper
 * case; NULL: no. */
const char *sql_transaction_word(const char *statement);

#endif
