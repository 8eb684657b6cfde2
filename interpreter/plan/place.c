#include "plan/place.h"

#include "base/arena.h"
#include "base/graph.h"
#include "lang/term.h"

#include <string.h>

static size_t depth_of(const struct plan_step *step)
{
    size_t depth = 0;
    for (; step->parent != NULL; step = step->parent)
        depth++;
    return depth;
}

bool place_meet(const struct plan_step *a, const struct plan_step *b, struct meeting *meeting)
{
    size_t depth_a = depth_of(a), depth_b = depth_of(b);
    for (; depth_a > depth_b; depth_a--)
        a = a->parent;
    for (; depth_b > depth_a; depth_b--)
        b = b->parent;
    if (a == b)
        return false;
    for (; a->parent != b->parent; a = a->parent)
        b = b->parent;
    meeting->a = a;
    meeting->b = b;
    return true;
}

bool place_within(const struct plan_step *step, const struct plan_step *outer)
{
    while (step != NULL && step != outer)
        step = step->parent;
    return step != NULL;
}

bool place_in_turn(const struct plan_step *loop)
{
    const struct term *parallel = loop->step->foreach->parallel;
    return (parallel == NULL || parallel->kind == TERM_CONSTANT) && loop->loop->parallel == 1;
}

/* Does no item begin when one has failed? */
static bool stops_at_once(const struct plan_step *loop)
{
    const struct term *stop = loop->step->foreach->stop_after;
    return (stop == NULL || stop->kind == TERM_CONSTANT) && loop->loop->stop_after == 1;
}

bool place_before(const struct meeting *meeting)
{
    const struct plan_step *a = meeting->a, *b = meeting->b;
    if (a->relation != b->relation)
        return false;
    switch (a->relation) {
    case PLAN_INSIDE:
    case PLAN_FAILURE:
        return graph_before(a->step->home->graph, a->step->index, b->step->index);
    case PLAN_UNDO:
        return a->place < b->place;
    case PLAN_ITEM: /* else b may begin when a failed */
        return a->place < b->place && place_in_turn(a->parent) && stops_at_once(a->parent);
    case PLAN_RELEASE: /* the next is given back also when one could not be */
        return false;
    }
    return false;
}

/* From STEP up to, and without, TOP's parent: is there one of this relation? */
static bool passes(const struct plan_step *step, const struct plan_step *top,
                   enum plan_relation relation)
{
    for (;; step = step->parent) {
        if (step->relation == relation)
            return true;
        if (step == top)
            return false;
    }
}

bool place_beside(const struct plan_step *a, const struct plan_step *b)
{
    struct meeting meeting;
    if (!place_meet(a, b, &meeting))
        return false;
    const struct plan_step *x = meeting.a, *y = meeting.b;
    /* releases and undos run one by one when their scope ends, on_failure when its steps have ended
     */
    if (x->relation != y->relation || passes(a, x, PLAN_RELEASE) || passes(b, y, PLAN_RELEASE) ||
        passes(a, x, PLAN_UNDO) || passes(b, y, PLAN_UNDO))
        return false;
    if (x->relation == PLAN_ITEM)
        return !place_in_turn(x->parent);
    struct graph *graph = x->step->home->graph;
    return !graph_before(graph, x->step->index, y->step->index) &&
           !graph_before(graph, y->step->index, x->step->index);
}

/* PATH without `./` and doubled slashes. */
static const char *plain_path(struct arena *arena, const char *path)
{
    char *plain = arena_copy(arena, path, strlen(path));
    size_t length = 0;
    for (const char *at = path; *at != '\0';) {
        bool begins = length == 0 || plain[length - 1] == '/';
        if (begins && at[0] == '.' && (at[1] == '/' || at[1] == '\0'))
            at += at[1] == '/' ? 2 : 1;
        else if (at[0] == '/' && length > 0 && begins)
            at++;
        else
            plain[length++] = *at++;
    }
    if (length > 1 && plain[length - 1] == '/')
        length--;
    plain[length] = '\0';
    return plain;
}

/* Where the step's relative paths are. */
static const char *folder_of(const struct plan_step *step)
{
    return step->deed != NULL     ? step->deed->folder
           : step->folder != NULL ? step->folder
                                  : step->scope->folder;
}

const char *place_file(struct arena *arena, const struct plan_step *step, const char *path)
{
    const char *folder = folder_of(step);
    const char *whole = path[0] == '/' || strcmp(folder, ".") == 0
                            ? path
                            : arena_format(arena, "%s/%s", folder, path);
    return arena_format(arena, "file:%s", plain_path(arena, whole));
}

const char *place_resource(struct arena *arena, const struct plan_step *step, const char *resource)
{
    return strncmp(resource, "file:", 5) == 0 ? place_file(arena, step, resource + 5) : resource;
}

const char *place_folder_of(struct arena *arena, const char *resource)
{
    static const char file[] = "file:";
    const char *slash = strrchr(resource, '/');
    bool whole = slash == NULL || strncmp(resource, file, sizeof file - 1) != 0 ||
                 slash == resource + sizeof file - 1; /* `/` is nobody's copy */
    return whole || strstr(resource, "..") != NULL
               ? NULL
               : arena_copy(arena, resource, (size_t)(slash - resource));
}

static bool in_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Is NAME a word of its own in the LENGTH bytes at TEXT? `x.now` is a member, not the name. */
static bool names(const char *text, size_t length, const char *name)
{
    size_t word = strlen(name);
    for (size_t i = 0; i + word <= length; i++)
        if (memcmp(text + i, name, word) == 0 &&
            (i == 0 || (!in_word(text[i - 1]) && text[i - 1] != '.')) &&
            (i + word == length || !in_word(text[i + word])))
            return true;
    return false;
}

bool place_mentions(const char *text, const char *name)
{
    static const char open[] = "‹", close[] = "›";
    const char *at = text;
    while ((at = strstr(at, open)) != NULL) {
        at += sizeof open - 1;
        const char *end = strstr(at, close);
        size_t length = end ? (size_t)(end - at) : strlen(at);
        if (names(at, length, name))
            return true;
        at += length;
    }
    return false;
}

bool place_fleeting(const char *text)
{
    static const char *const parts[] = {"now",       "result", "previous", "run.irreversible",
                                        "run.state", "run.ok", "usual"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (place_mentions(text, parts[i]))
            return true;
    return false;
}
