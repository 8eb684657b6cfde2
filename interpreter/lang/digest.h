/* digest: what a definition is, in 64 hex digits. A reworded title, reason or comment is no change;
 * neither is another order of keys, save that of steps, which tells what follows what. */
#ifndef LANG_DIGEST_H
#define LANG_DIGEST_H

struct action;

/* Of a composite that was checked, over its definition and the digests of those that it opens into.
 * Made when it is first asked for, and kept. */
const char *action_digest(const struct action *action);

#endif
