/* The attempt's file: what is read of it after every kind of loss. The rule that matters: what was
 * begun never reads as not begun. */
#include "sys_help.h"

#include "sys/attempt.h"

#include <sys/mman.h>

static const struct attempt_start start = {.pid = 4711,
                                           .pid_started = 123456789,
                                           .shim = 4710,
                                           .shim_started = 123456780,
                                           .boot = "3f1d5ad6-6d0f-4ee8-9a3a-cf4f4c1c2a11",
                                           .cgroup = "/sys/fs/cgroup/runbook.x/s1",
                                           .started = INT64_C(1700000000000000000)};
static const struct task_end end = {.result = TASK_EXITED,
                                    .code = 3,
                                    .started = INT64_C(1700000000000000001),
                                    .duration = 5000000,
                                    .bytes = {9, 0},
                                    .cut = {false, true}};
static const char *const output[2] = {"a\nresult ", NULL};

struct bytes {
    char at[8192];
    size_t length;
};

static int memory_of(const struct bytes *bytes)
{
    int fd = memfd_create("attempt", MFD_CLOEXEC);
    assert_int_equal(write(fd, bytes->at, bytes->length), bytes->length);
    return fd;
}

static struct attempt read_bytes(const struct bytes *bytes)
{
    struct attempt attempt;
    struct failure failure;
    int fd = memory_of(bytes);
    assert_true(attempt_read_open(fd, &attempt, &failure));
    close(fd);
    return attempt;
}

static struct bytes written(bool with_start, bool with_end)
{
    struct bytes bytes = {.length = 0};
    struct failure failure;
    int fd = memory_of(&bytes);
    if (with_start)
        assert_true(attempt_started(fd, &start, true, &failure));
    if (with_end)
        assert_true(attempt_ended(fd, &end, output, true, &failure));
    bytes.length = (size_t)pread(fd, bytes.at, sizeof bytes.at, 0);
    close(fd);
    return bytes;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct bytes bytes = written(true, true);
    struct attempt attempt = read_bytes(&bytes);
    assert_int_equal(attempt.state, ATTEMPT_ENDED);
    assert_true(attempt.has_start);
    assert_memory_equal(&attempt.start, &start, sizeof start);
    assert_memory_equal(&attempt.end, &end, sizeof end);
    assert_string_equal(attempt.output[0], "a\nresult ");
    assert_null(attempt.output[1]);
    attempt_free(&attempt);
    /* Both and their heads stay within one block, so that a full disk still takes OUTCOME. */
    assert_true(bytes.length < 1024);
}

static void test_every_result(void **state)
{
    (void)state;
    for (int i = TASK_EXITED; i <= TASK_LOST; i++) {
        struct bytes bytes = {.length = 0};
        struct task_end each = {.result = (enum task_result)i,
                                .part = TASK_STDIN,
                                .failure = {2, "can't read\na file"}};
        struct failure failure;
        int fd = memory_of(&bytes);
        assert_true(attempt_ended(fd, &each, NULL, false, &failure));
        bytes.length = (size_t)pread(fd, bytes.at, sizeof bytes.at, 0);
        close(fd);
        struct attempt attempt = read_bytes(&bytes);
        assert_int_equal(attempt.state, ATTEMPT_ENDED);
        assert_false(attempt.has_start);
        assert_int_equal(attempt.end.result, i);
        assert_int_equal(attempt.end.part, TASK_STDIN);
        assert_int_equal(attempt.end.failure.error, 2);
        assert_string_equal(attempt.end.failure.text, "can't read a file");
        attempt_free(&attempt);
    }
}

/* Cut at every byte: not begun as long as START is not whole, lost as long as OUTCOME is not. */
static void test_cut_everywhere(void **state)
{
    (void)state;
    struct bytes whole = written(true, true);
    size_t start_length = written(true, false).length;
    for (size_t length = 0; length <= whole.length; length++) {
        struct bytes cut = whole;
        cut.length = length;
        struct attempt attempt = read_bytes(&cut);
        enum attempt_state expected = length < start_length   ? ATTEMPT_NOT_BEGUN
                                      : length < whole.length ? ATTEMPT_LOST
                                                              : ATTEMPT_ENDED;
        if (attempt.state != expected)
            fail_msg("cut at %zu of %zu: state %d", length, whole.length, (int)attempt.state);
        assert_int_equal(attempt.has_start, length >= start_length);
        attempt_free(&attempt);
    }
}

/* The same with zeros in place of what was cut: a size that outlived its bytes. */
static void test_zeros_everywhere(void **state)
{
    (void)state;
    struct bytes whole = written(true, true);
    size_t start_length = written(true, false).length;
    for (size_t length = 0; length <= whole.length; length++) {
        struct bytes torn = whole;
        memset(torn.at + length, 0, whole.length - length);
        struct attempt attempt = read_bytes(&torn);
        if (length < start_length)
            assert_true(attempt.state != ATTEMPT_ENDED);
        else
            assert_int_equal(attempt.state, length < whole.length ? ATTEMPT_LOST : ATTEMPT_ENDED);
        attempt_free(&attempt);
    }
    struct bytes zeros = {.length = whole.length};
    assert_int_equal(read_bytes(&zeros).state, ATTEMPT_NOT_BEGUN);
}

/* Every bit turned: never taken for an outcome, never for not begun. */
static void test_flip_everywhere(void **state)
{
    (void)state;
    for (int with_end = 0; with_end < 2; with_end++) {
        struct bytes whole = written(true, with_end);
        for (size_t bit = 0; bit < whole.length * 8; bit++) {
            struct bytes flipped = whole;
            flipped.at[bit / 8] = (char)(flipped.at[bit / 8] ^ (1 << bit % 8));
            struct attempt attempt = read_bytes(&flipped);
            if (attempt.state != ATTEMPT_LOST)
                fail_msg("bit %zu of byte %zu: state %d", bit % 8, bit / 8, (int)attempt.state);
            attempt_free(&attempt);
        }
    }
}

static void test_what_follows(void **state)
{
    (void)state;
    struct bytes bytes = written(true, true);
    bytes.at[bytes.length++] = '\n';
    struct attempt attempt = read_bytes(&bytes);
    assert_int_equal(attempt.state, ATTEMPT_LOST);
    attempt_free(&attempt);
    struct bytes garbage = {.length = sizeof garbage.at};
    memset(garbage.at, 'S', sizeof garbage.at);
    assert_int_equal(read_bytes(&garbage).state, ATTEMPT_LOST);
}

static void test_lock(void **state)
{
    (void)state;
    char *path = help_folder();
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct failure failure;
    struct attempt attempt;
    assert_true(attempt_read(folder, 42, &attempt, &failure));
    assert_int_equal(attempt.state, ATTEMPT_NOT_BEGUN);
    int fd = attempt_create(folder, 42, &failure);
    assert_true(fd >= 0);
    assert_int_equal(attempt_create(folder, 42, &failure), -1);
    assert_int_equal(failure.error, EEXIST);
    assert_true(attempt_read(folder, 42, &attempt, &failure));
    assert_int_equal(attempt.state, ATTEMPT_RUNNING);
    assert_false(attempt.has_start);
    int copy = dup(fd); /* as a shim has it */
    close(fd);
    assert_true(attempt_started(copy, &start, true, &failure));
    assert_true(attempt_read(folder, 42, &attempt, &failure));
    assert_int_equal(attempt.state, ATTEMPT_RUNNING);
    assert_true(attempt.has_start);
    assert_int_equal(attempt.start.shim, 4710);
    close(copy);
    assert_true(attempt_read(folder, 42, &attempt, &failure));
    assert_int_equal(attempt.state, ATTEMPT_LOST);
    close(folder);
    help_remove(path);
}

static void test_full_disk(void **state)
{
    (void)state;
    struct failure failure;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_false(attempt_started(fd, &start, true, &failure));
    assert_int_equal(failure.error, ENOSPC);
    assert_false(attempt_ended(fd, &end, NULL, true, &failure));
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_result),
        cmocka_unit_test(test_cut_everywhere),
        cmocka_unit_test(test_zeros_everywhere),
        cmocka_unit_test(test_flip_everywhere),
        cmocka_unit_test(test_what_follows),
        cmocka_unit_test(test_lock),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests_name("sys_attempt", tests, NULL, NULL);
}
