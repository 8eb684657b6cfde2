#include "actions/entries.h"

#include "lang/value.h"

#include <string.h>

enum { ROOM = 16 * 1024 * 1024 }; /* the limit of a value */

void entries_add(struct entries *entries, const char *name)
{
    entries->bytes += strlen(name) + sizeof(struct value);
    entries->full |= entries->bytes > ROOM;
    if (!entries->full)
        list_add(entries->arena, &entries->names, (void *)value_string(entries->arena, name));
}

void entries_answer(const struct entries *entries, struct answer *answer)
{
    const struct value *const *at = (const struct value *const *)entries->names.at;
    answer_add(answer, "entries", value_list(answer->arena, at, entries->names.count));
}
