/* Limits alone do not bound a match's time: `.*.*=x` over one line of a megabyte runs for half a
 * minute without reaching any. So every pattern is compiled with a callout at each item, and the
 * callout looks at the clock; the rest (heap, depth) guards memory. */
#include "lang/pattern.h"

#include "base/arena.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

enum {
    PATTERN_LIMIT = 4 * 1024,     /* bytes of a pattern: a longer one is a mistake */
    SUBJECT_LIMIT = 1024 * 1024,  /* bytes searched; see pattern.h */
    HEAP_LIMIT = 64 * 1024,       /* KiB */
    WORTH_CODE = 4 * 1024,        /* bytes searched: machine code takes as long to make */
    STACK_START = 64 * 1024,      /* bytes of a stack for compiled code, when 32 KiB of our own */
    STACK_LIMIT = 1024 * 1024,    /* do not do */
    CALLOUTS_BETWEEN_CLOCKS = 64, /* a clock read costs as much as a few dozen items */
    TIME_LIMIT_MS = 250,
};

struct pattern {
    pcre2_code *code;
    uint32_t groups;
    struct use *use;
};
struct use {
    size_t bytes; /* searched so far */
};

static void free_code(void *code)
{
    pcre2_code_free(code);
}

/* PCRE2's message for CODE, or a number when it has none. */
static const char *message_of(struct arena *arena, int code)
{
    PCRE2_UCHAR text[160];
    int length = pcre2_get_error_message(code, text, sizeof text);
    return length < 0 ? arena_format(arena, "PCRE2 error %d", code)
                      : arena_copy(arena, (const char *)text, (size_t)length);
}

struct pattern *pattern_compile(struct arena *arena, struct text text, const char **problem,
                                size_t *offset)
{
    *offset = 0;
    if (text.length > PATTERN_LIMIT) {
        *problem = arena_format(arena, "a pattern has at most %d bytes, this one has %zu",
                                PATTERN_LIMIT, text.length);
        return NULL;
    }
    int code = 0;
    /* `$` is the very end: a param of pattern '^[a-z]+$' is not to bring a line break along. */
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
                       PCRE2_AUTO_CALLOUT | PCRE2_DOLLAR_ENDONLY;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)(text.length ? text.at : ""), text.length,
                                         options, &code, offset, NULL);
    if (compiled == NULL) {
        *problem = message_of(arena, code);
        return NULL;
    }
    struct pattern *pattern = arena_alloc(arena, sizeof *pattern);
    pattern->code = compiled;
    pattern->use = arena_alloc(arena, sizeof *pattern->use);
    pcre2_pattern_info(compiled, PCRE2_INFO_CAPTURECOUNT, &pattern->groups);
    arena_finally(arena, free_code, compiled);
    return pattern;
}

struct deadline {
    uint64_t end; /* monotonic nanoseconds; 0: the clock was not yet read */
    unsigned calls;
};

static uint64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static int on_callout(pcre2_callout_block *block, void *context)
{
    (void)block;
    struct deadline *deadline = context;
    if (++deadline->calls % CALLOUTS_BETWEEN_CLOCKS != 0) {
        return 0;
    }
    uint64_t now = clock_now();
    if (deadline->end == 0) {
        deadline->end = now + TIME_LIMIT_MS * UINT64_C(1000000);
    }
    return now >= deadline->end ? PCRE2_ERROR_CALLOUT : 0;
}

/* Compiling to machine code takes longer than most patterns are worth, which see a name or two: it
 * is done when a pattern has been searched for in enough. */
static void compile_code(const struct pattern *pattern, size_t length)
{
    size_t size = 0;
    pattern->use->bytes += length;
    if (pattern->use->bytes < WORTH_CODE)
        return;
    pcre2_pattern_info(pattern->code, PCRE2_INFO_JITSIZE, &size);
    if (size == 0) {
        pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
    }
}

static int run_match(const struct pattern *pattern, struct text subject, size_t from,
                     pcre2_match_data *data)
{
    struct deadline deadline = {0};
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    if (context == NULL) {
        return PCRE2_ERROR_NOMEMORY;
    }
    pcre2_set_heap_limit(context, HEAP_LIMIT);
    pcre2_set_match_limit(context, UINT32_MAX); /* the clock decides, on every machine alike */
    pcre2_set_callout(context, on_callout, &deadline);
    PCRE2_SPTR at = (PCRE2_SPTR)(subject.length ? subject.at : "");
    int count = pcre2_match(pattern->code, at, subject.length, from, 0, data, context);
    if (count == PCRE2_ERROR_JIT_STACKLIMIT) {
        pcre2_jit_stack *stack = pcre2_jit_stack_create(STACK_START, STACK_LIMIT, NULL);
        pcre2_jit_stack_assign(context, NULL, stack);
        count = pcre2_match(pattern->code, at, subject.length, from, 0, data, context);
        pcre2_jit_stack_free(stack);
    }
    pcre2_match_context_free(context);
    return count;
}

static enum pattern_answer explain(int code, const char **problem)
{
    switch (code) {
    case PCRE2_ERROR_NOMATCH:
        return PATTERN_ABSENT;
    case PCRE2_ERROR_CALLOUT:
        *problem = "the pattern takes longer than 250ms on this text";
        break;
    case PCRE2_ERROR_NOMEMORY:
    case PCRE2_ERROR_HEAPLIMIT:
    case PCRE2_ERROR_JIT_STACKLIMIT:
        *problem = "the pattern needs more memory than it may have on this text";
        break;
    default:
        *problem = "the pattern can't be searched for in this text";
        break;
    }
    return PATTERN_ERROR;
}

enum pattern_answer pattern_match(const struct pattern *pattern, struct text subject, size_t from,
                                  struct text *whole, struct text *group, const char **problem)
{
    if (subject.length > SUBJECT_LIMIT) {
        *problem = "a pattern searches at most 1MiB of text, and this is more";
        return PATTERN_ERROR;
    }
    compile_code(pattern, subject.length - from);
    pcre2_match_data *data = pcre2_match_data_create(2, NULL);
    if (data == NULL) {
        memory_exhausted(64);
    }
    int count = run_match(pattern, subject, from, data);
    enum pattern_answer answer = PATTERN_FOUND;
    if (count < 0) {
        answer = explain(count, problem);
    } else {
        const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
        *whole = (struct text){subject.at + at[0], at[1] > at[0] ? at[1] - at[0] : 0};
        *group = *whole;
        if (pattern->groups > 0) {
            bool took = count != 1 && at[2] != PCRE2_UNSET;
            *group = took ? (struct text){subject.at + at[2], at[3] - at[2]} : (struct text){0};
        }
    }
    pcre2_match_data_free(data);
    return answer;
}

static bool stands_for_itself(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c >= 0x80;
}

const char *pattern_quote(struct arena *arena, struct text text)
{
    struct buffer quoted = {0};
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (stands_for_itself(c)) {
            buffer_add(&quoted, text.at + i, 1);
        } else if (c < 0x20 || c == 0x7f) {
            buffer_format(&quoted, "\\x{%02x}", c);
        } else {
            buffer_format(&quoted, "\\%c", c);
        }
    }
    const char *copy = arena_copy(arena, quoted.at, quoted.length);
    buffer_free(&quoted);
    return copy;
}
