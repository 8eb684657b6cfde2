#include "actions/input.h"

#include "base/arena.h"
#include "lang/action.h"
#include "lang/eval.h"
#include "lang/value.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- describing ---- */

static const struct value *find(const struct value *map, const char *name)
{
    const struct value *found = value_find(map, name);
    return found != NULL ? found : &value_unset;
}

void input_take(const struct describing *describing, const struct value *args, struct deed *deed)
{
    size_t room = 0;
    while (deed->action->params[room].name != NULL)
        room++;
    struct member *members = arena_alloc(describing->arena, (room + 1) * sizeof *members);
    size_t count = 0;
    for (size_t i = 0; i < room; i++) {
        const char *name = deed->action->params[i].name;
        const struct value *value = find(args, name);
        if (value->kind != VALUE_UNSET)
            members[count++] = (struct member){name, value};
    }
    deed->inputs = value_map(describing->arena, members, count);
}

void input_add(const struct describing *describing, struct deed *deed, const char *name,
               const struct value *value)
{
    size_t count = deed->inputs->map.count;
    struct member *members = arena_alloc(describing->arena, (count + 1) * sizeof *members);
    if (count > 0)
        memcpy(members, deed->inputs->map.at, count * sizeof *members);
    members[count] = (struct member){name, value};
    deed->inputs = value_map(describing->arena, members, count + 1);
}

bool input_refuse(const struct describing *describing, struct problem *problem, const char *format,
                  ...)
{
    va_list arguments;
    va_start(arguments, format);
    problem->message = arena_format_list(describing->arena, format, arguments);
    va_end(arguments);
    return false;
}

/* Does a text in VALUE hold a NUL, or, where FILLED, is it empty? Says which. */
static const char *name_fault(const struct value *value, bool filled)
{
    const char *fault = NULL;
    switch (value->kind) {
    case VALUE_TEXT:
        if (filled && value->text.length == 0)
            return "is empty";
        return memchr(value->text.at, '\0', value->text.length) ? "holds a NUL byte" : NULL;
    case VALUE_LIST:
        for (size_t i = 0; i < value->list.count && fault == NULL; i++)
            fault = name_fault(value->list.at[i], false);
        return fault;
    case VALUE_MAP:
        for (size_t i = 0; i < value->map.count && fault == NULL; i++)
            fault = name_fault(value->map.at[i].value, false);
        return fault;
    case VALUE_UNSET:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_BOOL:
    case VALUE_DURATION:
    case VALUE_SIZE:
    case VALUE_TIME:
    case VALUE_UNKNOWN:
    case VALUE_SECRET:
        return NULL;
    }
    return NULL;
}

static bool check_text(const struct describing *describing, const struct deed *deed,
                       const char *name, bool filled, struct problem *problem)
{
    const char *fault = name_fault(input_value(deed, name), filled);
    return fault == NULL ||
           input_refuse(describing, problem, "%s: `%s` %s", deed->action->name, name, fault);
}

bool input_is_name(const struct describing *describing, const struct deed *deed, const char *name,
                   struct problem *problem)
{
    return check_text(describing, deed, name, true, problem);
}

bool input_has_no_nul(const struct describing *describing, const struct deed *deed,
                      const char *name, struct problem *problem)
{
    return check_text(describing, deed, name, false, problem);
}

bool input_is_mode(const struct describing *describing, const struct deed *deed,
                   struct problem *problem)
{
    const struct value *mode = input_value(deed, "mode");
    if (mode->kind != VALUE_TEXT)
        return true;
    size_t digits = strspn(mode->text.at, "01234567");
    if (digits == mode->text.length && (digits == 3 || digits == 4))
        return true;
    return input_refuse(describing, problem,
                        "%s: `mode` is \"%.40s\", wanted three or four octal digits, as \"0644\"",
                        deed->action->name, mode->text.at);
}

/* ---- reading ---- */

const struct value *input_value(const struct deed *deed, const char *name)
{
    return find(deed->inputs, name);
}

const char *input_text(const struct deed *deed, const char *name)
{
    const struct value *value = input_value(deed, name);
    return value->kind == VALUE_TEXT ? value->text.at : NULL;
}

struct text input_bytes(const struct deed *deed, const char *name)
{
    const struct value *value = input_value(deed, name);
    return value->kind == VALUE_TEXT ? value->text : (struct text){0};
}

bool input_flag(const struct deed *deed, const char *name)
{
    const struct value *value = input_value(deed, name);
    return value->kind == VALUE_BOOL && value->truth;
}

int64_t input_number(const struct deed *deed, const char *name, int64_t fallback)
{
    const struct value *value = input_value(deed, name);
    switch (value->kind) {
    case VALUE_INT:
    case VALUE_DURATION:
    case VALUE_SIZE:
    case VALUE_TIME:
        return value->integer;
    case VALUE_UNSET:
    case VALUE_TEXT:
    case VALUE_FLOAT:
    case VALUE_BOOL:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_UNKNOWN:
    case VALUE_SECRET:
        return fallback;
    }
    return fallback;
}

unsigned input_mode(const struct deed *deed, unsigned fallback)
{
    const char *mode = input_text(deed, "mode");
    return mode != NULL ? (unsigned)strtoul(mode, NULL, 8) : fallback;
}

void input_show_value(const struct value *value, struct buffer *into)
{
    if (value->kind == VALUE_TEXT || value->kind == VALUE_UNKNOWN || value->kind == VALUE_SECRET)
        buffer_add(into, value->text.at, value->text.length);
    else
        value_show(value, 0, into);
}

void input_show(const struct deed *deed, const char *name, struct buffer *into)
{
    input_show_value(input_value(deed, name), into);
}
