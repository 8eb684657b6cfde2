/* A journal whose system fails: syncs that fail, full disks, short writes, at every place.
 * The system calls below stand before those of libc: they count, and fail where a test wants it. */
#include "store_help.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>

enum call { CALL_FDATASYNC, CALL_FSYNC, CALL_FALLOCATE, CALL_FTRUNCATE, CALL_WRITE, CALLS };

static struct {
    int count[CALLS]; /* calls so far */
    int at[CALLS];    /* the call that fails, from 1; 0: none */
    bool on[CALLS];   /* and all that follow */
    int error[CALLS];
    size_t part;         /* of a write that fails: what is written before it */
    char synced[16][64]; /* fsynced paths, in order */
    int synced_count;
} faults;

static void no_faults(void)
{
    memset(&faults, 0, sizeof faults);
}

static void fail_call(enum call call, int nth, bool on, int error)
{
    faults.count[call] = 0;
    faults.at[call] = nth;
    faults.on[call] = on;
    faults.error[call] = error;
}

static bool fails(enum call call)
{
    int now = ++faults.count[call];
    bool hit = faults.at[call] != 0 &&
               (now == faults.at[call] || (faults.on[call] && now > faults.at[call]));
    if (hit)
        errno = faults.error[call];
    return hit;
}

int fdatasync(int fd)
{
    return fails(CALL_FDATASYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    char link[64];
    char path[256];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length > 0 && faults.synced_count < 16) {
        path[length] = '\0';
        const char *name = strrchr(path, '/');
        snprintf(faults.synced[faults.synced_count++], 64, "%s", name + 1);
    }
    return fails(CALL_FSYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fallocate(int fd, int mode, off_t offset, off_t length)
{
    return fails(CALL_FALLOCATE) ? -1 : (int)syscall(SYS_fallocate, fd, mode, offset, length);
}

int ftruncate(int fd, off_t length)
{
    return fails(CALL_FTRUNCATE) ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

ssize_t write(int fd, const void *at, size_t length)
{
    if (!fails(CALL_WRITE))
        return syscall(SYS_write, fd, at, length);
    int error = errno;
    if (faults.part > 0) { /* a short write first; the next one fails */
        size_t part = faults.part < length ? faults.part : length;
        faults.part = 0;
        faults.at[CALL_WRITE]++;
        return syscall(SYS_write, fd, at, part);
    }
    errno = error;
    return -1;
}

/* ---- */

static struct journal *create(struct world *world)
{
    struct journal *journal;
    no_faults();
    if (journal_create(world->folder, RUN, &journal, &world->failure) != JOURNAL_OK)
        fail_msg("%s", world->failure.text);
    return journal;
}

static struct event note(struct world *world, size_t number)
{
    return with_text(
        plain(EVENT_NOTE, NULL), FIELD_MESSAGE,
        arena_format(world->arena, "note %zu of some length, as events have it", number));
}

static enum journal_result append(struct world *world, struct journal *journal, size_t number)
{
    struct event event = number == 0 ? started(world->arena) : note(world, number);
    return journal_append(journal, &event, &world->failure);
}

static size_t count_events(struct world *world)
{
    struct told told = {state_new(), 0, EVENT_COUNT};
    struct journal *journal;
    no_faults();
    enum journal_result result =
        journal_open(world->folder, RUN, T0, tell, &told, &journal, &world->failure);
    if (result != JOURNAL_OK && result != JOURNAL_LOW)
        fail_msg("%s", world->failure.text);
    assert_int_equal(journal_next(journal), told.count + 1);
    journal_close(journal);
    state_free(told.state);
    return told.count;
}

static void one_sync_covers_all_that_was_written(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(append(world, journal, i), JOURNAL_OK);
    assert_int_equal(faults.count[CALL_WRITE], 0);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
    assert_int_equal(faults.count[CALL_WRITE], 1);
    assert_int_equal(faults.count[CALL_FDATASYNC], 1);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
    assert_int_equal(faults.count[CALL_FDATASYNC], 1); /* nothing to sync */
    assert_int_equal(append(world, journal, 10), JOURNAL_OK);
    assert_int_equal(journal_write(journal, &world->failure), JOURNAL_OK);
    assert_int_equal(faults.count[CALL_FDATASYNC], 1);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
    assert_int_equal(faults.count[CALL_FDATASYNC], 2);
    journal_close(journal);
}

static bool was_synced(const char *name)
{
    for (int i = 0; i < faults.synced_count; i++)
        if (strcmp(faults.synced[i], name) == 0)
            return true;
    return false;
}

static void a_new_run_is_durable(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    assert_true(was_synced("journal.jsonl"));
    assert_true(was_synced(RUN));
    assert_true(was_synced("runs"));
    assert_true(was_synced("state"));
    assert_true(was_synced(strrchr(world->top, '/') + 1)); /* where the state folder stands */
    assert_string_equal(faults.synced[faults.synced_count - 3], RUN);
    journal_close(journal);
    /* A run more: its own folder and that of the runs. */
    no_faults();
    assert_int_equal(journal_create(world->folder, "other", &journal, &world->failure), JOURNAL_OK);
    assert_true(was_synced("other"));
    assert_true(was_synced("runs"));
    journal_close(journal);
}

static void making_a_run_fails_at_every_sync(void **state)
{
    struct world *world = *state;
    struct journal *journal;
    no_faults();
    int nth;
    for (nth = 1;; nth++) {
        remove_tree(world->folder);
        fail_call(CALL_FSYNC, nth, false, EIO);
        if (journal_create(world->folder, RUN, &journal, &world->failure) == JOURNAL_OK)
            break;
        assert_null(journal);
        assert_int_equal(world->failure.error, EIO);
        assert_int_equal(faults.count[CALL_FSYNC], nth); /* and goes no further */
    }
    assert_true(nth > 4);
    journal_close(journal);
}

static void a_failed_sync_is_final(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    assert_int_equal(append(world, journal, 0), JOURNAL_OK);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
    assert_int_equal(append(world, journal, 1), JOURNAL_OK);
    fail_call(CALL_FDATASYNC, 1, false, EIO);
    faults.count[CALL_WRITE] = 0;
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_FAILED);
    assert_int_equal(world->failure.error, EIO);
    for (int i = 0; i < 3; i++) {
        world->failure.error = 0;
        assert_int_equal(append(world, journal, 2), JOURNAL_FAILED);
        assert_int_equal(journal_write(journal, &world->failure), JOURNAL_FAILED);
        assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_FAILED);
        assert_int_equal(world->failure.error, EIO);
    }
    assert_int_equal(faults.count[CALL_FDATASYNC], 1); /* never again */
    assert_int_equal(faults.count[CALL_WRITE], 1);     /* nor a line more */
    journal_close(journal);
    assert_int_equal(count_events(world), 2);
}

/* Every error that a write can have: what was written before stays, what wasn't is not there. */
static void a_failed_write_leaves_whole_lines(void **state)
{
    struct world *world = *state;
    static const int errors[] = {ENOSPC, EDQUOT, EIO, EFBIG};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        for (size_t part = 0; part < 300; part += 7) {
            struct journal *journal = create(world);
            assert_int_equal(append(world, journal, 0), JOURNAL_OK);
            assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
            size_t before = slurp(world, run_path(world, "journal.jsonl")).length;
            assert_int_equal(append(world, journal, 1), JOURNAL_OK);
            assert_int_equal(append(world, journal, 2), JOURNAL_OK);
            fail_call(CALL_WRITE, 1, true, errors[i]);
            faults.part = part;
            assert_int_equal(journal_write(journal, &world->failure), JOURNAL_FAILED);
            assert_int_equal(world->failure.error, errors[i]);
            no_faults();
            assert_int_equal(slurp(world, run_path(world, "journal.jsonl")).length, before);
            assert_int_equal(append(world, journal, 3), JOURNAL_FAILED);
            assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_FAILED);
            assert_int_equal(faults.count[CALL_FDATASYNC], 0);
            journal_close(journal);
            assert_int_equal(count_events(world), 1);
            remove_tree(world->folder);
        }
}

static void what_could_not_be_cut_back_is_mended_later(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    assert_int_equal(append(world, journal, 0), JOURNAL_OK);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
    assert_int_equal(append(world, journal, 1), JOURNAL_OK);
    fail_call(CALL_WRITE, 1, true, ENOSPC);
    fail_call(CALL_FTRUNCATE, 1, true, EIO);
    faults.part = 50;
    assert_int_equal(journal_write(journal, &world->failure), JOURNAL_FAILED);
    assert_non_null(strstr(world->failure.text, "could not be cut back"));
    journal_close(journal);
    assert_int_equal(count_events(world), 2); /* and the note that it was mended */
}

static void mending_that_fails_is_told(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    struct told told = {0};
    assert_int_equal(append(world, journal, 0), JOURNAL_OK);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
    journal_close(journal);
    struct text file = slurp(world, run_path(world, "journal.jsonl"));
    char *torn = arena_format(world->arena, "%.*s{ \"seq\":2,", (int)file.length, file.at);
    spill(run_path(world, "journal.jsonl"), torn, strlen(torn));
    fail_call(CALL_FTRUNCATE, 1, false, EIO);
    assert_int_equal(journal_open(world->folder, RUN, T0, tell, &told, &journal, &world->failure),
                     JOURNAL_FAILED);
    assert_null(journal);
    no_faults();
    fail_call(CALL_FDATASYNC, 1, false, EIO);
    assert_int_equal(journal_open(world->folder, RUN, T0, tell, &told, &journal, &world->failure),
                     JOURNAL_FAILED);
    no_faults();
    /* Whole but for its newline: cut it, so that the newline has to be written. */
    spill(run_path(world, "journal.jsonl"), file.at, file.length - 1);
    fail_call(CALL_WRITE, 1, true, ENOSPC);
    assert_int_equal(journal_open(world->folder, RUN, T0, tell, &told, &journal, &world->failure),
                     JOURNAL_FAILED);
    assert_int_equal(count_events(world), 2);
}

static void interrupted_calls_are_made_again(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    assert_int_equal(append(world, journal, 0), JOURNAL_OK);
    fail_call(CALL_WRITE, 1, false, EINTR);
    fail_call(CALL_FALLOCATE, 1, false, EINTR);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
    assert_int_equal(faults.count[CALL_WRITE], 2);
    assert_int_equal(faults.count[CALL_FALLOCATE], 2);
    journal_close(journal);
    assert_int_equal(count_events(world), 1);
}

/* ---- a full disk ---- */

static void a_full_disk_is_told_and_the_line_stands(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    assert_int_equal(append(world, journal, 0), JOURNAL_OK);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
    fail_call(CALL_FALLOCATE, 1, true, ENOSPC);
    size_t events = 1;
    enum journal_result result = JOURNAL_OK;
    while (result == JOURNAL_OK && events < 10000) {
        assert_int_equal(append(world, journal, events++), JOURNAL_OK);
        result = journal_write(journal, &world->failure);
    }
    assert_int_equal(result, JOURNAL_LOW);
    assert_int_equal(world->failure.error, ENOSPC);
    for (int i = 0; i < 50;
         i++) { /* the end is told, and it is told each time that it is the end */
        assert_int_equal(append(world, journal, events++), JOURNAL_LOW);
        assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_LOW);
    }
    journal_close(journal);
    assert_int_equal(count_events(world), events);
}

static void a_disk_that_is_full_from_the_start(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    assert_int_equal(append(world, journal, 0), JOURNAL_OK);
    fail_call(CALL_FALLOCATE, 1, true, EDQUOT);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_LOW);
    journal_close(journal);
    struct told told = {0};
    fail_call(CALL_FALLOCATE, 1, true, ENOSPC);
    assert_int_equal(journal_open(world->folder, RUN, T0, tell, &told, &journal, &world->failure),
                     JOURNAL_LOW);
    assert_non_null(journal);
    assert_int_equal(told.count, 1);
    assert_int_equal(append(world, journal, 1), JOURNAL_LOW);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_LOW);
    journal_close(journal);
    /* There is room again. */
    assert_int_equal(count_events(world), 2);
}

/* Half of what is wanted can still be had: that is enough. */
static void a_smaller_reserve_will_do(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    assert_int_equal(append(world, journal, 0), JOURNAL_OK);
    fail_call(CALL_FALLOCATE, 1, false, ENOSPC);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
    assert_int_equal(faults.count[CALL_FALLOCATE], 2);
    journal_close(journal);
}

static void a_file_system_without_reserves_will_do(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    fail_call(CALL_FALLOCATE, 1, true, EOPNOTSUPP);
    for (size_t i = 0; i < 2000; i++) {
        assert_int_equal(append(world, journal, i), JOURNAL_OK);
        assert_int_equal(journal_write(journal, &world->failure), JOURNAL_OK);
    }
    assert_int_equal(faults.count[CALL_FALLOCATE], 1); /* asked once */
    journal_close(journal);
    assert_int_equal(count_events(world), 2000);
}

/* An output that can't be kept refuses its event, no more: it can be told without the output. */
static void an_output_that_finds_no_room(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    char *large = arena_alloc(world->arena, 100001);
    memset(large, 'x', 100000);
    struct member member = {"stdout", value_string(world->arena, large)};
    struct event event = intent(world->arena, "a", "change", false);
    assert_int_equal(append(world, journal, 0), JOURNAL_OK);
    assert_int_equal(journal_append(journal, &event, &world->failure), JOURNAL_OK);
    fail_call(CALL_WRITE, 1, true, ENOSPC);
    event = outcome("a", 2, "ended", value_map(world->arena, &member, 1));
    assert_int_equal(journal_append(journal, &event, &world->failure), JOURNAL_REFUSED);
    assert_int_equal(world->failure.error, ENOSPC);
    no_faults();
    event = outcome("a", 2, "ended", NULL);
    assert_int_equal(journal_append(journal, &event, &world->failure), JOURNAL_OK);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
    journal_close(journal);
    assert_int_equal(count_events(world), 3);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The kernel's own short write, at every byte: what was acknowledged is there, no more, no less. */
static void no_room_at_every_byte(void **state)
{
    struct world *world = *state;
    signal(SIGXFSZ, SIG_IGN);
    size_t length = SIZE_MAX;
    for (rlim_t room = 0; room <= length + 1; room++) {
        struct journal *journal = create(world);
        size_t acknowledged = 0;
        enum journal_result result = JOURNAL_OK;
        limit_files(room);
        for (size_t i = 0; i < 6 && result == JOURNAL_OK; i++) {
            assert_int_equal(append(world, journal, i), JOURNAL_OK);
            result = journal_sync(journal, &world->failure);
            acknowledged += result == JOURNAL_OK;
        }
        limit_files(RLIM_INFINITY);
        journal_close(journal);
        if (length == SIZE_MAX && room == 0) { /* measure it once, without a limit */
            assert_int_equal(acknowledged, 0);
            remove_tree(world->folder);
            journal = create(world);
            for (size_t i = 0; i < 6; i++)
                assert_int_equal(append(world, journal, i), JOURNAL_OK);
            assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
            journal_close(journal);
            length = slurp(world, run_path(world, "journal.jsonl")).length;
            remove_tree(world->folder);
            continue;
        }
        assert_int_equal(result, room >= length ? JOURNAL_OK : JOURNAL_FAILED);
        assert_int_equal(count_events(world), acknowledged);
        remove_tree(world->folder);
    }
    assert_true(length > 1000);
}

static bool map_myself(void)
{
    static const char *const files[] = {"setgroups", "uid_map", "gid_map"};
    char lines[3][64] = {"deny"};
    snprintf(lines[1], 64, "0 %d 1", (int)getuid());
    snprintf(lines[2], 64, "0 %d 1", (int)getgid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return false;
    for (size_t i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/%s", files[i]);
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            return false;
        bool written = write(fd, lines[i], strlen(lines[i])) > 0;
        close(fd);
        if (!written)
            return false;
    }
    return true;
}

/* A real disk of 400 KiB, filled by somebody else. */
static void somebody_fills_the_disk(void **state)
{
    struct world *world = *state;
    no_faults();
    if (unshare(CLONE_NEWNS) != 0 && !map_myself())
        skip(); /* no right to mount anything at all */
    assert_int_equal(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL), 0);
    assert_int_equal(mount("none", world->top, "tmpfs", 0, "size=400k"), 0);
    struct journal *journal = create(world);
    size_t events = 0;
    for (; events < 100; events++) {
        assert_int_equal(append(world, journal, events), JOURNAL_OK);
        assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
    }
    char zeros[4096] = {0};
    int fd = open(arena_format(world->arena, "%s/filler", world->top), O_WRONLY | O_CREAT, 0600);
    while (write(fd, zeros, sizeof zeros) > 0)
        ;
    close(fd);
    enum journal_result result = JOURNAL_OK;
    size_t low = 0;
    while (result != JOURNAL_FAILED && events < 10000) {
        result = append(world, journal, events);
        if (result != JOURNAL_FAILED)
            result = journal_sync(journal, &world->failure);
        events += result != JOURNAL_FAILED;
        low += result == JOURNAL_LOW;
    }
    assert_int_equal(result, JOURNAL_FAILED);
    assert_int_equal(world->failure.error, ENOSPC);
    if (low < 200)
        fail_msg("only %zu events were written from the reserve", low);
    journal_close(journal);
    assert_int_equal(remove(arena_format(world->arena, "%s/filler", world->top)), 0);
    assert_int_equal(count_events(world), events);
    assert_int_equal(umount(world->top), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_sync_covers_all_that_was_written),
        TEST(a_new_run_is_durable),
        TEST(making_a_run_fails_at_every_sync),
        TEST(a_failed_sync_is_final),
        TEST(a_failed_write_leaves_whole_lines),
        TEST(what_could_not_be_cut_back_is_mended_later),
        TEST(mending_that_fails_is_told),
        TEST(interrupted_calls_are_made_again),
        TEST(a_full_disk_is_told_and_the_line_stands),
        TEST(a_disk_that_is_full_from_the_start),
        TEST(a_smaller_reserve_will_do),
        TEST(a_file_system_without_reserves_will_do),
        TEST(an_output_that_finds_no_room),
        TEST(no_room_at_every_byte),
        TEST(somebody_fills_the_disk), /* last: it leaves the mounts it came with */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
