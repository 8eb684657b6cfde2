/* What a person says to a run that a monitor made and that waits: a file of its own, so that it can
 * be said while the monitor rests. The first word counts. */
#include "base/arena.h"
#include "base/list.h"
#include "lang/value.h"
#include "store/watch_own.h"
#include "sys/failure.h"
#include "sys/file.h"
#include "sys/person.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static json_t *read_json(int folder, const char *path)
{
    struct buffer text = {0};
    json_t *json = NULL;
    if (file_read(folder, path, WATCH_CAP, &text, NULL))
        json = json_loadb(text.at, text.length, 0, NULL);
    buffer_free(&text);
    return json;
}

static const char *copied(struct arena *arena, const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text != NULL ? arena_copy(arena, text, strlen(text)) : NULL;
}

bool watch_answered(struct watch *watch, struct arena *arena, const struct watch_run *run,
                    struct watch_answer *answer)
{
    json_t *json = read_json(watch->folder, arena_format(arena, ANSWERS_NAME "/%s", run->id));
    *answer = (struct watch_answer){.yes = json_is_true(json_object_get(json, "yes")),
                                    .user = copied(arena, json, "user"),
                                    .reason = copied(arena, json, "reason")};
    json_decref(json);
    return answer->user != NULL;
}

/* Those of one monitor that nobody has answered. */
static void find_asking(struct arena *arena, int monitors, const char *name, struct list *into)
{
    json_t *json = read_json(monitors, arena_format(arena, "%s/" STATE_NAME, name));
    const char *condition;
    json_t *known;
    json_object_foreach(json_object_get(json, "conditions"), condition, known)
    {
        const json_t *run = json_object_get(known, "waiting");
        struct watch_asking *asking = arena_alloc(arena, sizeof *asking);
        *asking = (struct watch_asking){
            .monitor = name,
            .run = copied(arena, run, "id"),
            .condition = arena_copy(arena, condition, strlen(condition)),
            .reason = copied(arena, run, "reason"),
            .made = json_integer_value(json_object_get(run, "made")),
        };
        if (asking->run != NULL &&
            faccessat(monitors, arena_format(arena, "%s/" ANSWERS_NAME "/%s", name, asking->run),
                      F_OK, 0) != 0)
            list_add(arena, into, asking);
    }
    json_decref(json);
}

struct list watch_asking_find(struct arena *arena, const char *state_folder)
{
    struct list found = {0};
    struct dirent *entry;
    DIR *folder = opendir(arena_format(arena, "%s/" MONITORS_NAME, state_folder));
    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            find_asking(arena, dirfd(folder),
                        arena_copy(arena, entry->d_name, strlen(entry->d_name)), &found);
    if (folder != NULL)
        closedir(folder);
    return found;
}

bool watch_answer(const char *state_folder, const struct watch_asking *asking, bool yes,
                  const struct person *person, const char *reason, int64_t now,
                  struct failure *failure)
{
    struct buffer path = {0};
    json_t *json = json_pack("{s:b, s:s, s:I, s:I}", "yes", yes, "user", person->user, "uid",
                             (json_int_t)person->uid, "time", (json_int_t)now);
    json_set_text(json, "reason", reason);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    buffer_format(&path, "%s/" MONITORS_NAME "/%s/" ANSWERS_NAME, state_folder, asking->monitor);
    bool said = text != NULL && folder_make(AT_FDCWD, path.at, 0700, failure);
    buffer_format(&path, "/%s", asking->run);
    said = said && file_replace(AT_FDCWD, path.at, text_of(text), 0600, FILE_NO_CLOBBER, failure);
    free(text);
    buffer_free(&path);
    return said;
}
