#include "actions/answer.h"

#include "base/arena.h"
#include "lang/value.h"

#include <assert.h>
#include <stdarg.h>

void answer_add(struct answer *answer, const char *name, const struct value *value)
{
    assert(answer->count < sizeof answer->at / sizeof *answer->at);
    answer->at[answer->count].name = name;
    answer->at[answer->count++].value = value;
}

void answer_text(struct answer *answer, const char *name, const char *text)
{
    answer_add(answer, name, value_string(answer->arena, text));
}

struct outcome answer_ended(const struct answer *answer)
{
    struct member members[sizeof answer->at / sizeof *answer->at];
    for (size_t i = 0; i < answer->count; i++)
        members[i] = (struct member){answer->at[i].name, answer->at[i].value};
    return (struct outcome){.kind = OUTCOME_ENDED,
                            .outputs = value_map(answer->arena, members, answer->count)};
}

/* One line, whatever stood in a name or in a library's words. */
static void straighten(char *line)
{
    for (; *line != '\0'; line++)
        if ((unsigned char)*line < 0x20 || *line == 0x7f)
            *line = ' ';
}

struct outcome answer_ill(struct arena *arena, enum outcome_kind kind, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *message = arena_format_list(arena, format, arguments);
    va_end(arguments);
    straighten(message);
    return (struct outcome){.kind = kind, .outputs = value_map(arena, NULL, 0), .message = message};
}
