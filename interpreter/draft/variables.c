/* Variables, blanks and dates of the document: what becomes of them in a draft. */
#include "draft/variables_own.h"

#include "base/arena.h"
#include "draft/names.h"

#include <string.h>
#include <strings.h>

/* ---- texts in which literal pieces and `${…}` stand side by side ---- */

static void add_literal(struct buffer *text, struct text literal)
{
    for (size_t i = 0; i < literal.length; i++) {
        bool opens = literal.at[i] == '{' && text->length > 0 && text->at[text->length - 1] == '$';
        if (opens) {
            /* `${` that is meant as such is `$${`. */
            text->length--;
            buffer_text(text, "$$");
        }
        buffer_add(text, literal.at + i, 1);
    }
}

static void add_expression(struct buffer *text, const char *expression)
{
    if (text->length > 0 && text->at[text->length - 1] == '$') {
        text->length--;
        buffer_text(text, "${'$'}");
    }
    buffer_text(text, expression);
}

/* ---- dates ---- */

/* The format of `date +FORMAT`, NULL when INNER is something else. */
static const char *date_format(struct arena *arena, struct text inner)
{
    struct list lines = shell_read(arena, inner);
    struct shell_line *line = lines.count == 1 ? lines.at[0] : NULL;
    if (line == NULL || line->kind != SHELL_SIMPLE)
        return NULL;
    struct shell_command *command = line->commands.at[0];
    const struct shell_word *last =
        command->words.count >= 2 ? command->words.at[command->words.count - 1] : NULL;
    const struct shell_word *first = command->words.count > 0 ? command->words.at[0] : NULL;
    if (last == NULL || !text_is(first->raw, "date") || last->parts.count == 0 ||
        command->redirects.count > 0 || command->words.count > 3)
        return NULL;
    if (command->words.count == 3 &&
        !text_is(((struct shell_word *)command->words.at[1])->raw, "-u"))
        return NULL;
    struct buffer all = {0};
    for (size_t i = 0; i < last->parts.count; i++) {
        const struct shell_part *part = last->parts.at[i];
        if (part->kind == PART_TEXT)
            buffer_add(&all, part->text.at, part->text.length);
    }
    const char *format =
        all.length > 1 && all.at[0] == '+' ? arena_copy(arena, all.at + 1, all.length - 1) : NULL;
    buffer_free(&all);
    return format;
}

struct date_field {
    char letter;
    unsigned digits; /* 0: any number of them */
    const char *example;
};

static const struct date_field *date_field(char letter)
{
    static const struct date_field fields[] = {
        {'Y', 4, "2024"}, {'m', 2, "01"}, {'d', 2, "15"},  {'H', 2, "14"},        {'M', 2, "30"},
        {'S', 2, "00"},   {'y', 2, "24"}, {'j', 3, "015"}, {'s', 0, "1705329000"}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].letter == letter)
            return &fields[i];
    return NULL;
}

/* Digits that stand side by side are one run of the pattern. */
static void flush_digits(struct buffer *pattern, unsigned *digits)
{
    if (*digits > 0)
        buffer_format(pattern, "[0-9]{%u}", *digits);
    *digits = 0;
}

static void add_date(struct buffer *pattern, struct buffer *shown, const char *format,
                     unsigned *digits)
{
    for (const char *at = format; *at != '\0'; at++) {
        bool letter = (at[1] >= 'a' && at[1] <= 'z') || (at[1] >= 'A' && at[1] <= 'Z');
        const struct date_field *field = *at == '%' && letter ? date_field(at[1]) : NULL;
        if (field != NULL && field->digits > 0) {
            *digits += field->digits;
            buffer_text(shown, field->example);
            at++;
            continue;
        }
        if (*at == '%' && at[1] == 'F') {
            add_date(pattern, shown, "%Y-%m-%d", digits);
            at++;
            continue;
        }
        flush_digits(pattern, digits);
        if (*at == '%' && letter) {
            buffer_text(pattern, field != NULL ? "[0-9]+" : "[0-9A-Za-z]+");
            buffer_text(shown, field != NULL ? field->example : "…");
            at++;
            continue;
        }
        if (strchr(".*+?()[]{}|^$\\", *at) != NULL)
            buffer_text(pattern, "\\");
        buffer_add(pattern, at, 1);
        buffer_add(shown, at, 1);
    }
}

/* The pattern of what FORMAT gives, and in *EXAMPLE what it gave once. */
static const char *date_pattern(struct arena *arena, const char *format, const char **example)
{
    struct buffer pattern = {0}, shown = {0};
    unsigned digits = 0;
    buffer_text(&pattern, "^");
    add_date(&pattern, &shown, format, &digits);
    flush_digits(&pattern, &digits);
    buffer_text(&pattern, "$");
    const char *made = arena_copy(arena, pattern.at, pattern.length);
    *example = arena_copy(arena, shown.at ? shown.at : "", shown.length);
    buffer_free(&pattern);
    buffer_free(&shown);
    return made;
}

/* The param for the day of a file that must be there already, one for each format. */
static const char *date_param(struct draft *draft, const char *format)
{
    const char *key = arena_format(draft->arena, "$(date +%s)", format);
    struct draft_param *param = map_get(&draft->blanks, key);
    if (param == NULL) {
        const char *example = NULL;
        const char *pattern = date_pattern(draft->arena, format, &example);
        param = draft_param(draft, "backup_date", "string", pattern, NULL,
                            arena_format(draft->arena,
                                         "the date in the name of the backup to go back to, as %s; "
                                         "the document takes today's, of which there may be none",
                                         example));
        map_put(draft->arena, &draft->blanks, key, param);
    }
    return draft_param_text(draft, param);
}

/* ---- blanks ---- */

static const char *blank_param(struct draft *draft, struct text blank)
{
    const char *written = arena_copy(draft->arena, blank.at, blank.length);
    struct draft_param *param = map_get(&draft->blanks, written);
    if (param == NULL) {
        const char *name = name_of_words(draft->arena, written);
        name = name[0] != '\0' ? name : name_of_title(draft->arena, written);
        if (strncmp(name, "your_", 5) == 0 && name[5] >= 'a' && name[5] <= 'z')
            name += 5;
        param = draft_param(
            draft, name[0] ? name : "blank", "string", "^[A-Za-z0-9./][A-Za-z0-9_.:/@+-]*$", NULL,
            arena_format(draft->arena, "'%s', a blank in line %u", written, draft->line));
        map_put(draft->arena, &draft->blanks, written, param);
    }
    return draft_param_text(draft, param);
}

/* ---- variables ---- */

/* Those that a shell or the system sets; a step has some of them (HOME, PATH, LANG, TZ, TERM). */
static bool is_systems(const char *name)
{
    static const char *const names[] = {
        "HOME",   "PATH",   "USER",   "LOGNAME", "SHELL",    "LANG",        "TZ",       "TERM",
        "TMPDIR", "OLDPWD", "IFS",    "RANDOM",  "HOSTNAME", "BASH_SOURCE", "SECONDS",  "EDITOR",
        "UID",    "LINENO", "OPTARG", "OPTIND",  "REPLY",    "DISPLAY",     "SUDO_USER"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

bool variable_is_secret(const char *name)
{
    static const char *const parts[] = {"PASSWORD", "PASSWD",    "SECRET",      "TOKEN",
                                        "API_KEY",  "APIKEY",    "PRIVATE_KEY", "ACCESS_KEY",
                                        "PGPASS",   "CREDENTIAL"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcasestr(name, parts[i]) != NULL)
            return true;
    return false;
}

void variable_bind(struct draft *draft, struct variable *variable)
{
    struct variable *known = map_get(&draft->variables, variable->name);
    if (known != NULL)
        *known = *variable; /* the map keeps its place, and the newest counts */
    else
        map_put(draft->arena, &draft->variables, variable->name, variable);
}

struct variable *variable_new(struct draft *draft, enum variable_kind kind, const char *name)
{
    struct variable *variable = arena_alloc(draft->arena, sizeof *variable);
    variable->kind = kind;
    variable->name = name;
    return variable;
}

struct variable *variable_bind_secret(struct draft *draft, const char *name)
{
    struct variable *variable = variable_new(draft, VARIABLE_SECRET, name);
    variable->param = draft_param(draft, name, "secret", NULL, NULL, NULL);
    variable->param->secret = true;
    variable->param->variable = name;
    variable_bind(draft, variable);
    return variable;
}

/* A variable that the document expands and never set where it can be seen. */
struct variable *variable_bind_unset(struct draft *draft, const char *name)
{
    if (variable_is_secret(name))
        return variable_bind_secret(draft, name);
    struct variable *variable = variable_new(draft, VARIABLE_PARAM, name);
    variable->param =
        draft_param(draft, name, "string", "^[A-Za-z0-9./][A-Za-z0-9_.:/@+-]*$", NULL,
                    arena_format(draft->arena, "$%s of line %u, which the document does not set",
                                 name, draft->line));
    variable_bind(draft, variable);
    return variable;
}

/* ---- outputs of steps, seen from another group ---- */

static bool is_inside(const struct draft_step *group, const struct draft_step *outer)
{
    while (group != NULL && group != outer)
        group = group->outer;
    return group == outer;
}

/* May `steps.ID` be written in the groups from FROM up to, not with, TO, and mean what is in TO?
 * If so no later step of them is called so. */
static bool reserve(struct draft *draft, struct draft_step *from, const struct draft_step *to,
                    const char *id)
{
    for (struct draft_step *at = from; at != to; at = at->outer)
        if (map_get(&at->taken, id) != NULL)
            return false;
    for (struct draft_step *at = from; at != to; at = at->outer)
        map_put(draft->arena, &at->taken, id, at);
    return true;
}

static void add_output(struct draft *draft, struct draft_step *group, const char *name,
                       const char *inner)
{
    if (group->outputs == NULL)
        group->outputs = branch_map(draft->arena);
    if (branch_get(group->outputs, name) != NULL)
        return;
    struct branch *output = branch_map(draft->arena);
    branch_put(draft->arena, output, "type", branch_text(draft->arena, "string"));
    branch_put(
        draft->arena, output, "value",
        branch_text(draft->arena, arena_format(draft->arena, "${steps.%s.%s}", inner, name)));
    branch_put(draft->arena, group->outputs, name, output);
}

static const char *step_text(struct draft *draft, const struct variable *variable)
{
    struct draft_step *from = variable->step;
    const struct draft_step *common = from->outer;
    while (!is_inside(draft->group, common))
        common = common->outer;
    /* What stands in another part was perhaps skipped. */
    if (common != from->outer && common == draft->root && draft->parted)
        return NULL;
    struct draft_step *top = from;
    while (top->outer != common)
        top = top->outer;
    if (!reserve(draft, draft->group, common, top->id))
        return NULL;
    for (struct draft_step *at = from; at != top; at = at->outer)
        add_output(draft, at->outer, variable->output, at->id);
    return arena_format(draft->arena, "${steps.%s.%s}", top->id, variable->output);
}

/* A text that holds a step's output is made anew where it is used: from there the step may be
 * called otherwise, or not be seen. */
static const char *text_of_variable(struct draft *draft, struct variable *variable,
                                    const char **why)
{
    const char *text = NULL;
    if (variable->word == NULL || strstr(variable->value, "steps.") == NULL)
        return variable->value;
    if (variable->busy) {
        *why = "a variable that is made of itself";
        return NULL;
    }
    variable->busy = true;
    bool good = draft_word(draft, variable->word, DATE_NEW, &text, why);
    variable->busy = false;
    return good ? text : NULL;
}

const char *draft_variable(struct draft *draft, const char *name, bool quoted, const char **why)
{
    struct variable *variable = map_get(&draft->variables, name);
    if (strcmp(name, "PWD") == 0)
        return draft_folder(draft);
    if (variable == NULL && is_systems(name)) {
        *why = arena_format(draft->arena, "$%s, which only a shell knows", name);
        return NULL;
    }
    variable = variable ? variable : variable_bind_unset(draft, name);
    if (variable->kind == VARIABLE_SECRET) {
        *why = arena_format(draft->arena, "$%s, a secret, which no argument may hold", name);
        draft_param_text(draft, variable->param);
        return NULL;
    }
    if (variable->split && !quoted) {
        *why = arena_format(draft->arena, "$%s, which a shell takes apart at its blanks", name);
        return NULL;
    }
    if (variable->kind == VARIABLE_PARAM)
        return draft_param_text(draft, variable->param);
    if (variable->kind == VARIABLE_TEXT)
        return text_of_variable(draft, variable, why);
    const char *text = step_text(draft, variable);
    if (text != NULL)
        return text;
    return draft_param_text(draft, variable_bind_unset(draft, variable->name)->param);
}

/* ---- words ---- */

static bool add_command(struct draft *draft, const struct shell_word *word, size_t at,
                        enum date_use dates, struct buffer *text, const char **why)
{
    const struct shell_part *part = word->parts.at[at];
    struct list lines = shell_read(draft->arena, part->text);
    const struct shell_line *line = lines.count == 1 ? lines.at[0] : NULL;
    const char *format = date_format(draft->arena, part->text);
    if (format != NULL) {
        add_expression(text, dates == DATE_EXISTING ? date_param(draft, format) : "${run.stamp}");
        return true;
    }
    if (line != NULL && text_is(line->text, "pwd")) {
        /* Where others read it (a mount, an address) it has to be the whole path. */
        bool plain = at == 0 && memchr(word->raw.at, ':', word->raw.length) == NULL;
        if (plain)
            buffer_text(text, ".");
        else
            add_expression(text, draft_folder(draft));
        return true;
    }
    *why = "what another command prints";
    return false;
}

static bool add_part(struct draft *draft, const struct shell_word *word, size_t at,
                     enum date_use dates, struct buffer *text, const char **why)
{
    const struct shell_part *part = word->parts.at[at];
    const char *name = NULL, *value = NULL;
    switch (part->kind) {
    case PART_TEXT:
        add_literal(text, part->text);
        return true;
    case PART_VARIABLE:
        name = arena_copy(draft->arena, part->text.at, part->text.length);
        value = draft_variable(draft, name, part->quoted, why);
        if (value != NULL)
            add_expression(text, value);
        return value != NULL;
    case PART_COMMAND:
        return add_command(draft, word, at, dates, text, why);
    case PART_BLANK:
        add_expression(text, blank_param(draft, part->text));
        return true;
    case PART_OTHER:
        *why = "what only a shell expands";
        return false;
    }
    return false;
}

bool draft_word(struct draft *draft, const struct shell_word *word, enum date_use dates,
                const char **text, const char **why)
{
    struct buffer all = {0};
    bool good = true;
    for (size_t i = 0; good && i < word->parts.count; i++)
        good = add_part(draft, word, i, dates, &all, why);
    if (good)
        *text = arena_copy(draft->arena, all.at ? all.at : "", all.length);
    buffer_free(&all);
    return good;
}

/* ---- the environment of scripts ---- */

bool draft_may_set(const char *name)
{
    static const char *const names[] = {"BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS", "PS4"};
    static const char *const begins[] = {"LD_", "BASH_FUNC_", "RUNBOOK_"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return false;
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (strncmp(begins[i], name, strlen(begins[i])) == 0)
            return false;
    return true;
}

struct branch *draft_env(struct draft *draft, struct text script)
{
    struct list names = {0};
    struct branch *env = NULL;
    shell_names(draft->arena, script, &names);
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.at[i], *why = NULL;
        struct variable *variable = map_get(&draft->variables, name);
        if (variable == NULL || !draft_may_set(name))
            continue;
        const char *value = variable->kind == VARIABLE_SECRET
                                ? draft_param_text(draft, variable->param)
                                : draft_variable(draft, name, true, &why);
        if (value == NULL)
            continue;
        env = env ? env : branch_map(draft->arena);
        branch_put(draft->arena, env, name, branch_text(draft->arena, value));
    }
    return env;
}
