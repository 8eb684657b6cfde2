/* What a run of the draft is given. */
#include "draft/draft_own.h"

#include "base/arena.h"
#include "draft/names.h"

#include <string.h>

struct draft_param *draft_param(struct draft *draft, const char *name, const char *type,
                                const char *pattern, const char *value, const char *about)
{
    struct draft_param *param = arena_alloc(draft->arena, sizeof *param);
    const char *wanted = name_of_words(draft->arena, name);
    param->name = name_unique(draft->arena, &draft->param_names, wanted, "value");
    param->type = type;
    param->pattern = pattern;
    param->value = value;
    param->about = about;
    list_add(draft->arena, &draft->params, param);
    return param;
}

/* ---- patterns ---- */

struct form {
    const char *pattern;
    const char *first, *rest; /* the characters at its beginning and behind it */
};

#define SMALL   "abcdefghijklmnopqrstuvwxyz"
#define LETTERS SMALL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

static const struct form forms[] = {
    {"^[0-9]+$", DIGITS, DIGITS},
    {"^[0-9a-f]{7,64}$", DIGITS "abcdef", DIGITS "abcdef"},
    {"^[a-z0-9][a-z0-9_-]*$", SMALL DIGITS, SMALL DIGITS "_-"},
    {"^[A-Za-z0-9][A-Za-z0-9_.-]*$", LETTERS DIGITS, LETTERS DIGITS "_.-"},
    {"^[A-Za-z0-9./][A-Za-z0-9_./-]*$", LETTERS DIGITS "./", LETTERS DIGITS "_./-"},
    {"^[A-Za-z0-9./][A-Za-z0-9_.:/@+-]*$", LETTERS DIGITS "./", LETTERS DIGITS "_.:/@+-"},
    {"^https?://[^ ]+$", NULL, NULL},
};

static bool meets(const struct form *form, const char *value)
{
    if (form->first == NULL)
        return (strncmp(value, "http://", 7) == 0 || strncmp(value, "https://", 8) == 0) &&
               strchr(value, ' ') == NULL && strlen(value) > 8;
    bool hash = form->pattern[strlen(form->pattern) - 2] == '}';
    size_t length = strlen(value);
    return length > 0 && (!hash || (length >= 7 && length <= 64)) &&
           strchr(form->first, value[0]) != NULL && strspn(value, form->rest) >= length - 1 &&
           strspn(value + 1, form->rest) == length - 1;
}

const char *draft_pattern(const char *value)
{
    if (strstr(value, "..") != NULL)
        return NULL;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (meets(&forms[i], value))
            return forms[i].pattern;
    return NULL;
}

/* ---- those that several commands share ---- */

const char *draft_param_text(struct draft *draft, const struct draft_param *param)
{
    return arena_format(draft->arena, "${%s.%s}", param->secret ? "secrets" : "params",
                        param->name);
}

static struct draft_param *shared(struct draft *draft, const char *name, const char *type,
                                  const char *pattern, const char *about)
{
    for (size_t i = 0; i < draft->params.count; i++) {
        struct draft_param *param = draft->params.at[i];
        if (param->about == about)
            return param;
    }
    return draft_param(draft, name, type, pattern, NULL, about);
}

const char *draft_project(struct draft *draft)
{
    static const char about[] = "the compose project, as `docker compose ls` names it";
    return draft_param_text(draft,
                            shared(draft, "project", "string", "^[a-z0-9][a-z0-9_-]*$", about));
}

const char *draft_folder(struct draft *draft)
{
    static const char about[] = "the folder in which all is done: $(pwd) of the document";
    draft->folder = true;
    return draft_param_text(draft, shared(draft, "folder", "path", "^/[A-Za-z0-9_./-]*$", about));
}
