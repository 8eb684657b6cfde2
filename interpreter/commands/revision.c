#include "commands/revision.h"

#include "base/arena.h"
#include "base/text.h"
#include "commands/git.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_FILES = 50000 };

/* ---- names ---- */

static bool is_yaml(const char *path)
{
    size_t length = strlen(path);
    return (length > 5 && strcmp(path + length - 5, ".yaml") == 0) ||
           (length > 4 && strcmp(path + length - 4, ".yml") == 0);
}

/* A tree made by somebody hostile may hold any name: nothing leaves the folder. */
static bool is_tame(const char *path)
{
    if (path[0] == '\0' || strlen(path) >= PATH_MAX / 2)
        return false;
    for (const char *at = path;; at++) {
        size_t length = strcspn(at, "/");
        if (length == 0 || (length == 1 && at[0] == '.') ||
            (length == 2 && strncmp(at, "..", 2) == 0))
            return false;
        at += length;
        if (*at == '\0')
            return true;
    }
}

/* PATH from FOLDER on without "." and "..", as a path from TOP; NULL: it lies outside. */
static const char *from_top(struct arena *arena, const char *top, const char *folder,
                            const char *path)
{
    const char *whole = path[0] == '/' ? path : arena_format(arena, "%s/%s", folder, path);
    char *made = arena_alloc(arena, strlen(whole) + 2);
    size_t length = 0, roots = strlen(top);
    for (const char *at = whole; *at != '\0';) {
        size_t part = strcspn(at, "/");
        if (part == 2 && strncmp(at, "..", 2) == 0) {
            while (length > 0 && made[length - 1] != '/')
                length--;
            length -= length > 0;
        } else if (part > 0 && !(part == 1 && *at == '.')) {
            made[length++] = '/';
            memcpy(made + length, at, part);
            length += part;
        }
        at += part + (at[part] == '/');
    }
    made[length] = '\0';
    if (strncmp(made, top, roots) != 0 || (made[roots] != '/' && made[roots] != '\0'))
        return NULL;
    return made[roots] == '/' ? made + roots + 1 : made + roots;
}

bool revisions_within(const struct revisions *revisions, const char *file)
{
    for (uint32_t i = 0; i < revisions->within.count; i++) {
        const char *path = revisions->within.at[i];
        size_t length = strlen(path);
        if (length == 0 ||
            (strncmp(file, path, length) == 0 && (file[length] == '/' || file[length] == '\0')))
            return true;
    }
    return false;
}

/* ---- commits ---- */

static const char *commit_of(struct arena *arena, const char *top, const char *name,
                             struct failure *failure)
{
    name = name[0] ? name : "HEAD";
    const char *const words[] = {"rev-parse",
                                 "--verify",
                                 "--quiet",
                                 "--end-of-options",
                                 arena_format(arena, "%s^{commit}", name),
                                 NULL};
    struct failure ignored;
    if (name[0] == '-') {
        failure_set(failure, 0, "'%s' names no commit", name);
        return NULL;
    }
    const char *commit = git_line(arena, top, words, &ignored);
    if (commit == NULL)
        failure_set(failure, 0, "there is no commit '%s' here", name);
    return commit;
}

static const char *base_of(struct arena *arena, const char *top, const char *a, const char *b,
                           struct failure *failure)
{
    const char *const words[] = {"merge-base", a, b, NULL};
    struct failure ignored;
    const char *base = git_line(arena, top, words, &ignored);
    if (base == NULL)
        failure_set(failure, 0,
                    "the two have no commit in common here (a shallow clone? fetch its history)");
    return base;
}

/* Which commits SPEC means. */
static bool resolve(struct arena *arena, const char *spec, struct revisions *revisions,
                    struct failure *failure)
{
    const char *dots = strstr(spec, "..");
    bool three = dots && dots[2] == '.';
    const char *first = dots ? arena_copy(arena, spec, (size_t)(dots - spec)) : spec;
    const char *second = dots ? dots + (three ? 3 : 2) : "HEAD";
    const char *a = commit_of(arena, revisions->top, first, failure);
    const char *b = a ? commit_of(arena, revisions->top, second, failure) : NULL;
    if (b == NULL)
        return false;
    revisions->old.name = first[0] ? first : "HEAD";
    revisions->old.commit = dots && !three ? a : base_of(arena, revisions->top, a, b, failure);
    revisions->new.name = dots ? (second[0] ? second : "HEAD") : "the work tree";
    revisions->new.commit = dots ? b : NULL;
    return revisions->old.commit != NULL;
}

/* ---- the files of a commit ---- */

struct blobs {
    struct list paths, ids; /* of const char */
};

/* One line of `git ls-tree -z`: "100644 blob ID\tPATH". */
static void add_blob(struct arena *arena, const char *line, struct blobs *blobs)
{
    const char *tab = strchr(line, '\t');
    const char *id = tab && strncmp(line, "100", 3) == 0 ? strstr(line, " blob ") : NULL;
    if (id == NULL || id > tab || !is_yaml(tab + 1) || !is_tame(tab + 1) ||
        blobs->paths.count >= MOST_FILES)
        return;
    list_add(arena, &blobs->ids, arena_copy(arena, id + 6, (size_t)(tab - id - 6)));
    list_add(arena, &blobs->paths, arena_copy(arena, tab + 1, strlen(tab + 1)));
}

static bool list_blobs(struct arena *arena, const char *top, const char *commit,
                       struct blobs *blobs, struct failure *failure)
{
    const char *const words[] = {"ls-tree", "-r", "-z", "--full-tree", commit, NULL};
    struct buffer output = {0};
    bool good = git_run(arena, top, words, (struct text){0}, &output, failure);
    for (size_t at = 0; good && at < output.length; at += strlen(output.at + at) + 1)
        add_blob(arena, output.at + at, blobs);
    buffer_free(&output);
    return good;
}

static bool write_file(struct arena *arena, const char *folder, const char *path,
                       struct text content, struct failure *failure)
{
    const char *whole = arena_format(arena, "%s/%s", folder, path);
    const char *slash = strrchr(whole, '/');
    const char *around = arena_copy(arena, whole, (size_t)(slash - whole));
    if (!folder_make(AT_FDCWD, around, 0700, failure))
        return false;
    int fd = open(whole, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return failure_set(failure, errno, "can't write %s", whole);
    bool good = file_write(fd, content, whole, failure);
    close(fd);
    return good;
}

/* What `git cat-file --batch` prints of each: "ID blob SIZE\n", the bytes, "\n". */
static bool unpack(struct arena *arena, const struct blobs *blobs, const struct buffer *output,
                   const char *folder, struct failure *failure)
{
    size_t at = 0;
    for (uint32_t i = 0; i < blobs->paths.count; i++) {
        const char *line = output->at ? output->at + at : "";
        const char *end = memchr(line, '\n', output->length - at);
        const char *kind = end ? strstr(line, " blob ") : NULL;
        if (kind == NULL || kind > end)
            return failure_set(failure, 0, "git has lost %s", (const char *)blobs->paths.at[i]);
        size_t size = strtoull(kind + 6, NULL, 10);
        size_t from = (size_t)(end + 1 - output->at);
        if (size > output->length - from)
            return failure_set(failure, 0, "git cat-file ended early");
        if (!write_file(arena, folder, blobs->paths.at[i], (struct text){output->at + from, size},
                        failure))
            return false;
        at = from + size + 1;
    }
    return true;
}

static bool fetch_blobs(struct arena *arena, const char *top, const struct blobs *blobs,
                        const char *folder, struct failure *failure)
{
    static const char *const words[] = {"cat-file", "--batch", NULL};
    struct buffer ids = {0}, output = {0};
    for (uint32_t i = 0; i < blobs->ids.count; i++)
        buffer_format(&ids, "%s\n", (const char *)blobs->ids.at[i]);
    bool good =
        ids.length == 0 || (git_run(arena, top, words, buffer_slice(&ids), &output, failure) &&
                            unpack(arena, blobs, &output, folder, failure));
    buffer_free(&ids);
    buffer_free(&output);
    return good;
}

static bool make_folder(struct arena *arena, struct revision *revision, struct failure *failure)
{
    const char *other = getenv("TMPDIR");
    char *folder =
        arena_format(arena, "%s/runbook-diff-XXXXXX", other && other[0] == '/' ? other : "/tmp");
    if (mkdtemp(folder) == NULL)
        return failure_set(failure, errno, "can't make a temporary folder %s", folder);
    revision->folder = folder;
    return true;
}

static bool take_commit(struct arena *arena, const char *top, struct revision *revision,
                        struct failure *failure)
{
    struct blobs blobs = {0};
    if (!make_folder(arena, revision, failure) ||
        !list_blobs(arena, top, revision->commit, &blobs, failure) ||
        !fetch_blobs(arena, top, &blobs, revision->folder, failure))
        return false;
    revision->files = blobs.paths;
    return true;
}

/* ---- the work tree ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool take_work_tree(struct arena *arena, const char *top, struct revision *revision,
                           struct failure *failure)
{
    static const char *const words[] = {"ls-files",           "-z", "--cached", "--others",
                                        "--exclude-standard", NULL};
    struct buffer output = {0};
    struct stat stat;
    bool good = git_run(arena, top, words, (struct text){0}, &output, failure);
    revision->folder = top;
    for (size_t at = 0; good && at < output.length; at += strlen(output.at + at) + 1) {
        const char *path = output.at + at;
        if (is_yaml(path) && is_tame(path) && revision->files.count < MOST_FILES &&
            lstat(arena_format(arena, "%s/%s", top, path), &stat) == 0 && S_ISREG(stat.st_mode))
            list_add(arena, &revision->files, arena_copy(arena, path, strlen(path)));
    }
    buffer_free(&output);
    if (revision->files.count > 1)
        qsort(revision->files.at, revision->files.count, sizeof(void *), by_text);
    return good;
}

/* ---- both ---- */

static void hold_signals(int how)
{
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGHUP);
    (void)sigprocmask(how, &ending, NULL);
}

static bool read_paths(struct arena *arena, const char *here, const struct list *paths,
                       struct revisions *revisions, struct failure *failure)
{
    for (uint32_t i = 0; i < paths->count; i++) {
        const char *path = from_top(arena, revisions->top, here, paths->at[i]);
        if (path == NULL)
            return failure_set(failure, 0, "%s lies outside of the repository %s",
                               (const char *)paths->at[i], revisions->top);
        list_add(arena, &revisions->within, (void *)(uintptr_t)path);
    }
    if (paths->count == 0)
        list_add(arena, &revisions->within, (void *)(uintptr_t) "");
    return true;
}

bool revisions_open(struct arena *arena, const char *spec, const struct list *paths,
                    struct revisions *revisions, struct failure *failure)
{
    static const char *const top[] = {"rev-parse", "--show-toplevel", NULL};
    char here[PATH_MAX];
    *revisions = (struct revisions){0};
    hold_signals(SIG_BLOCK);
    if (getcwd(here, sizeof here) == NULL)
        return failure_set(failure, errno, "the current folder can't be read");
    revisions->top = git_line(arena, here, top, failure);
    if (revisions->top == NULL || !read_paths(arena, here, paths, revisions, failure) ||
        !resolve(arena, spec, revisions, failure))
        return false;
    /* The work tree first: the temporary folder could lie in it. */
    bool good = revisions->new.commit != NULL
                    ? take_commit(arena, revisions->top, &revisions->new, failure)
                    : take_work_tree(arena, revisions->top, &revisions->new, failure);
    return good && take_commit(arena, revisions->top, &revisions->old, failure);
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *at)
{
    (void)stat, (void)kind, (void)at;
    return remove(path);
}

void revisions_close(struct revisions *revisions)
{
    const struct revision *both[] = {&revisions->old, &revisions->new};
    for (size_t i = 0; i < 2; i++)
        if (both[i]->folder != NULL && both[i]->commit != NULL)
            (void)nftw(both[i]->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    hold_signals(SIG_UNBLOCK);
}
