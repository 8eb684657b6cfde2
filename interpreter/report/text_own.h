/* text_own: the lines of the text report, shared by its files alone. */
#ifndef REPORT_TEXT_OWN_H
#define REPORT_TEXT_OWN_H

#include "base/text.h"
#include "report/report.h"

struct event;
struct talk;

#define TEXT_INDENT "          " /* as wide as the time */
#define TEXT_SHOWN  400          /* characters of a value that is shown */

enum paint { PAINT_PLAIN, PAINT_FAINT, PAINT_GOOD, PAINT_CARE, PAINT_BAD };

struct text_report {
    struct report_setup setup;
    struct talk *talk;
    struct buffer out; /* what one event says */
};

/* text_row.c */
const char *paint_code(const struct text_report *report, enum paint paint);
const char *paint_end(const struct text_report *report, enum paint paint);
/* `14:30:00  failed    ` */
void row_begin(struct text_report *report, const struct event *event, enum paint paint,
               const char *word);
void row_end(struct text_report *report);
void row_text(struct text_report *report, const char *text);
/* The step's name and title. */
void row_names(struct text_report *report, const struct event *event);
/* A line that goes with the one before it. */
void row_more(struct text_report *report, const char *text);
/* `14:30:00  done      load: The dump is loaded (3.2s)` */
void row_step(struct text_report *report, const struct event *event, enum paint paint,
              const char *word);
/* `14:30:00  note      load: MESSAGE`; of the run without a step. */
void row_message(struct text_report *report, const struct event *event, enum paint paint,
                 const char *word, const char *message);

/* How an event of a step is told; it may add nothing. */
typedef void text_teller(struct text_report *report, const struct event *event);

/* text_steps.c */
text_teller teller_begins, teller_skipped, teller_done, teller_failed, teller_unknown,
    teller_settled, teller_retrying, teller_attached, teller_cancelled, teller_undone, teller_again;
/* text_people.c */
text_teller teller_checked, teller_asked, teller_answered, teller_person_output, teller_dropped,
    teller_note;

#endif
