#include "draft/command.h"

#include "base/arena.h"
#include "draft/names.h"

#include <string.h>

/* ---- what recognisers use ---- */

bool order_varies(const char *word)
{
    for (const char *at = strchr(word, '$'); at != NULL; at = strchr(at + 1, '$'))
        if (at[1] == '{' && (at == word || at[-1] != '$'))
            return true;
    return false;
}

bool order_named(const char *word, const char *marks)
{
    const char *at = word;
    while (*at != '\0') {
        bool letter =
            (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9');
        const char *end = at[0] == '$' && at[1] == '{' ? strchr(at, '}') : at;
        if (end == NULL || (end == at && !letter && (at == word || strchr(marks, *at) == NULL)))
            return false;
        at = end + 1;
    }
    return at > word;
}

bool order_plain(const struct order *order)
{
    return order->stdout_to == NULL && order->stdin_from == NULL && order->stdin_text == NULL &&
           order->env == NULL && order->pipe.count == 0;
}

size_t order_has(const struct order *order, const char *word)
{
    for (size_t i = 1; i < order->count; i++)
        if (strcmp(order->words[i], word) == 0)
            return i;
    return 0;
}

void order_put(struct draft *draft, struct branch *map, const char *key, const char *value)
{
    branch_put(draft->arena, map, key, branch_text(draft->arena, value));
}

struct branch *order_list(struct draft *draft, const struct order *order, size_t first)
{
    struct branch *list = branch_list(draft->arena);
    for (size_t i = first; i < order->count; i++)
        branch_add(draft->arena, list, branch_text(draft->arena, order->words[i]));
    return list;
}

const char *order_path(struct draft *draft, const char *path)
{
    if (draft->cwd == NULL || path[0] == '/' || path[0] == '$')
        return path;
    return arena_format(draft->arena, "%s/%s", draft->cwd, path);
}

void order_dir(struct draft *draft, struct branch *map, const char *key)
{
    if (draft->cwd != NULL)
        order_put(draft, map, key, draft->cwd);
}

static void name_step(struct draft *draft, struct draft_step *step, const char *id)
{
    if (step->id[0] == '\0')
        step->id = name_of_words(draft->arena, id);
}

void command_count(struct draft *draft, const struct draft_step *step)
{
    const char *action = step->action != NULL ? step->action : "";
    static const struct {
        const char *begins;
        size_t offset;
    } kinds[] = {{"exec", offsetof(struct draft_counts, exec)},
                 {"shell", offsetof(struct draft_counts, shell)},
                 {"http.", offsetof(struct draft_counts, http)},
                 {"sql.", offsetof(struct draft_counts, sql)},
                 {"compose.", offsetof(struct draft_counts, library)},
                 {"docker.", offsetof(struct draft_counts, library)},
                 {"git.", offsetof(struct draft_counts, library)},
                 {"volume.", offsetof(struct draft_counts, library)},
                 {"redis.", offsetof(struct draft_counts, library)},
                 {"ports.", offsetof(struct draft_counts, library)},
                 {"", offsetof(struct draft_counts, core)}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(action, kinds[i].begins, strlen(kinds[i].begins)) == 0) {
            ++*(size_t *)(void *)((char *)&draft->counts + kinds[i].offset);
            return;
        }
}

struct branch *order_action(struct draft *draft, struct draft_step *step, const char *action,
                            const char *id)
{
    step->action = action;
    step->argument = branch_map(draft->arena);
    name_step(draft, step, id);
    draft_step_add(draft, step);
    return step->argument;
}

void order_value(struct draft *draft, struct draft_step *step, const char *action,
                 const char *value, const char *id)
{
    order_action(draft, step, action, id);
    step->argument = branch_text(draft->arena, value);
}

struct draft_step *order_more(struct draft *draft, const struct draft_step *step)
{
    struct draft_step *more = draft_step_new(draft);
    more->command = NULL;
    more->line = step->line;
    return more;
}

/* The name of an exec: the program and the words behind it, up to the first that is an option. */
static const char *exec_name(struct draft *draft, const char *const *words)
{
    struct buffer name = {0};
    const char *slash = strrchr(words[0], '/');
    buffer_text(&name, slash && slash[1] ? slash + 1 : words[0]);
    /* of ./scripts/smoke-test.sh: smoke_test */
    if (name.length > 3 && strcmp(name.at + name.length - 3, ".sh") == 0)
        name.length -= 3;
    size_t taken = 0;
    for (size_t i = 1; words[i] != NULL && taken < 2 && slash == NULL; i++) {
        if (words[i][0] == '-' && taken == 0)
            continue;
        if (words[i][0] == '-' || order_varies(words[i]) || strlen(words[i]) > 30)
            break;
        buffer_text(&name, " ");
        buffer_text(&name, words[i]);
        taken++;
    }
    const char *made = arena_copy(draft->arena, name.at ? name.at : "", name.length);
    buffer_free(&name);
    return made;
}

/* The place of CODE in `sh -c CODE`, 0 where there is none. */
static size_t code_at(const char *const *words)
{
    static const char *const shells[] = {"sh", "bash", "dash", "ash", "zsh", "ksh"};
    for (size_t i = 0; words[i] != NULL && words[i + 1] != NULL && words[i + 2] != NULL; i++) {
        const char *slash = strrchr(words[i], '/');
        const char *name = slash ? slash + 1 : words[i];
        for (size_t s = 0; s < sizeof shells / sizeof *shells; s++)
            if (strcmp(name, shells[s]) == 0 && words[i + 1][0] == '-' && words[i + 1][1] != '-' &&
                strchr(words[i + 1], 'c') != NULL)
                return i + 2;
    }
    return 0;
}

static bool is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("_./:@%+,=-", c) != NULL;
}

/* Where a value stands in CODE bare, as a word or a part of one, that word becomes "$1" and the
 * value an argument: values never become code. False when it stands elsewhere. */
static bool take_values_out(struct draft *draft, const char *code, struct buffer *plain,
                            struct branch *values)
{
    bool quoted = false;
    for (const char *at = code; *at != '\0';) {
        const char *end = at;
        bool varies = false;
        while (*end != '\0' && (is_bare(*end) || (end[0] == '$' && end[1] == '{'))) {
            if (*end != '$') {
                end++;
                continue;
            }
            const char *close = strchr(end, '}');
            if (close == NULL || (end > code && end[-1] == '$'))
                return false;
            varies = true;
            end = close + 1;
        }
        if (varies) {
            if (quoted)
                return false;
            const char *word = arena_copy(draft->arena, at, (size_t)(end - at));
            branch_add(draft->arena, values, branch_text(draft->arena, word));
            buffer_format(plain, "\"$%u\"", values->items.count);
            at = end;
            continue;
        }
        end = end > at ? end : at + 1;
        quoted = quoted != (*at == '\'' || *at == '"');
        if (*at == '\\')
            return false;
        buffer_add(plain, at, (size_t)(end - at));
        at = end;
    }
    return values->items.count <= 9;
}

struct branch *order_argv(struct draft *draft, const char *const *words)
{
    struct arena *arena = draft->arena;
    struct branch *argv = branch_list(arena);
    size_t code = code_at(words);
    struct branch *values = branch_list(arena);
    for (size_t i = 0; words[i] != NULL; i++) {
        const char *word = words[i];
        if (i == code && code > 0 && order_varies(word)) {
            struct buffer plain = {0};
            bool good = words[i + 1] == NULL && take_values_out(draft, word, &plain, values);
            word = good ? arena_copy(arena, plain.at, plain.length) : NULL;
            buffer_free(&plain);
            if (!good)
                return NULL;
        }
        branch_add(arena, argv, branch_text(arena, word));
    }
    if (values->items.count > 0)
        branch_add(arena, argv, branch_text(arena, "sh"));
    for (size_t i = 0; i < values->items.count; i++)
        branch_add(arena, argv, values->items.at[i]);
    return argv;
}

void order_exec(struct draft *draft, const struct order *order, struct draft_step *step,
                const char *const *words)
{
    struct arena *arena = draft->arena;
    struct branch *argv = order_argv(draft, words);
    bool alone = order_plain(order) && draft->cwd == NULL && !order->sudo;
    struct branch *map = order_action(draft, step, "exec", exec_name(draft, words));
    if (order->sudo) {
        struct branch *with = branch_list(arena);
        branch_add(arena, with, branch_text(arena, "sudo"));
        branch_add(arena, with, branch_text(arena, "-n"));
        for (size_t i = 0; i < argv->items.count; i++)
            branch_add(arena, with, argv->items.at[i]);
        argv = with;
        alone = order_plain(order) && draft->cwd == NULL;
    }
    if (alone) {
        step->argument = argv;
        return;
    }
    branch_put(arena, map, "argv", argv);
    order_dir(draft, map, "cwd");
    if (order->stdin_from != NULL)
        order_put(draft, map, "stdin_from", order->stdin_from);
    if (order->stdin_text != NULL)
        order_put(draft, map, "stdin", order->stdin_text);
    if (order->stdout_to != NULL)
        order_put(draft, map, "stdout_to", order->stdout_to);
    if (order->env != NULL)
        branch_put(arena, map, "env", order->env);
}

void order_check(struct draft *draft, const struct order *order, struct draft_step *step)
{
    order_exec(draft, order, step, order->words);
    draft_key(draft, step, "effect", "read");
    step->effect = DRAFT_READS;
    step->role = ROLE_CHECK;
}
