/* The actions on archives: what goes in comes out, and what is cut, damaged or evil changes
 * nothing. */
#include "actions_world.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>

static const char *const kinds[] = {"a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz", "a.zip"};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const struct value *list(struct world *world, const char *path)
{
    const struct value *out = done(world, &action_archive_list, ARGS({"path", text(world, path)}));
    return value_member(world->arena, out, "entries");
}

static const struct outcome *create(struct world *world, const char *path, const char *from)
{
    return act(world, &action_archive_create,
               ARGS({"path", text(world, path)}, {"from", text(world, from)}));
}

static const struct outcome *extract(struct world *world, const char *path, const char *to)
{
    return act(world, &action_archive_extract,
               ARGS({"path", text(world, path)}, {"to", text(world, to)}));
}

static void make_tree(struct world *world)
{
    mkdir(place(world, "t"), 0755);
    chmod(place(world, "t"), 0710);
    mkdir(place(world, "t/d"), 0755);
    chmod(place(world, "t/d"), 0700);
    put_file(world, "t/a", "alpha\n");
    chmod(place(world, "t/a"), 0640);
    put_file(world, "t/d/\xc3\xa9t\xc3\xa9", "wide"); /* a name that is not ASCII */
    put_file(world, "t/empty", "");
    assert_int_equal(symlink("/nowhere/at all", place(world, "t/link")), 0);
    char noise[70000];
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)((seed = seed * 1664525 + 1013904223) >> 24);
    put_bytes(world, "t/noise", noise, sizeof noise);
    const struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    assert_int_equal(utimensat(AT_FDCWD, place(world, "t/a"), old, 0), 0);
}

static void same_file(struct world *world, const char *a, const char *b)
{
    const struct value *one = done(world, &action_file_digest, ARGS({"path", text(world, a)}));
    char kept[65];
    snprintf(kept, sizeof kept, "%s", output_text(world, one, "sha256"));
    const struct value *two = done(world, &action_file_digest, ARGS({"path", text(world, b)}));
    assert_string_equal(kept, output_text(world, two, "sha256"));
}

static void same_tree(struct world *world, const char *kind)
{
    char target[32] = {0};
    struct stat about;
    assert_string_equal(get_file(world, "out/a"), "alpha\n");
    assert_string_equal(get_file(world, "out/d/\xc3\xa9t\xc3\xa9"), "wide");
    assert_string_equal(get_file(world, "out/empty"), "");
    same_file(world, "t/noise", "out/noise");
    assert_true(readlink(place(world, "out/link"), target, sizeof target - 1) > 0);
    assert_string_equal(target, "/nowhere/at all");
    assert_int_equal(mode_of(world, "out/a"), 0640);
    assert_int_equal(mode_of(world, "out/d"), 0700);
    assert_int_equal(mode_of(world, "out"), 0710);
    assert_int_equal(stat(place(world, "out/a"), &about), 0);
    assert_int_equal(about.st_mtim.tv_sec, 1000000000);
    assert_int_equal(entries_in(world, "out"), 5);
    (void)kind;
}

static void what_goes_in_comes_out(void **state)
{
    struct world *world = *state;
    make_tree(world);
    for (size_t i = 0; i < KINDS; i++) {
        const struct outcome *outcome = create(world, kinds[i], "t");
        if (outcome->kind != OUTCOME_ENDED)
            fail_msg("%s: %s", kinds[i], outcome->message);
        const struct value *entries = list(world, kinds[i]);
        assert_int_equal(entries->list.count, 7);
        assert_string_equal(entries->list.at[0]->text.at, "./");
        assert_string_equal(entries->list.at[1]->text.at, "a");
        outcome = extract(world, kinds[i], "out");
        if (outcome->kind != OUTCOME_ENDED)
            fail_msg("%s: %s", kinds[i], outcome->message);
        assert_string_equal(output_text(world, outcome->outputs, "path"), "out");
        same_tree(world, kinds[i]);
        done(world, &action_file_remove, ARGS({"path", text(world, "out")}));
        unlink(place(world, kinds[i]));
        assert_int_equal(entries_in(world, "."), 1);
    }
}

static void the_same_files_make_the_same_archive(void **state)
{
    struct world *world = *state;
    make_tree(world);
    create(world, "a.tar", "t");
    create(world, "b.tar", "t");
    same_file(world, "a.tar", "b.tar");
}

static void an_archive_of_one_file(void **state)
{
    struct world *world = *state;
    put_file(world, "x", "1");
    assert_int_equal(create(world, "x.tgz", "x")->kind, OUTCOME_ENDED);
    const struct value *entries = list(world, "x.tgz");
    assert_int_equal(entries->list.count, 1);
    assert_string_equal(entries->list.at[0]->text.at, "x");
}

static void an_archive_never_holds_itself(void **state)
{
    struct world *world = *state;
    make_tree(world);
    put_file(world, "t/self.tar", "the one before");
    assert_int_equal(create(world, "t/self.tar", "t")->kind, OUTCOME_ENDED);
    assert_int_equal(list(world, "t/self.tar")->list.count, 7);
}

static void links_and_holes_stay_what_they_are(void **state)
{
    struct world *world = *state;
    struct stat one, two;
    mkdir(place(world, "t"), 0755);
    put_file(world, "t/a", "shared");
    assert_int_equal(link(place(world, "t/a"), place(world, "t/b")), 0);
    int fd = open(place(world, "t/hole"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_true(fd >= 0 && pwrite(fd, "end", 3, 5 << 20) == 3 && pwrite(fd, "begin", 5, 0) == 5);
    close(fd);
    assert_int_equal(create(world, "a.tar.gz", "t")->kind, OUTCOME_ENDED);
    list(world, "a.tar.gz");
    assert_int_equal(extract(world, "a.tar.gz", "out")->kind, OUTCOME_ENDED);
    assert_int_equal(stat(place(world, "out/a"), &one), 0);
    assert_int_equal(stat(place(world, "out/b"), &two), 0);
    assert_true(one.st_ino == two.st_ino);
    same_file(world, "t/hole", "out/hole");
}

/* ---- cut, damaged ---- */

/* A file that holds the first LENGTH bytes of another. */
static void put_beginning(struct world *world, const char *name, const char *of, off_t length)
{
    done(world, &action_file_copy, ARGS({"from", text(world, of)}, {"to", text(world, name)}));
    assert_int_equal(truncate(place(world, name), length), 0);
}

static off_t size_of(struct world *world, const char *name)
{
    struct stat about;
    assert_int_equal(stat(place(world, name), &about), 0);
    return about.st_size;
}

/* At every length: never taken for whole, never extracted. */
static void a_cut_archive_is_never_whole(void **state)
{
    struct world *world = *state;
    make_tree(world);
    for (size_t i = 0; i < KINDS; i++) {
        assert_int_equal(create(world, kinds[i], "t")->kind, OUTCOME_ENDED);
        off_t size = size_of(world, kinds[i]);
        /* A plain tar is padded to a record: of that, what stays whole is whole. */
        off_t step = size / 23, last = strcmp(kinds[i], "a.tar") == 0 ? size - 10240 : size - 1;
        for (off_t length = 0; length <= last; length += step) {
            put_beginning(world, "cut", kinds[i], length);
            const struct outcome *outcome =
                act(world, &action_archive_list, ARGS({"path", text(world, "cut")}));
            if (outcome->kind != OUTCOME_FAILED)
                fail_msg("%s cut at %lld of %lld is taken for whole", kinds[i], (long long)length,
                         (long long)size);
        }
        put_beginning(world, "cut", kinds[i], last);
        ill(world, extract(world, "cut", "out"), OUTCOME_FAILED, "whole");
        assert_false(is_there(world, "out"));
        unlink(place(world, "cut"));
        unlink(place(world, kinds[i]));
        assert_int_equal(entries_in(world, "."), 1);
    }
}

/* Between two entries nothing looks wrong but the missing end mark. */
static void a_tar_cut_between_two_entries_is_not_whole(void **state)
{
    struct world *world = *state;
    mkdir(place(world, "t"), 0755);
    put_file(world, "t/a", "1");
    put_file(world, "t/b", "2");
    assert_int_equal(create(world, "a.tar", "t")->kind, OUTCOME_ENDED);
    put_beginning(world, "cut.tar", "a.tar", 512 * 3);
    ill(world, act(world, &action_archive_list, ARGS({"path", text(world, "cut.tar")})),
        OUTCOME_FAILED, "end mark");
    /* As tar leaves it in a pipe when it is killed: gzip itself ends well. */
    const char *command = arena_format(world->arena, "cd %s && gzip -k cut.tar", world->folder);
    FILE *gzip = popen(command, "r");
    assert_non_null(gzip);
    assert_int_equal(pclose(gzip), 0);
    ill(world, extract(world, "cut.tar.gz", "out"), OUTCOME_FAILED, "end mark");
}

static void flip(struct world *world, const char *name, off_t at)
{
    char byte;
    int fd = open(place(world, name), O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

/* One bit in the data: found by each format that has a checksum over them. */
static void a_flipped_bit_is_found(void **state)
{
    struct world *world = *state;
    make_tree(world);
    for (size_t i = 1; i < KINDS; i++) {
        assert_int_equal(create(world, kinds[i], "t")->kind, OUTCOME_ENDED);
        off_t size = size_of(world, kinds[i]);
        for (off_t at = size / 4; at < size * 3 / 4; at += size / 9) {
            flip(world, kinds[i], at);
            const struct outcome *outcome =
                act(world, &action_archive_list, ARGS({"path", text(world, kinds[i])}));
            if (outcome->kind != OUTCOME_FAILED)
                fail_msg("%s with a flipped bit at %lld is taken for whole", kinds[i],
                         (long long)at);
            flip(world, kinds[i], at);
        }
        list(world, kinds[i]);
        /* gzip's checksum is the last thing in it. */
        if (strstr(kinds[i], "gz") != NULL) {
            flip(world, kinds[i], size - 6);
            ill(world, act(world, &action_archive_list, ARGS({"path", text(world, kinds[i])})),
                OUTCOME_FAILED, "check");
        }
        unlink(place(world, kinds[i]));
    }
}

static void what_is_no_archive_fails(void **state)
{
    struct world *world = *state;
    put_file(world, "empty", "");
    put_file(world, "text", "hello, world\n");
    ill(world, act(world, &action_archive_list, ARGS({"path", text(world, "empty")})),
        OUTCOME_FAILED, "empty");
    ill(world, act(world, &action_archive_list, ARGS({"path", text(world, "text")})),
        OUTCOME_FAILED, "not whole");
    ill(world, act(world, &action_archive_list, ARGS({"path", text(world, "missing")})),
        OUTCOME_FAILED, "No such file");
}

/* ---- evil ---- */

struct evil {
    const char *name;
    unsigned type;
    const char *target; /* of a link */
    const char *hard;   /* target of a hard link */
};

static void put_evil(struct world *world, const char *path, const struct evil *evil)
{
    struct archive *archive = archive_write_new();
    archive_write_set_format_pax_restricted(archive);
    assert_int_equal(archive_write_open_filename(archive, place(world, path)), ARCHIVE_OK);
    for (; evil->name != NULL; evil++) {
        struct archive_entry *entry = archive_entry_new();
        bool plain = evil->type == AE_IFREG && evil->hard == NULL;
        archive_entry_set_pathname(entry, evil->name);
        archive_entry_set_filetype(entry, evil->type);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, plain ? 4 : 0);
        if (evil->target != NULL)
            archive_entry_set_symlink(entry, evil->target);
        if (evil->hard != NULL)
            archive_entry_set_hardlink(entry, evil->hard);
        if (evil->type == AE_IFBLK)
            archive_entry_set_rdev(entry, makedev(7, 0));
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        if (plain)
            assert_int_equal(archive_write_data(archive, "evil", 4), 4);
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
}

static void nothing_leaves_the_folder(void **state)
{
    struct world *world = *state;
    put_file(world, "victim", "precious");
    const char *absolute = place(world, "planted");
    const struct evil *const archives[] = {
        (const struct evil[]){{"../planted", AE_IFREG, NULL, NULL}, {0}},
        (const struct evil[]){{"a/../../planted", AE_IFREG, NULL, NULL}, {0}},
        (const struct evil[]){{"./../planted", AE_IFREG, NULL, NULL}, {0}},
        (const struct evil[]){{absolute, AE_IFREG, NULL, NULL}, {0}},
        (const struct evil[]){{"..", AE_IFDIR, NULL, NULL}, {0}},
        /* a link first, then a file through it */
        (const struct evil[]){
            {"l", AE_IFLNK, world->folder, NULL}, {"l/planted", AE_IFREG, NULL, NULL}, {0}},
        (const struct evil[]){{"l", AE_IFLNK, "..", NULL}, {"l/victim", AE_IFREG, NULL, NULL}, {0}},
        (const struct evil[]){{"h", AE_IFREG, NULL, "../victim"}, {0}},
        (const struct evil[]){{"h", AE_IFREG, NULL, place(world, "victim")}, {0}},
        (const struct evil[]){{"l", AE_IFLNK, "..", NULL},
                              {"h", AE_IFREG, NULL, "l/victim"},
                              {"h", AE_IFREG, NULL, NULL},
                              {0}},
        (const struct evil[]){{"disk", AE_IFBLK, NULL, NULL}, {0}},
    };
    for (size_t i = 0; i < sizeof archives / sizeof *archives; i++) {
        put_evil(world, "evil.tar", archives[i]);
        const struct outcome *outcome = extract(world, "evil.tar", "out");
        if (outcome->kind != OUTCOME_FAILED)
            fail_msg("archive %zu was extracted", i);
        assert_string_equal(get_file(world, "victim"), "precious");
        assert_false(is_there(world, "planted"));
        assert_false(is_there(world, "out"));
        assert_int_equal(entries_in(world, "."), 2);
    }
}

/* A link to the outside is no harm by itself: it is what was packed. */
static void a_file_in_the_place_of_a_link_goes_not_through_it(void **state)
{
    struct world *world = *state;
    put_file(world, "victim", "precious");
    put_evil(world, "a.tar",
             (const struct evil[]){
                 {"l", AE_IFLNK, "../victim", NULL}, {"l", AE_IFREG, NULL, NULL}, {0}});
    assert_int_equal(extract(world, "a.tar", "out")->kind, OUTCOME_ENDED);
    assert_string_equal(get_file(world, "victim"), "precious");
    assert_string_equal(get_file(world, "out/l"), "evil");
}

/* ---- the place ---- */

static void extract_into_what_is_there(void **state)
{
    struct world *world = *state;
    make_tree(world);
    assert_int_equal(create(world, "a.tgz", "t")->kind, OUTCOME_ENDED);
    const struct value *a = text(world, "a.tgz"), *to = text(world, "out/");
    mkdir(place(world, "out"), 0755);
    assert_int_equal(extract(world, "a.tgz", "out")->kind, OUTCOME_ENDED); /* empty: fine */
    put_file(world, "out/mine", "1");
    ill(world, extract(world, "a.tgz", "out/"), OUTCOME_FAILED, "keep");
    assert_string_equal(get_file(world, "out/mine"), "1");
    const struct member *args = ARGS({"path", a}, {"to", to}, {"keep", text(world, "kept/before")});
    ill(world, settle(world, &action_archive_extract, args), OUTCOME_LOST, "old folder or the new");
    done(world, &action_archive_extract, args);
    same_tree(world, "a.tgz");
    assert_string_equal(get_file(world, "kept/before/mine"), "1");
    assert_int_equal(settle(world, &action_archive_extract, args)->kind, OUTCOME_ENDED);
    ill(world, act(world, &action_archive_extract, args), OUTCOME_FAILED, "exists");
    assert_int_equal(entries_in(world, "."), 4);
    put_file(world, "file", "");
    ill(world, extract(world, "a.tgz", "file"), OUTCOME_FAILED, "Not a directory");
}

static void extract_is_settled_by_its_folder(void **state)
{
    struct world *world = *state;
    make_tree(world);
    create(world, "a.tgz", "t");
    const struct member *args = ARGS({"path", text(world, "a.tgz")}, {"to", text(world, "out")});
    ill(world, settle(world, &action_archive_extract, args), OUTCOME_NOT_STARTED, "is not there");
    mkdir(place(world, "out"), 0755);
    ill(world, settle(world, &action_archive_extract, args), OUTCOME_NOT_STARTED, "is empty");
    done(world, &action_archive_extract, args);
    const struct outcome *outcome = settle(world, &action_archive_extract, args);
    assert_int_equal(outcome->kind, OUTCOME_ENDED);
    assert_int_equal(value_member(world->arena, outcome->outputs, "entries")->list.count, 7);
}

static void create_is_settled_as_far_as_it_can_be(void **state)
{
    struct world *world = *state;
    const struct member *args = ARGS({"path", text(world, "a.tar")}, {"from", text(world, "t")});
    ill(world, settle(world, &action_archive_create, args), OUTCOME_NOT_STARTED, "is not there");
    put_file(world, "a.tar", "");
    ill(world, settle(world, &action_archive_create, args), OUTCOME_LOST, "older than the step");
}

static void a_full_disk_changes_nothing(void **state)
{
    struct world *world = *state;
    struct rlimit before, small;
    make_tree(world);
    create(world, "good.tar", "t");
    put_file(world, "a.tar", "the one before");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){30000, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const struct outcome *created = create(world, "a.tar", "t");
    const struct outcome *extracted = extract(world, "good.tar", "out");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    ill(world, created, OUTCOME_FAILED, "too large");
    ill(world, extracted, OUTCOME_FAILED, "can't write");
    assert_string_equal(get_file(world, "a.tar"), "the one before");
    assert_int_equal(entries_in(world, "."), 3);
}

static void what_takes_too_long_is_stopped(void **state)
{
    struct world *world = *state;
    mkdir(place(world, "t"), 0755);
    put_file(world, "t/big", "");
    assert_int_equal(truncate(place(world, "t/big"), INT64_C(1) << 36), 0);
    /* Not a hole for the archive, which would be done at once. */
    world->stage.limit = UNITS_SECOND / 20;
    const struct outcome *outcome = create(world, "a.zip", "t");
    assert_int_equal(outcome->kind, OUTCOME_TIMED_OUT);
    assert_true(outcome->duration < 2 * UNITS_SECOND);
    assert_int_equal(entries_in(world, "."), 1);
}

static void plans_and_refusals(void **state)
{
    struct world *world = *state;
    const struct value *unknown = value_unknown(world->arena, "params.p");
    refused(world, &action_archive_create,
            ARGS({"path", text(world, "a.rar")}, {"from", text(world, "t")}), ".tar.xz or .zip");
    assert_string_equal(
        shown(world, &action_archive_create, ARGS({"path", unknown}, {"from", text(world, "t")})),
        "archive t as ‹params.p›");
    assert_string_equal(
        shown(world, &action_archive_extract,
              ARGS({"path", text(world, "a.tgz")}, {"to", unknown}, {"keep", text(world, "k")})),
        "extract a.tgz to ‹params.p› keeping the old one as k");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_goes_in_comes_out),
        TEST(the_same_files_make_the_same_archive),
        TEST(an_archive_of_one_file),
        TEST(an_archive_never_holds_itself),
        TEST(links_and_holes_stay_what_they_are),
        TEST(a_cut_archive_is_never_whole),
        TEST(a_tar_cut_between_two_entries_is_not_whole),
        TEST(a_flipped_bit_is_found),
        TEST(what_is_no_archive_fails),
        TEST(nothing_leaves_the_folder),
        TEST(a_file_in_the_place_of_a_link_goes_not_through_it),
        TEST(extract_into_what_is_there),
        TEST(extract_is_settled_by_its_folder),
        TEST(create_is_settled_as_far_as_it_can_be),
        TEST(a_full_disk_changes_nothing),
        TEST(what_takes_too_long_is_stopped),
        TEST(plans_and_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
