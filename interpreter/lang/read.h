/* read: from YAML to the model, one function for each thing, driven by the tables of keys.h.
 * Inside lang only: others call runbook.h and catalog.h. Every function adds a diagnostic for what
 * is wrong and goes on, so that one reading tells all; what could not be read is left NULL, and a
 * model with errors is never handed out. All memory is the reader's arena's. */
#ifndef LANG_READ_H
#define LANG_READ_H

#include "base/diagnostic.h"
#include "lang/keys.h"
#include "lang/model.h"
#include "lang/yaml.h"

struct catalog;
struct monitor;

/* A runbook that is being read, and the one that calls it. */
struct calling {
    const char *path; /* real */
    const struct calling *outer;
};

struct reader {
    struct arena *arena;
    struct catalog *catalog; /* NULL: no action can be named (a table of traps) */
    struct diagnostics *diagnostics;
    const char *folder;   /* absolute: where the runbook that is read lies */
    const char *relative; /* that folder as seen from the root runbook's: "." for the root */
    struct map *called;   /* real path to struct runbook: all that it calls, and those call */
    size_t height;        /* so deep do they call one another */
    const struct calling *calling;
    const struct source *source;
    bool library;                       /* a library is read: no `call` */
    const struct steps *scope;          /* the steps that are read */
    struct step *step;                  /* the step that is read, or NULL */
    bool idempotent;                    /* inside an action or group that is */
    bool broken;                        /* something was left out that was told of before */
    const struct type *outputs;         /* what `expect` speaks of */
    const struct expectation *standard; /* what holds where it says nothing, or NULL */
};

/* The keys of one mapping as they were found. */
struct found {
    uint64_t present; /* a bit for each key of the table */
    const struct pair *at[64];
};
/* Keys that are in no table: of a step or check they may be actions. */
struct others {
    const struct pair *at[8];
    size_t count; /* also of those that found no room */
};

/* ---- shapes (read_keys.c) ---- */

/* "a text", "a list", "a mapping", "nothing": for messages. */
const char *read_shape(const struct node *node);
/* False after a diagnostic when NODE is not of KIND, which WANTED tells in words. */
bool read_has_shape(struct reader *reader, const struct node *node, enum node_kind kind,
                    const char *wanted, const char *what, const char *example);
/* False after a diagnostic when NODE is no mapping (list). WHAT is its key or noun: "'retry'". */
bool read_is_map(struct reader *reader, const struct node *node, const char *what,
                 const char *example);
bool read_is_list(struct reader *reader, const struct node *node, const char *what,
                  const char *example);
/* A fixed text, or NULL after a diagnostic. WHAT as above. */
const char *read_fixed(struct reader *reader, const struct node *node, const char *what);
/* Is NAME an id at MARK? False after a diagnostic. */
bool read_is_id(struct reader *reader, const char *name, struct mark mark);
/* One `${…}` and nothing around it, or NULL after a diagnostic. */
const struct expr *read_expr(struct reader *reader, const struct node *node, const char *what);
/* A list of strings for text_nearest made of the keys of MAP (and EXTRA, which may be NULL). */
const char *read_nearest(struct reader *reader, const struct map *map, const char *word);

/* Is it worth looking for what was meant among COUNT names? A file of 100,000 faulty steps is told
 * of its faults; guessing for each among all would take hours. */
bool read_may_guess(const struct diagnostics *diagnostics, size_t count);

/* ---- mappings by table (read_keys.c) ---- */

/* Sorts NODE's pairs: known keys to FOUND, others to OTHERS, or to a diagnostic when it is NULL. */
void keys_collect(struct reader *reader, enum mapping mapping, const struct node *node,
                  struct found *found, struct others *others);
/* The pair under key NAME of MAPPING, or NULL. */
const struct pair *keys_found(const struct reader *reader, enum mapping mapping,
                              const struct found *found, const char *name);
/* "'precondition' is no key of a step", with what was meant. */
void keys_unknown(struct reader *reader, enum mapping mapping, const struct pair *pair);
/* Mandatory keys that are not there; MARK and WHAT ("step 'load'") tell of what. */
void keys_missing(struct reader *reader, enum mapping mapping, const struct found *found,
                  struct mark mark, const char *what);
/* Reads those of FOUND that are (not) late into OBJECT, in the order of the table. */
void keys_read(struct reader *reader, enum mapping mapping, const struct found *found, bool late,
               void *object);
/* All of that for a mapping with nothing special. WHAT as for keys_missing. */
void read_mapping(struct reader *reader, enum mapping mapping, const struct pair *pair,
                  const char *what, void *object);

/* ---- the readers of single keys; OBJECT is the mapping's struct ---- */

typedef void key_reader(struct reader *reader, void *object, const struct key *key,
                        const struct pair *pair);
key_reader read_term_key, read_values_key, read_argv_key, read_environment_key, read_expr_key,
    read_id_key, read_prose_key, read_bool_key, read_effect_key, read_ok_key, read_also_key,
    read_host_key, read_type_key, read_resources_key, read_allow_key; /* read_value.c */
key_reader read_params_key, read_outputs_key, read_typed_key;         /* read_param.c */
key_reader read_checks_key, read_block_key, read_expect_key;          /* read_check.c */
key_reader read_done_if_key, read_release_key, read_undo_key, read_foreach_key, read_repeat_key,
    read_retry_key;                                                /* read_step.c */
key_reader read_approve_key, read_people_key;                      /* read_approve.c */
key_reader read_steps_key, read_on_failure_key, read_defaults_key; /* runbook.c */
key_reader read_actions_key;                                       /* read_library.c */
key_reader read_secrets_key;                                       /* read_secret.c */
key_reader read_connections_key;                                   /* connection.c */
key_reader read_percent_key, read_conditions_key, read_strikes_key, read_breaker_key,
    read_limit_key; /* read_monitor.c */

/* ---- things ---- */

struct param *read_param(struct reader *reader, const struct pair *pair, bool output);
/* The action that PAIR names with its arguments. False after a diagnostic. */
bool read_use(struct reader *reader, const struct pair *pair, struct use *use);
/* Among OTHERS, the one that is an action; the rest is told. WHAT NULL: the step that is read. NULL
 * after a diagnostic. */
const struct pair *read_find_action(struct reader *reader, enum mapping mapping,
                                    const struct others *others, struct mark mark,
                                    const char *what);
const struct block *read_block(struct reader *reader, const struct pair *pair);
/* Steps in NODE; OUTER and OWNER as in struct steps. NULL after a diagnostic. */
const struct steps *read_steps(struct reader *reader, const struct pair *pair,
                               const struct steps *outer, const struct step *owner);
/* The runbook that `call` names at MARK; NULL after a diagnostic. */
const struct runbook *read_called(struct reader *reader, const char *path, struct mark mark);

/* A monitor whose mapping PAIR is. */
void read_monitor(struct reader *reader, const struct pair *pair, struct monitor *monitor);

/* The record of OUTPUTS (struct param) of an action, and the same with what every step gives. */
const struct type *record_of_outputs(struct arena *arena, const struct map *outputs);
const struct type *record_of_step(struct arena *arena, const struct type *outputs);
/* Of a loop: lists of what its items give. */
const struct type *record_of_loop(struct arena *arena, const struct type *all);
/* Sets STEP's type by its action, its outputs (`all`) and its loop. */
void step_types(struct arena *arena, struct step *step);

/* Reads a library's actions: their signatures first, then what they are made of. NULL after a
 * diagnostic. */
const struct library *library_read(struct arena *arena, struct catalog *catalog,
                                   const struct source *source, bool own,
                                   struct diagnostics *diagnostics);
/* Hands an action of a library that is being read to the catalog, so that others can name it. */
void catalog_put(struct catalog *catalog, const struct action *action);
/* Checks the libraries that were read since the last time. */
void catalog_check(struct catalog *catalog);
/* The tree of a runbook's SOURCE; one that is called by another and checked itself is parsed once.
 * NULL after a diagnostic. */
const struct node *catalog_parse(struct catalog *catalog, const struct source *source);
/* The runbooks that others call, as they were read: real path to what runbook.c keeps of them. */
struct map *catalog_called(struct catalog *catalog);
/* The keys, for reading. */
const struct key_index *catalog_keys(const struct catalog *catalog);
/* Is NAME an action of the core? */
bool catalog_is_core(const struct catalog *catalog, const char *name);
/* The action that NAME was most likely meant to be, or NULL. */
const char *catalog_nearest(struct catalog *catalog, const char *name);

#endif
