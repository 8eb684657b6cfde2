/* letter: a mail as it goes over the wire: RFC 5322 head, text as quoted-printable UTF-8.
 * Pure. Nothing in it begins a line of its own: a header's value that holds a control character is
 * refused before, by letter_problem. */
#ifndef ACTIONS_LETTER_H
#define ACTIONS_LETTER_H

#include "actions/address.h"

#include <stdint.h>

struct letter {
    struct address from;
    const struct address *to, *cc; /* each ends with a NULL mailbox; CC may be NULL */
    struct text subject, text;
    const char *run, *step; /* NULL: not told */
    int64_t date;           /* ns since 1970 UTC */
};

/* What can't stand in a subject or a text: "`subject` holds a line break …"; NULL: nothing. */
const char *letter_problem(struct text subject, struct text text);
/* `<RUN.STEP@DOMAIN>`: a function of run, step and sender alone, so that the same message, sent
 * again by a later attempt, is seen to be the same. */
const char *letter_id(struct arena *arena, const struct letter *letter);
/* Head and body, lines end in CRLF. */
void letter_print(struct buffer *into, const struct letter *letter);

#endif
