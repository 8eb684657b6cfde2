/* Random expressions. Whatever they are: their normal form parses to the same tree. When they are
 * well typed: their value is of their type, and with unknowns in it is so too. Whatever a text is,
 * it is refused with a finding inside of it, or taken. */
#include "lang_world.h"

#include "lang/expr_tree.h"

#include <time.h>

enum { ROUNDS = 20000 };

struct writing {
    struct world *world;
    struct buffer text;
    int depth;
};

static int below(int limit)
{
    return rand() % limit;
}

static const char *pick(const char *const *words, int count)
{
    return words[below(count)];
}
#define PICK(words) pick(words, (int)(sizeof words / sizeof *words))

static void write_typed(struct writing *writing, enum type_kind kind);
static void write_list(struct writing *writing, enum type_kind element);

static void write_words(struct writing *writing, const char *words)
{
    buffer_text(&writing->text, words);
}

static const enum type_kind SCALAR_KINDS[] = {TYPE_STRING,   TYPE_INT,  TYPE_FLOAT, TYPE_BOOL,
                                              TYPE_DURATION, TYPE_SIZE, TYPE_TIME,  TYPE_JSON};

static enum type_kind any_kind(void)
{
    return SCALAR_KINDS[below(8)];
}

/* A name of the world of about this kind, or a literal. */
static void write_leaf(struct writing *writing, enum type_kind kind)
{
    static const char *const texts[] = {
        "'a'",       "'it''s'",    "''", "params.name",         "params.later",
        "run.stamp", "params.dir", "x",  "params.given ?\? 'z'"};
    static const char *const ints[] = {
        "0", "1", "-3", "params.count", "run.count", "x", "9223372036854775807"};
    static const char *const floats[] = {"0.5", "-1.25", "params.ratio", "1e300", "2"};
    static const char *const bools[] = {"true", "false", "params.flag", "run.ok",
                                        "exists(params.tag)"};
    static const char *const durations[] = {"90s", "0s", "params.limit", "1d", "x"};
    static const char *const sizes[] = {"1GiB", "0B", "params.space"};
    static const char *const times[] = {"now", "params.since"};
    static const char *const jsons[] = {"params.j",        "params.j.port", "params.j.tags",
                                        "run.j.a",         "params.j.nope", "params.j.pods[0].id",
                                        "params.j.nothing"};
    write_words(writing, kind == TYPE_STRING     ? PICK(texts)
                         : kind == TYPE_INT      ? PICK(ints)
                         : kind == TYPE_FLOAT    ? PICK(floats)
                         : kind == TYPE_BOOL     ? PICK(bools)
                         : kind == TYPE_DURATION ? PICK(durations)
                         : kind == TYPE_SIZE     ? PICK(sizes)
                         : kind == TYPE_TIME     ? PICK(times)
                                                 : PICK(jsons));
}

/* left WORDS right, perhaps in brackets. */
static void write_pair(struct writing *writing, enum type_kind left, const char *words,
                       enum type_kind right)
{
    bool compares = strpbrk(words, "=<>") != NULL; /* a comparison has two sides */
    bool brackets = compares || (*words != ',' && below(2));
    write_words(writing, brackets ? "(" : "");
    write_typed(writing, left);
    write_words(writing, words);
    write_typed(writing, right);
    write_words(writing, brackets ? ")" : "");
}

static void write_if(struct writing *writing, enum type_kind kind)
{
    write_words(writing, "(if ");
    write_typed(writing, TYPE_BOOL);
    write_words(writing, " then ");
    write_typed(writing, kind);
    write_words(writing, " else ");
    write_typed(writing, kind);
    write_words(writing, ")");
}

static void write_call(struct writing *writing, const char *name, enum type_kind argument)
{
    write_words(writing, name);
    write_words(writing, "(");
    write_typed(writing, argument);
    write_words(writing, ")");
}

static void write_of_list(struct writing *writing, const char *before, enum type_kind element,
                          const char *after)
{
    write_words(writing, before);
    write_list(writing, element);
    write_words(writing, after);
}

static void write_bool(struct writing *writing)
{
    static const char *const orders[] = {" == ", " != ", " < ", " <= ", " > ", " >= "};
    static const char *const tests[] = {"starts_with", "ends_with", "contains"};
    enum type_kind kind = any_kind();
    switch (below(9)) {
    case 0:
        write_pair(writing, TYPE_BOOL, below(2) ? " and " : " or ", TYPE_BOOL);
        break;
    case 1:
        write_words(writing, "(not ");
        write_typed(writing, TYPE_BOOL);
        write_words(writing, ")");
        break;
    case 2:
        write_pair(writing, kind, PICK(orders), below(4) ? kind : TYPE_JSON);
        break;
    case 3:
        write_words(writing, "(");
        write_typed(writing, kind);
        write_of_list(writing, " in ", kind, ")");
        break;
    case 4:
        write_words(writing, "(");
        write_typed(writing, TYPE_STRING);
        write_words(writing, " matches '[a-z]+$')");
        break;
    case 5:
        write_words(writing, PICK(tests));
        write_words(writing, "(");
        write_pair(writing, TYPE_STRING, ", ", TYPE_STRING);
        write_words(writing, ")");
        break;
    case 6:
        write_of_list(writing, below(2) ? "any(" : "all(", TYPE_BOOL, ")");
        break;
    case 7:
        write_call(writing, "bool", TYPE_JSON);
        break;
    default:
        write_if(writing, TYPE_BOOL);
    }
}

static void write_text(struct writing *writing)
{
    static const char *const functions[] = {"trim", "lower", "upper", "basename", "dirname"};
    switch (below(7)) {
    case 0:
        write_call(writing, PICK(functions), TYPE_STRING);
        break;
    case 1:
        write_call(writing, "string", any_kind());
        break;
    case 2:
        write_of_list(writing, "join(", TYPE_STRING, ", '-')");
        break;
    case 3:
        write_words(writing, "replace(");
        write_typed(writing, TYPE_STRING);
        write_words(writing, ", 'a', 'bb')");
        break;
    case 4:
        write_words(writing, "(capture(");
        write_typed(writing, TYPE_STRING);
        write_words(writing, ", '([a-z])[0-9]*') ?\? ");
        write_typed(writing, TYPE_STRING);
        write_words(writing, ")");
        break;
    case 5:
        write_words(writing, "format_time(");
        write_typed(writing, TYPE_TIME);
        write_words(writing, ", '%Y-%j')");
        break;
    default:
        write_if(writing, TYPE_STRING);
    }
}

/* A number, duration or size. */
static void write_amount(struct writing *writing, enum type_kind kind)
{
    static const char *const sums[] = {" + ", " - "};
    switch (below(8)) {
    case 0:
    case 1:
        write_pair(writing, kind, PICK(sums), kind);
        break;
    case 2:
        write_pair(writing, kind, below(2) ? " * " : " / ", below(2) ? TYPE_INT : TYPE_FLOAT);
        break;
    case 3:
        write_words(writing, "(-");
        write_typed(writing, kind);
        write_words(writing, ")");
        break;
    case 4:
        write_of_list(writing, "sum(", kind, ")");
        break;
    case 5:
        write_of_list(writing, below(2) ? "(min(" : "(first(", kind, ") ?\? ");
        write_typed(writing, kind);
        write_words(writing, ")");
        break;
    case 6:
        if (kind == TYPE_INT) {
            write_of_list(writing, "len(", any_kind(), ")");
        } else if (kind == TYPE_DURATION) {
            write_pair(writing, TYPE_TIME, " - ", TYPE_TIME);
        } else {
            write_call(writing, kind == TYPE_SIZE ? "size" : "float", TYPE_JSON);
        }
        break;
    default:
        write_if(writing, kind);
    }
}

static void write_time(struct writing *writing)
{
    if (below(2)) {
        write_pair(writing, TYPE_TIME, below(2) ? " + " : " - ", TYPE_DURATION);
    } else {
        write_if(writing, TYPE_TIME);
    }
}

static void write_json(struct writing *writing)
{
    switch (below(4)) {
    case 0:
        write_words(writing, "(");
        write_typed(writing, TYPE_JSON);
        write_words(writing, " ?\? ");
        write_typed(writing, any_kind());
        write_words(writing, ")");
        break;
    case 1:
        write_typed(writing, TYPE_JSON);
        write_words(writing, "['a']");
        break;
    case 2:
        write_pair(writing, TYPE_JSON, " + ", TYPE_INT);
        break;
    default:
        write_if(writing, TYPE_JSON);
    }
}

static void write_list(struct writing *writing, enum type_kind element)
{
    static const char *const functions[] = {"sort(", "unique(", "reverse("};
    if (writing->depth <= 0) {
        write_words(writing, element == TYPE_STRING ? "params.later_hosts" : "[]");
        return;
    }
    writing->depth--;
    switch (below(6)) {
    case 0:
        write_words(writing, "[x for x in ");
        write_list(writing, element);
        write_words(writing, below(2) ? " if run.ok]" : "]");
        break;
    case 1:
        write_of_list(writing, PICK(functions), element, ")");
        break;
    case 2:
        write_of_list(writing, "take(", element, ", 2)");
        break;
    case 3:
        write_of_list(writing, "[", element, "...]");
        break;
    default:
        write_words(writing, "[");
        for (int i = below(4); i >= 0; i--) {
            write_typed(writing, element);
            write_words(writing, i > 0 ? ", " : "]");
        }
    }
    writing->depth++;
}

/* Something that is likely of KIND. */
static void write_typed(struct writing *writing, enum type_kind kind)
{
    if (below(30) == 0) {
        kind = any_kind(); /* a mistake */
    }
    if (writing->depth <= 0 || below(4) == 0) {
        write_leaf(writing, kind);
        return;
    }
    writing->depth--;
    if (kind == TYPE_BOOL) {
        write_bool(writing);
    } else if (kind == TYPE_STRING) {
        write_text(writing);
    } else if (kind == TYPE_TIME) {
        write_time(writing);
    } else if (kind == TYPE_JSON) {
        write_json(writing);
    } else {
        write_amount(writing, kind);
    }
    writing->depth++;
}

static unsigned start_random(void)
{
    const char *seed_text = getenv("RUNBOOK_TEST_SEED");
    unsigned seed = seed_text ? (unsigned)strtoul(seed_text, NULL, 10) : (unsigned)time(NULL);
    print_message("# seed %u\n", seed);
    srand(seed);
    return seed;
}

/* A random expression, as a text of WORLD's arena. */
static const char *random_text(struct world *world)
{
    struct writing writing = {.world = world, .depth = 1 + below(4)};
    if (below(6) == 0) {
        write_list(&writing, any_kind());
    } else {
        write_typed(&writing, any_kind());
    }
    const char *text = arena_copy(world->arena, writing.text.at, writing.text.length);
    buffer_free(&writing.text);
    return text;
}

static void test_normal_form(void **state)
{
    (void)state;
    start_random();
    for (int round = 0; round < ROUNDS; round++) {
        struct world *world = world_new();
        const char *text = random_text(world);
        const struct expr *expr = world_parse(world, text);
        if (expr == NULL) {
            fail_msg("%s: %s", text, world_findings(world));
        }
        const char *printed = expr_print(world->arena, expr);
        const struct expr *again = world_parse(world, printed);
        if (again == NULL || !expr_same(expr, again) ||
            strcmp(printed, expr_print(world->arena, again)) != 0) {
            fail_msg("%s prints %s", text, printed);
        }
        world_free(world);
    }
}

/* Is VALUE what TYPE says? An int may stand for a float, and an unknown for anything; JSON is what
 * it is. */
static bool is_of_type(const struct type *type, const struct value *value)
{
    static const enum value_kind kinds[] = {
        [TYPE_STRING] = VALUE_TEXT, [TYPE_INT] = VALUE_INT,           [TYPE_FLOAT] = VALUE_FLOAT,
        [TYPE_BOOL] = VALUE_BOOL,   [TYPE_DURATION] = VALUE_DURATION, [TYPE_SIZE] = VALUE_SIZE,
        [TYPE_TIME] = VALUE_TIME,   [TYPE_PATH] = VALUE_TEXT,         [TYPE_URL] = VALUE_TEXT,
        [TYPE_REGEX] = VALUE_TEXT,
    };
    if (value->kind == VALUE_UNKNOWN || type->kind == TYPE_JSON) {
        return true;
    }
    if (value->kind == VALUE_UNSET) {
        return type->optional;
    }
    if (type->kind == TYPE_LIST && value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value->list.count; i++) {
            if (!is_of_type(type->element, value->list.at[i])) {
                return false;
            }
        }
        return true;
    }
    bool number = type->kind == TYPE_FLOAT && value->kind == VALUE_INT;
    return number || (type->kind <= TYPE_REGEX && value->kind == kinds[type->kind]);
}

static void test_sound(void **state)
{
    (void)state;
    start_random();
    size_t typed = 0;
    size_t valued = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct world *world = world_new();
        const char *text = random_text(world);
        const struct expr *expr = world_parse(world, text);
        const struct type *type = expr_type(world->arena, expr, &world->names, &world->diagnostics);
        assert_int_equal(type == NULL, world->diagnostics.errors > 0);
        if (type != NULL) {
            struct problem problem;
            const struct value *value = expr_eval(world->arena, expr, &world->values, &problem);
            typed++;
            valued += value != NULL;
            if (value == NULL ? problem.message == NULL : !is_of_type(type, value)) {
                fail_msg("%s is of type %s, and gives %s", text, type_print(world->arena, type),
                         value ? world_show(world, value) : "no value without a reason");
            }
        }
        world_free(world);
    }
    print_message("# %zu of %d well typed, %zu with a value\n", typed, ROUNDS, valued);
    assert_true(typed > ROUNDS / 8);
    assert_true(valued > typed / 4);
}

/* What is said while names are unknown stays true whatever they turn out to be: the plan does not
 * lie. Returns whether something was said. */
static bool stays_true(struct world *world, const char *text, const struct expr *expr)
{
    struct problem problem;
    world->outcome = 0;
    const struct value *early = expr_eval(world->arena, expr, &world->values, &problem);
    const char *reason = early == NULL ? problem.message : NULL;
    if (early != NULL && value_has_unknown(early)) {
        return false;
    }
    for (world->outcome = 1; world->outcome <= 2; world->outcome++) {
        const struct value *late = expr_eval(world->arena, expr, &world->values, &problem);
        if (early == NULL ? late != NULL : late != NULL && !value_equal(early, late)) {
            fail_msg("%s was %s and is %s", text, early ? world_show(world, early) : reason,
                     world_show(world, late));
        }
    }
    return true;
}

static void test_unknowns(void **state)
{
    (void)state;
    start_random();
    size_t said = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct world *world = world_new();
        const char *text = random_text(world);
        const struct expr *expr = world_parse(world, text);
        assert_non_null(expr);
        if (expr_type(world->arena, expr, &world->names, &world->diagnostics) != NULL) {
            said += stays_true(world, text, expr);
        }
        world_free(world);
    }
    assert_true(said > ROUNDS / 8);
}

/* TEXT with some bytes lost, doubled, or made others. */
static char *damaged(struct world *world, const char *text)
{
    static const char bytes[] = "'()[]{}.,+-*/%<>=!?& |\"\\$09azs_\n\t\xc3\xff";
    size_t length = strlen(text);
    char *copy = arena_alloc(world->arena, length + 1);
    memcpy(copy, text, length);
    for (int i = below(4); i >= 0 && length > 0; i--) {
        size_t at = (size_t)rand() % length;
        if (below(2)) {
            copy[at] = bytes[(size_t)rand() % (sizeof bytes - 1)];
        } else {
            memmove(copy + at, copy + at + 1, length - at);
            length--;
        }
    }
    return copy;
}

static void test_damaged(void **state)
{
    (void)state;
    start_random();
    size_t refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct world *world = world_new();
        const char *text = random_text(world);
        char *bad = damaged(world, arena_format(world->arena, "a ${%s} b", text));
        struct node *node = world_node(world, bad);
        const struct template *template = template_parse(world->arena, node, &world->diagnostics);
        assert_int_equal(template == NULL, world->diagnostics.errors > 0);
        refused += template == NULL;
        for (size_t i = 0; i < world->diagnostics.list.count; i++) {
            const struct diagnostic *finding = world->diagnostics.list.at[i];
            if (finding->mark.end < finding->mark.start ||
                finding->mark.end > node->text.length + 1 || finding->message[0] == '\0') {
                fail_msg("%s: %s", bad, world_findings(world));
            }
        }
        world_free(world);
    }
    assert_true(refused > ROUNDS / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal_form),
        cmocka_unit_test(test_sound),
        cmocka_unit_test(test_unknowns),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
