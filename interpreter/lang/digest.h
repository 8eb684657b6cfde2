/* digest: what a definition is, in 64 hex digits. A reworded title, reason or comment is no change;
 * neither is another order of keys, save that of steps, which tells what follows what. */
#ifndef LANG_DIGEST_H
#define LANG_DIGEST_H

struct action;
struct arena;

/* Of a composite, over its definition and those of the actions that it opens into, whose digests
 * must be known (struct action's `digest`). */
const char *action_digest(struct arena *arena, const struct action *action);

#endif
