/* The types of paths: names, members, places in lists. */
#include "lang/typed.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/value.h"

#include <string.h>

enum { CANDIDATES_LIMIT = 64 }; /* members that a message looks among */

/* Was `exists` asked of EXPR, or of something in it? */
static bool is_present(const struct typing *typing, const struct expr *expr)
{
    for (const struct present *at = typing->present; at != NULL; at = at->outer) {
        const struct expr *path = at->path;
        while (!expr_same(path, expr)) {
            if (path->kind != EXPR_MEMBER && path->kind != EXPR_INDEX) {
                path = NULL;
                break;
            }
            path = path->path.target;
        }
        if (path != NULL) {
            return true;
        }
    }
    return false;
}

static struct typed narrowed(struct typing *typing, const struct expr *expr, struct typed typed)
{
    if (typed.type != NULL && typed.type->optional && is_present(typing, expr)) {
        typed.type = type_optional(typing->arena, typed.type, false);
    }
    return typed;
}

static const struct type *unknown_member(struct typing *typing, const struct expr *expr,
                                         const struct type *record, const char *name)
{
    const char *names[CANDIDATES_LIMIT] = {NULL};
    size_t count = record->field_count < CANDIDATES_LIMIT ? record->field_count : CANDIDATES_LIMIT;
    struct buffer all = {0};
    for (size_t i = 0; i < count; i++) {
        names[i] = record->fields[i].name;
        buffer_format(&all, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    const char *nearest = text_nearest(name, names, count);
    const char *remedy = nearest      ? arena_format(typing->arena, "did you mean '%s'?", nearest)
                         : count == 0 ? "it has no members"
                                      : arena_format(typing->arena, "it has: %s", all.at);
    buffer_free(&all);
    struct mark mark = expr_mark(expr);
    diagnostic_add(typing->diagnostics, RB101, mark, remedy, "'%s' has no member '%s'",
                   typing_shown(typing, expr->path.target), name);
    return NULL;
}

static const struct type *no_members(struct typing *typing, const struct expr *expr,
                                     const struct type *target, const char *name)
{
    const char *shown = typing_shown(typing, expr->path.target);
    const char *remedy = NULL;
    if (target->kind == TYPE_LIST) {
        remedy = arena_format(typing->arena, "write %s[0].%s, or [x.%s for x in %s]", shown, name,
                              name, shown);
    } else if (type_is_text(target)) {
        remedy = arena_format(typing->arena, "if it is JSON, write parse_json(%s).%s", shown, name);
    }
    return typing_complain(typing, expr, remedy, "%s is %s and has no members",
                           typing_quoted(typing, expr->path.target), typing_name(typing, target));
}

/* The member NAME of TARGET, whatever makes EXPR ask for it. A member of T? is a U?. */
static struct typed member_of(struct typing *typing, const struct expr *expr, struct typed target,
                              const char *name)
{
    const struct type *type = target.type;
    const struct type *member = NULL;
    switch (type->kind) {
    case TYPE_JSON:
        member = type_scalar(TYPE_JSON);
        break;
    case TYPE_MAP:
        member = type_optional(typing->arena, type->element, true);
        target = typed_of(type);
        break;
    case TYPE_RECORD:
        member = type_member(type, name);
        if (member == NULL) {
            return typed_of(unknown_member(typing, expr, type, name));
        }
        if (target.steps[0].step != NULL && target.steps[0].output == NULL) {
            target.steps[0].output = name;
        } else if (member->optional) {
            target = typed_of(type); /* it can be unset for a reason of its own */
        }
        break;
    case TYPE_STRING:
    case TYPE_INT:
    case TYPE_FLOAT:
    case TYPE_BOOL:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_TIME:
    case TYPE_PATH:
    case TYPE_URL:
    case TYPE_REGEX:
    case TYPE_SECRET:
    case TYPE_CONNECTION:
    case TYPE_LIST:
    case TYPE_NOTHING:
        return typed_of(no_members(typing, expr, type_optional(typing->arena, type, false), name));
    }
    /* JSON may be unset at any time; what is asked of it is asked when it runs. */
    bool optional = type->optional && member->kind != TYPE_JSON;
    target.type = optional ? type_optional(typing->arena, member, true) : member;
    return target;
}

static struct typed index_into(struct typing *typing, const struct expr *expr, struct typed target)
{
    const struct expr *index = expr->path.index;
    const struct type *place = typing_value(typing, index);
    if (place == NULL || target.type == NULL) {
        return typed_of(NULL);
    }
    bool number = place->kind == TYPE_INT || place->kind == TYPE_JSON;
    bool text = type_is_text(place) || place->kind == TYPE_JSON;
    const struct type *type = target.type;
    if (type->kind == TYPE_JSON && (number || text)) {
        return target;
    }
    if (type->kind == TYPE_RECORD && index->kind == EXPR_LITERAL && type_is_text(place)) {
        return member_of(typing, expr, target, index->literal.value->text.at);
    }
    if (type->kind == TYPE_MAP && text) {
        return typed_of(type_optional(typing->arena, type->element, true));
    }
    if (type->kind != TYPE_LIST) {
        return typed_of(typing_complain(typing, expr, NULL, "%s is %s and has no place %s",
                                        typing_quoted(typing, expr->path.target),
                                        typing_name(typing, type), typing_shown(typing, index)));
    }
    if (!number) {
        return typed_of(typing_complain(typing, index, NULL,
                                        "a place in a list is an int, found %s",
                                        typing_name(typing, place)));
    }
    if (index->kind == EXPR_NEGATE) {
        return typed_of(typing_complain(
            typing, index,
            arena_format(typing->arena, "write last(%s)", typing_shown(typing, expr->path.target)),
            "a place in a list counts from the front, from 0"));
    }
    target.type =
        type->optional ? type_optional(typing->arena, type->element, true) : type->element;
    return target;
}

/* A name from outside: ROOT, or ROOT.MEMBER. */
static struct typed found(struct typing *typing, const struct expr *expr, const char *root,
                          const char *member, const char *rest)
{
    struct typed typed = {0};
    typed.type = typing->names->find(typing->names, root, member, rest, expr_mark(expr),
                                     typing->diagnostics);
    if (member != NULL && strcmp(root, "steps") == 0) {
        typed.steps[0].step = member;
    }
    return typed;
}

static bool is_outer(const struct typing *typing, const struct expr *name)
{
    return name->kind == EXPR_NAME && expr_local_find(typing->locals, name->name) == NULL;
}

/* A path; REST is the member asked of it next, or NULL. */
struct typed typing_path(struct typing *typing, const struct expr *expr, const char *rest)
{
    if (expr->kind == EXPR_NAME) {
        const struct expr_local *local = expr_local_find(typing->locals, expr->name);
        struct typed typed =
            local != NULL ? typed_of(local->meaning) : found(typing, expr, expr->name, NULL, rest);
        return narrowed(typing, expr, typed);
    }
    if (expr->kind == EXPR_MEMBER && is_outer(typing, expr->path.target)) {
        return narrowed(typing, expr,
                        found(typing, expr, expr->path.target->name, expr->path.name, rest));
    }
    if (expr->kind != EXPR_MEMBER && expr->kind != EXPR_INDEX) {
        return typing_of(typing, expr);
    }
    bool member = expr->kind == EXPR_MEMBER;
    const char *name = member ? expr->path.name : NULL;
    if (!member && expr->path.index->kind == EXPR_LITERAL &&
        expr->path.index->literal.value->kind == VALUE_TEXT) {
        name = expr->path.index->literal.value->text.at;
    }
    struct typed target = typing_path(typing, expr->path.target, name);
    if (member && target.type != NULL) {
        target = member_of(typing, expr, target, expr->path.name);
    } else if (!member) {
        target = index_into(typing, expr, target);
    }
    return narrowed(typing, expr, target);
}
