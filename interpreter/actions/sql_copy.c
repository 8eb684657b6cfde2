#include "actions/sql_copy.h"

#include "base/arena.h"

/* A name in quotes is only ever a name, whatever is in it. */
const char *sql_copy_table(struct arena *arena, const char *table)
{
    struct buffer quoted = {0};
    buffer_text(&quoted, "\"");
    for (; *table != '\0'; table++)
        if (*table == '.')
            buffer_text(&quoted, "\".\"");
        else
            buffer_format(&quoted, *table == '"' ? "\"%c" : "%c", *table);
    buffer_text(&quoted, "\"");
    const char *copy = arena_copy(arena, quoted.at, quoted.length);
    buffer_free(&quoted);
    return copy;
}
