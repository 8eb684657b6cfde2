/* curl and wget. */
#include "draft/command.h"

#include "base/arena.h"

#include <string.h>

struct request {
    const char *method, *url, *body, *timeout;
    bool json;
    struct branch *headers;
    bool odd; /* it has what no action of http says */
};

/* What of curl's options can be left away: how it prints. */
static bool is_silent(const char *word)
{
    static const char *const words[] = {
        "-s",  "-S",         "-f",        "-sS",       "-fsS",   "-sf",          "-fs",   "-sSf",
        "-v",  "-i",         "-q",        "--silent",  "--fail", "--show-error", "-fsSL", "-L",
        "-sL", "--location", "--verbose", "--include", "-sSL",   "-fL"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

static void take_header(struct draft *draft, struct request *request, const char *header)
{
    const char *colon = strchr(header, ':');
    if (colon == NULL || colon == header || strpbrk(header, "\n{}[],\"'#&*!|>%@`?") != NULL ||
        memchr(header, ' ', (size_t)(colon - header)) != NULL ||
        memchr(header, '$', (size_t)(colon - header)) != NULL) {
        request->odd = true;
        return;
    }
    const char *name = arena_copy(draft->arena, header, (size_t)(colon - header));
    colon += 1 + strspn(colon + 1, " ");
    request->json =
        request->json || (strcasecmp(name, "content-type") == 0 && strstr(colon, "json"));
    request->headers = request->headers ? request->headers : branch_map(draft->arena);
    if (branch_get(request->headers, name) == NULL)
        order_put(draft, request->headers, name, colon);
}

static bool is_seconds(const char *word)
{
    return word[0] >= '1' && word[0] <= '9' && strspn(word, "0123456789") == strlen(word) &&
           strlen(word) < 5;
}

/* An option with a value; false when it is none of these. */
static bool take_option(struct draft *draft, struct request *request, const char *word,
                        const char *value)
{
    if (strcmp(word, "-X") == 0 || strcmp(word, "--request") == 0)
        request->method = value;
    else if (strcmp(word, "-H") == 0 || strcmp(word, "--header") == 0)
        take_header(draft, request, value);
    else if (strcmp(word, "-d") == 0 || strcmp(word, "--data") == 0 ||
             strcmp(word, "--data-raw") == 0) {
        request->odd = request->odd || request->body != NULL || value[0] == '@';
        request->body = value;
    } else if (strcmp(word, "-m") == 0 || strcmp(word, "--max-time") == 0) {
        request->timeout = arena_format(draft->arena, "%ss", value);
        request->odd = request->odd || !is_seconds(value);
    } else if (strcmp(word, "-o") == 0 || strcmp(word, "--output") == 0)
        request->odd = request->odd || strcmp(value, "/dev/null") != 0;
    else if (strcmp(word, "--connect-timeout") != 0 && strcmp(word, "--retry") != 0 &&
             strcmp(word, "--retry-delay") != 0)
        return false;
    return true;
}

static struct request read_request(struct draft *draft, const struct order *order)
{
    struct request request = {0};
    for (size_t i = 1; i < order->count && !request.odd; i++) {
        const char *word = order->words[i];
        if (is_silent(word))
            continue;
        if (word[0] == '-') {
            request.odd =
                i + 1 >= order->count || !take_option(draft, &request, word, order->words[i + 1]);
            i++;
        } else {
            request.odd = request.url != NULL;
            request.url = word;
        }
    }
    return request;
}

/* The url as http.get takes it; NULL when it is none. */
static const char *whole_url(struct draft *draft, const char *url)
{
    if (url == NULL || strpbrk(url, " \n\t\"<>\\^`|") != NULL)
        return NULL;
    if (strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0)
        return strchr(url + 7, '/') == url + 7 && url[4] == ':' ? NULL : url;
    if (strncmp(url, "${", 2) == 0)
        return url;
    bool host = (url[0] >= 'a' && url[0] <= 'z') || (url[0] >= '0' && url[0] <= '9');
    return host && strstr(url, "://") == NULL ? arena_format(draft->arena, "http://%s", url) : NULL;
}

static const char *action_of(const struct request *request)
{
    static const struct {
        const char *method, *action;
    } methods[] = {{"GET", "http.get"},
                   {"POST", "http.post"},
                   {"PUT", "http.put"},
                   {"PATCH", "http.patch"},
                   {"DELETE", "http.delete"}};
    const char *method = request->method ? request->method : request->body ? "POST" : "GET";
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i].method, method) == 0)
            return methods[i].action;
    return NULL;
}

/* "http get localhost 3000 health" */
static const char *id_of(struct draft *draft, const char *action, const char *url)
{
    const char *host = strstr(url, "://");
    host = host ? host + 3 : "";
    const char *path = strchr(host, '/');
    path = path && path[1] ? path : host;
    return arena_format(draft->arena, "%s %s", action, order_varies(path) ? "" : path);
}

static bool make_request(struct draft *draft, const struct order *order, struct draft_step *step)
{
    struct request request = read_request(draft, order);
    const char *url = whole_url(draft, request.url);
    const char *action = action_of(&request);
    if (!order_plain(order) && !(order->stdout_to && strcmp(order->stdout_to, "/dev/null") == 0))
        return false;
    if (request.odd || url == NULL || action == NULL || order->pipe.count > 0)
        return false;
    bool get = strcmp(action, "http.get") == 0;
    order_value(draft, step, action, url, id_of(draft, action, url));
    if (request.headers != NULL || request.body != NULL) {
        step->argument = branch_map(draft->arena);
        order_put(draft, step->argument, "url", url);
        if (request.headers != NULL)
            branch_put(draft->arena, step->argument, "headers", request.headers);
        if (request.body != NULL)
            order_put(draft, step->argument, "body", request.body);
    }
    if (request.timeout != NULL)
        draft_key(draft, step, "timeout", request.timeout);
    if (request.headers != NULL)
        for (size_t i = 0; i < request.headers->keys.count; i++)
            if (strcasecmp(request.headers->keys.at[i], "authorization") == 0)
                draft_todo(draft, step,
                           "the header Authorization is a secret: make it one (`secrets:`), and "
                           "write ${secrets.…} here");
    step->effect = get ? DRAFT_READS : DRAFT_CHANGES;
    step->role = get ? ROLE_CHECK : ROLE_ACTION;
    return true;
}

const struct recogniser http_recognisers[] = {
    {"curl", make_request},
    {NULL, NULL},
};
