/* loop_uv: the libuv loop inside, for what else in sys needs libuv. Nobody above sys includes it.
 */
#ifndef SYS_LOOP_UV_H
#define SYS_LOOP_UV_H

struct loop;
struct uv_loop_s;

/* The loop's own; it lives as long. */
struct uv_loop_s *loop_uv(struct loop *loop);

#endif
