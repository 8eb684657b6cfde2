#include "store/approvals.h"

#include "store/state.h"
#include "sys/person.h"

#include <string.h>

static int64_t id_of(const struct state_answer *answer)
{
    return person_id(&(struct person){.uid = answer->uid, .login = answer->login});
}

/* The next yes to DIGEST from ANSWER on, backwards in time; NULL: there is none since a no. */
static const struct state_answer *next_yes(const struct state_answer *answer, const char *digest)
{
    while (answer != NULL && strcmp(answer->digest, digest) != 0)
        answer = answer->next;
    return answer != NULL && answer->yes ? answer : NULL;
}

static bool given_before(const struct state_answer *answer, const char *digest)
{
    const struct state_answer *before = next_yes(answer->next, digest);
    for (; before != NULL; before = next_yes(before->next, digest))
        if (id_of(before) == id_of(answer))
            return true;
    return false;
}

size_t approvals_count(const struct state_step *step, const char *digest)
{
    size_t count = 0;
    const struct state_answer *yes = next_yes(step->answers, digest);
    for (; yes != NULL; yes = next_yes(yes->next, digest))
        count += !given_before(yes, digest);
    return count;
}

const struct state_answer *approvals_at(const struct state_step *step, const char *digest,
                                        size_t index)
{
    size_t count = approvals_count(step, digest);
    const struct state_answer *yes = next_yes(step->answers, digest);
    for (; yes != NULL; yes = next_yes(yes->next, digest))
        if (!given_before(yes, digest) && --count == index)
            return yes;
    return NULL;
}

bool approvals_hold(const struct state_step *step, const char *digest, int64_t id)
{
    const struct state_answer *yes = next_yes(step->answers, digest);
    for (; yes != NULL; yes = next_yes(yes->next, digest))
        if (id_of(yes) == id)
            return true;
    return false;
}
