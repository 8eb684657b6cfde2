/* tail: the last lines of an attempt's logs, for who has to know why it failed.
 * May read files of the run's folder, nothing else. */
#ifndef REPORT_TAIL_H
#define REPORT_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;

/* The path of the log of attempt NUMBER in the run's FOLDER: "…/logs/42.out" of stream 1,
 * "…/logs/42.err" of stream 2. False, and nothing added, when it has none (no byte came). */
bool tail_path(struct buffer *into, const char *folder, uint64_t number, int stream);
/* Appends its last COUNT lines at most, each behind PREFIX and safe on a terminal. Returns how many
 * there were. */
size_t tail_lines(struct buffer *into, const char *folder, uint64_t number, int stream,
                  size_t count, const char *prefix);

#endif
