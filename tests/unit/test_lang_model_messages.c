/* Every message of the model's readers and checks, word for word: the cases are data, in
 * lang_model_messages.txt. A case whose answer is "ok" has nothing wrong with it. */
#include "lang_model.h"

static const char TABLE[] = "tests/unit/lang_model_messages.txt";

struct part {
    char *name; /* of a file; the first one is the runbook, t.yaml */
    struct buffer text;
};
struct example {
    char *title;
    struct part parts[6];
    size_t part_count;
    struct buffer wanted;
};
struct examples {
    struct buffer head;
    struct example *at;
    size_t count;
};

static struct buffer *part_begin(struct example *example, const char *name, size_t length)
{
    assert_true(example->part_count < 6);
    struct part *part = &example->parts[example->part_count++];
    *part = (struct part){.name = strndup(name, length)};
    return &part->text;
}

static struct example *example_begin(struct examples *examples, const char *title, size_t length)
{
    examples->at = memory_resize(examples->at, (examples->count + 1) * sizeof *examples->at);
    struct example *example = &examples->at[examples->count++];
    *example = (struct example){.title = strndup(title, length)};
    return example;
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
    struct example *example = NULL;
    struct buffer *into = &examples->head;
    while ((got = getline(&line, &room, file)) > 0) {
        size_t length = (size_t)got - 1;
        if (strncmp(line, "=== ", 4) == 0) {
            example = example_begin(examples, line + 4, length - 4);
            into = part_begin(example, "t.yaml", 6);
        } else if (example && strncmp(line, "--- file ", 9) == 0) {
            into = part_begin(example, line + 9, length - 9);
        } else if (example && strcmp(line, "--- says\n") == 0) {
            into = &example->wanted;
        } else {
            buffer_add(into, line, length + 1);
        }
    }
    free(line);
    fclose(file);
}

static void examples_free(struct examples *examples)
{
    for (size_t i = 0; i < examples->count; i++) {
        struct example *example = &examples->at[i];
        free(example->title);
        buffer_free(&example->wanted);
        for (size_t j = 0; j < example->part_count; j++) {
            free(example->parts[j].name);
            buffer_free(&example->parts[j].text);
        }
    }
    free(examples->at);
    buffer_free(&examples->head);
}

/* What is said to EXAMPLE; the caller frees it. */
static struct buffer said(const struct example *example)
{
    struct reading reading;
    struct buffer words = {0};
    model_begin(&reading);
    for (size_t i = 0; i < example->part_count; i++)
        model_file(example->parts[i].name, buffer_slice(&example->parts[i].text));
    model_read(&reading, "t.yaml");
    assert_int_equal(reading.runbook == NULL, reading.diagnostics.errors > 0);
    buffer_text(&words, reading.words.length ? reading.words.at : "ok\n");
    model_end(&reading);
    return words;
}

static void test_example(void **state)
{
    const struct example *example = *state;
    struct buffer words = said(example);
    assert_string_equal(words.at, example->wanted.at ? example->wanted.at : "");
    buffer_free(&words);
}

static void examples_print(const struct examples *examples)
{
    fputs(examples->head.at, stdout);
    for (size_t i = 0; i < examples->count; i++) {
        const struct example *example = &examples->at[i];
        struct buffer words = said(example);
        printf("=== %s\n", example->title);
        for (size_t j = 0; j < example->part_count; j++) {
            if (j > 0)
                printf("--- file %s\n", example->parts[j].name);
            fputs(example->parts[j].text.at ? example->parts[j].text.at : "", stdout);
        }
        printf("--- says\n%s", words.at);
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
        for (size_t i = 0; i < examples.count; i++)
            tests[i] = (struct CMUnitTest){examples.at[i].title, test_example, NULL, NULL,
                                           &examples.at[i]};
        failed = _cmocka_run_group_tests("lang_model_messages", tests, examples.count, NULL, NULL);
        free(tests);
    }
    examples_free(&examples);
    return failed;
}
