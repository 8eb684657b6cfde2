/* Files: whole before and after, mode and owner kept, links, locks, folders, failures told. */
#include "sys_help.h"

#include "sys/file.h"

#include <sys/file.h>
#include <sys/resource.h>

struct fixture {
    char *path;
    int folder;
};

static struct fixture begin(void)
{
    struct fixture fixture = {.path = help_folder()};
    fixture.folder = open(fixture.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    umask(077);
    return fixture;
}

static void end(struct fixture *fixture)
{
    close(fixture->folder);
    help_remove(fixture->path);
}

static struct text text(const char *at)
{
    return (struct text){at, strlen(at)};
}

static mode_t mode_of(const struct fixture *fixture, const char *name)
{
    struct stat stat;
    assert_int_equal(fstatat(fixture->folder, name, &stat, 0), 0);
    return stat.st_mode & 07777;
}

static int entries(const struct fixture *fixture)
{
    int count = 0;
    DIR *folder = opendir(fixture->path);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 4; /* . .. attempts logs */
}

static void test_read(void **state)
{
    (void)state;
    struct fixture fixture = begin();
    struct failure failure;
    struct buffer buffer = {0};
    assert_true(file_replace(fixture.folder, "a", (struct text){"x\0y", 3}, 0600, 0, &failure));
    buffer_text(&buffer, "before");
    assert_true(file_read(fixture.folder, "a", 3, &buffer, &failure));
    assert_int_equal(buffer.length, 9);
    assert_memory_equal(buffer.at, "beforex\0y", 9);
    assert_false(file_read(fixture.folder, "a", 2, &buffer, &failure));
    assert_int_equal(failure.error, EFBIG);
    assert_int_equal(buffer.length, 9);
    assert_false(file_read(fixture.folder, "none", 10, &buffer, &failure));
    assert_int_equal(failure.error, ENOENT);
    assert_string_equal(failure.text, "can't open none: No such file or directory");
    assert_false(file_read(fixture.folder, "logs", 10, &buffer, &failure));
    assert_int_equal(failure.error, EISDIR);
    assert_false(file_read(fixture.folder, "/dev/zero", 10, &buffer, &failure));
    assert_int_equal(mkfifoat(fixture.folder, "pipe", 0600), 0);
    assert_false(file_read(fixture.folder, "pipe", 10, &buffer, &failure)); /* and does not wait */
    buffer_free(&buffer);
    end(&fixture);
}

static void test_replace(void **state)
{
    (void)state;
    struct fixture fixture = begin();
    struct failure failure;
    assert_true(file_replace(fixture.folder, "a", text("one"), 0644, 0, &failure));
    assert_int_equal(mode_of(&fixture, "a"), 0644);
    assert_int_equal(fchmodat(fixture.folder, "a", 02755, 0), 0);
    assert_true(file_replace(fixture.folder, "a", text("two"), 0600, 0, &failure));
    help_expect_file(fixture.path, "a", "two");
    assert_int_equal(mode_of(&fixture, "a"), 02755);
    assert_true(file_replace(fixture.folder, "a", text("three"), 0600, FILE_SET_MODE, &failure));
    assert_int_equal(mode_of(&fixture, "a"), 0600);
    assert_false(file_replace(fixture.folder, "a", text("four"), 0600, FILE_NO_CLOBBER, &failure));
    assert_int_equal(failure.error, EEXIST);
    help_expect_file(fixture.path, "a", "three");
    assert_true(file_replace(fixture.folder, "b", text(""), 0600, FILE_NO_CLOBBER, &failure));
    assert_false(file_replace(fixture.folder, "logs", text("x"), 0600, 0, &failure));
    assert_int_equal(failure.error, EISDIR);
    assert_false(file_replace(fixture.folder, "no/where", text("x"), 0600, 0, &failure));
    assert_int_equal(entries(&fixture), 2);
    end(&fixture);
}

static void test_keeps_owner(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    struct fixture fixture = begin();
    struct failure failure;
    struct stat stat;
    assert_true(file_replace(fixture.folder, "a", text("one"), 0640, 0, &failure));
    assert_int_equal(fchownat(fixture.folder, "a", 65534, 12, 0), 0);
    assert_int_equal(fchmodat(fixture.folder, "a", 06755, 0), 0);
    assert_true(file_replace(fixture.folder, "a", text("two"), 0600, 0, &failure));
    assert_int_equal(fstatat(fixture.folder, "a", &stat, 0), 0);
    assert_int_equal(stat.st_uid, 65534);
    assert_int_equal(stat.st_gid, 12);
    assert_int_equal(stat.st_mode & 07777, 06755);
    end(&fixture);
}

static void test_links(void **state)
{
    (void)state;
    struct fixture fixture = begin();
    struct failure failure;
    assert_true(file_replace(fixture.folder, "logs/real", text("one"), 0600, 0, &failure));
    assert_int_equal(symlinkat("logs/real", fixture.folder, "link"), 0);
    assert_int_equal(symlinkat("link", fixture.folder, "second"), 0);
    assert_int_equal(symlinkat("circle", fixture.folder, "circle"), 0);
    assert_false(file_replace(fixture.folder, "link", text("two"), 0600, 0, &failure));
    assert_int_equal(failure.error, ELOOP);
    assert_true(file_replace(fixture.folder, "second", text("two"), 0600, FILE_FOLLOW, &failure));
    help_expect_file(fixture.path, "logs/real", "two");
    struct stat stat;
    assert_int_equal(fstatat(fixture.folder, "link", &stat, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(S_ISLNK(stat.st_mode));
    assert_false(file_replace(fixture.folder, "circle", text("x"), 0600, FILE_FOLLOW, &failure));
    assert_int_equal(failure.error, ELOOP);
    end(&fixture);
}

/* Nothing is seen of it until it is whole, and nothing stays of one that was given up. */
static void test_aside(void **state)
{
    (void)state;
    struct fixture fixture = begin();
    struct failure failure;
    struct file_aside aside;
    assert_true(file_replace(fixture.folder, "a", text("old"), 0600, 0, &failure));
    assert_true(file_begin(fixture.folder, "a", 0600, 0, &aside, &failure));
    assert_true(file_write(aside.fd, text("new"), "a", &failure));
    help_expect_file(fixture.path, "a", "old");
    file_abandon(&aside);
    help_expect_file(fixture.path, "a", "old");
    assert_int_equal(entries(&fixture), 1);
    /* One that came meanwhile is not overwritten where that is asked. */
    assert_true(file_begin(fixture.folder, "b", 0600, FILE_NO_CLOBBER, &aside, &failure));
    assert_true(file_replace(fixture.folder, "b", text("other"), 0600, 0, &failure));
    assert_false(file_commit(&aside, &failure));
    assert_int_equal(failure.error, EEXIST);
    help_expect_file(fixture.path, "b", "other");
    assert_int_equal(entries(&fixture), 2);
    end(&fixture);
}

/* What a crash left of this very file goes, and nothing else: not what is being written, nor what
 * only looks like it. */
static void test_sweep(void **state)
{
    (void)state;
    static const char *const stay[] = {
        ".b.0123abcd.runbook~", ".a.0123abc.runbook~",    ".a.0123abcd.runbook",
        "a.0123abcd.runbook~",  ".a.b.0123abcd.runbook~",
    };
    struct fixture fixture = begin();
    struct failure failure;
    struct file_aside live, aside;
    for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
        assert_true(file_replace(fixture.folder, stay[i], text("x"), 0600, 0, &failure));
    assert_true(file_begin(fixture.folder, "a", 0600, 0, &live, &failure));
    const char *dead = ".a.0123abcd.runbook~";
    assert_true(file_replace(fixture.folder, dead, text("x"), 0600, 0, &failure));
    assert_int_equal(entries(&fixture), 7);
    file_sweep(fixture.folder, "a");
    assert_int_equal(entries(&fixture), 6);
    assert_int_equal(faccessat(fixture.folder, dead, F_OK, 0), -1);
    assert_true(file_replace(fixture.folder, dead, text("x"), 0600, 0, &failure));
    assert_true(file_begin(fixture.folder, "a", 0600, FILE_SWEEP, &aside, &failure));
    assert_int_equal(faccessat(fixture.folder, dead, F_OK, 0), -1);
    file_abandon(&aside);
    /* The one that was being written all the time is whole. */
    assert_true(file_write(live.fd, text("new"), "a", &failure));
    assert_true(file_commit(&live, &failure));
    help_expect_file(fixture.path, "a", "new");
    end(&fixture);
}

/* A disk that is full at every byte: the old file stays whole, and nothing else. */
static void test_full_disk(void **state)
{
    (void)state;
    struct fixture fixture = begin();
    struct failure failure;
    struct rlimit before, limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_true(file_replace(fixture.folder, "a", text("old"), 0600, 0, &failure));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (rlim_t room = 0; room < 10; room++) {
        limit = before;
        limit.rlim_cur = room;
        setrlimit(RLIMIT_FSIZE, &limit);
        bool done = file_replace(fixture.folder, "a", text("0123456789"), 0600, 0, &failure);
        setrlimit(RLIMIT_FSIZE, &before);
        assert_false(done);
        assert_int_equal(failure.error, EFBIG);
        help_expect_file(fixture.path, "a", "old");
        assert_int_equal(entries(&fixture), 1);
    }
    signal(SIGXFSZ, SIG_DFL);
    end(&fixture);
}

static void test_folders(void **state)
{
    (void)state;
    struct fixture fixture = begin();
    struct failure failure;
    assert_true(folder_make(fixture.folder, "x/y//z", 0755, &failure));
    assert_int_equal(mode_of(&fixture, "x"), 0755);
    assert_int_equal(mode_of(&fixture, "x/y/z"), 0755);
    assert_true(folder_make(fixture.folder, "x/y/z", 0700, &failure));
    assert_int_equal(mode_of(&fixture, "x/y/z"), 0755);
    assert_true(file_replace(fixture.folder, "file", text(""), 0600, 0, &failure));
    assert_false(folder_make(fixture.folder, "file", 0700, &failure));
    assert_false(folder_make(fixture.folder, "file/x", 0700, &failure));
    char path[256];
    snprintf(path, sizeof path, "%s/deep/er", fixture.path);
    assert_true(folder_make(AT_FDCWD, path, 0700, &failure));
    int fd = folder_open(fixture.folder, "deep", &failure);
    assert_true(fd >= 0);
    assert_true(folder_sync(fd, "deep", &failure));
    close(fd);
    assert_int_equal(folder_open(fixture.folder, "file", &failure), -1);
    assert_int_equal(failure.error, ENOTDIR);
    end(&fixture);
}

static void test_locks(void **state)
{
    (void)state;
    struct fixture fixture = begin();
    struct failure failure;
    int first, second;
    assert_int_equal(file_lock(fixture.folder, "lock", &first, &failure), FILE_LOCKED);
    assert_int_equal(file_lock(fixture.folder, "lock", &second, &failure), FILE_LOCK_HELD);
    assert_int_equal(second, -1);
    assert_int_equal(file_lock(fixture.folder, "no/lock", &second, &failure), FILE_LOCK_FAILED);
    assert_true(fcntl(first, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(mode_of(&fixture, "lock"), 0600);
    close(first);
    assert_int_equal(file_lock(fixture.folder, "lock", &second, &failure), FILE_LOCKED);
    close(second);
    end(&fixture);
}

static void test_failures(void **state)
{
    (void)state;
    struct failure failure;
    assert_false(failure_set(&failure, 0, "plain"));
    assert_string_equal(failure.text, "plain");
    assert_false(failure_wrap(&failure, "step %d", 3));
    assert_string_equal(failure.text, "step 3: plain");
    assert_false(failure_set(NULL, EIO, "nobody listens"));
    char longer[2000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    failure_set(&failure, EACCES, "can't open %s", longer);
    assert_int_equal(strlen(failure.text), sizeof failure.text - 1);
    assert_non_null(strstr(failure.text, "...: Permission denied")); /* the reason is kept */
    failure_wrap(&failure, "%s", longer);
    assert_true(strlen(failure.text) < sizeof failure.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_keeps_owner), cmocka_unit_test(test_links),
        cmocka_unit_test(test_aside),       cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_full_disk),   cmocka_unit_test(test_folders),
        cmocka_unit_test(test_locks),       cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests_name("sys_file", tests, NULL, NULL);
}
