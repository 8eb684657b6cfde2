#include "engine/fetch.h"

#include "base/arena.h"
#include "base/list.h"
#include "base/mask.h"
#include "base/units.h"
#include "engine/run.h"
#include "lang/action.h"
#include "lang/secret.h"
#include "lang/value.h"
#include "plan/bind.h"
#include "sys/failure.h"
#include "sys/file.h"
#include "sys/loop.h"
#include "sys/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long a command may take that gives a secret, and to end when it is stopped. */
#define COMMAND_LIMIT (30 * UNITS_SECOND)
#define COMMAND_GRACE (2 * UNITS_SECOND)

struct fetch {
    struct fetch_request request;
    struct list wanted; /* of struct value, parts that are not known */
    size_t at;          /* the one that is read */
    const struct deed *deed;
    struct work *command;
    const char *path; /* of the file that the pool reads */
    struct buffer text;
    struct failure failure;
    const char *why;
    bool cancelled;
};

static void next(void *data);

static const struct value *member(const struct value *part, const char *name)
{
    const struct value *found = value_find(part, name);
    return found ? found : &value_unset;
}

/* ---- what one is read from ---- */

/* Nobody else may have read it, nor have put it there. */
static bool is_private(int fd, const char *path, struct failure *failure)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0)
        return failure_set(failure, errno, "can't read %s", path);
    if (!S_ISREG(stat.st_mode))
        return failure_set(failure, 0, "%s is no regular file", path);
    if (stat.st_uid != geteuid() && stat.st_uid != 0)
        return failure_set(failure, 0, "%s belongs to another user: chown it", path);
    if (stat.st_mode & 077)
        return failure_set(failure, 0, "others can read %s (mode %04o): chmod 600 it", path,
                           stat.st_mode & 07777U);
    return true;
}

/* All of the file, without one final newline. */
static bool read_private(const char *path, struct buffer *into, struct failure *failure)
{
    char piece[4096];
    ssize_t got = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return failure_set(failure, errno, "can't read %s", path);
    bool good = is_private(fd, path, failure);
    while (good && got > 0 && into->length <= MASK_MOST) {
        got = read(fd, piece, sizeof piece);
        if (got > 0)
            buffer_add(into, piece, (size_t)got);
        else if (got < 0)
            good = errno == EINTR ? (got = 1, true)
                                  : failure_set(failure, errno, "can't read %s", path);
    }
    explicit_bzero(piece, sizeof piece);
    close(fd);
    if (good && into->length > 0 && into->at[into->length - 1] == '\n')
        into->length--;
    return good;
}

static void wipe(struct buffer *text)
{
    if (text->at != NULL)
        explicit_bzero(text->at, text->room);
    buffer_free(text);
}

/* The absolute path of the file that PART names. */
static const char *path_of(struct arena *arena, const struct value *part, const char *folder)
{
    const char *file = member(part, "file")->text.at, *in = member(part, "in")->text.at;
    if (file[0] == '/')
        return file;
    if (strcmp(in, ".") == 0)
        return arena_format(arena, "%s/%s", folder, file);
    return in[0] == '/' ? arena_format(arena, "%s/%s", in, file)
                        : arena_format(arena, "%s/%s/%s", folder, in, file);
}

/* ---- one after the other ---- */

static const struct value *part_of(const struct fetch *fetch)
{
    return fetch->wanted.at[fetch->at];
}

static void refuse(struct fetch *fetch, const char *why)
{
    fetch->why = arena_format(fetch->request.arena, "the secret '%s' can't be had: %s",
                              member(part_of(fetch), "name")->text.at, why);
}

static void learn(struct fetch *fetch, struct text text)
{
    const char *why = NULL;
    process_keep_closed();
    if (!secrets_learn(fetch->request.setup->secrets, part_of(fetch), text, &why))
        refuse(fetch, why);
}

static void gone_on(struct fetch *fetch)
{
    fetch->at++;
    next(fetch);
}

static void read_env(struct fetch *fetch)
{
    const char *name = member(part_of(fetch), "env")->text.at, *value = getenv(name);
    if (value != NULL)
        learn(fetch, text_of(value));
    else
        refuse(fetch, arena_format(fetch->request.arena,
                                   "there is no %s in the environment in which runbook was started",
                                   name));
    gone_on(fetch);
}

static void read_file(void *data, const atomic_bool *stop)
{
    (void)stop; /* at most 64 KiB */
    struct fetch *fetch = data;
    (void)read_private(fetch->path, &fetch->text, &fetch->failure);
}

static void file_read_over(void *data)
{
    struct fetch *fetch = data;
    if (fetch->failure.text[0] != '\0')
        refuse(fetch, arena_format(fetch->request.arena, "%s", fetch->failure.text));
    else
        learn(fetch, fetch->text.at ? buffer_slice(&fetch->text) : text_of(""));
    wipe(&fetch->text);
    gone_on(fetch);
}

/* What it printed is the secret; what it said of an error tells why there is none. */
static void command_ended(void *context, const struct outcome *outcome)
{
    struct fetch *fetch = context;
    struct arena *arena = fetch->request.arena;
    const struct value *outputs = outcome->outputs;
    const struct value *exit = outputs ? value_find(outputs, "exit") : NULL;
    const struct value *said = outputs ? value_find(outputs, "stderr") : NULL;
    fetch->command = NULL;
    if (outcome->kind != OUTCOME_ENDED)
        refuse(fetch, outcome->message ? outcome->message : "its command did not end well");
    else if (exit->integer != 0)
        refuse(fetch,
               arena_format(arena, "its command ended with %lld%s%s", (long long)exit->integer,
                            said && said->text.length > 0 ? ": " : "",
                            said ? secrets_hide(arena, fetch->request.setup->secrets, said->text.at)
                                 : ""));
    else
        learn(fetch, value_find(outputs, "stdout")->text);
    gone_on(fetch);
}

static const struct core_action *find_exec(const struct core_action *const *core)
{
    while (*core != NULL && strcmp((*core)->name, "exec") != 0)
        core++;
    return *core;
}

static void run_command(struct fetch *fetch)
{
    struct arena *arena = fetch->request.arena;
    const struct run_setup *setup = fetch->request.setup;
    const struct value *part = part_of(fetch);
    struct deed *deed = arena_alloc(arena, sizeof *deed);
    struct describing describing = {.arena = arena,
                                    .host = "here",
                                    .folder = member(part, "in")->text.at,
                                    .env = member(part, "with")};
    const struct member argv = {"argv", member(part, "command")};
    struct problem problem = {0};
    *deed = (struct deed){
        .action = find_exec(setup->core), .host = describing.host, .folder = describing.folder};
    if (!deed->action->describe(&describing, value_map(arena, &argv, 1), deed, &problem)) {
        refuse(fetch, problem.message);
        gone_on(fetch);
        return;
    }
    struct stage stage = {.arena = arena,
                          .loop = setup->loop,
                          .folder = setup->folder,
                          .run_folder = -1,
                          .secrets = setup->secrets,
                          .processes = setup->processes,
                          .run = setup->id,
                          .step = "",
                          .limit = COMMAND_LIMIT,
                          .grace = COMMAND_GRACE,
                          .ended = command_ended,
                          .context = fetch};
    fetch->deed = deed;
    fetch->command = deed->action->start(deed, &stage);
}

/* Two parts of a deed may be one secret. */
static void next(void *data)
{
    struct fetch *fetch = data;
    const struct secrets *secrets = fetch->request.setup->secrets;
    while (fetch->at < fetch->wanted.count && secrets != NULL &&
           secrets_know(secrets, part_of(fetch)))
        fetch->at++;
    if (fetch->at == fetch->wanted.count || fetch->why != NULL || fetch->cancelled) {
        fetch->request.then(fetch->request.context, fetch->why);
        return;
    }
    const struct value *part = part_of(fetch);
    if (value_find(part, "env") != NULL) {
        read_env(fetch);
    } else if (value_find(part, "file") != NULL) {
        fetch->path = path_of(fetch->request.arena, part, fetch->request.setup->folder);
        (void)loop_work(fetch->request.setup->loop, read_file, file_read_over, fetch);
    } else if (value_find(part, "step") != NULL) {
        refuse(fetch, arena_format(fetch->request.arena,
                                   "the step %s gave it to an earlier interpreter, and it is "
                                   "written down nowhere: run that step again (resume --from)",
                                   value_find(part, "step")->text.at));
        gone_on(fetch);
    } else {
        run_command(fetch);
    }
}

static void want(void *data, const struct value *part)
{
    struct fetch *fetch = data;
    list_add(fetch->request.arena, &fetch->wanted, (void *)(uintptr_t)part);
}

struct unknown {
    const struct secrets *secrets;
    bool any;
};

static void look(void *data, const struct value *part)
{
    struct unknown *unknown = data;
    unknown->any =
        unknown->any || unknown->secrets == NULL || !secrets_know(unknown->secrets, part);
}

struct fetch *fetch_start(const struct fetch_request *request)
{
    struct unknown unknown = {.secrets = request->setup->secrets};
    secrets_each(request->inputs, look, &unknown);
    if (!unknown.any)
        return NULL;
    struct fetch *fetch = arena_alloc(request->arena, sizeof *fetch);
    fetch->request = *request;
    secrets_each(request->inputs, want, fetch);
    loop_later(request->setup->loop, next, fetch);
    return fetch;
}

void fetch_cancel(struct fetch *fetch)
{
    fetch->cancelled = true;
    if (fetch->command != NULL)
        fetch->deed->action->cancel(fetch->command);
}

/* ---- at the start ---- */

static void learn_early(struct secrets *secrets, struct arena *arena, const struct value *part,
                        const char *folder)
{
    struct buffer text = {0};
    struct failure failure = {0};
    const struct value *env = value_find(part, "env");
    const char *why = NULL, *value = env ? getenv(env->text.at) : NULL;
    if (value != NULL)
        (void)secrets_learn(secrets, part, text_of(value), &why);
    else if (value_find(part, "file") != NULL &&
             read_private(path_of(arena, part, folder), &text, &failure) && text.at != NULL)
        (void)secrets_learn(secrets, part, buffer_slice(&text), &why);
    wipe(&text);
}

void fetch_early(struct secrets *secrets, const struct runbook *runbook, const struct value *params,
                 const char *folder)
{
    struct arena *arena = arena_new();
    struct binder binder = {0};
    if (runbook->secrets.count > 0)
        process_keep_closed();
    struct moment moment = {.binder = &binder, .scope = scope_root(arena, runbook, params)};
    for (size_t i = 0; i < runbook->secrets.count; i++) {
        const struct secret *secret = runbook->secrets.at[i].value;
        const struct value *value = bind_secret(arena, secret, &moment);
        if (secret->made_by == NULL && value->kind == VALUE_SECRET)
            learn_early(secrets, arena, value_secret_parts(value)->list.at[0], folder);
    }
    arena_free(arena);
}
