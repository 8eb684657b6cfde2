/* From the words of a command to the table of recognisers. */
#include "draft/command.h"

#include "base/arena.h"
#include "base/path.h"

#include <string.h>

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
static void normalise(struct order *order)
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

/* What only looks: the words that such a command begins with. */
static const char *const looking[] = {
    "ls",
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
    "openssl x509",
};

/* Its exec says so. */
static bool only_reads(const struct order *order)
{
    for (size_t i = 0; i < sizeof looking / sizeof *looking; i++)
        if (begins_with(order, looking[i]) > 0)
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
    normalise(order);
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

/* WORD with its `*` and `?` as plain text; NULL when it has more of a shell, or none of them. */
static struct shell_word *glob_of(struct arena *arena, const struct shell_word *word)
{
    struct shell_word *plain = arena_alloc(arena, sizeof *plain);
    bool any = false;
    plain->raw = word->raw;
    for (size_t i = 0; i < word->parts.count; i++) {
        const struct shell_part *part = word->parts.at[i];
        struct shell_part *copy = arena_alloc(arena, sizeof *copy);
        *copy = *part;
        bool glob =
            part->kind == PART_OTHER && part->text.length == 1 && strchr("*?", part->text.at[0]);
        if (part->kind == PART_OTHER && !glob)
            return NULL;
        copy->kind = glob ? PART_TEXT : part->kind;
        any = any || glob;
        list_add(arena, &plain->parts, copy);
    }
    return any ? plain : NULL;
}

/* `ls FOLDER/GLOB`: are there such files? */
static bool make_glob(struct draft *draft, const struct shell_line *line, struct draft_step *step)
{
    const struct shell_command *command = line->commands.at[0];
    const struct shell_word *found = NULL;
    const char *path = NULL, *why = NULL;
    if (line->kind != SHELL_SIMPLE || command->words.count < 2 || command->redirects.count > 0 ||
        command->assignments.count > 0 ||
        !text_is(((struct shell_word *)command->words.at[0])->raw, "ls"))
        return false;
    for (size_t i = 1; i < command->words.count; i++) {
        const struct shell_word *word = command->words.at[i];
        if (word->raw.at[0] == '-')
            continue;
        if (found != NULL)
            return false;
        found = glob_of(draft->arena, word);
        if (found == NULL)
            return false;
    }
    if (found == NULL || !draft_word(draft, found, DATE_EXISTING, &path, &why))
        return false;
    const char *name = path_name(path);
    const char *folder = path_folder(draft->arena, path);
    if (strpbrk(folder, "*?") != NULL || folder[0] == '\0' || name[0] == '\0')
        return false;
    struct branch *map = order_action(draft, step, "file.find", "files there");
    order_put(draft, map, "dir", order_path(draft, folder));
    order_put(draft, map, "name", name);
    struct branch *expect =
        branch_put(draft->arena, step->keys, "expect", branch_map(draft->arena));
    struct branch *files = branch_put(draft->arena, expect, "files", branch_map(draft->arena));
    struct branch *count = branch_put(draft->arena, files, "count", branch_map(draft->arena));
    order_put(draft, count, "min", "1");
    draft_note(draft, step,
               "changed: there must be one; that it is whole and not empty nobody has looked at");
    step->effect = DRAFT_READS;
    return true;
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
    if (make_glob(draft, line, step))
        return true;
    if (!make_order(draft, line->commands.at[0], &order, why))
        return false;
    for (size_t i = 1; i < line->commands.count; i++)
        list_add(draft->arena, &order.pipe, line->commands.at[i]);
    if (order_argv(draft, order.words) == NULL) {
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

bool command_plain(struct draft *draft, struct text inner, struct branch **argv, bool *reads)
{
    struct list lines = shell_read(draft->arena, inner);
    const struct shell_line *line = lines.count == 1 ? lines.at[0] : NULL;
    struct order order = {0};
    const char *why = NULL;
    if (line == NULL || line->kind != SHELL_SIMPLE || line->bash ||
        !make_order(draft, line->commands.at[0], &order, &why) || !order_plain(&order) ||
        order.sudo || is_builtin(order.words[0]))
        return false;
    *argv = order_argv(draft, order.words);
    *reads = only_reads(&order);
    return *argv != NULL;
}
