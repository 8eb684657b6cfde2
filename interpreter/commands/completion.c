/* completion: what can be typed next, for the shells. */
#include "commands/completion.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/commands.h"
#include "commands/list.h"
#include "commands/load.h"
#include "commands/options.h"
#include "commands/record.h"
#include "commands/session.h"
#include "commands/word.h"
#include "lang/model.h"
#include "lang/yaml.h"
#include "store/life.h"
#include "store/runs.h"
#include "store/state.h"
#include "sys/failure.h"

#include <string.h>

/* ---- one word a line, a tab, and what it is ---- */

static void add(struct buffer *into, const char *word, const char *about)
{
    buffer_printable(into, text_of(word));
    buffer_text(into, "\t");
    about = about != NULL ? about : "";
    buffer_printable(into, (struct text){about, strcspn(about, "\n")});
    buffer_text(into, "\n");
}

static void add_runs(struct invocation *invocation, const char *of, struct buffer *into)
{
    struct run_about *runs = NULL;
    struct failure failure;
    size_t count = 0;
    const char *folder = session_state_folder(invocation);
    (void)of;
    if (runs_find(invocation->arena, folder, &runs, &count, &failure) != JOURNAL_OK)
        return;
    for (size_t i = 0; i < count; i++)
        add(into, runs[i].id,
            arena_format(invocation->arena, "%s%s%s", run_standing(&runs[i]),
                         runs[i].title ? ": " : "", runs[i].title ? runs[i].title : ""));
}

/* The names in the mapping KEY of ROOT, each with what stands under ABOUT. */
static void add_names(const struct node *root, const char *key, const char *about,
                      struct buffer *into)
{
    const struct node *map = node_get(root, key);
    for (size_t i = 0; map != NULL && map->kind == NODE_MAP && i < map->count; i++) {
        const struct node *said = node_get(map->pairs[i].value, about);
        bool text = said != NULL && said->kind == NODE_SCALAR;
        add(into, map->pairs[i].key, text ? said->text.at : NULL);
    }
}

/* The file named OF as it is written: whoever types has not finished it, and nothing is checked. */
static const struct node *written(struct invocation *invocation, const char *of)
{
    struct diagnostics diagnostics = {.arena = invocation->arena};
    const struct source *source =
        of != NULL
            ? source_read(invocation->arena, load_find(invocation->arena, of), of, &diagnostics)
            : NULL;
    return source != NULL ? yaml_parse(invocation->arena, source, &diagnostics) : NULL;
}

static void add_params(struct invocation *invocation, const char *of, struct buffer *into)
{
    const struct node *root = written(invocation, of);
    if (root != NULL)
        add_names(root, "params", "about", into);
}

/* The steps that the record of the run OF tells of, and how each stands. */
static void add_recorded(struct invocation *invocation, const char *of, struct buffer *into)
{
    struct session session = {.invocation = invocation};
    const struct state_step *step;
    session.state_folder = session_state_folder(invocation);
    if (record_choose(&session, of) == 0 && record_read(&session) == 0)
        for (size_t i = 0; (step = state_at(session.state, i)) != NULL; i++)
            add(into, step->name, life_name(step->life));
    session_close(&session);
}

static void add_steps(struct invocation *invocation, const char *of, struct buffer *into)
{
    static const char *const keys[] = {"steps", "on_failure", "on_limit"};
    const struct node *root = written(invocation, of);
    for (size_t i = 0; root != NULL && i < sizeof keys / sizeof *keys; i++)
        add_names(root, keys[i], "title", into);
    if (root == NULL && of != NULL)
        add_recorded(invocation, of, into);
}

static void add_actions(struct invocation *invocation, const char *of, struct buffer *into)
{
    struct loaded loaded = {0};
    struct list actions = load_actions(invocation, &loaded);
    (void)of;
    for (size_t i = 0; i < actions.count; i++) {
        const struct action *action = actions.at[i];
        add(into, action->name, action->about);
    }
}

static void add_codes(struct invocation *invocation, const char *of, struct buffer *into)
{
    (void)invocation;
    (void)of;
    for (size_t i = 0; i < DIAGNOSTIC_COUNT; i++) {
        const struct diagnostic_about *about = diagnostic_about((enum diagnostic_code)i);
        add(into, about->code, about->title);
    }
}

/* ---- the command ---- */

static const struct {
    enum word word;
    const char *name;
    void (*add)(struct invocation *invocation, const char *of, struct buffer *into);
} asked[] = {
    {WORD_RUN, "runs", add_runs},       {WORD_STEP, "steps", add_steps},
    {WORD_PARAM, "params", add_params}, {WORD_ACTION, "actions", add_actions},
    {WORD_CODE, "codes", add_codes},
};

static const struct {
    const char *name;
    void (*print)(struct arena *arena, struct buffer *into);
} shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

const char *completion_asks(const struct word_about *word)
{
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        if (asked[i].word == word->word)
            return asked[i].name;
    return NULL;
}

const char *completion_quoted(struct arena *arena, const char *text)
{
    struct buffer quoted = {0};
    buffer_text(&quoted, "'");
    for (; *text != '\0'; text++)
        if (*text == '\'' || *text == '\\') /* outside of the quotes, where all shells agree */
            buffer_format(&quoted, "'\\%c'", *text);
        else
            buffer_add(&quoted, text, 1);
    buffer_text(&quoted, "'");
    const char *copy = arena_copy(arena, quoted.at, quoted.length);
    buffer_free(&quoted);
    return copy;
}

static bool answer(struct invocation *invocation, const char *what, const char *of,
                   struct buffer *into)
{
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].name, what) == 0) {
            shells[i].print(invocation->arena, into);
            return true;
        }
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        if (strcmp(asked[i].name, what) == 0) {
            asked[i].add(invocation, of, into);
            return true;
        }
    return false;
}

static int run(struct invocation *invocation)
{
    struct buffer text = {0};
    const char *what = invocation->arguments.at[0];
    const char *of = invocation->arguments.count > 1 ? invocation->arguments.at[1] : NULL;
    if (!answer(invocation, what, of, &text)) {
        say_error("runbook completion: error RB601: there is no script for '%s'\n"
                  "  = remedy: there are bash, zsh and fish\n",
                  what);
        return EXIT_USAGE;
    }
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    return said ? EXIT_GOOD : EXIT_FAILED;
}

const struct command command_completion = {
    .name = "completion",
    .arguments = "bash|zsh|fish",
    .least = 1,
    .most = 2,
    .summary = "a script that completes the command line",
    .about =
        "Prints a script that completes commands, options, files, runs, steps, params, actions\n"
        "and codes. It is installed with runbook; else have your shell read it:\n\n"
        "  source <(runbook completion bash)      # in ~/.bashrc\n"
        "  source <(runbook completion zsh)       # in ~/.zshrc, behind compinit\n"
        "  runbook completion fish | source       # in config.fish\n\n"
        "The scripts themselves ask for runs, actions, codes, `steps OF` and `params OF`, where "
        "OF\n"
        "is a runbook or a run: one word a line, a tab, and what it is.",
    .options = (const struct option *const[]){&option_state, &option_beside, NULL},
    .run = run,
};
