/* Words of the command line: each that a command or option shows is known to completion and man
 * page; help fits a terminal of 80 characters. */
#include "base/arena.h"
#include "base/list.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/help.h"
#include "commands/prose.h"
#include "commands/word.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void known(const char *command, const char *name)
{
    if (word_find(name) == NULL)
        fail_msg("runbook %s: what %s stands for is in no table of word.c", command, name);
}

static void test_words_are_known(void **state)
{
    struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; command_at(i) != NULL; i++) {
        const struct command *command = command_at(i);
        struct list names = word_names(arena, command->arguments);
        for (size_t j = 0; j < names.count; j++)
            known(command->name, names.at[j]);
        for (const struct option *const *at = command->options; at != NULL && *at != NULL; at++)
            if ((*at)->value != NULL)
                known(command->name, (*at)->value);
    }
    arena_free(arena);
}

static void test_words_are_read(void **state)
{
    struct arena *arena = arena_new();
    (void)state;
    struct list names = word_names(arena, "RUN [STEP] FILE…");
    assert_int_equal(names.count, 3);
    assert_string_equal(names.at[0], "RUN");
    assert_string_equal(names.at[1], "STEP");
    assert_string_equal(names.at[2], "FILE");
    struct list choices = word_choices(arena, "text|json");
    assert_int_equal(choices.count, 2);
    assert_string_equal(choices.at[1], "json");
    assert_int_equal(word_find("text|json")->word, WORD_CHOICE);
    assert_int_equal(word_find("STEP=REASON")->word, WORD_STEP);
    assert_null(word_find("STEPS"));
    arena_free(arena);
}

static void fits(const char *command, const struct buffer *help)
{
    for (const char *line = help->at; line != NULL && *line != '\0';) {
        size_t length = strcspn(line, "\n");
        char copy[256] = {0};
        memcpy(copy, line, length < sizeof copy ? length : sizeof copy - 1);
        if (prose_width(copy) > PROSE_WIDTH)
            fail_msg("runbook %s --help: wider than %d: %s", command, PROSE_WIDTH, copy);
        line += length + (line[length] == '\n');
    }
}

static void test_help_fits(void **state)
{
    struct arena *arena = arena_new();
    struct buffer all = {0};
    (void)state;
    help_all(&all);
    fits("", &all);
    for (size_t i = 0; command_at(i) != NULL; i++) {
        struct buffer help = {0};
        help_command(arena, command_at(i), &help);
        fits(command_at(i)->name, &help);
        assert_non_null(strstr(all.at, command_at(i)->name));
        buffer_free(&help);
    }
    buffer_free(&all);
    arena_free(arena);
}

static void test_paragraphs(void **state)
{
    struct arena *arena = arena_new();
    const char *text = "One\nline.\n\n  kept\n    as it is\n\nLast.";
    bool literal;
    (void)state;
    assert_string_equal(prose_next(arena, &text, &literal), "One line.");
    assert_false(literal);
    assert_string_equal(prose_next(arena, &text, &literal), "  kept\n    as it is");
    assert_true(literal);
    assert_string_equal(prose_next(arena, &text, &literal), "Last.");
    assert_null(prose_next(arena, &text, &literal));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_known),
        cmocka_unit_test(test_words_are_read),
        cmocka_unit_test(test_help_fits),
        cmocka_unit_test(test_paragraphs),
    };
    return cmocka_run_group_tests_name("commands words", tests, NULL, NULL);
}
