/* actions: what a step can do: of the core, the standard library and a team's own. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/commands.h"
#include "commands/load.h"
#include "commands/options.h"
#include "lang/expect.h"
#include "lang/model.h"
#include "lang/term.h"
#include "lang/type.h"
#include "report/phrase.h"

#include <jansson.h>
#include <string.h>

#define LINE_WIDTH   96
#define ABOUT_INDENT 19

/* ---- one action ---- */

static const char *type_of(struct arena *arena, const struct param *param)
{
    switch (param->kind) {
    case PARAM_VALUE:
        return type_print(arena, param->type);
    case PARAM_EXPR:
        return "bool expr";
    case PARAM_CHECKS:
        return "checks";
    case PARAM_STEPS:
        return "steps";
    case PARAM_RUNBOOK:
        return "runbook";
    case PARAM_GIVEN:
        return "params";
    case PARAM_PARAM:
        return "param";
    case PARAM_SCRIPT:
    case PARAM_SQL:
        return "text without ${…}";
    }
    return "";
}

/* `compose.stop: {services: list<string>, timeout?: duration}` */
static void add_signature(struct arena *arena, const struct action *action, struct buffer *into)
{
    buffer_format(into, "%s: {", action->name);
    for (size_t i = 0; i < action->params.count; i++) {
        const struct param *param = action->params.at[i].value;
        bool open = param->optional || param->preset != NULL;
        buffer_format(into, "%s%s%s: %s", i > 0 ? ", " : "", param->name, open ? "?" : "",
                      type_of(arena, param));
    }
    buffer_text(into, "}\n");
}

static void add_constraints(const struct param *param, struct arena *arena, struct buffer *into)
{
    const struct {
        const char *word;
        const struct term *term;
    } all[] = {{"default", param->preset},
               {"pattern", param->pattern},
               {"one of", param->one_of},
               {"min", param->min},
               {"max", param->max}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].term != NULL)
            buffer_format(into, ", %s %s", all[i].word, term_print(arena, all[i].term));
}

static void add_params(struct arena *arena, const char *title, const struct map *params,
                       struct buffer *into)
{
    if (params->count == 0)
        return;
    buffer_format(into, "\n%s:\n", title);
    for (size_t i = 0; i < params->count; i++) {
        const struct param *param = params->at[i].value;
        buffer_format(into, "  %-14s %s%s", param->name, type_of(arena, param),
                      param->optional ? ", may be left out" : "");
        add_constraints(param, arena, into);
        if (param->about != NULL) {
            buffer_format(into, "\n%*s", ABOUT_INDENT, "");
            phrase_wrap(into, param->about, ABOUT_INDENT, LINE_WIDTH);
        }
        buffer_text(into, "\n");
    }
}

static void add_resources(struct arena *arena, const char *word, const struct list *terms,
                          struct buffer *into)
{
    for (size_t i = 0; i < terms->count; i++)
        buffer_format(into, "  %-12s %s\n", word, term_print(arena, terms->at[i]));
}

static void add_action(struct arena *arena, const struct action *action, struct buffer *into)
{
    add_signature(arena, action, into);
    if (action->about != NULL) {
        buffer_text(into, "\n");
        phrase_wrap(into, action->about, 0, LINE_WIDTH);
        buffer_text(into, "\n");
    }
    buffer_format(into, "\n  %-12s %s%s\n", "effect", effect_name(action->effect),
                  action->idempotent && action->effect != EFFECT_READ ? ", idempotent" : "");
    buffer_format(into, "  %-12s %s\n", "from",
                  action->core           ? "the core"
                  : action->library->own ? source_name(action->library->source)
                                         : "the standard library");
    add_resources(arena, "protects", &action->protects, into);
    add_resources(arena, "destroys", &action->destroys, into);
    if (action->expect != NULL) {
        buffer_format(into, "  %-12s ", "expects");
        expect_print(arena, action->expect, NULL, into);
        buffer_text(into, "\n");
    }
    add_params(arena, "params", &action->params, into);
    add_params(arena, "outputs", &action->outputs, into);
    if (action->steps == NULL)
        return;
    buffer_text(into, "\nsteps:\n");
    for (size_t i = 0; i < action->steps->order.count; i++) {
        const struct step *step = action->steps->order.at[i];
        buffer_format(into, "  %-14s %s\n", step->id, step->use.action->name);
    }
}

/* ---- all ---- */

/* The first sentence of what it says of itself. */
static void add_line(const struct action *action, struct buffer *into)
{
    const char *about = action->about ? action->about : "";
    const char *end = strstr(about, ". ");
    size_t length = end ? (size_t)(end + 1 - about) : strlen(about);
    buffer_format(into, "%-24s %-8s ", action->name, effect_name(action->effect));
    buffer_printable(
        into, (struct text){about, length < strcspn(about, "\n") ? length : strcspn(about, "\n")});
    buffer_text(into, "\n");
}

static json_t *param_json(struct arena *arena, const struct param *param)
{
    json_t *json = json_pack("{s:s, s:s}", "name", param->name, "type", type_of(arena, param));
    json_object_set_new(json, "optional", json_boolean(param->optional || param->preset != NULL));
    if (param->preset != NULL)
        json_object_set_new(json, "default", json_string(term_print(arena, param->preset)));
    if (param->about != NULL)
        json_object_set_new(json, "about", json_string(param->about));
    return json;
}

static json_t *action_json(struct arena *arena, const struct action *action)
{
    json_t *json = json_pack("{s:s, s:s, s:b}", "name", action->name, "effect",
                             effect_name(action->effect), "idempotent", action->idempotent);
    json_t *params = json_array(), *outputs = json_array();
    for (size_t i = 0; i < action->params.count; i++)
        json_array_append_new(params, param_json(arena, action->params.at[i].value));
    for (size_t i = 0; i < action->outputs.count; i++)
        json_array_append_new(outputs, param_json(arena, action->outputs.at[i].value));
    if (action->about != NULL)
        json_object_set_new(json, "about", json_string(action->about));
    if (action->library != NULL)
        json_object_set_new(json, "library", json_string(action->library->name));
    json_object_set_new(json, "params", params);
    json_object_set_new(json, "outputs", outputs);
    return json;
}

static int unknown(const struct list *all, struct arena *arena, const char *word)
{
    const char **names = arena_alloc(arena, (all->count + 1) * sizeof *names);
    for (size_t i = 0; i < all->count; i++)
        names[i] = ((const struct action *)all->at[i])->name;
    const char *near = text_nearest(word, names, all->count);
    say_error("runbook actions: error RB601: there is no action '%s'\n", word);
    if (near != NULL)
        say_error("  = remedy: did you mean %s?\n", near);
    else
        say_error("  = remedy: `runbook actions` lists all\n");
    return EXIT_USAGE;
}

/* Is it NAME, or of the library NAME? */
static bool is_meant(const struct action *action, const char *name)
{
    size_t length = strlen(name);
    return strncmp(action->name, name, length) == 0 &&
           (action->name[length] == '\0' || action->name[length] == '.');
}

static struct list find_meant(struct arena *arena, const struct list *all, const char *name)
{
    struct list meant = {0};
    for (size_t i = 0; i < all->count; i++)
        if (name == NULL || is_meant(all->at[i], name))
            list_add(arena, &meant, all->at[i]);
    return meant;
}

static bool print(struct arena *arena, const struct list *meant, bool json)
{
    struct buffer text = {0};
    json_t *list = json ? json_array() : NULL;
    for (size_t i = 0; i < meant->count; i++)
        if (json)
            json_array_append_new(list, action_json(arena, meant->at[i]));
        else if (meant->count == 1)
            add_action(arena, meant->at[i], &text);
        else
            add_line(meant->at[i], &text);
    if (json)
        command_json(list, &text);
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    return said;
}

static int run(struct invocation *invocation)
{
    struct arena *arena = invocation->arena;
    struct loaded loaded = {0};
    bool json;
    if (!option_json(invocation, &json))
        return EXIT_USAGE;
    struct list all = load_actions(invocation, &loaded);
    bool bad = load_report(invocation, &loaded, SEVERITY_WARNING);
    const char *name = invocation->arguments.count ? invocation->arguments.at[0] : NULL;
    struct list meant = find_meant(arena, &all, name);
    if (meant.count == 0 && name != NULL)
        return bad ? EXIT_INVALID : unknown(&all, arena, name);
    if (!print(arena, &meant, json))
        return EXIT_FAILED;
    return bad ? EXIT_INVALID : EXIT_GOOD;
}

const struct command command_actions = {
    .name = "actions",
    .arguments = "[ACTION]",
    .least = 0,
    .most = 1,
    .summary = "what a step can do: params, effect, outputs",
    .about =
        "Lists the actions of the core, the standard library and the `library` folder beside the\n"
        "runbooks in the current folder (or the one of --beside). With ACTION, an action or a\n"
        "library, it tells all of it.",
    .options = (const struct option *const[]){&option_beside, &option_format, NULL},
    .run = run,
};
