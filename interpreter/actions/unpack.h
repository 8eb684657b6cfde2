/* unpack: an archive read from its first byte to its last, for archive.list and archive.extract.
 * Whole means more than that the entries can be read: the checksums behind the compressed data are
 * looked at, nothing is missing behind the last entry, and a tar ends with its end mark, which is
 * all that tells a tar that was cut between two entries. Runs in the pool. */
#ifndef ACTIONS_UNPACK_H
#define ACTIONS_UNPACK_H

#include "actions/blocking.h"

struct archive;
struct archive_entry;

/* Called for each entry, whose data may be read from ARCHIVE; NAME is its path as stored. */
typedef bool unpack_entry(void *data, struct archive *archive, struct archive_entry *entry,
                          const char *name, struct failure *failure);

/* Reads the archive at PATH (tar, plain or compressed by gzip, bzip2, xz or zstd; or zip) and calls
 * EACH. True when it was whole and EACH never said false. */
bool unpack(struct blocking *blocking, const char *path, unpack_entry *each, void *data,
            struct failure *failure);

#endif
