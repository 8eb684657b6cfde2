/* The file attempts/N holds at most two records, written by one shim and never changed:
 *
 *     START 143 5a3c0e11          kind, bytes of the text that follows, CRC-32 of kind and text
 *     pid 4711                    the text: lines of a name, a blank, a value
 *     ...
 *     OUTCOME 97 90b1f2aa
 *     result 0
 *     ...
 *
 * The order in which things reach the disk is what makes it a proof. The interpreter makes the
 * file and locks it (flock), and the shim syncs the folder, so that the name is there; then START
 * and a sync, and only then exec; the action ends; then OUTCOME and a sync. Hence: no whole START:
 * nothing was executed. OUTCOME: what it says. START alone, and the lock free: it began and nobody
 * saw the end.
 *
 * A record that the file ends in before its length is torn: its sync had not returned. A START that
 * is torn, or was never more than zeros (a file system may keep a size and lose its bytes), is
 * therefore a proof too. A record that is there in full with a wrong check is damage; then nothing
 * is proved, and the attempt counts as lost.
 *
 * The lock is the open file's, so it lasts exactly as long as a shim lives: the action itself does
 * not inherit the descriptor. An output of a few bytes stands in OUTCOME itself, which with START
 * stays within one block of 4 KiB: so the logs need no sync, and a disk that filled up meanwhile
 * still takes it. */
#include "sys/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_ROOM = 64, RECORD_ROOM = 16384, FILE_ROOM = 2 * RECORD_ROOM };

static uint32_t crc32_add(uint32_t crc, const char *at, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        crc ^= (uint8_t)at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0xEDB88320U & (0U - (crc & 1)));
    }
    return crc;
}

static uint32_t check_of(const char *kind, const char *text, size_t length)
{
    uint32_t crc = crc32_add(~0U, kind, strlen(kind));
    return ~crc32_add(crc, text, length);
}

/* A record being put together. Nothing that goes into it can be too long but a failure's text,
 * which is cut, and the output, which was chosen to fit. */
struct record {
    char text[RECORD_ROOM];
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void add(struct record *record, const char *format,
                                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = sizeof record->text - record->length;
    int length = vsnprintf(record->text + record->length, room, format, arguments);
    va_end(arguments);
    if (length > 0 && (size_t)length < room)
        record->length += (size_t)length;
}

static size_t write_head(char head[HEAD_ROOM], const char *kind, size_t length, uint32_t check)
{
    return (size_t)snprintf(head, HEAD_ROOM, "%s %zu %08" PRIx32 "\n", kind, length, check);
}

static bool write_record(int fd, const char *kind, const struct record *record, bool sync,
                         struct failure *failure)
{
    char whole[HEAD_ROOM + RECORD_ROOM];
    size_t head =
        write_head(whole, kind, record->length, check_of(kind, record->text, record->length));
    memcpy(whole + head, record->text, record->length);
    size_t length = head + record->length;
    /* One write: a half of it would have to be taken back before anything else is told. */
    ssize_t written = write(fd, whole, length);
    if (written != (ssize_t)length)
        return failure_set(failure, written < 0 ? errno : ENOSPC, "can't write %s", kind);
    /* Never a second try: after a failed sync the kernel may have dropped the bytes. */
    if (sync && fdatasync(fd) != 0)
        return failure_set(failure, errno, "can't sync %s", kind);
    return true;
}

static void name_of(uint64_t number, char *name, size_t room)
{
    snprintf(name, room, "attempts/%" PRIu64, number);
}

int attempt_create(int folder, uint64_t number, struct failure *failure)
{
    char name[64];
    name_of(number, name, sizeof name);
    int fd =
        openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        failure_set(failure, errno, "can't make %s", name);
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    failure_set(failure, errno, "can't lock %s", name);
    close(fd);
    return -1;
}

bool attempt_started(int fd, const struct attempt_start *start, bool sync, struct failure *failure)
{
    struct record record = {.length = 0};
    add(&record, "pid %d\npid_started %" PRIu64 "\n", (int)start->pid, start->pid_started);
    add(&record, "shim %d\nshim_started %" PRIu64 "\n", (int)start->shim, start->shim_started);
    add(&record, "started %" PRId64 "\nboot %s\n", start->started, start->boot);
    add(&record, "cgroup %s\n", start->cgroup);
    return write_record(fd, "START", &record, sync, failure);
}

bool attempt_ended(int fd, const struct task_end *end, const char *const output[2], bool sync,
                   struct failure *failure)
{
    struct record record = {.length = 0};
    add(&record, "result %s\ncode %d\npart %d\n", task_result_name(end->result), end->code,
        (int)end->part);
    add(&record, "started %" PRId64 "\nduration %" PRId64 "\n", end->started, end->duration);
    for (int i = 0; i < 2; i++)
        add(&record, "bytes%d %" PRIu64 "\ncut%d %d\n", i, end->bytes[i], i, end->cut[i]);
    /* A failure is one line; should a name in it hold a newline, the reader would be misled. */
    struct failure clean = end->failure;
    for (char *at = clean.text; *at; at++)
        if (*at == '\n')
            *at = ' ';
    add(&record, "error %d\nfailure %s\n", clean.error, clean.text);
    for (int i = 0; output && i < 2; i++) {
        size_t length = output[i] ? (size_t)end->bytes[i] : 0;
        if (length == 0 || record.length + length + 32 > sizeof record.text)
            continue;
        add(&record, "output%d ", i);
        memcpy(record.text + record.length, output[i], length);
        record.length += length;
        add(&record, "\n");
    }
    return write_record(fd, "OUTCOME", &record, sync, failure);
}

/* The text of a record that is being read. */
struct fields {
    const char *at;
    size_t length;
};

/* The value of the first line that begins with NAME and a blank: copied up to its newline. */
static bool text_field(struct fields fields, const char *name, char *into, size_t room)
{
    size_t length = strlen(name);
    for (const char *line = fields.at, *end = fields.at + fields.length; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (!stop)
            return false;
        if ((size_t)(stop - line) > length && memcmp(line, name, length) == 0 &&
            line[length] == ' ') {
            size_t here = (size_t)(stop - line) - length - 1;
            if (here >= room)
                return false;
            memcpy(into, line + length + 1, here);
            into[here] = '\0';
            return true;
        }
        line = stop + 1;
    }
    return false;
}

static int64_t number_field(struct fields fields, const char *name)
{
    char text[32];
    return text_field(fields, name, text, sizeof text) ? strtoll(text, NULL, 10) : 0;
}

static void read_start(struct fields fields, struct attempt_start *start)
{
    start->pid = (pid_t)number_field(fields, "pid");
    start->pid_started = (uint64_t)number_field(fields, "pid_started");
    start->shim = (pid_t)number_field(fields, "shim");
    start->shim_started = (uint64_t)number_field(fields, "shim_started");
    start->started = number_field(fields, "started");
    text_field(fields, "boot", start->boot, sizeof start->boot);
    text_field(fields, "cgroup", start->cgroup, sizeof start->cgroup);
}

/* The outputs stand last, one after the other, each with its length told before: they may hold
 * anything. */
static void read_outputs(struct fields fields, struct attempt *attempt)
{
    const char *end = fields.at + fields.length;
    const char *line = memmem(fields.at, fields.length, "\nfailure ", 9);
    line = line ? memchr(line + 1, '\n', (size_t)(end - line - 1)) : NULL;
    line = line ? line + 1 : end;
    for (int i = 0; i < 2; i++) {
        char name[16];
        size_t head = (size_t)snprintf(name, sizeof name, "output%d ", i);
        size_t length = (size_t)attempt->end.bytes[i];
        if ((size_t)(end - line) < head + length + 1 || memcmp(line, name, head) != 0)
            continue;
        attempt->output[i] = malloc(length + 1);
        if (attempt->output[i]) {
            memcpy(attempt->output[i], line + head, length);
            attempt->output[i][length] = '\0';
        }
        line += head + length + 1;
    }
}

static bool read_end(struct fields fields, struct attempt *attempt)
{
    struct task_end *end = &attempt->end;
    char result[32];
    if (!text_field(fields, "result", result, sizeof result))
        return false;
    bool known = false;
    for (int i = TASK_EXITED; i <= TASK_LOST && !known; i++) {
        end->result = (enum task_result)i;
        known = strcmp(task_result_name(end->result), result) == 0;
    }
    end->code = (int)number_field(fields, "code");
    end->part = (enum task_part)number_field(fields, "part");
    end->started = number_field(fields, "started");
    end->duration = number_field(fields, "duration");
    for (int i = 0; i < 2; i++) {
        end->bytes[i] = (uint64_t)number_field(fields, i ? "bytes1" : "bytes0");
        end->cut[i] = number_field(fields, i ? "cut1" : "cut0") != 0;
    }
    end->failure.error = (int)number_field(fields, "error");
    text_field(fields, "failure", end->failure.text, sizeof end->failure.text);
    read_outputs(fields, attempt);
    return known;
}

enum found { FOUND_NOTHING, FOUND_TORN, FOUND_DAMAGE, FOUND_RECORD };

static bool all_zero(const char *at, size_t length)
{
    while (length > 0 && at[length - 1] == '\0')
        length--;
    return length == 0;
}

/* Only a head that would be written so again is one: nothing may be read in two ways. */
static bool read_head(const char *at, size_t size, const char *kind, size_t *length,
                      uint32_t *check)
{
    char text[HEAD_ROOM], word[16], again[HEAD_ROOM];
    if (size >= sizeof text)
        return false;
    memcpy(text, at, size);
    text[size] = '\0';
    return sscanf(text, "%15s %zu %8" SCNx32, word, length, check) == 3 &&
           write_head(again, kind, *length, *check) == size && memcmp(again, at, size) == 0;
}

/* Does some beginning of the text meet the check? Then the record is whole and its length is what
 * was damaged: it may not pass for torn. */
static bool meets_early(const char *kind, const char *text, size_t length, uint32_t check)
{
    uint32_t crc = crc32_add(~0U, kind, strlen(kind));
    for (size_t i = 0; i < length; i++) {
        crc = crc32_add(crc, text + i, 1);
        if (~crc == check)
            return true;
    }
    return false;
}

/* Reads the record of KIND at *AT and moves behind it. */
static enum found next_record(const char *kind, const char **at, const char *end,
                              struct fields *fields)
{
    size_t left = (size_t)(end - *at);
    if (left == 0)
        return FOUND_NOTHING;
    if (all_zero(*at, left))
        return FOUND_TORN;
    const char *stop = memchr(*at, '\n', left);
    size_t length;
    uint32_t check;
    if (!stop)
        return left < HEAD_ROOM ? FOUND_TORN : FOUND_DAMAGE;
    if (!read_head(*at, (size_t)(stop + 1 - *at), kind, &length, &check))
        return FOUND_DAMAGE;
    left = (size_t)(end - stop - 1);
    if (length > left)
        return length >= RECORD_ROOM || meets_early(kind, stop + 1, left, check) ? FOUND_DAMAGE
                                                                                 : FOUND_TORN;
    *fields = (struct fields){stop + 1, length};
    *at = stop + 1 + length;
    if (check == check_of(kind, fields->at, length))
        return FOUND_RECORD;
    /* The head was written and the rest lost with the size kept: as good as torn. */
    return all_zero(fields->at, length) ? FOUND_TORN : FOUND_DAMAGE;
}

static void lose(struct attempt *attempt, const char *why)
{
    attempt->state = ATTEMPT_LOST;
    attempt->end.result = TASK_LOST;
    failure_set(&attempt->end.failure, 0, "%s", why);
}

static void read_outcome(struct attempt *attempt, enum found start, const char *at, const char *end)
{
    struct fields fields;
    enum found found = next_record("OUTCOME", &at, end, &fields);
    if (found == FOUND_RECORD && read_end(fields, attempt) && at == end)
        attempt->state = ATTEMPT_ENDED;
    else if (found == FOUND_DAMAGE || found == FOUND_RECORD)
        lose(attempt, "the attempt's file is damaged");
    else if (start == FOUND_RECORD)
        lose(attempt, "it began, and its end was not recorded");
    else
        attempt->state = ATTEMPT_NOT_BEGUN;
}

static void read_records(struct attempt *attempt, const char *at, size_t length)
{
    const char *end = at + length;
    struct fields fields;
    /* What could not be started has an OUTCOME alone. */
    bool outcome_alone = length > 7 && memcmp(at, "OUTCOME", 7) == 0;
    enum found start = outcome_alone ? FOUND_NOTHING : next_record("START", &at, end, &fields);
    if (start == FOUND_DAMAGE) {
        lose(attempt, "the attempt's file is damaged");
        return;
    }
    if (start == FOUND_TORN) {
        attempt->state = ATTEMPT_NOT_BEGUN;
        return;
    }
    attempt->has_start = start == FOUND_RECORD;
    if (attempt->has_start)
        read_start(fields, &attempt->start);
    read_outcome(attempt, start, at, end);
    if (attempt->state == ATTEMPT_NOT_BEGUN)
        attempt->end.result = TASK_NOT_BEGUN;
}

bool attempt_read_open(int fd, struct attempt *attempt, struct failure *failure)
{
    *attempt = (struct attempt){.state = ATTEMPT_NOT_BEGUN};
    attempt->end.result = TASK_NOT_BEGUN;
    char *bytes = malloc(FILE_ROOM);
    if (!bytes)
        return failure_set(failure, ENOMEM, "can't read the attempt's file");
    size_t length = 0;
    ssize_t got = 1;
    while (got > 0 && length < FILE_ROOM) {
        got = pread(fd, bytes + length, FILE_ROOM - length, (off_t)length);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            length += (size_t)got;
    }
    int error = errno;
    if (got == 0)
        read_records(attempt, bytes, length);
    else if (got > 0)
        lose(attempt, "the attempt's file is damaged");
    free(bytes);
    return got >= 0 || failure_set(failure, error, "can't read the attempt's file");
}

bool attempt_read(int folder, uint64_t number, struct attempt *attempt, struct failure *failure)
{
    char name[64];
    name_of(number, name, sizeof name);
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        *attempt = (struct attempt){.state = ATTEMPT_NOT_BEGUN};
        attempt->end.result = TASK_NOT_BEGUN;
        return errno == ENOENT || failure_set(failure, errno, "can't open %s", name);
    }
    /* The lock is looked at first: what was written before it was let go is seen after. */
    bool held = flock(fd, LOCK_SH | LOCK_NB) != 0;
    int error = errno;
    bool read = attempt_read_open(fd, attempt, failure);
    if (read && held)
        attempt->state = ATTEMPT_RUNNING;
    close(fd);
    if (held && error != EWOULDBLOCK)
        return failure_set(failure, error, "can't look at the lock of %s", name);
    return read || failure_wrap(failure, "%s", name);
}

void attempt_free(struct attempt *attempt)
{
    for (int i = 0; i < 2; i++) {
        free(attempt->output[i]);
        attempt->output[i] = NULL;
    }
}
