/* R15 and R16: does anybody of a step's tree survive its end, and how soon are they gone?
 *
 *     hygiene [REPEATS]     TAP, one line for each figure; 3 repeats make 216 trials, 14 make 1008
 *
 * A trial: one of the programs that do not want to end, held together by one method, without or
 * under a shim, ended in one way. It counts when the program had begun; survivors are looked for by
 * a word in their environment, not by what held them. */
#include "../unit/sys_evil.h"

#include "sys/attempt.h"
#include "sys/loop.h"
#include "sys/shim.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum way { TIMED_OUT, CANCELLED, ENGINE_KILLED, WAYS };
enum { METHODS = 3, TRIES = 5, SAMPLES = 4096 };

static const char *const way_names[WAYS] = {"time-out", "cancel", "engine killed"};
static const unsigned methods[METHODS] = {PROCESS_CGROUP2, PROCESS_FREEZER, PROCESS_SUBREAPER};
static const char *const method_names[METHODS] = {"cgroup2", "freezer", "subreaper"};
static const int64_t grace = 50 * 1000000;

struct trial {
    int evil, method;
    enum way way;
    bool shim;
    int64_t timeout;
    char token[64], run[64], folder_name[128];
    int folder; /* the run's */
    struct loop *loop;
    struct processes *processes;
    void *task; /* process or shim */
    bool ready;
    int64_t started, ended;
};

/* What was measured, by method. */
static int64_t samples[METHODS][SAMPLES];
static int sample_count[METHODS];

static void on_output(void *data, enum task_stream stream, const char *at, size_t length)
{
    struct trial *trial = data;
    (void)stream;
    trial->ready |= length >= 6 && memcmp(at, "ready\n", 6) == 0;
    if (!trial->ready || trial->way != CANCELLED)
        return;
    trial->started = help_now(); /* here the deadline is now */
    if (trial->shim)
        shim_cancel(trial->task);
    else
        process_cancel(trial->task);
}

static void on_end(void *data, const struct task_end *end)
{
    struct trial *trial = data;
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    trial->ended = help_now();
    /* From when the program itself had started. */
    if (trial->way == TIMED_OUT)
        trial->started =
            trial->ended - ((int64_t)wall.tv_sec * 1000000000 + wall.tv_nsec - end->started);
    loop_stop(trial->loop);
}

static void run_task(struct trial *trial)
{
    char run[80], attempt[] = "RUNBOOK_ATTEMPT=1";
    snprintf(run, sizeof run, "RUNBOOK_RUN=%s", trial->run);
    const char *argv[] = {help_self(), help_evils[trial->evil], NULL};
    const char *env[] = {trial->token, run, attempt, NULL};
    struct task task = {.argv = argv,
                        .env = env,
                        .cwd = "/",
                        .umask = 077,
                        .folder = trial->folder,
                        .logs = {"logs/1.out", "logs/1.err"},
                        .timeout = trial->timeout,
                        .grace = grace};
    struct process_watch watch = {on_output, on_end, trial};
    struct failure failure;
    trial->loop = loop_new(NULL, &failure);
    trial->processes =
        processes_new(&(struct processes_options){.loop = trial->loop,
                                                  .run = trial->run,
                                                  .shim = help_shim(),
                                                  .methods = methods[trial->method]});
    trial->started = help_now();
    if (trial->shim)
        trial->task = shim_start(trial->processes, &task, 1, &watch);
    else
        trial->task = process_start(trial->processes, &task, &watch);
    loop_run(trial->loop);
    processes_free(trial->processes);
    loop_free(trial->loop);
}

static bool is_ready(const struct trial *trial)
{
    char text[8] = "";
    int fd = openat(trial->folder, "logs/1.out", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, text, sizeof text - 1) < 0)
        text[0] = '\0';
    if (fd >= 0)
        close(fd);
    return strcmp(text, "ready\n") == 0;
}

static bool shim_is_gone(const struct trial *trial)
{
    struct attempt attempt;
    struct failure failure;
    if (!attempt_read(trial->folder, 1, &attempt, &failure))
        return false;
    attempt_free(&attempt);
    return attempt.state == ATTEMPT_ENDED;
}

static bool wait_for(bool (*condition)(const struct trial *trial), const struct trial *trial)
{
    int64_t until = help_now() + 20000 * ms;
    while (!condition(trial) && help_now() < until)
        usleep(2000);
    return condition(trial);
}

static bool nobody_left(const struct trial *trial)
{
    return help_count(trial->token) == 0;
}

/* Runs the task in a process of its own and kills that. Without a shim a sweep follows, as a resume
 * begins with one; under a shim its limit is waited for. */
static void kill_engine(struct trial *trial)
{
    uint64_t attempt = 1;
    struct failure failure;
    pid_t engine = fork();
    if (engine == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run_task(trial);
        _exit(0);
    }
    trial->ready = wait_for(is_ready, trial);
    kill(engine, SIGKILL);
    waitpid(engine, NULL, 0);
    if (trial->shim)
        wait_for(shim_is_gone, trial);
    else if (!process_sweep(trial->run, &attempt, 1, NULL, &failure))
        printf("# %s\n", failure.text);
    /* A light shim ends its tree by itself, past the grace. */
    if (!trial->shim && trial->method == METHODS - 1)
        wait_for(nobody_left, trial);
}

static void begin(struct trial *trial, int number)
{
    snprintf(trial->token, sizeof trial->token, "RUNBOOK_TOKEN=%d-%d.", (int)getpid(), number);
    snprintf(trial->run, sizeof trial->run, "hygiene-%d-%d", (int)getpid(), number);
    snprintf(trial->folder_name, sizeof trial->folder_name, "/tmp/runbook-%s", trial->run);
    mkdir(trial->folder_name, 0700);
    trial->folder = open(trial->folder_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    mkdirat(trial->folder, "logs", 0700);
    mkdirat(trial->folder, "attempts", 0700);
    trial->ready = false;
}

static void end(struct trial *trial)
{
    static const char *const names[] = {"logs/1.out", "logs/1.err", "attempts/1"};
    for (int i = 0; i < 3; i++)
        unlinkat(trial->folder, names[i], 0);
    unlinkat(trial->folder, "logs", AT_REMOVEDIR);
    unlinkat(trial->folder, "attempts", AT_REMOVEDIR);
    close(trial->folder);
    rmdir(trial->folder_name);
}

/* How many survived; *counts: the program had begun before it was ended. */
static int run_trial(struct trial *trial, int number, bool *counts)
{
    int left = 0;
    *counts = false;
    trial->timeout = 0;
    /* A machine that is too busy to begin in time is given more. */
    for (int try = 0; try < TRIES && !*counts; try++) {
        begin(trial, number * TRIES + try);
        if (trial->way == TIMED_OUT || (trial->way == ENGINE_KILLED && trial->shim))
            trial->timeout = (trial->way == TIMED_OUT ? 150 : 400) * ms << (2 * try);
        if (trial->way == ENGINE_KILLED)
            kill_engine(trial);
        else
            run_task(trial);
        *counts = trial->ready;
        left += help_count(trial->token);
        help_signal(trial->token, SIGKILL);
        end(trial);
    }
    return left;
}

static void take_sample(const struct trial *trial)
{
    int *count = &sample_count[trial->method];
    if (trial->way == ENGINE_KILLED || !trial->ready || *count == SAMPLES)
        return;
    int64_t late = trial->ended - trial->started - trial->timeout - grace;
    samples[trial->method][(*count)++] = late;
}

static int by_size(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static int64_t percentile(int method, int percent)
{
    int count = sample_count[method];
    if (count == 0)
        return INT64_MAX;
    return samples[method][(count - 1) * percent / 100];
}

static bool has_method(int method)
{
    struct failure failure;
    struct loop *loop = loop_new(NULL, &failure);
    struct processes *processes = processes_new(&(struct processes_options){
        .loop = loop, .run = "hygiene", .shim = help_shim(), .methods = methods[method]});
    bool has = strcmp(processes_method(processes), method_names[method]) == 0;
    processes_free(processes);
    loop_free(loop);
    return has;
}

static int run_all(int repeats, bool here[METHODS], int *trials, int *never_began)
{
    int survivors = 0, number = 0;
    for (int i = 0; i < repeats * METHODS * HELP_EVILS * WAYS * 2; i++) {
        struct trial trial = {.evil = i % HELP_EVILS,
                              .method = i / HELP_EVILS % METHODS,
                              .way = (enum way)(i / HELP_EVILS / METHODS % WAYS),
                              .shim = i / HELP_EVILS / METHODS / WAYS % 2};
        bool counts;
        if (!here[trial.method])
            continue;
        int left = run_trial(&trial, number++, &counts);
        take_sample(&trial);
        *trials += counts;
        *never_began += !counts;
        survivors += left;
        if (left > 0)
            printf("# %d of %s survived: %s, %s, %s\n", left, help_evils[trial.evil],
                   method_names[trial.method], way_names[trial.way],
                   trial.shim ? "under a shim" : "without a shim");
    }
    return survivors;
}

int main(int argc, char **argv)
{
    help_be_evil(argc, argv);
    int repeats = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 3, trials = 0, never_began = 0;
    bool here[METHODS];
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..2\n");
    for (int i = 0; i < METHODS; i++) {
        here[i] = has_method(i);
        if (!here[i])
            printf("# no %s here\n", method_names[i]);
    }
    int survivors = run_all(repeats, here, &trials, &never_began);
    bool clean = survivors == 0 && never_began == 0 && trials > 0;
    printf("%s 1 - R15 survivors: %d of %d trials\n", clean ? "ok" : "not ok", survivors, trials);
    bool fast = true;
    char text[256] = "";
    for (int i = 0; i < METHODS; i++) {
        if (!here[i])
            continue;
        qsort(samples[i], (size_t)sample_count[i], sizeof samples[i][0], by_size);
        int64_t hold = methods[i] == PROCESS_SUBREAPER ? 600 * ms : 100 * ms;
        fast &= percentile(i, 99) <= hold;
        size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, "%s %s p50 %.1f p99 %.1f ms",
                 length ? "," : "", method_names[i], (double)percentile(i, 50) / 1e6,
                 (double)percentile(i, 99) / 1e6);
    }
    printf("%s 2 - R16 deadline to empty tree, past the grace:%s\n", fast ? "ok" : "not ok", text);
    return clean && fast ? 0 : 1;
}
