/* What the tests of the model share: a folder with a runbook and the files beside it, read with the
 * real table of core actions. */
#ifndef TEST_LANG_MODEL_H
#define TEST_LANG_MODEL_H

#include "actions/actions.h"
#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/text.h"
#include "lang/catalog.h"
#include "lang/model.h"
#include "lang/runbook.h"
#include "lang/yaml.h"

#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct reading {
    struct arena *arena;
    struct diagnostics diagnostics;
    struct catalog *catalog;
    const struct runbook *runbook; /* NULL when it has errors */
    struct buffer words;           /* all that was found, as people see it */
    char home[PATH_MAX];           /* where the test was started */
    char folder[64];               /* where it works now */
};

static void model_begin(struct reading *reading)
{
    memset(reading, 0, sizeof *reading);
    reading->arena = arena_new();
    reading->diagnostics.arena = reading->arena;
    strcpy(reading->folder, "/tmp/test_lang_model.XXXXXX");
    assert_non_null(getcwd(reading->home, sizeof reading->home));
    assert_non_null(mkdtemp(reading->folder));
    assert_int_equal(chdir(reading->folder), 0);
}

/* A file of the case; its folder is made when it is not there. */
static void model_file(const char *name, struct text text)
{
    char folder[256];
    snprintf(folder, sizeof folder, "%s", name);
    char *slash = strrchr(folder, '/');
    if (slash != NULL) {
        *slash = '\0';
        mkdir(folder, 0755);
    }
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text.at, 1, text.length, file), text.length);
    assert_int_equal(fclose(file), 0);
}

static void model_tell(struct reading *reading)
{
    diagnostics_sort(&reading->diagnostics);
    buffer_text(&reading->words, "");
    for (size_t i = 0; i < reading->diagnostics.list.count; i++)
        diagnostic_print(reading->diagnostics.list.at[i], false, &reading->words);
}

/* Reads the file NAME of the case; libraries are looked for in `library` and in `stdlib`. */
static const struct runbook *model_read(struct reading *reading, const char *name)
{
    static const char *const folders[] = {"library", NULL};
    const struct source *source = source_read(reading->arena, name, name, &reading->diagnostics);
    reading->catalog =
        catalog_new(reading->arena, core_actions, folders, "stdlib", &reading->diagnostics);
    if (source != NULL)
        reading->runbook = runbook_read(reading->arena, reading->catalog, source, reading->folder,
                                        &reading->diagnostics);
    model_tell(reading);
    return reading->runbook;
}

static int model_remove(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void model_end(struct reading *reading)
{
    assert_int_equal(chdir(reading->home), 0);
    nftw(reading->folder, model_remove, 8, FTW_DEPTH | FTW_PHYS);
    buffer_free(&reading->words);
    arena_free(reading->arena);
}

#endif
