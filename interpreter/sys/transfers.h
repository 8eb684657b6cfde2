/* transfers: libcurl on the loop, one for HTTP and mail: its sockets and timers are the loop's.
 * May use base and sys/loop. Nobody above sys sees libcurl. */
#ifndef SYS_TRANSFERS_H
#define SYS_TRANSFERS_H

struct loop;
struct transfers; /* libcurl itself is made at the first transfer */

/* One for each loop; the caller frees it when no transfer is under way. */
struct transfers *transfers_new(struct loop *loop);
void transfers_free(struct transfers *transfers); /* NULL is allowed */

#endif
