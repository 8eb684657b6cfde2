/* base/mask: no form of a secret is let through, wherever the pieces are cut. The forms were made
 * by Python's standard library, not by the code that is tested. */
#include "base/mask.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define SECRET "kH7:z+Q&9w'X=e<4/u \"ü\\~"

static const struct {
    const char *name, *form;
} FORMS[] = {
    {"as it is", "kH7:z+Q&9w'X=e<4/u \"ü\\~"},
    {"base64 behind 0 bytes", "a0g3OnorUSY5dydYPWU8NC91ICLDvFx+"},
    {"base64url behind 0 bytes", "a0g3OnorUSY5dydYPWU8NC91ICLDvFx-"},
    {"base64 behind 1 bytes", "YWtINzp6K1EmOXcnWD1lPDQvdSAiw7xcfg=="},
    {"base64url behind 1 bytes", "YWtINzp6K1EmOXcnWD1lPDQvdSAiw7xcfg=="},
    {"base64 behind 2 bytes", "YWJrSDc6eitRJjl3J1g9ZTw0L3UgIsO8XH4="},
    {"base64url behind 2 bytes", "YWJrSDc6eitRJjl3J1g9ZTw0L3UgIsO8XH4="},
    {"hex", "6b48373a7a2b5126397727583d653c342f752022c3bc5c7e"},
    {"HEX", "6B48373A7A2B5126397727583D653C342F752022C3BC5C7E"},
    {"quote", "kH7%3Az%2BQ%269w%27X%3De%3C4%2Fu%20%22%C3%BC%5C~"},
    {"quote /", "kH7%3Az%2BQ%269w%27X%3De%3C4/u%20%22%C3%BC%5C~"},
    {"quote_plus", "kH7%3Az%2BQ%269w%27X%3De%3C4%2Fu+%22%C3%BC%5C~"},
    {"lower percent", "kH7%3az%2bQ%269w%27X%3de%3c4%2fu%20%22%c3%bc%5c~"},
    {"json", "kH7:z+Q&9w'X=e<4/u \\\"\\u00fc\\\\~"},
    {"json utf-8", "kH7:z+Q&9w'X=e<4/u \\\"ü\\\\~"},
    {"json php", "kH7:z+Q&9w'X=e<4\\/u \\\"\\u00fc\\\\~"},
    {"json go", "kH7:z+Q\\u00269w'X=e\\u003c4/u \\\"ü\\\\~"},
    {"html", "kH7:z+Q&amp;9w&#x27;X=e&lt;4/u &quot;ü\\~"},
    {"html text", "kH7:z+Q&amp;9w'X=e&lt;4/u \"ü\\~"},
    {"html dec", "kH7:z+Q&amp;9w&#39;X=e&lt;4/u &quot;ü\\~"},
    {"shlex", "'kH7:z+Q&9w'\"'\"'X=e<4/u \"ü\\~'"},
    {"sql", "'kH7:z+Q&9w''X=e<4/u \"ü\\~'"},
    {"shell double", "\"kH7:z+Q&9w'X=e<4/u \\\"ü\\\\~\""},
    {"conninfo", "kH7:z+Q&9w\\'X=e<4/u \"ü\\\\~"},
    {"passfile", "kH7\\:z+Q&9w'X=e<4/u \"ü\\\\~"},
};

static struct mask *knowing(const char *secret)
{
    struct mask *mask = mask_new();
    mask_learn(mask, secret, strlen(secret));
    return mask;
}

static void keep(void *data, const char *at, size_t length)
{
    buffer_add(data, at, length);
}

/* TEXT in pieces that end where CUTS (ascending) say. */
static struct buffer in_pieces(const struct mask *mask, const char *text, const size_t *cuts,
                               size_t count)
{
    struct buffer shown = {0};
    struct mask_stream stream = {.mask = mask, .keep = keep, .data = &shown};
    size_t from = 0, length = strlen(text);
    for (size_t i = 0; i <= count; i++) {
        size_t end = i < count ? cuts[i] : length;
        mask_stream_add(&stream, text + from, end - from);
        from = end;
    }
    mask_stream_end(&stream);
    buffer_add(&shown, "", 0);
    return shown;
}

/* Is a run of eight bytes of FORM, that only the secret explains, in what was shown? */
static bool leaks(const char *shown, const char *form)
{
    size_t length = strlen(form);
    char part[9] = {0};
    for (size_t i = 0; i + 8 <= length; i++) {
        memcpy(part, form + i, 8);
        if (strstr(shown, part))
            return true;
    }
    return false;
}

static void test_every_form_at_every_cut(void **state)
{
    (void)state;
    struct mask *mask = knowing(SECRET);
    size_t tried = 0;
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        char text[512];
        snprintf(text, sizeof text, "before %s, after", FORMS[i].form);
        size_t length = strlen(text);
        for (size_t a = 0; a <= length; a++)
            for (size_t b = a; b <= length; b += b - a < 3 ? 1 : 7) {
                struct buffer shown = in_pieces(mask, text, (size_t[]){a, b}, 2);
                if (leaks(shown.at, FORMS[i].form) || !strstr(shown.at, MASK_SHOWN) ||
                    strncmp(shown.at, "before ", 7) != 0 ||
                    strcmp(shown.at + shown.length - 7, ", after") != 0)
                    fail_msg("%s, cut at %zu and %zu: %s", FORMS[i].name, a, b, shown.at);
                buffer_free(&shown);
                tried++;
            }
    }
    print_message("# %zu chunkings\n", tried);
    mask_free(mask);
}

static void assert_masked(const struct mask *mask, const char *text, const char *expected)
{
    size_t length;
    char *masked = mask_text(mask, text, strlen(text), &length);
    assert_string_equal(masked ? masked : text, expected);
    free(masked);
    for (size_t cut = 0; cut <= strlen(text); cut++) {
        struct buffer shown = in_pieces(mask, text, &cut, 1);
        /* What is hidden as one may be shown as two where it was cut, never as less. */
        assert_non_null(strstr(shown.at, expected[0] == '*' ? MASK_SHOWN : ""));
        assert_null(strstr(shown.at, "aXbaXb"));
        buffer_free(&shown);
    }
}

static void test_neighbours(void **state)
{
    (void)state;
    struct mask *mask = knowing("aXbaXb");
    assert_masked(mask, "aXbaXb", "***");
    assert_masked(mask, "aXbaXbaXb", "***"); /* two that overlap: no end of the second is left */
    assert_masked(mask, "aXbaXbaXbaXb!", "***!");
    assert_masked(mask, "-aXbaXb-aXbaXb-", "-***-***-");
    assert_masked(mask, "aXbaX", "aXbaX");
    assert_masked(mask, "", "");
    mask_free(mask);
    mask = knowing("secret");
    mask_learn(mask, "secret-and-more", 15);
    assert_masked(mask, "a secret-and-mor", "a ***-and-mor");
    assert_masked(mask, "a secret-and-more.", "a ***.");
    mask_free(mask);
}

static void test_lines(void **state)
{
    (void)state;
    struct mask *mask = knowing("  -----BEGIN KEY-----\nMIIabcdef0123\nshort\n-----END KEY-----\n");
    assert_masked(mask, "    MIIabcdef0123", "    ***");
    assert_masked(mask, "key: -----BEGIN KEY-----\\nMIIabcdef0123\\nshort\\n-----END KEY-----",
                  "key: ***");
    assert_masked(mask, "short", "short"); /* too short a line to be looked for by itself */
    mask_free(mask);
}

static void test_nothing_known(void **state)
{
    (void)state;
    size_t length;
    struct mask *mask = mask_new();
    assert_null(mask_text(mask, SECRET, strlen(SECRET), &length));
    assert_null(mask_text(NULL, SECRET, strlen(SECRET), &length));
    struct buffer shown = in_pieces(mask, "as it is", (size_t[]){3}, 1);
    assert_string_equal(shown.at, "as it is");
    buffer_free(&shown);
    mask_free(mask);
}

/* Learned while a stream is open: what comes from then on is hidden. */
static void test_learned_later(void **state)
{
    (void)state;
    struct mask *mask = mask_new();
    struct buffer shown = {0};
    struct mask_stream stream = {.mask = mask, .keep = keep, .data = &shown};
    mask_stream_add(&stream, "first ", 6);
    mask_learn(mask, "hidden", 6);
    mask_stream_add(&stream, "hid", 3);
    mask_stream_add(&stream, "den last", 8);
    mask_stream_end(&stream);
    assert_string_equal(shown.at, "first *** last");
    buffer_free(&shown);
    mask_free(mask);
}

static void test_secrets_in_order(void **state)
{
    (void)state;
    struct mask *mask = knowing("first one");
    size_t length;
    mask_learn(mask, "second one", 10);
    mask_learn(mask, "first one", 9);
    assert_memory_equal(mask_secret(mask, 0, &length), "first one", 9);
    assert_memory_equal(mask_secret(mask, 1, &length), "second one", 10);
    assert_int_equal(length, 10);
    assert_null(mask_secret(mask, 2, &length));
    mask_free(mask);
}

/* A slow and simple one: whatever a text of few letters is cut into, what is shown is what the
 * places that are part of a secret leave. */
static void test_random(void **state)
{
    (void)state;
    unsigned seed = getenv("RUNBOOK_TEST_SEED") ? (unsigned)atoi(getenv("RUNBOOK_TEST_SEED"))
                                                : (unsigned)time(NULL);
    print_message("# seed %u\n", seed);
    srand(seed);
    for (int round = 0; round < 20000; round++) {
        char secret[9] = {0}, text[40] = {0}, plain[40] = {0}, stripped[80] = {0};
        size_t cuts[3], used = 0;
        for (int i = 0; i < 6 + round % 3; i++)
            secret[i] = "ab"[rand() % 2];
        for (int i = 0; i < 39; i++)
            text[i] = "ab"[rand() % 2];
        cuts[0] = (size_t)rand() % 39;
        cuts[1] = cuts[0] + (size_t)rand() % (40 - cuts[0]);
        cuts[2] = cuts[1] + (size_t)rand() % (40 - cuts[1]);
        struct mask *mask = knowing(secret);
        bool hidden[40] = {false};
        for (const char *at = text; (at = strstr(at, secret)); at++)
            for (size_t i = 0; i < strlen(secret); i++)
                hidden[(size_t)(at - text) + i] = true;
        for (size_t i = 0; i < 39; i++)
            if (!hidden[i])
                plain[used++] = text[i];
        struct buffer shown = in_pieces(mask, text, cuts, 3);
        used = 0;
        for (const char *at = shown.at; *at; at++)
            if (*at != '*')
                stripped[used++] = *at;
        if (strcmp(stripped, plain) != 0)
            fail_msg("'%s' in '%s' cut at %zu %zu %zu: '%s'", secret, text, cuts[0], cuts[1],
                     cuts[2], shown.at);
        buffer_free(&shown);
        mask_free(mask);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form_at_every_cut),
        cmocka_unit_test(test_neighbours),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_nothing_known),
        cmocka_unit_test(test_learned_later),
        cmocka_unit_test(test_secrets_in_order),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests_name("base_mask", tests, NULL, NULL);
}
