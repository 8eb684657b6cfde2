/* params: what a run is given: `--param k=v` and `--params FILE`, checked against the runbook's
 * params. Types, constraints (pattern, one_of, min, max), required ones; findings are RB602. */
#ifndef PLAN_PARAMS_H
#define PLAN_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct diagnostics;
struct map;
struct node;
struct problem;
struct runbook;
struct value;

struct params_given {
    const char *const *typed; /* texts "k=v", NULL-terminated; they win over the file */
    const struct node *file;  /* the tree of a params file (YAML, a map), or NULL */
    bool open;                /* one that is wanted and not given is unknown: ‹params.NAME› */
};
/* A map in the order of the runbook's params, unset ones included; NULL after a diagnostic. */
const struct value *params_read(struct arena *arena, const struct runbook *runbook,
                                const struct params_given *given, struct diagnostics *diagnostics);
/* Checks VALUES (map) against PARAMS (struct param by name) and fills in defaults: for a
 * composite's or call's inputs. NULL with *problem ("param version: 'x y' does not match
 * ^[a-z]+$"). Unknown values pass. */
const struct value *params_check(struct arena *arena, const struct map *params,
                                 const struct value *values, struct problem *problem);

#endif
