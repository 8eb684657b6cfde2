#include "actions/sql_place.h"

#include "actions/input.h"
#include "actions/place.h"
#include "base/arena.h"
#include "base/list.h"
#include "base/units.h"
#include "lang/action.h"
#include "lang/keys.h"
#include "lang/secret.h"
#include "lang/value.h"
#include "sys/postgres.h"
#include "sys/task.h"

#include <ctype.h>
#include <string.h>

#define CONNECT_TIMEOUT (10 * UNITS_SECOND)

/* The action has one of the two inputs. */
static const struct value *connection_of(const struct deed *deed)
{
    const struct value *db = input_value(deed, "db");
    return db->kind != VALUE_UNSET ? db : input_value(deed, "connection");
}

/* The map under `postgres`, or value_unset. */
static const struct value *fields_of(const struct deed *deed)
{
    const struct value *found = value_find(connection_of(deed), "postgres");
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
    const struct value *db = connection_of(deed), *fields = fields_of(deed);
    if (db->kind == VALUE_UNKNOWN || db->kind == VALUE_UNSET)
        return true;
    if (fields->kind != VALUE_MAP && fields->kind != VALUE_UNKNOWN)
        return input_refuse(describing, problem,
                            "%s: what it is to speak to is no postgres "
                            "connection",
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
    const struct value *db = connection_of(deed);
    if (db->kind != VALUE_MAP) {
        if (db->kind != VALUE_UNSET)
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
    const struct value *db = connection_of(deed);
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

/* The fields that are set, but for the time to connect and the password, with libpq's keywords.
 * There is room for three more. */
struct fields {
    const char **keywords;
    const char **values;
    size_t count;
    int64_t connect_timeout; /* ns */
};

/* So that the server's log and its activity say whose session it is; not longer than what it takes
 * without a notice (NAMEDATALEN). */
static const char *session_name(const struct stage *stage)
{
    enum { MOST = 63 };
    char *name = arena_format(stage->arena, "%s %llu %s", stage->run ? stage->run : "runbook",
                              (unsigned long long)stage->attempt, stage->step ? stage->step : "");
    size_t length = strlen(name);
    if (length > MOST)
        for (length = MOST; length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80;)
            length--;
    name[length] = '\0';
    return name;
}

static struct fields take_fields(const struct deed *deed, const struct stage *stage)
{
    const struct value *fields = fields_of(deed), *limit = field(deed, "connect_timeout");
    const char *base = place_base(stage->arena, deed, stage);
    size_t room = (fields->kind == VALUE_MAP ? fields->map.count : 0) + 3;
    const struct value *password = field(deed, "password");
    struct fields taken = {
        .keywords = arena_alloc(stage->arena, room * sizeof *taken.keywords),
        .values = arena_alloc(stage->arena, room * sizeof *taken.values),
        .connect_timeout = limit->kind == VALUE_DURATION ? limit->integer : CONNECT_TIMEOUT,
    };
    for (size_t i = 0; i + 3 < room; i++) {
        const struct member *member = &fields->map.at[i];
        if (member->value->kind == VALUE_UNSET || member->value == limit ||
            member->value == password)
            continue;
        const char *text = value_print(stage->arena, member->value);
        taken.keywords[taken.count] = member->key;
        taken.values[taken.count++] =
            is_path(member->key) ? place_join(stage->arena, base, text) : text;
    }
    taken.keywords[taken.count] = "application_name";
    taken.values[taken.count] = session_name(stage);
    return taken;
}

void sql_place_fill(const struct deed *deed, const struct stage *stage, struct postgres_spec *spec)
{
    struct fields fields = take_fields(deed, stage);
    const struct value *password = field(deed, "password");
    if (password->kind != VALUE_UNSET) {
        fields.keywords[++fields.count] = "password";
        fields.values[fields.count] = secrets_reveal(stage->arena, stage->secrets, password).at;
    }
    spec->keywords = fields.keywords;
    spec->values = fields.values;
    spec->connect_timeout = fields.connect_timeout;
}

/* ':' and '\\' stand for themselves behind a '\\' (PostgreSQL's manual, The Password File). */
struct text sql_place_passfile(const struct deed *deed, const struct stage *stage)
{
    const struct value *password = field(deed, "password");
    if (password->kind == VALUE_UNSET)
        return (struct text){0};
    struct text plain = secrets_reveal(stage->arena, stage->secrets, password);
    struct buffer line = {0};
    buffer_text(&line, "*:*:*:*:");
    for (size_t i = 0; i < plain.length; i++) {
        buffer_add(&line, "\\", plain.at[i] == ':' || plain.at[i] == '\\');
        buffer_add(&line, plain.at + i, 1);
    }
    buffer_text(&line, "\n");
    struct text made = {arena_copy(stage->arena, line.at, line.length), line.length};
    explicit_bzero(line.at, line.length);
    buffer_free(&line);
    return made;
}

/* libpq's variable for a keyword: mostly PG and the keyword. */
static const char *variable_of(struct arena *arena, const char *keyword)
{
    static const struct {
        const char *keyword, *variable;
    } others[] = {
        {"dbname", "PGDATABASE"},
        {"application_name", "PGAPPNAME"},
        {"target_session_attrs", "PGTARGETSESSIONATTRS"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(keyword, others[i].keyword) == 0)
            return others[i].variable;
    char *name = arena_format(arena, "PG%s", keyword);
    for (char *at = name; *at != '\0'; at++)
        *at = (char)toupper((unsigned char)*at);
    return name;
}

void sql_place_variables(const struct deed *deed, const struct stage *stage, struct map *variables)
{
    struct arena *arena = stage->arena;
    if (fields_of(deed)->kind != VALUE_MAP)
        return;
    struct fields fields = take_fields(deed, stage);
    for (size_t i = 0; i <= fields.count; i++)
        map_put(arena, variables, variable_of(arena, fields.keywords[i]),
                (void *)(uintptr_t)fields.values[i]);
    if (field(deed, "password")->kind != VALUE_UNSET)
        map_put(arena, variables, "PGPASSFILE", (void *)(uintptr_t)TASK_HANDED_PATH);
    int64_t seconds = (fields.connect_timeout + UNITS_SECOND - 1) / UNITS_SECOND;
    map_put(arena, variables, "PGCONNECT_TIMEOUT", arena_format(arena, "%lld", (long long)seconds));
}
