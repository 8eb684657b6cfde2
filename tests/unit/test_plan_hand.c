/* Everything that is done can be done by hand: each core action that does something has a command,
 * and no value of one becomes code. */
#include "actions/actions.h"
#include "base/arena.h"
#include "base/shell.h"
#include "lang/action.h"
#include "lang/value.h"
#include "plan/hand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_every_action(void **state)
{
    struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; core_actions[i] != NULL; i++) {
        struct hand hand = {.arena = arena, .folder = "."};
        struct buffer text = {0};
        struct deed deed = {.action = core_actions[i],
                            .host = "here",
                            .folder = ".",
                            .inputs = value_map(arena, NULL, 0)};
        bool there = hand_command(&hand, &deed, &text);
        if (there != (core_actions[i]->form == FORM_WORK))
            fail_msg("%s: %s", core_actions[i]->name, there ? "a command" : "no command");
        buffer_free(&text);
    }
    arena_free(arena);
}

static void word_is(struct hand *hand, const struct value *value, const char *expected)
{
    struct buffer text = {0};
    hand_word(hand, "", value, &text);
    assert_string_equal(text.at ? text.at : "", expected);
    buffer_free(&text);
}

static const struct value *shown(struct arena *arena, const char *text)
{
    return value_unknown_text(arena, text_of(text));
}

static void test_blanks(void **state)
{
    struct arena *arena = arena_new();
    struct hand hand = {.arena = arena, .folder = "."};
    (void)state;
    word_is(&hand, value_string(arena, "‹steps.a.b›"), "'‹steps.a.b›'");
    word_is(&hand, shown(arena, "‹steps.a.b›"), "\"${a_b:?}\"");
    word_is(&hand, shown(arena, "x y-‹run.stamp›.‹steps.a/b.c›'"),
            "'x y-'\"${run_stamp:?}\".\"${a_b_c:?}\"''\\'''");
    /* Another step whose name would make the same variable. */
    word_is(&hand, shown(arena, "‹steps.a_b.c›"), "\"${a_b_c_2:?}\"");
    word_is(&hand, shown(arena, "‹steps.a.b ?? ''›"), "\"${a_b?}\"");
    word_is(&hand, shown(arena, "‹len('‹params.x›')›"), "\"${blank_5:?}\"");
    word_is(&hand, shown(arena, "‹len(steps.x[‹item.y›]/z.out[0].name + steps.l[a.b].c)›"),
            "\"${blank_6:?}\"");
    assert_true(hand_wants(&hand, "steps.x[‹item.y›]/z.out"));
    assert_true(hand_wants(&hand, "steps.l[a.b].c"));
    assert_true(hand_wants(&hand, "steps.a.b"));
    assert_true(hand_wants(&hand, "steps.a/b.c"));
    assert_false(hand_wants(&hand, "steps.a.c"));
    assert_false(hand_wants(&hand, "steps.a/b.cc"));
    arena_free(arena);
}

static void test_words(void **state)
{
    static const char *const pairs[][2] = {
        {"plain-1.5/a:b@c%+,=_", "plain-1.5/a:b@c%+,=_"},
        {"", "''"},
        {"a b", "'a b'"},
        {"it's", "'it'\\''s'"},
        {"$(x) `y` \"z\" \\", "'$(x) `y` \"z\" \\'"},
        {"a\nb\t'\\\x1b", "$'a\\nb\\t\\'\\\\\\033'"},
        {"é", "'é'"},
        {"é\u202e\xff", "$'é\\342\\200\\256\\377'"},
        {"~", "'~'"},
        {"#", "'#'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct buffer text = {0};
        shell_word(&text, text_of(pairs[i][0]));
        assert_string_equal(text.at, pairs[i][1]);
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_action),
        cmocka_unit_test(test_blanks),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
