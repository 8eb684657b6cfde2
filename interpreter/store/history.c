#include "store/history.h"

#include "base/arena.h"
#include "base/list.h"
#include "store/journal_own.h"
#include "store/state.h"
#include "sys/failure.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One step, done once. */
struct sample {
    int64_t duration;
    const char *definition; /* one text for all samples of it */
};

struct samples {
    struct sample *at;
    size_t count;
    size_t room;
};

struct history {
    struct arena *arena;
    const char *command; /* that began the runs; NULL: whatever did */
    struct history_about about;
    int64_t wholes[HISTORY_RUNS];
    size_t whole_count;
    struct map steps;       /* folded name to struct samples */
    struct map definitions; /* digest to itself */
};

/* ---- figures ---- */

static int compare(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, two = *(const int64_t *)b;
    return one < two ? -1 : one > two;
}

struct history_figures history_figures(int64_t *durations, size_t count)
{
    if (count == 0)
        return (struct history_figures){0};
    qsort(durations, count, sizeof *durations, compare);
    int64_t low = durations[(count - 1) / 2], high = durations[count / 2];
    return (struct history_figures){
        .count = count, .median = low + (high - low) / 2, .worst = durations[count - 1]};
}

/* ---- names ---- */

const char *history_name(struct arena *arena, const char *name)
{
    char *folded = arena_alloc(arena, 2 * strlen(name) + 1); /* "[]" becomes "[*]" */
    char *end = folded;
    while (*name != '\0') {
        if (*name == '#') {
            name += strcspn(name, "/");
        } else if (*name == '[') {
            memcpy(end, "[*]", 3);
            end += 3;
            name += strcspn(name, "]");
            name += *name != '\0';
        } else {
            *end++ = *name++;
        }
    }
    *end = '\0';
    return folded;
}

/* ---- one run ---- */

enum { GAPS_MOST = 64 }; /* of a run taken up more often the later steps are not used */

/* A run's events on their way into its fold, and when nobody attended it. */
struct reading {
    struct state *state;
    int64_t last; /* time of the event before */
    struct gap {
        int64_t from, to;
    } gaps[GAPS_MOST];
    size_t gap_count;
    bool unusable; /* more gaps than that */
};

static bool fold(void *context, const struct event *event, struct failure *failure)
{
    struct reading *reading = context;
    if (event->kind == EVENT_RESUMED && reading->gap_count < GAPS_MOST)
        reading->gaps[reading->gap_count++] = (struct gap){reading->last, event->time};
    else if (event->kind == EVENT_RESUMED)
        reading->unusable = true;
    reading->last = event->time;
    return state_apply(reading->state, event, failure);
}

static bool across_gap(const struct reading *reading, const struct state_step *step)
{
    for (size_t i = 0; i < reading->gap_count; i++)
        if (step->started <= reading->gaps[i].from && step->ended >= reading->gaps[i].to)
            return true;
    return false;
}

static const char *definition_of(struct history *history, const struct state_step *step)
{
    const char *digest = step->attempt != NULL  ? step->attempt->definition
                         : step->opened != NULL ? step->opened->definition
                                                : NULL;
    if (digest == NULL)
        return NULL;
    const char *kept = map_get(&history->definitions, digest);
    if (kept == NULL) {
        char *copy = arena_copy(history->arena, digest, strlen(digest));
        map_put(history->arena, &history->definitions, copy, copy);
        kept = copy;
    }
    return kept;
}

static void add_sample(struct history *history, struct samples *samples, struct sample sample)
{
    if (samples->count == HISTORY_SAMPLES)
        return;
    if (samples->count == samples->room) {
        size_t room = samples->room == 0 ? 4 : samples->room * 2;
        struct sample *at = arena_alloc(history->arena, room * sizeof *at);
        if (samples->count > 0)
            memcpy(at, samples->at, samples->count * sizeof *at);
        samples->at = at;
        samples->room = room;
    }
    samples->at[samples->count++] = sample;
}

static void take_step(struct history *history, const struct reading *reading,
                      const struct state_step *step)
{
    bool did = step->attempt != NULL || step->opened != NULL;
    if (step->life != LIFE_DONE || !did || step->started == 0 || across_gap(reading, step))
        return;
    int64_t took = step->ended - step->started;
    const char *name = history_name(history->arena, step->name);
    struct samples *samples = map_get(&history->steps, name);
    if (samples == NULL) {
        samples = arena_alloc(history->arena, sizeof *samples);
        map_put(history->arena, &history->steps, name, samples);
    }
    /* A clock that was set back makes no time. */
    add_sample(history, samples,
               (struct sample){took > 0 ? took : 0, definition_of(history, step)});
}

static void take_run(struct history *history, const struct reading *reading)
{
    const struct state_run *run = state_run(reading->state);
    const struct state_step *step;
    history->about.runs++;
    for (size_t i = 0; (step = state_at(reading->state, i)) != NULL; i++)
        take_step(history, reading, step);
    if (run->left_out)
        return;
    int64_t took = run->ended - run->started;
    for (size_t i = 0; i < reading->gap_count; i++)
        took -= reading->gaps[i].to - reading->gaps[i].from;
    history->wholes[history->whole_count++] = took > 0 ? took : 0;
}

static void look(struct history *history, const char *folder, const char *id, const char *runbook)
{
    struct failure failure = {0};
    struct reading reading = {.state = state_new()};
    enum journal_result result = journal_read(folder, id, fold, &reading, &failure);
    const struct state_run *run = state_run(reading.state);
    bool there = run->over && run->result != NULL &&
                 (strcmp(run->result, "succeeded") == 0 || strcmp(run->result, "recovered") == 0);
    if (result == JOURNAL_FAILED && failure.error == EACCES)
        history->about.closed++;
    else if (result == JOURNAL_DAMAGED || result == JOURNAL_FAILED)
        history->about.damaged++;
    else if (result == JOURNAL_OK && there && !reading.unusable &&
             strcmp(run->runbook, runbook) == 0 &&
             (history->command == NULL ||
              (run->command != NULL && strcmp(run->command, history->command) == 0)))
        take_run(history, &reading);
    state_free(reading.state);
}

/* ---- all runs ---- */

/* Ids are RUNBOOK-TIME-CHANCE: those of one runbook are found by name alone, and sort by time. */
static bool is_of(const char *id, const char *runbook)
{
    size_t length = strlen(runbook);
    return strncmp(id, runbook, length) == 0 && id[length] == '-' && run_is_name(id);
}

static int newest_first(const void *a, const void *b)
{
    return strcmp(*(const char *const *)b, *(const char *const *)a);
}

static enum journal_result find(struct arena *arena, const char *state_folder, const char *runbook,
                                struct list *ids, struct failure *failure)
{
    const char *path = arena_format(arena, "%s/" RUNS_NAME, state_folder);
    DIR *folder = opendir(path);
    if (folder == NULL && errno == ENOENT)
        return JOURNAL_OK;
    if (folder == NULL) {
        failure_set(failure, errno, "can't read the runs in %s", state_folder);
        return JOURNAL_FAILED;
    }
    struct dirent *entry;
    errno = 0;
    while ((entry = readdir(folder)) != NULL) {
        if (is_of(entry->d_name, runbook))
            list_add(arena, ids, arena_copy(arena, entry->d_name, strlen(entry->d_name)));
        errno = 0;
    }
    int error = errno;
    closedir(folder);
    if (error != 0) {
        failure_set(failure, error, "can't read the runs in %s", state_folder);
        return JOURNAL_FAILED;
    }
    qsort(ids->at, ids->count, sizeof *ids->at, newest_first);
    return JOURNAL_OK;
}

/* May the record of ID be read as well? USED: how much was so far. */
static bool affordable(struct arena *arena, const char *state_folder, const char *id, off_t *used)
{
    struct stat about;
    const char *path = arena_format(arena, "%s/" RUNS_NAME "/%s/" JOURNAL_NAME, state_folder, id);
    if (stat(path, &about) != 0)
        return true; /* reading it tells why */
    bool first = *used == 0;
    *used += about.st_size;
    return first || *used <= HISTORY_BYTES;
}

enum journal_result history_read(struct arena *arena, const char *state_folder, const char *runbook,
                                 const char *command, struct history **history,
                                 struct failure *failure)
{
    struct list ids = {0};
    struct history *made = arena_alloc(arena, sizeof *made);
    made->arena = arena;
    made->command = command;
    *history = made;
    enum journal_result result = find(arena, state_folder, runbook, &ids, failure);
    off_t used = 0;
    for (size_t i = 0; result == JOURNAL_OK && i < ids.count && made->about.runs < HISTORY_RUNS &&
                       affordable(arena, state_folder, ids.at[i], &used);
         i++)
        look(made, state_folder, ids.at[i], runbook);
    return result;
}

const struct history_about *history_about(const struct history *history)
{
    return &history->about;
}

struct history_figures history_whole(const struct history *history)
{
    int64_t durations[HISTORY_RUNS];
    memcpy(durations, history->wholes, history->whole_count * sizeof *durations);
    return history_figures(durations, history->whole_count);
}

struct history_figures history_step(const struct history *history, const char *name,
                                    const char *definition)
{
    int64_t durations[HISTORY_SAMPLES];
    struct arena *scratch = arena_new();
    const struct samples *samples = map_get(&history->steps, history_name(scratch, name));
    size_t count = 0, changed = 0;
    for (size_t i = 0; samples != NULL && i < samples->count; i++) {
        const char *done_by = samples->at[i].definition;
        if (definition != NULL && done_by != NULL && strcmp(done_by, definition) != 0)
            changed++;
        else
            durations[count++] = samples->at[i].duration;
    }
    arena_free(scratch);
    struct history_figures figures = history_figures(durations, count);
    figures.changed = changed;
    return figures;
}
