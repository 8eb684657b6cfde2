#include "plan/touch.h"

#include "base/arena.h"
#include "lang/value.h"
#include "plan/place.h"

#include <string.h>

/* The inputs of core actions that name files. */
static const struct {
    const char *action, *input;
    enum touch_kind kind;
} files[] = {
    {"file.write", "path", TOUCH_CHANGES},     {"file.write", "keep", TOUCH_CHANGES},
    {"file.edit", "path", TOUCH_CHANGES},      {"file.edit", "keep", TOUCH_CHANGES},
    {"file.copy", "to", TOUCH_CHANGES},        {"file.copy", "keep", TOUCH_CHANGES},
    {"file.copy", "from", TOUCH_READS},        {"file.move", "from", TOUCH_CHANGES},
    {"file.move", "to", TOUCH_CHANGES},        {"file.move", "keep", TOUCH_CHANGES},
    {"file.put", "to", TOUCH_CHANGES},         {"file.put", "from", TOUCH_READS},
    {"file.read", "path", TOUCH_READS},        {"file.remove", "path", TOUCH_CHANGES},
    {"archive.create", "path", TOUCH_CHANGES}, {"archive.create", "from", TOUCH_READS},
    {"archive.extract", "to", TOUCH_CHANGES},  {"archive.extract", "keep", TOUCH_CHANGES},
    {"archive.extract", "path", TOUCH_READS},  {"exec", "stdout_to", TOUCH_CHANGES},
    {"exec", "stdin_from", TOUCH_READS},       {"shell", "stdout_to", TOUCH_CHANGES},
    {"shell", "stdin_from", TOUCH_READS},      {"sql.copy_out", "path", TOUCH_CHANGES},
    {"sql.copy_in", "path", TOUCH_READS},      {"sql.exec", "script", TOUCH_READS},
};

struct finding {
    struct arena *arena;
    const struct plan_step *step;
    struct list *into;
};

static bool is_text(const struct value *value)
{
    return value != NULL && (value->kind == VALUE_TEXT || value->kind == VALUE_UNKNOWN);
}

static void add(const struct finding *finding, enum touch_kind kind, const char *thing)
{
    struct touch *touch = arena_alloc(finding->arena, sizeof *touch);
    *touch = (struct touch){finding->step, kind, thing};
    list_add(finding->arena, finding->into, touch);
}

static void add_resources(const struct finding *finding, enum touch_kind kind,
                          const struct value *resources)
{
    for (size_t i = 0; resources != NULL && i < resources->list.count; i++)
        if (is_text(resources->list.at[i]))
            add(finding, kind,
                place_resource(finding->arena, finding->step, resources->list.at[i]->text.at));
}

/* PATH is of the process's own folder, where it has one. */
static const char *process_path(struct arena *arena, const struct value *inputs, const char *path)
{
    const struct value *cwd = value_find(inputs, "cwd");
    return path[0] == '/' || !is_text(cwd) ? path
                                           : arena_format(arena, "%s/%s", cwd->text.at, path);
}

static void add_files(const struct finding *finding)
{
    const struct plan_step *step = finding->step;
    const char *action = step->step->use.action->name;
    const struct value *inputs = step->deed != NULL ? step->deed->inputs : NULL;
    for (size_t i = 0; inputs != NULL && i < sizeof files / sizeof *files; i++) {
        if (strcmp(action, files[i].action) != 0)
            continue;
        const struct value *path = value_find(inputs, files[i].input);
        if (is_text(path))
            add(finding, files[i].kind,
                place_file(finding->arena, step,
                           process_path(finding->arena, inputs, path->text.at)));
    }
}

void touch_step(struct arena *arena, const struct plan_step *step, struct list *into)
{
    struct finding finding = {arena, step, into};
    if (step->when == 0 || step->loop != NULL)
        return;
    add_resources(&finding, TOUCH_CHANGES, step->destroys);
    add_resources(&finding, TOUCH_SAVES, step->protects);
    if (!plan_opens(step))
        add_files(&finding);
}

struct gathering {
    struct arena *arena;
    struct map *by_thing;
};

static void gather(void *context, struct plan_step *step)
{
    struct gathering *gathering = context;
    struct list found = {0};
    touch_step(gathering->arena, step, &found);
    for (size_t i = 0; i < found.count; i++) {
        struct touch *touch = found.at[i];
        struct list *list = map_get(gathering->by_thing, touch->thing);
        if (list == NULL) {
            list = arena_alloc(gathering->arena, sizeof *list);
            map_put(gathering->arena, gathering->by_thing, touch->thing, list);
        }
        list_add(gathering->arena, list, touch);
    }
}

void touch_all(struct arena *arena, const struct plan *plan, struct map *into)
{
    struct gathering gathering = {arena, into};
    plan_visit(&plan->steps, gather, &gathering);
    plan_visit(&plan->on_failure, gather, &gathering);
}
