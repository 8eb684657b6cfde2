/* The actions on files: what they put out, what they leave, and what they leave alone when they
 * fail. */
#include "actions_world.h"

#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* ---- reading ---- */

static void stat_tells_a_file(void **state)
{
    struct world *world = *state;
    put_file(world, "a", "12345");
    chmod(place(world, "a"), 0640);
    const struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    assert_int_equal(utimensat(AT_FDCWD, place(world, "a"), old, 0), 0);
    const struct value *out = done(world, &action_file_stat, ARGS({"path", text(world, "a")}));
    assert_true(output_truth(world, out, "exists"));
    assert_int_equal(output_number(world, out, "size"), 5);
    assert_int_equal(output_number(world, out, "modified"), 1000000000 * UNITS_SECOND);
    assert_true(output_number(world, out, "age") > 3600 * UNITS_SECOND);
    assert_string_equal(output_text(world, out, "mode"), "0640");
    assert_string_equal(output_text(world, out, "owner"), getpwuid(geteuid())->pw_name);
}

static void stat_of_what_is_not_there_is_an_answer(void **state)
{
    struct world *world = *state;
    put_file(world, "a", "");
    const struct value *out = done(world, &action_file_stat, ARGS({"path", text(world, "b")}));
    assert_false(output_truth(world, out, "exists"));
    out = done(world, &action_file_stat, ARGS({"path", text(world, "a/b")}));
    assert_false(output_truth(world, out, "exists"));
    assert_int_equal(value_member(world->arena, out, "size")->kind, VALUE_UNSET);
}

static void stat_that_is_not_allowed_is_none(void **state)
{
    struct world *world = *state;
    assert_int_equal(symlink("loop", place(world, "loop")), 0);
    ill(world, act(world, &action_file_stat, ARGS({"path", text(world, "loop")})), OUTCOME_FAILED,
        "Too many levels");
}

static void read_gives_every_byte(void **state)
{
    struct world *world = *state;
    put_bytes(world, "a", "x\0y\n", 4);
    const struct value *out = done(world, &action_file_read, ARGS({"path", text(world, "a")}));
    const struct value *read = value_member(world->arena, out, "text");
    assert_int_equal(read->text.length, 4);
    assert_memory_equal(read->text.at, "x\0y\n", 4);
}

static void read_fails_with_the_path_and_the_reason(void **state)
{
    struct world *world = *state;
    const char *path = place(world, "missing");
    const struct outcome *outcome =
        act(world, &action_file_read, ARGS({"path", text(world, "missing")}));
    ill(world, outcome, OUTCOME_FAILED, path);
    ill(world, outcome, OUTCOME_FAILED, "No such file");
    ill(world, act(world, &action_file_read, ARGS({"path", text(world, ".")})), OUTCOME_FAILED,
        "Is a directory");
}

static void read_never_waits_for_a_pipe(void **state)
{
    struct world *world = *state;
    assert_int_equal(mkfifo(place(world, "pipe"), 0600), 0);
    ill(world, act(world, &action_file_read, ARGS({"path", text(world, "pipe")})), OUTCOME_FAILED,
        "pipe");
    ill(world, act(world, &action_file_digest, ARGS({"path", text(world, "pipe")})), OUTCOME_FAILED,
        "no regular file");
}

static void read_is_refused_over_the_limit_of_a_value(void **state)
{
    struct world *world = *state;
    put_file(world, "big", "");
    assert_int_equal(truncate(place(world, "big"), (16 << 20) + 1), 0);
    ill(world, act(world, &action_file_read, ARGS({"path", text(world, "big")})), OUTCOME_FAILED,
        "too large");
}

/* Who may not read it is told so, root or not. */
static void read_of_an_unreadable_file_fails(void **state)
{
    struct world *world = *state;
    put_file(world, "a", "secret");
    chmod(place(world, "a"), 0);
    bool root = geteuid() == 0;
    if (root)
        assert_int_equal(seteuid(65534), 0);
    const struct outcome *outcome = act(world, &action_file_read, ARGS({"path", text(world, "a")}));
    if (root)
        assert_int_equal(seteuid(0), 0);
    ill(world, outcome, OUTCOME_FAILED, "denied");
}

static void find_lists_by_name_in_one_folder(void **state)
{
    struct world *world = *state;
    mkdir(place(world, "d"), 0755);
    mkdir(place(world, "d/x.conf"), 0755);
    put_file(world, "d/b.conf", "22");
    put_file(world, "d/a.conf", "1");
    put_file(world, "d/.c.conf", "");
    put_file(world, "d/d.txt", "");
    put_file(world, "d/x.conf/e.conf", "");
    const struct value *out = done(
        world, &action_file_find, ARGS({"dir", text(world, "d")}, {"name", text(world, "*.conf")}));
    const struct value *files = value_member(world->arena, out, "files");
    assert_int_equal(files->list.count, 2);
    assert_string_equal(output_text(world, files->list.at[0], "path"), "d/a.conf");
    assert_string_equal(output_text(world, files->list.at[1], "name"), "b.conf");
    assert_int_equal(output_number(world, files->list.at[1], "size"), 2);
    out = done(world, &action_file_find, ARGS({"dir", text(world, "d")}));
    assert_int_equal(value_member(world->arena, out, "files")->list.count, 3);
}

static void find_in_no_folder_fails(void **state)
{
    struct world *world = *state;
    ill(world, act(world, &action_file_find, ARGS({"dir", text(world, "d")})), OUTCOME_FAILED,
        "No such file");
    refused(world, &action_file_find,
            ARGS({"dir", text(world, "d")}, {"name", text(world, "../*")}), "one folder alone");
}

static void free_tells_room(void **state)
{
    struct world *world = *state;
    const struct value *out = done(world, &action_file_free, ARGS({"path", text(world, ".")}));
    assert_true(output_number(world, out, "free") > 0);
    int64_t used = output_number(world, out, "used_percent");
    assert_true(used >= 0 && used <= 100);
    ill(world, act(world, &action_file_free, ARGS({"path", text(world, "x")})), OUTCOME_FAILED,
        "x");
}

static void digest_is_sha256(void **state)
{
    struct world *world = *state;
    put_file(world, "a", "abc");
    const struct value *out = done(world, &action_file_digest, ARGS({"path", text(world, "a")}));
    assert_string_equal(output_text(world, out, "sha256"),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* ---- writing ---- */

static void write_makes_a_file(void **state)
{
    struct world *world = *state;
    const struct value *out =
        done(world, &action_file_write,
             ARGS({"path", text(world, "a")}, {"text", text(world, "new\n")}));
    assert_string_equal(output_text(world, out, "path"), "a");
    assert_string_equal(get_file(world, "a"), "new\n");
    assert_int_equal(mode_of(world, "a"), 0644);
    assert_int_equal(entries_in(world, "."), 1);
}

static void write_keeps_mode_and_owner(void **state)
{
    struct world *world = *state;
    put_file(world, "a", "old");
    chmod(place(world, "a"), 0600);
    if (geteuid() == 0)
        assert_int_equal(chown(place(world, "a"), 1234, 4321), 0);
    done(world, &action_file_write, ARGS({"path", text(world, "a")}, {"text", text(world, "new")}));
    assert_int_equal(mode_of(world, "a"), 0600);
    struct stat about;
    assert_int_equal(stat(place(world, "a"), &about), 0);
    if (geteuid() == 0)
        assert_true(about.st_uid == 1234 && about.st_gid == 4321);
    done(world, &action_file_write,
         ARGS({"path", text(world, "a")}, {"text", text(world, "x")},
              {"mode", text(world, "0640")}));
    assert_int_equal(mode_of(world, "a"), 0640);
}

static void write_keeps_the_old_file(void **state)
{
    struct world *world = *state;
    put_file(world, "a", "old");
    chmod(place(world, "a"), 0751);
    const struct member *args = ARGS({"path", text(world, "a")}, {"text", text(world, "new")},
                                     {"keep", text(world, "kept/today/a")});
    done(world, &action_file_write, args);
    assert_string_equal(get_file(world, "a"), "new");
    assert_string_equal(get_file(world, "kept/today/a"), "old");
    assert_int_equal(mode_of(world, "kept/today/a"), 0751);
    /* Run again, as after a crash: what was kept first is not lost to what is there now. */
    done(world, &action_file_write, args);
    assert_string_equal(get_file(world, "kept/today/a"), "old");
}

static void write_with_keep_and_no_old_file(void **state)
{
    struct world *world = *state;
    done(
        world, &action_file_write,
        ARGS({"path", text(world, "a")}, {"text", text(world, "new")}, {"keep", text(world, "k")}));
    assert_string_equal(get_file(world, "a"), "new");
    assert_false(is_there(world, "k"));
}

/* Somebody put a link where the file shall be: what it leads to stays as it is. */
static void write_goes_through_no_link(void **state)
{
    struct world *world = *state;
    put_file(world, "victim", "precious");
    assert_int_equal(symlink("victim", place(world, "a")), 0);
    ill(world,
        act(world, &action_file_write,
            ARGS({"path", text(world, "a")}, {"text", text(world, "evil")})),
        OUTCOME_FAILED, "symbolic link");
    ill(world,
        act(world, &action_file_copy,
            ARGS({"from", text(world, "victim")}, {"to", text(world, "a")})),
        OUTCOME_FAILED, "symbolic link");
    put_file(world, "b", "b");
    ill(world,
        act(world, &action_file_write,
            ARGS({"path", text(world, "b")}, {"text", text(world, "c")},
                 {"keep", text(world, "a")})),
        OUTCOME_FAILED, "symbolic link");
    assert_string_equal(get_file(world, "victim"), "precious");
    assert_string_equal(get_file(world, "b"), "b");
    assert_int_equal(entries_in(world, "."), 3);
}

static const char *long_text(struct world *world, size_t length)
{
    char *at = arena_alloc(world->arena, length + 1);
    memset(at, 'x', length);
    return at;
}

/* At every limit the old file is whole, and nothing else is left. */
static void write_on_a_full_disk_changes_nothing(void **state)
{
    struct world *world = *state;
    const char *big = long_text(world, 20000);
    struct rlimit before, small = {0};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    put_file(world, "a", "old");
    for (rlim_t room = 0; room < 20000; room += 3333) {
        small = (struct rlimit){room, before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        const struct outcome *outcome =
            act(world, &action_file_write,
                ARGS({"path", text(world, "a")}, {"text", text(world, big)}));
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        ill(world, outcome, OUTCOME_FAILED, "too large");
        assert_string_equal(get_file(world, "a"), "old");
        assert_int_equal(entries_in(world, "."), 1);
    }
}

static void write_where_it_can_not_be(void **state)
{
    struct world *world = *state;
    const struct value *x = text(world, "x");
    ill(world, act(world, &action_file_write, ARGS({"path", text(world, "no/a")}, {"text", x})),
        OUTCOME_FAILED, "No such file");
    mkdir(place(world, "d"), 0755);
    ill(world, act(world, &action_file_write, ARGS({"path", text(world, "d")}, {"text", x})),
        OUTCOME_FAILED, "d");
    refused(world, &action_file_write, ARGS({"path", text(world, "")}, {"text", x}), "is empty");
    refused(world, &action_file_write,
            ARGS({"path", x}, {"text", x}, {"mode", text(world, "rw-r--r--")}), "octal");
}

static void write_is_settled_by_its_digest(void **state)
{
    struct world *world = *state;
    const struct member *args = ARGS({"path", text(world, "a")}, {"text", text(world, "new")});
    ill(world, settle(world, &action_file_write, args), OUTCOME_NOT_STARTED, "is not there");
    put_file(world, "a", "old");
    ill(world, settle(world, &action_file_write, args), OUTCOME_NOT_STARTED, "content");
    put_file(world, "a", "new");
    const struct outcome *outcome = settle(world, &action_file_write, args);
    assert_int_equal(outcome->kind, OUTCOME_ENDED);
    assert_string_equal(output_text(world, outcome->outputs, "path"), "a");
    unlink(place(world, "a"));
    mkdir(place(world, "a"), 0755);
    ill(world, settle(world, &action_file_write, args), OUTCOME_LOST, "nobody can tell");
}

static void copy_copies(void **state)
{
    struct world *world = *state;
    put_file(world, "a", "content");
    chmod(place(world, "a"), 04750);
    const struct member *args = ARGS({"from", text(world, "a")}, {"to", text(world, "b")});
    ill(world, settle(world, &action_file_copy, args), OUTCOME_NOT_STARTED, "is not there");
    done(world, &action_file_copy, args);
    assert_string_equal(get_file(world, "b"), "content");
    assert_int_equal(mode_of(world, "b"), 0750); /* set-user-id is not copied along */
    assert_int_equal(settle(world, &action_file_copy, args)->kind, OUTCOME_ENDED);
    put_file(world, "b", "longer than that");
    chmod(place(world, "b"), 0600);
    ill(world, settle(world, &action_file_copy, args), OUTCOME_NOT_STARTED, "content");
    done(world, &action_file_copy,
         ARGS({"from", text(world, "a")}, {"to", text(world, "b")}, {"keep", text(world, "k")}));
    assert_string_equal(get_file(world, "b"), "content");
    assert_string_equal(get_file(world, "k"), "longer than that");
    assert_int_equal(mode_of(world, "b"), 0600);
    unlink(place(world, "a"));
    ill(world, settle(world, &action_file_copy, args), OUTCOME_LOST, "can't be read");
    ill(world, act(world, &action_file_copy, args), OUTCOME_FAILED, "No such file");
    assert_string_equal(get_file(world, "b"), "content");
}

static void move_moves(void **state)
{
    struct world *world = *state;
    put_file(world, "a", "1");
    put_file(world, "b", "2");
    const struct member *args = ARGS({"from", text(world, "a")}, {"to", text(world, "b")});
    ill(world, act(world, &action_file_move, args), OUTCOME_FAILED, "replace: true");
    assert_string_equal(get_file(world, "b"), "2");
    ill(world, settle(world, &action_file_move, args), OUTCOME_NOT_STARTED, "still there");
    const struct value *out = done(world, &action_file_move,
                                   ARGS({"from", text(world, "a")}, {"to", text(world, "b")},
                                        {"replace", &value_true}, {"keep", text(world, "k")}));
    assert_string_equal(output_text(world, out, "path"), "b");
    assert_string_equal(get_file(world, "b"), "1");
    assert_string_equal(get_file(world, "k"), "2");
    assert_false(is_there(world, "a"));
    assert_int_equal(settle(world, &action_file_move, args)->kind, OUTCOME_ENDED);
    unlink(place(world, "b"));
    ill(world, settle(world, &action_file_move, args), OUTCOME_LOST, "neither");
    ill(world, act(world, &action_file_move, args), OUTCOME_FAILED, "No such file");
}

static void move_of_folders_and_links(void **state)
{
    struct world *world = *state;
    mkdir(place(world, "d"), 0755);
    put_file(world, "d/x", "1");
    done(world, &action_file_move, ARGS({"from", text(world, "d")}, {"to", text(world, "e")}));
    assert_string_equal(get_file(world, "e/x"), "1");
    mkdir(place(world, "d"), 0755);
    ill(world,
        act(world, &action_file_move,
            ARGS({"from", text(world, "d")}, {"to", text(world, "e")}, {"replace", &value_true})),
        OUTCOME_FAILED, "folder first");
    /* The classic switch of a link, at once. */
    assert_int_equal(symlink("old", place(world, "current")), 0);
    assert_int_equal(symlink("new", place(world, "next")), 0);
    done(world, &action_file_move,
         ARGS({"from", text(world, "next")}, {"to", text(world, "current")},
              {"replace", &value_true}));
    char target[16] = {0};
    assert_int_equal(readlink(place(world, "current"), target, sizeof target), 3);
    assert_string_equal(target, "new");
}

static void move_into_another_file_system(void **state)
{
    struct world *world = *state;
    char there[] = "/dev/shm/runbook-actions-XXXXXX";
    struct stat here, shm;
    assert_non_null(mkdtemp(there));
    assert_int_equal(stat(world->folder, &here), 0);
    assert_int_equal(stat(there, &shm), 0);
    assert_true(here.st_dev != shm.st_dev);
    const char *to = arena_format(world->arena, "%s/b", there);
    put_file(world, "a", "1");
    chmod(place(world, "a"), 0640);
    const struct member *args = ARGS({"from", text(world, "a")}, {"to", text(world, to)});
    ill(world, settle(world, &action_file_move, args), OUTCOME_NOT_STARTED, "still there");
    done(world, &action_file_move, args);
    assert_false(is_there(world, "a"));
    assert_int_equal(stat(to, &shm), 0);
    assert_int_equal(shm.st_mode & 07777, 0640);
    put_file(world, "a", "2");
    ill(world, settle(world, &action_file_move, args), OUTCOME_LOST, "so is what it was copied to");
    ill(world, act(world, &action_file_move, args), OUTCOME_FAILED, "exists");
    assert_string_equal(get_file(world, "a"), "2");
    mkdir(place(world, "d"), 0755);
    ill(world,
        act(world, &action_file_move,
            ARGS({"from", text(world, "d")},
                 {"to", text(world, arena_format(world->arena, "%s/d", there))})),
        OUTCOME_FAILED, "another file system");
    unlink(to);
    rmdir(there);
}

/* ---- editing ---- */

static void edit_replaces_lines(void **state)
{
    struct world *world = *state;
    put_file(world, "a", "port = 1\nhost = x\nport = 22\n");
    chmod(place(world, "a"), 0600);
    done(world, &action_file_edit,
         ARGS({"path", text(world, "a")}, {"match", text(world, "^port = \\d+$")},
              {"replace", text(world, "port = $1\\1")}, {"count", number(world, 2)},
              {"keep", text(world, "k")}));
    assert_string_equal(get_file(world, "a"), "port = $1\\1\nhost = x\nport = $1\\1\n");
    assert_string_equal(get_file(world, "k"), "port = 1\nhost = x\nport = 22\n");
    assert_int_equal(mode_of(world, "a"), 0600);
}

static void edit_of_empty_matches_and_wide_characters(void **state)
{
    struct world *world = *state;
    put_file(world, "a", "aé\nb\n");
    done(world, &action_file_edit,
         ARGS({"path", text(world, "a")}, {"match", text(world, "^")},
              {"replace", text(world, "# ")}, {"count", number(world, 2)}));
    assert_string_equal(get_file(world, "a"), "# aé\n# b\n");
    put_file(world, "a", "éé");
    done(world, &action_file_edit,
         ARGS({"path", text(world, "a")}, {"match", text(world, "x*")},
              {"replace", text(world, "-")}, {"count", number(world, 3)}));
    assert_string_equal(get_file(world, "a"), "-é-é-");
}

static void edit_with_another_count_changes_nothing(void **state)
{
    struct world *world = *state;
    put_file(world, "a", "x x");
    const struct value *path = text(world, "a"), *match = text(world, "x"), *y = text(world, "y");
    ill(world,
        act(world, &action_file_edit, ARGS({"path", path}, {"match", match}, {"replace", y})),
        OUTCOME_FAILED, "found 2 times in it, wanted 1");
    ill(world,
        act(world, &action_file_edit, ARGS({"path", path}, {"match", y}, {"replace", match})),
        OUTCOME_FAILED, "found 0 times");
    assert_string_equal(get_file(world, "a"), "x x");
    assert_int_equal(entries_in(world, "."), 1);
    refused(world, &action_file_edit,
            ARGS({"path", path}, {"match", match}, {"replace", y}, {"count", number(world, 0)}),
            "1 or more");
}

/* An edit that would match again: only the log can tell that it was done. */
static void edit_is_settled_by_what_it_announced(void **state)
{
    struct world *world = *state;
    const struct member *args = ARGS({"path", text(world, "a")}, {"match", text(world, "a")},
                                     {"replace", text(world, "aa")});
    put_file(world, "a", "a");
    ill(world, settle(world, &action_file_edit, args), OUTCOME_NOT_STARTED, "not touched");
    done(world, &action_file_edit, args);
    assert_string_equal(get_file(world, "a"), "aa");
    assert_int_equal(settle(world, &action_file_edit, args)->kind, OUTCOME_ENDED);
    put_file(world, "a", "a"); /* as if the rename had not come through */
    ill(world, settle(world, &action_file_edit, args), OUTCOME_NOT_STARTED, "as it was before");
    put_file(world, "a", "b");
    ill(world, settle(world, &action_file_edit, args), OUTCOME_LOST, "neither");
    world->stage.attempt = 43; /* another attempt knows nothing of it */
    ill(world, settle(world, &action_file_edit, args), OUTCOME_NOT_STARTED, "not touched");
}

/* ---- removing ---- */

static void make_tree(struct world *world)
{
    mkdir(place(world, "t"), 0755);
    mkdir(place(world, "t/d"), 0755);
    mkdir(place(world, "t/d/e"), 0755);
    put_file(world, "t/a", "1");
    put_file(world, "t/d/b", "2");
    put_file(world, "victim", "precious");
    assert_int_equal(symlink("../../victim", place(world, "t/d/link")), 0);
    mkdir(place(world, "other"), 0755);
    put_file(world, "other/x", "precious");
    assert_int_equal(symlink("../other", place(world, "t/folder-link")), 0);
}

static void remove_takes_a_tree_and_follows_nothing(void **state)
{
    struct world *world = *state;
    const struct member *args = ARGS({"path", text(world, "t")});
    make_tree(world);
    ill(world, settle(world, &action_file_remove, args), OUTCOME_NOT_STARTED, "still there");
    done(world, &action_file_remove, args);
    assert_false(is_there(world, "t"));
    assert_string_equal(get_file(world, "victim"), "precious");
    assert_string_equal(get_file(world, "other/x"), "precious");
    assert_int_equal(settle(world, &action_file_remove, args)->kind, OUTCOME_ENDED);
    done(world, &action_file_remove, args); /* gone is gone */
}

static void remove_of_contents_only(void **state)
{
    struct world *world = *state;
    const struct member *args = ARGS({"path", text(world, "t/")}, {"contents_only", &value_true});
    make_tree(world);
    ill(world, settle(world, &action_file_remove, args), OUTCOME_NOT_STARTED, "not empty");
    done(world, &action_file_remove, args);
    assert_int_equal(entries_in(world, "t"), 0);
    assert_string_equal(get_file(world, "victim"), "precious");
    assert_int_equal(settle(world, &action_file_remove, args)->kind, OUTCOME_ENDED);
}

static void remove_of_a_link_takes_the_link(void **state)
{
    struct world *world = *state;
    make_tree(world);
    assert_int_equal(symlink("other", place(world, "l")), 0);
    ill(world,
        act(world, &action_file_remove,
            ARGS({"path", text(world, "l")}, {"contents_only", &value_true})),
        OUTCOME_FAILED, "l");
    done(world, &action_file_remove, ARGS({"path", text(world, "l/")}));
    assert_false(is_there(world, "l"));
    assert_string_equal(get_file(world, "other/x"), "precious");
}

static void remove_of_too_much_is_refused(void **state)
{
    struct world *world = *state;
    put_file(world, "a", "1");
    refused(world, &action_file_remove, ARGS({"path", text(world, "/")}), "too much");
    refused(world, &action_file_remove, ARGS({"path", text(world, "..")}), "too much");
    refused(world, &action_file_remove, ARGS({"path", text(world, "/./..")}), "too much");
    const char *above = arena_format(world->arena, "%s/../", world->folder);
    ill(world, act(world, &action_file_remove, ARGS({"path", text(world, above)})),
        OUTCOME_NOT_STARTED, "runbook that is run");
    assert_int_equal(symlink("..", place(world, "up")), 0);
    ill(world,
        act(world, &action_file_remove,
            ARGS({"path", text(world, "up/home")}, {"contents_only", &value_true})),
        OUTCOME_NOT_STARTED, "runbook that is run");
    assert_string_equal(get_file(world, "a"), "1");
}

/* In a namespace of its own, so that the mount is nobody else's and goes with the process. */
static int remove_beside_a_mount(struct world *world)
{
    if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return 2;
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", place(world, "t/d/e"), "tmpfs", 0, NULL) != 0)
        return 2;
    put_file(world, "t/d/e/x", "precious");
    const struct outcome *outcome =
        act(world, &action_file_remove, ARGS({"path", text(world, "t")}));
    bool whole = is_there(world, "t/a") && is_there(world, "t/d/b") && is_there(world, "t/d/e/x");
    return outcome->kind == OUTCOME_FAILED && strstr(outcome->message, "mounted at") && whole ? 0
                                                                                              : 1;
}

static void remove_stops_before_it_begins_where_something_is_mounted(void **state)
{
    struct world *world = *state;
    make_tree(world);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        world->stage.loop = world->loop = loop_new(NULL, NULL); /* a loop does not outlive a fork */
        _exit(remove_beside_a_mount(world));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 2)
        fail_msg("no mount can be made here, not even in a namespace of one's own");
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void remove_that_is_not_allowed_says_how_far_it_came(void **state)
{
    struct world *world = *state;
    mkdir(place(world, "t"), 0777);
    chmod(place(world, "t"), 0777);
    mkdir(place(world, "t/b"), 0755);
    put_file(world, "t/b/x", "1");
    put_file(world, "t/a", "1");
    chmod(place(world, "t/b"), 0555);
    bool root = geteuid() == 0;
    if (root) {
        assert_int_equal(chown(place(world, "t"), 65534, 65534), 0);
        assert_int_equal(chmod(world->folder, 0755), 0);
        *strrchr(world->folder, '/') = '\0';
        assert_int_equal(chmod(world->folder, 0755), 0);
        strcat(world->folder, "/home");
        assert_int_equal(seteuid(65534), 0);
    }
    const struct outcome *outcome =
        act(world, &action_file_remove,
            ARGS({"path", text(world, "t")}, {"contents_only", &value_true}));
    if (root)
        assert_int_equal(seteuid(0), 0);
    ill(world, outcome, OUTCOME_FAILED, "can't remove");
    assert_string_equal(get_file(world, "t/b/x"), "1");
    chmod(place(world, "t/b"), 0755);
}

/* ---- stopping ---- */

static void what_is_cancelled_changes_nothing(void **state)
{
    struct world *world = *state;
    put_file(world, "b", "old");
    put_file(world, "big", "");
    assert_int_equal(truncate(place(world, "big"), INT64_C(1) << 40), 0); /* hours of zeros */
    const struct deed *deed = deed_of(world, &action_file_copy,
                                      ARGS({"from", text(world, "big")}, {"to", text(world, "b")}));
    for (int64_t after = 0; after < UNITS_SECOND / 20; after += UNITS_SECOND / 50) {
        ill(world, begin_with(world, deed, action_file_copy.start, after), OUTCOME_CANCELLED,
            "before it changed anything");
        assert_string_equal(get_file(world, "b"), "old");
        assert_int_equal(entries_in(world, "."), 2);
    }
}

static void what_takes_too_long_is_stopped(void **state)
{
    struct world *world = *state;
    put_file(world, "big", "");
    assert_int_equal(truncate(place(world, "big"), INT64_C(1) << 40), 0); /* hours of zeros */
    world->stage.limit = UNITS_SECOND / 20;
    const struct outcome *outcome =
        act(world, &action_file_copy, ARGS({"from", text(world, "big")}, {"to", text(world, "b")}));
    assert_int_equal(outcome->kind, OUTCOME_TIMED_OUT);
    assert_true(outcome->duration < 2 * UNITS_SECOND);
    assert_int_equal(entries_in(world, "."), 1);
    outcome = act(world, &action_file_digest, ARGS({"path", text(world, "big")}));
    assert_int_equal(outcome->kind, OUTCOME_TIMED_OUT);
}

/* ---- plans ---- */

static void plans_show_what_is_known(void **state)
{
    struct world *world = *state;
    const struct value *unknown = value_unknown(world->arena, "steps.a.path");
    assert_string_equal(
        shown(world, &action_file_write,
              ARGS({"path", text(world, "a")}, {"text", text(world, "1\n\x1b[2J\n")},
                   {"mode", text(world, "0600")}, {"keep", unknown})),
        "write a with mode 0600 keeping the old one as ‹steps.a.path›\n"
        "  | 1\n  | \\x1b[2J");
    assert_string_equal(
        shown(world, &action_file_copy, ARGS({"from", unknown}, {"to", text(world, "b")})),
        "copy ‹steps.a.path› to b");
    assert_string_equal(
        shown(world, &action_file_move,
              ARGS({"from", text(world, "a")}, {"to", text(world, "b")}, {"replace", &value_true})),
        "move a to b replacing it");
    assert_string_equal(shown(world, &action_file_remove, ARGS({"path", unknown})),
                        "remove ‹steps.a.path› with all in it");
    assert_string_equal(shown(world, &action_file_edit,
                              ARGS({"path", text(world, "a")}, {"match", text(world, "^x$")},
                                   {"replace", unknown})),
                        "edit a: replace 1 match of\n  | ^x$\n  by\n  | ‹steps.a.path›");
    const char *lines = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n";
    const char *plan = shown(world, &action_file_write,
                             ARGS({"path", text(world, "a")}, {"text", text(world, lines)}));
    assert_non_null(strstr(plan, "  | 12\n  | … and 2 more lines"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(stat_tells_a_file),
        TEST(stat_of_what_is_not_there_is_an_answer),
        TEST(stat_that_is_not_allowed_is_none),
        TEST(read_gives_every_byte),
        TEST(read_fails_with_the_path_and_the_reason),
        TEST(read_never_waits_for_a_pipe),
        TEST(read_is_refused_over_the_limit_of_a_value),
        TEST(read_of_an_unreadable_file_fails),
        TEST(find_lists_by_name_in_one_folder),
        TEST(find_in_no_folder_fails),
        TEST(free_tells_room),
        TEST(digest_is_sha256),
        TEST(write_makes_a_file),
        TEST(write_keeps_mode_and_owner),
        TEST(write_keeps_the_old_file),
        TEST(write_with_keep_and_no_old_file),
        TEST(write_goes_through_no_link),
        TEST(write_on_a_full_disk_changes_nothing),
        TEST(write_where_it_can_not_be),
        TEST(write_is_settled_by_its_digest),
        TEST(copy_copies),
        TEST(move_moves),
        TEST(move_of_folders_and_links),
        TEST(move_into_another_file_system),
        TEST(edit_replaces_lines),
        TEST(edit_of_empty_matches_and_wide_characters),
        TEST(edit_with_another_count_changes_nothing),
        TEST(edit_is_settled_by_what_it_announced),
        TEST(remove_takes_a_tree_and_follows_nothing),
        TEST(remove_of_contents_only),
        TEST(remove_of_a_link_takes_the_link),
        TEST(remove_of_too_much_is_refused),
        TEST(remove_stops_before_it_begins_where_something_is_mounted),
        TEST(remove_that_is_not_allowed_says_how_far_it_came),
        TEST(what_is_cancelled_changes_nothing),
        TEST(what_takes_too_long_is_stopped),
        TEST(plans_show_what_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
