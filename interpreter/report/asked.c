#include "report/asked.h"

#include "base/text.h"
#include "lang/people.h"
#include "report/phrase.h"
#include "store/approvals.h"
#include "store/state.h"

void asked_of(const struct value *by, int64_t count, int64_t within, const char *given,
              struct buffer *into)
{
    if (by == NULL && count <= 1 && within == 0)
        return;
    if (by != NULL || count > 1)
        people_print(by, count, into);
    else
        buffer_text(into, "somebody");
    buffer_text(into, " must allow it");
    if (within > 0)
        buffer_text(into, " within "), phrase_duration(into, within);
    if (given[0] != '\0') {
        buffer_text(into, "; ");
        buffer_printable(into, text_of(given));
        buffer_text(into, " did");
    }
}

void asked_of_step(const struct state_step *step, struct buffer *into)
{
    const struct state_question *question = step->question;
    const struct state_answer *yes;
    struct buffer given = {0};
    buffer_text(&given, "");
    for (size_t i = 0; (yes = approvals_at(step, question->digest, i)) != NULL; i++)
        buffer_format(&given, "%s%s", i > 0 ? ", " : "", yes->user);
    asked_of(question->by, question->count, question->within, given.at, into);
    buffer_free(&given);
}
