#include "base/arena.h"
#include "base/units.h"
#include "commands/drill.h"

#include <string.h>

static const char *const faults[DRILL_FAULTS] = {
    [DRILL_NONE] = "",
    [DRILL_FAILS] = "fails",
    [DRILL_TIMES_OUT] = "times out",
    [DRILL_CRASHES] = "cut off by a crash",
};

/* Of a grade: its heading, and what N of so many do. */
static const struct {
    const char *heading, *paint, *does;
} grades[DRILL_GRADES] = {
    [DRILL_DESTROYED] = {"DESTROYED: it is not brought back by the run itself", "\x1b[1;31m",
                         "leaves destroyed"},
    [DRILL_DOUBT] = {"IN DOUBT: a person has to say whether it happened", "\x1b[31m",
                     "asks a person whether it happened"},
    [DRILL_OWED] = {"STILL HELD: something was not given back", "\x1b[33m",
                    "leaves something held"},
    [DRILL_CHANGED] = {"CHANGED: something stays as it was made", "\x1b[33m", "leaves changes"},
    [DRILL_AS_IT_WAS] = {"AS IT WAS: nothing stays changed", "\x1b[32m",
                         "leaves everything as it was"},
    [DRILL_GOES_ON] = {"GOES ON: the run gets to its end all the same", "\x1b[32m",
                       "gets to its end all the same"},
};

static void add_printable(struct buffer *into, const char *text)
{
    buffer_printable(into, text_of(text));
}

static void add_names(struct buffer *into, const char *before, const struct list *names)
{
    for (size_t i = 0; i < names->count; i++) {
        buffer_text(into, i == 0 ? before : ", ");
        add_printable(into, names->at[i]);
    }
}

enum { NAMES_SHOWN = 4 }; /* of a long list the last, the nearest to what went wrong */

static void add_last_names(struct buffer *into, const char *before, const struct list *names)
{
    struct list last = *names;
    if (names->count <= NAMES_SHOWN) {
        add_names(into, before, names);
        return;
    }
    last.at += names->count - NAMES_SHOWN;
    last.count = NAMES_SHOWN;
    add_names(into, before, &last);
    buffer_format(into, " and %u before", names->count - NAMES_SHOWN);
}

static void add_loss(struct buffer *into, const struct drill_loss *loss)
{
    add_printable(into, loss->resource);
    buffer_format(into, " by %s", loss->by);
    if (loss->copy != NULL)
        buffer_format(into, ", copied by %s", loss->copy);
    if (loss->undoable)
        buffer_text(into, ", `runbook undo` brings it back");
}

/* What stays destroyed, a line each: above the faults that all leave it so. */
static const char *losses_text(struct arena *arena, const struct drill_row *row)
{
    struct buffer text = {0};
    const struct list *losses = &row->fate->losses;
    bool apart = row->grade == DRILL_DESTROYED && row->happened == NULL;
    for (size_t i = 0; apart && i < losses->count; i++) {
        buffer_text(&text, "  left destroyed: ");
        add_loss(&text, losses->at[i]);
        buffer_text(&text, "\n");
    }
    const char *whole = arena_copy(arena, text.at, text.length);
    buffer_free(&text);
    return whole;
}

static void add_losses(struct buffer *into, const struct list *losses)
{
    for (size_t i = 0; i < losses->count; i++) {
        buffer_text(into, i == 0 ? "; destroyed: " : ", ");
        add_loss(into, losses->at[i]);
    }
}

static void add_result(struct buffer *into, const struct drill_fate *fate)
{
    buffer_text(into, strcmp(fate->result, "in_doubt") == 0 ? "in doubt" : fate->result);
    buffer_format(into, " (exit %lld)", (long long)fate->exit);
}

static void add_fate(struct buffer *into, const struct drill_fate *fate, enum drill_fault fault,
                     bool losses)
{
    bool doubt = strcmp(fate->result, "in_doubt") == 0;
    if (fault == DRILL_CRASHES)
        buffer_text(into, "resume: ");
    if (fate->settled != NULL)
        buffer_format(into, "settled by %s, ", fate->settled);
    add_result(into, fate);
    if (doubt)
        buffer_text(into, ", a person says whether it happened");
    if (fate->tries > 1)
        buffer_format(into, ", after %u tries", fate->tries);
    add_names(into, "; tolerated: ", &fate->tolerated);
    if (fate->grade == DRILL_GOES_ON)
        return;
    if (losses)
        add_losses(into, &fate->losses);
    add_names(into, "; on_failure: ", &fate->handlers);
    add_names(into, "; taken back: ", &fate->taken_back);
    add_names(into, "; given back: ", &fate->given_back);
    add_names(into, "; owed: ", &fate->owed);
    if (fate->half != NULL && !doubt)
        buffer_text(into, "; itself perhaps half done");
    add_last_names(into, "; stays changed: ", &fate->changed);
    if (fate->undoable && (fate->changed.count > 0 || fate->half != NULL))
        buffer_text(into, " (`runbook undo` takes that back)");
}

static const char *fate_text(struct arena *arena, const struct drill_row *row)
{
    struct buffer text = {0};
    if (row->happened != NULL)
        buffer_text(&text, "if it was not done: ");
    add_fate(&text, row->fate, row->fault, row->happened != NULL);
    if (row->happened != NULL) {
        buffer_text(&text, "\n      if it was: ");
        add_fate(&text, row->happened, row->fault, true);
    }
    const char *whole = arena_copy(arena, text.at, text.length);
    buffer_free(&text);
    return whole;
}

/* ---- rows that tell the same ---- */

struct line {
    enum drill_grade grade;
    const char *steps;
    const char *at; /* of one step; NULL: itself, or of several */
    bool faults[DRILL_FAULTS];
    const char *losses; /* "": none, or told in the text */
    const char *text;
};

static bool same_end(const struct line *a, const struct line *b)
{
    return a->grade == b->grade && memcmp(a->faults, b->faults, sizeof a->faults) == 0 &&
           strcmp(a->losses, b->losses) == 0 && strcmp(a->text, b->text) == 0;
}

/* Several faults of one step that come to the same. */
static void add_line(struct arena *arena, struct list *lines, const struct drill_row *row)
{
    const char *text = fate_text(arena, row), *losses = losses_text(arena, row);
    struct line *last = lines->count > 0 ? lines->at[lines->count - 1] : NULL;
    const char *at = strcmp(row->at, row->step) != 0 ? row->at : NULL;
    if (last != NULL && last->grade == row->grade && strcmp(last->steps, row->step) == 0 &&
        strcmp(last->losses, losses) == 0 && strcmp(last->text, text) == 0) {
        last->faults[row->fault] = true;
        return;
    }
    struct line *line = arena_alloc(arena, sizeof *line);
    *line = (struct line){
        .grade = row->grade, .steps = row->step, .at = at, .losses = losses, .text = text};
    line->faults[row->fault] = true;
    list_add(arena, lines, line);
}

/* One line for steps that come to the same: neighbours, and all of them where no harm is done. */
static void join_lines(struct arena *arena, struct list *lines)
{
    struct list joined = {0};
    for (size_t i = 0; i < lines->count; i++) {
        struct line *line = lines->at[i], *with = NULL;
        size_t first = line->grade >= DRILL_AS_IT_WAS || joined.count == 0 ? 0 : joined.count - 1;
        for (size_t j = first; with == NULL && j < joined.count; j++)
            if (same_end(joined.at[j], line))
                with = joined.at[j];
        if (with == NULL) {
            list_add(arena, &joined, line);
            continue;
        }
        with->steps = arena_format(arena, "%s, %s", with->steps, line->steps);
        with->at = NULL;
    }
    *lines = joined;
}

static void print_line(struct buffer *into, const struct line *line)
{
    const char *between = ": ";
    buffer_text(into, "  ");
    add_printable(into, line->steps);
    for (size_t fault = 1; fault < DRILL_FAULTS; fault++)
        if (line->faults[fault]) {
            buffer_format(into, "%s%s", between, faults[fault]);
            between = " or ";
        }
    if (line->at != NULL) {
        buffer_text(into, ", at ");
        add_printable(into, line->at);
    }
    buffer_format(into, "\n      %s\n", line->text);
}

static void add_head(struct arena *arena, struct buffer *into, const struct drill_found *found)
{
    buffer_format(into, "%s, drilled in a simulation: nothing was touched\n", found->runbook);
    buffer_format(into, "without a fault: %s (exit %lld), %zu actions, %s of waiting",
                  found->well->result, (long long)found->well->exit, found->steps,
                  duration_print(arena, found->lasted));
    buffer_text(into, "\n");
    for (size_t i = 0; i < found->well->asked.count; i++) {
        const struct drill_question *question = found->well->asked.at[i];
        buffer_text(into, "stops and asks a person: ");
        add_printable(into, question->step);
        buffer_text(into, "\n");
    }
    add_names(into, "taken as true, since only a run can know: ", &found->taken);
    if (found->taken.count > 0)
        buffer_text(into, "\n");
    add_names(into, "skipped, with these params: ", &found->skipped);
    if (found->skipped.count > 0)
        buffer_text(into, "\n");
}

static void add_summary(struct buffer *into, const struct drill_found *found, bool colour)
{
    size_t counts[DRILL_GRADES][DRILL_FAULTS] = {{0}}, all[DRILL_FAULTS] = {0};
    for (size_t i = 0; i < found->rows.count; i++) {
        const struct drill_row *row = found->rows.at[i];
        counts[row->grade][row->fault]++;
        all[row->fault]++;
    }
    buffer_format(into, "\n%-12s%-12s%-12s\n", "fails", "times out", "crash");
    for (size_t g = 0; g < DRILL_GRADES; g++) {
        if (counts[g][1] + counts[g][2] + counts[g][3] == 0)
            continue;
        buffer_text(into, colour ? grades[g].paint : "");
        for (size_t f = 1; f < DRILL_FAULTS; f++)
            buffer_format(into, "%3zu of %-5zu", counts[g][f], all[f]);
        buffer_format(into, "%s%s\n", grades[g].does, colour ? "\x1b[0m" : "");
    }
}

void drill_text(struct arena *arena, const struct drill_found *found, bool colour,
                struct buffer *into)
{
    int grade = -1;
    const char *losses = "";
    struct list lines = {0};
    add_head(arena, into, found);
    add_summary(into, found, colour);
    for (size_t i = 0; i < found->rows.count; i++)
        add_line(arena, &lines, found->rows.at[i]);
    join_lines(arena, &lines);
    for (size_t i = 0; i < lines.count; i++) {
        const struct line *line = lines.at[i];
        bool begins = (int)line->grade != grade;
        if (begins)
            buffer_format(into, "\n%s%s%s\n", colour ? grades[line->grade].paint : "",
                          grades[line->grade].heading, colour ? "\x1b[0m" : "");
        grade = (int)line->grade;
        if (strcmp(line->losses, losses) != 0)
            buffer_format(into, "%s%s", begins ? "" : "\n", line->losses);
        losses = line->losses;
        print_line(into, line);
    }
}
