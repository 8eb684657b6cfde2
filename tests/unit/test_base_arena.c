/* base/arena: pieces don't touch each other, are zeroed and aligned, of any size. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

/* Pieces of sizes around every limit of the blocks, each filled; none may have changed at the end.
 */
static void test_pieces_stay_apart(void **state)
{
    (void)state;
    static const size_t sizes[] = {
        1,      7,      8,      15, 16,    17,      100,     4000,          4096,    5000, 131071,
        131072, 131073, 300000, 3,  70000, 1 << 20, 2 << 20, (4 << 20) + 5, 4 << 20, 0};
    enum { KINDS = sizeof sizes / sizeof *sizes, PIECES = 20 * KINDS };
    struct arena *arena = arena_new();
    unsigned char *pieces[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        size_t size = sizes[i % KINDS];
        pieces[i] = arena_alloc(arena, size);
        assert_non_null(pieces[i]);
        for (size_t j = 0; j < size; j++) {
            assert_int_equal(pieces[i][j], 0);
        }
        memset(pieces[i], (int)(i % 251 + 1), size);
    }
    for (size_t i = 0; i < PIECES; i++) {
        for (size_t j = 0; j < sizes[i % KINDS]; j++) {
            if (pieces[i][j] != i % 251 + 1) {
                fail_msg("piece %zu changed at byte %zu", i, j);
            }
        }
    }
    arena_free(arena);
}

static void test_alignment(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    for (size_t size = 1; size < 2000; size++) {
        arena_copy(arena, "x", size % 3 == 0); /* pushes what follows off its alignment */
        uintptr_t at = (uintptr_t)arena_alloc(arena, size);
        assert_int_equal(at % (size < 16 ? sizeof(void *) : _Alignof(max_align_t)), 0);
    }
    arena_free(arena);
}

static void test_texts(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char *empty = arena_copy(arena, NULL, 0);
    char *part = arena_copy(arena, "abcdef", 3);
    char *with_nul = arena_copy(arena, "a\0b", 3);
    assert_string_equal(empty, "");
    assert_string_equal(part, "abc");
    assert_memory_equal(with_nul, "a\0b", 4);
    for (int width = 0; width < 600; width++) { /* both ways of arena_format */
        char *text = arena_format(arena, "<%*d>", width, 7);
        assert_int_equal(strlen(text), (size_t)(width < 1 ? 1 : width) + 2);
        assert_int_equal(text[strlen(text) - 1], '>');
    }
    char *huge = arena_format(arena, "%0200000d", 1);
    assert_int_equal(strlen(huge), 200000);
    assert_string_equal(part, "abc");
    arena_free(arena);
}

static void test_free_of_nothing(void **state)
{
    (void)state;
    arena_free(NULL);
    arena_free(arena_new());
}

/* What can't be had ends the program with 11 and a line, not with a crash. */
static void test_exhausted(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        struct arena *arena = arena_new();
        arena_alloc(arena, SIZE_MAX - 100);
        _exit(0);
    }
    close(ends[1]);
    char line[200] = "";
    assert_true(read(ends[0], line, sizeof line - 1) > 0);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 11);
    assert_non_null(strstr(line, "out of memory"));
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_stay_apart),
        cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_free_of_nothing),
        cmocka_unit_test(test_exhausted),
    };
    return cmocka_run_group_tests_name("base_arena", tests, NULL, NULL);
}
