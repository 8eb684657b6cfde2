/* request_parts: url, headers and body of a request, encoded. For request.c alone. */
#ifndef ACTIONS_REQUEST_PARTS_H
#define ACTIONS_REQUEST_PARTS_H

#include "base/text.h"

#include <stdbool.h>

struct arena;
struct deed;
struct describing;
struct problem;
struct stage;
struct value;

/* Are url, query, headers and body such that a request can be made of them? Unknown ones pass. */
bool request_parts_check(const struct describing *describing, const struct deed *deed,
                         struct problem *problem);
/* The url with its query, as it is sent; STAGE NULL: as it is told, where unknown parts and secrets
 * show as ‹…›. */
void request_url(const struct deed *deed, const struct stage *stage, struct buffer *into);
/* What is wrong with a url in which a secret was put; NULL: nothing. Does not repeat it. */
const char *request_url_problem(struct text url);
/* "Name: value", NULL-terminated, those of the deed, the body's type, and who we are. */
const char *const *request_headers(const struct deed *deed, const struct stage *stage);
/* What of a secret can't stand in one of them; NULL: nothing. */
const char *request_headers_problem(struct arena *arena, const char *const *lines);
/* The body, or NULL with *problem NULL where there is none; NULL with *problem where it is no JSON.
 */
const struct text *request_body(struct arena *arena, const struct deed *deed, const char **problem);
/* "Name: value\r\n" lines as a map of lower-case names; of a name that comes again, values are
 * joined by ", ". */
const struct value *request_read_headers(struct arena *arena, struct text lines);

#endif
