#include "store/name.h"

#include <stddef.h>
#include <string.h>

static const char *number_behind(const char *slash, const char *word)
{
    size_t length = strlen(word);
    bool is = strncmp(slash, word, length) == 0 && slash[length] >= '1' && slash[length] <= '9';
    return is ? slash + length : NULL;
}

const char *name_entry_number(const char *slash)
{
    const char *undo = number_behind(slash, "/undo/");
    return undo != NULL ? undo : number_behind(slash, "/release/");
}

/* The first entry that NAME names or stands in: its slash, or NULL. */
static const char *first_entry(const char *name)
{
    const char *slash = strchr(name, '/');
    while (slash != NULL && name_entry_number(slash) == NULL)
        slash = strchr(slash + 1, '/');
    return slash;
}

bool name_is_entry(const char *name)
{
    for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        const char *number = name_entry_number(slash);
        if (number != NULL && number[strspn(number, "0123456789")] == '\0')
            return true;
    }
    return false;
}

bool name_in_entry(const char *name)
{
    return first_entry(name) != NULL;
}

bool name_in_undo(const char *name)
{
    const char *slash = first_entry(name);
    return slash != NULL && number_behind(slash, "/undo/") != NULL;
}

bool name_inside(const char *name, const char *outer)
{
    size_t length = strlen(outer);
    return strncmp(name, outer, length) == 0 && name[length] != '\0' &&
           strchr("/[#", name[length]) != NULL;
}
