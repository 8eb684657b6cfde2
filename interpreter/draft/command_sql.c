/* psql, pg_dump and what asks PostgreSQL. */
#include "draft/command.h"

#include "base/arena.h"
#include "draft/names.h"

#include <string.h>
#include <strings.h>

struct login {
    const char *host, *port, *user, *database, *code;
    bool odd;
};

/* Options of psql that say where and what; how it prints (-t -A -q) does not count. */
static struct login read_login(const struct order *order)
{
    struct login login = {0};
    for (size_t i = 1; i < order->count && !login.odd; i++) {
        const char *word = order->words[i];
        const char *value = i + 1 < order->count ? order->words[i + 1] : NULL;
        const char **place = strcmp(word, "-h") == 0   ? &login.host
                             : strcmp(word, "-p") == 0 ? &login.port
                             : strcmp(word, "-U") == 0 ? &login.user
                             : strcmp(word, "-d") == 0 ? &login.database
                             : strcmp(word, "-c") == 0 ? &login.code
                                                       : NULL;
        bool prints =
            strcmp(word, "-t") == 0 || strcmp(word, "-A") == 0 || strcmp(word, "-q") == 0 ||
            strcmp(word, "-tA") == 0 || strcmp(word, "-At") == 0 || strcmp(word, "-tc") == 0 ||
            strcmp(word, "-tAc") == 0 || strcmp(word, "-Atc") == 0 || strcmp(word, "-qtAc") == 0;
        if (prints && word[strlen(word) - 1] == 'c')
            place = &login.code;
        else if (prints)
            continue;
        if (place != NULL) {
            login.odd = value == NULL || *place != NULL;
            *place = value;
            i++;
        } else if (word[0] != '-' && login.database == NULL) {
            login.database = word;
        } else {
            login.odd = true;
        }
    }
    return login;
}

static const char *begins_word(const char *code)
{
    return code + strspn(code, " \t\n(");
}

static bool is_query(const char *code)
{
    static const char *const words[] = {"select", "show", "values", "table", "explain"};
    const char *at = begins_word(code);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncasecmp(at, words[i], strlen(words[i])) == 0)
            return strcasestr(code, " into ") == NULL || strcasestr(code, "insert into") != NULL;
    return false;
}

/* The statement without blanks and `;` at its end. */
static const char *trimmed(struct arena *arena, const char *code)
{
    size_t start = strspn(code, " \t\n");
    size_t end = strlen(code);
    while (end > start && strchr(" \t\n;", code[end - 1]) != NULL)
        end--;
    return arena_copy(arena, code + start, end - start);
}

/* The name of the connection, made when it is first asked for. */
static const char *connection(struct draft *draft, const struct login *login, bool inside)
{
    struct arena *arena = draft->arena;
    const char *key = arena_format(arena, "%s %s %s %s", login->host ? login->host : "",
                                   login->port ? login->port : "", login->user ? login->user : "",
                                   login->database ? login->database : "");
    const char *name = map_get(&draft->connection_keys, key);
    if (name != NULL)
        return name;
    struct branch *fields = branch_map(arena);
    order_put(draft, fields, "host", login->host ? login->host : "localhost");
    if (login->port != NULL)
        order_put(draft, fields, "port", login->port);
    if (login->user != NULL)
        order_put(draft, fields, "user", login->user);
    if (login->database != NULL)
        order_put(draft, fields, "dbname", login->database);
    struct branch *one = branch_map(arena);
    branch_put(arena, one, "postgres", fields);
    const char *wanted = login->database && !order_varies(login->database)
                             ? name_of_words(arena, login->database)
                             : "db";
    name = name_unique(arena, &draft->connection_names, wanted, "db");
    list_add(
        arena, &one->notes,
        (void *)(uintptr_t)(inside
                                ? "TODO: the document runs psql inside the container; this logs in "
                                  "from here: is the port open, and as whom?\n"
                                  "password: \"${secrets.…}\", where the server wants one"
                                : "TODO: how does it log in? password: \"${secrets.…}\""));
    draft->counts.decide++;
    draft->connections = draft->connections ? draft->connections : branch_map(arena);
    branch_put(arena, draft->connections, name, one);
    map_put(arena, &draft->connection_keys, key, (void *)(uintptr_t)name);
    return name;
}

/* What a statement destroys, as `kind:name`; NULL: nothing that is known. */
static const char *gone(struct arena *arena, const char *code, const char *database)
{
    static const char *const words[] = {"drop database", "drop table", "drop schema", "truncate",
                                        "drop owned"};
    const char *at = begins_word(code);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncasecmp(at, words[i], strlen(words[i])) == 0)
            return arena_format(arena, "database:%s",
                                database && !order_varies(database) ? database : "all");
    return NULL;
}

/* Its first words. */
static const char *id_of(struct draft *draft, const char *code)
{
    size_t length = 0, words = 0;
    while (code[length] != '\0' && length < 40 && words < 3) {
        length++;
        words += code[length] == ' ' || code[length] == '\n';
    }
    const char *name = name_of_words(draft->arena, arena_copy(draft->arena, code, length));
    return name[0] != '\0' ? name : "sql";
}

/* `psql -c`, be it inside a container: then another word is the first of the line. */
static bool make_psql(struct draft *draft, const struct order *order, struct draft_step *step)
{
    struct login login = read_login(order);
    if (!order_plain(order) || order->sudo || login.odd || login.code == NULL ||
        login.code[0] == '\\' || order_varies(login.code) ||
        (login.port && strspn(login.port, "0123456789") != strlen(login.port)))
        return false;
    const char *code = trimmed(draft->arena, login.code);
    /* Where one statement ends and the next begins is psql's to know. */
    if (code[0] == '\0' || strchr(code, ';') != NULL)
        return false;
    bool query = is_query(code);
    const struct shell_word *first = order->source->words.at[0];
    const char *db = connection(draft, &login, !text_is(first->raw, "psql"));
    if (query)
        draft_note(draft, step,
                   "TODO: what should the rows be? Say it as `expect: {count: 0}` or of `value`");
    draft->counts.decide += query;
    struct branch *map =
        order_action(draft, step, query ? "sql.query" : "sql.exec", id_of(draft, code));
    order_put(draft, map, "db", db);
    order_put(draft, map, query ? "query" : "statement", code);
    const char *lost = query ? NULL : gone(draft->arena, code, login.database);
    if (lost != NULL) {
        struct branch *list =
            branch_put(draft->arena, step->keys, "destroys", branch_list(draft->arena));
        branch_add(draft->arena, list, branch_text(draft->arena, lost));
    }
    step->effect = query ? DRAFT_READS : lost ? DRAFT_DESTROYS : DRAFT_CHANGES;
    return true;
}

static bool make_isready(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (!order_plain(order) || order->sudo)
        return false;
    order_check(draft, order, step);
    return true;
}

static bool make_ping(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (!order_plain(order) || order->sudo || order_has(order, "ping") == 0)
        return false;
    order_check(draft, order, step);
    struct branch *expect =
        branch_put(draft->arena, step->keys, "expect", branch_map(draft->arena));
    order_put(draft, expect, "stdout", "PONG");
    return true;
}

static bool make_dropdb(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (order->pipe.count > 0)
        return false;
    const char *database = order->words[order->count - 1];
    order_exec(draft, order, step, order->words);
    struct branch *list =
        branch_put(draft->arena, step->keys, "destroys", branch_list(draft->arena));
    branch_add(draft->arena, list,
               branch_text(draft->arena, arena_format(draft->arena, "database:%s",
                                                      order_varies(database) ? "all" : database)));
    step->effect = DRAFT_DESTROYS;
    return true;
}

/* With --clean what is in the database goes first. */
static bool make_restore(struct draft *draft, const struct order *order, struct draft_step *step)
{
    size_t database = order_has(order, "-d");
    bool clean = order_has(order, "--clean") > 0 || order_has(order, "-c") > 0;
    if (order->pipe.count > 0 || !clean)
        return false;
    bool named = database > 0 && database + 1 < order->count &&
                 order_named(order->words[database + 1], "_-") &&
                 !order_varies(order->words[database + 1]);
    order_exec(draft, order, step, order->words);
    struct branch *list =
        branch_put(draft->arena, step->keys, "destroys", branch_list(draft->arena));
    branch_add(draft->arena, list,
               branch_text(draft->arena, arena_format(draft->arena, "database:%s",
                                                      named ? order->words[database + 1] : "all")));
    step->effect = DRAFT_DESTROYS;
    return true;
}

const struct recogniser sql_recognisers[] = {
    {"psql", make_psql},     {"pg_isready", make_isready}, {"redis-cli", make_ping},
    {"dropdb", make_dropdb}, {"pg_restore", make_restore}, {NULL, NULL},
};
