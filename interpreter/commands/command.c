#include "commands/command.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/commands.h"
#include "commands/help.h"
#include "commands/options.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct command_group groups[] = {
    {"write and review",
     (const struct command *const[]){&command_import, &command_check, &command_plan, &command_diff,
                                     &command_doc, &command_preflight, &command_drill,
                                     &command_actions, &command_explain, NULL}},
    {"run", (const struct command *const[]){&command_run, &command_resume, &command_watch, NULL}},
    {"look at runs", (const struct command *const[]){&command_list, &command_show, NULL}},
    {"answer, and take back",
     (const struct command *const[]){&command_approve, &command_reject, &command_undo,
                                     &command_release, &command_abandon, NULL}},
    {"set up", (const struct command *const[]){&command_schema, &command_completion, &command_man,
                                               &command_ci, NULL}},
};

static const struct exit_about exits[] = {
    {EXIT_GOOD, "succeeded, or recovered (said so)"},
    {EXIT_FAILED, "a step failed"},
    {EXIT_USAGE, "the command line is not understood"},
    {EXIT_INVALID, "the runbook, a library or a param is not valid"},
    {EXIT_CONDITION,
     "a precondition of the run, or what preflight asked, does not hold; nothing was changed"},
    {EXIT_STOPPED, "stopped, or waits for a person; `resume` goes on"},
    {EXIT_LOCKED, "another run holds the lock"},
    {EXIT_TARGET, "the target is not the one that the runbook names"},
    {EXIT_STRICT, "recovered, with --strict"},
    {EXIT_UNDONE, "undone"},
    {EXIT_DOUBT, "in doubt: a step is unknown"},
    {EXIT_RECORD, "the record can't be written or trusted; nothing new was started"},
};

const struct exit_about *exit_about_at(size_t index)
{
    return index < sizeof exits / sizeof *exits ? &exits[index] : NULL;
}

const struct command_group *command_group_at(size_t index)
{
    return index < sizeof groups / sizeof *groups ? &groups[index] : NULL;
}

const struct command *command_at(size_t index)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        for (const struct command *const *at = groups[i].commands; *at != NULL; at++)
            if (index-- == 0)
                return *at;
    return NULL;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; command_at(i) != NULL; i++)
        if (strcmp(command_at(i)->name, name) == 0)
            return command_at(i);
    return NULL;
}

/* ---- saying ---- */

bool say_out(struct text text)
{
    while (text.length > 0) {
        ssize_t written = write(STDOUT_FILENO, text.at, text.length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            say_error("runbook: standard output can't be written: %s\n", strerror(errno));
            return false;
        }
        text.at += written;
        text.length -= (size_t)written;
    }
    return true;
}

void say_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
}

/* ---- options ---- */

const char *const *option_values(const struct invocation *invocation, const struct option *option)
{
    static const char *const none[] = {NULL};
    const struct list *list = map_get(&invocation->options, option->name);
    return list != NULL ? (const char *const *)list->at : none;
}

const char *option_value(const struct invocation *invocation, const struct option *option)
{
    const char *const *values = option_values(invocation, option);
    const char *last = NULL;
    while (*values != NULL)
        last = *values++;
    return last;
}

static const struct option *find_option(const struct command *command, const char *name,
                                        size_t length)
{
    const struct option *const common[] = {&option_help, NULL};
    const struct option *const *tables[] = {command->options, common};
    for (size_t t = 0; t < 2; t++)
        for (const struct option *const *at = tables[t]; at != NULL && *at != NULL; at++)
            if (strlen((*at)->name) == length && memcmp((*at)->name, name, length) == 0)
                return *at;
    return NULL;
}

static int unknown_option(const struct command *command, const char *word)
{
    const char *names[64];
    size_t count = 0;
    for (const struct option *const *at = command->options; at && *at && count < 64; at++)
        names[count++] = (*at)->name;
    const char *near = text_nearest(word + 2, names, count);
    say_error("runbook %s: error RB601: there is no option %s\n", command->name, word);
    if (near != NULL)
        say_error("  = remedy: did you mean --%s? `runbook %s --help` lists all\n", near,
                  command->name);
    else
        say_error("  = remedy: `runbook %s --help` lists all\n", command->name);
    return EXIT_USAGE;
}

static void add_value(struct invocation *invocation, const struct option *option, const char *value)
{
    struct list *list = map_get(&invocation->options, option->name);
    if (list == NULL) {
        list = arena_alloc(invocation->arena, sizeof *list);
        map_put(invocation->arena, &invocation->options, option->name, list);
    } else {
        list->count--; /* the NULL behind the last */
    }
    list_add(invocation->arena, list, (void *)(uintptr_t)value);
    list_add(invocation->arena, list, NULL);
}

static int read_option(struct invocation *invocation, char **words, int *at)
{
    const struct command *command = invocation->command;
    const char *word = words[*at];
    const char *equals = strchr(word, '=');
    size_t length = (equals ? (size_t)(equals - word) : strlen(word)) - 2;
    const struct option *option = find_option(command, word + 2, length);
    if (option == NULL)
        return unknown_option(command, word);
    const char *value = equals ? equals + 1 : NULL;
    if (option->value == NULL && value != NULL) {
        say_error("runbook %s: error RB601: --%s takes no value\n", command->name, option->name);
        return EXIT_USAGE;
    }
    if (option->value != NULL && value == NULL)
        value = words[*at + 1] != NULL ? words[++*at] : NULL;
    if (option->value != NULL && value == NULL) {
        say_error("runbook %s: error RB601: --%s wants %s\n", command->name, option->name,
                  option->value);
        return EXIT_USAGE;
    }
    if (!option->many && map_get(&invocation->options, option->name) != NULL) {
        say_error("runbook %s: error RB601: --%s is given twice\n", command->name, option->name);
        return EXIT_USAGE;
    }
    add_value(invocation, option, value ? value : "");
    return 0;
}

static int read_words(struct invocation *invocation, char **words)
{
    bool options = true;
    for (int i = 0; words[i] != NULL; i++) {
        if (options && strcmp(words[i], "--") == 0) {
            options = false;
        } else if (options && strncmp(words[i], "--", 2) == 0) {
            int failed = read_option(invocation, words, &i);
            if (failed != 0)
                return failed;
        } else if (options && words[i][0] == '-' && words[i][1] != '\0') {
            if (strcmp(words[i], "-h") == 0)
                add_value(invocation, &option_help, "");
            else
                return unknown_option(invocation->command,
                                      arena_format(invocation->arena, "-%s", words[i]));
        } else {
            list_add(invocation->arena, &invocation->arguments, words[i]);
        }
    }
    return 0;
}

/* ---- help ---- */

static int print_command_help(struct arena *arena, const struct command *command)
{
    struct buffer help = {0};
    help_command(arena, command, &help);
    bool said = say_out(buffer_slice(&help));
    buffer_free(&help);
    return said ? EXIT_GOOD : EXIT_FAILED;
}

static int print_help(void)
{
    struct buffer help = {0};
    help_all(&help);
    bool said = say_out(buffer_slice(&help));
    buffer_free(&help);
    return said ? EXIT_GOOD : EXIT_FAILED;
}

static int unknown_command(const char *word)
{
    enum { COMMANDS_LIMIT = 64 };
    const char *names[COMMANDS_LIMIT];
    size_t count = 0;
    for (; count < COMMANDS_LIMIT && command_at(count) != NULL; count++)
        names[count] = command_at(count)->name;
    const char *near = text_nearest(word, names, count);
    say_error("runbook: error RB601: there is no command '%s'\n", word);
    if (near != NULL)
        say_error("  = remedy: did you mean `runbook %s`?\n", near);
    else
        say_error("  = remedy: `runbook --help` lists all\n");
    return EXIT_USAGE;
}

static bool colourful(int fd)
{
    const char *off = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return isatty(fd) && (off == NULL || off[0] == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0;
}

static int invoke(struct invocation *invocation, char **words)
{
    const struct command *command = invocation->command;
    int failed = read_words(invocation, words);
    if (failed != 0)
        return failed;
    if (option_value(invocation, &option_help) != NULL)
        return print_command_help(invocation->arena, command);
    size_t count = invocation->arguments.count;
    if (count < command->least || count > command->most) {
        say_error("runbook %s: error RB601: %s\n  = remedy: usage: runbook %s %s\n", command->name,
                  count < command->least ? "an argument is missing" : "too many arguments",
                  command->name, command->arguments);
        return EXIT_USAGE;
    }
    return command->run(invocation);
}

/* A descriptor that was closed by who started us would be given to the next file that is opened,
 * and what is said would be written into the record. Reading gives nothing, writing an error. */
static void hold_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        while (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) >= 0)
            ;
    signal(SIGPIPE, SIG_IGN); /* a reader that is gone is an error, not our death */
}

int command_main(int argc, char **argv)
{
    hold_streams();
    if (argc < 2) {
        print_help();
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return print_help();
    if (strcmp(argv[1], "--version") == 0)
        return say_out(text_of("runbook " RUNBOOK_VERSION "\n")) ? EXIT_GOOD : EXIT_FAILED;
    const struct command *command = command_find(argv[1]);
    if (command == NULL)
        return unknown_command(argv[1]);
    struct invocation invocation = {
        .arena = arena_new(),
        .command = command,
        .colour = colourful(STDOUT_FILENO),
        .colour_errors = colourful(STDERR_FILENO),
    };
    int code = invoke(&invocation, argv + 2);
    arena_free(invocation.arena);
    return code;
}
