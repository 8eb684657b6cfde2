/* journal_line: the form of the journal's lines, as bytes. For the files of store/journal and
 * store/runs alone. May not touch a file but to read it. */
#ifndef STORE_JOURNAL_LINE_H
#define STORE_JOURNAL_LINE_H

#include "base/digest.h"
#include "base/text.h"
#include "sys/failure.h"

#include <stdbool.h>

/* Adds the hash, the closing brace and the newline to the event that stands in LINE from START on
 * (event_encode). HEAD is the hash of the line before, "" for the first, and becomes this one's. */
void line_seal(struct buffer *line, size_t start, char head[DIGEST_TEXT]);
/* Is LINE (without its newline) one that was sealed after HEAD? Then HEAD becomes its hash. */
bool line_sealed(struct text line, char head[DIGEST_TEXT]);
/* The event's name in a line that may be damaged; empty when it has no proper head. */
struct text line_event(struct text line);

/* What follows the last newline. */
enum tail {
    TAIL_NONE,
    TAIL_TORN,   /* a part of a line, or no line at all: it was never synced */
    TAIL_WHOLE,  /* begins with a line that only lacks its newline: its length in *WHOLE */
    TAIL_DAMAGED /* holds the start of a line that follows something else: not by tearing */
};
enum tail tail_judge(struct text tail, const char head[DIGEST_TEXT], size_t *whole);

/* A file, line by line; however long it is, what is kept is a line and a piece of the file. */
struct lines {
    int fd;
    struct buffer piece;
    size_t at;   /* in the piece: where the next line begins */
    bool ended;  /* the file has been read to its end */
    bool failed; /* reading failed: errno's value in `error` */
    int error;
};
/* The next line with its newline taken off; false at the end, when what follows the last newline is
 * in lines_rest, or on a failure. The slice is valid until the next call. */
bool lines_next(struct lines *lines, struct text *line);
struct text lines_rest(const struct lines *lines);
void lines_free(struct lines *lines);

#endif
