/* What the opening files share. */
#include "plan/open.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/expect.h"
#include "lang/term.h"
#include "lang/value.h"

#include <string.h>

bool open_refuse(struct opener *opener, const struct problem *problem, struct mark mark)
{
    diagnostic_add(opener->diagnostics, RB102, problem->mark.source ? problem->mark : mark, NULL,
                   "%s", problem->message ? problem->message : "this value can't be made");
    return false;
}

struct moment open_moment(const struct opener *opener, const struct scope *scope)
{
    struct moment moment = opener->around;
    moment.binder = &opener->binder;
    moment.scope = scope;
    return moment;
}

bool open_term(struct opener *opener, const struct term *term, const struct moment *moment,
               struct mark mark, const struct value **value)
{
    struct problem problem = {0};
    *value = NULL;
    if (term == NULL)
        return true;
    *value = bind_term(opener->arena, term, NULL, moment, &problem);
    return *value != NULL || open_refuse(opener, &problem, mark);
}

bool open_number(struct opener *opener, const struct term *term, const struct moment *moment,
                 int64_t fallback, int64_t unknown, int64_t *number)
{
    struct problem problem = {0};
    *number = fallback;
    if (term == NULL)
        return true;
    return bind_number(opener->arena, term, unknown, moment, number, &problem) ||
           open_refuse(opener, &problem, term->mark);
}

const struct scope *open_host(struct opener *opener, const struct scope *scope,
                              const struct term *term, struct mark mark)
{
    const struct value *host = NULL;
    struct moment moment = open_moment(opener, scope);
    if (!open_term(opener, term, &moment, mark, &host))
        return NULL;
    if (host == NULL || (host->kind != VALUE_TEXT && host->kind != VALUE_UNKNOWN) ||
        strcmp(host->text.at, scope->host) == 0)
        return scope;
    struct scope *there = arena_alloc(opener->arena, sizeof *there);
    *there = *scope;
    there->host = host->text.at;
    return there;
}

const char *open_expect(struct opener *opener, const struct expectation *expect,
                        const struct action *action, const struct moment *moment)
{
    struct buffer line = {0};
    if (expect == NULL || expect == action->expect)
        return NULL;
    struct values values = moment_values(opener->arena, moment);
    expect_print(opener->arena, expect, &values, &line);
    const char *text = arena_copy(opener->arena, line.at ? line.at : "", line.length);
    buffer_free(&line);
    return text;
}

bool open_place(struct opener *opener, const struct scope *scope, struct mark mark,
                const char **folder, const struct value **env)
{
    struct moment moment = open_moment(opener, scope);
    struct describing place;
    struct problem problem = {0};
    if (!bind_place(opener->arena, &moment, &place, &problem))
        return open_refuse(opener, &problem, mark);
    *folder = place.folder;
    *env = place.env;
    return true;
}
