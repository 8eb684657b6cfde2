#include "store/life.h"

#include <assert.h>
#include <string.h>

/* Row: what happens. Column: where the step is. Entry: where it goes; empty: it can't happen there.
 * What an entry alone can't tell (an attempt in flight, what was settled) is guarded in
 * state_guard.c. Events that are not about a step have no row. */
#define TO(life)    (LIFE_##life + 1)
#define STAYS(life) [LIFE_##life] = TO(life)
#define STAYS_ANYWHERE                                                                            \
    STAYS(WAITING), STAYS(ASKING), STAYS(RUNNING), STAYS(VERIFYING), STAYS(DONE), STAYS(SKIPPED), \
        STAYS(FAILED), STAYS(UNKNOWN), STAYS(CANCELLED), STAYS(UNDONE)

static const unsigned char next[EVENT_COUNT][LIFE_COUNT] = {
    [EVENT_NOTE] = {STAYS_ANYWHERE},
    /* A `wait` asks while it runs; an unknown one is asked to settle it; a done one that holds
     * something is asked whether it still does. */
    [EVENT_CHECKING] = {[LIFE_WAITING] = TO(ASKING),
                        STAYS(ASKING),
                        STAYS(RUNNING),
                        STAYS(VERIFYING),
                        STAYS(DONE),
                        STAYS(UNKNOWN)},
    [EVENT_CHECKED] = {STAYS(ASKING), STAYS(RUNNING), STAYS(VERIFYING), STAYS(DONE),
                       STAYS(UNKNOWN)},
    /* Running: `manual` asks. Unknown, done: as above, of a person. */
    [EVENT_ASKED] =
        {[LIFE_WAITING] = TO(ASKING), STAYS(ASKING), STAYS(RUNNING), STAYS(DONE), STAYS(UNKNOWN)},
    /* An answer may come when the run has stopped and the step was cancelled, or failed on it. */
    [EVENT_ANSWERED] = {STAYS(WAITING), STAYS(ASKING), STAYS(RUNNING), STAYS(DONE), STAYS(UNKNOWN),
                        STAYS(CANCELLED), STAYS(FAILED)},
    [EVENT_SKIPPED] = {[LIFE_WAITING] = TO(SKIPPED)},
    /* Running: each round of a repeat is opened anew. */
    [EVENT_OPENED] = {[LIFE_WAITING] = TO(RUNNING), [LIFE_ASKING] = TO(RUNNING), STAYS(RUNNING)},
    [EVENT_ROUND] = {STAYS(RUNNING)},
    [EVENT_INTENT] = {[LIFE_WAITING] = TO(RUNNING), [LIFE_ASKING] = TO(RUNNING), STAYS(RUNNING)},
    [EVENT_PROOF] = {STAYS(RUNNING)},
    [EVENT_ATTACHED] = {STAYS(RUNNING)},
    [EVENT_OUTCOME] = {STAYS(RUNNING)},
    /* Asking, verifying, unknown: the outputs that can be made without the action. */
    [EVENT_COMPUTED] = {STAYS(ASKING), STAYS(RUNNING), STAYS(VERIFYING), STAYS(UNKNOWN)},
    [EVENT_RETRYING] = {[LIFE_RUNNING] = TO(ASKING), [LIFE_VERIFYING] = TO(ASKING)},
    /* Asking: done_if held. Verifying: a resume begins it anew. */
    [EVENT_VERIFYING] =
        {[LIFE_ASKING] = TO(VERIFYING), [LIFE_RUNNING] = TO(VERIFYING), STAYS(VERIFYING)},
    /* Running, asking: a step that has no verify passes it without a line. */
    [EVENT_DONE] = {[LIFE_ASKING] = TO(DONE),
                    [LIFE_RUNNING] = TO(DONE),
                    [LIFE_VERIFYING] = TO(DONE),
                    [LIFE_UNKNOWN] = TO(DONE)},
    [EVENT_FAILED] = {[LIFE_WAITING] = TO(FAILED),
                      [LIFE_ASKING] = TO(FAILED),
                      [LIFE_RUNNING] = TO(FAILED),
                      [LIFE_VERIFYING] = TO(FAILED),
                      [LIFE_UNKNOWN] = TO(FAILED)},
    /* Failed, cancelled: a resume that finds that the action itself had ended well. */
    /* Done: its undo began and did not get to its end. */
    [EVENT_UNKNOWN] = {[LIFE_RUNNING] = TO(UNKNOWN),
                       [LIFE_DONE] = TO(UNKNOWN),
                       [LIFE_FAILED] = TO(UNKNOWN),
                       [LIFE_CANCELLED] = TO(UNKNOWN)},
    [EVENT_SETTLED] = {STAYS(UNKNOWN)},
    [EVENT_CANCELLED] = {[LIFE_ASKING] = TO(CANCELLED),
                         [LIFE_RUNNING] = TO(CANCELLED),
                         [LIFE_VERIFYING] = TO(CANCELLED)},
    /* Waiting, asking: one that a resume would have begun again, and that owes its undo. Running,
     * verifying: left as it was when the run stopped. */
    [EVENT_UNDONE] = {[LIFE_WAITING] = TO(UNDONE),
                      [LIFE_ASKING] = TO(UNDONE),
                      [LIFE_RUNNING] = TO(UNDONE),
                      [LIFE_VERIFYING] = TO(UNDONE),
                      [LIFE_DONE] = TO(UNDONE),
                      [LIFE_FAILED] = TO(UNDONE),
                      [LIFE_UNKNOWN] = TO(UNDONE),
                      [LIFE_CANCELLED] = TO(UNDONE)},
    [EVENT_AGAIN] = {[LIFE_ASKING] = TO(WAITING),
                     [LIFE_RUNNING] = TO(WAITING),
                     [LIFE_VERIFYING] = TO(WAITING),
                     [LIFE_DONE] = TO(WAITING),
                     [LIFE_SKIPPED] = TO(WAITING),
                     [LIFE_FAILED] = TO(WAITING),
                     [LIFE_UNKNOWN] = TO(WAITING),
                     [LIFE_CANCELLED] = TO(WAITING),
                     [LIFE_UNDONE] = TO(WAITING)},
    [EVENT_PERSON_OUTPUT] = {STAYS_ANYWHERE},
    [EVENT_OWED] = {STAYS_ANYWHERE},
    [EVENT_DROPPED] = {STAYS_ANYWHERE},
};

struct life_about {
    const char *name;
    bool final;
    enum life_dependents dependents;
    const char *sentence;
};

static const struct life_about abouts[] = {
    [LIFE_WAITING] = {"waiting", false, DEPENDENTS_WAIT, "It has not begun."},
    [LIFE_ASKING] =
        {"asking", false, DEPENDENTS_WAIT,
         "What must be so before it begins is being asked, of the system or of people."},
    [LIFE_RUNNING] = {"running", false, DEPENDENTS_WAIT, "It is at work."},
    [LIFE_VERIFYING] = {"verifying", false, DEPENDENTS_WAIT,
                        "Its action has ended; whether the system is as it should be is asked."},
    [LIFE_DONE] = {"done", true, DEPENDENTS_RUN, "It was done, and verified where it says how."},
    [LIFE_SKIPPED] = {"skipped", true, DEPENDENTS_RUN,
                      "Its `when` was false, or the operator left it out."},
    [LIFE_FAILED] = {"failed", true, DEPENDENTS_BLOCKED, "It did not do what it should."},
    [LIFE_UNKNOWN] = {"unknown", true, DEPENDENTS_BLOCKED,
                      "It began, and nobody knows whether it happened. It is not repeated until "
                      "that is settled."},
    [LIFE_CANCELLED] = {"cancelled", true, DEPENDENTS_BLOCKED, "The run stopped before its end."},
    [LIFE_UNDONE] = {"undone", true, DEPENDENTS_BLOCKED, "What it did was taken back."},
    [LIFE_BLOCKED] = {"blocked", true, DEPENDENTS_BLOCKED,
                      "A step that it needs did not end well, so it will not begin."},
};
static_assert(sizeof abouts / sizeof abouts[0] == LIFE_COUNT, "one line for each state");
static_assert(LIFE_COUNT < 255, "an entry of the table is a byte");

bool life_next(enum life from, enum event_kind event, enum life *to)
{
    assert(from < LIFE_COUNT && event < EVENT_COUNT);
    unsigned char entry = next[event][from];
    if (entry == 0) {
        return false;
    }
    *to = (enum life)(entry - 1);
    return true;
}

bool life_final(enum life life)
{
    return abouts[life].final;
}

enum life_dependents life_dependents(enum life life, bool tolerated)
{
    return life == LIFE_FAILED && tolerated ? DEPENDENTS_RUN : abouts[life].dependents;
}

const char *life_name(enum life life)
{
    return abouts[life].name;
}

bool life_find(const char *name, enum life *life)
{
    for (size_t i = 0; i < LIFE_COUNT; i++) {
        if (strcmp(abouts[i].name, name) == 0) {
            *life = (enum life)i;
            return true;
        }
    }
    return false;
}

const char *life_about(enum life life)
{
    return abouts[life].sentence;
}
