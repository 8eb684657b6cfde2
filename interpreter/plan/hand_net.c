/* Requests, mail, ports and processes. A secret goes by a file that only the command sees, never by
 * its arguments, which everybody on the machine can read. */
#include "plan/hand_own.h"

#include "base/arena.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void add_pair(const struct hand_line *line, const char *option, const char *between,
                     const struct member *member)
{
    const char *before = arena_format(line->hand->arena, "%s%s", member->key, between);
    bool secret = member->value->kind == VALUE_SECRET;
    hand_add(line, option);
    if (secret)
        hand_add(line, "@<(printf '%s\\n' ");
    hand_add_value(line, before, member->value);
    if (secret)
        hand_add(line, ")");
}

static void add_pairs(const struct hand_line *line, const char *option, const char *between,
                      const struct value *map)
{
    for (size_t i = 0; map->kind == VALUE_MAP && i < map->map.count; i++)
        add_pair(line, option, between, &map->map.at[i]);
}

/* A blank that is a number is one in JSON too: "‹params.port›" loses its quotes. */
static const char *without_quotes(struct hand *hand, const char *json)
{
    struct buffer made = {0};
    while (*json != '\0') {
        static const char open[] = "\"‹", close[] = "›\"";
        const char *end = strncmp(json, open, sizeof open - 1) == 0 ? strstr(json, close) : NULL;
        const char *from = json + sizeof open - 1;
        const struct hand_blank *blank =
            end != NULL
                ? map_get(&hand->blanks, arena_copy(hand->arena, from, (size_t)(end - from)))
                : NULL;
        if (blank != NULL && blank->bare) {
            buffer_format(&made, "‹%s›", blank->source);
            json = end + sizeof close - 1;
        } else {
            buffer_add(&made, json++, 1);
        }
    }
    const char *copy = arena_copy(hand->arena, made.at ? made.at : "", made.length);
    buffer_free(&made);
    return copy;
}

/* The text that stands for a body of JSON: what is not known yet stands in it as it does elsewhere.
 */
static const struct value *json_text(struct hand *hand, const struct value *value)
{
    struct arena *arena = hand->arena;
    if (value->kind == VALUE_UNKNOWN)
        return value;
    json_t *json = value_to_plain_json(value);
    char *text = json_dumps(json, JSON_ENCODE_ANY);
    const char *copy = arena_copy(arena, text ? text : "", text ? strlen(text) : 0);
    bool unknown = value_has_unknown(value);
    free(text);
    json_decref(json);
    return unknown ? value_unknown_text(arena, text_of(without_quotes(hand, copy)))
                   : value_string(arena, copy);
}

static void add_url(const struct hand_line *line)
{
    if (hand_input(line, "url")->kind == VALUE_SECRET) {
        hand_add(line, " \\\n  --config <(printf 'url = \"%s\"\\n' ");
        hand_add_input(line, "", "url");
        hand_add(line, ")");
        return;
    }
    hand_add(line, " \\\n  --url ");
    hand_add_input(line, "", "url");
}

/* What the body is, where the author does not say. */
static void add_kind(const struct hand_line *line, const char *kind)
{
    const struct value *headers = hand_input(line, "headers");
    for (size_t i = 0; headers->kind == VALUE_MAP && i < headers->map.count; i++)
        if (strcasecmp(headers->map.at[i].key, "Content-Type") == 0)
            return;
    hand_add(line, " \\\n  --header 'Content-Type: ");
    hand_add(line, kind);
    hand_add(line, "'");
}

void hand_http(const struct hand_line *line)
{
    const char *verb = strchr(line->deed->action->name, '.') + 1;
    hand_add(line, "curl --silent --show-error --fail-with-body --write-out "
                   "'\\nstatus %{http_code}\\n' --request ");
    for (const char *at = verb; *at != '\0'; at++)
        buffer_format(line->into, "%c", toupper((unsigned char)*at));
    add_pairs(line, " \\\n  --url-query ", "=", hand_input(line, "query"));
    add_pairs(line, " \\\n  --header ", ": ", hand_input(line, "headers"));
    if (hand_given(line, "connect_to")) {
        hand_add(line, " \\\n  --connect-to ");
        hand_add_input(line, "::", "connect_to");
    }
    if (hand_given(line, "json")) {
        add_kind(line, "application/json");
        hand_add(line, " --data-binary ");
        hand_add_value(line, "", json_text(line->hand, hand_input(line, "json")));
    } else if (hand_given(line, "body")) {
        add_kind(line, "text/plain; charset=utf-8");
        hand_add(line, " --data-binary ");
        hand_add_input(line, "", "body");
    }
    add_url(line);
}

static void add_recipients(const struct hand_line *line, const char *name)
{
    const struct value *list = hand_input(line, name);
    for (size_t i = 0; list->kind == VALUE_LIST && i < list->list.count; i++) {
        hand_add(line, " --mail-rcpt ");
        hand_add_value(line, "", list->list.at[i]);
    }
    if (list->kind == VALUE_UNKNOWN) {
        hand_add(line, " --mail-rcpt ");
        hand_words(line->hand, list, line->into);
    }
}

void hand_mail(const struct hand_line *line)
{
    const struct value *starttls = hand_input(line, "starttls");
    bool encrypted = starttls->kind != VALUE_BOOL || starttls->truth;
    hand_add(line, "printf '%s: %s\\n' From ");
    hand_add_input(line, "", "from");
    hand_add(line, " Subject ");
    hand_add_input(line, "", "subject");
    hand_add(line, " |\n  { cat; printf '\\n%s\\n' ");
    hand_add_input(line, "", "text");
    hand_add(line, "; } |\n  curl --silent --show-error --crlf --upload-file -");
    hand_add(line, encrypted ? " --ssl-reqd" : "");
    if (hand_given(line, "user")) {
        hand_add(line, " --config <(printf 'user = \"%s:%s\"\\n' ");
        hand_add_input(line, "", "user");
        hand_add(line, " ");
        hand_add_input(line, "", "password");
        hand_add(line, ")");
    }
    hand_add(line, " --mail-from ");
    hand_add_input(line, "", "from");
    add_recipients(line, "to");
    add_recipients(line, "cc");
    add_url(line);
}

void hand_tcp_probe(const struct hand_line *line)
{
    hand_add(line, "timeout 5 bash -c '</dev/tcp/\"$0\"/\"$1\"' ");
    hand_add_input(line, "", "host");
    hand_add(line, " ");
    hand_add_input(line, "", "port");
}

/* ---- processes ---- */

static void add_criteria(const struct hand_line *line)
{
    if (hand_given(line, "user")) {
        hand_add(line, " --euid ");
        hand_add_input(line, "", "user");
    }
    hand_add(line, " --full -- ");
    if (hand_given(line, "command"))
        hand_add_input(line, "", "command");
    else
        hand_add(line, ".");
}

static void add_program(const struct hand_line *line)
{
    if (!hand_given(line, "exe"))
        return;
    hand_add(line, "   # only those that run the program ");
    hand_add_input(line, "", "exe");
}

void hand_process_list(const struct hand_line *line)
{
    hand_add(line, "pgrep --list-full");
    add_criteria(line);
    add_program(line);
}

void hand_process_signal(const struct hand_line *line)
{
    bool pids = hand_given(line, "pids");
    bool exe = hand_given(line, "exe");
    if (exe && !pids) {
        hand_add(line, "pgrep --list-full");
        add_criteria(line);
        add_program(line);
        hand_add(line, "\nkill -s ");
        hand_add_input(line, "", "signal");
        hand_add(line, " -- \"${pids[@]:?}\"   # pids=(…): those of them");
        return;
    }
    hand_add(line, pids ? "kill -s " : "pkill --signal ");
    hand_add_input(line, "", "signal");
    if (pids) {
        hand_add(line, " -- ");
        hand_words(line->hand, hand_input(line, "pids"), line->into);
    } else {
        add_criteria(line);
    }
}
