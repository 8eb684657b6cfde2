/* evil: programs that do not want to end, for the figures of process hygiene.
 *   ignore   deaf to every signal that can be ignored
 *   daemon   two forks, a session of its own, nothing open, deaf as well
 *   runner   has always just forked and ended when one looks at it
 *   stopped  deaf, and stopped
 * They end by themselves after two minutes, so that a failing trial leaves nothing for ever. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static time_t begun;

static void deaf(void)
{
    for (int i = 1; i < NSIG; i++)
        if (i != SIGCHLD)
            signal(i, SIG_IGN);
}

/* The one who waits for us to be at work looks for this file. */
static void ready(void)
{
    close(open("ready", O_WRONLY | O_CREAT, 0600));
    for (int fd = 0; fd < 64; fd++)
        close(fd);
}

static void linger(void)
{
    while (time(NULL) < begun + 120)
        sleep(1);
    _exit(0);
}

static void be_daemon(void)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            deaf();
            ready();
            linger();
        }
        _exit(0);
    }
    linger();
}

static void be_runner(void)
{
    if (fork() == 0) {
        setsid();
        deaf();
        ready();
        while (time(NULL) < begun + 120)
            if (fork() > 0)
                _exit(0);
        _exit(0);
    }
    linger();
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "";
    begun = time(NULL);
    if (strcmp(kind, "daemon") == 0)
        be_daemon();
    if (strcmp(kind, "runner") == 0)
        be_runner();
    deaf();
    ready();
    if (strcmp(kind, "stopped") == 0)
        kill(getpid(), SIGSTOP);
    linger();
}
