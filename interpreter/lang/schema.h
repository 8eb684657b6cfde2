/* schema: the language as a JSON Schema, for editors and for whoever checks files without us.
 * Made of the tables of keys.h, the types and the actions it is handed; reads no file. It is
 * draft-07, which editors' YAML servers know best. It refuses what the shape of a file alone tells
 * (unknown and missing keys, values of another type), and nothing that `check` accepts; names,
 * types of expressions and effects are for `check`. */
#ifndef LANG_SCHEMA_H
#define LANG_SCHEMA_H

struct arena;
struct json_t;
struct list;

/* The schema of runbooks, libraries and monitors that may use ACTIONS (of struct action, sorted).
 * The caller owns it. A scalar may be the text that was written, or what other YAML tools make of
 * it: a number, true, false. */
struct json_t *schema_make(struct arena *arena, const struct list *actions);

#endif
