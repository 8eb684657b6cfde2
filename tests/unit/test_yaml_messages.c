/* Every message of the YAML reader, word for word: the cases are data, in yaml_messages.txt. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char TABLE[] = "tests/unit/yaml_messages.txt";

struct example {
    char *title;
    struct buffer shown; /* the file as it stands in the table */
    struct buffer input;
    struct buffer wanted;
};

struct examples {
    struct buffer head;
    struct example *at;
    size_t count;
};

static int hexadecimal(char c)
{
    const char *digits = "0123456789ABCDEF";
    const char *place = c == '\0' ? NULL : strchr(digits, c);
    return place == NULL ? -1 : (int)(place - digits);
}

/* A line of a file, its <XX> as bytes. */
static void input_add(struct buffer *input, const char *line, size_t length)
{
    bool joined = length > 0 && line[length - 1] == '\\';
    length -= joined;
    for (size_t i = 0; i < length; i++) {
        bool byte = i + 3 < length && line[i] == '<' && line[i + 3] == '>' &&
                    hexadecimal(line[i + 1]) >= 0 && hexadecimal(line[i + 2]) >= 0;
        char c = byte ? (char)(hexadecimal(line[i + 1]) * 16 + hexadecimal(line[i + 2])) : line[i];
        buffer_add(input, &c, 1);
        i += byte ? 3 : 0;
    }
    if (!joined) {
        buffer_add(input, "\n", 1);
    }
}

static void example_begin(struct examples *examples, const char *title, size_t length)
{
    examples->at = memory_resize(examples->at, (examples->count + 1) * sizeof *examples->at);
    struct example *example = &examples->at[examples->count++];
    *example = (struct example){.title = strndup(title, length)};
}

static void examples_read(struct examples *examples)
{
    FILE *file = fopen(TABLE, "r");
    if (file == NULL) {
        fprintf(stderr, "can't read %s: run me from the top of the source\n", TABLE);
        exit(2);
    }
    char *line = NULL;
    size_t room = 0;
    ssize_t got = 0;
    bool answer = false;
    while ((got = getline(&line, &room, file)) > 0) {
        size_t length = (size_t)got - 1;
        if (strncmp(line, "=== ", 4) == 0) {
            example_begin(examples, line + 4, length - 4);
            answer = false;
        } else if (examples->count == 0) {
            buffer_add(&examples->head, line, length + 1);
        } else if (strcmp(line, "--- says\n") == 0) {
            answer = true;
        } else if (answer) {
            buffer_add(&examples->at[examples->count - 1].wanted, line, length + 1);
        } else {
            buffer_add(&examples->at[examples->count - 1].shown, line, length + 1);
            input_add(&examples->at[examples->count - 1].input, line, length);
        }
    }
    free(line);
    fclose(file);
}

static void examples_free(struct examples *examples)
{
    for (size_t i = 0; i < examples->count; i++) {
        free(examples->at[i].title);
        buffer_free(&examples->at[i].shown);
        buffer_free(&examples->at[i].input);
        buffer_free(&examples->at[i].wanted);
    }
    free(examples->at);
    buffer_free(&examples->head);
}

/* What the reader says to INPUT. */
static struct buffer said(struct text input)
{
    struct arena *arena = arena_new();
    struct diagnostics diagnostics = {.arena = arena};
    /* A copy of exactly its length, so that a sanitizer sees a read behind it. */
    char *exact = memory_resize(NULL, input.length);
    memcpy(exact, input.at, input.length);
    struct source *source = source_new(arena, "t.yaml", (struct text){exact, input.length});
    struct node *root = yaml_parse(arena, source, &diagnostics);
    assert_int_equal(root == NULL, diagnostics.errors > 0);
    diagnostics_sort(&diagnostics);
    struct buffer words = {0};
    buffer_text(&words, "");
    for (size_t i = 0; i < diagnostics.list.count; i++) {
        diagnostic_print(diagnostics.list.at[i], false, &words);
    }
    free(exact);
    arena_free(arena);
    return words;
}

static void test_example(void **state)
{
    const struct example *example = *state;
    struct buffer words = said(buffer_slice(&example->input));
    assert_string_equal(words.at, buffer_slice(&example->wanted).at);
    assert_true(words.length > 0);
    buffer_free(&words);
}

static void examples_print(const struct examples *examples)
{
    fputs(examples->head.at, stdout);
    for (size_t i = 0; i < examples->count; i++) {
        const struct example *example = &examples->at[i];
        struct buffer words = said(buffer_slice(&example->input));
        printf("=== %s\n%s--- says\n%s", example->title, buffer_slice(&example->shown).at,
               words.at);
        buffer_free(&words);
    }
}

int main(int count, char **words)
{
    struct examples examples = {0};
    examples_read(&examples);
    int failed = 0;
    if (count > 1 && strcmp(words[1], "--print") == 0) {
        examples_print(&examples);
    } else {
        struct CMUnitTest *tests = memory_resize(NULL, examples.count * sizeof *tests);
        for (size_t i = 0; i < examples.count; i++) {
            tests[i] = (struct CMUnitTest){examples.at[i].title, test_example, NULL, NULL,
                                           &examples.at[i]};
        }
        failed = _cmocka_run_group_tests("yaml_messages", tests, examples.count, NULL, NULL);
        free(tests);
    }
    examples_free(&examples);
    return failed;
}
