/* A real PostgreSQL of the test's own: Debian's programs, a folder in /tmp, a unix socket and no
 * port, a user without rights. It goes with the test. */
#ifndef POSTGRES_SERVER_H
#define POSTGRES_SERVER_H

#include "sys_help.h"

#include <glob.h>
#include <grp.h>
#include <pwd.h>

struct server {
    char folder[64];   /* also that of the socket */
    char programs[64]; /* /usr/lib/postgresql/15/bin */
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

/* In the child: who may not be root becomes the package's user. */
HELP void server_become(const struct server *server)
{
    if (getuid() != 0)
        return;
    if (setgroups(0, NULL) != 0 || setgid(server->gid) != 0 || setuid(server->uid) != 0)
        _exit(126);
}

HELP pid_t server_spawn(const struct server *server, const char *const *argv, const char *log)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    server_become(server);
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setenv("LC_ALL", "C.UTF-8", 1);
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

HELP void server_start(struct server *server)
{
    char program[96], data[80], log[80];
    snprintf(program, sizeof program, "%s/postgres", server->programs);
    snprintf(data, sizeof data, "%s/data", server->folder);
    snprintf(log, sizeof log, "%s/log", server->folder);
    const char *const argv[] = {program,
                                "-D",
                                data,
                                "-k",
                                server->folder,
                                "-c",
                                "listen_addresses=",
                                "-c",
                                "fsync=off",
                                "-c",
                                "log_line_prefix=%a %x ",
                                NULL};
    server->pid = server_spawn(server, argv, log);
    assert_true(server->pid > 0);
}

/* At once, as when the power goes. */
HELP void server_kill(struct server *server)
{
    kill(server->pid, SIGQUIT);
    waitpid(server->pid, NULL, 0);
}

HELP struct server server_new(void)
{
    struct server server = {.folder = "/tmp/runbook-postgres.XXXXXX", .uid = getuid()};
    glob_t found;
    assert_int_equal(glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found), 0);
    const char *path = found.gl_pathv[found.gl_pathc - 1];
    snprintf(server.programs, sizeof server.programs, "%.*s",
             (int)(strlen(path) - strlen("/initdb")), path);
    assert_non_null(mkdtemp(server.folder));
    const struct passwd *user = getpwnam("postgres");
    if (getuid() == 0) {
        assert_non_null(user);
        server.uid = user->pw_uid;
        server.gid = user->pw_gid;
        assert_int_equal(chown(server.folder, server.uid, server.gid), 0);
    }
    char data[80], log[80];
    snprintf(data, sizeof data, "%s/data", server.folder);
    snprintf(log, sizeof log, "%s/initdb", server.folder);
    const char *const argv[] = {path, "-N",   "-A",          "trust", "-U", "test",
                                "-E", "UTF8", "--no-locale", "-D",    data, NULL};
    int status = -1;
    waitpid(server_spawn(&server, argv, log), &status, 0);
    assert_int_equal(status, 0);
    globfree(&found);
    server_start(&server);
    return server;
}

HELP void server_remove(struct server *server)
{
    server_kill(server);
    help_remove(strdup(server->folder));
}

#endif
