/* The journal: what was appended comes back, torn ends are mended, damage is refused, one holds it.
 */
#include "store_help.h"

#include "base/digest.h"
#include "store/journal_line.h"

#include <fcntl.h>

static struct journal *create(struct world *world)
{
    struct journal *journal;
    enum journal_result result = journal_create(world->folder, RUN, &journal, &world->failure);
    if (result != JOURNAL_OK)
        fail_msg("%s", world->failure.text);
    return journal;
}

static enum journal_result open_run(struct world *world, struct told *told,
                                    struct journal **journal)
{
    *told = (struct told){state_new(), 0, EVENT_COUNT};
    enum journal_result result =
        journal_open(world->folder, RUN, T0 + 100, tell, told, journal, &world->failure);
    state_free(told->state);
    told->state = NULL;
    return result;
}

static void append(struct world *world, struct journal *journal, struct event event)
{
    if (journal_append(journal, &event, &world->failure) != JOURNAL_OK)
        fail_msg("%s", world->failure.text);
}

static void sync_now(struct world *world, struct journal *journal)
{
    if (journal_sync(journal, &world->failure) != JOURNAL_OK)
        fail_msg("%s", world->failure.text);
    assert_false(journal_dirty(journal));
}

/* A run of a few lines, of all sorts: a change, an answer, a loop, an end. */
static size_t tell_story(struct world *world, struct journal *journal)
{
    struct arena *arena = world->arena;
    struct member exit_0[] = {{"exit", value_integer(arena, VALUE_INT, 0)},
                              {"stdout", value_string(arena, "line\n\"{ \"seq\":9,")},
                              {"seq", value_integer(arena, VALUE_INT, 1)}};
    const struct value *outputs = value_map(arena, exit_0, 3);
    append(world, journal, started(arena));
    append(world, journal, intent(arena, "stop", "change", false));
    append(world, journal, outcome("stop", 2, "ended", outputs));
    append(world, journal, plain(EVENT_DONE, "stop"));
    struct event asked = with_text(plain(EVENT_ASKED, "load"), FIELD_ASK, "Replace?");
    append(world, journal, with_text(asked, FIELD_DIGEST, "q1"));
    struct event answered = with_text(plain(EVENT_ANSWERED, "load"), FIELD_DIGEST, "q1");
    answered = with_text(with_text(answered, FIELD_USER, "ada"), FIELD_WHERE, "terminal");
    event_set_truth(&answered, FIELD_YES, true);
    append(world, journal, with_integer(answered, FIELD_UID, 1000));
    append(world, journal, intent(arena, "load", "destroy", false));
    append(world, journal, outcome("load", 7, "died", NULL));
    append(world, journal, with_text(plain(EVENT_UNKNOWN, "load"), FIELD_MESSAGE, "killed"));
    append(world, journal, ended("in_doubt"));
    return 10;
}

static struct text write_story(struct world *world, size_t *count)
{
    struct journal *journal = create(world);
    *count = tell_story(world, journal);
    sync_now(world, journal);
    journal_close(journal);
    return slurp(world, run_path(world, "journal.jsonl"));
}

/* ---- */

static void what_was_appended_comes_back(void **state)
{
    struct world *world = *state;
    size_t count;
    struct told told;
    struct journal *journal;
    write_story(world, &count);
    assert_int_equal(open_run(world, &told, &journal), JOURNAL_OK);
    assert_int_equal(told.count, count);
    assert_int_equal(journal_next(journal), count + 1);
    append(world, journal, resumed());
    sync_now(world, journal);
    journal_close(journal);
    assert_int_equal(open_run(world, &told, &journal), JOURNAL_OK);
    assert_int_equal(told.count, count + 1);
    assert_int_equal(told.last, EVENT_RESUMED);
    journal_close(journal);
}

/* By the words of the format, not by the code that wrote it. */
static void the_chain_is_as_told(void **state)
{
    struct world *world = *state;
    size_t count;
    struct text file = write_story(world, &count);
    char before[65] = "";
    const char *at = file.at;
    for (size_t i = 0; i < count; i++) {
        const char *end = memchr(at, '\n', (size_t)(file.at + file.length - at));
        char *line = arena_copy(world->arena, at, (size_t)(end - at));
        char *hash = strstr(line, ",\"hash\":\"") + 9;
        while (strstr(hash, ",\"hash\":\"") != NULL)
            hash = strstr(hash, ",\"hash\":\"") + 9;
        char sum[DIGEST_TEXT];
        char *hashed = arena_format(world->arena, "%s%.*s", before, (int)(hash - 9 - line), line);
        digest_text(text_of(hashed), sum);
        assert_string_equal(hash + 64, "\"}");
        hash[64] = '\0';
        assert_string_equal(hash, sum);
        assert_int_equal(strtoul(line + strlen(EVENT_START), NULL, 10), i + 1);
        strcpy(before, sum);
        at = end + 1;
    }
    assert_ptr_equal(at, file.at + file.length);
}

static void nothing_is_there_before_it_is_written(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    const char *path = run_path(world, "journal.jsonl");
    assert_false(journal_dirty(journal));
    append(world, journal, started(world->arena));
    assert_true(journal_dirty(journal));
    assert_int_equal(slurp(world, path).length, 0);
    assert_int_equal(journal_write(journal, &world->failure), JOURNAL_OK);
    assert_true(slurp(world, path).length > 0);
    assert_true(journal_dirty(journal)); /* written, not synced */
    sync_now(world, journal);
    journal_close(journal);
}

static void assert_mode(const char *path, mode_t mode)
{
    struct stat stat;
    assert_int_equal(lstat(path, &stat), 0);
    assert_int_equal(stat.st_mode & 07777, mode);
}

static void nobody_else_may_look_in(void **state)
{
    struct world *world = *state;
    static const mode_t umasks[] = {0, 077, 0777};
    static const char *const folders[] = {"", "attempts", "logs", "files", "runbook"};
    for (size_t i = 0; i < sizeof umasks / sizeof umasks[0]; i++) {
        mode_t old = umask(umasks[i]);
        struct journal *journal = create(world);
        assert_int_equal(
            journal_keep(journal, "runbook/1/0.yaml", text_of("runbook: x\n"), &world->failure),
            JOURNAL_OK);
        umask(old);
        for (size_t j = 0; j < sizeof folders / sizeof folders[0]; j++)
            assert_mode(run_path(world, folders[j]), 0700);
        assert_mode(world->folder, 0700);
        assert_mode(arena_format(world->arena, "%s/runs", world->folder), 0700);
        assert_mode(run_path(world, "journal.jsonl"), 0600);
        assert_mode(run_path(world, "runbook/1"), 0700);
        assert_mode(run_path(world, "runbook/1/0.yaml"), 0600);
        assert_true(text_is(slurp(world, run_path(world, "runbook/1/0.yaml")), "runbook: x\n"));
        journal_close(journal);
        remove_tree(world->folder);
    }
}

static void a_run_is_made_once(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    struct journal *second;
    assert_int_equal(journal_create(world->folder, RUN, &second, &world->failure), JOURNAL_FAILED);
    assert_null(second);
    assert_int_equal(world->failure.error, EEXIST);
    journal_close(journal);
}

static void one_holds_it(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    struct journal *second;
    struct told told;
    append(world, journal, started(world->arena));
    sync_now(world, journal);
    assert_int_equal(open_run(world, &told, &second), JOURNAL_LOCKED);
    assert_int_equal(told.count, 0);
    assert_null(second);
    /* Reading needs no lock. */
    told = (struct told){0};
    assert_int_equal(journal_read(world->folder, RUN, tell, &told, &world->failure), JOURNAL_OK);
    assert_int_equal(told.count, 1);
    journal_close(journal);
    assert_int_equal(open_run(world, &told, &second), JOURNAL_OK);
    journal_close(second);
}

static void descriptors_are_closed_on_exec(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    DIR *folder = opendir("/proc/self/fd");
    size_t seen = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char target[256];
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
        if (length <= 0)
            continue;
        target[length] = '\0';
        if (strstr(target, RUN) != NULL) {
            seen++;
            assert_true(fcntl(atoi(entry->d_name), F_GETFD) & FD_CLOEXEC);
        }
    }
    closedir(folder);
    assert_int_equal(seen, 2); /* folder and journal */
    journal_close(journal);
}

static void what_is_missing_is_missing(void **state)
{
    struct world *world = *state;
    struct journal *journal;
    struct told told;
    static const char *const names[] = {"none-20240115-143000-x7k2q", "../runs", "", ".", "a/b"};
    assert_int_equal(open_run(world, &told, &journal), JOURNAL_MISSING); /* no state folder */
    journal_close(create(world));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        told = (struct told){0};
        assert_int_equal(
            journal_open(world->folder, names[i], T0, tell, &told, &journal, &world->failure),
            JOURNAL_MISSING);
        assert_int_equal(journal_read(world->folder, names[i], tell, &told, &world->failure),
                         JOURNAL_MISSING);
    }
    /* A link in a run's place leads nowhere. */
    assert_int_equal(rename(run_path(world, ""), arena_format(world->arena, "%s/away", world->top)),
                     0);
    assert_int_equal(symlink(arena_format(world->arena, "%s/away", world->top),
                             arena_format(world->arena, "%s/runs/" RUN, world->folder)),
                     0);
    assert_int_equal(open_run(world, &told, &journal), JOURNAL_FAILED);
}

static void a_run_that_never_began_is_empty(void **state)
{
    struct world *world = *state;
    struct journal *journal;
    struct told told;
    journal_close(create(world));
    assert_int_equal(open_run(world, &told, &journal), JOURNAL_OK);
    assert_int_equal(told.count, 0);
    assert_int_equal(journal_next(journal), 1);
    journal_close(journal);
}

/* ---- torn ---- */

static size_t whole_lines(struct text file, size_t cut)
{
    size_t count = 0;
    for (size_t i = 0; i < cut; i++)
        count += file.at[i] == '\n';
    return count + (cut < file.length && file.at[cut] == '\n'); /* only its newline is gone */
}

/* After mending: the lines that were whole, a note when there was something to note it in, and it
 * goes on from there. */
static void check_mended(struct world *world, size_t lines, bool mended)
{
    struct told told;
    struct journal *journal;
    enum journal_result result = open_run(world, &told, &journal);
    if (result != JOURNAL_OK)
        fail_msg("%s", world->failure.text);
    size_t expected = lines + (mended && lines > 0);
    assert_int_equal(told.count, expected);
    assert_int_equal(journal_next(journal), expected + 1);
    if (mended && lines > 0)
        assert_int_equal(told.last, EVENT_NOTE);
    append(world, journal, lines == 0 ? started(world->arena) : resumed());
    sync_now(world, journal);
    journal_close(journal);
    /* What was mended is whole. */
    assert_int_equal(open_run(world, &told, &journal), JOURNAL_OK);
    assert_int_equal(told.count, expected + 1);
    journal_close(journal);
}

static void cut_at_every_byte(void **state)
{
    struct world *world = *state;
    size_t count;
    struct text file = write_story(world, &count);
    const char *path = run_path(world, "journal.jsonl");
    for (size_t cut = 0; cut <= file.length; cut++) {
        spill(path, file.at, cut);
        bool clean = cut == 0 || file.at[cut - 1] == '\n';
        check_mended(world, whole_lines(file, cut), !clean);
    }
}

/* A reader sees whole lines, whatever the one who writes is at. */
static void read_while_it_is_written(void **state)
{
    struct world *world = *state;
    size_t count;
    struct text file = write_story(world, &count);
    const char *path = run_path(world, "journal.jsonl");
    for (size_t cut = 0; cut <= file.length; cut++) {
        struct told told = {state_new(), 0, EVENT_COUNT};
        spill(path, file.at, cut);
        assert_int_equal(journal_read(world->folder, RUN, tell, &told, &world->failure),
                         JOURNAL_OK);
        assert_int_equal(told.count, whole_lines(file, cut));
        state_free(told.state);
        assert_int_equal(slurp(world, path).length, cut); /* and changes nothing */
    }
}

static void zeros_and_garbage_are_cut_off(void **state)
{
    struct world *world = *state;
    size_t count;
    struct text file = write_story(world, &count);
    const char *path = run_path(world, "journal.jsonl");
    static const size_t lengths[] = {1, 2, 63, 511, 4096, 70000};
    char *garbage = arena_alloc(world->arena, 70000);
    for (size_t i = 0; i < 70000; i++)
        garbage[i] = (char)(i * 2654435761U >> 13 | 0x80); /* never a newline */
    const char *zeros = arena_alloc(world->arena, 70000);
    /* Behind whole lines, behind a torn one, behind one that lacks its newline alone. */
    const size_t cuts[] = {file.length, file.length - 20, file.length - 1};
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
            for (int kind = 0; kind < 2; kind++) {
                struct buffer bytes = {0};
                buffer_add(&bytes, file.at, cuts[c]);
                buffer_add(&bytes, kind == 0 ? zeros : garbage, lengths[i]);
                spill(path, bytes.at, bytes.length);
                buffer_free(&bytes);
                check_mended(world, c == 1 ? count - 1 : count, true);
            }
}

/* ---- damaged ---- */

static void check_refused(struct world *world, const char *bytes, size_t length, const char *what)
{
    struct told told;
    struct journal *journal;
    const char *path = run_path(world, "journal.jsonl");
    spill(path, bytes, length);
    enum journal_result result = open_run(world, &told, &journal);
    if (result != JOURNAL_DAMAGED)
        fail_msg("%s: not refused but %d", what, result);
    assert_null(journal);
    assert_non_null(strstr(world->failure.text, "line "));
    assert_int_equal(slurp(world, path).length, length); /* nothing was touched */
}

static void every_flipped_bit_is_seen(void **state)
{
    struct world *world = *state;
    size_t count;
    struct text file = write_story(world, &count);
    char *bytes = arena_copy(world->arena, file.at, file.length);
    for (size_t i = 0; i < file.length * 8; i++) {
        bytes[i / 8] = (char)(bytes[i / 8] ^ 1 << i % 8);
        if (i / 8 == file.length - 1) {
            /* The last newline alone: the record is whole all the same. */
            spill(run_path(world, "journal.jsonl"), bytes, file.length);
            check_mended(world, count, true);
        } else {
            check_refused(world, bytes, file.length, arena_format(world->arena, "bit %zu", i));
        }
        bytes[i / 8] = file.at[i / 8];
    }
}

/* Where each line begins, and the end. */
static size_t *line_starts(struct world *world, struct text file, size_t count)
{
    size_t *starts = arena_alloc(world->arena, (count + 1) * sizeof *starts);
    size_t line = 0;
    for (size_t i = 0; i < file.length; i++)
        if (file.at[i] == '\n')
            starts[++line] = i + 1;
    assert_int_equal(line, count);
    return starts;
}

static void lines_taken_out_put_in_or_swapped_are_seen(void **state)
{
    struct world *world = *state;
    size_t count;
    struct text file = write_story(world, &count);
    size_t *starts = line_starts(world, file, count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            struct buffer out = {0};
            for (size_t k = 0; k < count; k++) {
                size_t line = k == i ? j : k == j ? i : k;
                buffer_add(&out, file.at + starts[line], starts[line + 1] - starts[line]);
                if (i == j && k == i)
                    buffer_add(&out, file.at + starts[k], starts[k + 1] - starts[k]); /* twice */
            }
            check_refused(world, out.at, out.length, "swapped");
            out.length = 0;
            for (size_t k = 0; k < count; k++)
                if (k != i)
                    buffer_add(&out, file.at + starts[k], starts[k + 1] - starts[k]);
            if (i + 1 < count && j == 0)
                check_refused(world, out.at, out.length, "taken out");
            buffer_free(&out);
        }
}

static void a_record_in_what_looks_torn_is_seen(void **state)
{
    struct world *world = *state;
    size_t count;
    struct text file = write_story(world, &count);
    size_t *starts = line_starts(world, file, count);
    size_t last = starts[count - 1];
    size_t before = starts[count - 2];
    struct buffer bytes = {0};
    char *zeros = arena_alloc(world->arena, 5000);
    /* The newline of the last line but one is gone, and the last was torn, at every byte of it
     * behind its first ones. */
    for (size_t cut = last + strlen(EVENT_START); cut < file.length; cut++) {
        bytes.length = 0;
        buffer_add(&bytes, file.at, last - 1);
        buffer_add(&bytes, "\r", 1);
        buffer_add(&bytes, file.at + last, cut - last);
        check_refused(world, bytes.at, bytes.length, "newline lost");
    }
    /* A block of zeros in the place of the line before. */
    bytes.length = 0;
    buffer_add(&bytes, file.at, before);
    buffer_add(&bytes, zeros, 4096);
    buffer_add(&bytes, file.at + last, 40);
    check_refused(world, bytes.at, bytes.length, "zeros, then a start");
    /* Half of a line, then another whole one. */
    bytes.length = 0;
    buffer_add(&bytes, file.at, before + 30);
    buffer_add(&bytes, file.at + last, file.length - last - 1);
    check_refused(world, bytes.at, bytes.length, "half a line, then a line");
    /* Garbage that ends in a newline was a line once. */
    bytes.length = 0;
    buffer_add(&bytes, file.at, file.length);
    buffer_text(&bytes, "garbage\n");
    check_refused(world, bytes.at, bytes.length, "garbage with a newline");
    bytes.length = file.length;
    buffer_add(&bytes, zeros, 100);
    buffer_add(&bytes, "\n", 1);
    check_refused(world, bytes.at, bytes.length, "zeros with a newline");
    buffer_free(&bytes);
}

/* Its hash is right, and still it can't be: another format, an impossible event, a gap. */
static void what_cant_be_is_refused(void **state)
{
    struct world *world = *state;
    static const char *const bad[] = {
        "{ \"seq\":2,\"time\":\"2024-01-15T14:30:00Z\",\"event\":\"exploded\"",
        "{ \"seq\":3,\"time\":\"2024-01-15T14:30:00Z\",\"event\":\"note\",\"message\":\"m\"",
        "{ \"seq\":2,\"time\":\"2024-01-15T14:30:00Z\",\"event\":\"done\",\"step\":\"a\"",
    };
    static const char *const why[] = {"exploded", "seq is 3, not 2", "waiting"};
    struct journal *journal = create(world);
    append(world, journal, started(world->arena));
    sync_now(world, journal);
    char head[DIGEST_TEXT];
    strcpy(head, journal_head(journal));
    journal_close(journal);
    struct text file = slurp(world, run_path(world, "journal.jsonl"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buffer bytes = {0};
        char scratch[DIGEST_TEXT];
        strcpy(scratch, head);
        buffer_add(&bytes, file.at, file.length);
        buffer_text(&bytes, bad[i]);
        line_seal(&bytes, file.length, scratch);
        check_refused(world, bytes.at, bytes.length, bad[i]);
        assert_non_null(strstr(world->failure.text, "line 2"));
        assert_non_null(strstr(world->failure.text, why[i]));
        buffer_free(&bytes);
    }
}

/* An intent was synced before its attempt was made: when its line is gone, the end was cut off. */
static void an_attempt_without_its_line_is_seen(void **state)
{
    struct world *world = *state;
    size_t count;
    struct text file = write_story(world, &count);
    size_t *starts = line_starts(world, file, count);
    spill(run_path(world, "attempts/7"), "", 0); /* of the intent of `load` */
    spill(run_path(world, "attempts/99.tmp"), "", 0);
    spill(run_path(world, "attempts/x"), "", 0);
    for (size_t lines = 0; lines <= count; lines++) {
        struct told told;
        struct journal *journal;
        spill(run_path(world, "journal.jsonl"), file.at, starts[lines]);
        enum journal_result result = open_run(world, &told, &journal);
        assert_int_equal(result, lines < 7 ? JOURNAL_DAMAGED : JOURNAL_OK);
        if (lines < 7)
            assert_non_null(strstr(world->failure.text, "line 7"));
        journal_close(journal);
    }
}

static void the_head_is_the_anchor(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    assert_string_equal(journal_head(journal), "");
    tell_story(world, journal);
    sync_now(world, journal);
    char head[DIGEST_TEXT];
    strcpy(head, journal_head(journal));
    journal_close(journal);
    struct text file = slurp(world, run_path(world, "journal.jsonl"));
    assert_memory_equal(file.at + file.length - 3 - 64, head, 64);
    struct told told;
    assert_int_equal(open_run(world, &told, &journal), JOURNAL_OK);
    assert_string_equal(journal_head(journal), head);
    journal_close(journal);
}

/* ---- files ---- */

static const struct value *large_outputs(struct arena *arena, size_t length)
{
    char *bytes = arena_alloc(arena, length + 1);
    memset(bytes, 'x', length);
    struct member members[] = {{"stdout", value_text(arena, (struct text){bytes, length})},
                               {"exit", value_integer(arena, VALUE_INT, 0)}};
    return value_map(arena, members, 2);
}

static bool keep_outputs(void *context, const struct event *event, struct failure *failure)
{
    (void)failure;
    const struct value *outputs = event_value(event, FIELD_OUTPUTS);
    if (outputs != NULL && event->kind == EVENT_OUTCOME)
        *(size_t *)context += outputs->map.at[0].value->text.length;
    return true;
}

static void large_outputs_come_back(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    append(world, journal, started(world->arena));
    append(world, journal, intent(world->arena, "a", "read", true));
    append(world, journal, outcome("a", 2, "ended", large_outputs(world->arena, 1 << 20)));
    append(world, journal, intent(world->arena, "b", "read", true));
    append(world, journal, outcome("b", 4, "ended", large_outputs(world->arena, 1 << 20)));
    sync_now(world, journal);
    journal_close(journal);
    assert_true(slurp(world, run_path(world, "journal.jsonl")).length < 4096);
    DIR *folder = opendir(run_path(world, "files"));
    char name[256] = "";
    size_t files = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.') {
            snprintf(name, sizeof name, "%s", entry->d_name);
            files++;
        }
    closedir(folder);
    assert_int_equal(files, 1); /* the same content lies there once */
    char *path = arena_format(world->arena, "%s/%s", run_path(world, "files"), name);
    struct text content = slurp(world, path);
    char digest[DIGEST_TEXT];
    digest_text(content, digest);
    assert_string_equal(name, digest);
    size_t length = 0;
    assert_int_equal(journal_read(world->folder, RUN, keep_outputs, &length, &world->failure),
                     JOURNAL_OK);
    assert_int_equal(length, 2 << 20);
    /* A file that changed, or is gone, is damage too. */
    char *spoiled = arena_copy(world->arena, content.at, content.length);
    spoiled[1000] = 'y';
    spill(path, spoiled, content.length);
    struct told told;
    assert_int_equal(open_run(world, &told, &journal), JOURNAL_DAMAGED);
    assert_non_null(strstr(world->failure.text, "line 3"));
    assert_int_equal(remove(path), 0);
    assert_int_equal(open_run(world, &told, &journal), JOURNAL_DAMAGED);
}

static void a_refused_event_leaves_no_trace(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    append(world, journal, started(world->arena));
    struct event bad = with_text(plain(EVENT_NOTE, "\xff"), FIELD_MESSAGE, "m");
    assert_int_equal(journal_append(journal, &bad, &world->failure), JOURNAL_REFUSED);
    assert_int_equal(bad.seq, 0);
    assert_int_equal(journal_next(journal), 2);
    append(world, journal, ended("failed"));
    sync_now(world, journal);
    journal_close(journal);
    struct told told;
    assert_int_equal(open_run(world, &told, &journal), JOURNAL_OK);
    assert_int_equal(told.count, 2);
    journal_close(journal);
}

/* A digest that names no file of ours never becomes a path. */
static void a_file_elsewhere_is_refused(void **state)
{
    struct world *world = *state;
    static const char *const names[] = {
        "../journal.jsonl", "", "abc",
        "/etc/passwd00000000000000000000000000000000000000000000000000000"};
    struct journal *journal = create(world);
    append(world, journal, started(world->arena));
    append(world, journal, intent(world->arena, "a", "read", true));
    sync_now(world, journal);
    char head[DIGEST_TEXT];
    strcpy(head, journal_head(journal));
    journal_close(journal);
    struct text file = slurp(world, run_path(world, "journal.jsonl"));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct buffer bytes = {0};
        char scratch[DIGEST_TEXT];
        strcpy(scratch, head);
        buffer_add(&bytes, file.at, file.length);
        buffer_format(
            &bytes,
            "{ \"seq\":3,\"time\":\"2024-01-15T14:30:00Z\",\"event\":\"outcome\",\"step\":\"a\","
            "\"attempt\":2,\"outcome\":\"ended\",\"outputs\":{\"o\":{\"$file\":\"%s\"}}",
            names[i]);
        line_seal(&bytes, file.length, scratch);
        check_refused(world, bytes.at, bytes.length, names[i]);
        assert_non_null(strstr(world->failure.text, "can't be one"));
        buffer_free(&bytes);
    }
}

static void the_head_of_a_line_tells_its_event(void **state)
{
    (void)state;
    static const char *const lines[][2] = {
        {"{ \"seq\":7,\"time\":\"x\",\"event\":\"ended\",\"result\":\"failed\"", "ended"},
        {"{ \"seq\":7,\"time\":\"x\",\"event\":\"ended\"", "ended"},
        {"{ \"seq\":7,\"time\":\"x\",\"event\":\"ended", ""},
        {"{ \"seq\":7,\"time\":\"x\",\"eve", ""},
        {"{ \"seq\":7,\"time\":\"x", ""},
        {"{ \"seq\":7", ""},
        {"{ \"seq\":", ""},
        {"{\"seq\":7,\"time\":\"x\",\"event\":\"ended\"", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_true(text_is(line_event(text_of(lines[i][0])), lines[i][1]));
}

/* Longer than what is read at once. */
static void long_lines_come_back(void **state)
{
    struct world *world = *state;
    struct journal *journal = create(world);
    char *text = arena_alloc(world->arena, 3000001);
    memset(text, 'z', 3000000);
    append(world, journal, started(world->arena));
    append(world, journal, with_text(plain(EVENT_NOTE, NULL), FIELD_MESSAGE, text));
    append(world, journal, ended("failed"));
    sync_now(world, journal);
    journal_close(journal);
    struct told told;
    assert_int_equal(open_run(world, &told, &journal), JOURNAL_OK);
    assert_int_equal(told.count, 3);
    journal_close(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_appended_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_chain_is_as_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_there_before_it_is_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_else_may_look_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_run_is_made_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_holds_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(descriptors_are_closed_on_exec, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_missing_is_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_run_that_never_began_is_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cut_at_every_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(read_while_it_is_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(zeros_and_garbage_are_cut_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_flipped_bit_is_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_taken_out_put_in_or_swapped_are_seen, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_record_in_what_looks_torn_is_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cant_be_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_attempt_without_its_line_is_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_head_is_the_anchor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(large_outputs_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refused_event_leaves_no_trace, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_elsewhere_is_refused, set_up, tear_down),
        cmocka_unit_test(the_head_of_a_line_tells_its_event),
        cmocka_unit_test_setup_teardown(long_lines_come_back, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
