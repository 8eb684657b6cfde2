/* sources: the files that a runbook was read from: itself, what it calls, the libraries that it
 * uses. */
#ifndef COMMANDS_SOURCES_H
#define COMMANDS_SOURCES_H

struct arena;
struct list;
struct runbook;
struct source;

struct source_file {
    const char *copy; /* its name in a copy's folder: "0.yaml" is the runbook, "1.yaml" and so on
                         what it calls, "library/shop.yaml" a library */
    const char *what; /* "runbook", "called runbook inner.yaml", "library shop" */
    const struct source *source;
};

/* Appends them to FILES (struct source_file), the runbook first. */
void sources_find(struct arena *arena, const struct runbook *runbook, struct list *files);

#endif
