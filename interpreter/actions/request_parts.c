#include "actions/request_parts.h"

#include "actions/input.h"
#include "base/arena.h"
#include "base/list.h"
#include "lang/action.h"
#include "lang/secret.h"
#include "lang/value.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- looking ---- */

/* A header's name, by RFC 9110 a token. */
static bool is_token(const char *name)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return name[0] != '\0' && strspn(name, token) == strlen(name);
}

static bool is_http(const char *url)
{
    return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
}

static bool check_url(const struct describing *describing, const struct deed *deed,
                      struct problem *problem)
{
    const struct value *url = input_value(deed, "url");
    if (url->kind != VALUE_TEXT)
        return true;
    if (!is_http(url->text.at))
        return input_refuse(
            describing, problem,
            "%s: `url` is \"%.200s\", wanted one that begins with http:// or https://",
            deed->action->name, url->text.at);
    if (!text_is_line(url->text) || memchr(url->text.at, ' ', url->text.length) != NULL)
        return input_refuse(
            describing, problem,
            "%s: `url` holds a blank or a control character; put values into `query`",
            deed->action->name);
    return true;
}

static bool check_headers(const struct describing *describing, const struct deed *deed,
                          struct problem *problem)
{
    const struct value *headers = input_value(deed, "headers");
    for (size_t i = 0; headers->kind == VALUE_MAP && i < headers->map.count; i++) {
        const struct member *header = &headers->map.at[i];
        if (!is_token(header->key))
            return input_refuse(describing, problem, "%s: \"%s\" can't be the name of a header",
                                deed->action->name, header->key);
        if (header->value->kind == VALUE_TEXT && !text_is_line(header->value->text))
            return input_refuse(describing, problem,
                                "%s: the header %s holds a line break or another control character",
                                deed->action->name, header->key);
    }
    return true;
}

bool request_parts_check(const struct describing *describing, const struct deed *deed,
                         struct problem *problem)
{
    if (input_value(deed, "json")->kind != VALUE_UNSET &&
        input_value(deed, "body")->kind != VALUE_UNSET)
        return input_refuse(describing, problem,
                            "%s: one of `json` and `body` can be its body, not both",
                            deed->action->name);
    return check_url(describing, deed, problem) && check_headers(describing, deed, problem) &&
           input_has_no_nul(describing, deed, "query", problem) &&
           input_is_name(describing, deed, "connect_to", problem);
}

/* ---- url ---- */

/* Percent-encodes all but RFC 3986's unreserved characters. */
static void encode(struct text text, struct buffer *into)
{
    static const char unreserved[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~";
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte != '\0' && strchr(unreserved, byte) != NULL)
            buffer_add(into, text.at + i, 1);
        else
            buffer_format(into, "%%%02X", byte);
    }
}

static void encode_value(const struct value *value, struct buffer *into)
{
    if (value->kind == VALUE_UNKNOWN) { /* of a plan: as people read it */
        buffer_add(into, value->text.at, value->text.length);
    } else if (value->kind == VALUE_TEXT) {
        encode(value->text, into);
    } else {
        struct arena *arena = arena_new();
        encode(text_of(value_print(arena, value)), into);
        arena_free(arena);
    }
}

/* Without its query. */
static struct text base_url(struct arena *arena, const struct deed *deed, const struct stage *stage)
{
    const struct value *url = input_value(deed, "url");
    if (url->kind == VALUE_SECRET && stage != NULL)
        return secrets_reveal(arena, stage->secrets, url);
    if (url->kind == VALUE_SECRET)
        return text_of(value_print(arena, url));
    bool text = url->kind == VALUE_TEXT || url->kind == VALUE_UNKNOWN;
    return text ? url->text : text_of("");
}

const char *request_url_problem(struct text url)
{
    if (!is_http(url.at))
        return "the secret is no url that begins with http:// or https://";
    if (!text_is_line(url) || memchr(url.at, ' ', url.length) != NULL)
        return "the secret in the url holds a blank or a control character";
    return NULL;
}

void request_url(const struct deed *deed, const struct stage *stage, struct buffer *into)
{
    struct arena *arena = arena_new();
    struct text url = base_url(arena, deed, stage);
    const struct value *query = input_value(deed, "query");
    /* What stands behind a `#` is never sent, and a query behind it would not be either. */
    const char *fragment = url.length > 0 ? memchr(url.at, '#', url.length) : NULL;
    size_t length = fragment != NULL ? (size_t)(fragment - url.at) : url.length;
    const char *sign = length > 0 && memchr(url.at, '?', length) != NULL ? "&" : "?";
    buffer_add(into, url.at, length);
    if (query->kind == VALUE_UNKNOWN) {
        buffer_text(into, sign);
        encode_value(query, into);
    }
    for (size_t i = 0; query->kind == VALUE_MAP && i < query->map.count; i++) {
        buffer_text(into, i == 0 ? sign : "&");
        encode(text_of(query->map.at[i].key), into);
        buffer_text(into, "=");
        encode_value(query->map.at[i].value, into);
    }
    arena_free(arena);
}

/* ---- headers ---- */

static bool has_header(const struct value *headers, const char *name)
{
    for (size_t i = 0; headers->kind == VALUE_MAP && i < headers->map.count; i++)
        if (strcasecmp(headers->map.at[i].key, name) == 0)
            return true;
    return false;
}

static void add_header(struct arena *arena, struct list *lines, const char *name, const char *value)
{
    list_add(arena, lines, arena_format(arena, "%s: %s", name, value));
}

const char *request_headers_problem(struct arena *arena, const char *const *lines)
{
    for (size_t i = 0; lines[i] != NULL; i++)
        if (!text_is_line(text_of(lines[i])))
            return arena_format(arena, "the secret in the header %.*s holds a line break",
                                (int)strcspn(lines[i], ":"), lines[i]);
    return NULL;
}

const char *const *request_headers(const struct deed *deed, const struct stage *stage)
{
    struct arena *arena = stage->arena;
    const struct value *headers = input_value(deed, "headers");
    struct list lines = {0};
    for (size_t i = 0; headers->kind == VALUE_MAP && i < headers->map.count; i++)
        add_header(arena, &lines, headers->map.at[i].key,
                   secrets_reveal(arena, stage->secrets, headers->map.at[i].value).at);
    if (input_value(deed, "json")->kind != VALUE_UNSET && !has_header(headers, "Content-Type"))
        add_header(arena, &lines, "Content-Type", "application/json");
    if (input_value(deed, "body")->kind != VALUE_UNSET && !has_header(headers, "Content-Type"))
        add_header(arena, &lines, "Content-Type", "text/plain; charset=utf-8");
    /* So that a server's log leads back to the run. */
    if (stage->run != NULL)
        add_header(arena, &lines, "X-Runbook-Run", stage->run);
    if (stage->step != NULL)
        add_header(arena, &lines, "X-Runbook-Step", stage->step);
    if (stage->attempt != 0)
        add_header(arena, &lines, "X-Runbook-Attempt",
                   arena_format(arena, "%llu", (unsigned long long)stage->attempt));
    list_add(arena, &lines, NULL);
    return (const char *const *)lines.at;
}

static char *lower_name(struct arena *arena, const char *at, size_t length)
{
    char *name = arena_copy(arena, at, length);
    for (char *c = name; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return name;
}

static void read_header(struct arena *arena, struct text line, struct map *headers)
{
    const char *colon = memchr(line.at, ':', line.length);
    if (colon == NULL || memchr(line.at, '\0', line.length) != NULL)
        return;
    const char *at = colon + 1, *end = line.at + line.length;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    char *name = lower_name(arena, line.at, (size_t)(colon - line.at));
    char *value = arena_copy(arena, at, (size_t)(end - at));
    if (map_put(arena, headers, name, value))
        return;
    for (size_t i = 0; i < headers->count; i++)
        if (strcmp(headers->at[i].key, name) == 0)
            headers->at[i].value =
                arena_format(arena, "%s, %s", (const char *)headers->at[i].value, value);
}

const struct value *request_read_headers(struct arena *arena, struct text lines)
{
    struct map headers = {0};
    while (lines.length > 0) {
        const char *end = memchr(lines.at, '\n', lines.length);
        size_t whole = end != NULL ? (size_t)(end - lines.at) + 1 : lines.length;
        size_t length = end != NULL ? whole - 1 : whole;
        if (length > 0 && lines.at[length - 1] == '\r')
            length--;
        read_header(arena, (struct text){lines.at, length}, &headers);
        lines = (struct text){lines.at + whole, lines.length - whole};
    }
    struct member *members = arena_alloc(arena, (headers.count + 1) * sizeof *members);
    for (size_t i = 0; i < headers.count; i++)
        members[i] = (struct member){headers.at[i].key, value_string(arena, headers.at[i].value)};
    return value_map(arena, members, headers.count);
}

/* ---- body ---- */

static json_t *plain_json(struct arena *arena, const struct value *value);

static json_t *plain_list(struct arena *arena, const struct value *value)
{
    json_t *array = json_array();
    for (size_t i = 0; i < value->list.count; i++)
        if (json_array_append_new(array, plain_json(arena, value->list.at[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *plain_map(struct arena *arena, const struct value *value)
{
    json_t *object = json_object();
    for (size_t i = 0; i < value->map.count; i++) {
        const struct member *member = &value->map.at[i];
        if (json_object_set_new(object, member->key, plain_json(arena, member->value)) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

/* As a server wants it: a duration, size or time is its text. NULL: a text that is not UTF-8. */
static json_t *plain_json(struct arena *arena, const struct value *value)
{
    switch (value->kind) {
    case VALUE_UNSET:
        return json_null();
    case VALUE_TEXT:
        return json_stringn(value->text.at, value->text.length);
    case VALUE_INT:
        return json_integer(value->integer);
    case VALUE_FLOAT:
        return json_real(value->real);
    case VALUE_BOOL:
        return json_boolean(value->truth);
    case VALUE_DURATION:
    case VALUE_SIZE:
    case VALUE_TIME:
    case VALUE_UNKNOWN:
    case VALUE_SECRET:
        return json_string(value_print(arena, value));
    case VALUE_LIST:
        return plain_list(arena, value);
    case VALUE_MAP:
        return plain_map(arena, value);
    }
    return NULL;
}

const struct text *request_body(struct arena *arena, const struct deed *deed, const char **problem)
{
    const struct value *json = input_value(deed, "json");
    const struct value *body = input_value(deed, "body");
    struct text *text = arena_alloc(arena, sizeof *text);
    *problem = NULL;
    if (body->kind == VALUE_TEXT || body->kind == VALUE_UNKNOWN) {
        *text = body->text;
        return text;
    }
    if (json->kind == VALUE_UNSET)
        return NULL;
    json_t *tree = plain_json(arena, json);
    char *line = tree != NULL ? json_dumps(tree, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    json_decref(tree);
    if (line == NULL) {
        *problem = "`json` holds a text that is not UTF-8";
        return NULL;
    }
    *text = (struct text){arena_copy(arena, line, strlen(line)), strlen(line)};
    free(line);
    return text;
}
