#include "plan/open.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/term.h"
#include "lang/value.h"

#define DEFAULT_CHECK_TIMEOUT (10 * UNITS_SECOND)

struct asking {
    const struct check *check;
    struct moment moment;
    const char *name; /* of the block and the check's number: "backup/verify/1" */
};

static bool open_check(struct opener *opener, const struct asking *asking, struct plan_check *into);

static bool check_limit(struct opener *opener, const struct asking *asking, int64_t *limit)
{
    const struct scope *top = asking->moment.scope->top;
    struct moment moment = open_moment(opener, top);
    const struct term *preset = top->runbook->defaults.check_timeout;
    return open_number(opener, preset, &moment, DEFAULT_CHECK_TIMEOUT, PLAN_NO_BOUND, limit) &&
           open_number(opener, asking->check->timeout, &asking->moment, *limit, PLAN_NO_BOUND,
                       limit);
}

/* A composite in place of a check is opened as a step of that name would be. */
static bool open_composite(struct opener *opener, const struct asking *asking,
                           struct plan_check *into)
{
    struct step *step = arena_alloc(opener->arena, sizeof *step);
    struct plan_step *opened = arena_alloc(opener->arena, sizeof *opened);
    *step = (struct step){.id = asking->name,
                          .mark = asking->check->mark,
                          .use = asking->check->use,
                          .effect = EFFECT_READ,
                          .idempotent = true};
    *opened = (struct plan_step){.step = step,
                                 .scope = asking->moment.scope,
                                 .name = asking->name,
                                 .when = 1,
                                 .inputs = into->inputs};
    into->opened = opened;
    return opener->inside(opener, asking->moment.scope, step, asking->name, into->inputs, opened,
                          &opened->inside);
}

static bool open_action(struct opener *opener, const struct asking *asking, struct plan_check *into)
{
    const struct use *use = &asking->check->use;
    const struct core_action *core = use->action->core;
    struct problem problem = {0};
    into->inputs = bind_arguments(opener->arena, use, &asking->moment, &problem);
    if (into->inputs == NULL)
        return open_refuse(opener, &problem, asking->check->mark);
    struct moment after = asking->moment;
    after.result = value_unknown(opener->arena, "result");
    into->expect = open_expect(opener, asking->check->expect, use->action, &after);
    if (core == NULL)
        return check_limit(opener, asking, &into->worst) && open_composite(opener, asking, into);
    if (core->form != FORM_WORK)
        return true;
    into->deed = bind_deed(opener->arena, use, &asking->moment, &problem);
    if (into->deed == NULL)
        return open_refuse(opener, &problem, asking->check->mark);
    return check_limit(opener, asking, &into->worst);
}

static bool open_several(struct opener *opener, const struct asking *asking,
                         struct plan_check *into)
{
    const struct list *checks = &asking->check->checks;
    for (size_t i = 0; i < checks->count; i++) {
        struct plan_check *inside = arena_alloc(opener->arena, sizeof *inside);
        struct asking each = {checks->at[i], asking->moment,
                              arena_format(opener->arena, "%s/%zu", asking->name, i + 1)};
        if (!open_check(opener, &each, inside))
            return false;
        list_add(opener->arena, &into->inside, inside);
        into->worst = time_worse(into->worst, inside->worst);
    }
    return true;
}

static bool open_one(struct opener *opener, const struct asking *asking, struct plan_check *into)
{
    const struct check *check = asking->check;
    into->check = check;
    if (!open_term(opener, check->because, &asking->moment, check->mark, &into->because))
        return false;
    return check->kind == CHECK_ACTION ? open_action(opener, asking, into)
                                       : open_several(opener, asking, into);
}

static bool open_check_item(struct opener *opener, const struct asking *asking,
                            const struct value *item, size_t index, struct plan_check *into)
{
    struct step loop = {.foreach = asking->check->foreach};
    struct asking each = *asking;
    each.moment.scope = scope_item(opener->arena, asking->moment.scope, &loop, item);
    each.name = name_item(opener->arena, asking->name, item, index);
    struct plan_check *inside = arena_alloc(opener->arena, sizeof *inside);
    if (!open_one(opener, &each, inside))
        return false;
    list_add(opener->arena, &into->inside, inside);
    into->worst = time_worse(into->worst, inside->worst);
    return true;
}

static bool open_check_loop(struct opener *opener, const struct asking *asking,
                            struct plan_check *into)
{
    const struct foreach *loop = asking->check->foreach;
    into->check = asking->check;
    if (!open_term(opener, loop->in, &asking->moment, loop->mark, &into->list))
        return false;
    if (into->list->kind != VALUE_LIST || into->list->list.count > PLAN_MAX_ITEMS) {
        const struct value *any =
            value_unknown(opener->arena, arena_format(opener->arena, "item.%s", loop->as));
        return open_check_item(opener, asking, any, 0, into);
    }
    for (size_t i = 0; i < into->list->list.count; i++)
        if (!open_check_item(opener, asking, into->list->list.at[i], i, into))
            return false;
    return true;
}

static bool open_check(struct opener *opener, const struct asking *asking, struct plan_check *into)
{
    struct asking here = *asking;
    here.moment.scope =
        open_host(opener, asking->moment.scope, asking->check->host, asking->check->mark);
    if (here.moment.scope == NULL)
        return false;
    if (here.moment.scope != asking->moment.scope)
        into->host = here.moment.scope->host;
    return asking->check->foreach != NULL ? open_check_loop(opener, &here, into)
                                          : open_one(opener, &here, into);
}

/* How long a block may take, and how it is shown. */
static bool open_time(struct opener *opener, const struct term *term, const struct moment *moment,
                      struct mark mark, const char **shown)
{
    const struct value *value = NULL;
    if (!open_term(opener, term, moment, mark, &value))
        return false;
    if (value != NULL && value->kind != VALUE_UNSET)
        *shown = value_print(opener->arena, value);
    return true;
}

static bool open_times(struct opener *opener, const struct block *block,
                       const struct moment *moment, struct plan_block *into)
{
    int64_t within = PLAN_NO_BOUND;
    if (!open_time(opener, block->within, moment, block->mark, &into->within) ||
        !open_time(opener, block->every, moment, block->mark, &into->every) ||
        !open_time(opener, block->stable_for, moment, block->mark, &into->stable_for) ||
        !open_time(opener, block->stall, moment, block->mark, &into->stall) ||
        !open_number(opener, block->within, moment, 0, PLAN_NO_BOUND, &within))
        return false;
    if (within != 0)
        into->worst = within;
    return true;
}

static bool open_checks(struct opener *opener, const struct list *checks,
                        const struct moment *moment, const char *name, const char *what,
                        struct plan_block *into)
{
    const char *slash = name[0] == '\0' ? "" : "/";
    for (size_t i = 0; i < checks->count; i++) {
        struct plan_check *check = arena_alloc(opener->arena, sizeof *check);
        struct asking asking = {
            checks->at[i], *moment,
            arena_format(opener->arena, "%s%s%s/%zu", name, slash, what, i + 1)};
        if (!open_check(opener, &asking, check))
            return false;
        list_add(opener->arena, &into->checks, check);
        into->worst = time_worse(into->worst, check->worst);
    }
    return true;
}

bool open_block(struct opener *opener, const struct block *block, const struct moment *moment,
                const char *name, const char *what, struct plan_block **into)
{
    *into = NULL;
    if (block == NULL)
        return true;
    struct plan_block *opened = arena_alloc(opener->arena, sizeof *opened);
    opened->block = block;
    *into = opened;
    return open_checks(opener, &block->checks, moment, name, what, opened) &&
           open_times(opener, block, moment, opened);
}

bool open_target(struct opener *opener, const struct list *checks, const struct moment *moment,
                 const char *name, struct plan_block **into)
{
    *into = NULL;
    if (checks->count == 0)
        return true;
    *into = arena_alloc(opener->arena, sizeof **into);
    return open_checks(opener, checks, moment, name, "target", *into);
}
