/* What happens to a monitor, told: to who watches, to its record, to the operation log. */
#include "base/arena.h"
#include "commands/watching.h"
#include "commands/session.h"
#include "lang/value.h"
#include "report/oplog.h"
#include "report/phrase.h"
#include "sys/failure.h"

#include <jansson.h>

void watching_say(const char *condition, const char *text, const char *more)
{
    struct buffer line = {0};
    phrase_time(&line, session_now());
    buffer_format(&line, "  %s: ", condition);
    buffer_printable(&line, text_of(text));
    if (more != NULL && more[0] != '\0') {
        buffer_text(&line, ": ");
        buffer_printable(&line, text_of(more));
    }
    buffer_text(&line, "\n");
    (void)say_out(buffer_slice(&line));
    buffer_free(&line);
}

static void broke(struct watching *watching, const struct failure *failure)
{
    say_error("runbook watch: error RB701: %s\n", failure->text);
    watching->broken = true;
    loop_stop(watching->loop);
}

/* And how grave that is in the operation log. */
static const struct {
    const char *name, *level;
} happenings[] = {
    [TRIPPED] = {"tripped", "WARN"},
    [BEGUN] = {"begun", "WARN"},
    [WAITS] = {"waits", "WARN"},
    [APPROVED] = {"approved", "INFO"},
    [REJECTED] = {"rejected", "INFO"},
    [WITHDRAWN] = {"withdrawn", "INFO"},
    [PASSED_OVER] = {"passed_over", "WARN"},
    [NOT_BEGUN] = {"not_begun", "ERROR"},
    [ON_LIMIT] = {"on_limit", "ERROR"},
    [RUN_ENDED] = {"ended", "INFO"},
};

/* It is opened for each line: lines are rare, and it may be rotated between. It watches on without.
 */
static void log_line(struct watching *watching, enum happening what, const char *condition,
                     const char *run, const char *message)
{
    struct failure failure;
    uint64_t mark;
    if (watching->log == NULL)
        return;
    struct oplog *oplog = oplog_new(NULL);
    const char *name = watching->loaded.runbook->name;
    json_t *json = json_pack("{s:s, s:s, s:s}", "monitor", name, "event", happenings[what].name,
                             "condition", condition);
    json_set_text(json, "run", run);
    oplog_say(oplog, loop_wall(watching->loop), happenings[what].level,
              arena_format(watching->arena, "Monitor %s, %s: %s", name, condition, message), json);
    if (!oplog_open(oplog, watching->log, &failure) || !oplog_write(oplog, &mark, &failure))
        say_error("runbook watch: warning: no line in the operation log: %s\n", failure.text);
    oplog_free(oplog);
}

void watching_tell(struct watching *watching, enum happening what, const char *condition,
                   const char *run, const char *text, const char *more)
{
    struct failure failure;
    const char *message =
        arena_format(watching->arena, "%s%s%s", text, more ? ": " : "", more ? more : "");
    watching_say(condition, text, more);
    log_line(watching, what, condition, run, message);
    if (!watch_tell(watching->watch, loop_wall(watching->loop), happenings[what].name, condition,
                    run, message, &failure))
        broke(watching, &failure);
}

bool watching_save(struct watching *watching)
{
    struct failure failure;
    if (watch_save(watching->watch, &failure))
        return true;
    broke(watching, &failure);
    return false;
}
