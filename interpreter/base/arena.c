/* A chain of blocks, bumped. Blocks grow, so that an attempt costs a few KiB and the model of a
 * runbook of 100,000 steps a few dozen calls of the allocator. Fresh blocks are zeroed by calloc,
 * which for big ones costs nothing: the kernel's pages are zero already. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_WATCHED 1
#endif
#endif

/* Under AddressSanitizer what was not handed out is poisoned, with a gap behind each piece: an
 * arena would else hide every overrun. */
#ifdef ARENA_WATCHED
#include <sanitizer/asan_interface.h>
enum { GAP = 8 };
static void hide(void *at, size_t size)
{
    ASAN_POISON_MEMORY_REGION(at, size);
}
static void show(void *at, size_t size)
{
    ASAN_UNPOISON_MEMORY_REGION(at, size);
}
#else
enum { GAP = 0 };
static void hide(void *at, size_t size)
{
    (void)at;
    (void)size;
}
static void show(void *at, size_t size)
{
    (void)at;
    (void)size;
}
#endif

enum {
    FIRST_BLOCK = 4 * 1024,   /* an attempt's arena seldom needs more */
    LAST_BLOCK = 1024 * 1024, /* past it, doubling would only waste the end */
    LARGE_PIECE = 128 * 1024, /* gets a block of its own, so that the current one stays in use */
    ALIGNMENT = _Alignof(max_align_t)
};

struct block {
    struct block *next;
    size_t size; /* with this head */
};

struct arena {
    char *at;  /* the next free byte of the current block */
    char *end; /* behind its last */
    struct block *blocks;
    size_t next_size;
};

static const size_t HEAD = (sizeof(struct block) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

void memory_exhausted(size_t size)
{
    /* No clean end is possible without memory; a run is picked up by `resume` as after any crash.
     * 11 is the exit code of a record that could not be written further. */
    char line[96];
    int length =
        snprintf(line, sizeof line, "runbook: out of memory (%zu bytes asked for)\n", size);
    ssize_t ignored = write(STDERR_FILENO, line, (size_t)length);
    (void)ignored;
    _exit(11);
}

void *memory_resize(void *old, size_t size)
{
    void *at = realloc(old, size ? size : 1);
    if (at == NULL) {
        memory_exhausted(size);
    }
    return at;
}

static struct block *block_new(struct arena *arena, size_t size)
{
    struct block *block = calloc(1, size);
    if (block == NULL) {
        memory_exhausted(size);
    }
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    hide((char *)block + HEAD, size - HEAD);
    return block;
}

struct arena *arena_new(void)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL) {
        memory_exhausted(sizeof *arena);
    }
    arena->next_size = FIRST_BLOCK;
    return arena;
}

/* SIZE bytes that the current block has no room for. */
static void *alloc_slow(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2) {
        memory_exhausted(size);
    }
    if (size >= LARGE_PIECE) {
        char *at = (char *)block_new(arena, HEAD + size) + HEAD;
        show(at, size);
        return at;
    }
    while (arena->next_size < HEAD + size + GAP) {
        arena->next_size *= 2;
    }
    struct block *block = block_new(arena, arena->next_size);
    arena->at = (char *)block + HEAD;
    arena->end = (char *)block + block->size;
    if (arena->next_size < LAST_BLOCK) {
        arena->next_size *= 2;
    }
    char *at = arena->at;
    arena->at += size + GAP;
    show(at, size);
    return at;
}

/* ALIGN is a power of two. */
static void *alloc_aligned(struct arena *arena, size_t size, size_t align)
{
    size_t skip = (size_t)(-(uintptr_t)arena->at) & (align - 1);
    size_t left = (size_t)(arena->end - arena->at);
    if (left < skip || left - skip < size + GAP || size > SIZE_MAX / 2) {
        return alloc_slow(arena, size);
    }
    char *at = arena->at + skip;
    arena->at = at + size + GAP;
    show(at, size);
    return at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size += size == 0;
    /* What is smaller than the widest type can't need the widest alignment. */
    return alloc_aligned(arena, size, size < ALIGNMENT ? sizeof(void *) : ALIGNMENT);
}

char *arena_copy(struct arena *arena, const char *at, size_t length)
{
    char *copy = alloc_aligned(arena, length + 1, 1);
    if (length > 0) {
        memcpy(copy, at, length);
    }
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    char small[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return arena_copy(arena, "", 0);
    }
    if ((size_t)length < sizeof small) {
        return arena_copy(arena, small, (size_t)length);
    }
    char *text = alloc_aligned(arena, (size_t)length + 1, 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

void arena_free(struct arena *arena)
{
    if (arena == NULL) {
        return;
    }
    struct block *block = arena->blocks;
    while (block != NULL) {
        struct block *next = block->next;
        show(block, block->size);
        free(block);
        block = next;
    }
    free(arena);
}
