/* Data never becomes code, an option, or a way out of a folder: RB302, RB303.
 *
 * A value is *trusted* when it is no text (a number, a duration …), or comes only from what is: a
 * param with `pattern` or `one_of`, a fixed text, `run`, `now` and `failure`, the first group of a
 * pattern (`capture`, `find_all`), a file's last part (`basename`), the state of a step, an item of
 * a list that is trusted, an output that is computed of nothing else. A value of type path never
 * begins with '-', wherever it comes from, since a path place refuses it when it runs; a url begins
 * with its scheme.
 *
 *   - An element of argv that begins with a value (or `${….…}`): the value is trusted, or a path or
 * url, or stands behind an element `--`.
 *   - An element of argv in which a value follows a '/': it is trusted. Not behind a ':', as in a
 * URL.
 *   - A path that is one value: it is a path, or trusted. A path in which a value follows fixed
 * text: it is trusted.
 *   - No value in an element that a shell, an interpreter or a database client takes as code. */
#include "lang/check_rules.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/expr.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"

#include <string.h>

enum {
    TRUST_DEPTH = 6
}; /* outputs made of outputs made of outputs …: deeper ones are not trusted */

static bool term_trusted(const struct place *place, const struct term *term, unsigned depth);

/* ---- what is trusted ---- */

static bool is_text(const struct type *type)
{
    return type == NULL || type_is_text(type) || type->kind == TYPE_JSON ||
           (type->kind == TYPE_LIST && is_text(type->element)) ||
           (type->kind == TYPE_MAP && is_text(type->element)) || type->kind == TYPE_RECORD;
}

static bool param_trusted(const struct place *place, const char *name)
{
    const struct param *param = map_get(place->checker->params, name);
    return param == NULL || param->pattern != NULL || param->one_of != NULL ||
           !is_text(param->type);
}

static bool item_trusted(const struct place *place, const char *name, unsigned depth)
{
    for (const struct item *item = place->items; item != NULL; item = item->outer)
        if (strcmp(item->name, name) == 0) {
            struct place outside = *place;
            outside.items = item->outer;
            return !is_text(item->type) || term_trusted(&outside, item->foreach->in, depth);
        }
    return true;
}

/* An output of a composite, seen from inside it. */
static bool inner_trusted(const struct place *place, const struct action *action,
                          const struct param *output, unsigned depth)
{
    struct checker inner = *place->checker;
    inner.params = &action->params;
    struct place inside = {.checker = &inner, .scope = action->steps};
    return output->value != NULL && term_trusted(&inside, output->value, depth);
}

static bool set_trusted(const struct place *place, const struct step *step, const char *name,
                        unsigned depth)
{
    struct place there = *place;
    const struct argument *argument = map_get(&step->use.arguments, name);
    there.scope = step->home;
    there.step = step;
    return argument != NULL && argument->term != NULL &&
           strcmp(step->use.action->name, "set") == 0 &&
           term_trusted(&there, argument->term, depth);
}

static bool output_trusted(const struct place *place, const struct step *step, const char *name,
                           unsigned depth)
{
    const struct type *type =
        name && step->all && type_member(step->all, name) ? type_member(step->all, name) : NULL;
    if (name != NULL && strcmp(name, "state") == 0)
        return true;
    if (type != NULL && !is_text(type))
        return true;
    if (type == NULL || depth == 0)
        return false;
    const struct param *own = map_get(&step->outputs, name);
    const struct param *output = map_get(&step->use.action->outputs, name);
    struct place there = *place;
    there.scope = step->home;
    there.step = step;
    if (own != NULL)
        return term_trusted(&there, own->value, depth - 1);
    if (step->use.action->core == NULL)
        return output && inner_trusted(place, step->use.action, output, depth - 1);
    return set_trusted(place, step, name, depth - 1);
}

static bool name_trusted(const struct place *place, const struct expr_name *name, unsigned depth)
{
    const char *member = name->member ? name->member : "";
    if (strcmp(name->root, "params") == 0)
        return param_trusted(place, member);
    if (strcmp(name->root, "item") == 0)
        return item_trusted(place, member, depth);
    if (strcmp(name->root, "run") == 0 || strcmp(name->root, "now") == 0 ||
        strcmp(name->root, "failure") == 0)
        return true;
    if (strcmp(name->root, "steps") == 0) {
        const struct step *step = place_step(place, member);
        return step == NULL || output_trusted(place, step, name->rest, depth);
    }
    const struct type *record = strcmp(name->root, "result") == 0 ? place->result : NULL;
    const struct type *type = record && name->member ? type_member(record, member) : NULL;
    return type != NULL && !is_text(type);
}

static bool expr_trusted(const struct place *place, const struct expr *expr, unsigned depth)
{
    struct list names = {0};
    expr_wild_names(place->checker->arena, expr, &names);
    for (size_t i = 0; i < names.count; i++)
        if (!name_trusted(place, names.at[i], depth))
            return false;
    return true;
}

static bool term_trusted(const struct place *place, const struct term *term, unsigned depth)
{
    bool list = term->kind == TERM_LIST || term->kind == TERM_MAP;
    for (size_t i = 0; list && i < term->count; i++)
        if (!term_trusted(place, term->kind == TERM_MAP ? term->members[i].term : term->items[i],
                          depth))
            return false;
    if (term->kind != TERM_TEMPLATE)
        return true; /* a constant is */
    if (term->template->whole != NULL)
        return expr_trusted(place, term->template->whole, depth);
    for (size_t i = 0; i < term->template->part_count; i++)
        if (term->template->parts[i].expr != NULL &&
            !expr_trusted(place, term->template->parts[i].expr, depth))
            return false;
    return true;
}

/* The type of EXPR, whose faults were told before. */
static const struct type *type_of(const struct place *place, const struct expr *expr)
{
    struct arena *arena = place->checker->arena;
    struct diagnostics scratch = {.arena = arena};
    uint32_t reasons = place->checker->reasons.count;
    struct names names = place_names(place);
    const struct type *type = expr_type(arena, expr, &names, &scratch);
    place->checker->reasons.count = reasons;
    return type ? type_optional(arena, type, false) : NULL;
}

static bool is_tame(const struct place *place, const struct expr *expr)
{
    const struct type *type = type_of(place, expr);
    /* Without a type it was told of already. */
    return type == NULL || !is_text(type) || expr_trusted(place, expr, TRUST_DEPTH);
}

static bool begins_tame(const struct place *place, const struct expr *expr)
{
    const struct type *type = type_of(place, expr);
    const struct type *element = type && type->kind == TYPE_LIST ? type->element : type;
    return (element != NULL && (element->kind == TYPE_PATH || element->kind == TYPE_URL)) ||
           is_tame(place, expr);
}

/* ---- what is told ---- */

/* What to do about EXPR, by the first name in it that is not trusted. */
static const char *remedy(const struct place *place, const struct expr *expr, const char *also)
{
    struct arena *arena = place->checker->arena;
    struct list names = {0};
    expr_wild_names(arena, expr, &names);
    for (size_t i = 0; i < names.count; i++) {
        const struct expr_name *name = names.at[i];
        if (name_trusted(place, name, TRUST_DEPTH))
            continue;
        if (strcmp(name->root, "params") == 0)
            return arena_format(arena, "give the param '%s' a pattern or one_of%s", name->member,
                                also);
        return arena_format(arena, "let only what is meant through: capture(%s, '^[a-z0-9_]+$')%s",
                            expr_print(arena, expr), also);
    }
    return "give what it is made of a pattern";
}

static void tell_option(const struct place *place, const struct expr *expr)
{
    diagnostic_add(place->checker->diagnostics, RB303, expr_mark(expr),
                   remedy(place, expr, ", or write '--' before it if the program knows that"),
                   "this value could begin with '-' and be taken for an option");
}

static void tell_climb(const struct place *place, const struct expr *expr)
{
    diagnostic_add(place->checker->diagnostics, RB303, expr_mark(expr), remedy(place, expr, ""),
                   "this value could hold '../' and lead out of the folder before it");
}

/* ---- paths ---- */

static void rule_path(const struct place *place, const struct term *term)
{
    const struct template *template = term->template;
    if (template->whole != NULL) {
        if (!begins_tame(place, template->whole))
            diagnostic_add(place->checker->diagnostics, RB303, expr_mark(template->whole),
                           remedy(place, template->whole, ", or declare it with the type path"),
                           "this path is a text that could be anything");
        return;
    }
    for (size_t i = 0; i < template->part_count; i++) {
        const struct expr *expr = template->parts[i].expr;
        if (expr == NULL)
            continue;
        if (i == 0 ? !begins_tame(place, expr) : !is_tame(place, expr))
            tell_climb(place, expr);
    }
}

static void rule_paths(const struct place *place, const struct term *term)
{
    if (term->kind == TERM_TEMPLATE && term->type != NULL && term->type->kind == TYPE_PATH)
        rule_path(place, term);
    bool list = term->kind == TERM_LIST || term->kind == TERM_MAP;
    for (size_t i = 0; list && i < term->count; i++)
        rule_paths(place, term->kind == TERM_MAP ? term->members[i].term : term->items[i]);
}

/* ---- argv ---- */

static bool is_constant(const struct term *term, const char *text)
{
    return term->kind == TERM_CONSTANT && term->constant->kind == VALUE_TEXT &&
           text_is(term->constant->text, text);
}

/* Values that follow a slash in an element that begins with fixed text. */
static void rule_climb(const struct place *place, const struct template *template)
{
    for (size_t i = 1; i < template->part_count; i++) {
        struct text before = template->parts[i - 1].text;
        const struct expr *expr = template->parts[i].expr;
        bool slash = expr && !template->parts[i - 1].expr && before.length > 0 &&
                     before.at[before.length - 1] == '/';
        if (slash && memchr(before.at, ':', before.length) == NULL && !is_tame(place, expr))
            tell_climb(place, expr);
    }
}

static void rule_element(const struct place *place, const struct term *term, bool behind)
{
    const struct template *template = term->template;
    const struct expr *first = template->whole            ? template->whole
                               : template->part_count > 0 ? template->parts[0].expr
                                                          : NULL;
    if (first != NULL && !behind && !begins_tame(place, first))
        tell_option(place, first);
    else
        rule_climb(place, template);
}

static void rule_argv(const struct place *place, const struct term *argv)
{
    bool behind = false;
    if (argv->kind == TERM_TEMPLATE)
        rule_element(place, argv, false);
    for (size_t i = 0; argv->kind == TERM_LIST && i < argv->count; i++) {
        const struct term *term = argv->items[i];
        behind = behind || is_constant(term, "--");
        if (term->kind == TERM_TEMPLATE && i > 0)
            rule_element(place, term, behind);
    }
}

/* ---- code ---- */

struct interpreter {
    const char *program;
    const char *letters; /* a short option with one of these takes code next */
    const char *word;    /* so does this long one, or NULL */
    const char *remedy;
};

static const struct interpreter *interpreter_of(const struct term *term)
{
    static const char shell[] = "hand the value over as an argument: [sh, -c, 'echo \"$1\"', sh, "
                                "'${…}']";
    static const char argument[] = "hand the value over as an argument that the code reads";
    static const char sql[] = "hand the value over by `-v name=…` and write :'name' in a script on "
                              "`stdin`";
    static const struct interpreter all[] = {
        {"sh", "c", NULL, shell},
        {"bash", "c", NULL, shell},
        {"dash", "c", NULL, shell},
        {"ash", "c", NULL, shell},
        {"ksh", "c", NULL, shell},
        {"zsh", "c", NULL, shell},
        {"python3", "c", NULL, argument},
        {"python", "c", NULL, argument},
        {"perl", "eE", NULL, argument},
        {"ruby", "e", NULL, argument},
        {"node", "ep", "--eval", argument},
        {"psql", "c", "--command", sql},
        {"mysql", "e", "--execute", argument},
    };
    if (term->kind != TERM_CONSTANT || term->constant->kind != VALUE_TEXT)
        return NULL;
    const char *slash = strrchr(term->constant->text.at, '/');
    const char *name = slash ? slash + 1 : term->constant->text.at;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i].program, name) == 0)
            return &all[i];
    return NULL;
}

static bool takes_code(const struct interpreter *interpreter, const struct term *term)
{
    if (term->kind != TERM_CONSTANT || term->constant->kind != VALUE_TEXT)
        return false;
    const char *text = term->constant->text.at;
    if (interpreter->word != NULL && strcmp(text, interpreter->word) == 0)
        return true;
    return text[0] == '-' && text[1] != '-' && strpbrk(text, interpreter->letters) != NULL;
}

static void rule_code(const struct place *place, const struct term *argv)
{
    const struct interpreter *interpreter = NULL;
    for (size_t i = 0; argv->kind == TERM_LIST && i + 1 < argv->count; i++) {
        const struct interpreter *found = interpreter_of(argv->items[i]);
        interpreter = found ? found : interpreter;
        if (interpreter == NULL || found || !takes_code(interpreter, argv->items[i]) ||
            argv->items[i + 1]->kind != TERM_TEMPLATE)
            continue;
        diagnostic_add(
            place->checker->diagnostics, RB302, argv->items[i + 1]->mark, interpreter->remedy,
            "'%s' takes this as code, and a value in it could become code", interpreter->program);
    }
}

void rule_data(const struct place *place, const struct use *use)
{
    for (size_t i = 0; i < use->arguments.count; i++) {
        const struct argument *argument = use->arguments.at[i].value;
        if (argument->term == NULL || argument->term->kind == TERM_CONSTANT)
            continue;
        rule_paths(place, argument->term);
        if (use->action->core != NULL && strcmp(use->arguments.at[i].key, "argv") == 0) {
            rule_argv(place, argument->term);
            rule_code(place, argument->term);
        }
    }
}
