/* person: who sits there, as the kernel says, and what the user database knows of them.
 * Whoever has an audit login id is who logged in, whatever su and sudo made of the uid since; where
 * there is none (a container, a service) the uid counts. May use base and sys/failure. */
#ifndef SYS_PERSON_H
#define SYS_PERSON_H

#include "sys/failure.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

struct person {
    const char *user;  /* the name of who counts; without one, the number */
    int64_t uid;       /* of the process */
    int64_t login;     /* audit login id, -1: none */
    const char *where; /* terminal, option, control */
};

/* Who we are. WHERE is kept. */
struct person person_self(struct arena *arena, const char *where);
/* Who is at the other end of FD, a connected unix socket. False with FAILURE when that can't be
 * told for sure: the process that connected is gone, or works under another's uid than it logged in
 * with, and is neither root's nor our own user's. */
bool person_of_peer(struct arena *arena, int fd, const char *where, struct person *person,
                    struct failure *failure);
/* By what two of them are the same: the login id, else the uid. */
int64_t person_id(const struct person *person);
/* Which of the two that is: "login" or "uid". */
const char *person_known_by(const struct person *person);
/* Can ENTRY name somebody: `alice`, `1001` or, a group, `%dba`? Whether they exist is another
 * question. */
bool person_is_entry(const char *entry);
/* Is there such a user or group here? */
bool person_exists(const char *entry);
/* Is it them that ENTRY names: the user of that name, or without one of that number; a member of
 * the group, as the user database has it now? */
bool person_meets(const struct person *person, const char *entry);

#endif
