#include "actions/place.h"

#include "base/arena.h"
#include "lang/action.h"

#include <string.h>

const char *place_join(struct arena *arena, const char *base, const char *path)
{
    if (path[0] == '/')
        return path;
    while (path[0] == '.' && path[1] == '/')
        path += 1 + strspn(path + 1, "/");
    if (path[0] == '\0' || strcmp(path, ".") == 0)
        return base;
    const char *slash = base[strlen(base) - 1] == '/' ? "" : "/";
    return arena_format(arena, "%s%s%s", base, slash, path);
}

const char *place_base(struct arena *arena, const struct deed *deed, const struct stage *stage)
{
    const char *base = place_join(arena, stage->folder, deed->folder);
    return arena_copy(arena, base, strlen(base));
}
