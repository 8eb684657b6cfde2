#include "commands/preview.h"

#include "base/text.h"
#include "commands/options.h"
#include "plan/print.h"

int preview_print(struct invocation *invocation, const struct plan *plan)
{
    const char *name = option_value(invocation, &option_format);
    const struct plan_format *format = plan_format_find(name ? name : "text");
    if (format == NULL) {
        say_error("runbook %s: error RB601: there is no format '%s'\n", invocation->command->name,
                  name);
        return EXIT_USAGE;
    }
    struct buffer text = {0};
    format->print(plan, invocation->colour, &text);
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    return said ? EXIT_GOOD : EXIT_FAILED;
}
