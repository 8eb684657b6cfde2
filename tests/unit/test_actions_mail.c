/* A mail as it goes over the wire, and the addresses that may stand in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "actions/letter.h"
#include "base/arena.h"
#include "base/units.h"

#include <string.h>

static void addresses_are_read(void **state)
{
    static const struct {
        const char *text, *name, *mailbox, *domain;
    } good[] = {
        {"a@b", "", "a@b", "b"},
        {"  first.last+tag@mail.example.org ", "", "first.last+tag@mail.example.org",
         "mail.example.org"},
        {"<a@b>", "", "a@b", "b"},
        {"Ängström & Sons <a@b>", "Ängström & Sons", "a@b", "b"},
        {"\"B, C\" <a@b>", "B, C", "a@b", "b"},
        {"\"a \\\"b\\\" \\\\\" <a@b>", "a \"b\" \\", "a@b", "b"},
        {"ops@[192.0.2.1]", "", "ops@[192.0.2.1]", "[192.0.2.1]"},
    };
    struct arena *arena = arena_new();
    struct address address;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_null(address_read(arena, text_of(good[i].text), &address));
        assert_string_equal(address.name, good[i].name);
        assert_string_equal(address.mailbox, good[i].mailbox);
        assert_string_equal(address.domain, good[i].domain);
    }
    arena_free(arena);
}

static void what_could_mean_more_is_refused(void **state)
{
    static const char *const bad[] = {
        "",          " ",           "a",          "a@",           "@b",    ".a@b",
        "a.@b",      "a..b@c",      "a@b.",       "a@b..c",       "a b@c", "a@b c",
        "a>@b",      "a@b>",        "<a@b",       "a@b,c",        "a@b\n", "a@b\r\nc",
        "x\n <a@b>", "a\x7f <a@b>", "\"a\"@b",    "a@[]",         "ä@b",   "a@ö",
        "<a@b> x",   "a(b)@c",      "a@b SIZE=1", "<a@b>, <c@d>", "a;b@c", "\xff <a@b>",
    };
    struct arena *arena = arena_new();
    struct address address;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (address_read(arena, text_of(bad[i]), &address) == NULL)
            fail_msg("taken as an address: %s", bad[i]);
    assert_non_null(address_read(arena, (struct text){"a\0@b", 4}, &address));
    arena_free(arena);
}

static struct letter letter_to(const struct address *to)
{
    return (struct letter){.from = {"", "ops@example.org", "example.org"},
                           .to = to,
                           .subject = text_of("Fine"),
                           .text = text_of(""),
                           .run = "level1-20240115-143000-x7k2q",
                           .step = "told/mail",
                           .date = INT64_C(1705329000) * UNITS_SECOND};
}

static void a_letter_is_plain(void **state)
{
    static const struct address to[] = {{"A \"b\" c", "a@b", "b"}, {"", "c@d", "d"}, {0}};
    struct letter letter = letter_to(to);
    struct buffer printed = {0};
    (void)state;
    letter.text = text_of("a = b\r\n.\n\nend \t");
    letter_print(&printed, &letter);
    assert_string_equal(printed.at,
                        "Date: Mon, 15 Jan 2024 14:30:00 +0000\r\n"
                        "From: ops@example.org\r\n"
                        "To: \"A \\\"b\\\" c\" <a@b>,\r\n c@d\r\n"
                        "Subject: Fine\r\n"
                        "Message-ID: <level1-20240115-143000-x7k2q.told/mail@example.org>\r\n"
                        "X-Runbook-Run: level1-20240115-143000-x7k2q\r\n"
                        "X-Runbook-Step: told/mail\r\n"
                        "Auto-Submitted: auto-generated\r\n"
                        "MIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: quoted-printable\r\n"
                        "\r\n"
                        "a =3D b\r\n.\r\n\r\nend =09\r\n");
    buffer_free(&printed);
}

/* Whatever is in it, no line is longer than 76, none but the head's own begins a header, and all is
 * ASCII. */
static void lines_are_short(void **state)
{
    static const struct address to[] = {{"", "c@d", "d"}, {0}};
    struct letter letter = letter_to(to);
    struct buffer text = {0};
    (void)state;
    for (int i = 0; i < 400; i++) {
        struct buffer printed = {0};
        buffer_text(&text, i % 7 == 0    ? "\xf0\x9f\x94\xa5"
                           : i % 3 == 0  ? "ü"
                           : i % 11 == 0 ? "="
                                         : "x");
        letter.subject = letter.text = buffer_slice(&text);
        letter_print(&printed, &letter);
        size_t length = 0, headers = 0;
        for (const char *at = printed.at; *at != '\0'; at++) {
            assert_true((unsigned char)*at < 0x80);
            length = *at == '\n' ? 0 : length + 1;
            assert_true(length <= 77); /* with its \r */
            headers += *at == ':' && at[1] == ' ';
        }
        assert_int_equal(headers, 11);
        buffer_free(&printed);
    }
    buffer_free(&text);
}

/* Two steps never share one. */
static void an_id_is_of_its_step(void **state)
{
    static const struct address to[] = {{"", "c@d", "d"}, {0}};
    static const char *const steps[] = {"a",  "a/b", "a#2", "a[b]", "a[c%2Fd]",
                                        "aé", "a b", "a.b", "a<b",  "a%5Bb%5D"};
    struct arena *arena = arena_new();
    const char *ids[sizeof steps / sizeof *steps];
    struct letter letter = letter_to(to);
    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        letter.step = steps[i];
        ids[i] = letter_id(arena, &letter);
        assert_null(strpbrk(ids[i] + 1, " <[\"\\"));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(ids[i], ids[j]);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read),   cmocka_unit_test(what_could_mean_more_is_refused),
        cmocka_unit_test(a_letter_is_plain),    cmocka_unit_test(lines_are_short),
        cmocka_unit_test(an_id_is_of_its_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
