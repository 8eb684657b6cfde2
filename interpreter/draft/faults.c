/* Faults between commands, each of which is right by itself. They are looked for in each part of
 * the document (a section below its title) by what its commands say, in order. */
#include "draft/draft_own.h"

#include "base/arena.h"

#include <string.h>

enum { CAUSES_LIMIT = 100 }; /* volumes, or branches, of one part: more is no procedure */

struct looking {
    struct draft *draft;
    struct list steps; /* of struct draft_step, in order, those in groups too */
};

static void gather(struct looking *looking, struct draft_step *group)
{
    for (size_t i = 0; i < group->inner.count; i++) {
        struct draft_step *step = group->inner.at[i];
        if (step->role == ROLE_NOTE)
            continue;
        if (step->action != NULL)
            list_add(looking->draft->arena, &looking->steps, step);
        else
            gather(looking, step);
    }
}

static bool says(const struct draft_step *step, const char *word)
{
    return step->command != NULL && strstr(step->command, word) != NULL;
}

/* The text under KEY of the step's argument, "" where there is none. */
static const char *argument(const struct draft_step *step, const char *key)
{
    const struct branch *value =
        step->argument->kind == BRANCH_MAP ? branch_get(step->argument, key) : NULL;
    return value != NULL && value->kind == BRANCH_TEXT ? value->text : "";
}

/* Does TEXT hold WORD, or the default of a param that it names? */
static bool holds(const struct draft *draft, const char *text, const char *word)
{
    if (strstr(text, word) != NULL)
        return true;
    for (size_t i = 0; i < draft->params.count; i++) {
        const struct draft_param *param = draft->params.at[i];
        const char *name = arena_format(draft->arena, "${params.%s}", param->name);
        if (param->value != NULL && strstr(text, name) != NULL &&
            strstr(param->value, word) != NULL)
            return true;
    }
    return false;
}

/* ---- volumes ---- */

static bool restores_schema(const struct draft *draft, const struct draft_step *step)
{
    bool restores = says(step, "psql") || says(step, "pg_restore") || says(step, "mysql");
    bool alone = says(step, "--schema-only") || says(step, "pg_restore -s");
    const char *from = argument(step, "stdin_from");
    return restores && (alone || (from[0] != '\0' && holds(draft, from, "schema")) ||
                        (says(step, " -f ") && says(step, "schema")));
}

static bool extracts(const struct draft_step *step, const char *volume)
{
    static const char *const programs[] = {"tar x", "tar -x", "unzip", "cp -a", "rsync"};
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (says(step, programs[i]) && says(step, volume))
            return true;
    return false;
}

static void look_at_volume(const struct looking *looking, size_t at)
{
    struct draft *draft = looking->draft;
    struct draft_step *removed = looking->steps.at[at];
    const char *volume = removed->argument->text;
    for (size_t i = at + 1; i < looking->steps.count; i++) {
        struct draft_step *step = looking->steps.at[i];
        if (restores_schema(draft, step)) {
            draft_trap(
                draft, removed, "only_the_schema_comes_back",
                "the volume goes with all its data, and what is restored afterwards (line %u) is "
                "the schema alone: every row is lost. Save and verify a whole dump before "
                "(postgres.dump, volume.backup), and restore that",
                step->line);
            return;
        }
        if (extracts(step, volume)) {
            draft_trap(
                draft, removed, "archive_not_looked_at",
                "the volume is removed before anyone looks at the archive that it is to come back "
                "from (line %u): is it there, whole, and of this volume? Read it to its end first "
                "(archive.list, volume.whole); volume.restore keeps the old data until the new is "
                "whole",
                step->line);
            return;
        }
    }
}

/* ---- branches ---- */

/* The word behind WORDS in the step's command, "" where there is none. */
static const char *word_behind(const struct draft *draft, const struct draft_step *step,
                               const char *words)
{
    const char *at = step->command ? strstr(step->command, words) : NULL;
    if (at == NULL)
        return "";
    at += strlen(words);
    return arena_copy(draft->arena, at, strcspn(at, " \n$"));
}

static void look_at_branch(const struct looking *looking, size_t at)
{
    struct draft *draft = looking->draft;
    struct draft_step *made = looking->steps.at[at];
    const char *name = word_behind(draft, made, "git checkout -b ");
    name = name[0] != '\0' ? name : word_behind(draft, made, "git switch -c ");
    for (size_t i = at + 1; i < looking->steps.count; i++) {
        struct draft_step *step = looking->steps.at[i];
        if (says(step, "git checkout ") || says(step, "git switch "))
            return;
        if (!says(step, "git push ") || says(step, "HEAD") || says(step, name))
            continue;
        draft_trap(
            draft, step, "pushes_another_branch",
            "since line %u another branch is checked out (%s…), and what is pushed here has not "
            "moved by what was done on that: nothing is rolled back. Push what was reset: "
            "`git.push` with its commit",
            made->line, name);
        return;
    }
}

/* ---- configuration ---- */

/* A file of NAME was put in its place before, and nothing asked the program whether it takes it. */
static void look_at_configuration(const struct looking *looking, size_t at)
{
    static const char *const programs[] = {"nginx", "haproxy", "apache", "postgresql",
                                           "prometheus"};
    struct draft_step *copied = looking->steps.at[at];
    const char *to = argument(copied, "to");
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (strstr(to, programs[i]) == NULL)
            continue;
        for (size_t s = at + 1; s < looking->steps.count && s < at + 4; s++) {
            struct draft_step *step = looking->steps.at[s];
            bool starts = says(step, "restart") || says(step, "reload");
            if (!starts || !says(step, programs[i]))
                continue;
            draft_trap(
                looking->draft, step, "configuration_not_checked",
                "%s is started again with a file (line %u) of which nobody asked whether it would "
                "be accepted%s",
                programs[i], copied->line,
                i == 0 ? ": nginx.config_valid asks that, before or as `verify` of the copy" : "");
            return;
        }
    }
}

/* ---- all ---- */

static void look_at_part(struct draft *draft, struct draft_step *group)
{
    struct looking looking = {.draft = draft};
    size_t causes = 0;
    gather(&looking, group);
    for (size_t i = 0; i < looking.steps.count && causes < CAUSES_LIMIT; i++) {
        struct draft_step *step = looking.steps.at[i];
        if (strcmp(step->action, "volume.remove") == 0) {
            causes++;
            look_at_volume(&looking, i);
        } else if (says(step, "git checkout -b ") || says(step, "git switch -c ")) {
            causes++;
            look_at_branch(&looking, i);
        } else if (strcmp(step->action, "file.copy") == 0) {
            look_at_configuration(&looking, i);
        }
    }
}

void draft_faults(struct draft *draft)
{
    for (size_t i = 0; i < draft->root->inner.count; i++) {
        struct draft_step *step = draft->root->inner.at[i];
        if (step->action == NULL && step->role != ROLE_NOTE && draft->parted)
            look_at_part(draft, step);
    }
    if (!draft->parted)
        look_at_part(draft, draft->root);
}
