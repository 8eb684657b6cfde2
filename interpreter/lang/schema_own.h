/* What the parts of the schema's maker share. Inside lang/schema*.c only. */
#ifndef LANG_SCHEMA_OWN_H
#define LANG_SCHEMA_OWN_H

#include "lang/keys.h"

#include <jansson.h>
#include <stdbool.h>

struct action;
struct arena;
struct list;
struct type;

struct schema {
    struct arena *arena;
    json_t *definitions; /* by name; each is referred to by schema_see */
};

/* JSON that is returned is the caller's; JSON that is handed over is taken. */

/* `{"$ref": …}` to the definition NAME. */
json_t *schema_see(const char *name);
/* Puts DEFINITION under NAME. */
void schema_define(struct schema *schema, const char *name, json_t *definition);
/* SCHEMA with what a reader is shown of it (NULL: nothing). */
json_t *schema_about(json_t *schema, const char *about);
/* A mapping of PROPERTIES and nothing else. */
json_t *schema_object(json_t *properties, json_t *required);

/* ---- schema_value.c ---- */

/* The definitions of scalars and words. */
void schema_define_values(struct schema *schema);
/* What may be written where a value of TYPE is wanted. */
json_t *schema_value(struct schema *schema, const struct type *type);
/* The same where a mapping would mean something else: a param that stands alone, what an output is
 * equal to. */
json_t *schema_value_unmapped(struct schema *schema, const struct type *type);
/* The name under which something about TYPE is defined: "KIND.list_of_string". */
const char *schema_type_name(struct arena *arena, const char *kind, const struct type *type);

/* ---- schema_expect.c ---- */

/* What may be expected of a value of TYPE. */
json_t *schema_matcher(struct schema *schema, const struct type *type);
/* What may be expected of outputs that are not known. */
void schema_define_expectation(struct schema *schema);
/* What may be expected of the outputs of ACTION: a definition; its reference is returned. */
json_t *schema_expectation(struct schema *schema, const struct action *action);

/* ---- schema_action.c ---- */

/* Each action with its params, and what a step and a check have beside their keys. */
void schema_define_actions(struct schema *schema, const struct list *actions);
/* Adds to PROPERTIES those of ACTIONS that a step, or a check (ASKING), can have. */
void schema_add_actions(json_t *properties, const struct list *actions, bool asking);

/* ---- schema_key.c ---- */

/* What a key of MAPPING takes. */
json_t *schema_key(struct schema *schema, enum mapping mapping, const struct key *key);
/* Definitions that keys refer to and that are no mapping of their own: lists, maps by name. */
void schema_define_collections(struct schema *schema);

#endif
