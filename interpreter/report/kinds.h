/* kinds: the descriptors of all reports; report.c has the table. */
#ifndef REPORT_KINDS_H
#define REPORT_KINDS_H

struct report_kind;

extern const struct report_kind report_text, report_json;

#endif
