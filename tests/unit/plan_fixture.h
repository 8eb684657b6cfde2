/* What the unit tests of plan share: a small table of core actions, described as the real ones are,
 * a library beside them, and a runbook's text made into a plan. */
#ifndef TESTS_PLAN_FIXTURE_H
#define TESTS_PLAN_FIXTURE_H

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/units.h"
#include "lang/action.h"
#include "lang/catalog.h"
#include "lang/eval.h"
#include "lang/model.h"
#include "lang/runbook.h"
#include "lang/value.h"
#include "lang/yaml.h"
#include "plan/params.h"
#include "plan/plan.h"
#include "plan/print.h"
#include "plan/prove.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka wants the four above first */
#include <cmocka.h>

/* ---- actions ---- */

/* All that is given is what is done. */
static bool describe_given(const struct describing *describing, const struct value *args,
                           struct deed *deed, struct problem *problem)
{
    struct member *at = arena_alloc(describing->arena, (args->map.count + 1) * sizeof *at);
    size_t count = 0;
    (void)problem;
    for (size_t i = 0; i < args->map.count; i++)
        if (args->map.at[i].value->kind != VALUE_UNSET)
            at[count++] = args->map.at[i];
    deed->inputs = value_map(describing->arena, at, count);
    return true;
}

static void show_argv(const struct deed *deed, struct buffer *into)
{
    const struct value *argv = deed->inputs->map.at[0].value;
    buffer_text(into, "$");
    if (argv->kind != VALUE_LIST) {
        buffer_format(into, " %s", argv->text.at);
        return;
    }
    for (size_t i = 0; i < argv->list.count; i++)
        buffer_format(into, " %s", argv->list.at[i]->text.at);
}

static const struct param_about given_exec[] = {{"argv", "list<string>", NULL, true, "what to run"},
                                                {"cwd", "path", NULL, false, "where"},
                                                {"stdout_to", "path", NULL, false, "a file"},
                                                {0}};
static const struct param_about gives_exec[] = {{"exit", "int", NULL, true, "its exit code"},
                                                {"stdout", "string", NULL, true, "its output"},
                                                {0}};
static const struct core_action fixture_exec = {.name = "exec",
                                                .about = "runs a program",
                                                .effect = EFFECT_CHANGE,
                                                .form = FORM_WORK,
                                                .params = given_exec,
                                                .outputs = gives_exec,
                                                .expect = "{exit: 0}",
                                                .may_declare = true,
                                                .describe = describe_given,
                                                .show = show_argv};
static const struct param_about given_path[] = {
    {"path", "path", NULL, true, "a file"}, {"text", "string", NULL, false, "what is in it"}, {0}};
static const struct param_about gives_path[] = {{"path", "path", NULL, true, "the file"}, {0}};
static const struct param_about gives_stat[] = {
    {"exists", "bool", NULL, true, "it is there"}, {"size", "size?", NULL, false, "its size"}, {0}};
static const struct core_action fixture_write = {.name = "file.write",
                                                 .about = "writes a file",
                                                 .effect = EFFECT_CHANGE,
                                                 .form = FORM_WORK,
                                                 .params = given_path,
                                                 .outputs = gives_path,
                                                 .may_declare = true,
                                                 .describe = describe_given};
static const struct core_action fixture_stat = {.name = "file.stat",
                                                .about = "looks at a file",
                                                .effect = EFFECT_READ,
                                                .form = FORM_WORK,
                                                .params = given_path,
                                                .outputs = gives_stat,
                                                .expect = "{exists: true}",
                                                .describe = describe_given};
static const struct core_action fixture_remove = {.name = "file.remove",
                                                  .about = "removes a file",
                                                  .effect = EFFECT_DESTROY,
                                                  .form = FORM_WORK,
                                                  .params = given_path,
                                                  .outputs = gives_path,
                                                  .destroys = "file:${params.path}",
                                                  .may_declare = true,
                                                  .describe = describe_given};
static const struct param_about given_steps[] = {{"steps", "steps", NULL, true, "inside"}, {0}};
static const struct param_about gives_nothing[] = {{0}};
static const struct core_action fixture_steps = {.name = "steps",
                                                 .about = "a group",
                                                 .effect = EFFECT_CHANGE,
                                                 .form = FORM_STEPS,
                                                 .params = given_steps,
                                                 .outputs = gives_nothing};
static const struct param_about given_call[] = {{"runbook", "runbook", NULL, true, "its file"},
                                                {"params", "map<any>", NULL, false, "given to it"},
                                                {0}};
static const struct core_action fixture_call = {.name = "call",
                                                .about = "another runbook",
                                                .effect = EFFECT_CHANGE,
                                                .form = FORM_STEPS,
                                                .params = given_call,
                                                .outputs = gives_nothing};
static const struct param_about given_wait[] = {{"for", "duration", NULL, false, "how long"},
                                                {"until", "time", NULL, false, "when"},
                                                {"checks", "checks", NULL, false, "what must hold"},
                                                {0}};
static const struct param_about gives_wait[] = {{"waited", "duration", NULL, true, "how long"},
                                                {0}};
static const struct core_action fixture_wait = {.name = "wait",
                                                .about = "waits",
                                                .effect = EFFECT_READ,
                                                .form = FORM_ENGINE,
                                                .params = given_wait,
                                                .outputs = gives_wait};
static const struct param_about given_assert[] = {
    {"that", "bool expr", NULL, true, "what must be true"}, {0}};
static const struct core_action fixture_assert = {.name = "assert",
                                                  .about = "an expression that is true",
                                                  .effect = EFFECT_READ,
                                                  .form = FORM_ENGINE,
                                                  .params = given_assert,
                                                  .outputs = gives_nothing};
static const struct core_action fixture_set = {.name = "set",
                                               .about = "gives values names",
                                               .effect = EFFECT_READ,
                                               .form = FORM_ENGINE,
                                               .params = gives_nothing,
                                               .outputs = gives_nothing};
static const struct param_about given_manual[] = {{"do", "string", NULL, true, "what to do"},
                                                  {"evidence", "any", NULL, false, "the answer"},
                                                  {"show", "list<any>", NULL, false, "to see"},
                                                  {0}};
static const struct param_about gives_manual[] = {{"evidence", "any", NULL, false, "answer"}, {0}};
static const struct core_action fixture_manual = {.name = "manual",
                                                  .about = "a person does it",
                                                  .effect = EFFECT_CHANGE,
                                                  .form = FORM_ENGINE,
                                                  .params = given_manual,
                                                  .outputs = gives_manual};
static const struct param_about given_release_now[] = {
    {"steps", "list<string>", NULL, true, "whose"}, {0}};
static const struct core_action fixture_release_now = {.name = "release_now",
                                                       .about = "gives back",
                                                       .effect = EFFECT_CHANGE,
                                                       .form = FORM_ENGINE,
                                                       .params = given_release_now,
                                                       .outputs = gives_nothing};

static const struct core_action *const fixture_core[] = {
    &fixture_exec,  &fixture_write,  &fixture_stat,        &fixture_remove,
    &fixture_steps, &fixture_call,   &fixture_wait,        &fixture_assert,
    &fixture_set,   &fixture_manual, &fixture_release_now, NULL};

/* ---- a runbook's text ---- */

struct fixture {
    struct arena *arena;
    struct diagnostics diagnostics;
    const struct runbook *runbook;
    const struct value *params;
    const struct plan *plan;
    struct buffer told;
    char folder[32];
};

static void write_text(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void tell_findings(struct fixture *fixture)
{
    fixture->told.length = 0;
    diagnostics_sort(&fixture->diagnostics);
    for (size_t i = 0; i < fixture->diagnostics.list.count; i++)
        diagnostic_print(fixture->diagnostics.list.at[i], false, &fixture->told);
}

/* Fails the test and shows what was found, when anything is missing. */
static void must(struct fixture *fixture, const void *thing, const char *what)
{
    if (thing != NULL)
        return;
    tell_findings(fixture);
    fail_msg("%s: %s", what, fixture->told.at ? fixture->told.at : "(nothing told)");
}

/* LIBRARY (or NULL) is the text of library `lib`; CALLED of called.yaml. */
static void fixture_read(struct fixture *fixture, const char *text, const char *library,
                         const char *called)
{
    memset(fixture, 0, sizeof *fixture);
    fixture->arena = arena_new();
    fixture->diagnostics.arena = fixture->arena;
    strcpy(fixture->folder, "/tmp/plan-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    if (library != NULL)
        write_text(fixture->folder, "lib.yaml", library);
    if (called != NULL)
        write_text(fixture->folder, "called.yaml", called);
    const char **folders = arena_alloc(fixture->arena, 2 * sizeof *folders);
    folders[0] = fixture->folder;
    struct catalog *catalog =
        catalog_new(fixture->arena, fixture_core, folders, NULL, &fixture->diagnostics);
    const struct source *source = source_new(fixture->arena, "test.yaml", text_of(text));
    fixture->runbook =
        runbook_read(fixture->arena, catalog, source, fixture->folder, &fixture->diagnostics);
    must(fixture, fixture->runbook, "the runbook can't be read");
}

__attribute__((unused)) static void fixture_free(struct fixture *fixture)
{
    char path[256];
    snprintf(path, sizeof path, "%s/lib.yaml", fixture->folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/called.yaml", fixture->folder);
    unlink(path);
    rmdir(fixture->folder);
    buffer_free(&fixture->told);
    arena_free(fixture->arena);
}

/* GIVEN: one "k=v", or NULL. */
__attribute__((unused)) static void fixture_plan(struct fixture *fixture, const char *given)
{
    const struct params_given all = {.typed = (const char *const[]){given, NULL}};
    fixture->params = params_read(fixture->arena, fixture->runbook, &all, &fixture->diagnostics);
    must(fixture, fixture->params, "the params are not right");
    fixture->plan =
        plan_make(fixture->arena, fixture->runbook, fixture->params, &fixture->diagnostics);
    must(fixture, fixture->plan, "there is no plan");
}

#endif
