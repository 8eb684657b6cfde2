/* graph: a graph of plain numbers.
 * Nodes are 0..count-1; an edge FROM -> TO says that FROM comes before TO. Knows nothing of steps.
 */
#ifndef BASE_GRAPH_H
#define BASE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct graph;

/* A graph of COUNT nodes without edges; memory is the arena's. */
struct graph *graph_new(struct arena *arena, size_t count);
void graph_edge(struct graph *graph, size_t from, size_t to);
/* Fills ORDER (COUNT places) with a topological order, lowest number first where free, and returns
 * COUNT; when there is a circle, fills ORDER with the nodes of one circle in its order and returns
 * their number with *circle = true. Must have been called before graph_before. */
size_t graph_order(struct graph *graph, size_t *order, bool *circle);
/* Does A come before B on some path? False for A == B. Chains are answered at once. */
bool graph_before(struct graph *graph, size_t a, size_t b);
/* The heaviest path, by WEIGHTS of the nodes (none negative, their sum a number): its weight. Fills
 * PATH (COUNT places) with its nodes in order and *LENGTH; among paths of one weight one with the
 * most nodes. After graph_order, without a circle. */
int64_t graph_longest(const struct graph *graph, const int64_t *weights, size_t *path,
                      size_t *length);
/* The direct predecessors of NODE. */
size_t graph_needs(const struct graph *graph, size_t node, const size_t **needs);

#endif
