/* Who is at the other end of a socket, told by processes that really are other people. */
#include "sys_help.h"

#include "base/arena.h"
#include "sys/person.h"

#include <sys/socket.h>
#include <sys/un.h>

#define NOBODYS_UID 61357 /* has no name */

struct caller {
    int64_t uid, login; /* -1: as we are */
    bool leaves;        /* is gone before anybody looks */
};

/* An abstract address: nothing is left of it, and anybody may connect. */
static socklen_t address_of(struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length = snprintf(address->sun_path + 1, sizeof address->sun_path - 1,
                          "runbook-test-person-%d", (int)getpid());
    return (socklen_t)(sizeof address->sun_family + 1 + (size_t)length);
}

static void log_in(int64_t login)
{
    FILE *file = fopen("/proc/self/loginuid", "w");
    if (file == NULL || fprintf(file, "%lld", (long long)login) < 0 || fclose(file) != 0)
        _exit(2);
}

static void call(const struct caller *caller, const struct sockaddr_un *address, socklen_t length)
{
    char byte;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (caller->uid >= 0 && setresuid((uid_t)caller->uid, (uid_t)caller->uid, (uid_t)caller->uid))
        _exit(1);
    prctl(PR_SET_DUMPABLE, 1); /* as after an exec: what is its own in /proc is its own to write */
    if (caller->login >= 0)
        log_in(caller->login);
    if (connect(fd, (const struct sockaddr *)address, length) != 0)
        _exit(1);
    if (!caller->leaves)
        (void)!read(fd, &byte, 1); /* until it was looked at */
    _exit(0);
}

/* False: such a caller can't be made here. */
static bool look_at(struct arena *arena, const struct caller *caller, bool *told,
                    struct person *person, struct failure *failure)
{
    struct sockaddr_un address;
    socklen_t length = address_of(&address);
    int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), status = 0;
    assert_int_equal(bind(listening, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listening, 1), 0);
    pid_t pid = fork();
    if (pid == 0)
        call(caller, &address, length);
    int fd = -1;
    if (caller->leaves)
        assert_int_equal(waitpid(pid, &status, 0), pid);
    while ((fd = accept(listening, NULL, NULL)) < 0) {
        if (waitpid(pid, &status, WNOHANG) == pid) {
            close(listening);
            return false;
        }
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    *told = person_of_peer(arena, fd, "control", person, failure);
    close(fd);
    close(listening);
    if (!caller->leaves)
        assert_int_equal(waitpid(pid, &status, 0), pid);
    return true;
}

static void expect_refused(struct caller caller, const char *why)
{
    struct arena *arena = arena_new();
    struct person person;
    struct failure failure = {0};
    bool told = true, made = look_at(arena, &caller, &told, &person, &failure);
    if (made && (told || strstr(failure.text, why) == NULL))
        fail_msg("%s", told ? person.user : failure.text);
    arena_free(arena);
    if (!made)
        skip();
}

static void expect_person(struct caller caller, int64_t id, const char *known_by, const char *user)
{
    struct arena *arena = arena_new();
    struct person person = {0};
    struct failure failure = {0};
    bool told = false;
    if (!look_at(arena, &caller, &told, &person, &failure)) {
        arena_free(arena);
        skip();
        return;
    }
    if (!told)
        fail_msg("%s", failure.text);
    assert_int_equal(person.uid, caller.uid >= 0 ? caller.uid : (int64_t)geteuid());
    assert_int_equal(person_id(&person), id);
    assert_string_equal(person_known_by(&person), known_by);
    assert_string_equal(person.user, user);
    assert_string_equal(person.where, "control");
    arena_free(arena);
}

static void test_uid_without_login(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct person self = person_self(arena, "terminal");
    bool logged_in = self.login >= 0;
    arena_free(arena);
    if (geteuid() != 0 || logged_in)
        skip();
    expect_person((struct caller){NOBODYS_UID, -1, false}, NOBODYS_UID, "uid", "61357");
    expect_person((struct caller){-1, -1, false}, 0, "uid", "root");
}

/* As after `sudo`: the uid is root's, and who sits there is who logged in. */
static void test_login_counts(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    expect_person((struct caller){-1, NOBODYS_UID, false}, NOBODYS_UID, "login", "61357");
    expect_person((struct caller){NOBODYS_UID, NOBODYS_UID, false}, NOBODYS_UID, "login", "61357");
}

/* Who never logged in may write any login id for themselves. */
static void test_login_that_is_a_claim(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    expect_refused((struct caller){NOBODYS_UID, 0, false}, "a process of 61357 in a login of root");
}

/* Its pid may be another's by now. */
static void test_gone(void **state)
{
    (void)state;
    expect_refused((struct caller){-1, -1, true}, "can't tell who asks");
}

static void test_self(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct person person = person_self(arena, "terminal");
    assert_int_equal(person.uid, (int64_t)getuid());
    assert_string_equal(person.where, "terminal");
    person.login = 7;
    assert_int_equal(person_id(&person), 7);
    arena_free(arena);
}

/* Names and numbers of the machine that it runs on: root's, and that of nobody. */
static void test_entries(void **state)
{
    (void)state;
    const struct person root = {.uid = 0, .login = -1}, other = {.uid = NOBODYS_UID, .login = -1};
    const struct person sudo = {.uid = 0, .login = NOBODYS_UID};
    assert_true(person_meets(&root, "root"));
    assert_true(person_meets(&root, "0"));
    assert_true(person_meets(&root, "%root")); /* it is root's own group */
    assert_false(person_meets(&other, "root"));
    assert_true(person_meets(&other, "61357"));
    assert_false(person_meets(&other, "61357x"));
    assert_false(person_meets(&other, "%61357"));
    assert_false(person_meets(&other, "%root"));
    assert_true(person_meets(&sudo, "61357"));
    assert_false(person_meets(&sudo, "root"));
    assert_false(person_meets(&root, "no-such-user"));
    assert_false(person_meets(&root, "%no-such-group"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uid_without_login),
        cmocka_unit_test(test_login_counts),
        cmocka_unit_test(test_login_that_is_a_claim),
        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_self),
        cmocka_unit_test(test_entries),
    };
    return cmocka_run_group_tests_name("sys_person", tests, NULL, NULL);
}
