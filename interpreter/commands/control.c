#include "commands/control.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/units.h"
#include "engine/run.h"
#include "lang/people.h"
#include "lang/value.h"
#include "store/share.h"
#include "sys/failure.h"
#include "sys/loop.h"
#include "sys/person.h"

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

#define LINE_LIMIT 65536               /* a request is some words and a reason */
#define PEERS_MOST 16                  /* at a time: more can't keep others from being heard */
#define PEER_TIME  (10 * UNITS_SECOND) /* from connecting to the whole request */

struct control {
    struct arena *arena;
    struct loop *loop;
    struct run *run;
    int folder;
    int fd;
    struct loop_watch *watch;
    struct peer *peers; /* who connected last first */
};

struct peer {
    struct control *control;
    struct arena *arena;
    int fd;
    struct loop_watch *watch; /* until the request is there */
    struct loop_timer timer;  /* its time */
    struct buffer line;
    struct person person;
    json_t *answer; /* not sent yet */
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

static json_t *answer_of(bool good, const char *key, const char *text)
{
    json_t *json = json_object();
    json_object_set_new(json, "ok", json_boolean(good));
    json_set_text(json, key, text);
    return json;
}

static json_t *refused(const char *why)
{
    return answer_of(false, "why", why);
}

static const char *member(struct arena *arena, const json_t *json, const char *key)
{
    const json_t *found = json_object_get(json, key);
    const struct value *value = found != NULL ? value_from_json(arena, found) : NULL;
    return value != NULL && value->kind == VALUE_TEXT ? value->text.at : NULL;
}

static json_t *obey_stop(struct peer *peer, const char *reason)
{
    if (!people_have(NULL, &peer->person))
        return refused("only root and the run's own user may stop it");
    run_stop(peer->control->run, reason ? reason : "stopped from another terminal", &peer->person);
    return answer_of(true, "more", NULL);
}

static json_t *obey(struct peer *peer, const json_t *json)
{
    struct arena *arena = peer->arena;
    const char *what = member(arena, json, "do");
    const char *why = NULL;
    if (what == NULL)
        return refused("the request says not what to do");
    if (strcmp(what, "stop") == 0)
        return obey_stop(peer, member(arena, json, "reason"));
    bool yes = strcmp(what, "approve") == 0;
    struct answer_given given = {.step = member(arena, json, "step"),
                                 .yes = yes,
                                 .text = member(arena, json, "text"),
                                 .reason = member(arena, json, "reason"),
                                 .person = peer->person};
    if ((!yes && strcmp(what, "reject") != 0) || given.step == NULL)
        return refused("the request is not understood");
    return run_answer(peer->control->run, &given, arena, &why) == ANSWER_TAKEN
               ? answer_of(true, "more", why)
               : refused(why);
}

static void drop_peer(struct peer *peer)
{
    struct peer **at = &peer->control->peers;
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    loop_timer_stop(&peer->timer);
    loop_unwatch(peer->watch);
    close(peer->fd);
    buffer_free(&peer->line);
    json_decref(peer->answer);
    arena_free(peer->arena);
    free(peer);
}

static void send_answer(struct peer *peer)
{
    const char *broken = run_broken(peer->control->run);
    if (broken != NULL) {
        json_decref(peer->answer);
        peer->answer = refused(broken);
    }
    char *text = json_dumps(peer->answer, JSON_COMPACT);
    if (text != NULL)
        dprintf(peer->fd, "%s\n", text);
    free(text);
    drop_peer(peer);
}

void control_turned(struct control *control)
{
    for (struct peer *peer = control != NULL ? control->peers : NULL, *next; peer; peer = next) {
        next = peer->next;
        if (peer->answer != NULL)
            send_answer(peer);
    }
}

/* It is sent at the end of this turn. */
static void answer_peer(struct peer *peer, json_t *answer)
{
    peer->answer = answer;
    loop_timer_stop(&peer->timer);
    loop_unwatch(peer->watch);
    peer->watch = NULL;
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
    answer_peer(peer, json ? obey(peer, json) : refused("the request is no line of JSON"));
    json_decref(json);
}

static void too_late(void *context)
{
    drop_peer(context);
}

/* Those that say nothing must not keep others from being heard. */
static void make_room(struct control *control)
{
    size_t count = 0;
    struct peer *last = NULL;
    for (struct peer *peer = control->peers; peer != NULL; peer = peer->next, count++)
        if (peer->answer == NULL)
            last = peer;
    if (count >= PEERS_MOST && last != NULL)
        drop_peer(last);
}

static struct peer *peer_new(struct control *control, int fd)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL)
        return NULL;
    peer->control = control;
    peer->arena = arena_new();
    peer->fd = fd;
    peer->next = control->peers;
    control->peers = peer;
    return peer;
}

static void hear(struct control *control, int fd)
{
    struct failure failure;
    make_room(control);
    struct peer *peer = peer_new(control, fd);
    if (peer == NULL) {
        close(fd);
        return;
    }
    if (!person_of_peer(peer->arena, fd, "control", &peer->person, &failure)) {
        answer_peer(peer, refused(failure.text));
        return;
    }
    loop_timer_start(control->loop, &peer->timer, PEER_TIME, too_late, peer);
    peer->watch = loop_watch(control->loop, fd, LOOP_READABLE, peer_ready, peer, &failure);
    if (peer->watch == NULL)
        drop_peer(peer);
}

static void accept_peers(void *context, unsigned ready)
{
    struct control *control = context;
    (void)ready;
    for (int i = 0; i < PEERS_MOST; i++) {
        int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        hear(control, fd);
    }
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
        fchmodat(folder, "control", 0600, 0) != 0 || listen(control->fd, PEERS_MOST) != 0 ||
        (control->watch = loop_watch(loop, control->fd, LOOP_READABLE, accept_peers, control,
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
    unlinkat(control->folder, "control", 0);
    control_turned(control);
    while (control->peers != NULL)
        drop_peer(control->peers);
    loop_unwatch(control->watch);
    close(control->fd);
}

/* ---- the other end ---- */

/* -1 with errno. */
static int connect_to(const char *path)
{
    struct sockaddr_un address;
    int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = folder >= 0 ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    int error = errno;
    if (fd >= 0 && (!address_of(folder, &address) ||
                    connect(fd, (struct sockaddr *)&address, sizeof address) != 0)) {
        error = errno;
        close(fd);
        fd = -1;
    }
    if (folder >= 0)
        close(folder);
    errno = error;
    return fd;
}

/* One that is refused at once may be answered before it is written: then that is to be read. */
static void send_request(int fd, const struct control_request *request)
{
    struct buffer line = {0};
    json_t *json = json_object();
    json_object_set_new(json, "do", json_string(request->what));
    json_set_text(json, "step", request->step);
    json_set_text(json, "text", request->text);
    json_set_text(json, "reason", request->reason);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    buffer_format(&line, "%s\n", text ? text : "");
    free(text);
    for (size_t sent = 0; sent < line.length;) {
        ssize_t length = send(fd, line.at + sent, line.length - sent, MSG_NOSIGNAL);
        if (length < 0 && errno != EINTR)
            break;
        sent += length > 0 ? (size_t)length : 0;
    }
    buffer_free(&line);
}

static json_t *exchange(int fd, const struct control_request *request)
{
    struct timeval limit = {.tv_sec = 30};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    send_request(fd, request);
    FILE *stream = fdopen(fd, "r");
    if (stream == NULL) {
        close(fd);
        return NULL;
    }
    json_t *answer = json_loadf(stream, JSON_DISABLE_EOF_CHECK, NULL);
    fclose(stream);
    return answer;
}

enum control_sent control_send(struct arena *arena, const char *path,
                               const struct control_request *request, const char **said)
{
    int fd = connect_to(path);
    *said = NULL;
    if (fd < 0 && errno == EACCES)
        *said = "it is another's run: neither its user, nor root, nor of its group";
    if (fd < 0)
        return errno == EACCES ? CONTROL_REFUSED : CONTROL_NOBODY;
    json_t *answer = exchange(fd, request);
    if (answer == NULL)
        return CONTROL_LOST;
    bool good = json_is_true(json_object_get(answer, "ok"));
    *said = member(arena, answer, good ? "more" : "why");
    json_decref(answer);
    return good ? CONTROL_DONE : CONTROL_REFUSED;
}
