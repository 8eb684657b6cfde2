/* Output in pieces becomes whole lines, however it is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "report/talk.h"

#include <string.h>

static void keep(void *context, const char *step, int stream, struct text line)
{
    struct buffer *kept = context;
    buffer_format(kept, "%s%d|%.*s\n", step, stream, (int)line.length, line.at);
}

static void assert_kept(struct buffer *kept, const char *wanted)
{
    assert_string_equal(kept->at ? kept->at : "", wanted);
    kept->length = 0;
    if (kept->at != NULL)
        kept->at[0] = '\0';
}

static void every_cut_gives_the_same(void **state)
{
    static const char whole[] = "one\n\ntw\xc3\xb6\nthree\r\nlast";
    const size_t length = sizeof whole - 1;
    (void)state;
    for (size_t a = 0; a <= length; a++)
        for (size_t b = a; b <= length; b++) {
            struct buffer kept = {0};
            struct talk *talk = talk_new(keep, &kept);
            talk_add(talk, "x", 1, (struct text){whole, a});
            talk_add(talk, "x", 1, (struct text){whole + a, b - a});
            talk_add(talk, "x", 1, (struct text){whole + b, length - b});
            talk_end(talk, "x");
            talk_end(talk, "x");
            assert_kept(&kept, "x1|one\nx1|\nx1|tw\xc3\xb6\nx1|three\nx1|last\n");
            talk_free(talk);
            buffer_free(&kept);
        }
}

static void steps_and_streams_are_apart(void **state)
{
    struct buffer kept = {0};
    struct talk *talk = talk_new(keep, &kept);
    (void)state;
    talk_add(talk, "a", 1, text_of("a-out"));
    talk_add(talk, "a", 2, text_of("a-err"));
    talk_add(talk, "b", 1, text_of("b-out"));
    assert_kept(&kept, "");
    talk_add(talk, "b", 1, text_of("!\n"));
    assert_kept(&kept, "b1|b-out!\n");
    talk_add(talk, "a", 2, text_of("\nmore"));
    assert_kept(&kept, "a2|a-err\n");
    talk_end(talk, "a");
    assert_kept(&kept, "a1|a-out\na2|more\n");
    talk_add(talk, "a", 1, text_of("")); /* nothing is no line */
    talk_end(talk, "a");
    assert_kept(&kept, "");
    talk_add(talk, "a", 1, text_of("left"));
    talk_free(talk); /* what nobody ended is dropped with it */
    buffer_free(&kept);
}

static void a_line_without_end_is_shown_in_parts(void **state)
{
    struct buffer kept = {0};
    struct talk *talk = talk_new(keep, &kept);
    char dots[3000];
    (void)state;
    memset(dots, '.', sizeof dots);
    talk_add(talk, "a", 1, (struct text){dots, sizeof dots});
    assert_int_equal(kept.length, 0);
    talk_add(talk, "a", 1, (struct text){dots, sizeof dots});
    assert_int_equal(kept.length, strlen("a1|\n") + 6000);
    talk_free(talk);
    buffer_free(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut_gives_the_same),
        cmocka_unit_test(steps_and_streams_are_apart),
        cmocka_unit_test(a_line_without_end_is_shown_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
