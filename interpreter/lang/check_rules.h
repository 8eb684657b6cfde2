/* check_rules: single rules of the checker, called from the walk in check.c. Inside lang/check*.c
 * only. */
#ifndef LANG_CHECK_RULES_H
#define LANG_CHECK_RULES_H

#include "lang/check_place.h"

/* check_effects.c: RB106 (never runs), RB202, RB203, RB204, RB205. */
void rule_step(const struct place *around, const struct step *step);
void rule_check(const struct place *around, const struct check *check);
/* RB203, RB301: outputs of a step that are secret. INSIDE is where their values mean something. */
void rule_withheld(const struct place *inside, const struct step *step);
void rule_action(const struct place *place, const struct action *action);

/* check_data.c: RB302, RB303. */
void rule_data(const struct place *place, const struct use *use);

/* RB106: params that nothing names. */
void rule_unused(const struct place *place, const struct map *params);
/* And connections. */
void rule_connections(const struct place *place, const struct runbook *runbook);
void rule_secrets(const struct place *place, const struct runbook *runbook);

#endif
