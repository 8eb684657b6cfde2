/* Files: cp, mv, rm, tar, cat with a here-document. */
#include "draft/command.h"

#include "base/arena.h"
#include "base/path.h"

#include <string.h>

/* The words behind the options; false when an option is not among ALLOWED. */
static bool two_paths(const struct order *order, const char *const *allowed, const char **from,
                      const char **to)
{
    size_t count = 0;
    for (size_t i = 1; i < order->count; i++) {
        const char *word = order->words[i];
        bool known = word[0] != '-';
        for (const char *const *at = allowed; !known && *at != NULL; at++)
            known = strcmp(*at, word) == 0;
        if (!known || (word[0] != '-' && count == 2))
            return false;
        if (word[0] == '-')
            continue;
        *(count == 0 ? from : to) = word;
        count++;
    }
    return count == 2;
}

/* `cp x dir/` makes dir/x. */
static const char *into_folder(struct draft *draft, const char *from, const char *to)
{
    size_t length = strlen(to);
    if (strcmp(to, ".") == 0)
        return path_name(from);
    return length > 0 && to[length - 1] == '/'
               ? arena_format(draft->arena, "%s%s", to, path_name(from))
               : to;
}

static void note_root(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (order->sudo)
        draft_note(draft, step,
                   "the document uses sudo: whoever runs this must be allowed to do it");
}

static const char *id_of(struct draft *draft, const char *what, const char *path)
{
    return arena_format(draft->arena, "%s %s", what,
                        order_varies(path_name(path)) ? "" : path_name(path));
}

static bool make_cp(struct draft *draft, const struct order *order, struct draft_step *step)
{
    static const char *const allowed[] = {"-f", "-p", "-v", "-i", "-pf", "-fp", NULL};
    const char *from = NULL, *to = NULL;
    if (!order_plain(order) || !two_paths(order, allowed, &from, &to) ||
        from[strlen(from) - 1] == '/' || from[0] == '\0' || to[0] == '\0')
        return false;
    note_root(draft, order, step);
    to = into_folder(draft, from, to);
    struct branch *map = order_action(draft, step, "file.copy", id_of(draft, "copy", to));
    order_put(draft, map, "from", order_path(draft, from));
    order_put(draft, map, "to", order_path(draft, to));
    return true;
}

static bool make_mv(struct draft *draft, const struct order *order, struct draft_step *step)
{
    static const char *const allowed[] = {"-f", "-v", NULL};
    const char *from = NULL, *to = NULL;
    if (!order_plain(order) || !two_paths(order, allowed, &from, &to) || from[0] == '\0' ||
        to[0] == '\0')
        return false;
    note_root(draft, order, step);
    to = into_folder(draft, from, to);
    struct branch *map = order_action(draft, step, "file.move", id_of(draft, "move", to));
    order_put(draft, map, "from", order_path(draft, from));
    order_put(draft, map, "to", order_path(draft, to));
    order_put(draft, map, "replace", "true");
    return true;
}

static bool make_rm(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (!order_plain(order) || order->count < 2)
        return false;
    size_t paths = 0;
    for (size_t i = 1; i < order->count; i++) {
        const char *word = order->words[i];
        paths += word[0] != '-';
        if ((word[0] == '-' && (word[1] == '-' || strspn(word + 1, "rRfv") != strlen(word + 1))) ||
            strspn(word, "/.") == strlen(word))
            return false;
    }
    if (paths == 0)
        return false;
    note_root(draft, order, step);
    struct draft_step *one = step;
    for (size_t i = 1; i < order->count; i++) {
        if (order->words[i][0] == '-')
            continue;
        order_value(draft, one, "file.remove", order_path(draft, order->words[i]),
                    id_of(draft, "remove", order->words[i]));
        one->effect = DRAFT_DESTROYS;
        one = order_more(draft, step);
    }
    return true;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), last = strlen(end);
    return length > last && strcmp(text + length - last, end) == 0;
}

/* `tar czf ARCHIVE ONE`; several folders, and -C, are tar's own. */
static bool make_tar(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (!order_plain(order) || order->sudo || order->count < 3)
        return false;
    const char *letters = order->words[1] + (order->words[1][0] == '-');
    const char *archive = order->words[2];
    bool usual = strspn(letters, "cztvfjJ") == strlen(letters) && ends_with(letters, "f");
    bool known = ends_with(archive, ".tar") || ends_with(archive, ".tar.gz") ||
                 ends_with(archive, ".tgz") || ends_with(archive, ".tar.bz2") ||
                 ends_with(archive, ".tar.xz");
    if (!usual || !known)
        return false;
    if (strchr(letters, 't') != NULL && order->count == 3) {
        order_value(draft, step, "archive.list", order_path(draft, archive), "archive list");
        step->effect = DRAFT_READS;
        return true;
    }
    if (strchr(letters, 'c') == NULL || order->count != 4 || order->words[3][0] == '-' ||
        order->words[3][0] == '\0')
        return false;
    struct branch *map =
        order_action(draft, step, "archive.create", id_of(draft, "archive", order->words[3]));
    order_put(draft, map, "path", order_path(draft, archive));
    order_put(draft, map, "from", order_path(draft, order->words[3]));
    return true;
}

/* `cat > FILE <<EOF` */
static bool make_cat(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (order->count != 1 || order->stdin_text == NULL || order->stdout_to == NULL ||
        order->pipe.count > 0)
        return false;
    note_root(draft, order, step);
    struct branch *map =
        order_action(draft, step, "file.write", id_of(draft, "write", order->stdout_to));
    order_put(draft, map, "path", order_path(draft, order->stdout_to));
    order_put(draft, map, "text", order->stdin_text);
    return true;
}

static bool make_test(struct draft *draft, const struct order *order, struct draft_step *step)
{
    bool bracket = strcmp(order->words[0], "[") == 0;
    size_t count = order->count - (bracket && strcmp(order->words[order->count - 1], "]") == 0);
    if (!order_plain(order) || count != 3 || order->sudo ||
        (strcmp(order->words[1], "-f") != 0 && strcmp(order->words[1], "-e") != 0 &&
         strcmp(order->words[1], "-d") != 0 && strcmp(order->words[1], "-s") != 0))
        return false;
    order_value(draft, step, "file.stat", order_path(draft, order->words[2]),
                id_of(draft, "there is", order->words[2]));
    step->effect = DRAFT_READS;
    step->role = ROLE_CHECK;
    return true;
}

/* What `find … -delete` takes away is told to the checker. */
static bool make_find(struct draft *draft, const struct order *order, struct draft_step *step)
{
    if (!order_plain(order) || order->count < 3)
        return false;
    if (order_has(order, "-delete") == 0) {
        if (order_has(order, "-exec") > 0 || order_has(order, "-execdir") > 0 ||
            order_has(order, "-ok") > 0)
            return false;
        order_exec(draft, order, step, order->words);
        draft_key(draft, step, "effect", "read");
        step->effect = DRAFT_READS;
        return true;
    }
    const char *where = order->words[1];
    order_exec(draft, order, step, order->words);
    struct branch *list =
        branch_put(draft->arena, step->keys, "destroys", branch_list(draft->arena));
    bool plain =
        where[0] != '-' && !order_varies(where) && where[0] != '\0' && strpbrk(where, ": ") == NULL;
    branch_add(
        draft->arena, list,
        branch_text(draft->arena, arena_format(draft->arena, "file:%s", plain ? where : "found")));
    step->effect = DRAFT_DESTROYS;
    return true;
}

const struct recogniser file_recognisers[] = {
    {"cp", make_cp},   {"mv", make_mv},     {"rm", make_rm},
    {"tar", make_tar}, {"cat", make_cat},   {"test", make_test},
    {"[", make_test},  {"find", make_find}, {NULL, NULL},
};
