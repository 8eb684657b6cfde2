/* The environment of a program: a part of child.h. It is declared, never inherited: what the
 * operator's shell happens to hold changes nothing, and can smuggle in no code. */
#include "actions/child_env.h"

#include "actions/input.h"
#include "actions/sql_place.h"
#include "base/arena.h"
#include "base/list.h"
#include "lang/action.h"
#include "lang/secret.h"
#include "lang/value.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHILD_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* What makes a loader or a shell run code that stands in no runbook. */
static const char *const forbidden[] = {"BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS", "PS4"};
static const char *const forbidden_prefixes[] = {"LD_", "BASH_FUNC_", "RUNBOOK_"};

static const char *name_fault(const char *name)
{
    if (name[0] == '\0' || strchr(name, '=') != NULL)
        return "is no name of a variable";
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        if (strcmp(name, forbidden[i]) == 0)
            return "can't be set: it makes shells run other code";
    for (size_t i = 0; i < sizeof forbidden_prefixes / sizeof *forbidden_prefixes; i++)
        if (strncmp(name, forbidden_prefixes[i], strlen(forbidden_prefixes[i])) == 0)
            return "can't be set: names that begin so change what runs, or are runbook's own";
    return NULL;
}

bool child_env_check(const struct describing *describing, const struct deed *deed,
                     const char *input, struct problem *problem)
{
    const struct value *env = input_value(deed, input);
    for (size_t i = 0; env->kind == VALUE_MAP && i < env->map.count; i++) {
        const char *fault = name_fault(env->map.at[i].key);
        if (fault != NULL)
            return input_refuse(describing, problem, "%s: in `env`, \"%s\" %s", deed->action->name,
                                env->map.at[i].key, fault);
    }
    return input_has_no_nul(describing, deed, input, problem);
}

/* Where USER (a name or a number; NULL: who we are) is at home. */
static const char *home_of(struct arena *arena, const char *user)
{
    char room[4096];
    struct passwd entry, *found = NULL;
    char *end = NULL;
    unsigned long uid = user != NULL ? strtoul(user, &end, 10) : geteuid();
    if (user != NULL && (end == user || *end != '\0'))
        getpwnam_r(user, &entry, room, sizeof room, &found);
    else
        getpwuid_r((uid_t)uid, &entry, room, sizeof room, &found);
    return found != NULL ? arena_copy(arena, found->pw_dir, strlen(found->pw_dir)) : "/";
}

static void set(struct arena *arena, struct map *env, const char *name, const char *value)
{
    char *line = arena_format(arena, "%s=%s", name, value);
    if (map_put(arena, env, name, line))
        return;
    for (size_t i = 0; i < env->count; i++)
        if (strcmp(env->at[i].key, name) == 0)
            env->at[i].value = line;
}

static void set_all(struct arena *arena, const struct secrets *secrets, struct map *env,
                    const struct value *values)
{
    for (size_t i = 0; values->kind == VALUE_MAP && i < values->map.count; i++)
        set(arena, env, values->map.at[i].key,
            secrets_reveal(arena, secrets, values->map.at[i].value).at);
}

const char *const *child_env_make(const struct deed *deed, const struct stage *stage)
{
    struct arena *arena = stage->arena;
    struct map env = {0}, connection = {0};
    set(arena, &env, "PATH", CHILD_PATH);
    set(arena, &env, "HOME", home_of(arena, input_text(deed, "user")));
    set(arena, &env, "LANG", "C.UTF-8");
    set(arena, &env, "TZ", "UTC");
    set(arena, &env, "TERM", "dumb");
    set_all(arena, stage->secrets, &env, input_value(deed, "default_env"));
    sql_place_variables(deed, stage, &connection);
    for (size_t i = 0; i < connection.count; i++)
        set(arena, &env, connection.at[i].key, connection.at[i].value);
    set_all(arena, stage->secrets, &env, input_value(deed, "env"));
    set(arena, &env, "RUNBOOK_RUN", stage->run != NULL ? stage->run : "");
    set(arena, &env, "RUNBOOK_STEP", stage->step != NULL ? stage->step : "");
    set(arena, &env, "RUNBOOK_ATTEMPT",
        arena_format(arena, "%llu", (unsigned long long)stage->attempt));
    const char **lines = arena_alloc(arena, (env.count + 1) * sizeof *lines);
    for (size_t i = 0; i < env.count; i++)
        lines[i] = env.at[i].value;
    return lines;
}
