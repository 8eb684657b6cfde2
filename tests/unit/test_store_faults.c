/* Every system call of the store fails, one after the other, with one error after the other:
 * nothing crashes, nothing is left open, no failure is passed over, and what is on the disk can be
 * opened. The calls below stand before those of libc. */
#include "store_help.h"

#include "store/runs.h"

#include <sys/file.h>
#include <sys/syscall.h>

static struct {
    bool armed;
    int count; /* calls since it was armed */
    int at;    /* the one that fails */
    int error;
    bool hit;
    const char *call; /* which it was */
} fault;

static bool fails(const char *call)
{
    if (!fault.armed || ++fault.count != fault.at)
        return false;
    fault.hit = true;
    fault.call = call;
    errno = fault.error;
    return true;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return fails("open") ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return fails("openat") ? -1 : (int)syscall(SYS_openat, folder, path, flags, mode);
}

int mkdirat(int folder, const char *path, mode_t mode)
{
    return fails("mkdirat") ? -1 : (int)syscall(SYS_mkdirat, folder, path, mode);
}

int fchmodat(int folder, const char *path, mode_t mode, int flags)
{
    (void)flags;
    return fails("fchmodat") ? -1 : (int)syscall(SYS_fchmodat, folder, path, mode);
}

int fchmod(int fd, mode_t mode)
{
    return fails("fchmod") ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

static bool is_aside(int fd)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    return strstr(path, ".runbook~") != NULL;
}

int flock(int fd, int operation)
{
    return fails(is_aside(fd) ? "flock of a file aside" : "flock")
               ? -1
               : (int)syscall(SYS_flock, fd, operation);
}

int fsync(int fd)
{
    return fails("fsync") ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return fails("fdatasync") ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t length)
{
    return fails("ftruncate") ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return fails("renameat") ? -1 : (int)syscall(SYS_renameat, from_folder, from, to_folder, to);
}

ssize_t read(int fd, void *at, size_t length)
{
    return fails("read") ? -1 : syscall(SYS_read, fd, at, length);
}

ssize_t write(int fd, const void *at, size_t length)
{
    return fails("write") ? -1 : syscall(SYS_write, fd, at, length);
}

/* ---- */

static size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static const struct value *large(struct arena *arena)
{
    char *bytes = arena_alloc(arena, 100001);
    memset(bytes, 'x', 100000);
    struct member member = {"stdout", value_string(arena, bytes)};
    return value_map(arena, &member, 1);
}

static bool told_well(enum journal_result result)
{
    return result == JOURNAL_OK || result == JOURNAL_LOW;
}

static bool add(struct world *world, struct journal *journal, struct event event)
{
    return told_well(journal_append(journal, &event, &world->failure));
}

/* Each says whether all went well; when not, the failure is filled. */

static bool make(struct world *world)
{
    struct journal *journal;
    if (!told_well(journal_create(world->folder, RUN, &journal, &world->failure))) {
        assert_null(journal);
        return false;
    }
    bool good =
        add(world, journal, started(world->arena)) &&
        add(world, journal, intent(world->arena, "a", "change", false)) &&
        add(world, journal, outcome("a", 2, "ended", large(world->arena))) &&
        told_well(journal_keep(journal, "runbook/1/0.yaml", text_of("x"), &world->failure)) &&
        told_well(journal_sync(journal, &world->failure));
    journal_close(journal);
    return good;
}

static bool take_up(struct world *world)
{
    struct told told = {state_new(), 0, EVENT_COUNT};
    struct journal *journal;
    bool good =
        told_well(journal_open(world->folder, RUN, T0, tell, &told, &journal, &world->failure));
    state_free(told.state);
    if (!good) {
        assert_null(journal);
        return false;
    }
    assert_int_equal(told.count, 4); /* with the note that it was mended */
    good = add(world, journal, resumed()) && told_well(journal_sync(journal, &world->failure));
    journal_close(journal);
    return good;
}

static bool read_all(struct world *world)
{
    struct told told = {0};
    enum journal_result result = journal_read(world->folder, RUN, tell, &told, &world->failure);
    assert_true(result != JOURNAL_OK || told.count == 3);
    return result == JOURNAL_OK;
}

static bool find(struct world *world)
{
    struct run_about *at;
    size_t count;
    enum journal_result result =
        runs_find(world->arena, world->folder, &at, &count, &world->failure);
    if (result == JOURNAL_OK) {
        assert_int_equal(count, 1);
        if (at[0].damage != NULL) { /* it is listed, with why it can't be read */
            snprintf(world->failure.text, sizeof world->failure.text, "%s", at[0].damage);
            assert_false(at[0].resumable);
            return false;
        }
        assert_true(at[0].began);
    }
    return result == JOURNAL_OK;
}

static bool lock(struct world *world)
{
    struct run_lock *taken;
    struct run_lock_holder holder;
    enum journal_result result = run_lock_take(world->arena, world->folder, "conea", "other", T0,
                                               &taken, &holder, &world->failure);
    assert_true((taken != NULL) == (result == JOURNAL_OK));
    run_lock_release(taken);
    return result == JOURNAL_OK;
}

/* ---- what each begins with ---- */

static void nothing(struct world *world)
{
    remove_tree(world->folder);
}

static void a_run(struct world *world)
{
    remove_tree(world->folder);
    assert_true(make(world));
}

static void a_torn_run(struct world *world)
{
    a_run(world);
    FILE *file = fopen(run_path(world, "journal.jsonl"), "a");
    fputs("{ \"seq\":4,\"time", file);
    fclose(file);
}

static void a_lock_of_a_run(struct world *world)
{
    struct run_lock *taken;
    struct run_lock_holder holder;
    a_run(world);
    assert_int_equal(run_lock_take(world->arena, world->folder, "conea", RUN, T0, &taken, &holder,
                                   &world->failure),
                     JOURNAL_OK);
    run_lock_release(taken);
    spill(run_path(world, "attempts/2"), "", 0);
}

static const struct scenario {
    const char *name;
    void (*before)(struct world *world);
    bool (*act)(struct world *world);
    int least;  /* calls that can fail */
    bool tells; /* every failure is told; else some only make the answer more careful */
} scenarios[] = {
    {"make", nothing, make, 30, true},        {"take up", a_torn_run, take_up, 10, true},
    {"read", a_run, read_all, 6, true},       {"find", a_run, find, 6, false},
    {"lock", a_lock_of_a_run, lock, 8, true},
};

/* With the disk as the fault left it: the journal opens, or never began, or was never made. */
static void check_after(struct world *world)
{
    struct told told = {state_new(), 0, EVENT_COUNT};
    struct journal *journal;
    enum journal_result result =
        journal_open(world->folder, RUN, T0, tell, &told, &journal, &world->failure);
    if (!told_well(result) && result != JOURNAL_MISSING)
        fail_msg("afterwards: %s", world->failure.text);
    journal_close(journal);
    state_free(told.state);
}

static bool one_fault(struct world *world, const struct scenario *scenario, int at, int error)
{
    scenario->before(world);
    size_t descriptors = open_descriptors();
    memset(&world->failure, 0, sizeof world->failure);
    fault.at = at;
    fault.error = error;
    fault.count = 0;
    fault.hit = false;
    fault.armed = true;
    bool good = scenario->act(world);
    fault.armed = false;
    assert_int_equal(open_descriptors(), descriptors);
    if (!good && world->failure.text[0] == '\0')
        fail_msg("%s: call %d failed by %s and nothing was told", scenario->name, at,
                 strerror(error));
    if (!fault.hit)
        assert_true(good);
    check_after(world);
    return good;
}

/* What need not be told: a file aside that is made anew; the reserve that is given back at the end;
 * libcrypto, which looks for a configuration once and does without. */
static bool need_not_be_told(int error)
{
    return error == EINTR || strcmp(fault.call, "ftruncate") == 0 ||
           strcmp(fault.call, "open") == 0 || strcmp(fault.call, "flock of a file aside") == 0;
}

static void every_call_fails_once(void **state)
{
    struct world *world = *state;
    static const int errors[] = {EIO, ENOSPC, EMFILE, EINTR};
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
        for (size_t j = 0; j < sizeof errors / sizeof errors[0]; j++) {
            int at = 1;
            for (;; at++) {
                bool good = one_fault(world, &scenarios[i], at, errors[j]);
                if (!fault.hit)
                    break;
                if (good && scenarios[i].tells && !need_not_be_told(errors[j]))
                    fail_msg("%s: call %d, %s, failed by %s and was passed over", scenarios[i].name,
                             at, fault.call, strerror(errors[j]));
            }
            if (at <= scenarios[i].least)
                fail_msg("%s: only %d calls", scenarios[i].name, at - 1);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_call_fails_once, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
