/* address: the address of a mail as people write it: `ops@example.org`, `Ops <ops@example.org>`.
 * Pure; what it gives is the arena's. */
#ifndef ACTIONS_ADDRESS_H
#define ACTIONS_ADDRESS_H

#include "base/text.h"

#include <stdbool.h>

struct arena;

struct address {
    const char *name;    /* for people, UTF-8; "" */
    const char *mailbox; /* "ops@example.org": such that it can't mean anything else in SMTP */
    const char *domain;  /* the part of it behind its @ */
};

/* NULL when TEXT is one, else what is wrong with it, for a message: "it has no @". */
const char *address_read(struct arena *arena, struct text text, struct address *address);

#endif
