/* Processes, services, ports, time. */
#include "draft/command.h"

#include "base/arena.h"
#include "lang/pattern.h"

#include <string.h>

/* The words of a command that are plain texts; 0 when one is not, or there are more than ROOM. */
static size_t plain_words(struct draft *draft, const struct shell_command *command,
                          const char **words, size_t room)
{
    if (command->words.count > room || command->redirects.count > 0 ||
        command->assignments.count > 0)
        return 0;
    for (size_t i = 0; i < command->words.count; i++) {
        const struct shell_word *word = command->words.at[i];
        struct buffer text = {0};
        bool plain = true;
        for (size_t p = 0; p < word->parts.count; p++) {
            const struct shell_part *part = word->parts.at[p];
            plain = plain && part->kind == PART_TEXT;
            buffer_add(&text, part->text.at, part->text.length);
        }
        words[i] = arena_copy(draft->arena, text.at ? text.at : "", text.length);
        buffer_free(&text);
        if (!plain)
            return 0;
    }
    return command->words.count;
}

/* Is it one that PCRE2 reads as grep and pkill do? What has a backslash may mean another thing. */
static bool is_pattern(struct draft *draft, const char *pattern)
{
    const char *problem = NULL;
    size_t offset = 0;
    return pattern[0] != '\0' && strpbrk(pattern, "\\\n$") == NULL &&
           strstr(pattern, "(?") == NULL &&
           pattern_compile(draft->arena, text_of(pattern), &problem, &offset) != NULL;
}

/* The pattern of `grep [-E] PATTERN`; a basic one only where it has nothing that an extended one
 * reads otherwise. NULL: it is something else. */
static const char *grep_pattern(struct draft *draft, const struct shell_command *command)
{
    const char *words[4];
    size_t count = plain_words(draft, command, words, 4);
    if (count == 0)
        return NULL;
    bool egrep = strcmp(words[0], "egrep") == 0;
    if (!egrep && strcmp(words[0], "grep") != 0)
        return NULL;
    bool extended = egrep || (count == 3 && strcmp(words[1], "-E") == 0);
    if (!extended && (count != 2 || strpbrk(words[1], "\\+?(){}|") != NULL || words[1][0] == '-'))
        return NULL;
    const char *pattern = words[count - 1];
    return pattern[0] != '-' && is_pattern(draft, pattern) ? pattern : NULL;
}

static bool drops_grep(struct draft *draft, const struct shell_command *command)
{
    const char *words[3];
    return plain_words(draft, command, words, 3) == 3 && strcmp(words[0], "grep") == 0 &&
           strcmp(words[1], "-v") == 0 && strcmp(words[2], "grep") == 0;
}

/* `ps aux | grep PATTERN | grep -v grep` */
static bool make_ps(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (order->pipe.count < 1 || order->pipe.count > 2 || order->stdout_to != NULL ||
        order->env != NULL)
        return false;
    const char *pattern = grep_pattern(draft, order->pipe.at[0]);
    if (pattern == NULL || (order->pipe.count == 2 && !drops_grep(draft, order->pipe.at[1])))
        return false;
    draft_note(draft, step,
               "process.list leaves out itself, so there is no `grep -v grep`; nothing fails "
               "here, say by `expect: {count: …}` what is right");
    struct branch *map = order_action(draft, step, "process.list", "processes");
    order_put(draft, map, "command", branch_literal(draft->arena, pattern));
    step->effect = DRAFT_READS;
    return true;
}

/* The ports in `:3000|:5432`; NULL when the pattern is another. */
static struct branch *ports_of(struct draft *draft, const char *pattern)
{
    struct branch *ports = branch_list(draft->arena);
    while (*pattern != '\0') {
        pattern += strspn(pattern, "(:|)\" ");
        size_t length = strspn(pattern, "0123456789");
        if (*pattern == '\0')
            break;
        if (length == 0 || length > 5 || pattern[0] == '0')
            return NULL;
        branch_add(draft->arena, ports,
                   branch_text(draft->arena, arena_copy(draft->arena, pattern, length)));
        pattern += length;
    }
    return ports->items.count > 0 ? ports : NULL;
}

/* `netstat -tulpn | grep ":3000|:5432"` */
static bool make_netstat(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (order->pipe.count != 1 || order->stdout_to != NULL || order->env != NULL)
        return false;
    const char *pattern = grep_pattern(draft, order->pipe.at[0]);
    struct branch *ports = pattern ? ports_of(draft, pattern) : NULL;
    if (ports == NULL)
        return false;
    draft_note(draft, step,
               "changed: ports.held says which are held; a `grep` that finds nothing fails when "
               "all is well. TODO: should they be free, as here, or held?");
    draft->counts.decide++;
    struct branch *map = order_action(draft, step, "ports.held", "ports free");
    branch_put(draft->arena, map, "ports", ports);
    struct branch *expect =
        branch_put(draft->arena, step->keys, "expect", branch_map(draft->arena));
    branch_put(draft->arena, expect, "held", branch_list(draft->arena));
    step->effect = DRAFT_READS;
    step->role = ROLE_CHECK;
    return true;
}

static bool make_pkill(struct draft *draft, const struct order *order, struct draft_step *step)
{
    const char *signal = NULL, *pattern = NULL;
    bool full = false;
    for (size_t i = 1; i < order->count; i++) {
        const char *word = order->words[i];
        if (strcmp(word, "-f") == 0)
            full = true;
        else if (strcmp(word, "-9") == 0 || strcmp(word, "-KILL") == 0)
            signal = "KILL";
        else if (word[0] == '-' || pattern != NULL)
            return false;
        else
            pattern = word;
    }
    if (!order_plain(order) || !full || pattern == NULL || !is_pattern(draft, pattern))
        return false;
    draft_note(draft, step,
               "changed: process.signal leaves out itself and what started it; narrow it by `user` "
               "or `exe`");
    if (order->sudo)
        draft_note(draft, step, "the document uses sudo: only root signals what others run");
    struct branch *map = order_action(draft, step, "process.signal", "end processes");
    order_put(draft, map, "command", pattern);
    if (signal != NULL)
        order_put(draft, map, "signal", signal);
    return true;
}

/* sleep N: told to those that follow (see draft_fold). */
static bool make_sleep(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (!order_plain(order) || order->count != 2)
        return false;
    const char *time = order->words[1];
    size_t digits = strspn(time, "0123456789");
    bool plain =
        digits > 0 && digits < 6 && strspn(time, "0") < digits &&
        (time[digits] == '\0' || (strchr("smh", time[digits]) != NULL && time[digits + 1] == '\0'));
    if (!plain)
        return false;
    const char *seconds = time[digits] ? time : arena_format(draft->arena, "%ss", time);
    step->id = "";
    order_value(draft, step, "wait", seconds, "wait");
    step->seconds = seconds;
    step->effect = DRAFT_READS;
    step->role = ROLE_SLEEP;
    return true;
}

static bool make_active(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (!order_plain(order))
        return false;
    order_check(draft, order, step);
    return true;
}

/* `nc -z HOST PORT` */
static bool make_nc(struct draft *draft, const struct order *order, struct draft_step *step)
{
    size_t count = order->count;
    if (!order_plain(order) || count < 4 || order_has(order, "-z") + order_has(order, "-zv") == 0)
        return false;
    const char *port = order->words[count - 1], *host = order->words[count - 2];
    if (strspn(port, "0123456789") != strlen(port) || strlen(port) > 5 || host[0] == '-')
        return false;
    struct branch *map = order_action(draft, step, "tcp.probe", "port open");
    order_put(draft, map, "host", host);
    order_put(draft, map, "port", port);
    step->effect = DRAFT_READS;
    step->role = ROLE_CHECK;
    return true;
}

const struct recogniser system_recognisers[] = {
    {"ps", make_ps},
    {"netstat", make_netstat},
    {"ss", make_netstat},
    {"pkill", make_pkill},
    {"sleep", make_sleep},
    {"systemctl is-active", make_active},
    {"systemctl status", make_active},
    {"nc", make_nc},
    {NULL, NULL},
};
