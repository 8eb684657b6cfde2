/* command: one command of the document as an action. A table of recognisers: each takes the words
 * of a command and makes the step that says the same, or leaves it; what none of them takes is
 * `exec` with these words. Inside draft alone. */
#ifndef DRAFT_COMMAND_H
#define DRAFT_COMMAND_H

#include "draft/draft_own.h"

/* A command whose words and redirects could all be made texts. */
struct order {
    const struct shell_command *source;
    const char **words; /* templates; a NULL behind the last */
    size_t count;
    bool sudo;             /* it stood behind sudo, which is taken away */
    const char *stdout_to; /* templates; NULL: none */
    const char *stdin_from;
    const char *stdin_text;
    struct branch *env; /* NAME=value before it; NULL: none */
    struct list pipe;   /* of what it is piped into: struct shell_command */
};

/* Makes the steps of ORDER. STEP has its notes and title already and is the first to be added.
 * False: it is none of these, and nothing was added. */
typedef bool order_maker(struct draft *draft, const struct order *order, struct draft_step *step);

struct recogniser {
    const char *words; /* "docker volume rm": what the command begins with */
    order_maker *make;
};

/* Each table ends with a NULL. */
extern const struct recogniser docker_recognisers[], git_recognisers[], http_recognisers[],
    sql_recognisers[], file_recognisers[], system_recognisers[];

/* Makes steps of a simple command, or of a pipeline that one of the table takes; false: only a
 * shell can run it, *WHY says what it has. */
bool command_make(struct draft *draft, const struct shell_line *line, struct draft_step *step,
                  const char **why);
/* INNER, what stands in a `$(…)`, as an argv, where it is one plain command; *READS: it only looks.
 */
bool command_plain(struct draft *draft, struct text inner, struct branch **argv, bool *reads);
/* Leaves it to a shell, word for word. */
void command_shell(struct draft *draft, const struct shell_line *line, struct draft_step *step);
/* Counts what became of one command. */
void command_count(struct draft *draft, const struct draft_step *step);
/* Does a command begin with one of the words that this program knows? For commented-out commands
 * and blocks without a language. */
bool command_known(struct text line);

/* ---- for recognisers ---- */

/* STEP as ACTION, whose argument is a map to be filled, and added. ID: words for its name where its
 * title gives none. */
struct branch *order_action(struct draft *draft, struct draft_step *step, const char *action,
                            const char *id);
/* The same with one value as its argument. */
void order_value(struct draft *draft, struct draft_step *step, const char *action,
                 const char *value, const char *id);
/* A further step of the same command. */
struct draft_step *order_more(struct draft *draft, const struct draft_step *step);
/* The argv; NULL where a value would become code. */
struct branch *order_argv(struct draft *draft, const char *const *words);
/* STEP as exec of the words from FIRST on, with redirects and env. */
void order_exec(struct draft *draft, const struct order *order, struct draft_step *step,
                const char *const *words);
/* STEP as exec of a command that only looks, whose end is the answer to a question. */
void order_check(struct draft *draft, const struct order *order, struct draft_step *step);
/* Has it neither a redirect, env nor input, so that an action can stand for it? */
bool order_plain(const struct order *order);
/* The place of the word, 0 when it is not there: `order_has(order, "--hard")`. */
size_t order_has(const struct order *order, const char *word);
/* A list of the words from FIRST on. */
struct branch *order_list(struct draft *draft, const struct order *order, size_t first);
void order_put(struct draft *draft, struct branch *map, const char *key, const char *value);
/* Is it a name: a letter or digit first, then letters, digits and MARKS? What `${…}` gives is one.
 */
bool order_named(const char *word, const char *marks);
/* Has the template an expression in it? */
bool order_varies(const char *word);
/* The path as the runbook's folder has it: behind what a `cd` before it said. */
const char *order_path(struct draft *draft, const char *path);
/* Puts `dir` or `cwd`, where a `cd` stood before. */
void order_dir(struct draft *draft, struct branch *map, const char *key);

#endif
