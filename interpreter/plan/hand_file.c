/* Files and archives, by the programs that every system has. */
#include "plan/hand_own.h"

#include "base/text.h"

#include <string.h>

static void add_path(const struct hand_line *line, const char *command, const char *name)
{
    hand_add(line, command);
    hand_add_input(line, "", name);
}

/* The old one is kept, by COMMAND, before anything is changed. */
static void add_keep(const struct hand_line *line, const char *name, const char *command)
{
    if (!hand_given(line, "keep"))
        return;
    add_path(line, "{ [ ! -e ", name);
    hand_add(line, " ] || ");
    add_path(line, command, name);
    add_path(line, " ", "keep");
    hand_add(line, "; } &&\n  ");
}

static bool is_set(const struct hand_line *line, const char *name)
{
    const struct value *value = hand_input(line, name);
    return value->kind == VALUE_BOOL && value->truth;
}

void hand_file_read(const struct hand_line *line)
{
    add_path(line, "cat -- ", "path");
}

void hand_file_stat(const struct hand_line *line)
{
    add_path(line, "stat -- ", "path");
}

void hand_file_find(const struct hand_line *line)
{
    add_path(line, "find ", "dir");
    hand_add(line, " -mindepth 1 -maxdepth 1");
    if (hand_given(line, "name"))
        add_path(line, " -name ", "name");
    hand_add(line, " -printf '%T+ %s %f\\n' | sort");
}

void hand_file_free(const struct hand_line *line)
{
    add_path(line, "df -h -- ", "path");
}

void hand_file_digest(const struct hand_line *line)
{
    add_path(line, "sha256sum -- ", "path");
}

void hand_file_write(const struct hand_line *line)
{
    add_keep(line, "path", "cp -a -T -- ");
    add_path(line, "printf %s ", "text");
    add_path(line, " >", "path");
    hand_add_mode(line, "path");
}

void hand_file_copy(const struct hand_line *line)
{
    add_keep(line, "to", "cp -a -T -- ");
    add_path(line, "cp -T -- ", "from");
    add_path(line, " ", "to");
    hand_add_mode(line, "to");
}

void hand_file_move(const struct hand_line *line)
{
    bool replace = is_set(line, "replace");
    add_keep(line, "to", "cp -a -T -- ");
    if (!replace) {
        add_path(line, "[ ! -e ", "to");
        hand_add(line, " ] && ");
    }
    add_path(line, replace ? "mv -f -T -- " : "mv -T -- ", "from");
    add_path(line, " ", "to");
}

/* Perl's patterns are those of PCRE; what is looked for and what stands there afterwards come by
 * the environment, so that neither is a program. */
void hand_file_edit(const struct hand_line *line)
{
    add_keep(line, "path", "cp -a -T -- ");
    add_path(line, "match=", "match");
    add_path(line, " replace=", "replace");
    hand_add(line, " count=");
    if (hand_given(line, "count"))
        hand_add_input(line, "", "count");
    else
        hand_add(line, "1");
    hand_add(line, " perl -0777 -pe \\\n"
                   "  's/$ENV{match}/$ENV{replace}/mg == $ENV{count} or die \"not as many "
                   "matches\\n\"' \\\n  -- ");
    hand_add_input(line, "", "path");
    add_path(line, " >", "path");
    add_path(line, ".new && cat -- ", "path");
    add_path(line, ".new >", "path");
    add_path(line, " && rm -- ", "path");
    hand_add(line, ".new");
}

void hand_file_remove(const struct hand_line *line)
{
    if (is_set(line, "contents_only")) {
        add_path(line, "find ", "path");
        hand_add(line, " -xdev -mindepth 1 -delete");
    } else {
        add_path(line, "rm -r -f --one-file-system -- ", "path");
    }
}

static bool is_zip(const struct hand_line *line)
{
    const struct value *path = hand_input(line, "path");
    bool text = path->kind == VALUE_TEXT || path->kind == VALUE_UNKNOWN;
    return text && path->text.length > 4 &&
           memcmp(path->text.at + path->text.length - 4, ".zip", 4) == 0;
}

void hand_archive_list(const struct hand_line *line)
{
    add_path(line, is_zip(line) ? "unzip -t " : "tar --list --file=", "path");
}

/* A folder by the names in it, a file by its own. */
void hand_archive_create(const struct hand_line *line)
{
    bool zip = is_zip(line);
    add_path(line, "if [ -d ", "from");
    if (zip) {
        add_path(line, " ]; then (cd -- ", "from");
        add_path(line, " && zip -q -r - .); else zip -q -j - ", "from");
        add_path(line, "; fi >", "path");
    } else {
        add_path(line, " ]; then tar --create --auto-compress --file=", "path");
        add_path(line, " --directory=", "from");
        add_path(line, " .\n  else tar --create --auto-compress --file=", "path");
        add_path(line, " --directory=\"$(dirname -- ", "from");
        add_path(line, ")\" -- \"$(basename -- ", "from");
        hand_add(line, ")\"; fi");
    }
    hand_add_mode(line, "path");
}

void hand_archive_extract(const struct hand_line *line)
{
    add_keep(line, "to", "mv -T -- ");
    add_path(line, "mkdir -p -- ", "to");
    if (is_zip(line)) {
        add_path(line, " && unzip -q ", "path");
        add_path(line, " -d ", "to");
    } else {
        add_path(line, " && tar --extract --file=", "path");
        add_path(line, " --directory=", "to");
    }
}
