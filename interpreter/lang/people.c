#include "lang/people.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/value.h"
#include "sys/person.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static const char *entry_of(const struct value *by, size_t index)
{
    const struct value *entry = by->list.at[index];
    return entry->kind == VALUE_TEXT ? entry->text.at : NULL; /* not known yet */
}

static bool named_before(const struct value *by, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (entry_of(by, i) != NULL && strcmp(entry_of(by, i), entry_of(by, index)) == 0)
            return true;
    return false;
}

const char *people_problem(struct arena *arena, const struct value *by, int64_t count)
{
    int64_t users = 0;
    bool open = false; /* a group, or what is not known yet: nobody knows how many they are */
    if (by == NULL || by->kind != VALUE_LIST)
        return NULL;
    if (by->list.count == 0)
        return "'by' names nobody, so nobody could ever answer";
    for (size_t i = 0; i < by->list.count; i++) {
        const char *entry = entry_of(by, i);
        if (entry != NULL && !person_is_entry(entry))
            return arena_format(
                arena, "'by' names users (alice) and groups (%%dba), and '%s' is neither", entry);
        open |= entry == NULL || entry[0] == '%';
        users += entry != NULL && entry[0] != '%' && !named_before(by, i);
    }
    return open || count <= users
               ? NULL
               : arena_format(arena, "'count' wants %" PRId64 " people, and 'by' names %" PRId64,
                              count, users);
}

const char *people_missing(struct arena *arena, const struct value *by, bool *all)
{
    const char *missing = NULL;
    *all = by != NULL && by->kind == VALUE_LIST;
    for (size_t i = 0; by != NULL && by->kind == VALUE_LIST && i < by->list.count; i++) {
        const char *entry = entry_of(by, i);
        if (entry == NULL || person_exists(entry))
            *all = false;
        else
            missing =
                arena_format(arena, "%s%s%s", missing ? missing : "", missing ? ", " : "", entry);
    }
    return missing;
}

bool people_have(const struct value *by, const struct person *person)
{
    if (by == NULL)
        return person->uid == 0 || person->uid == (int64_t)geteuid();
    for (size_t i = 0; by->kind == VALUE_LIST && i < by->list.count; i++) {
        const char *entry = entry_of(by, i);
        if (entry != NULL && person_meets(person, entry))
            return true;
    }
    return false;
}

static void print_names(const struct value *by, struct buffer *into)
{
    if (by->kind != VALUE_LIST) {
        value_show(by, 0, into);
        return;
    }
    for (size_t i = 0; i < by->list.count; i++) {
        buffer_text(into, i > 0 ? ", " : "");
        if (entry_of(by, i) != NULL)
            buffer_printable(into, text_of(entry_of(by, i)));
        else
            value_show(by->list.at[i], 0, into);
    }
}

const char *people_refusal(struct arena *arena, const struct value *by, const struct person *person,
                           const char *step)
{
    struct buffer who = {0};
    people_print(by, 1, &who);
    const char *refusal = arena_format(arena, "%s may not answer %s: that is for %s", person->user,
                                       step, by != NULL ? who.at : "root and who runs it");
    buffer_free(&who);
    return refusal;
}

void people_print(const struct value *by, int64_t count, struct buffer *into)
{
    bool one = by != NULL && by->kind == VALUE_LIST && by->list.count == 1 &&
               entry_of(by, 0) != NULL && entry_of(by, 0)[0] != '%';
    if (by == NULL) {
        if (count > 1)
            buffer_format(into, "%" PRId64 " people", count);
        return;
    }
    if (count > 1)
        buffer_format(into, "%" PRId64 " of ", count);
    else if (!one)
        buffer_text(into, "one of ");
    print_names(by, into);
}
