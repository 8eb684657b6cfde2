#include "commands/preview.h"

#include "base/text.h"
#include "commands/options.h"
#include "plan/print.h"

#include <jansson.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Of the terminal, where that is narrower than what prose is wrapped at. What is written to a file
 * is the same everywhere. */
static unsigned columns(void)
{
    enum { LEAST = 60, MOST = 100 };
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_col > MOST)
        return 0;
    return size.ws_col < LEAST ? LEAST : size.ws_col;
}

static bool read_room(struct invocation *invocation, size_t *room)
{
    const char *given = option_value(invocation, &option_room);
    char *end = NULL;
    unsigned long count = given != NULL ? strtoul(given, &end, 10) : 0;
    if (given != NULL && (*given < '1' || *given > '9' || *end != '\0' || count > 100000000)) {
        say_error("runbook %s: error RB601: --room wants a number of bytes, not '%s'\n",
                  invocation->command->name, given);
        return false;
    }
    *room = count;
    return true;
}

int preview_print(struct invocation *invocation, const struct plan *plan)
{
    const char *name = option_value(invocation, &option_plan_format);
    const struct plan_format *format = plan_format_find(name ? name : "text");
    if (format == NULL) {
        say_error("runbook %s: error RB601: there is no format '%s'\n  = remedy: there are",
                  invocation->command->name, name);
        for (unsigned i = 0; plan_format_at(i) != NULL; i++)
            say_error("%s %s", i > 0 ? "," : "", plan_format_at(i)->name);
        say_error("\n");
        return EXIT_USAGE;
    }
    struct buffer text = {0};
    struct plan_look look = {.colour = invocation->colour, .columns = columns()};
    if (!read_room(invocation, &look.room))
        return EXIT_USAGE;
    format->print(plan, &look, &text);
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    return said ? EXIT_GOOD : EXIT_FAILED;
}

struct json_t *preview_json(const struct plan *plan)
{
    struct buffer text = {0};
    plan_format_find("json")->print(plan, &(struct plan_look){0}, &text);
    json_t *json = json_loadb(text.at, text.length, 0, NULL);
    buffer_free(&text);
    return json;
}
