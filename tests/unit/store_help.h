/* store_help: what the tests of store/ share: a folder that goes away, sample events of every kind,
 * a short story of a run. */
#ifndef TESTS_STORE_HELP_H
#define TESTS_STORE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/text.h"
#include "lang/value.h"
#include "store/event.h"
#include "store/event_table.h"
#include "store/journal.h"
#include "store/state.h"
#include "sys/failure.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define T0  INT64_C(1705329000123456789) /* 2024-01-15T14:30:00.123456789Z */
#define RUN "level2-20240115-143000-x7k2q"

struct world {
    struct arena *arena;
    char folder[64]; /* a state folder of its own; not made yet */
    char top[64];
    struct failure failure;
};

static inline int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    const char *base = getenv("TMPDIR");
    world->arena = arena_new();
    /* In memory where that can be: thousands of journals are written and synced. */
    if (base == NULL)
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(world->top, sizeof world->top, "%.40s/store-XXXXXX", base);
    if (mkdtemp(world->top) == NULL)
        return -1;
    snprintf(world->folder, sizeof world->folder, "%.50s/state", world->top);
    *state = world;
    return 0;
}

static inline int tear_down(void **state)
{
    struct world *world = *state;
    remove_tree(world->top);
    arena_free(world->arena);
    free(world);
    return 0;
}

/* A value that holds every kind. */
static inline const struct value *every_kind(struct arena *arena)
{
    struct text bytes = {"a\0\xff", 3};
    const struct value *list[] = {
        &value_unset,
        &value_true,
        &value_false,
        value_string(arena, "sch\xc3\xb6n \"quoted\" \\ { \"seq\":1,\n"),
        value_text(arena, bytes),
        value_integer(arena, VALUE_INT, INT64_MIN),
        value_float(arena, 0.1),
        value_integer(arena, VALUE_DURATION, 90 * INT64_C(1000000000)),
        value_integer(arena, VALUE_SIZE, INT64_C(20) << 30),
        value_integer(arena, VALUE_TIME, T0),
    };
    struct member inner[] = {{"$size", value_string(arena, "x")}};
    struct member members[] = {
        {"list", value_list(arena, list, sizeof list / sizeof list[0])},
        {"seq", value_integer(arena, VALUE_INT, 1)},
        {"event", value_string(arena, "ended")},
        {"hash",
         value_string(arena, "0123456789012345678901234567890123456789012345678901234567890123")},
        {"inner", value_map(arena, inner, 1)},
    };
    return value_map(arena, members, sizeof members / sizeof members[0]);
}

/* Fields that the fold reads need a word that it knows. */
static inline const char *sample_text(enum event_field field)
{
    switch ((int)field) {
    case FIELD_EFFECT:
        return "change";
    case FIELD_OUTCOME:
        return "ended";
    case FIELD_HOW:
        return "verify";
    case FIELD_VERDICT:
        return "done";
    default:
        return "some \"text\" \\ { \"seq\":7,\"time\":\" with \xe2\x80\xb9\xc3\xbc\xe2\x80\xba\t.";
    }
}

static inline void sample_field(struct arena *arena, struct event *event, enum event_field field)
{
    static const char *const texts[] = {"one", "two, \"three\"", ""};
    switch (field_about(field)->kind) {
    case KIND_TEXT:
    case KIND_PROSE:
        event_set_text(event, field, sample_text(field));
        break;
    case KIND_INT:
        event_set_integer(event, field, field == FIELD_FORMAT ? 1 : 42 - (int64_t)field);
        break;
    case KIND_BOOL:
        event_set_truth(event, field, field % 2 == 0);
        break;
    case KIND_TEXTS:
        event_set_texts(event, field, texts, 3);
        break;
    case KIND_VALUE:
        event_set_value(event, field, every_kind(arena));
        break;
    case KIND_JSON: {
        json_t *json = json_pack("{s:[i,n,b,s], s:f}", "argv", 1, 1, "x", "f", 0.5);
        event_set_json(event, field, json);
        arena_finally(arena, (void (*)(void *))json_decref, json);
        break;
    }
    }
}

/* An event of that kind with all fields, or only those that must be there. */
static inline struct event sample(struct arena *arena, enum event_kind kind, bool all)
{
    const struct event_about *about = event_about(kind);
    const char *step = about->subject == EVENT_ABOUT_RUN ? NULL : "outer[a%2Fb]#2/inner";
    struct event event = event_of(kind, step, T0);
    for (size_t i = 0; i < about->count; i++)
        if (all || about->members[i].must)
            sample_field(arena, &event, about->members[i].field);
    return event;
}

/* ---- a run's story ---- */

static inline struct event started(struct arena *arena)
{
    struct event event = event_of(EVENT_STARTED, NULL, T0);
    event_set_integer(&event, FIELD_FORMAT, EVENT_FORMAT);
    event_set_text(&event, FIELD_RUN, RUN);
    event_set_text(&event, FIELD_RUNBOOK, "level2");
    event_set_text(&event, FIELD_FILE, "level2.yaml");
    event_set_text(&event, FIELD_FOLDER, "/srv/runbooks");
    event_set_value(&event, FIELD_PARAMS, value_map(arena, NULL, 0));
    event_set_text(&event, FIELD_PLAN, "d1");
    event_set_text(&event, FIELD_USER, "ada");
    event_set_integer(&event, FIELD_UID, 1000);
    event_set_text(&event, FIELD_HOST, "db1");
    event_set_integer(&event, FIELD_PID, 77);
    event_set_text(&event, FIELD_VERSION, "0.1.0");
    event_set_text(&event, FIELD_COPY, "runbook/1");
    return event;
}

static inline struct event resumed(void)
{
    struct event event = event_of(EVENT_RESUMED, NULL, T0 + 1);
    event_set_text(&event, FIELD_COMMAND, "resume");
    event_set_text(&event, FIELD_USER, "bob");
    event_set_integer(&event, FIELD_UID, 1001);
    event_set_text(&event, FIELD_HOST, "db2");
    event_set_integer(&event, FIELD_PID, 78);
    event_set_text(&event, FIELD_VERSION, "0.1.0");
    return event;
}

static inline struct event ended(const char *result)
{
    struct event event = event_of(EVENT_ENDED, NULL, T0 + 9);
    event_set_text(&event, FIELD_RESULT, result);
    return event;
}

static inline struct event intent(struct arena *arena, const char *step, const char *effect,
                                  bool repeatable)
{
    struct event event = event_of(EVENT_INTENT, step, T0 + 2);
    json_t *deed = json_pack("{s:[s,s]}", "argv", "/bin/true", step);
    arena_finally(arena, (void (*)(void *))json_decref, deed);
    event_set_text(&event, FIELD_ACTION, "exec");
    event_set_text(&event, FIELD_EFFECT, effect);
    event_set_integer(&event, FIELD_TRY, 1);
    event_set_integer(&event, FIELD_ROUND, 1);
    event_set_text(&event, FIELD_DEFINITION, "def");
    event_set_text(&event, FIELD_COPY, "runbook/1");
    event_set_json(&event, FIELD_DEED, deed);
    event_set_text(&event, FIELD_DEED_DIGEST, "dd");
    event_set_integer(&event, FIELD_NOW, T0 + 2);
    event_set_truth(&event, FIELD_REPEATABLE, repeatable);
    return event;
}

static inline struct event outcome(const char *step, uint64_t attempt, const char *how,
                                   const struct value *outputs)
{
    struct event event = event_of(EVENT_OUTCOME, step, T0 + 3);
    event_set_integer(&event, FIELD_ATTEMPT, (int64_t)attempt);
    event_set_text(&event, FIELD_OUTCOME, how);
    event_set_value(&event, FIELD_OUTPUTS, outputs);
    return event;
}

static inline struct event plain(enum event_kind kind, const char *step)
{
    return event_of(kind, step, T0 + 4);
}

static inline struct event with_text(struct event event, enum event_field field, const char *text)
{
    event_set_text(&event, field, text);
    return event;
}

static inline struct event with_integer(struct event event, enum event_field field, int64_t integer)
{
    event_set_integer(&event, field, integer);
    return event;
}

static inline struct event with_value(struct event event, enum event_field field,
                                      const struct value *value)
{
    event_set_value(&event, field, value);
    return event;
}

/* ---- files ---- */

static inline char *run_path(const struct world *world, const char *name)
{
    return arena_format(world->arena, "%s/runs/" RUN "/%s", world->folder, name);
}

static inline struct text slurp(struct world *world, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    assert_true(fd >= 0 && fstat(fd, &stat) == 0);
    char *bytes = arena_alloc(world->arena, (size_t)stat.st_size + 1);
    assert_int_equal(read(fd, bytes, (size_t)stat.st_size), stat.st_size);
    close(fd);
    return (struct text){bytes, (size_t)stat.st_size};
}

static inline void spill(const char *path, const char *at, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, at, length), length);
    close(fd);
}

/* Collects what a journal tells, folded. */
struct told {
    struct state *state;
    size_t count;
    enum event_kind last;
};

static inline bool tell(void *context, const struct event *event, struct failure *failure)
{
    struct told *told = context;
    if (told->state != NULL && !state_apply(told->state, event, failure))
        return false;
    told->count++;
    told->last = event->kind;
    return true;
}

#endif
