/* archive.list: what is in an archive, and that it is whole. */
#include "actions/actions.h"
#include "actions/archives.h"
#include "actions/files.h"
#include "actions/unpack.h"

#include <archive.h>

/* Reads the data too: only then their checksums are looked at. */
static bool list_entry(void *data, struct archive *archive, struct archive_entry *entry,
                       const char *name, struct failure *failure)
{
    (void)entry;
    struct entries *entries = data;
    entries_add(entries, name);
    if (entries->full)
        return failure_set(failure, 0,
                           "its entries have more names than a value can hold (16 MiB)");
    const void *at;
    size_t length;
    la_int64_t offset;
    int answer;
    while ((answer = archive_read_data_block(archive, &at, &length, &offset)) == ARCHIVE_OK)
        ;
    return answer == ARCHIVE_EOF || failure_set(failure, 0, "the entry %s is not whole: %s", name,
                                                archive_error_string(archive));
}

static struct outcome list_run(struct blocking *blocking)
{
    struct entries entries = {.arena = blocking->arena};
    struct failure failure;
    if (!unpack(blocking, blocking_input(blocking, "path"), list_entry, &entries, &failure))
        return blocking_failed(blocking, &failure);
    return entries_done(&entries, NULL);
}

static struct work *list_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, list_run);
}

static const struct param_about list_params[] = {
    {"path", "path", NULL, true, "a tar, plain or compressed by gzip, bzip2, xz or zstd; or a zip"},
    {0},
};
static const struct param_about list_outputs[] = {
    {"entries", "list<string>", NULL, true, "the names in it, in its order"},
    {0},
};

const struct core_action action_archive_list = {
    .name = "archive.list",
    .about = "Reads an archive to its last byte, checksums and end mark included, and lists what "
             "is in it. One that "
             "is cut or damaged fails: ask this before you remove what it was made of.",
    .effect = EFFECT_READ,
    .idempotent = true,
    .may_fail = true,
    .form = FORM_WORK,
    .params = list_params,
    .outputs = list_outputs,
    .describe = files_describe,
    .start = list_start,
    .cancel = blocking_cancel,
};
