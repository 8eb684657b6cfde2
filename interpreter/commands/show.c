#include "commands/show.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/record.h"
#include "commands/session.h"
#include "lang/yaml.h"
#include "store/runs.h"
#include "store/state.h"
#include "sys/failure.h"

#include <string.h>
#include <unistd.h>

/* The newest run, when none is named. */
static int choose_newest(struct session *session)
{
    struct run_about *runs = NULL;
    struct failure failure;
    size_t count = 0;
    if (runs_find(session->invocation->arena, session->state_folder, &runs, &count, &failure) !=
        JOURNAL_OK) {
        say_error("runbook show: error RB702: %s\n", failure.text);
        return EXIT_RECORD;
    }
    if (count == 0) {
        say_error("runbook show: error RB704: there are no runs in %s\n", session->state_folder);
        return EXIT_USAGE;
    }
    session->id = runs[0].id;
    return 0;
}

/* Does what became of the step NAME keep those that need it from beginning? UNBORN: by name. */
static bool blocks(const struct state *state, const struct map *unborn, const char *name)
{
    const struct state_step *step = state_step(state, name);
    const struct unborn *other = map_get(unborn, name);
    if (step != NULL)
        return life_dependents(step->life, step->tolerated) == DEPENDENTS_BLOCKED;
    return other != NULL && other->life == LIFE_BLOCKED;
}

/* The step at I of STEPS, which needs the one before it when it names none. */
static enum life unborn_life(const struct state *state, const struct map *unborn,
                             const struct node *steps, uint32_t i)
{
    const struct node *step = steps->pairs[i].value;
    const struct node *needs = step->kind == NODE_MAP ? node_get(step, "needs") : NULL;
    if (needs == NULL)
        return i > 0 && blocks(state, unborn, steps->pairs[i - 1].key) ? LIFE_BLOCKED
                                                                       : LIFE_WAITING;
    for (uint32_t n = 0; needs->kind == NODE_LIST && n < needs->count; n++)
        if (needs->items[n]->kind == NODE_SCALAR && blocks(state, unborn, needs->items[n]->text.at))
            return LIFE_BLOCKED;
    return LIFE_WAITING;
}

/* The steps of the run's copy of its runbook that have not come to anything yet. */
static void find_unborn(struct shown *shown)
{
    struct arena *arena = shown->arena;
    const struct state *state = shown->session->state;
    struct diagnostics diagnostics = {.arena = arena};
    const char *copy = state_run(state)->copy;
    if (copy == NULL)
        return;
    const char *path =
        arena_format(arena, "%s/%s/0.yaml", session_run_folder(shown->session), copy);
    if (access(path, R_OK) != 0)
        return;
    const struct source *source = source_read(arena, path, path, &diagnostics);
    const struct node *root = source ? yaml_parse(arena, source, &diagnostics) : NULL;
    const struct node *steps = root ? node_get(root, "steps") : NULL;
    struct map by_name = {0};
    for (uint32_t i = 0; steps != NULL && steps->kind == NODE_MAP && i < steps->count; i++) {
        const char *name = steps->pairs[i].key;
        if (state_step(state, name) != NULL)
            continue;
        struct unborn *unborn = arena_alloc(arena, sizeof *unborn);
        *unborn = (struct unborn){name, unborn_life(state, &by_name, steps, i)};
        list_add(arena, &shown->unborn, unborn);
        map_put(arena, &by_name, name, unborn);
    }
}

static int show(struct session *session, bool json)
{
    struct arena *arena = session->invocation->arena;
    struct run_about about = {0};
    struct failure failure;
    struct shown shown = {.arena = arena,
                          .session = session,
                          .about = &about,
                          .all = option_value(session->invocation, &option_all) != NULL,
                          .colour = session->invocation->colour};
    int read = record_read(session);
    if (state_seq(session->state) == 0) {
        if (read == 0)
            say_error("runbook show: error RB704: %s has not begun: its record is empty\n",
                      session->id);
        return read != 0 ? read : EXIT_USAGE;
    }
    if (run_look(arena, session->state_folder, session->id, &about, &failure) != JOURNAL_OK) {
        say_error("runbook show: error RB702: %s\n", failure.text);
        return EXIT_RECORD;
    }
    if (read != 0)
        shown.damage = "what follows is what the record tells up to there";
    find_unborn(&shown);
    struct buffer text = {0};
    if (json)
        show_json(&shown, &text);
    else
        show_text(&shown, &text);
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    return read != 0 ? read : said ? EXIT_GOOD : EXIT_FAILED;
}

static int run(struct invocation *invocation)
{
    struct session session = {.invocation = invocation};
    const char *word = invocation->arguments.count ? invocation->arguments.at[0] : NULL;
    bool json;
    session.state_folder = session_state_folder(invocation);
    if (!option_json(invocation, &json))
        return EXIT_USAGE;
    int code = word ? record_choose(&session, word) : choose_newest(&session);
    if (code == 0)
        code = show(&session, json);
    session_close(&session);
    return code;
}

const struct command command_show = {
    .name = "show",
    .arguments = "[RUN]",
    .least = 0,
    .most = 1,
    .summary = "how a run stands: what is done, failed, owed, to do",
    .about =
        "Shows RUN (an id, or the end of one; left out, the newest) as its record tells it: "
        "live,\n"
        "interrupted or ended. Of steps that failed it shows why, and the last lines of their\n"
        "output; of what waits for a person, what is asked.",
    .options = (const struct option *const[]){&option_all, &option_format, &option_state, NULL},
    .run = run,
};
