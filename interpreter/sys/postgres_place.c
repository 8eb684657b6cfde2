/* Where to connect to. libpq would read the service file and ask for the addresses while the loop
 * waits, so both is done before, in the pool: what libpq gets names no service, and has an address
 * beside each host (the host's name stays, for the certificate and the passfile). */
#include "sys/postgres_own.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/file.h"

enum { ADDRESSES = 8, SERVICE_FILE_CAP = 1 << 20 };
/* Where Debian's libpq looks when the user has no file of his own. */
#define SYSTEM_SERVICES "/etc/postgresql-common/pg_service.conf"

/* ---- keywords ---- */

static void put(struct postgres_place *place, const char *keyword, const char *value)
{
    list_add(place->arena, &place->keywords, arena_copy(place->arena, keyword, strlen(keyword)));
    list_add(place->arena, &place->values, arena_copy(place->arena, value, strlen(value)));
}

static void **slot_of(const struct postgres_place *place, const char *keyword)
{
    for (size_t i = 0; i < place->keywords.count; i++)
        if (strcmp(place->keywords.at[i], keyword) == 0)
            return &place->values.at[i];
    return NULL;
}

static const char *get(const struct postgres_place *place, const char *keyword)
{
    void **slot = slot_of(place, keyword);
    return slot ? *slot : NULL;
}

static void set(struct postgres_place *place, const char *keyword, const char *value)
{
    void **slot = slot_of(place, keyword);
    if (slot != NULL)
        *slot = arena_copy(place->arena, value, strlen(value));
    else
        put(place, keyword, value);
}

static void put_missing(struct postgres_place *place, const char *keyword, const char *value)
{
    if (slot_of(place, keyword) == NULL)
        put(place, keyword, value);
}

/* libpq knows no keyword of this name, or it was used up. */
static void take_out(struct postgres_place *place, const char *keyword)
{
    for (size_t i = 0; i < place->keywords.count; i++) {
        if (strcmp(place->keywords.at[i], keyword) != 0)
            continue;
        place->keywords.at[i] = place->keywords.at[place->keywords.count - 1];
        place->values.at[i] = place->values.at[place->values.count - 1];
        place->keywords.count--;
        place->values.count--;
        return;
    }
}

struct postgres_place *postgres_place_new(const struct postgres_spec *spec)
{
    struct arena *arena = arena_new();
    struct postgres_place *place = arena_alloc(arena, sizeof *place);
    place->arena = arena;
    for (size_t i = 0; spec->keywords[i] != NULL; i++)
        put(place, spec->keywords[i], spec->values[i]);
    return place;
}

/* ---- the service file ---- */

static char *trimmed(char *line)
{
    while (isspace((unsigned char)*line))
        line++;
    size_t length = strlen(line);
    while (length > 0 && isspace((unsigned char)line[length - 1]))
        line[--length] = '\0';
    return line;
}

static bool take_setting(struct postgres_place *place, char *line, const char *path, int number)
{
    char *equals = strchr(line, '=');
    if (equals == NULL || strncmp(line, "ldap", 4) == 0 || strncmp(line, "service=", 8) == 0)
        return failure_set(&place->failure, 0, "%s line %d: %s", path, number,
                           equals == NULL ? "no KEYWORD=VALUE" : "only settings can stand here");
    *equals = '\0';
    put_missing(place, line, equals + 1); /* what the runbook says itself counts more */
    return true;
}

/* Takes the settings of SERVICE out of TEXT; *found: it is there. False with the failure. */
static bool take_service(struct postgres_place *place, char *text, const char *service,
                         const char *path, bool *found)
{
    bool inside = false;
    int number = 0;
    char *rest = NULL;
    *found = false;
    for (char *next = text; next != NULL; next = rest) {
        rest = strchr(next, '\n');
        if (rest != NULL)
            *rest++ = '\0';
        char *line = trimmed(next);
        number++;
        if (line[0] == '\0' || line[0] == '#')
            continue;
        if (line[0] == '[') {
            size_t length = strlen(service);
            if (inside)
                return true; /* the first one of that name counts */
            inside = strncmp(line + 1, service, length) == 0 && line[1 + length] == ']';
            *found = *found || inside;
        } else if (inside && !take_setting(place, line, path, number)) {
            return false;
        }
    }
    return true;
}

static bool read_services(struct postgres_place *place, const char *path, const char *service,
                          bool *found)
{
    struct buffer text = {0};
    bool done = file_read(AT_FDCWD, path, SERVICE_FILE_CAP, &text, &place->failure);
    if (done && text.at != NULL)
        done = take_service(place, text.at, service, path, found);
    buffer_free(&text);
    return done;
}

static bool find_service(struct postgres_place *place)
{
    const char *service = get(place, "service"), *file = get(place, "servicefile");
    if (service == NULL)
        return true;
    const char *home = getenv("HOME");
    const char *own = arena_format(place->arena, "%s/.pg_service.conf", home ? home : "");
    const char *paths[] = {file ? file : own, file ? NULL : SYSTEM_SERVICES};
    bool found = false;
    for (size_t i = 0; i < 2 && paths[i] != NULL && !found; i++)
        if ((file != NULL || access(paths[i], F_OK) == 0) &&
            !read_services(place, paths[i], service, &found))
            return false;
    if (!found)
        return failure_set(&place->failure, 0, "no service '%s' in %s%s", service, paths[0],
                           file ? "" : " or " SYSTEM_SERVICES);
    take_out(place, "service");
    take_out(place, "servicefile");
    return true;
}

/* ---- the addresses ---- */

/* The hosts, their addresses and ports, as libpq's three lists. */
struct hosts {
    struct buffer names, addresses, ports;
    size_t count;
};

static void add_host(struct hosts *hosts, const char *name, const char *address, const char *port)
{
    const char *comma = hosts->count++ ? "," : "";
    buffer_format(&hosts->names, "%s%s", comma, name);
    buffer_format(&hosts->addresses, "%s%s", comma, address);
    buffer_format(&hosts->ports, "%s%s", comma, port);
}

static bool add_addresses(struct hosts *hosts, const char *name, const char *port,
                          struct failure *failure)
{
    struct addrinfo *list = NULL, hints = {.ai_socktype = SOCK_STREAM};
    int status = getaddrinfo(name, NULL, &hints, &list);
    if (status != 0)
        return failure_set(failure, 0, "can't find the address of %s: %s", name,
                           gai_strerror(status));
    size_t count = 0;
    for (struct addrinfo *at = list; at != NULL && count < ADDRESSES; at = at->ai_next, count++) {
        char address[NI_MAXHOST];
        if (getnameinfo(at->ai_addr, at->ai_addrlen, address, sizeof address, NULL, 0,
                        NI_NUMERICHOST) == 0)
            add_host(hosts, name, address, port);
    }
    freeaddrinfo(list);
    return true;
}

/* The INDEX-th of a list with commas; the only one stands for all. */
static const char *element(struct arena *arena, const char *list, size_t index)
{
    if (list == NULL)
        return "";
    if (strchr(list, ',') == NULL)
        return list;
    for (; index > 0 && list != NULL; index--) {
        list = strchr(list, ',');
        list = list ? list + 1 : NULL;
    }
    return list ? arena_copy(arena, list, strcspn(list, ",")) : "";
}

static void find_hosts(struct postgres_place *place, struct hosts *hosts)
{
    const char *list = get(place, "host"), *ports = get(place, "port");
    size_t count = 1;
    for (const char *c = list; *c != '\0'; c++)
        count += *c == ',';
    for (size_t i = 0; i < count; i++) {
        const char *name = element(place->arena, list, count > 1 ? i : 0);
        const char *port = element(place->arena, ports, i);
        /* A folder of a socket has no address; one without a name is libpq's default. */
        if (name[0] == '/' || name[0] == '@' || name[0] == '\0')
            add_host(hosts, name, "", port);
        else
            (void)add_addresses(hosts, name, port, &place->failure);
    }
}

static void use_hosts(struct postgres_place *place, struct hosts *hosts)
{
    place->failure.text[0] = '\0'; /* of several hosts one is enough */
    set(place, "host", hosts->names.at);
    if (hosts->addresses.length + 1 > hosts->count) /* more than commas */
        set(place, "hostaddr", hosts->addresses.at);
    if (get(place, "port") != NULL)
        set(place, "port", hosts->ports.at);
}

static bool find_addresses(struct postgres_place *place)
{
    struct hosts hosts = {0};
    const char *host = get(place, "host");
    if (host == NULL || host[0] == '\0' || get(place, "hostaddr") != NULL)
        return true;
    find_hosts(place, &hosts);
    if (hosts.count > 0)
        use_hosts(place, &hosts);
    buffer_free(&hosts.names);
    buffer_free(&hosts.addresses);
    buffer_free(&hosts.ports);
    return hosts.count > 0;
}

void postgres_place_find(void *data, const atomic_bool *stop)
{
    struct postgres_place *place = data;
    if (atomic_load(stop) || !find_service(place) || !find_addresses(place))
        return;
    set(place, "client_encoding", "UTF8");
    /* GSS has round trips that libpq waits for, and is asked for by name where it is wanted. */
    put_missing(place, "gssencmode", "disable");
    put_missing(place, "fallback_application_name", "runbook");
    list_add(place->arena, &place->keywords, NULL);
    list_add(place->arena, &place->values, NULL);
}

/* Is NAME, of LENGTH, one of libpq's? They are all of this form, and libpq need not be loaded to
 * say which of them it knows. */
static bool is_its(const char *name, size_t length)
{
    return length > 2 && strncmp(name, "PG", 2) == 0 &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == length;
}

void postgres_forget_environment(void)
{
    size_t at = 0;
    while (environ != NULL && environ[at] != NULL) {
        char name[64] = "";
        size_t length = strcspn(environ[at], "=");
        if (length < sizeof name)
            memcpy(name, environ[at], length);
        if (!is_its(name, length) || unsetenv(name) != 0) /* else the next is here now */
            at++;
    }
}
