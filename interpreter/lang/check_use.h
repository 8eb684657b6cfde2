/* check_use: an action in use and a check, under check. Inside lang/check*.c only. */
#ifndef LANG_CHECK_USE_H
#define LANG_CHECK_USE_H

#include "lang/check_place.h"

/* Fills ITEM with what FOREACH (may be NULL) names; false when it names nothing that can be used.
 */
bool check_foreach(const struct place *place, const struct foreach *foreach, struct item *item);
/* Does a constant keep to what PARAM lets through? What is computed is asked when it is known. */
void check_constraint(const struct place *place, const struct param *param,
                      const struct term *term);
/* A connection that is named stands in the runbook; a library has none of its own. */
void check_connection(const struct place *place, const struct param *param,
                      const struct term *term);
/* The arguments of USE. TYPES, when not NULL, gets the type of each that is a term. */
void check_use(const struct place *place, const struct use *use, const struct type **types);
void check_checks(const struct place *place, const struct list *checks);
void check_block(const struct place *place, const struct block *block); /* NULL: nothing */

#endif
