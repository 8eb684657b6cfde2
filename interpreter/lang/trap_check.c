/* The table is data; what stands here is where commands are in a runbook, and what a step says that
 * makes one right. */
#include "lang/trap_check.h"

#include "base/arena.h"
#include "base/path.h"
#include "lang/allow.h"
#include "lang/command_line.h"
#include "lang/model.h"
#include "lang/monitor.h"
#include "lang/trap.h"
#include "lang/walk.h"
#include "lang/yaml.h"

#include <string.h>

struct checking {
    const struct traps *traps;
    struct diagnostics *diagnostics;
    const struct runbook *runbook; /* whose `allow` counts; NULL: a library */
    const struct action *action;   /* of a library; NULL: a runbook */
    struct list called;            /* of struct runbook, the root first */
    struct command_line line;
    /* Of the use that is looked at: */
    const struct walker *walker;
    const struct use *use;
    struct map told; /* traps that its script was told of: its argv as a whole says no more */
    bool whole;      /* it is the argv as a whole */
};

/* ---- what makes a command right ---- */

static bool says(const struct node *node, const struct trap *trap)
{
    for (size_t i = 0; node != NULL && node->kind == NODE_MAP && i < node->count; i++)
        if (trap_excused(trap, node->pairs[i].key))
            return true;
    return false;
}

static bool check_says(const struct check *check, const struct trap *trap)
{
    bool expects = check->expect != NULL && check->expect != check->use.action->expect;
    return (expects && trap_excused(trap, "expect")) ||
           (check->timeout != NULL && trap_excused(trap, "timeout"));
}

/* Does the step, or a group around it, say what makes it right? What gives back is right itself. */
static bool step_says(const struct step *step, const struct trap *trap)
{
    bool gives_back = trap_excused(trap, "release") || trap_excused(trap, "undo");
    for (; step != NULL; step = step->home->owner) {
        if ((step->holder != NULL && gives_back) || says(step->node, trap))
            return true;
        if (step->holder != NULL)
            return false;
    }
    return false;
}

static bool is_excused(const struct checking *checking, const struct trap *trap)
{
    const struct walker *walker = checking->walker;
    if (trap->excused.count == 0)
        return false;
    if (says(checking->use->node, trap))
        return true;
    if (walker->check != NULL)
        return check_says(walker->check, trap);
    return step_says(walker->step, trap) ||
           (checking->action != NULL && says(checking->action->node, trap));
}

/* ---- telling ---- */

static void tell(void *context, const struct trap *trap, struct text where)
{
    struct checking *checking = context;
    struct diagnostics *diagnostics = checking->diagnostics;
    bool told = map_get(&checking->told, trap->id) != NULL;
    if (is_excused(checking, trap) || (checking->whole && told))
        return;
    map_put(diagnostics->arena, &checking->told, trap->id, checking);
    struct diagnostic *finding =
        diagnostic_add(diagnostics, trap->code, command_line_mark(&checking->line, where),
                       trap->remedy, "%s", trap->message);
    finding->trap = trap->id;
    allow_settle(diagnostics, finding,
                 allow_find(checking->runbook, checking->walker->step, trap->code));
}

static void look_at_line(struct checking *checking, enum trap_place place)
{
    traps_match(checking->traps, buffer_slice(&checking->line.text), place, tell, checking);
}

/* Of several lines none answers a check by itself. */
static bool has_one_line(struct checking *checking, const struct node *script)
{
    size_t at = 0;
    return command_line_next(&checking->line, script, &at) &&
           !command_line_next(&checking->line, script, &at);
}

static void look_at_script(struct checking *checking, const struct node *script)
{
    size_t at = 0;
    bool answers = checking->walker->check != NULL && has_one_line(checking, script);
    while (command_line_next(&checking->line, script, &at))
        look_at_line(checking, answers ? TRAP_CHECK : TRAP_SHELL);
}

/* ---- what a command is ---- */

/* The script that a shell in ARGV is given by an option with a `c` at its end (-c, -euc); NULL when
 * there is none. */
static const struct node *script_of(const struct node *argv)
{
    static const char *const shells[] = {"sh", "bash", "dash", "ash", "zsh", "ksh"};
    for (size_t i = 0; i + 2 < argv->count; i++) {
        const char *name = argv->items[i]->text.at;
        bool shell = false;
        for (size_t j = 0; name != NULL && j < sizeof shells / sizeof *shells; j++)
            shell = shell || strcmp(path_name(name), shells[j]) == 0;
        for (size_t j = i + 1; shell && j + 1 < argv->count; j++) {
            struct text option = argv->items[j]->text;
            if (option.length > 1 && option.at[0] == '-' && option.at[1] != '-' &&
                option.at[option.length - 1] == 'c')
                return argv->items[j + 1];
        }
    }
    return NULL;
}

static void look_at_argv(struct checking *checking, const struct node *argv)
{
    if (argv->kind != NODE_LIST)
        return;
    const struct node *script = script_of(argv);
    if (script != NULL && script->kind == NODE_SCALAR)
        look_at_script(checking, script);
    checking->whole = true;
    command_line_words(&checking->line, argv);
    look_at_line(checking, checking->walker->check ? TRAP_CHECK : TRAP_EXEC);
}

static const struct node *param_of(const struct use *use, const char *name)
{
    return use->node->kind == NODE_MAP ? node_get(use->node, name) : use->node;
}

/* The argv or script of USE; NULL when it is no command. */
static const struct node *command_of(const struct use *use, bool *script)
{
    bool core = use->action->core != NULL && use->node != NULL;
    *script = core && strcmp(use->action->name, "shell") == 0;
    if (*script)
        return param_of(use, "script");
    return core && strcmp(use->action->name, "exec") == 0 ? param_of(use, "argv") : NULL;
}

static void add_called(struct checking *checking, const struct use *use)
{
    for (size_t i = 0; i < use->arguments.count; i++) {
        const struct runbook *called =
            ((const struct argument *)use->arguments.at[i].value)->runbook;
        bool known = called == NULL;
        for (size_t j = 0; j < checking->called.count && !known; j++)
            known = checking->called.at[j] == called;
        if (!known)
            list_add(checking->diagnostics->arena, &checking->called, (void *)(uintptr_t)called);
    }
}

static void look_at_use(const struct walker *walker, const struct use *use)
{
    struct checking *checking = walker->context;
    bool script = false;
    const struct node *command = command_of(use, &script);
    if (use->action->core != NULL)
        add_called(checking, use);
    if (command == NULL)
        return;
    checking->walker = walker;
    checking->use = use;
    checking->told = (struct map){0};
    checking->whole = false;
    if (!script)
        look_at_argv(checking, command);
    else if (command->kind == NODE_SCALAR)
        look_at_script(checking, command);
}

/* ---- where commands are ---- */

static void look_at_runbook(struct checking *checking, const struct runbook *runbook)
{
    struct walker walker = {.use = look_at_use, .context = checking};
    checking->runbook = runbook;
    walk_runbook(&walker, runbook);
    for (size_t i = 0; runbook->monitor != NULL && i < runbook->monitor->conditions.count; i++) {
        const struct condition *condition = runbook->monitor->conditions.at[i].value;
        struct block block = {.checks = condition->checks};
        walk_block(&walker, &block);
    }
    checking->runbook = NULL;
}

static void look_at_library(struct checking *checking, const struct library *library)
{
    struct walker walker = {.use = look_at_use, .context = checking};
    for (size_t i = 0; i < library->actions.count; i++) {
        checking->action = library->actions.at[i].value;
        walk_steps(&walker, checking->action->steps);
    }
    checking->action = NULL;
}

void trap_check(const struct traps *traps, const struct runbook *runbook,
                struct diagnostics *diagnostics)
{
    struct checking checking = {.traps = traps, .diagnostics = diagnostics};
    list_add(diagnostics->arena, &checking.called, (void *)(uintptr_t)runbook);
    for (size_t i = 0; i < checking.called.count; i++)
        look_at_runbook(&checking, checking.called.at[i]);
    for (size_t i = 0; i < runbook->libraries.count; i++) {
        const struct library *library = runbook->libraries.at[i];
        if (library->own)
            look_at_library(&checking, library);
    }
    command_line_free(&checking.line);
}

void trap_check_library(const struct traps *traps, const struct library *library,
                        struct diagnostics *diagnostics)
{
    struct checking checking = {.traps = traps, .diagnostics = diagnostics};
    look_at_library(&checking, library);
    command_line_free(&checking.line);
}
