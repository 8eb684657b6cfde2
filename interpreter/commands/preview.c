#include "commands/preview.h"

#include "base/text.h"
#include "commands/options.h"
#include "plan/print.h"

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
    format->print(plan, invocation->colour, &text);
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    return said ? EXIT_GOOD : EXIT_FAILED;
}
