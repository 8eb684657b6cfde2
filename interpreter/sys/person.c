#include "sys/person.h"

#include "base/arena.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* since Linux 6.5 */
#endif

#define NO_LOGIN UINT32_MAX /* what the kernel says where nobody logged in */

int64_t person_id(const struct person *person)
{
    return person->login >= 0 ? person->login : person->uid;
}

const char *person_known_by(const struct person *person)
{
    return person->login >= 0 ? "login" : "uid";
}

static const char *name_of(struct arena *arena, int64_t id)
{
    struct passwd *entry = getpwuid((uid_t)id);
    return entry != NULL ? arena_copy(arena, entry->pw_name, strlen(entry->pw_name))
                         : arena_format(arena, "%" PRId64, id);
}

/* False: there is no such process. */
static bool read_login(const char *process, int64_t *login)
{
    char path[64];
    uint32_t id = NO_LOGIN;
    snprintf(path, sizeof path, "/proc/%s/loginuid", process);
    FILE *file = fopen(path, "re");
    *login = -1;
    if (file == NULL) {
        snprintf(path, sizeof path, "/proc/%s", process);
        return access(path, F_OK) == 0; /* a kernel without audit */
    }
    if (fscanf(file, "%" SCNu32, &id) == 1 && id != NO_LOGIN)
        *login = id;
    fclose(file);
    return true;
}

struct person person_self(struct arena *arena, const char *where)
{
    struct person person = {.uid = (int64_t)getuid(), .where = where};
    (void)read_login("self", &person.login);
    person.user = name_of(arena, person_id(&person));
    return person;
}

/* ---- names ---- */

bool person_is_entry(const char *entry)
{
    const char *name = entry[0] == '%' ? entry + 1 : entry;
    if (name[0] == '\0' || strchr("-%@#+", name[0]) != NULL)
        return false;
    for (; *name != '\0'; name++)
        if ((unsigned char)*name <= ' ' || *name == 127 || strchr(":,/", *name) != NULL)
            return false;
    return true;
}

static bool is_number(const char *entry)
{
    return entry[0] != '\0' && entry[strspn(entry, "0123456789")] == '\0';
}

bool person_exists(const char *entry)
{
    return entry[0] == '%' ? getgrnam(entry + 1) != NULL
                           : getpwnam(entry) != NULL || is_number(entry);
}

static bool in_group(const struct passwd *user, gid_t wanted)
{
    int room = 64;
    gid_t *groups = NULL;
    bool found = false;
    for (int count = -1; count < 0;) {
        groups = memory_resize(groups, (size_t)room * sizeof *groups);
        int got = room;
        count = getgrouplist(user->pw_name, user->pw_gid, groups, &got);
        for (int i = 0; count >= 0 && i < got; i++)
            found |= groups[i] == wanted;
        room = got > room ? got : room * 2;
    }
    free(groups);
    return found;
}

bool person_meets(const struct person *person, const char *entry)
{
    int64_t id = person_id(person);
    if (entry[0] == '%') {
        struct group *group = getgrnam(entry + 1);
        gid_t wanted = group != NULL ? group->gr_gid : 0;
        struct passwd *user = group != NULL ? getpwuid((uid_t)id) : NULL;
        return user != NULL && in_group(user, wanted);
    }
    struct passwd *user = getpwnam(entry);
    if (user != NULL)
        return (int64_t)user->pw_uid == id;
    return is_number(entry) && strtoll(entry, NULL, 10) == id;
}

/* ---- the other end of a socket ---- */

/* The uid that the process acts under; -1: there is none. */
static int64_t acting_uid(const char *process)
{
    char path[64], line[256];
    int64_t uid = -1;
    snprintf(path, sizeof path, "/proc/%s/status", process);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -1;
    while (uid < 0 && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "Uid: %*u %" SCNd64, &uid) != 1)
            uid = -1;
    fclose(file);
    return uid;
}

/* A pid comes again: what is read of it is that of whoever connected only while they live. A kernel
 * that has no such descriptor leaves it at the uid. */
static bool still_there(int pidfd)
{
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    return pidfd < 0 || poll(&ended, 1, 0) == 0;
}

static int process_of_peer(int fd, int *pidfd)
{
    socklen_t length = sizeof *pidfd;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, pidfd, &length) == 0)
        return 0;
    *pidfd = -1;
    return errno == ENOPROTOOPT ? 0 : errno;
}

/* A process that has no login id yet may take any, so an id that differs from the uid is a claim.
 * It is believed of whoever could write the same into the record: root, and our own user. */
static bool believable(const struct person *person)
{
    return person->login < 0 || person->login == person->uid || person->uid == 0 ||
           person->uid == (int64_t)geteuid();
}

bool person_of_peer(struct arena *arena, int fd, const char *where, struct person *person,
                    struct failure *failure)
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    char process[32];
    int pidfd = -1;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
        return failure_set(failure, errno, "can't tell who asks");
    int error = process_of_peer(fd, &pidfd);
    if (error != 0)
        return failure_set(failure, error, "can't tell who asks");
    *person = (struct person){.uid = (int64_t)peer.uid, .where = where};
    snprintf(process, sizeof process, "%d", (int)peer.pid);
    bool sure = read_login(process, &person->login) && acting_uid(process) == person->uid &&
                still_there(pidfd);
    if (pidfd >= 0)
        close(pidfd);
    if (!sure)
        return failure_set(failure, 0, "can't tell who asks: the process that asked is gone");
    if (!believable(person))
        return failure_set(
            failure, 0,
            "can't tell who asks: a process of %s in a login of %s; ask from a login "
            "of your own",
            name_of(arena, person->uid), name_of(arena, person->login));
    person->user = name_of(arena, person_id(person));
    return true;
}
