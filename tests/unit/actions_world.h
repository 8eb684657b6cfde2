/* A world for the actions' tests: a folder, a run's folder, a loop, and one call that drives an
 * action the way a run does: describe, the deed as JSON and back (what is not in it is lost),
 * start, the loop until it ended. */
#ifndef TESTS_ACTIONS_WORLD_H
#define TESTS_ACTIONS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "actions/actions.h"
#include "base/arena.h"
#include "base/units.h"
#include "lang/action.h"
#include "lang/eval.h"
#include "lang/value.h"
#include "sys/loop.h"

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

struct world {
    struct arena *arena;
    struct loop *loop;
    char folder[64];         /* where relative paths lead */
    struct stage stage;      /* what `act` starts with; a test may change it */
    const struct deed *deed; /* of the last `act` */
    const struct outcome *outcome;
    int ended; /* how often */
    struct buffer heard[2];
    struct work *work;
    struct loop_timer timer;
    bool cancel_when_heard; /* as soon as it wrote something */
    const struct value *default_env;
};

/* ---- values ---- */

#define ARGS(...)           \
    (const struct member[]) \
    {                       \
        __VA_ARGS__,        \
        {                   \
            0               \
        }                   \
    }
#define NO_ARGS             \
    (const struct member[]) \
    {                       \
        {                   \
            0               \
        }                   \
    }

static inline const struct value *text(struct world *world, const char *string)
{
    return value_string(world->arena, string);
}

static inline const struct value *number(struct world *world, int64_t integer)
{
    return value_integer(world->arena, VALUE_INT, integer);
}

/* STRINGS ends with NULL. */
static inline const struct value *texts(struct world *world, const char *const *strings)
{
    const struct value *at[64];
    size_t count = 0;
    for (; strings[count] != NULL; count++)
        at[count] = text(world, strings[count]);
    return value_list(world->arena, at, count);
}
#define TEXTS(world, ...) texts(world, (const char *const[]){__VA_ARGS__, NULL})

/* ---- files ---- */

static inline const char *place(struct world *world, const char *name)
{
    return arena_format(world->arena, "%s/%s", world->folder, name);
}

static inline void put_bytes(struct world *world, const char *name, const void *at, size_t length)
{
    int fd = open(place(world, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, at, length), (ssize_t)length);
    close(fd);
}

static inline void put_file(struct world *world, const char *name, const char *content)
{
    put_bytes(world, name, content, strlen(content));
}

/* NULL when it is not there. */
static inline const char *get_file(struct world *world, const char *name)
{
    int fd = open(place(world, name), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    struct buffer content = {0};
    char piece[4096];
    for (ssize_t length; (length = read(fd, piece, sizeof piece)) > 0;)
        buffer_add(&content, piece, (size_t)length);
    close(fd);
    const char *copy = arena_copy(world->arena, content.at ? content.at : "", content.length);
    buffer_free(&content);
    return copy;
}

static inline unsigned mode_of(struct world *world, const char *name)
{
    struct stat about;
    assert_int_equal(lstat(place(world, name), &about), 0);
    return about.st_mode & 07777;
}

static inline bool is_there(struct world *world, const char *name)
{
    struct stat about;
    return lstat(place(world, name), &about) == 0;
}

/* How many entries the folder NAME has: a temporary file that was left would be one too many. */
static inline int entries_in(struct world *world, const char *name)
{
    int count = 0;
    DIR *stream = opendir(place(world, name));
    assert_non_null(stream);
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(stream);
    return count;
}

/* ---- driving ---- */

static inline void hear_end(void *context, const struct outcome *outcome)
{
    struct world *world = context;
    world->outcome = outcome;
    world->ended++;
}

static inline void cancel_work(void *data)
{
    struct world *world = data;
    world->deed->action->cancel(world->work);
}

static inline void hear_output(void *context, int stream, struct text bytes)
{
    struct world *world = context;
    assert_true(stream == 1 || stream == 2);
    buffer_add(&world->heard[stream - 1], bytes.at, bytes.length);
    if (world->cancel_when_heard)
        loop_timer_start(world->loop, &world->timer, 0, cancel_work, world);
    world->cancel_when_heard = false;
}

static inline const struct value *given(const struct member *args, const char *name)
{
    for (; args->key != NULL; args++)
        if (strcmp(args->key, name) == 0)
            return args->value;
    return NULL;
}

static inline const struct value *preset(struct world *world, const struct param_about *param)
{
    if (param->preset == NULL)
        return &value_unset;
    if (strcmp(param->type, "bool") == 0)
        return value_bool(strcmp(param->preset, "true") == 0);
    if (strcmp(param->type, "int") == 0)
        return number(world, atoi(param->preset));
    const char *at = param->preset; /* the table's own test reads it as YAML */
    size_t length = strlen(at);
    bool quoted = at[0] == '\'' && length > 1;
    return value_text(world->arena, (struct text){at + quoted, length - 2 * quoted});
}

/* All params of ACTION: those in ARGS, presets, unset ones. An argument that is no param is a
 * test's mistake. */
static inline const struct value *arguments(struct world *world, const struct core_action *action,
                                            const struct member *args)
{
    struct member members[32];
    size_t count = 0, used = 0, written = 0;
    for (const struct param_about *param = action->params; param->name != NULL; param++) {
        const struct value *value = given(args, param->name);
        used += value != NULL;
        members[count++] =
            (struct member){param->name, value != NULL ? value : preset(world, param)};
    }
    for (; args[written].key != NULL; written++)
        ;
    assert_int_equal(used, written);
    return value_map(world->arena, members, count);
}

/* The deed, or NULL with *problem. */
static inline const struct deed *describe(struct world *world, const struct core_action *action,
                                          const struct member *args, struct problem *problem)
{
    struct describing describing = {
        .arena = world->arena, .host = "here", .folder = ".", .env = world->default_env};
    struct deed *deed = arena_alloc(world->arena, sizeof *deed);
    *deed = (struct deed){.action = action, .host = "here", .folder = "."};
    return action->describe(&describing, arguments(world, action, args), deed, problem) ? deed
                                                                                        : NULL;
}

/* Through JSON and back. */
static inline const struct deed *retold(struct world *world, const struct deed *deed)
{
    const struct core_action *const core[] = {deed->action, NULL};
    struct json_t *json = deed_to_json(deed);
    assert_non_null(json);
    const struct deed *again = deed_from_json(world->arena, json, core);
    json_decref(json);
    assert_non_null(again);
    assert_string_equal(deed_digest(world->arena, deed), deed_digest(world->arena, again));
    return again;
}

static inline const struct deed *deed_of(struct world *world, const struct core_action *action,
                                         const struct member *args)
{
    struct problem problem = {0};
    const struct deed *deed = describe(world, action, args, &problem);
    if (deed == NULL)
        fail_msg("%s: %s", action->name, problem.message);
    return retold(world, deed);
}

typedef struct work *begin(const struct deed *deed, const struct stage *stage);

/* CANCEL: ns after which it is cancelled, or -1. */
static inline const struct outcome *begin_with(struct world *world, const struct deed *deed,
                                               begin *with, int64_t cancel)
{
    world->outcome = NULL;
    world->ended = 0;
    world->deed = deed;
    world->work = with(deed, &world->stage);
    assert_int_equal(world->ended, 0); /* never from inside start */
    if (cancel >= 0)
        loop_timer_start(world->loop, &world->timer, cancel, cancel_work, world);
    loop_run(world->loop);
    assert_int_equal(world->ended, 1);
    assert_non_null(world->outcome);
    if (world->outcome->kind != OUTCOME_ENDED) {
        assert_non_null(world->outcome->message);
        assert_null(strchr(world->outcome->message, '\n'));
    }
    return world->outcome;
}

static inline const struct outcome *act(struct world *world, const struct core_action *action,
                                        const struct member *args)
{
    return begin_with(world, deed_of(world, action, args), action->start, -1);
}

/* As `act`, and it must end by itself. */
static inline const struct value *done(struct world *world, const struct core_action *action,
                                       const struct member *args)
{
    const struct outcome *outcome = act(world, action, args);
    if (outcome->kind != OUTCOME_ENDED)
        fail_msg("%s: kind %d: %s", action->name, outcome->kind, outcome->message);
    for (const struct param_about *output = action->outputs; output->name != NULL; output++) {
        const struct value *value = value_member(world->arena, outcome->outputs, output->name);
        if (output->mandatory && value->kind == VALUE_UNSET)
            fail_msg("%s: no output %s", action->name, output->name);
    }
    return outcome->outputs;
}

/* It must end ill, as KIND, with WORDS in its message. */
static inline void ill(struct world *world, const struct outcome *outcome, enum outcome_kind kind,
                       const char *words)
{
    (void)world;
    if (outcome->kind != kind || outcome->message == NULL ||
        strstr(outcome->message, words) == NULL)
        fail_msg("kind %d: %s\nwanted kind %d: %s", outcome->kind,
                 outcome->message ? outcome->message : "-", kind, words);
}

static inline const struct outcome *settle(struct world *world, const struct core_action *action,
                                           const struct member *args)
{
    return begin_with(world, deed_of(world, action, args), action->settle, -1);
}

static inline const char *output_text(struct world *world, const struct value *outputs,
                                      const char *name)
{
    const struct value *value = value_member(world->arena, outputs, name);
    assert_int_equal(value->kind, VALUE_TEXT);
    return value->text.at;
}

static inline int64_t output_number(struct world *world, const struct value *outputs,
                                    const char *name)
{
    const struct value *value = value_member(world->arena, outputs, name);
    assert_true(value->kind == VALUE_INT || value->kind == VALUE_SIZE ||
                value->kind == VALUE_TIME || value->kind == VALUE_DURATION);
    return value->integer;
}

static inline bool output_truth(struct world *world, const struct value *outputs, const char *name)
{
    const struct value *value = value_member(world->arena, outputs, name);
    assert_int_equal(value->kind, VALUE_BOOL);
    return value->truth;
}

/* As the plan shows it. */
static inline const char *shown(struct world *world, const struct core_action *action,
                                const struct member *args)
{
    struct problem problem = {0};
    struct buffer into = {0};
    const struct deed *deed = describe(world, action, args, &problem);
    if (deed == NULL)
        fail_msg("%s: %s", action->name, problem.message);
    action->show(deed, &into);
    const char *copy = arena_copy(world->arena, into.at, into.length);
    buffer_free(&into);
    return copy;
}

/* Describe must refuse it, with WORDS. */
static inline void refused(struct world *world, const struct core_action *action,
                           const struct member *args, const char *words)
{
    struct problem problem = {0};
    if (describe(world, action, args, &problem) != NULL)
        fail_msg("%s: not refused, wanted: %s", action->name, words);
    if (problem.message == NULL || strstr(problem.message, words) == NULL)
        fail_msg("%s: %s\nwanted: %s", action->name, problem.message, words);
}

/* ---- making and removing it ---- */

static inline int world_make(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct failure failure;
    assert_non_null(world);
    world->arena = arena_new();
    world->loop = loop_new(NULL, &failure);
    assert_non_null(world->loop);
    snprintf(world->folder, sizeof world->folder, "/tmp/runbook-actions-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    assert_int_equal(mkdir(place(world, "home"), 0755), 0);
    assert_int_equal(mkdir(place(world, "run"), 0700), 0);
    assert_int_equal(mkdir(place(world, "run/logs"), 0700), 0);
    assert_int_equal(mkdir(place(world, "run/attempts"), 0700), 0);
    world->stage = (struct stage){
        .arena = world->arena,
        .loop = world->loop,
        .folder = arena_format(world->arena, "%s/home", world->folder),
        .run_folder = open(place(world, "run"), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
        .attempt = 42,
        .run = "demo-20240115-143000-x7k2q",
        .step = "outer/inner",
        .grace = UNITS_SECOND,
        .output = hear_output,
        .ended = hear_end,
        .context = world,
    };
    assert_true(world->stage.run_folder >= 0);
    strcat(world->folder, "/home"); /* from here on tests mean what the deeds mean */
    *state = world;
    return 0;
}

static inline int remove_one(const char *path, const struct stat *about, int type, struct FTW *at)
{
    (void)about;
    (void)type;
    (void)at;
    return remove(path);
}

static inline int world_end(void **state)
{
    struct world *world = *state;
    *strrchr(world->folder, '/') = '\0';
    nftw(world->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    close(world->stage.run_folder);
    buffer_free(&world->heard[0]);
    buffer_free(&world->heard[1]);
    loop_free(world->loop);
    arena_free(world->arena);
    free(world);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_end)

#endif
