/* arena: memory that is freed as one.
 * For everything that lives as long as its owner: a model, a plan, one attempt.
 * May not use anything but libc. Memory that can't be had ends the program (see arena.c): the
 * one place that does, so that no caller has a branch for it that nobody ever tries. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* An empty arena; the caller frees it with arena_free. */
struct arena *arena_new(void);

/* SIZE bytes, zeroed, aligned for any type; they live as long as the arena. */
void *arena_alloc(struct arena *arena, size_t size);

/* LENGTH bytes at AT, copied, with a NUL added behind them. */
char *arena_copy(struct arena *arena, const char *at, size_t length);

/* A NUL-terminated text as by printf. */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same for a function that takes such arguments itself. */
char *arena_format_list(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* FREE is called with OBJECT when the arena is freed, last given first: for what a library
 * allocates (a compiled pattern). */
void arena_finally(struct arena *arena, void (*free)(void *object), void *object);

/* Heap memory by the same rule: realloc that does not fail. The caller frees it with free. */
void *memory_resize(void *old, size_t size);

/* Says that SIZE bytes can't be had, and ends the program. */
_Noreturn void memory_exhausted(size_t size);

/* Frees the arena and all that came from it. NULL is allowed. */
void arena_free(struct arena *arena);

#endif
