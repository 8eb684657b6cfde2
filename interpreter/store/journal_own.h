/* journal_own: what the files of store/journal and store/runs share, and nobody else. */
#ifndef STORE_JOURNAL_OWN_H
#define STORE_JOURNAL_OWN_H

#include "store/event.h"
#include "store/journal.h"
#include "store/journal_line.h"

#include <sys/types.h>

#define JOURNAL_NAME "journal.jsonl"
#define RUNS_NAME    "runs"
#define FILES_NAME   "files"

struct journal {
    int folder;
    int fd;
    char *run;
    char head[DIGEST_TEXT]; /* of the last line appended */
    uint64_t next;
    struct buffer batch; /* whole lines, not written yet */
    off_t size;          /* written */
    off_t reserved;      /* allocated up to here */
    bool unsynced;       /* something was written since the last sync */
    bool no_reserve;     /* this file system can't */
    bool low;
    bool broken; /* why stands in `failure` */
    struct failure failure;
};

/* An empty journal over these, which it closes. */
struct journal *journal_make(int folder, int fd, const char *run);
/* Sees to it that, LENGTH bytes from now, the reserve is still there; else the disk is full. */
void journal_reserve(struct journal *journal, size_t length);
/* OK, or LOW with FAILURE. */
enum journal_result journal_level(const struct journal *journal, struct failure *failure);

/* A word that may stand as a run's folder: nothing that leads elsewhere. */
bool run_is_name(const char *run);
/* Opens runs/RUN; -1 with *result MISSING or FAILED. */
int run_folder_open(const char *state_folder, const char *run, enum journal_result *result,
                    struct failure *failure);

/* Where large outputs lie; FOLDER, the run's, is read through the pointer. */
struct event_files journal_files(const int *folder);

/* What a reading found. */
struct scan {
    char head[DIGEST_TEXT]; /* hash of the last whole line */
    uint64_t next;          /* seq of the next */
    off_t size;             /* bytes of the whole lines; the last has no newline when TAIL_WHOLE */
    enum tail tail;
    size_t tail_length; /* bytes behind them */
};
/* Reads FD from its start: OK, DAMAGED (with the line) or FAILED. */
enum journal_result journal_scan(int fd, const struct event_files *files, journal_visit *visit,
                                 void *context, struct scan *scan, struct failure *failure);

#endif
