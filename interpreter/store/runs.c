/* The runs of a state folder, as `list` and `resume` look for them: by the heads of the lines
 * alone, no hash is checked here. Who opens a run checks all of it. */
#include "store/runs.h"

#include "base/arena.h"
#include "base/list.h"
#include "store/journal_own.h"

#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* Five letters of chance: without vowels, so that no word comes out; nor what looks alike. */
static void add_chance(char text[6])
{
    static const char letters[] = "bcdfghjkmnpqrstvwxz23456789";
    unsigned char bytes[5];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) {
        abort(); /* the kernel gives 5 bytes always, once it has booted */
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        text[i] = letters[bytes[i] % (sizeof letters - 1)];
    }
    text[5] = '\0';
}

const char *run_id_new(struct arena *arena, const char *runbook, int64_t now)
{
    time_t seconds = now / 1000000000;
    struct tm parts;
    char stamp[32];
    char chance[6];
    assert(run_is_name(runbook));
    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &parts) == 0) {
        abort(); /* no clock gives such a year */
    }
    add_chance(chance);
    return arena_format(arena, "%s-%s-%s", runbook, stamp, chance);
}

bool run_id_fits(const char *id, const char *runbook)
{
    static const char form[] = "-dddddddd-dddddd-aaaaa";
    size_t length = strlen(runbook);
    if (strncmp(id, runbook, length) != 0 || strlen(id + length) != sizeof form - 1)
        return false;
    for (size_t i = 0; i < sizeof form - 1; i++) {
        char c = id[length + i];
        bool digit = c >= '0' && c <= '9', letter = c >= 'a' && c <= 'z';
        if (form[i] == 'd' ? !digit : form[i] == 'a' ? !digit && !letter : c != '-')
            return false;
    }
    return true;
}

/* ---- one run ---- */

static bool find_kind(struct text line, enum event_kind *kind)
{
    struct text name = line_event(line);
    char word[32];
    if (name.length == 0 || name.length >= sizeof word) {
        return false;
    }
    memcpy(word, name.at, name.length);
    word[name.length] = '\0';
    return event_find(word, kind);
}

struct looking {
    struct arena *arena;
    struct run_about *about;
};

static void look_at_line(struct looking *looking, enum event_kind kind, const struct event *event)
{
    struct run_about *about = looking->about;
    struct arena *arena = looking->arena;
    if (kind == EVENT_ENDED) {
        about->ended = event->time;
        about->result = arena_format(arena, "%s", event_text(event, FIELD_RESULT));
        return;
    }
    if (kind == EVENT_STARTED) {
        const char *title = event_text(event, FIELD_TITLE);
        about->began = true;
        about->started = event->time;
        about->runbook = arena_format(arena, "%s", event_text(event, FIELD_RUNBOOK));
        about->title = title == NULL ? NULL : arena_format(arena, "%s", title);
    }
    about->ended = 0;
    about->result = NULL;
    about->asked = false;
    about->user = arena_format(arena, "%s", event_text(event, FIELD_USER));
    about->host = arena_format(arena, "%s", event_text(event, FIELD_HOST));
    about->pid = event_integer(event, FIELD_PID);
    about->taken = event->time;
}

static bool is_telling(enum event_kind kind)
{
    return kind == EVENT_STARTED || kind == EVENT_RESUMED || kind == EVENT_ENDED;
}

static void look_at_lines(struct looking *looking, int fd)
{
    struct lines lines = {.fd = fd};
    struct text line;
    size_t number = 0;
    while (looking->about->damage == NULL && lines_next(&lines, &line)) {
        enum event_kind kind;
        struct event event;
        struct failure failure = {0};
        number++;
        if (!find_kind(line, &kind)) {
            looking->about->damage = arena_format(
                looking->arena, "line %zu is no event that this runbook knows", number);
        } else if (kind == EVENT_ASKED) {
            looking->about->asked = true;
        } else if (is_telling(kind)) {
            struct arena *scratch = arena_new();
            if (event_decode(scratch, line, NULL, &event, &failure)) {
                look_at_line(looking, kind, &event);
            } else {
                looking->about->damage =
                    arena_format(looking->arena, "line %zu: %s", number, failure.text);
            }
            arena_free(scratch);
        }
    }
    if (lines.failed) {
        looking->about->damage = arena_format(looking->arena, "%s", strerror(lines.error));
    }
    lines_free(&lines);
}

/* A shared lock for an instant: whoever holds the journal has it for himself alone. */
static bool is_held(int fd)
{
    if (flock(fd, LOCK_SH | LOCK_NB) == 0) {
        flock(fd, LOCK_UN);
        return false;
    }
    return errno == EWOULDBLOCK;
}

static bool can_resume(const struct run_about *about)
{
    static const char *const open[] = {"failed", "stopped", "in_doubt"};
    if (about->held || !about->began || about->damage != NULL) {
        return false;
    }
    if (about->result == NULL) {
        return true;
    }
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        if (strcmp(about->result, open[i]) == 0) {
            return true;
        }
    }
    return false;
}

enum journal_result run_look(struct arena *arena, const char *state_folder, const char *run,
                             struct run_about *about, struct failure *failure)
{
    enum journal_result result;
    struct failure refused = {0};
    int folder = run_folder_open(state_folder, run, &result, &refused);
    *about = (struct run_about){.id = arena_format(arena, "%s", run)};
    if (folder < 0) {
        about->closed = refused.error == EACCES;
        if (failure != NULL) {
            *failure = refused;
        }
        return about->closed ? JOURNAL_OK : result;
    }
    int fd = openat(folder, JOURNAL_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int error = errno;
    close(folder);
    if (fd < 0) {
        /* Made, but never come so far as to have a journal: it did not begin. */
        about->damage = error == ENOENT ? NULL : arena_format(arena, "%s", strerror(error));
        return JOURNAL_OK;
    }
    about->held = is_held(fd);
    look_at_lines(&(struct looking){arena, about}, fd);
    close(fd);
    about->resumable = can_resume(about);
    return JOURNAL_OK;
}

/* ---- all runs ---- */

/* Newest first; ids of one runbook hold their time, and decide between those without one. */
static int compare(const void *a, const void *b)
{
    const struct run_about *one = a;
    const struct run_about *two = b;
    if (one->started != two->started) {
        return one->started < two->started ? 1 : -1;
    }
    return strcmp(two->id, one->id);
}

static DIR *open_runs(const char *state_folder, struct failure *failure)
{
    int state = open(state_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int runs = state < 0 ? -1 : openat(state, RUNS_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = runs < 0 ? NULL : fdopendir(runs);
    int error = errno;
    if (state >= 0) {
        close(state);
    }
    if (folder == NULL) {
        if (runs >= 0) {
            close(runs);
        }
        failure_set(failure, error, "can't read the runs in %s", state_folder);
        errno = error;
    }
    return folder;
}

enum journal_result runs_find(struct arena *arena, const char *state_folder, struct run_about **at,
                              size_t *count, struct failure *failure)
{
    struct list found = {0};
    *at = NULL;
    *count = 0;
    DIR *folder = open_runs(state_folder, failure);
    if (folder == NULL) {
        return errno == ENOENT ? JOURNAL_OK : JOURNAL_FAILED;
    }
    enum journal_result result = JOURNAL_OK;
    struct dirent *entry;
    errno = 0;
    while (result == JOURNAL_OK && (entry = readdir(folder)) != NULL) {
        if (run_is_name(entry->d_name)) {
            struct run_about *about = arena_alloc(arena, sizeof *about);
            result = run_look(arena, state_folder, entry->d_name, about, failure);
            if (result == JOURNAL_OK) {
                list_add(arena, &found, about);
            } else if (result == JOURNAL_MISSING) {
                result = JOURNAL_OK; /* taken away meanwhile */
            }
        }
        errno = 0;
    }
    if (result == JOURNAL_OK && errno != 0) {
        failure_set(failure, errno, "can't read the runs in %s", state_folder);
        result = JOURNAL_FAILED;
    }
    closedir(folder);
    *at = arena_alloc(arena, (found.count + 1) * sizeof **at);
    for (size_t i = 0; i < found.count; i++) {
        (*at)[i] = *(struct run_about *)found.at[i];
    }
    *count = found.count;
    qsort(*at, *count, sizeof **at, compare);
    return result;
}

static bool ends_in(const char *id, const char *word)
{
    const char *dash = strrchr(id, '-');
    return strcmp(id, word) == 0 || (dash != NULL && strcmp(dash + 1, word) == 0);
}

enum journal_result run_named(struct arena *arena, const char *state_folder, const char *word,
                              const char **id, struct failure *failure)
{
    struct run_about *at;
    size_t count;
    *id = NULL;
    enum journal_result result = runs_find(arena, state_folder, &at, &count, failure);
    if (result != JOURNAL_OK) {
        return result;
    }
    for (size_t i = 0; i < count; i++) {
        if (!ends_in(at[i].id, word)) {
            continue;
        }
        if (*id != NULL) {
            failure_set(failure, 0, "'%s' is the end of %s and of %s", word, *id, at[i].id);
            *id = NULL;
            return JOURNAL_MISSING;
        }
        *id = at[i].id;
    }
    if (*id == NULL) {
        failure_set(failure, 0, "there is no run '%s' in %s", word, state_folder);
        return JOURNAL_MISSING;
    }
    return JOURNAL_OK;
}
