/* What is left to a shell, word for word; and what looks like a command at all. */
#include "draft/command.h"

#include "base/arena.h"
#include "draft/names.h"

#include <string.h>

/* ---- word for word ---- */

/* The line with its blanks as variables, which ENV then has. */
static const char *fill_blanks(struct draft *draft, const struct shell_line *line,
                               struct branch **env)
{
    struct arena *arena = draft->arena;
    struct buffer script = {0};
    const char *at = line->text.at, *end = line->text.at + line->text.length;
    for (size_t c = 0; c < line->commands.count; c++) {
        const struct shell_command *command = line->commands.at[c];
        for (size_t w = 0; w < command->words.count; w++) {
            const struct shell_word *word = command->words.at[w];
            for (size_t p = 0; p < word->parts.count; p++) {
                const struct shell_part *part = word->parts.at[p];
                if (part->kind != PART_BLANK || part->text.at < at || part->text.at > end)
                    continue;
                struct shell_word blank = {.raw = part->text};
                const char *value = NULL, *why = NULL;
                list_add(arena, &blank.parts, (void *)(uintptr_t)part);
                draft_word(draft, &blank, DATE_NEW, &value, &why);
                const char *name = arena_format(arena, "%.*s", (int)strlen(value) - 10, value + 9);
                buffer_add(&script, at, (size_t)(part->text.at - at));
                buffer_format(&script,
                              part->single   ? "'\"$%s\"'"
                              : part->quoted ? "${%s}"
                                             : "\"$%s\"",
                              name);
                *env = *env ? *env : branch_map(arena);
                if (branch_get(*env, name) == NULL)
                    order_put(draft, *env, name, value);
                at = part->text.at + part->text.length;
            }
        }
    }
    buffer_add(&script, at, (size_t)(end - at));
    const char *made = arena_copy(arena, script.at ? script.at : "", script.length);
    buffer_free(&script);
    return made;
}

static const char *shell_name(struct draft *draft, const struct shell_line *line)
{
    const struct shell_command *first = line->commands.count > 0 ? line->commands.at[0] : NULL;
    struct buffer name = {0};
    for (size_t i = 0; first != NULL && i < first->words.count && i < 3; i++) {
        const struct shell_word *word = first->words.at[i];
        if (word->raw.at[0] == '-' || word->raw.length > 40)
            break;
        buffer_add(&name, word->raw.at, word->raw.length);
        buffer_text(&name, " ");
    }
    if (line->kind == SHELL_OTHER) {
        /* Its first words, keywords too. */
        name.length = 0;
        buffer_add(&name, line->text.at, line->text.length < 24 ? line->text.length : 24);
    }
    const char *made = name_of_words(draft->arena, name.at ? name.at : "");
    buffer_free(&name);
    return made[0] ? made : "script";
}

void command_shell(struct draft *draft, const struct shell_line *line, struct draft_step *step)
{
    struct arena *arena = draft->arena;
    struct branch *blanks = NULL;
    const char *script = branch_literal(arena, fill_blanks(draft, line, &blanks));
    struct branch *env = draft_env(draft, line->text);
    for (size_t i = 0; blanks != NULL && i < blanks->items.count; i++) {
        env = env ? env : branch_map(arena);
        if (branch_get(env, blanks->keys.at[i]) == NULL)
            branch_put(arena, env, blanks->keys.at[i], blanks->items.at[i]);
    }
    bool bash = line->bash;
    struct branch *map =
        order_action(draft, step, bash ? "exec" : "shell", shell_name(draft, line));
    if (bash) {
        struct branch *argv = branch_put(arena, map, "argv", branch_list(arena));
        static const char *const words[] = {"bash", "-euo", "pipefail", "-c"};
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            branch_add(arena, argv, branch_text(arena, words[i]));
        branch_add(arena, argv, branch_text(arena, script));
    } else {
        order_put(draft, map, "script", script);
    }
    order_dir(draft, map, "cwd");
    if (env != NULL)
        branch_put(arena, map, "env", env);
    if (!bash && map->items.count == 1)
        step->argument = map->items.at[0];
}

/* ---- what looks like a command ---- */

bool command_known(struct text line)
{
    static const char *const programs[] = {"docker",      "docker-compose",
                                           "kubectl",     "helm",
                                           "git",         "npm",
                                           "npx",         "yarn",
                                           "pnpm",        "curl",
                                           "wget",        "psql",
                                           "pg_dump",     "pg_restore",
                                           "pg_isready",  "redis-cli",
                                           "mysql",       "mysqldump",
                                           "systemctl",   "service",
                                           "sudo",        "ssh",
                                           "scp",         "rsync",
                                           "cp",          "mv",
                                           "rm",          "mkdir",
                                           "chmod",       "chown",
                                           "ln",          "tar",
                                           "gzip",        "gunzip",
                                           "ls",          "cat",
                                           "grep",        "sed",
                                           "awk",         "find",
                                           "ps",          "kill",
                                           "pkill",       "killall",
                                           "sleep",       "echo",
                                           "apt",         "apt-get",
                                           "yum",         "dnf",
                                           "pip",         "pip3",
                                           "python",      "python3",
                                           "node",        "make",
                                           "terraform",   "ansible-playbook",
                                           "aws",         "gcloud",
                                           "az",          "ceph",
                                           "zfs",         "zpool",
                                           "journalctl",  "netstat",
                                           "ss",          "df",
                                           "du",          "crontab",
                                           "export",      "cd",
                                           "source",      "bash",
                                           "sh",          "openssl",
                                           "ping",        "dig",
                                           "nginx",       "createdb",
                                           "dropdb",      "etcdctl",
                                           "consul",      "vault",
                                           "mongodump",   "mongorestore",
                                           "mongosh",     "touch",
                                           "tail",        "head",
                                           "test",        "patronictl",
                                           "rabbitmqctl", "kafka-topics.sh",
                                           "certbot",     "java",
                                           "php",         "ruby",
                                           "go",          "cargo",
                                           "mount",       "umount",
                                           "iptables",    "ip",
                                           "date",        "runbook"};
    size_t length = 0;
    while (length < line.length && line.at[length] != ' ' && line.at[length] != '\n')
        length++;
    struct text first = {line.at, length};
    if (length > 2 && (memcmp(line.at, "./", 2) == 0 || line.at[0] == '/') && line.at[1] != '/')
        return line.at[length - 1] != ':';
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (text_is(first, programs[i]))
            return true;
    return false;
}
