/* variables_own: what the files of draft/variables share. */
#ifndef DRAFT_VARIABLES_OWN_H
#define DRAFT_VARIABLES_OWN_H

#include "draft/draft_own.h"

/* Does its name say that it is a password or a token? */
bool variable_is_secret(const char *name);
struct variable *variable_new(struct draft *draft, enum variable_kind kind, const char *name);
/* From now on its name means this one. */
void variable_bind(struct draft *draft, struct variable *variable);
struct variable *variable_bind_secret(struct draft *draft, const char *name);
/* As a param that must be given: the document does not set it, or not so that it could be seen. */
struct variable *variable_bind_unset(struct draft *draft, const char *name);

#endif
