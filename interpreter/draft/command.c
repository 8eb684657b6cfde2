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

/* The argv; NULL where a value would become code. */
static struct branch *make_argv(struct draft *draft, const char *const *words)
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
    struct branch *argv = make_argv(draft, words);
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

/* ---- words ---- */

/* Commands whose files have to be there already. */
static bool reads_files(const struct shell_command *command)
{
    static const char *const programs[] = {"ls",     "cat",       "head",   "tail", "zcat",
                                           "gunzip", "less",      "stat",   "test", "pg_restore",
                                           "rm",     "sha256sum", "md5sum", "du",   "psql",
                                           "mysql",  "unzip",     "bzcat",  "["};
    static const char *const inside[] = {"tar x", "tar -x",        "tar t",   "tar -t", "gunzip",
                                         "zcat",  "tar --extract", "restore", "unzip"};
    struct shell_word *first = command->words.at[0];
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (text_is(first->raw, programs[i]))
            return true;
    struct shell_word *last = command->words.at[command->words.count - 1];
    size_t length = (size_t)(last->raw.at + last->raw.length - first->raw.at);
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if (memmem(first->raw.at, length, inside[i], strlen(inside[i])) != NULL)
            return true;
    return false;
}

static bool make_words(struct draft *draft, struct order *order, const char **why)
{
    const struct list *words = &order->source->words;
    bool reads = reads_files(order->source);
    bool copies = text_is(((struct shell_word *)words->at[0])->raw, "cp") ||
                  text_is(((struct shell_word *)words->at[0])->raw, "mv");
    order->words = arena_alloc(draft->arena, (words->count + 1) * sizeof *order->words);
    for (size_t i = 0; i < words->count; i++) {
        enum date_use dates = reads || (copies && i + 1 < words->count) ? DATE_EXISTING : DATE_NEW;
        if (!draft_word(draft, words->at[i], dates, &order->words[order->count], why))
            return false;
        order->count++;
    }
    return true;
}

/* `2>&1` and `2>/dev/null`: a step keeps what is said of errors beside what it says. */
static bool passes_over(const struct shell_redirect *redirect, const char *target)
{
    return (redirect->kind == REDIRECT_COPY && redirect->fd == 2 && strcmp(target, "1") == 0) ||
           (redirect->kind == REDIRECT_OUT && strcmp(target, "/dev/null") == 0);
}

static bool make_redirects(struct draft *draft, struct order *order, const char **why)
{
    const struct list *redirects = &order->source->redirects;
    bool both = false;
    for (size_t i = 0; i < redirects->count; i++) {
        const struct shell_redirect *redirect = redirects->at[i];
        const char *target = "";
        if (redirect->kind == REDIRECT_HERE) {
            const struct shell_part *end = redirect->target->parts.at[0];
            struct text here = redirect->here;
            if (!end->quoted && here.length > 0 && memchr(here.at, '$', here.length) != NULL) {
                *why = "a here-document with variables in it";
                return false;
            }
            order->stdin_text =
                branch_literal(draft->arena, arena_copy(draft->arena, here.at, here.length));
            continue;
        }
        bool reads = redirect->kind == REDIRECT_IN;
        if (!draft_word(draft, redirect->target, reads ? DATE_EXISTING : DATE_NEW, &target, why))
            return false;
        both = both || redirect->kind == REDIRECT_COPY;
        if (passes_over(redirect, target))
            continue;
        if (reads && redirect->fd == 0)
            order->stdin_from = target;
        else if (redirect->kind == REDIRECT_OUT && redirect->fd == 1)
            order->stdout_to = target;
        else {
            *why = redirect->kind == REDIRECT_APPEND ? "a '>>'" : "a redirect of its own kind";
            return false;
        }
    }
    if (both && order->stdout_to != NULL) {
        *why = "its errors and its output in one file";
        return false;
    }
    return true;
}

static bool make_env(struct draft *draft, struct order *order, const char **why)
{
    const struct list *assignments = &order->source->assignments;
    for (size_t i = 0; i < assignments->count; i++) {
        const struct shell_assignment *assignment = assignments->at[i];
        const char *value = NULL;
        *why = "a variable that changes what runs";
        if (!draft_may_set(assignment->name) ||
            !draft_word(draft, assignment->value, DATE_NEW, &value, why))
            return false;
        order->env = order->env ? order->env : branch_map(draft->arena);
        if (branch_get(order->env, assignment->name) == NULL)
            order_put(draft, order->env, assignment->name, value);
    }
    return true;
}

static void drop_word(struct order *order, size_t at)
{
    memmove(order->words + at, order->words + at + 1, (order->count - at) * sizeof *order->words);
    order->count--;
}

/* sudo is told by itself; `docker compose` is docker-compose. */
static void normalise(struct draft *draft, struct order *order)
{
    while (order->count > 1 && strcmp(order->words[0], "sudo") == 0 && order->words[1][0] != '-') {
        order->sudo = true;
        drop_word(order, 0);
    }
    if (order->count > 2 && strcmp(order->words[0], "docker") == 0 &&
        strcmp(order->words[1], "compose") == 0 && order->words[2][0] != '-') {
        order->words[1] = "docker-compose";
        drop_word(order, 0);
    }
    (void)draft;
}

/* ---- the table ---- */

static const struct recogniser *const tables[] = {docker_recognisers, git_recognisers,
                                                  http_recognisers,   sql_recognisers,
                                                  file_recognisers,   system_recognisers};

/* How many words of BEGINS the command begins with: all, or 0. */
static size_t begins_with(const struct order *order, const char *begins)
{
    size_t word = 0;
    struct text rest = text_of(begins);
    while (rest.length > 0) {
        size_t length = strcspn(rest.at, " ");
        if (word >= order->count || strlen(order->words[word]) != length ||
            memcmp(order->words[word], rest.at, length) != 0)
            return 0;
        word++;
        rest.at += length + (rest.at[length] == ' ');
        rest.length = strlen(rest.at);
    }
    return word;
}

static bool try_table(struct draft *draft, const struct order *order, struct draft_step *step)
{
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct recogniser *at = tables[t]; at->words != NULL; at++)
            if (begins_with(order, at->words) > 0 && at->make(draft, order, step))
                return true;
    return false;
}

/* What only looks; its exec says so. */
static bool only_reads(const struct order *order)
{
    static const char *const reads[] = {"ls",
                                        "cat",
                                        "head",
                                        "tail",
                                        "df",
                                        "du",
                                        "free",
                                        "uptime",
                                        "ps",
                                        "grep",
                                        "wc",
                                        "stat",
                                        "which",
                                        "id",
                                        "whoami",
                                        "hostname",
                                        "uname",
                                        "env",
                                        "printenv",
                                        "date",
                                        "dig",
                                        "nslookup",
                                        "host",
                                        "ping",
                                        "ss",
                                        "netstat",
                                        "lsof",
                                        "journalctl",
                                        "dmesg",
                                        "sha256sum",
                                        "md5sum",
                                        "file",
                                        "test",
                                        "git log",
                                        "git status",
                                        "git diff",
                                        "git show",
                                        "git branch",
                                        "git rev-parse",
                                        "git describe",
                                        "docker ps",
                                        "docker images",
                                        "docker logs",
                                        "docker inspect",
                                        "docker info",
                                        "docker version",
                                        "docker stats",
                                        "docker volume ls",
                                        "docker volume inspect",
                                        "docker network ls",
                                        "docker-compose config",
                                        "docker-compose images",
                                        "docker-compose logs",
                                        "kubectl get",
                                        "kubectl describe",
                                        "kubectl logs",
                                        "kubectl top",
                                        "kubectl version",
                                        "kubectl cluster-info",
                                        "systemctl status",
                                        "systemctl is-active",
                                        "systemctl list-units",
                                        "helm list",
                                        "helm status",
                                        "helm history",
                                        "npm ls",
                                        "pip list",
                                        "terraform plan",
                                        "terraform show",
                                        "redis-cli info",
                                        "aws sts",
                                        "pg_isready",
                                        "nproc",
                                        "lscpu",
                                        "mount",
                                        "lsblk",
                                        "zpool status",
                                        "ceph status",
                                        "ceph health",
                                        "ceph osd tree",
                                        "openssl x509"};
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
        if (begins_with(order, reads[i]) > 0)
            return order->stdout_to == NULL || strcmp(order->stdout_to, "/dev/null") == 0;
    return false;
}

static bool make_order(struct draft *draft, const struct shell_command *command,
                       struct order *order, const char **why)
{
    order->source = command;
    if (command->words.count == 0) {
        *why = "no command in it";
        return false;
    }
    if (!make_words(draft, order, why) || !make_redirects(draft, order, why) ||
        !make_env(draft, order, why))
        return false;
    normalise(draft, order);
    if (order->count == 0 || order_varies(order->words[0])) {
        *why = "a command whose name is a value";
        return false;
    }
    return true;
}

/* What is part of a shell and no program. */
static bool is_builtin(const char *word)
{
    static const char *const words[] = {
        "source", ".",       "eval",  "exec",    "set",      "unset", "alias", "exit",  "return",
        "trap",   "wait",    "read",  "shift",   "ulimit",   "umask", "popd",  "pushd", "export",
        "local",  "declare", "cd",    "command", "type",     "bg",    "fg",    "jobs",  "history",
        ":",      "[[",      "shopt", "break",   "continue", "hash",  "times", "disown"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

bool command_make(struct draft *draft, const struct shell_line *line, struct draft_step *step,
                  const char **why)
{
    struct order order = {0};
    if ((line->kind != SHELL_SIMPLE && line->kind != SHELL_PIPE) || line->bash) {
        *why = line->kind == SHELL_CHAIN ? "several commands"
               : line->bash              ? "what is bash's"
                                         : line->why;
        return false;
    }
    if (!make_order(draft, line->commands.at[0], &order, why))
        return false;
    for (size_t i = 1; i < line->commands.count; i++)
        list_add(draft->arena, &order.pipe, line->commands.at[i]);
    if (make_argv(draft, order.words) == NULL) {
        *why = "a value inside of code";
        return false;
    }
    if (try_table(draft, &order, step))
        return true;
    if (line->kind == SHELL_PIPE) {
        *why = "a pipe";
        return false;
    }
    if (is_builtin(order.words[0])) {
        *why = arena_format(draft->arena, "'%s', which is the shell's own", order.words[0]);
        return false;
    }
    order_exec(draft, &order, step, order.words);
    if (only_reads(&order)) {
        step->effect = DRAFT_READS;
        draft_key(draft, step, "effect", "read");
    }
    return true;
}
