/* Reachability. Runbooks are long chains with a few branches, or one step with a hundred thousand
 * beside each other, so an index of everything that comes before everything can't be held. Instead:
 *   - each node keeps to one predecessor, its parent; in that forest "before" is two comparisons,
 *     and a chain is answered at once;
 *   - two depth-first walks give each node an interval that holds the intervals of all it reaches:
 *     when B's does not lie in A's, A can't reach B; they are walked when first asked for;
 *   - what neither settles is searched, from both ends in turn, pruned by the same two tests.
 * Without an order (or with a circle) the search alone answers. */
#include "base/graph.h"

#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct numbers {
    size_t *at;
    size_t count;
    size_t room;
};

enum { WALKS = 2 }; /* one in the order of the edges, one against it: they prune different pairs */

struct interval {
    uint32_t low;
    uint32_t high;
};

/* Of a node, once the graph is ordered. */
struct place {
    uint32_t position;      /* in the order */
    struct interval family; /* of the node in the forest: contains = is an ancestor */
    struct interval reach[WALKS];
};

struct graph {
    struct arena *arena;
    size_t count;
    struct numbers *needs;  /* of each node, the ones before it */
    struct numbers *serves; /* of each node, the ones after it */
    struct place *places;   /* NULL until ordered without a circle */
    bool walked;            /* are `reach` of the places there? */
    size_t *seen;           /* the stamp of the search side that saw the node last */
    size_t stamp;
    struct numbers queues[2]; /* of the two sides; kept for their room */
};

static void numbers_add(struct arena *arena, struct numbers *numbers, size_t number)
{
    if (numbers->count == numbers->room) {
        size_t room = numbers->room == 0 ? 1 : numbers->room * 2;
        size_t *at = arena_alloc(arena, room * sizeof *at);
        if (numbers->count > 0) {
            memcpy(at, numbers->at, numbers->count * sizeof *at);
        }
        numbers->at = at;
        numbers->room = room;
    }
    numbers->at[numbers->count++] = number;
}

struct graph *graph_new(struct arena *arena, size_t count)
{
    struct graph *graph = arena_alloc(arena, sizeof *graph);
    graph->arena = arena;
    graph->count = count;
    graph->needs = arena_alloc(arena, count * sizeof *graph->needs);
    graph->serves = arena_alloc(arena, count * sizeof *graph->serves);
    graph->seen = arena_alloc(arena, count * sizeof *graph->seen);
    return graph;
}

void graph_edge(struct graph *graph, size_t from, size_t to)
{
    numbers_add(graph->arena, &graph->needs[to], from);
    numbers_add(graph->arena, &graph->serves[from], to);
    graph->places = NULL;
}

size_t graph_needs(const struct graph *graph, size_t node, const size_t **needs)
{
    *needs = graph->needs[node].at;
    return graph->needs[node].count;
}

/* A heap with the lowest number on top. */
static void heap_push(size_t *heap, size_t *count, size_t number)
{
    size_t at = (*count)++;
    while (at > 0 && heap[(at - 1) / 2] > number) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = number;
}

static size_t heap_pop(size_t *heap, size_t *count)
{
    size_t top = heap[0];
    size_t last = heap[--*count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= *count) {
            break;
        }
        child += child + 1 < *count && heap[child + 1] < heap[child];
        if (heap[child] >= last) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return top;
}

static const uint32_t NO_PARENT = UINT32_MAX;

/* The parent of a node is the one before it that comes latest in the order: the deepest. */
static uint32_t parent_of(const struct graph *graph, const struct place *places, size_t node)
{
    uint32_t parent = NO_PARENT;
    for (size_t i = 0; i < graph->needs[node].count; i++) {
        uint32_t need = (uint32_t)graph->needs[node].at[i];
        if (parent == NO_PARENT || places[need].position > places[parent].position) {
            parent = need;
        }
    }
    return parent;
}

/* Numbers the forest so that a node's descendants follow it without a gap. */
static void families_number(const struct graph *graph, const size_t *order, struct place *places)
{
    uint32_t *sizes = memory_resize(NULL, graph->count * sizeof *sizes);
    uint32_t *parents = memory_resize(NULL, graph->count * sizeof *parents);
    for (size_t i = 0; i < graph->count; i++) {
        sizes[i] = 1;
        parents[i] = parent_of(graph, places, i);
    }
    for (size_t i = graph->count; i-- > 0;) {
        size_t node = order[i];
        if (parents[node] != NO_PARENT) {
            sizes[parents[node]] += sizes[node];
        }
    }
    /* `sizes` becomes the next free number inside each node's interval. */
    uint32_t next = 0;
    for (size_t i = 0; i < graph->count; i++) {
        size_t node = order[i];
        uint32_t size = sizes[node];
        uint32_t *free_number = parents[node] == NO_PARENT ? &next : &sizes[parents[node]];
        places[node].family = (struct interval){*free_number, *free_number + size - 1};
        *free_number += size;
        sizes[node] = places[node].family.low + 1;
    }
    free(sizes);
    free(parents);
}

/* One depth-first walk along the edges, or, BACKWARDS, with roots and edges taken from the end. A
 * node's interval ends with its number in the order of leaving, and begins with the lowest that
 * it can reach. */
struct walk {
    const struct graph *graph;
    struct place *places;
    size_t which;
    bool backwards;
    bool *entered;
    size_t *stack; /* the path to the node at hand */
    size_t *edges; /* of each node on it, how many of its edges were taken */
    uint32_t left; /* nodes left so far */
};

static void walk_from(struct walk *walk, size_t root)
{
    size_t depth = 0;
    walk->stack[depth] = root;
    walk->edges[depth++] = 0;
    walk->entered[root] = true;
    walk->places[root].reach[walk->which].low = UINT32_MAX;
    while (depth > 0) {
        size_t node = walk->stack[depth - 1];
        struct interval *reach = &walk->places[node].reach[walk->which];
        const struct numbers *serves = &walk->graph->serves[node];
        if (walk->edges[depth - 1] == serves->count) {
            reach->high = walk->left++;
            reach->low = reach->low < reach->high ? reach->low : reach->high;
            depth--;
            continue;
        }
        size_t edge = walk->edges[depth - 1];
        size_t next = serves->at[walk->backwards ? serves->count - 1 - edge : edge];
        if (!walk->entered[next]) {
            walk->entered[next] = true;
            walk->places[next].reach[walk->which].low = UINT32_MAX;
            walk->stack[depth] = next;
            walk->edges[depth++] = 0;
            continue; /* the edge is looked at again once NEXT was left */
        }
        walk->edges[depth - 1]++;
        uint32_t low = walk->places[next].reach[walk->which].low;
        reach->low = reach->low < low ? reach->low : low;
    }
}

static void reach_number(const struct graph *graph, const size_t *order, struct place *places,
                         size_t which)
{
    struct walk walk = {.graph = graph, .places = places, .which = which, .backwards = which == 1};
    walk.entered = calloc(graph->count, sizeof *walk.entered);
    if (walk.entered == NULL) {
        memory_exhausted(graph->count);
    }
    walk.stack = memory_resize(NULL, graph->count * sizeof *walk.stack);
    walk.edges = memory_resize(NULL, graph->count * sizeof *walk.edges);
    for (size_t i = 0; i < graph->count; i++) {
        size_t node = order[walk.backwards ? graph->count - 1 - i : i];
        if (!walk.entered[node] && graph->needs[node].count == 0) {
            walk_from(&walk, node);
        }
    }
    free(walk.entered);
    free(walk.stack);
    free(walk.edges);
}

static void index_build(struct graph *graph, const size_t *order)
{
    struct place *places = arena_alloc(graph->arena, graph->count * sizeof *places);
    for (size_t i = 0; i < graph->count; i++) {
        places[order[i]].position = (uint32_t)i;
    }
    families_number(graph, order, places);
    graph->places = places;
    graph->walked = false;
}

/* A chain never asks for it. */
static void index_walk(struct graph *graph)
{
    if (graph->places == NULL || graph->walked) {
        return;
    }
    size_t *order = memory_resize(NULL, graph->count * sizeof *order);
    for (size_t i = 0; i < graph->count; i++) {
        order[graph->places[i].position] = i;
    }
    for (size_t which = 0; which < WALKS; which++) {
        reach_number(graph, order, graph->places, which);
    }
    free(order);
    graph->walked = true;
}

/* WAITING holds of each node how many before it are not in the order; a circle is among those that
 * have some left, and walking back from any of them ends in one. */
static size_t circle_find(const struct graph *graph, const size_t *waiting, size_t *circle)
{
    size_t *place = memory_resize(NULL, graph->count * sizeof *place);
    memset(place, 0, graph->count * sizeof *place);
    size_t node = 0;
    while (waiting[node] == 0) {
        node++;
    }
    size_t count = 0;
    while (place[node] == 0) {
        circle[count++] = node;
        place[node] = count; /* from 1 */
        size_t i = 0;
        while (waiting[graph->needs[node].at[i]] == 0) {
            i++;
        }
        node = graph->needs[node].at[i];
    }
    size_t first = place[node] - 1;
    free(place);
    count -= first;
    memmove(circle, circle + first, count * sizeof *circle);
    for (size_t i = 0; i < count / 2; i++) {
        size_t other = circle[i];
        circle[i] = circle[count - 1 - i];
        circle[count - 1 - i] = other;
    }
    return count;
}

/* The lowest number first, so that the same circle is always told in the same way. */
static void circle_turn(size_t *circle, size_t count)
{
    size_t lowest = 0;
    for (size_t i = 1; i < count; i++) {
        lowest = circle[i] < circle[lowest] ? i : lowest;
    }
    size_t *copy = memory_resize(NULL, count * sizeof *copy);
    memcpy(copy, circle, count * sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        circle[i] = copy[(lowest + i) % count];
    }
    free(copy);
}

/* Does every node come behind all that it needs by its number alone, as in most runbooks? Then the
 * lowest one that is free is always the next. */
static bool is_in_order(const struct graph *graph)
{
    for (size_t node = 0; node < graph->count; node++) {
        for (size_t i = 0; i < graph->needs[node].count; i++) {
            if (graph->needs[node].at[i] >= node) {
                return false;
            }
        }
    }
    return true;
}

size_t graph_order(struct graph *graph, size_t *order, bool *circle)
{
    *circle = false;
    if (is_in_order(graph)) {
        for (size_t i = 0; i < graph->count; i++) {
            order[i] = i;
        }
        index_build(graph, order);
        return graph->count;
    }
    size_t *waiting = memory_resize(NULL, graph->count * sizeof *waiting);
    size_t *heap = memory_resize(NULL, graph->count * sizeof *heap);
    size_t ready = 0;
    for (size_t i = 0; i < graph->count; i++) {
        waiting[i] = graph->needs[i].count;
        if (waiting[i] == 0) {
            heap_push(heap, &ready, i);
        }
    }
    size_t done = 0;
    while (ready > 0) {
        size_t node = heap_pop(heap, &ready);
        order[done++] = node;
        for (size_t i = 0; i < graph->serves[node].count; i++) {
            size_t next = graph->serves[node].at[i];
            if (--waiting[next] == 0) {
                heap_push(heap, &ready, next);
            }
        }
    }
    *circle = done < graph->count;
    if (*circle) {
        done = circle_find(graph, waiting, order);
        circle_turn(order, done);
    } else {
        index_build(graph, order);
    }
    free(waiting);
    free(heap);
    return done;
}

/* The heaviest path that ends at a node. */
struct arrival {
    int64_t weight;
    size_t length;
    size_t from; /* the node before it; its own number: none */
};

static bool heavier(const struct arrival *a, const struct arrival *b)
{
    return a->weight != b->weight ? a->weight > b->weight : a->length > b->length;
}

int64_t graph_longest(const struct graph *graph, const int64_t *weights, size_t *path,
                      size_t *length)
{
    *length = 0;
    if (graph->count == 0)
        return 0;
    size_t *order = memory_resize(NULL, graph->count * sizeof *order);
    struct arrival *arrivals = memory_resize(NULL, graph->count * sizeof *arrivals);
    for (size_t i = 0; i < graph->count; i++)
        order[graph->places[i].position] = i;
    size_t last = order[0];
    for (size_t i = 0; i < graph->count; i++) {
        size_t node = order[i];
        struct arrival best = {0, 0, node};
        for (size_t n = 0; n < graph->needs[node].count; n++) {
            size_t need = graph->needs[node].at[n];
            if (heavier(&arrivals[need], &best))
                best = (struct arrival){arrivals[need].weight, arrivals[need].length, need};
        }
        arrivals[node] = (struct arrival){best.weight + weights[node], best.length + 1, best.from};
        last = heavier(&arrivals[node], &arrivals[last]) ? node : last;
    }
    int64_t weight = arrivals[last].weight;
    *length = arrivals[last].length;
    for (size_t i = *length; i-- > 0; last = arrivals[last].from)
        path[i] = last;
    free(order);
    free(arrivals);
    return weight;
}

static bool inside(struct interval inner, struct interval outer)
{
    return outer.low <= inner.low && inner.high <= outer.high;
}

/* Is A an ancestor of B, or B itself, in the forest? */
static bool surely_before(const struct graph *graph, size_t a, size_t b)
{
    return a == b ||
           (graph->places != NULL && inside(graph->places[b].family, graph->places[a].family));
}

/* False only if there is no path from A to B. */
static bool maybe_before(const struct graph *graph, size_t a, size_t b)
{
    if (graph->places == NULL) {
        return true;
    }
    const struct place *from = &graph->places[a];
    const struct place *to = &graph->places[b];
    return from->position < to->position && inside(to->reach[0], from->reach[0]) &&
           inside(to->reach[1], from->reach[1]);
}

/* One end of a search: the nodes found from there, and how far their edges were followed. */
struct side {
    struct numbers *queue;
    const struct numbers *edges; /* of each node, in the direction of this side */
    size_t stamp;
    size_t at;   /* in the queue */
    size_t edge; /* of that node */
};

enum answer { ANSWER_YES, ANSWER_NO, ANSWER_OPEN };

static void side_add(struct graph *graph, struct side *side, size_t node)
{
    graph->seen[node] = side->stamp;
    numbers_add(graph->arena, side->queue, node);
}

/* Follows one edge. GOAL is where the other side began, OTHER its stamp. */
static enum answer side_step(struct graph *graph, struct side *side, size_t goal, size_t other)
{
    if (side->at == side->queue->count) {
        return ANSWER_NO;
    }
    const struct numbers *edges = &side->edges[side->queue->at[side->at]];
    if (side->edge == edges->count) {
        side->at++;
        side->edge = 0;
        return ANSWER_OPEN;
    }
    size_t node = edges->at[side->edge++];
    bool down = side->edges == graph->serves;
    size_t from = down ? node : goal;
    size_t to = down ? goal : node;
    if (graph->seen[node] == other || surely_before(graph, from, to)) {
        return ANSWER_YES;
    }
    if (graph->seen[node] != side->stamp && maybe_before(graph, from, to)) {
        side_add(graph, side, node);
    }
    return ANSWER_OPEN;
}

bool graph_before(struct graph *graph, size_t a, size_t b)
{
    if (a == b) {
        return false;
    }
    if (surely_before(graph, a, b)) {
        return true;
    }
    if (graph->places != NULL && graph->places[a].position > graph->places[b].position) {
        return false;
    }
    index_walk(graph);
    if (!maybe_before(graph, a, b)) {
        return false;
    }
    struct side down = {&graph->queues[0], graph->serves, ++graph->stamp, 0, 0};
    struct side up = {&graph->queues[1], graph->needs, ++graph->stamp, 0, 0};
    graph->queues[0].count = 0;
    graph->queues[1].count = 0;
    side_add(graph, &down, a);
    side_add(graph, &up, b);
    enum answer answer = ANSWER_OPEN;
    while (answer == ANSWER_OPEN) {
        answer = side_step(graph, &down, b, up.stamp);
        if (answer == ANSWER_OPEN) {
            answer = side_step(graph, &up, a, down.stamp);
        }
    }
    return answer == ANSWER_YES;
}
