#include "commands/preview.h"

#include "base/text.h"
#include "commands/options.h"
#include "plan/print.h"

#include <jansson.h>
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
