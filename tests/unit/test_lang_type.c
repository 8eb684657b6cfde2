/* Types: read, printed, and which fits which place. */
#include "base/arena.h"
#include "lang/type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const GOOD[] = {
    "string",
    "int",
    "float",
    "bool",
    "duration",
    "size",
    "time",
    "path",
    "url",
    "regex",
    "json",
    "secret",
    "connection",
    "files",
    "processes",
    "string?",
    "json?",
    "files?",
    "processes?",
    "list<string>",
    "map<int>",
    "list<map<list<int>>>",
    "list<string>?",
    "map<json>?",
    "list<connection>",
};
static const char *const BAD[] = {
    "",
    "str",
    "String",
    "string ",
    " string",
    "string??",
    "list",
    "map",
    "list<>",
    "list<string",
    "list<string>>",
    "list string",
    "list<string?>",
    "map<int?>",
    "int<string>",
    "files<int>",
    "?",
    "list<str>",
    "list<list<list<list<list<list<list<list<list<list<list<list<list<list<list<list<list<list<int"
    ">>>>>>>>>>>>>>>>>>",
};

static void test_parse(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        const struct type *type = type_parse(arena, GOOD[i]);
        if (type == NULL) {
            fail_msg("'%s' is refused", GOOD[i]);
        }
        assert_string_equal(type_print(arena, type), GOOD[i]);
        assert_true(type_equal(type, type_parse(arena, GOOD[i])));
    }
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        if (type_parse(arena, BAD[i]) != NULL) {
            fail_msg("'%s' is taken", BAD[i]);
        }
    }
    arena_free(arena);
}

static void test_names(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    size_t count = 0;
    const char *const *names = type_names(&count);
    assert_int_equal(count, 17);
    for (size_t i = 0; i < count; i++) {
        char word[32];
        snprintf(word, sizeof word, "%s", names[i]);
        char *parameter = strstr(word, "<T>");
        if (parameter != NULL) {
            strcpy(parameter, "<int>");
        }
        if (type_parse(arena, word) == NULL) {
            fail_msg("'%s' is named, and no type", word);
        }
    }
    arena_free(arena);
}

struct fit {
    const char *place, *offered;
    bool fits;
};

static const struct fit FITS[] = {
    {"string", "string", true},
    {"string", "path", true},
    {"path", "string", true},
    {"url", "regex", true},
    {"regex", "string", true},
    {"string", "int", false},
    {"int", "string", false},
    {"float", "int", true},
    {"int", "float", false},
    {"bool", "bool", true},
    {"bool", "int", false},
    {"duration", "size", false},
    {"size", "int", false},
    {"time", "string", false},
    {"json", "string", true},
    {"json", "duration", true},
    {"json", "list<files>", true},
    {"json", "secret", false},
    {"json", "connection", false},
    {"json", "list<secret>", false},
    {"json", "files", true},
    {"string", "json", true},
    {"int", "json", true},
    {"time", "json", true},
    {"list<int>", "json", true},
    {"map<int>", "json", true},
    {"files", "json", true},
    {"secret", "json", false},
    {"connection", "json", false},
    {"connection", "string", false},
    {"secret", "secret", true},
    {"secret", "string", false},
    {"string|secret", "string", true},
    {"string|secret", "int", true},
    {"string|secret", "secret", true},
    {"string|secret", "list<string>", false},
    {"secret", "string|secret", false},
    {"map<string|secret>", "map<path>", true},
    {"string", "secret", false},
    {"string?", "string", true},
    {"string?", "string?", true},
    {"string", "string?", false},
    {"json", "string?", false},
    {"json?", "string?", true},
    {"list<float>", "list<int>", true},
    {"list<int>", "list<float>", false},
    {"list<string>", "list<json>", true},
    {"list<json>", "list<int>", true},
    {"list<string>", "string", false},
    {"map<string>", "map<path>", true},
    {"map<int>", "list<int>", false},
    {"files", "files", true},
    {"files", "processes", false},
    {"list<string>", "files", false},
};

static void test_fits(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof FITS / sizeof *FITS; i++) {
        bool fits =
            type_accepts(type_parse(arena, FITS[i].place), type_parse(arena, FITS[i].offered));
        if (fits != FITS[i].fits) {
            fail_msg("%s in a place for %s: %d", FITS[i].offered, FITS[i].place, fits);
        }
    }
    arena_free(arena);
}

static void test_records(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct type *text = type_scalar(TYPE_STRING);
    const struct field both[] = {{"a", text}, {"b", type_scalar(TYPE_INT)}};
    const struct field loose[] = {{"a", text}, {"c", type_optional(arena, text, true)}};
    const struct type *record = type_record(arena, NULL, both, 2);
    const struct type *other = type_record(arena, "other", loose, 2);
    assert_ptr_equal(type_member(record, "a"), text);
    assert_null(type_member(record, "c"));
    assert_null(type_member(text, "a"));
    assert_true(type_accepts(other, record));  /* c may be missing */
    assert_false(type_accepts(record, other)); /* b may not */
    assert_true(type_accepts(type_map(arena, type_scalar(TYPE_JSON)), record));
    assert_false(type_accepts(type_map(arena, text), record));
    assert_true(type_equal(record, type_record(arena, NULL, both, 2)));
    assert_false(type_equal(record, other));
    assert_false(type_equal(record, type_record(arena, NULL, both, 1)));
    assert_string_equal(type_print(arena, record), "record");
    assert_string_equal(type_print(arena, type_optional(arena, other, true)), "other?");
    const struct type *file = type_parse(arena, "files")->element;
    assert_string_equal(type_print(arena, file), "file");
    assert_int_equal(type_member(file, "size")->kind, TYPE_SIZE);
    const struct type *process = type_parse(arena, "processes")->element;
    assert_int_equal(type_member(process, "pid")->kind, TYPE_INT);
    assert_true(type_member(process, "exe")->optional);
    arena_free(arena);
}

static void test_optional(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct type *text = type_scalar(TYPE_STRING);
    assert_ptr_equal(type_optional(arena, text, false), text);
    assert_ptr_equal(type_optional(arena, type_optional(arena, text, true), false), text);
    const struct type *list = type_list(arena, text);
    assert_true(type_optional(arena, list, true)->optional);
    assert_false(list->optional);
    const struct type *nothing = type_scalar(TYPE_NOTHING);
    assert_true(type_accepts(text, nothing));
    assert_true(type_accepts(list, type_list(arena, nothing)));
    assert_string_equal(type_print(arena, nothing), "nothing");
    for (int kind = TYPE_STRING; kind <= TYPE_CONNECTION; kind++) {
        const struct type *type = type_scalar((enum type_kind)kind);
        assert_int_equal(type->kind, kind);
        assert_int_equal(type_is_scalar(type), kind <= TYPE_REGEX);
        assert_int_equal(type_is_text(type), kind == TYPE_STRING || kind == TYPE_PATH ||
                                                 kind == TYPE_URL || kind == TYPE_REGEX);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_fits),     cmocka_unit_test(test_records),
        cmocka_unit_test(test_optional),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
