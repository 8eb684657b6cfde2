#include "actions/sql_place.h"

#include "actions/input.h"
#include "actions/place.h"
#include "base/arena.h"
#include "base/units.h"
#include "lang/action.h"
#include "lang/keys.h"
#include "lang/value.h"
#include "sys/postgres.h"

#include <string.h>

#define CONNECT_TIMEOUT (10 * UNITS_SECOND)

/* The map under `postgres`, or value_unset. */
static const struct value *fields_of(const struct deed *deed)
{
    const struct value *found = value_find(input_value(deed, "db"), "postgres");
    return found != NULL ? found : &value_unset;
}

static const struct value *field(const struct deed *deed, const char *name)
{
    const struct value *found = value_find(fields_of(deed), name);
    return found != NULL ? found : &value_unset;
}

bool sql_place_check(const struct describing *describing, const struct deed *deed,
                     struct problem *problem)
{
    const struct value *db = input_value(deed, "db"), *fields = fields_of(deed);
    if (db->kind == VALUE_UNKNOWN)
        return true;
    if (fields->kind != VALUE_MAP && fields->kind != VALUE_UNKNOWN)
        return input_refuse(describing, problem, "%s: `db` is no postgres connection",
                            deed->action->name);
    for (size_t i = 0; fields->kind == VALUE_MAP && i < fields->map.count; i++) {
        const struct value *value = fields->map.at[i].value;
        if (value->kind == VALUE_TEXT && memchr(value->text.at, '\0', value->text.length) != NULL)
            return input_refuse(describing, problem, "%s: `%s` of the connection holds a NUL byte",
                                deed->action->name, fields->map.at[i].key);
    }
    return true;
}

/* ---- shown ---- */

static void show_part(const struct deed *deed, const char *before, const char *name,
                      struct buffer *into)
{
    const struct value *value = field(deed, name);
    if (value->kind == VALUE_UNSET)
        return;
    buffer_text(into, before);
    input_show_value(value, into);
}

/* user@host:port/dbname, what of it is told. */
static void show_login(const struct deed *deed, struct buffer *into)
{
    show_part(deed, "", "user", into);
    if (field(deed, "user")->kind != VALUE_UNSET)
        buffer_text(into, "@");
    show_part(deed, "", "host", into);
    if (field(deed, "host")->kind == VALUE_UNSET)
        show_part(deed, "", "hostaddr", into);
    show_part(deed, ":", "port", into);
    show_part(deed, "/", "dbname", into);
    show_part(deed, "?sslmode=", "sslmode", into);
}

static void show_address(const struct deed *deed, struct buffer *into)
{
    struct buffer login = {0};
    bool service = field(deed, "service")->kind != VALUE_UNSET;
    show_login(deed, &login);
    if (service)
        show_part(deed, "postgres service ", "service", into);
    if (!service || login.length > 0)
        buffer_format(into, "%s%s", service ? " with " : "postgres://", login.at ? login.at : "");
    buffer_free(&login);
}

void sql_place_show(const struct deed *deed, struct buffer *into)
{
    const struct value *db = input_value(deed, "db");
    if (db->kind != VALUE_MAP) {
        input_show_value(db, into);
        return;
    }
    bool named = strcmp(db->map.at[0].key, "name") == 0;
    if (named) {
        input_show_value(db->map.at[0].value, into);
        buffer_text(into, " (");
    }
    show_address(deed, into);
    buffer_text(into, named ? ")" : "");
}

const char *sql_place_name(const struct deed *deed, const struct stage *stage)
{
    const struct value *db = input_value(deed, "db");
    if (db->kind == VALUE_MAP && strcmp(db->map.at[0].key, "name") == 0)
        return value_print(stage->arena, db->map.at[0].value);
    struct buffer line = {0};
    show_address(deed, &line);
    const char *name = arena_copy(stage->arena, line.at, line.length);
    buffer_free(&line);
    return name;
}

/* ---- handed over ---- */

static bool is_path(const char *keyword)
{
    const struct key *key = key_find(MAPPING_POSTGRES, keyword, NULL);
    return key != NULL && key->reading == READ_PATH;
}

void sql_place_fill(const struct deed *deed, const struct stage *stage, struct postgres_spec *spec)
{
    const struct value *fields = fields_of(deed), *limit = field(deed, "connect_timeout");
    const char *base = place_base(stage->arena, deed, stage);
    const char **keywords = arena_alloc(stage->arena, (fields->map.count + 2) * sizeof *keywords);
    const char **values = arena_alloc(stage->arena, (fields->map.count + 2) * sizeof *values);
    size_t count = 0;
    for (size_t i = 0; i < fields->map.count; i++) {
        const struct member *member = &fields->map.at[i];
        if (member->value->kind == VALUE_UNSET || member->value == limit)
            continue;
        const char *text = value_print(stage->arena, member->value);
        keywords[count] = member->key;
        values[count++] = is_path(member->key) ? place_join(stage->arena, base, text) : text;
    }
    /* The server's log and its activity say whose session it is. */
    keywords[count] = "application_name";
    values[count] =
        arena_format(stage->arena, "%s %s %llu", stage->run ? stage->run : "runbook",
                     stage->step ? stage->step : "", (unsigned long long)stage->attempt);
    spec->keywords = keywords;
    spec->values = values;
    spec->connect_timeout = limit->kind == VALUE_DURATION ? limit->integer : CONNECT_TIMEOUT;
}
