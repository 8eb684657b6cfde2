#include "commands/control.h"

#include "base/arena.h"
#include "base/text.h"
#include "engine/run.h"
#include "lang/value.h"
#include "store/share.h"
#include "sys/failure.h"
#include "sys/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_LIMIT 65536 /* a request is some words and a reason */

struct control {
    struct arena *arena;
    struct loop *loop;
    struct run *run;
    int folder;
    int fd;
    struct loop_watch *watch;
    struct peer *peers;
};

struct peer {
    struct control *control;
    int fd;
    struct loop_watch *watch;
    struct buffer line;
    struct person person;
    struct peer *next;
};

/* The socket's address, through the open folder: its own path may be longer than an address. */
static bool address_of(int folder, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length =
        snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/control", folder);
    return length > 0 && (size_t)length < sizeof address->sun_path;
}

static void reply(struct peer *peer, const char *why)
{
    json_t *json =
        why == NULL ? json_pack("{s:b}", "ok", 1) : json_pack("{s:b, s:s}", "ok", 0, "why", why);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (text != NULL) {
        dprintf(peer->fd, "%s\n", text);
        free(text);
    }
}

static const char *member(struct arena *arena, const json_t *json, const char *key)
{
    const json_t *found = json_object_get(json, key);
    const struct value *value = found != NULL ? value_from_json(arena, found) : NULL;
    return value != NULL && value->kind == VALUE_TEXT ? value->text.at : NULL;
}

static const char *obey(struct peer *peer, const json_t *json)
{
    struct arena *arena = peer->control->arena;
    const char *what = member(arena, json, "do");
    const char *why = NULL;
    if (what == NULL)
        return "the request says not what to do";
    if (strcmp(what, "stop") == 0) {
        const char *reason = member(arena, json, "reason");
        run_stop(peer->control->run, reason ? reason : "stopped from another terminal",
                 &peer->person);
        return NULL;
    }
    bool yes = strcmp(what, "approve") == 0;
    struct answer_given given = {.step = member(arena, json, "step"),
                                 .yes = yes,
                                 .text = member(arena, json, "text"),
                                 .reason = member(arena, json, "reason"),
                                 .person = peer->person};
    if ((!yes && strcmp(what, "reject") != 0) || given.step == NULL)
        return "the request is not understood";
    return run_answer(peer->control->run, &given, &why) == ANSWER_TAKEN ? NULL : why;
}

static void drop_peer(struct peer *peer)
{
    struct peer **at = &peer->control->peers;
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    loop_unwatch(peer->watch);
    close(peer->fd);
    buffer_free(&peer->line);
    free(peer);
}

static void peer_ready(void *context, unsigned ready)
{
    struct peer *peer = context;
    char bytes[4096];
    (void)ready;
    ssize_t length = read(peer->fd, bytes, sizeof bytes);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length > 0)
        buffer_add(&peer->line, bytes, (size_t)length);
    char *end = peer->line.at ? memchr(peer->line.at, '\n', peer->line.length) : NULL;
    if (end == NULL && length > 0 && peer->line.length < LINE_LIMIT)
        return;
    json_t *json = end ? json_loadb(peer->line.at, (size_t)(end - peer->line.at), 0, NULL) : NULL;
    reply(peer, json ? obey(peer, json) : "the request is no line of JSON");
    json_decref(json);
    drop_peer(peer);
}

static void accept_peer(void *context, unsigned ready)
{
    struct control *control = context;
    struct failure failure;
    (void)ready;
    int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL) {
        close(fd);
        return;
    }
    peer->control = control;
    peer->fd = fd;
    peer->next = control->peers;
    control->peers = peer;
    if (!person_of_peer(control->arena, fd, "control", &peer->person, &failure)) {
        reply(peer, failure.text);
        drop_peer(peer);
        return;
    }
    if (peer->person.uid != 0 && peer->person.uid != (int64_t)geteuid()) {
        reply(peer, "only root and the run's own user are heard");
        drop_peer(peer);
        return;
    }
    peer->watch = loop_watch(control->loop, fd, LOOP_READABLE, peer_ready, peer, &failure);
    if (peer->watch == NULL)
        drop_peer(peer);
}

struct control *control_open(struct arena *arena, struct loop *loop, int folder, struct run *run)
{
    struct sockaddr_un address;
    struct failure failure;
    struct control *control = arena_alloc(arena, sizeof *control);
    *control = (struct control){.arena = arena, .loop = loop, .run = run, .folder = folder};
    control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (control->fd < 0)
        return NULL;
    unlinkat(folder, "control", 0);
    if (!address_of(folder, &address) ||
        bind(control->fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        fchmodat(folder, "control", 0600, 0) != 0 || listen(control->fd, 8) != 0 ||
        (control->watch = loop_watch(loop, control->fd, LOOP_READABLE, accept_peer, control,
                                     &failure)) == NULL) {
        close(control->fd);
        return NULL;
    }
    share_give(folder, "control", share_of(folder), SHARE_SOCKET);
    return control;
}

void control_close(struct control *control)
{
    if (control == NULL)
        return;
    while (control->peers != NULL)
        drop_peer(control->peers);
    loop_unwatch(control->watch);
    close(control->fd);
    unlinkat(control->folder, "control", 0);
}

/* ---- the other end ---- */

static int connect_to(const char *path)
{
    struct sockaddr_un address;
    int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = folder >= 0 ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    if (fd >= 0 && (!address_of(folder, &address) ||
                    connect(fd, (struct sockaddr *)&address, sizeof address) != 0)) {
        close(fd);
        fd = -1;
    }
    if (folder >= 0)
        close(folder);
    return fd;
}

static json_t *exchange(int fd, const struct control_request *request)
{
    json_t *json = json_object();
    json_object_set_new(json, "do", json_string(request->what));
    json_set_text(json, "step", request->step);
    json_set_text(json, "text", request->text);
    json_set_text(json, "reason", request->reason);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    struct timeval limit = {.tv_sec = 30};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    bool sent = text != NULL && dprintf(fd, "%s\n", text) > 0;
    free(text);
    FILE *stream = sent ? fdopen(fd, "r") : NULL;
    if (stream == NULL) {
        close(fd);
        return NULL;
    }
    json_t *answer = json_loadf(stream, JSON_DISABLE_EOF_CHECK, NULL);
    fclose(stream);
    return answer;
}

enum control_sent control_send(struct arena *arena, const char *path,
                               const struct control_request *request, const char **why)
{
    int fd = connect_to(path);
    if (fd < 0)
        return CONTROL_NOBODY;
    json_t *answer = exchange(fd, request);
    bool good = answer != NULL && json_is_true(json_object_get(answer, "ok"));
    const char *text = answer ? member(arena, answer, "why") : "the run did not answer";
    if (!good)
        *why = arena_copy(arena, text ? text : "", text ? strlen(text) : 0);
    json_decref(answer);
    return good ? CONTROL_DONE : CONTROL_REFUSED;
}
