#include "actions/archives.h"

#include "lang/value.h"

#include <archive.h>
#include <errno.h>
#include <string.h>

enum { ROOM = 16 * 1024 * 1024 }; /* the limit of a value */

void entries_add(struct entries *entries, const char *name)
{
    entries->bytes += strlen(name) + sizeof(struct value);
    entries->full |= entries->bytes > ROOM;
    if (!entries->full)
        list_add(entries->arena, &entries->names, (void *)value_string(entries->arena, name));
}

struct outcome entries_done(const struct entries *entries, const char *path)
{
    const struct value *const *at = (const struct value *const *)entries->names.at;
    struct answer answer = {.arena = entries->arena};
    if (path != NULL)
        answer_text(&answer, "path", path);
    answer_add(&answer, "entries", value_list(answer.arena, at, entries->names.count));
    struct outcome outcome = answer_ended(&answer);
    if (entries->full)
        outcome.message = "`entries` has the first names only: a value can't hold more";
    return outcome;
}

bool archives_fault(struct archive *archive, const char *what, const char *name,
                    struct failure *failure)
{
    const char *why = archive_error_string(archive);
    int error = archive_errno(archive);
    /* Its own numbers, for faults of a format, are borrowed ones or negative. */
    bool system = error > 0 && error != EILSEQ && error != EINVAL;
    return failure_set(failure, system ? error : 0, "can't %s %s: %s", what, name,
                       why != NULL ? why : "it is not known why");
}

struct archives_locale archives_enter(void)
{
    struct archives_locale locale = {.names = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0)};
    if (locale.names != (locale_t)0)
        locale.before = uselocale(locale.names);
    return locale;
}

void archives_leave(struct archives_locale locale)
{
    if (locale.names == (locale_t)0)
        return;
    uselocale(locale.before);
    freelocale(locale.names);
}
