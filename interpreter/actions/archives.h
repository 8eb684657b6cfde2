/* archives: what the archive actions share: names being gathered, faults, the locale of names. */
#ifndef ACTIONS_ARCHIVES_H
#define ACTIONS_ARCHIVES_H

#include "actions/answer.h"
#include "base/list.h"
#include "sys/failure.h"

#include <locale.h>

struct archive;

/* The output `entries`, being gathered; zeroed with its arena set it is empty. */
struct entries {
    struct arena *arena;
    struct list names; /* of struct value */
    size_t bytes;
    bool full; /* a value can't hold more; `names` has the first ones */
};
void entries_add(struct entries *entries, const char *name);
/* The outcome with `path` (as written) and `entries`; it says so when those are not all. */
struct outcome entries_done(const struct entries *entries, const char *path);

/* Always false: "can't WHAT NAME", why libarchive could not, and errno's text where it has one. */
bool archives_fault(struct archive *archive, const char *what, const char *name,
                    struct failure *failure);

/* Names are UTF-8, whatever the locale of this program is: libarchive asks the thread's. */
struct archives_locale {
    locale_t names, before;
};
struct archives_locale archives_enter(void);
void archives_leave(struct archives_locale locale);

#endif
