/* A chain of blocks, bumped: what needs alignment from below, texts from above, so that no text is
 * followed by padding. Blocks grow, so that an attempt costs a few KiB and the model of a
 * runbook of 100,000 steps a few dozen calls of the allocator. Fresh blocks are zeroed by calloc,
 * which for big ones costs nothing: the kernel's pages are zero already. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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
    LAST_BLOCK = 4096 * 1024, /* past it, doubling would only waste the end */
    HUGE_PAGE = 2048 * 1024,  /* of x86-64 and arm64 */
    LARGE_PIECE = 128 * 1024, /* gets a block of its own, so that the current one stays in use, */
    LARGE_SHARE = 4,          /* unless it is smaller than this share of a block */
    ALIGNMENT = _Alignof(max_align_t)
};

struct block {
    struct block *next;
    size_t size; /* with this head */
    bool mapped; /* by mmap; else by calloc */
};

/* What a library allocated and the arena's end must free. */
struct final {
    struct final *next;
    void (*free)(void *object);
    void *object;
};

struct arena {
    char *at;    /* the first free byte of the current block */
    char *end;   /* behind its last free one */
    char *spare; /* what a large piece left of its block: the next current one, when that is full */
    char *spare_end;
    struct block *blocks;
    size_t next_size;
    struct final *finals; /* the last one given first */
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

/* SIZE bytes (a multiple of a huge page) on their own huge pages, where the kernel has them, and
 * present. Touched page by page, the memory of a runbook of 100,000 steps costs half as much time
 * as reading it. What the kernel refuses of this is no error: the memory is there all the same. */
static void *huge_get(size_t size)
{
    char *at =
        mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        return NULL;
    }
    size_t before = (size_t)(-(uintptr_t)at) & (HUGE_PAGE - 1);
    if (before > 0) {
        munmap(at, before);
    }
    if (before < HUGE_PAGE) {
        munmap(at + before + size, HUGE_PAGE - before);
    }
    madvise(at + before, size, MADV_HUGEPAGE);
#ifdef MADV_POPULATE_WRITE
    madvise(at + before, size, MADV_POPULATE_WRITE);
#endif
    return at + before;
}

/* Zeroed memory. */
static struct block *block_get(size_t size)
{
    bool mapped = size >= HUGE_PAGE && size % HUGE_PAGE == 0;
    struct block *block = mapped ? huge_get(size) : calloc(1, size);
    if (block == NULL) {
        memory_exhausted(size);
    }
    block->mapped = mapped;
    return block;
}

static struct block *block_new(struct arena *arena, size_t size)
{
    struct block *block = block_get(size);
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

static bool is_large(const struct arena *arena, size_t size)
{
    return size >= LARGE_PIECE && size > arena->next_size / LARGE_SHARE;
}

/* A piece with a block of its own. One of a megabyte is worth huge pages; what they leave is used.
 */
static char *alloc_large(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2) {
        memory_exhausted(size);
    }
    size_t whole = HEAD + size + GAP;
    if (whole >= HUGE_PAGE / 2) {
        whole = (whole + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    }
    struct block *block = block_new(arena, whole);
    char *at = (char *)block + HEAD;
    char *end = (char *)block + whole;
    char *rest = at + size + GAP;
    if (end - rest > arena->spare_end - arena->spare) {
        arena->spare = rest;
        arena->spare_end = end;
    }
    show(at, size);
    return at;
}

/* Makes a block with room for a small piece of SIZE bytes the current one. */
static void block_next(struct arena *arena, size_t size)
{
    size_t needed = size + GAP + ALIGNMENT;
    if ((size_t)(arena->spare_end - arena->spare) >= needed) {
        arena->at = arena->spare;
        arena->end = arena->spare_end;
        arena->spare = arena->spare_end = NULL;
        return;
    }
    while (arena->next_size < HEAD + needed) {
        arena->next_size *= 2;
    }
    struct block *block = block_new(arena, arena->next_size);
    arena->at = (char *)block + HEAD;
    arena->end = (char *)block + block->size;
    if (arena->next_size < LAST_BLOCK) {
        arena->next_size *= 2;
    }
}

/* SIZE bytes for a text: they need no alignment and need not be zeroed. */
static char *alloc_text(struct arena *arena, size_t size)
{
    if (is_large(arena, size)) {
        return alloc_large(arena, size);
    }
    if ((size_t)(arena->end - arena->at) < size + GAP) {
        block_next(arena, size);
    }
    arena->end -= size + GAP;
    show(arena->end, size);
    return arena->end;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (is_large(arena, size)) {
        return alloc_large(arena, size);
    }
    size += size == 0;
    /* What is smaller than the widest type can't need the widest alignment. */
    size_t align = size < ALIGNMENT ? sizeof(void *) : ALIGNMENT;
    size_t skip = (size_t)(-(uintptr_t)arena->at) & (align - 1);
    if ((size_t)(arena->end - arena->at) < size + GAP + skip) {
        block_next(arena, size);
        skip = (size_t)(-(uintptr_t)arena->at) & (align - 1);
    }
    char *at = arena->at + skip;
    arena->at = at + size + GAP;
    show(at, size);
    return at;
}

char *arena_copy(struct arena *arena, const char *at, size_t length)
{
    char *copy = alloc_text(arena, length + 1);
    if (length > 0) {
        memcpy(copy, at, length);
    }
    copy[length] = '\0';
    return copy;
}

/* Does FORMAT put texts together, by %s alone? */
static bool is_joining(const char *format)
{
    for (format = strchr(format, '%'); format != NULL; format = strchr(format + 2, '%'))
        if (format[1] != 's')
            return false;
    return true;
}

/* What FORMAT puts together, to AT, which has room for it; NULL: nowhere. Gives its length. */
static size_t join(char *at, const char *format, va_list arguments)
{
    size_t length = 0;
    while (*format != '\0') {
        bool hole = *format == '%';
        const char *piece = hole ? va_arg(arguments, const char *) : format;
        size_t size = hole ? strlen(piece) : strcspn(format, "%");
        if (at != NULL)
            memcpy(at + length, piece, size);
        length += size;
        format += hole ? 2 : size;
    }
    return length;
}

/* A plan puts ten thousands of names together: several times as fast as by printf. */
static char *joined(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    size_t length = join(NULL, format, arguments);
    char *text = alloc_text(arena, length + 1);
    join(text, format, again);
    text[length] = '\0';
    va_end(again);
    return text;
}

char *arena_format_list(struct arena *arena, const char *format, va_list arguments)
{
    if (is_joining(format))
        return joined(arena, format, arguments);
    char small[256];
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(small, sizeof small, format, arguments);
    char *text = NULL;
    if (length < 0) {
        text = arena_copy(arena, "", 0);
    } else if ((size_t)length < sizeof small) {
        text = arena_copy(arena, small, (size_t)length);
    } else {
        text = alloc_text(arena, (size_t)length + 1);
        vsnprintf(text, (size_t)length + 1, format, again);
    }
    va_end(again);
    return text;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_format_list(arena, format, arguments);
    va_end(arguments);
    return text;
}

void arena_finally(struct arena *arena, void (*free)(void *object), void *object)
{
    struct final *final = arena_alloc(arena, sizeof *final);
    *final = (struct final){.next = arena->finals, .free = free, .object = object};
    arena->finals = final;
}

void arena_free(struct arena *arena)
{
    if (arena == NULL) {
        return;
    }
    for (struct final *final = arena->finals; final != NULL; final = final->next) {
        final->free(final->object);
    }
    struct block *block = arena->blocks;
    while (block != NULL) {
        struct block *next = block->next;
        show(block, block->size);
        if (block->mapped) {
            munmap(block, block->size);
        } else {
            free(block);
        }
        block = next;
    }
    free(arena);
}
