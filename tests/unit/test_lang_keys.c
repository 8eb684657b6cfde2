/* The tables of keys: whole, findable, and without a twin. */
#include "base/text.h"
#include "lang/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_rows_are_whole(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MAPPING_COUNT; i++) {
        const struct key_table *table = keys_of((enum mapping)i);
        assert_true(table->count > 0 && table->name && table->noun);
        for (size_t j = 0; j < table->count; j++) {
            const struct key *key = &table->keys[j];
            if (!key->name || !key->type || !key->about || !*key->about)
                fail_msg("%s %zu", table->name, j);
            if (key->mandatory && !key->example)
                fail_msg("%s.%s is mandatory: its remedy needs an example", table->name, key->name);
            if (key->mandatory && key->preset)
                fail_msg("%s.%s is mandatory and has a default", table->name, key->name);
        }
    }
}

static void test_each_is_found(void **state)
{
    struct key_index keys;
    (void)state;
    key_index_fill(&keys);
    for (unsigned i = 0; i < MAPPING_COUNT; i++) {
        const struct key_table *table = keys_of((enum mapping)i);
        for (size_t j = 0; j < table->count; j++) {
            size_t slow = 99, quick = 99;
            const char *name = table->keys[j].name;
            assert_ptr_equal(key_find((enum mapping)i, name, &slow), &table->keys[j]);
            assert_ptr_equal(key_find_by(&keys, (enum mapping)i, name, &quick), &table->keys[j]);
            assert_int_equal(slow, j);
            assert_int_equal(quick, j);
        }
        assert_null(key_find((enum mapping)i, "nothing_such", NULL));
    }
}

static void test_what_is_none(void **state)
{
    struct key_index keys;
    size_t index = 0;
    (void)state;
    key_index_fill(&keys);
    assert_null(key_find_by(&keys, MAPPING_STEP, "exec", &index));
    assert_null(key_find_by(&keys, MAPPING_STEP, "", &index));
    assert_null(key_find_by(&keys, MAPPING_STEP, "wheN", &index));
    assert_null(key_find_by(&keys, MAPPING_RUNBOOK, "when", &index));
}

static void test_words_that_were_meant(void **state)
{
    (void)state;
    assert_string_equal(keys_nearest(MAPPING_STEP, "precondition"), "preconditions");
    assert_string_equal(keys_nearest(MAPPING_STEP, "verfiy"), "verify");
    assert_null(keys_nearest(MAPPING_STEP, "quux"));
    /* Nobody is sent to a key that this release does not read. */
    assert_string_equal(keys_nearest(MAPPING_RUNBOOK, "secret"), "secrets");
    assert_non_null(keys_foreign(MAPPING_STEP, "depends_on"));
    assert_null(keys_foreign(MAPPING_RUNBOOK, "depends_on"));
}

/* A foreign word that is a key of ours would never be told. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_whole),
        cmocka_unit_test(test_each_is_found),
        cmocka_unit_test(test_what_is_none),
        cmocka_unit_test(test_words_that_were_meant),
    };
    return cmocka_run_group_tests_name("lang_keys", tests, NULL, NULL);
}
