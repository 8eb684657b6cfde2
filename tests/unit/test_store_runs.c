/* The runs of a state folder, who holds them, and the locks between them. */
#include "store_help.h"

#include "store/runs.h"

#include <sys/file.h>
#include <sys/wait.h>

static struct journal *make_run(struct world *world, const char *id, int64_t time)
{
    struct journal *journal;
    if (journal_create(world->folder, id, &journal, &world->failure) != JOURNAL_OK)
        fail_msg("%s", world->failure.text);
    struct event event = started(world->arena);
    event.time = time;
    assert_int_equal(journal_append(journal, &event, &world->failure), JOURNAL_OK);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
    return journal;
}

static void end_run(struct world *world, struct journal *journal, const char *result)
{
    struct event event = ended(result);
    assert_int_equal(journal_append(journal, &event, &world->failure), JOURNAL_OK);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
    journal_close(journal);
}

static struct run_about look(struct world *world, const char *id)
{
    struct run_about about;
    assert_int_equal(run_look(world->arena, world->folder, id, &about, &world->failure),
                     JOURNAL_OK);
    return about;
}

static void ids_tell_runbook_and_time(void **state)
{
    struct world *world = *state;
    const char *one = run_id_new(world->arena, "level2", T0);
    const char *two = run_id_new(world->arena, "level2", T0);
    assert_memory_equal(one, "level2-20240115-143000-", 23);
    assert_int_equal(strlen(one), 28);
    assert_string_not_equal(one, two);
    for (const char *at = one + 23; *at; at++)
        assert_non_null(strchr("bcdfghjkmnpqrstvwxz23456789", *at));
}

static void no_folder_no_runs(void **state)
{
    struct world *world = *state;
    struct run_about *at;
    size_t count = 1;
    const char *id;
    assert_int_equal(runs_find(world->arena, world->folder, &at, &count, &world->failure),
                     JOURNAL_OK);
    assert_int_equal(count, 0);
    assert_int_equal(run_named(world->arena, world->folder, "x7k2q", &id, &world->failure),
                     JOURNAL_MISSING);
    spill(world->folder, "", 0); /* a file in its place */
    assert_int_equal(runs_find(world->arena, world->folder, &at, &count, &world->failure),
                     JOURNAL_FAILED);
}

static void runs_are_found_newest_first(void **state)
{
    struct world *world = *state;
    struct run_about *at;
    size_t count;
    end_run(world, make_run(world, "level1-20240101-000000-aaaaa", T0), "succeeded");
    end_run(world, make_run(world, "level2-20240103-000000-bbbbb", T0 + 2), "failed");
    journal_close(make_run(world, "level1-20240102-000000-ccccc", T0 + 1));
    assert_int_equal(mkdir(arena_format(world->arena, "%s/runs/.hidden", world->folder), 0700), 0);
    assert_int_equal(mkdir(arena_format(world->arena, "%s/runs/empty", world->folder), 0700), 0);
    assert_int_equal(runs_find(world->arena, world->folder, &at, &count, &world->failure),
                     JOURNAL_OK);
    assert_int_equal(count, 4);
    static const char *const order[] = {"level2-20240103-000000-bbbbb",
                                        "level1-20240102-000000-ccccc",
                                        "level1-20240101-000000-aaaaa", "empty"};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(at[i].id, order[i]);
    assert_string_equal(at[0].result, "failed");
    assert_true(at[0].resumable);
    assert_int_equal(at[0].ended, T0 + 9);
    assert_null(at[1].result); /* interrupted */
    assert_true(at[1].resumable);
    assert_string_equal(at[1].user, "ada");
    assert_int_equal(at[1].pid, 77);
    assert_int_equal(at[1].started, T0 + 1);
    assert_string_equal(at[2].result, "succeeded");
    assert_false(at[2].resumable);
    assert_false(at[3].began);
    assert_false(at[3].resumable);
}

static void each_end_says_whether_it_can_be_resumed(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *result;
        bool resumable;
    } ends[] = {{"succeeded", false}, {"recovered", false}, {"failed", true},    {"stopped", true},
                {"in_doubt", true},   {"undone", false},    {"abandoned", false}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        end_run(world, make_run(world, ends[i].result, T0), ends[i].result);
        assert_int_equal(look(world, ends[i].result).resumable, ends[i].resumable);
        assert_string_equal(look(world, ends[i].result).result, ends[i].result);
    }
}

static void a_run_taken_up_again_has_no_end(void **state)
{
    struct world *world = *state;
    struct told told = {0};
    struct journal *journal;
    end_run(world, make_run(world, RUN, T0), "failed");
    assert_int_equal(journal_open(world->folder, RUN, T0, tell, &told, &journal, &world->failure),
                     JOURNAL_OK);
    struct event event = resumed();
    assert_int_equal(journal_append(journal, &event, &world->failure), JOURNAL_OK);
    assert_int_equal(journal_write(journal, &world->failure), JOURNAL_OK);
    struct run_about about = look(world, RUN);
    assert_true(about.held);
    assert_false(about.resumable);
    assert_null(about.result);
    assert_string_equal(about.user, "bob");
    assert_int_equal(about.pid, 78);
    assert_int_equal(about.started, T0);
    assert_int_equal(about.taken, T0 + 1);
    journal_close(journal);
    assert_false(look(world, RUN).held);
    assert_true(look(world, RUN).resumable);
}

static void a_torn_end_does_not_hide_a_run(void **state)
{
    struct world *world = *state;
    journal_close(make_run(world, RUN, T0));
    const char *path = run_path(world, "journal.jsonl");
    struct text file = slurp(world, path);
    char *torn = arena_format(world->arena, "%.*s{ \"seq\":2,\"ti", (int)file.length, file.at);
    spill(path, torn, strlen(torn));
    assert_null(look(world, RUN).damage);
    assert_true(look(world, RUN).resumable);
    torn = arena_format(world->arena, "%.*s# \"seq\":2,\"ti\n", (int)file.length, file.at);
    spill(path, torn, strlen(torn));
    assert_non_null(look(world, RUN).damage);
    assert_non_null(strstr(look(world, RUN).damage, "line 2"));
    assert_false(look(world, RUN).resumable);
    spill(path, "garbage\n", 8);
    assert_non_null(look(world, RUN).damage);
}

static void a_run_is_named_by_its_end(void **state)
{
    struct world *world = *state;
    const char *id;
    journal_close(make_run(world, "level1-20240101-000000-aaaaa", T0));
    journal_close(make_run(world, "level2-20240101-000000-aaaaa", T0));
    journal_close(make_run(world, "level2-20240101-000000-bbbbb", T0));
    assert_int_equal(run_named(world->arena, world->folder, "bbbbb", &id, &world->failure),
                     JOURNAL_OK);
    assert_string_equal(id, "level2-20240101-000000-bbbbb");
    assert_int_equal(run_named(world->arena, world->folder, "level1-20240101-000000-aaaaa", &id,
                               &world->failure),
                     JOURNAL_OK);
    assert_string_equal(id, "level1-20240101-000000-aaaaa");
    assert_int_equal(run_named(world->arena, world->folder, "aaaaa", &id, &world->failure),
                     JOURNAL_MISSING);
    assert_non_null(strstr(world->failure.text, "level1-"));
    assert_non_null(strstr(world->failure.text, "level2-"));
    assert_int_equal(run_named(world->arena, world->folder, "aaaa", &id, &world->failure),
                     JOURNAL_MISSING);
    assert_int_equal(run_named(world->arena, world->folder, "../x", &id, &world->failure),
                     JOURNAL_MISSING);
}

/* ---- many at once ---- */

static int try_to_open(struct world *world, int ready, int hold)
{
    struct told told = {0};
    struct journal *journal;
    struct failure failure;
    enum journal_result result =
        journal_open(world->folder, RUN, T0, tell, &told, &journal, &failure);
    char byte = result == JOURNAL_OK ? 'o' : result == JOURNAL_LOCKED ? 'l' : '?';
    if (write(ready, &byte, 1) != 1 || read(hold, &byte, 1) != 0) /* until the parent lets go */
        return 1;
    return 0;
}

/* One of them has it, however many look on. */
static void one_of_many_opens_it(void **state)
{
    struct world *world = *state;
    enum { OPENERS = 6, ROUNDS = 20 };
    journal_close(make_run(world, RUN, T0));
    for (int round = 0; round < ROUNDS; round++) {
        int ready[2];
        int hold[2];
        pid_t children[OPENERS];
        assert_int_equal(pipe(ready), 0);
        assert_int_equal(pipe(hold), 0);
        for (int i = 0; i < OPENERS; i++) {
            children[i] = fork();
            if (children[i] == 0) {
                close(hold[1]);
                _exit(try_to_open(world, ready[1], hold[0]));
            }
        }
        for (int i = 0; i < 50; i++)
            (void)look(world, RUN); /* `list`, meanwhile */
        char answers[OPENERS];
        for (int i = 0; i < OPENERS; i++)
            assert_int_equal(read(ready[0], &answers[i], 1), 1);
        int opened = 0;
        for (int i = 0; i < OPENERS; i++) {
            opened += answers[i] == 'o';
            assert_true(answers[i] == 'o' || answers[i] == 'l');
        }
        assert_int_equal(opened, 1);
        assert_true(look(world, RUN).held);
        close(hold[0]);
        close(hold[1]);
        for (int i = 0; i < OPENERS; i++) {
            int status;
            waitpid(children[i], &status, 0);
            assert_int_equal(status, 0);
        }
        close(ready[0]);
        close(ready[1]);
        assert_false(look(world, RUN).held);
    }
}

/* ---- locks ---- */

static enum journal_result take(struct world *world, const char *name, const char *run,
                                struct run_lock **lock, struct run_lock_holder *holder)
{
    return run_lock_take(world->arena, world->folder, name, run, T0, lock, holder, &world->failure);
}

static void a_lock_is_held_by_one_run(void **state)
{
    struct world *world = *state;
    struct run_lock *lock;
    struct run_lock *second;
    struct run_lock_holder holder;
    journal_close(make_run(world, "one", T0));
    journal_close(make_run(world, "two", T0));
    assert_int_equal(take(world, "conea", "one", &lock, &holder), JOURNAL_OK);
    assert_int_equal(take(world, "conea", "two", &second, &holder), JOURNAL_LOCKED);
    assert_null(second);
    assert_string_equal(holder.run, "one");
    assert_int_equal(holder.pid, getpid());
    assert_int_equal(holder.since, T0);
    assert_false(holder.shim);
    assert_non_null(strstr(world->failure.text, "one"));
    assert_int_equal(take(world, "other", "two", &second, &holder), JOURNAL_OK);
    run_lock_release(second);
    run_lock_release(lock);
    assert_int_equal(take(world, "conea", "two", &second, &holder), JOURNAL_OK);
    run_lock_release(second);
    run_lock_release(NULL);
}

/* Its interpreter died; what it began is still at work. */
static void a_shim_at_work_keeps_the_lock(void **state)
{
    struct world *world = *state;
    struct run_lock *lock;
    struct run_lock_holder holder;
    journal_close(make_run(world, "one", T0));
    journal_close(make_run(world, "two", T0));
    assert_int_equal(take(world, "conea", "one", &lock, &holder), JOURNAL_OK);
    run_lock_release(lock);
    char *path = arena_format(world->arena, "%s/runs/one/attempts/42", world->folder);
    spill(path, "", 0);
    assert_false(run_shim_lives(world->folder, "one"));
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    assert_true(run_shim_lives(world->folder, "one"));
    assert_false(run_shim_lives(world->folder, "two"));
    assert_false(run_shim_lives(world->folder, "none"));
    assert_int_equal(take(world, "conea", "two", &lock, &holder), JOURNAL_LOCKED);
    assert_true(holder.shim);
    assert_string_equal(holder.run, "one");
    /* Its own resume may have it. */
    assert_int_equal(take(world, "conea", "one", &lock, &holder), JOURNAL_OK);
    run_lock_release(lock);
    close(fd);
    assert_int_equal(take(world, "conea", "two", &lock, &holder), JOURNAL_OK);
    run_lock_release(lock);
}

/* A name is a text of a runbook: it names no file. */
static void any_text_names_a_lock(void **state)
{
    struct world *world = *state;
    static const char *const names[] = {"../../etc/passwd",
                                        "a/b",
                                        "",
                                        ".",
                                        "..",
                                        "con ea\n",
                                        "\xc3\xb6",
                                        "very long, and so on and so on and so on and "
                                        "so on and so on and so on and so on and so on and so on "
                                        "and so on and so on and so on and so on and so on and so "
                                        "on and so on and so on and so on and so on and so on"};
    journal_close(make_run(world, "one", T0));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct run_lock *lock;
        struct run_lock_holder holder;
        assert_int_equal(take(world, names[i], "one", &lock, &holder), JOURNAL_OK);
        run_lock_release(lock);
    }
    DIR *folder = opendir(arena_format(world->arena, "%s/locks", world->folder));
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.') {
            assert_int_equal(strlen(entry->d_name), 64);
            assert_int_equal(strspn(entry->d_name, "0123456789abcdef"), 64);
            count++;
        }
    closedir(folder);
    assert_int_equal(count, sizeof names / sizeof names[0]);
    struct run_lock *lock;
    struct run_lock_holder holder;
    assert_int_equal(take(world, "\xff", "one", &lock, &holder), JOURNAL_FAILED);
    assert_null(lock);
}

/* What is written in it may be torn by a crash: then it names nobody, and can be taken. */
static void a_torn_lock_can_be_taken(void **state)
{
    struct world *world = *state;
    struct run_lock *lock;
    struct run_lock_holder holder;
    journal_close(make_run(world, "one", T0));
    assert_int_equal(take(world, "conea", "one", &lock, &holder), JOURNAL_OK);
    char name[256];
    DIR *folder = opendir(arena_format(world->arena, "%s/locks", world->folder));
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.')
            snprintf(name, sizeof name, "%s", entry->d_name);
    closedir(folder);
    char *path = arena_format(world->arena, "%s/locks/%s", world->folder, name);
    struct stat stat_of;
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 07777, 0600);
    spill(path, "{\"lock\":\"con", 12);
    struct run_lock *second;
    assert_int_equal(take(world, "conea", "two", &second, &holder), JOURNAL_LOCKED);
    assert_null(holder.run);
    run_lock_release(lock);
    assert_int_equal(take(world, "conea", "two", &second, &holder), JOURNAL_OK);
    run_lock_release(second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ids_tell_runbook_and_time),       TEST(no_folder_no_runs),
        TEST(runs_are_found_newest_first),     TEST(each_end_says_whether_it_can_be_resumed),
        TEST(a_run_taken_up_again_has_no_end), TEST(a_torn_end_does_not_hide_a_run),
        TEST(a_run_is_named_by_its_end),       TEST(one_of_many_opens_it),
        TEST(a_lock_is_held_by_one_run),       TEST(a_shim_at_work_keeps_the_lock),
        TEST(any_text_names_a_lock),           TEST(a_torn_lock_can_be_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
