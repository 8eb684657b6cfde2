/* docker and docker-compose. */
#include "draft/command.h"

#include "base/arena.h"
#include "base/units.h"

#include <string.h>

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

/* Are all options behind FIRST among ALLOWED (NULL behind the last)? */
static bool only_options(const struct order *order, size_t first, const char *const *allowed)
{
    for (size_t i = first; i < order->count; i++) {
        bool known = !is_option(order->words[i]);
        for (const char *const *at = allowed; !known && *at != NULL; at++)
            known = strcmp(*at, order->words[i]) == 0;
        if (!known)
            return false;
    }
    return true;
}

/* The words behind FIRST that are no options, as a list. */
static struct branch *names_from(struct draft *draft, const struct order *order, size_t first)
{
    struct branch *list = branch_list(draft->arena);
    for (size_t i = first; i < order->count; i++)
        if (!is_option(order->words[i]))
            branch_add(draft->arena, list, branch_text(draft->arena, order->words[i]));
    return list;
}

static void note_root(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (order->sudo)
        draft_note(draft, step,
                   "the document uses sudo: whoever runs this must be allowed to do it");
}

static const char *id_of(struct draft *draft, const struct order *order, size_t words)
{
    struct buffer id = {0};
    for (size_t i = 0; i < order->count && i < words + 2; i++)
        if (i < words || (!is_option(order->words[i]) && !order_varies(order->words[i]))) {
            buffer_text(&id, order->words[i]);
            buffer_text(&id, " ");
        }
    const char *made = arena_copy(draft->arena, id.at ? id.at : "", id.length);
    buffer_free(&id);
    return made;
}

/* An action of compose that takes services, which may be left out. */
static struct branch *services_action(struct draft *draft, const struct order *order,
                                      struct draft_step *step, const char *action)
{
    struct branch *services = names_from(draft, order, 2);
    note_root(draft, order, step);
    struct branch *map = order_action(draft, step, action, id_of(draft, order, 2));
    if (services->items.count > 0)
        branch_put(draft->arena, map, "services", services);
    return map;
}

static bool make_up(struct draft *draft, const struct order *order, struct draft_step *step)
{
    static const char *const allowed[] = {"-d", "--detach", "--force-recreate", "--remove-orphans",
                                          NULL};
    if (!order_plain(order) || !only_options(order, 2, allowed))
        return false;
    if (order_has(order, "-d") == 0 && order_has(order, "--detach") == 0)
        draft_note(draft, step, "without -d it would not end; compose.up starts and goes on");
    struct branch *map = services_action(draft, order, step, "compose.up");
    if (order_has(order, "--force-recreate") > 0)
        order_put(draft, map, "recreate", "true");
    order_dir(draft, map, "dir");
    return true;
}

static bool make_down(struct draft *draft, const struct order *order, struct draft_step *step)
{
    static const char *const allowed[] = {"--remove-orphans", NULL};
    if (!order_plain(order))
        return false;
    if (order_has(order, "-v") > 0 || order_has(order, "--volumes") > 0) {
        draft_trap(draft, step, "volumes_of_project",
                   "-v removes the volumes of the project, with all data in them");
        order_exec(draft, order, step, order->words);
        struct branch *gone =
            branch_put(draft->arena, step->keys, "destroys", branch_list(draft->arena));
        branch_add(draft->arena, gone, branch_text(draft->arena, "volume:all_of_the_project"));
        step->effect = DRAFT_DESTROYS;
        return true;
    }
    if (order->count > 3 || !only_options(order, 2, allowed))
        return false;
    order_dir(draft, services_action(draft, order, step, "compose.down"), "dir");
    return true;
}

static bool make_stop(struct draft *draft, const struct order *order, struct draft_step *step)
{
    static const char *const none[] = {NULL};
    if (!order_plain(order) || !only_options(order, 2, none))
        return false;
    bool stop = strcmp(order->words[1], "stop") == 0;
    order_dir(draft, services_action(draft, order, step, stop ? "compose.stop" : "compose.restart"),
              "dir");
    return true;
}

static bool make_rm(struct draft *draft, const struct order *order, struct draft_step *step)
{
    static const char *const allowed[] = {"-f", "--force", "-s", "--stop", "-sf", "-fs", NULL};
    if (!order_plain(order) || !only_options(order, 2, allowed) ||
        names_from(draft, order, 2)->items.count == 0)
        return false;
    order_dir(draft, services_action(draft, order, step, "compose.remove"), "dir");
    return true;
}

/* `--tail=50`, `--tail 50`, `-n 50`; *FOLLOWS: it would never end. False: something else is there.
 */
static bool read_log(struct draft *draft, const struct order *order, struct branch *services,
                     const char **tail, bool *follows)
{
    for (size_t i = 2; i < order->count; i++) {
        const char *word = order->words[i];
        if (strcmp(word, "-f") == 0 || strcmp(word, "--follow") == 0)
            *follows = true;
        else if (strncmp(word, "--tail=", 7) == 0)
            *tail = word + 7;
        else if ((strcmp(word, "--tail") == 0 || strcmp(word, "-n") == 0) && i + 1 < order->count)
            *tail = order->words[++i];
        else if (is_option(word) && strcmp(word, "--no-color") != 0)
            return false;
        else if (!is_option(word))
            branch_add(draft->arena, services, branch_text(draft->arena, word));
    }
    return *tail == NULL || ((*tail)[0] != '\0' && strspn(*tail, "0123456789") == strlen(*tail) &&
                             strlen(*tail) < 5 && strspn(*tail, "0") < strlen(*tail));
}

static bool make_log(struct draft *draft, const struct order *order, struct draft_step *step)
{
    struct branch *services = branch_list(draft->arena);
    const char *tail = NULL;
    bool follows = false;
    if (!order_plain(order) || !read_log(draft, order, services, &tail, &follows))
        return false;
    if (follows)
        draft_note(draft, step,
                   "changed: without -f, so that it ends; nothing is looked for in the log: "
                   "say by `expect` what must not be in `text`");
    struct branch *map = order_action(draft, step, "compose.log", "docker compose logs");
    if (services->items.count > 0)
        branch_put(draft->arena, map, "services", services);
    if (tail != NULL)
        order_put(draft, map, "tail", tail);
    order_dir(draft, map, "dir");
    step->effect = DRAFT_READS;
    return true;
}

static bool make_ps(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (!order_plain(order) || order->count != 2)
        return false;
    draft_note(draft, step,
               "`ps` ends well whatever it shows: here each container of the project must run");
    struct branch *map = order_action(draft, step, "compose.states", "services running");
    order_put(draft, map, "project", draft_project(draft));
    struct branch *expect =
        branch_put(draft->arena, step->keys, "expect", branch_map(draft->arena));
    branch_put(draft->arena, expect, "other", branch_list(draft->arena));
    step->effect = DRAFT_READS;
    step->role = ROLE_CHECK;
    return true;
}

/* ---- inside a container ---- */

/* The place of the service behind `exec` and its options, 0 when there is one that is not known. */
static size_t service_at(const struct order *order)
{
    for (size_t i = 2; i < order->count; i++) {
        const char *word = order->words[i];
        if (strcmp(word, "-T") != 0 && strcmp(word, "-it") != 0 && strcmp(word, "-i") != 0 &&
            strcmp(word, "-t") != 0 && strcmp(word, "-ti") != 0)
            return is_option(word) ? 0 : i;
    }
    return 0;
}

static bool is_at(const struct order *order, size_t at, const char *word)
{
    return at < order->count && strcmp(order->words[at], word) == 0;
}

static void ask_service(struct draft *draft, const struct order *order, struct draft_step *step,
                        size_t service)
{
    struct branch *map = order_action(draft, step, "compose.ask", order->words[service + 1]);
    order_put(draft, map, "project", draft_project(draft));
    order_put(draft, map, "service", order->words[service]);
    branch_put(draft->arena, map, "command", order_list(draft, order, service + 1));
    order_dir(draft, map, "dir");
    step->effect = DRAFT_READS;
    step->role = ROLE_CHECK;
}

/* psql's own commands (`\d`) are no SQL, and only look. */
static bool is_psql_look(const struct order *order, size_t program)
{
    if (!is_at(order, program, "psql"))
        return false;
    size_t code = order_has(order, "-c");
    return code > 0 && code + 1 < order->count && order->words[code + 1][0] == '\\' &&
           strchr("dlz", order->words[code + 1][1]) != NULL;
}

static bool make_sql(struct draft *draft, const struct order *order, struct draft_step *step,
                     size_t program)
{
    struct order inner = *order;
    inner.words = order->words + program;
    inner.count = order->count - program;
    for (const struct recogniser *at = sql_recognisers; at->words != NULL; at++)
        if (strcmp(at->words, "psql") == 0)
            return at->make(draft, &inner, step);
    return false;
}

/* The command without a terminal: -T, and for psql the end at the first error. */
static void exec_in(struct draft *draft, const struct order *order, struct draft_step *step,
                    size_t service)
{
    const char **words = arena_alloc(draft->arena, (order->count + 8) * sizeof *words);
    size_t count = 0;
    words[count++] = order->words[0];
    words[count++] = "exec";
    words[count++] = "-T";
    for (size_t i = service; i < order->count; i++) {
        words[count++] = order->words[i];
        if (i == service + 1 && strcmp(order->words[i], "psql") == 0 && order->stdin_from != NULL) {
            words[count++] = "-v";
            words[count++] = "ON_ERROR_STOP=1";
            draft_note(draft, step,
                       "changed: with ON_ERROR_STOP, since psql goes on after an error and "
                       "ends well");
        }
    }
    if (order_has(order, "-T") == 0)
        draft_note(draft, step, "changed: with -T, since a run has no terminal");
    order_exec(draft, order, step, words);
}

static bool make_compose_exec(struct draft *draft, const struct order *order,
                              struct draft_step *step)
{
    size_t service = service_at(order);
    if (service == 0 || service + 1 >= order->count || !order_named(order->words[service], "_.-") ||
        order->pipe.count > 0 || order->sudo)
        return false;
    if (order_plain(order) && is_at(order, service + 1, "redis-cli") &&
        is_at(order, service + 2, "ping") && order->count == service + 3) {
        struct branch *map = order_action(draft, step, "redis.ready", "redis answers");
        if (strcmp(order->words[service], "redis") != 0)
            order_put(draft, map, "service", order->words[service]);
        order_put(draft, map, "project", draft_project(draft));
        step->effect = DRAFT_READS;
        step->role = ROLE_CHECK;
        return true;
    }
    if (order_plain(order) &&
        (is_at(order, service + 1, "pg_isready") || is_psql_look(order, service + 1))) {
        ask_service(draft, order, step, service);
        if (is_psql_look(order, service + 1)) {
            step->role = ROLE_ACTION;
            draft_note(draft, step, "it prints what somebody has to read: nothing fails here");
        }
        return true;
    }
    if (order_plain(order) && make_sql(draft, order, step, service + 1))
        return true;
    exec_in(draft, order, step, service);
    return true;
}

/* ---- docker ---- */

static bool make_pull(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (!order_plain(order) || order->count != 3 || !order_named(order->words[2], "_./:@-"))
        return false;
    note_root(draft, order, step);
    order_value(draft, step, "docker.pull", order->words[2], "docker pull");
    return true;
}

static bool make_tag(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (!order_plain(order) || order->count != 4 || !order_named(order->words[2], "_./:@-") ||
        !order_named(order->words[3], "_./:-"))
        return false;
    note_root(draft, order, step);
    struct branch *map = order_action(draft, step, "docker.tag", "docker tag");
    order_put(draft, map, "image", order->words[2]);
    order_put(draft, map, "as", order->words[3]);
    return true;
}

static bool make_volume_rm(struct draft *draft, const struct order *order, struct draft_step *step)
{
    static const char *const allowed[] = {"-f", "--force", NULL};
    struct branch *volumes = names_from(draft, order, 3);
    if (!order_plain(order) || volumes->items.count == 0 || !only_options(order, 3, allowed))
        return false;
    for (size_t i = 0; i < volumes->items.count; i++)
        if (!order_named(((const struct branch *)volumes->items.at[i])->text, "_.-"))
            return false;
    note_root(draft, order, step);
    const char *title = step->title;
    for (size_t i = 0; i < volumes->items.count; i++) {
        const struct branch *volume = volumes->items.at[i];
        struct draft_step *one = i == 0 ? step : order_more(draft, step);
        if (volumes->items.count > 1 && title != NULL)
            one->title = arena_format(draft->arena, "%s: %s", title, volume->text);
        if (i > 0 || step->id[0] == '\0')
            one->id = "";
        order_value(draft, one, "volume.remove", volume->text,
                    arena_format(draft->arena, "volume rm %s", volume->text));
        one->effect = DRAFT_DESTROYS;
    }
    return true;
}

/* docker run and exec: a run has no terminal. */
static bool make_docker_run(struct draft *draft, const struct order *order, struct draft_step *step)
{
    const char **words = arena_alloc(draft->arena, (order->count + 1) * sizeof *words);
    size_t count = 0;
    bool changed = false, detached = false, named = false, options = true;
    bool runs = strcmp(order->words[1], "run") == 0;
    if (order->pipe.count > 0)
        return false;
    for (size_t i = 0; i < order->count; i++) {
        const char *word = order->words[i];
        bool terminal =
            options && i > 1 &&
            (strcmp(word, "-it") == 0 || strcmp(word, "-ti") == 0 || strcmp(word, "-t") == 0);
        detached = detached || (options && strcmp(word, "-d") == 0);
        named = named || strncmp(word, "--name", 6) == 0;
        options = options && (i < 2 || is_option(word) || is_option(words[count - 1]));
        changed = changed || terminal;
        words[count++] = terminal ? "-i" : word;
    }
    struct order inner = *order;
    inner.words = words;
    inner.count = count;
    if (changed)
        draft_note(draft, step, "changed: without -t, since a run has no terminal");
    if (runs && detached && !named)
        draft_trap(draft, step, "container_stays",
                   "it stays, and has no name by which a later step could take it down; "
                   "give it --name, and an `undo` or a step that removes it");
    for (size_t i = 2; i + 2 < count; i++)
        if (strcmp(words[i], "-c") == 0 && order_varies(words[i + 1]) && words[i + 2] != NULL)
            return false;
    order_exec(draft, &inner, step, words);
    return true;
}

const struct recogniser docker_recognisers[] = {
    {"docker-compose up", make_up},       {"docker-compose down", make_down},
    {"docker-compose stop", make_stop},   {"docker-compose restart", make_stop},
    {"docker-compose rm", make_rm},       {"docker-compose logs", make_log},
    {"docker-compose ps", make_ps},       {"docker-compose exec", make_compose_exec},
    {"docker pull", make_pull},           {"docker tag", make_tag},
    {"docker volume rm", make_volume_rm}, {"docker run", make_docker_run},
    {"docker exec", make_docker_run},     {NULL, NULL},
};
