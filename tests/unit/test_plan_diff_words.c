/* Two texts word by word: whatever they are, what is told gives both of them again. */
#include "plan/diff_words.h"

#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void expect(const char *was, const char *is, const char *wanted)
{
    static const char *const open[] = {"", "[-", "{+"}, *const close[] = {"", "-]", "+}"};
    struct arena *arena = arena_new();
    struct buffer told = {0};
    struct list pieces = diff_words(arena, was, is);
    for (uint32_t i = 0; i < pieces.count; i++) {
        const struct piece *piece = pieces.at[i];
        buffer_format(&told, "%s%.*s%s", open[piece->kind], (int)piece->text.length, piece->text.at,
                      close[piece->kind]);
    }
    assert_string_equal(told.at ? told.at : "", wanted);
    buffer_free(&told);
    arena_free(arena);
}

static void words_are_kept_whole(void **state)
{
    (void)state;
    expect("", "", "");
    expect("a b c", "a b c", "a b c");
    expect("docker pull app:1.2", "docker pull app:1.3", "docker pull app:[-1.2-]{+1.3+}");
    expect("ls data", "ls -l data", "ls {+-l +}data");
    expect("rm -rf x", "rm -rf x y", "rm -rf x{+ y+}");
    expect("http://a:80/x?q=1", "http://a:80/y?q=1", "http://a:80/[-x-]{+y+}?q=1");
}

static void changes_side_by_side_are_one(void **state)
{
    (void)state;
    expect("keep one two keep it", "keep three four keep it",
           "keep [-one two-]{+three four+} keep it");
}

static void what_has_nothing_in_common_is_wholly_another(void **state)
{
    (void)state;
    expect("systemctl stop a", "docker compose down",
           "[-systemctl stop a-]{+docker compose down+}");
}

/* ---- at random ---- */

static char *random_text(char *into, size_t most)
{
    static const char *const words[] = {"a", "b",  "run", " ", "  ", "/",
                                        ":", "-x", "\n",  "é", "1.2"};
    size_t count = (size_t)rand() % most;
    into[0] = '\0';
    for (size_t i = 0; i < count; i++)
        strcat(into, words[(size_t)rand() % (sizeof words / sizeof *words)]);
    return into;
}

static void assert_gives(const struct list *pieces, enum piece_kind own, const char *text)
{
    struct buffer made = {0};
    for (uint32_t i = 0; i < pieces->count; i++) {
        const struct piece *piece = pieces->at[i];
        if (piece->kind == PIECE_SAME || piece->kind == own)
            buffer_add(&made, piece->text.at, piece->text.length);
    }
    assert_string_equal(made.at ? made.at : "", text);
    buffer_free(&made);
}

static void both_texts_are_in_the_pieces(void **state)
{
    (void)state;
    unsigned seed =
        getenv("SEED") ? (unsigned)strtoul(getenv("SEED"), NULL, 10) : (unsigned)time(NULL);
    print_message("# seed %u (SEED=%u runs the same again)\n", seed, seed);
    srand(seed);
    for (int round = 0; round < 3000; round++) {
        struct arena *arena = arena_new();
        char was[400], is[400];
        random_text(was, 60);
        random_text(is, 60);
        struct list words = diff_words(arena, was, is), lines = diff_lines(arena, was, is);
        assert_gives(&words, PIECE_GONE, was);
        assert_gives(&words, PIECE_NEW, is);
        assert_gives(&lines, PIECE_GONE, was);
        assert_gives(&lines, PIECE_NEW, is);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_kept_whole),
        cmocka_unit_test(changes_side_by_side_are_one),
        cmocka_unit_test(what_has_nothing_in_common_is_wholly_another),
        cmocka_unit_test(both_texts_are_in_the_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
