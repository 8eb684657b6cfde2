#include "sys/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Marks a text that did not fit; LENGTH is what it would have needed. */
static void mark_cut(char *text, size_t room, int length)
{
    if (length >= (int)room)
        memcpy(text + room - 4, "...", 4);
}

bool failure_set(struct failure *failure, int error, const char *format, ...)
{
    if (!failure)
        return false;
    failure->error = error;
    char reason[128] = "";
    if (error) {
        char text[100];
        snprintf(reason, sizeof reason, ": %s", strerror_r(error, text, sizeof text));
    }
    /* The reason is what helps: a long path gives way to it. */
    size_t room = sizeof failure->text - strlen(reason);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(failure->text, room, format, arguments);
    va_end(arguments);
    mark_cut(failure->text, room, length);
    memcpy(failure->text + strlen(failure->text), reason, strlen(reason) + 1);
    return false;
}

bool failure_wrap(struct failure *failure, const char *format, ...)
{
    if (!failure)
        return false;
    char inner[sizeof failure->text];
    memcpy(inner, failure->text, sizeof inner);
    char context[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
    mark_cut(context, sizeof context, length);
    length = snprintf(failure->text, sizeof failure->text, "%s: %s", context, inner);
    mark_cut(failure->text, sizeof failure->text, length);
    return false;
}
