/* Values: read from YAML, converted, printed, compared, as JSON and back. */
#include "lang_world.h"

#include "base/text.h"

#include <math.h>
#include <time.h>

struct reading {
    const char *type, *text;
    bool plain;
    const char *value; /* JSON as of value_to_json; or "! " and the problem */
};

static const struct reading READINGS[] = {
    {"string", "no", true, "\"no\""},
    {"string", "0755", true, "\"0755\""},
    {"string", "", true, "\"\""},
    {"path", "/a b", true, "\"/a b\""},
    {"path", "", true, "! expected a path, found nothing"},
    {"url", "http://localhost:3000/x", true, "\"http://localhost:3000/x\""},
    {"url", "smtp://mail", true, "\"smtp://mail\""},
    {"url", "localhost:3000", true,
     "! expected a URL such as http://localhost:3000/health, found 'localhost:3000'"},
    {"url", "1http://x", true,
     "! expected a URL such as http://localhost:3000/health, found '1http://x'"},
    {"url", "http://", true,
     "! expected a URL such as http://localhost:3000/health, found 'http://'"},
    {"regex", "^a+$", true, "\"^a+$\""},
    {"regex", "a(", true, "! the pattern is wrong at character 3: missing closing parenthesis"},
    {"int", "42", true, "42"},
    {"int", "-7", true, "-7"},
    {"int", "42", false, "42"},
    {"int", "0", true, "0"},
    {"int", "9223372036854775807", true, "9223372036854775807"},
    {"int", "-9223372036854775808", true, "-9223372036854775808"},
    {"int", "9223372036854775808", true,
     "! expected a whole number of at most 63 bits, found '9223372036854775808'"},
    {"int", "0755", true, "! expected a whole number without zeros in front, found '0755'"},
    {"int", "1.0", true, "! expected a whole number, found '1.0'"},
    {"int", "1_000", true, "! expected a whole number, found '1_000'"},
    {"int", "+1", true, "! expected a whole number, found '+1'"},
    {"int", "0x10", true, "! expected a whole number, found '0x10'"},
    {"int", "1e3", true, "! expected a whole number, found '1e3'"},
    {"int", " 1", true, "! expected a whole number, found ' 1'"},
    {"int", "", true, "! expected a whole number, found nothing"},
    {"int", "-", true, "! expected a whole number, found '-'"},
    {"float", "1.5", true, "1.5"},
    {"float", "1", true, "1.0"},
    {"float", "-1e-3", true, "-0.001"},
    {"float", ".5", true, "! expected a number, found '.5'"},
    {"float", "1.", true, "! expected a number, found '1.'"},
    {"float", ".inf", true, "! expected a number, found '.inf'"},
    {"float", "nan", true, "! expected a number, found 'nan'"},
    {"float", "1e999", true, "! expected a number that a float can hold, found '1e999'"},
    {"bool", "true", true, "true"},
    {"bool", "false", true, "false"},
    {"bool", "yes", true, "! expected a bool (write true), found 'yes'"},
    {"bool", "No", true, "! expected a bool (write false), found 'No'"},
    {"bool", "1", true, "! expected a bool (write true), found '1'"},
    {"bool", "maybe", true, "! expected true or false, found 'maybe'"},
    {"duration", "1h30m", true, "{\"$duration\": \"1h30m\"}"},
    {"duration", "-5s", true, "{\"$duration\": \"-5s\"}"},
    {"duration", "90", true, "! expected a duration with its unit, such as 90s, found '90'"},
    {"duration", "5 min", true, "! expected a duration such as 90s or 1h30m, found '5 min'"},
    {"duration", "12:30", true, "! expected a duration such as 90s or 1h30m, found '12:30'"},
    {"size", "20GiB", true, "{\"$size\": \"20GiB\"}"},
    {"size", "10", true, "! expected a size with its unit, such as 10MiB, found '10'"},
    {"size", "10GB", true, "! expected a size such as 512MiB or 20GiB, found '10GB'"},
    {"time", "2024-01-15T14:30:00+01:00", true, "{\"$time\": \"2024-01-15T13:30:00Z\"}"},
    {"time", "2024-01-15", true,
     "! expected a time such as 2024-01-15T14:30:00Z, found '2024-01-15'"},
    {"json", "true", true, "true"},
    {"json", "true", false, "\"true\""},
    {"json", "null", true, "null"},
    {"json", "null", false, "\"null\""},
    {"json", "12", true, "12"},
    {"json", "12", false, "\"12\""},
    {"json", "1.10", true, "1.1"},
    {"json", "0755", true, "\"0755\""},
    {"json", "no", true, "\"no\""},
    {"json", "~", true, "\"~\""},
    {"json", "99999999999999999999", true,
     "! expected a whole number of at most 63 bits, found '99999999999999999999'"},
    {"string|secret", "x", true, "\"x\""},
    {"secret", "x", true, "! a secret is not written down"},
    {"connection", "db", true, "\"db\""},
    {"string?", "x", true, "\"x\""},
    {"list<string>", "x", true, "! expected a list, found 'x'"},
    {"map<string>", "", true, "! expected a mapping, found nothing"},
    {"int", "a\nb", true, "! expected a whole number, found \"a\\nb\""},
    {"int", "a very long text that nobody would want to see repeated as a whole", true,
     "! expected a whole number, found 'a very long text that nobody would want…'"},
};

static void test_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof READINGS / sizeof *READINGS; i++) {
        const struct reading *reading = &READINGS[i];
        struct world *world = world_new();
        const char *problem = NULL;
        const struct value *value =
            value_read(world->arena, type_parse(world->arena, reading->type),
                       text_of(reading->text), reading->plain, &problem);
        const char *is =
            value ? world_show(world, value) : arena_format(world->arena, "! %s", problem);
        if (strcmp(is, reading->value) != 0) {
            fail_msg("%s '%s' is %s, wanted %s", reading->type, reading->text, is, reading->value);
        }
        world_free(world);
    }
}

struct conversion {
    const char *type, *from, *to; /* JSON as of value_to_json; or "! " and the problem */
};

static const struct conversion CONVERSIONS[] = {
    {"string", "\"a\"", "\"a\""},
    {"string", "5", "\"5\""},
    {"string", "1.5", "\"1.5\""},
    {"path", "true", "\"true\""},
    {"string", "[1]", "! expected a string, found a list [1]"},
    {"string", "{\"$duration\": \"1s\"}", "! expected a string, found a duration 1s"},
    {"string", "null", "! expected a string, found a value that is unset"},
    {"string?", "null", "null"},
    {"int", "5", "5"},
    {"int", "5.0", "5"},
    {"int", "5.5", "! expected an int, found a float 5.5"},
    {"int", "1e300", "! expected an int, found a float 1e+300"},
    {"int", "\"5\"", "! expected an int, found a text '5'"},
    {"int", "\"\"", "! expected an int, found a text ''"},
    {"float", "5", "5.0"},
    {"float", "true", "! expected a float, found a bool true"},
    {"bool", "true", "true"},
    {"bool", "\"true\"", "! expected a bool, found a text 'true'"},
    {"duration", "\"90s\"", "{\"$duration\": \"1m30s\"}"},
    {"duration", "\"x\"", "! expected a duration such as 90s or 1h30m, found 'x'"},
    {"duration", "90", "! expected a duration, found an int 90"},
    {"size", "\"1KiB\"", "{\"$size\": \"1KiB\"}"},
    {"size", "1024", "! expected a size, found an int 1024"},
    {"time", "\"2024-01-01T00:00:00Z\"", "{\"$time\": \"2024-01-01T00:00:00Z\"}"},
    {"json", "{\"$duration\": \"90s\"}", "\"1m30s\""},
    {"json", "{\"a\": [{\"$size\": \"1KiB\"}, null]}", "{\"a\": [\"1KiB\", null]}"},
    {"json", "null", "null"},
    {"json", "[1, \"x\"]", "[1, \"x\"]"},
    {"list<string>", "[\"a\", 1]", "[\"a\", \"1\"]"},
    {"list<int>", "[1, \"x\"]", "! expected an int, found a text 'x', in place 2 of the list"},
    {"list<int>", "{\"a\": 1}", "! expected a list<int>, found a mapping {a: 1}"},
    {"list<list<float>>", "[[1], []]", "[[1.0], []]"},
    {"map<string>", "{\"a\": 1}", "{\"a\": \"1\"}"},
    {"map<int>", "{\"a\": \"x\"}", "! expected an int, found a text 'x', under 'a'"},
    {"map<int>", "[1]", "! expected a map<int>, found a list [1]"},
    {"files",
     "[{\"path\": \"/a\", \"name\": \"a\", \"size\": \"1KiB\", \"modified\":"
     " \"2024-01-01T00:00:00Z\", \"more\": 1}]",
     "[{\"path\": \"/a\", \"name\": \"a\", \"size\": {\"$size\": \"1KiB\"}, \"modified\":"
     " {\"$time\": \"2024-01-01T00:00:00Z\"}}]"},
    {"files", "[{\"path\": \"/a\"}]",
     "! expected a string, found a value that is unset, under 'name', in place 1 of the list"},
    {"files", "[3]", "! expected a file, found an int 3, in place 1 of the list"},
    {"connection", "\"db\"", "\"db\""},
    {"connection", "{\"postgres\": {}}", "{\"postgres\": {}}"},
    {"connection", "5", "! expected a connection, found an int 5"},
    {"string|secret", "\"x\"", "\"x\""},
    {"string|secret", "5", "\"5\""},
    {"secret", "\"x\"", "! expected a secret, found a text 'x'"},
    {"secret", "5", "! expected a secret, found an int 5"},
    {"int", "{\"$unknown\": \"‹a›\"}", "{\"$unknown\": \"‹a›\"}"},
    {"list<int>", "[1, {\"$unknown\": \"‹a›\"}]", "[1, {\"$unknown\": \"‹a›\"}]"},
};

static void test_convert(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CONVERSIONS / sizeof *CONVERSIONS; i++) {
        const struct conversion *conversion = &CONVERSIONS[i];
        struct world *world = world_new();
        const char *problem = NULL;
        const struct value *value =
            value_convert(world->arena, type_parse(world->arena, conversion->type),
                          world_read(world->arena, conversion->from), &problem);
        const char *is =
            value ? world_show(world, value) : arena_format(world->arena, "! %s", problem);
        if (strcmp(is, conversion->to) != 0) {
            fail_msg("%s as %s is %s, wanted %s", conversion->from, conversion->type, is,
                     conversion->to);
        }
        world_free(world);
    }
}

struct showing {
    const char *value;
    size_t limit;
    const char *shown;
};

static const struct showing SHOWINGS[] = {
    {"\"plain text, as it is: #1\"", 0, "plain text, as it is: #1"},
    {"\"\"", 0, "''"},
    {"\" x\"", 0, "' x'"},
    {"\"it's\"", 0, "it's"},
    {"\"a\\nb\\t\\\"\\\\\\u0007\"", 0, "\"a\\nb\\t\\\"\\\\\\x07\""},
    {"\"\\u202e\"", 0, "\"\\u202e\""},
    {"\"äöü\"", 0, "äöü"},
    {"{\"$bytes\": \"/2E=\"}", 0, "\"\\xffa\""},
    {"5", 0, "5"},
    {"1.0", 0, "1.0"},
    {"0.1", 0, "0.1"},
    {"1e21", 0, "1e+21"},
    {"true", 0, "true"},
    {"null", 0, "unset"},
    {"{\"$duration\": \"90s\"}", 0, "1m30s"},
    {"{\"$unknown\": \"b_‹run.stamp›\"}", 0, "b_‹run.stamp›"},
    {"[]", 0, "[]"},
    {"{}", 0, "{}"},
    {"[\"a\", \"b c\", \"d, e\", \"\", \"5\", \"true\", \"it's\", \"'q'\", \"x: y\", \"x:y\"]", 0,
     "[a, b c, 'd, e', '', '5', 'true', it's, '''q''', 'x: y', x:y]"},
    {"[1, [2, null]]", 0, "[1, [2, unset]]"},
    {"{\"a\": 1, \"b c\": [\"x\"], \"d, e\": {}}", 0, "{a: 1, b c: [x], 'd, e': {}}"},
    {"\"abcdef\"", 6, "abcdef"},
    {"\"abcdef\"", 5, "abcd…"},
    {"\"ääääää\"", 4, "äää…"},
    {"[1, 2, 3, 4, 5]", 8, "[1, 2, …"},
    {"\"a\\nbbbbbbbbb\"", 5, "\"a\\n…"},
    {"[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"b\"]", 4, "[aa…"},
};

static void test_show(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof SHOWINGS / sizeof *SHOWINGS; i++) {
        struct world *world = world_new();
        struct buffer shown = {0};
        value_show(world_read(world->arena, SHOWINGS[i].value), SHOWINGS[i].limit, &shown);
        if (strcmp(shown.at, SHOWINGS[i].shown) != 0) {
            fail_msg("%s shows %s, wanted %s", SHOWINGS[i].value, shown.at, SHOWINGS[i].shown);
        }
        buffer_free(&shown);
        world_free(world);
    }
}

struct order {
    const char *a, *b;
    int order; /* -1, 0, 1; 2: not ordered, only unequal */
};

static const struct order ORDERS[] = {
    {"1", "2", -1},
    {"1", "1.0", 0},
    {"1.5", "1", 1},
    {"9007199254740993", "9007199254740992.0", 1},
    {"-0.0", "0", 0},
    {"\"a\"", "\"b\"", -1},
    {"\"a\"", "\"ab\"", -1},
    {"\"Z\"", "\"a\"", -1},
    {"\"\"", "\"\"", 0},
    {"{\"$duration\": \"60s\"}", "{\"$duration\": \"1m\"}", 0},
    {"{\"$size\": \"1KiB\"}", "{\"$size\": \"1MiB\"}", -1},
    {"{\"$time\": \"2024-01-01T00:00:00Z\"}", "{\"$time\": \"2023-01-01T00:00:00Z\"}", 1},
    {"false", "true", -1},
    {"null", "null", 0},
    {"null", "false", 2},
    {"1", "\"1\"", 2},
    {"{\"$duration\": \"1s\"}", "1", 2},
    {"[1, 2]", "[1, 2]", 0},
    {"[1, 2]", "[1]", 2},
    {"[1, 2]", "[2, 1]", 2},
    {"{\"a\": 1, \"b\": 2}", "{\"b\": 2, \"a\": 1}", 0},
    {"{\"a\": 1, \"b\": 2}", "{\"a\": 1, \"b\": 3}", 2},
    {"{\"a\": 1, \"b\": 2}", "{\"b\": 1, \"a\": 2}", 2},
    {"{\"a\": 1}", "{\"b\": 1}", 2},
    {"{\"a\": 1}", "{}", 2},
    {"{\"$unknown\": \"‹a›\"}", "{\"$unknown\": \"‹a›\"}", 0},
    {"{\"$unknown\": \"‹a›\"}", "{\"$unknown\": \"‹b›\"}", -1},
};

static void test_order(void **state)
{
    (void)state;
    struct world *world = world_new();
    for (size_t i = 0; i < sizeof ORDERS / sizeof *ORDERS; i++) {
        const struct value *a = world_read(world->arena, ORDERS[i].a);
        const struct value *b = world_read(world->arena, ORDERS[i].b);
        bool equal = ORDERS[i].order == 0;
        if (value_equal(a, b) != equal || value_equal(b, a) != equal) {
            fail_msg("%s equals %s: %d", ORDERS[i].a, ORDERS[i].b, value_equal(a, b));
        }
        bool ordered = ORDERS[i].order != 2 && a->kind != VALUE_UNSET && a->kind != VALUE_LIST &&
                       a->kind != VALUE_MAP;
        if (ordered &&
            (value_compare(a, b) != ORDERS[i].order || value_compare(b, a) != -ORDERS[i].order)) {
            fail_msg("%s against %s: %d", ORDERS[i].a, ORDERS[i].b, value_compare(a, b));
        }
    }
    world_free(world);
}

static void test_members(void **state)
{
    (void)state;
    struct world *world = world_new();
    const struct value *map = world_read(world->arena, "{\"a\": 1}");
    assert_int_equal(value_member(world->arena, map, "a")->integer, 1);
    assert_ptr_equal(value_member(world->arena, map, "b"), &value_unset);
    assert_ptr_equal(value_member(world->arena, &value_unset, "b"), &value_unset);
    assert_ptr_equal(value_member(world->arena, &value_true, "b"), &value_unset);
    const struct value *unknown = value_unknown(world->arena, "steps.a");
    assert_string_equal(value_member(world->arena, unknown, "b")->text.at, "‹steps.a.b›");
    assert_false(value_has_unknown(map));
    assert_true(value_has_unknown(unknown));
    assert_true(value_has_unknown(
        world_read(world->arena, "[1, {\"x\": [{\"$unknown\": \"‹a›\"}], \"y\": 1}]")));
    world_free(world);
}

/* What JSON can't hold is told in objects of one key; what looks like one is wrapped. */
static const char *const EXACT[] = {
    "{\"$map\": {\"$duration\": \"90s\"}}",
    "{\"$map\": {\"$map\": 1}}",
    "{\"$map\": {\"$\": null}}",
    "{\"$a\": 1, \"$b\": 2}",
    "{\"$bytes\": \"AP8=\"}",
    "{\"$bytes\": \"/w==\"}",
    "{\"$unknown\": \"‹a›\"}",
    "{\"$unknown\": {\"$bytes\": \"/w==\"}}",
    "{\"$entries\": [[{\"$bytes\": \"/w==\"}, 1], [\"a\", {\"$duration\": \"1m30s\"}]]}",
    "{\"$size\": \"-1.5KiB\"}",
};

static void test_exact_json(void **state)
{
    (void)state;
    struct world *world = world_new();
    for (size_t i = 0; i < sizeof EXACT / sizeof *EXACT; i++) {
        assert_string_equal(world_show(world, world_read(world->arena, EXACT[i])), EXACT[i]);
    }
    /* none of ours: plain maps, which are then wrapped */
    assert_int_equal(world_read(world->arena, "{\"$duration\": 5}")->kind, VALUE_MAP);
    assert_int_equal(world_read(world->arena, "{\"$duration\": \"x\"}")->kind, VALUE_MAP);
    assert_int_equal(world_read(world->arena, "{\"$bytes\": \"%%%\"}")->kind, VALUE_MAP);
    assert_int_equal(world_read(world->arena, "{\"$frob\": \"x\"}")->kind, VALUE_MAP);
    json_t *plain = value_to_plain_json(world_read(
        world->arena, "{\"$map\": {\"$a\": [{\"$duration\": \"90s\"}, {\"$unknown\": \"‹a›\"}]}}"));
    char *text = json_dumps(plain, 0);
    assert_string_equal(text, "{\"$a\": [\"1m30s\", \"‹a›\"]}");
    free(text);
    json_decref(plain);
    world_free(world);
}

static int64_t random_integer(void)
{
    int64_t wide =
        (int64_t)(((uint64_t)rand() << 42) ^ ((uint64_t)rand() << 21) ^ (uint64_t)rand());
    int64_t small = rand() % 100000 - 50000;
    wide = wide == INT64_MIN ? 0 : wide;
    return rand() % 2 ? small : wide;
}

static const struct value *random_text(struct arena *arena)
{
    static const char *const texts[] = {"", "a", "$duration", "90s", "true", "ä›‹", "\n\t\"\\"};
    char bytes[8];
    if (rand() % 2) {
        return value_string(arena, texts[(size_t)rand() % (sizeof texts / sizeof *texts)]);
    }
    size_t length = (size_t)rand() % sizeof bytes;
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (char)rand();
    }
    return value_text(arena, (struct text){bytes, length});
}

static const struct value *random_value(struct arena *arena, int depth);

static const struct value *random_many(struct arena *arena, int depth, bool map)
{
    static const char *const keys[] = {"a", "$map", "$duration", "$size", "ä", "x y", ""};
    struct member members[4];
    const struct value *values[4];
    size_t count = (size_t)rand() % 4;
    size_t first = (size_t)rand() % 4;
    for (size_t i = 0; i < count; i++) {
        values[i] = random_value(arena, depth - 1);
        members[i] = (struct member){keys[first + i], values[i]};
    }
    return map ? value_map(arena, members, count) : value_list(arena, values, count);
}

static const struct value *random_value(struct arena *arena, int depth)
{
    double real = (double)random_integer() / (double)(1 + rand() % 1000);
    switch (rand() % (depth > 0 ? 11 : 9)) {
    case 0:
        return &value_unset;
    case 1:
        return random_text(arena);
    case 2:
        return value_integer(arena, VALUE_INT, random_integer());
    case 3:
        return value_float(arena, rand() % 8 ? real : ldexp(1, rand() % 2000 - 1000));
    case 4:
        return value_bool(rand() % 2);
    case 5:
        return value_integer(arena, VALUE_DURATION, random_integer());
    case 6:
        return value_integer(arena, VALUE_SIZE, random_integer());
    case 7:
        return value_integer(arena, VALUE_TIME, random_integer());
    case 8:
        return value_unknown_text(arena, random_text(arena)->text);
    case 9:
        return random_many(arena, depth, false);
    default:
        return random_many(arena, depth, true);
    }
}

/* The very same: no 1 for 1.0. */
static bool identical(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind == VALUE_LIST) {
        for (size_t i = 0; i < a->list.count && i < b->list.count; i++) {
            if (!identical(a->list.at[i], b->list.at[i])) {
                return false;
            }
        }
        return a->list.count == b->list.count;
    }
    if (a->kind == VALUE_MAP) {
        for (size_t i = 0; i < a->map.count && i < b->map.count; i++) {
            if (strcmp(a->map.at[i].key, b->map.at[i].key) != 0 ||
                !identical(a->map.at[i].value, b->map.at[i].value)) {
                return false;
            }
        }
        return a->map.count == b->map.count;
    }
    return value_equal(a, b);
}

/* Through JSON's text and back nothing is lost. */
static void test_random_json(void **state)
{
    (void)state;
    const char *seed_text = getenv("RUNBOOK_TEST_SEED");
    unsigned seed = seed_text ? (unsigned)strtoul(seed_text, NULL, 10) : (unsigned)time(NULL);
    print_message("# seed %u\n", seed);
    srand(seed);
    for (int round = 0; round < 20000; round++) {
        struct arena *arena = arena_new();
        const struct value *value = random_value(arena, 3);
        json_t *json = value_to_json(value);
        char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT);
        json_t *read = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
        const struct value *again = value_from_json(arena, read);
        if (!identical(value, again) || !value_equal(value, again)) {
            fail_msg("round %d: %s", round, text);
        }
        free(text);
        json_decref(json);
        json_decref(read);
        arena_free(arena);
    }
}

static void test_parse_json(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *problem = NULL;
    const struct value *value = value_parse_json(
        arena, text_of("{\"a\": {\"$duration\": \"90s\"}, \"b\": 9007199254740993}"), &problem);
    assert_int_equal(value_member(arena, value_member(arena, value, "a"), "$duration")->kind,
                     VALUE_TEXT);
    assert_true(value_member(arena, value, "b")->integer == INT64_C(9007199254740993));
    assert_null(value_parse_json(arena, text_of(""), &problem));
    assert_non_null(strstr(problem, "bad JSON"));
    assert_null(value_parse_json(arena, text_of("[1,]"), &problem));
    assert_null(value_parse_json(arena, text_of("99999999999999999999"), &problem));
    assert_null(value_parse_json(arena, text_of("\"\\u0000\""), &problem));
    assert_null(value_parse_json(arena, text_of("\"\xff\""), &problem));
    size_t length = 17 * 1024 * 1024;
    char *big = memory_resize(NULL, length);
    memset(big, ' ', length);
    assert_null(value_parse_json(arena, (struct text){big, length}, &problem));
    assert_string_equal(problem, "a JSON text has at most 16MiB, and this is more");
    free(big);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),        cmocka_unit_test(test_convert),
        cmocka_unit_test(test_show),        cmocka_unit_test(test_order),
        cmocka_unit_test(test_members),     cmocka_unit_test(test_exact_json),
        cmocka_unit_test(test_random_json), cmocka_unit_test(test_parse_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
