/* base/graph: order, circles, and reachability against a slow oracle; and that long graphs are
 * quick. */
#include "base/arena.h"
#include "base/graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

enum { MOST = 14 };

struct matrix {
    size_t count;
    bool edge[MOST][MOST];
    bool path[MOST][MOST];
};

/* Numbers that are the same on every machine. */
static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void matrix_close(struct matrix *matrix)
{
    memcpy(matrix->path, matrix->edge, sizeof matrix->edge);
    for (size_t k = 0; k < matrix->count; k++) {
        for (size_t i = 0; i < matrix->count; i++) {
            for (size_t j = 0; j < matrix->count; j++) {
                matrix->path[i][j] |= matrix->path[i][k] && matrix->path[k][j];
            }
        }
    }
}

/* A graph whose numbers are no order; with circles when CIRCLES. */
static struct graph *graph_random(struct arena *arena, struct matrix *matrix, uint32_t *seed,
                                  bool circles)
{
    *matrix = (struct matrix){.count = 1 + next_random(seed) % MOST};
    size_t number[MOST];
    for (size_t i = 0; i < matrix->count; i++) {
        number[i] = i;
    }
    for (size_t i = matrix->count; i-- > 1;) {
        size_t j = next_random(seed) % (i + 1);
        size_t other = number[i];
        number[i] = number[j];
        number[j] = other;
    }
    struct graph *graph = graph_new(arena, matrix->count);
    size_t edges = next_random(seed) % (2 * matrix->count + 1);
    for (size_t i = 0; i < edges; i++) {
        size_t a = next_random(seed) % matrix->count;
        size_t b = next_random(seed) % matrix->count;
        if (!circles && a >= b) {
            continue;
        }
        graph_edge(graph, number[a], number[b]);
        matrix->edge[number[a]][number[b]] = true;
    }
    matrix_close(matrix);
    return graph;
}

static void order_check(const struct matrix *matrix, const size_t *order)
{
    size_t place[MOST];
    for (size_t i = 0; i < matrix->count; i++) {
        place[i] = SIZE_MAX;
    }
    for (size_t i = 0; i < matrix->count; i++) {
        assert_true(order[i] < matrix->count && place[order[i]] == SIZE_MAX);
        place[order[i]] = i;
        /* The lowest that is free: no lower one that stands later was free already. */
        for (size_t j = i + 1; j < matrix->count; j++) {
            bool was_free = order[j] < order[i];
            for (size_t k = i; k < matrix->count && was_free; k++) {
                was_free = !matrix->edge[order[k]][order[j]];
            }
            assert_false(was_free);
        }
    }
    for (size_t i = 0; i < matrix->count; i++) {
        for (size_t j = 0; j < matrix->count; j++) {
            assert_true(!matrix->edge[i][j] || place[i] < place[j]);
        }
    }
}

static void circle_check(const struct matrix *matrix, const size_t *circle, size_t count)
{
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(matrix->edge[circle[i]][circle[(i + 1) % count]]);
        assert_true(circle[0] <= circle[i]);
    }
}

static void before_check(struct graph *graph, const struct matrix *matrix)
{
    for (size_t i = 0; i < matrix->count; i++) {
        for (size_t j = 0; j < matrix->count; j++) {
            assert_int_equal(graph_before(graph, i, j), i != j && matrix->path[i][j]);
        }
    }
}

static void test_against_oracle(void **state)
{
    (void)state;
    uint32_t seed = 20240115;
    size_t circles = 0;
    for (int round = 0; round < 4000; round++) {
        struct arena *arena = arena_new();
        struct matrix matrix;
        struct graph *graph = graph_random(arena, &matrix, &seed, round % 3 == 0);
        bool has_circle = false;
        for (size_t i = 0; i < matrix.count; i++) {
            has_circle |= matrix.path[i][i];
        }
        size_t order[MOST];
        bool circle = !has_circle;
        size_t count = graph_order(graph, order, &circle);
        assert_int_equal(circle, has_circle);
        if (circle) {
            circle_check(&matrix, order, count);
            circles++;
        } else {
            assert_int_equal(count, matrix.count);
            order_check(&matrix, order);
        }
        before_check(graph, &matrix);
        arena_free(arena);
    }
    assert_true(circles > 300);
}

/* The best that any path from NODE on has, by trying them all. */
static void try_paths(const struct matrix *matrix, const int64_t *weights, size_t node,
                      int64_t weight, size_t length, int64_t *most, size_t *longest)
{
    weight += weights[node];
    length++;
    if (weight > *most || (weight == *most && length > *longest)) {
        *most = weight;
        *longest = length;
    }
    for (size_t next = 0; next < matrix->count; next++) {
        if (matrix->edge[node][next]) {
            try_paths(matrix, weights, next, weight, length, most, longest);
        }
    }
}

static void test_longest(void **state)
{
    (void)state;
    uint32_t seed = 20240116;
    print_message("seed %u\n", seed);
    for (int round = 0; round < 3000; round++) {
        struct arena *arena = arena_new();
        struct matrix matrix;
        struct graph *graph = graph_random(arena, &matrix, &seed, false);
        size_t order[MOST], path[MOST], length = 0, longest = 0;
        int64_t weights[MOST], most = -1, sum = 0;
        bool circle;
        graph_order(graph, order, &circle);
        for (size_t i = 0; i < matrix.count; i++) {
            weights[i] = next_random(&seed) % 4;
        }
        for (size_t i = 0; i < matrix.count; i++) {
            try_paths(&matrix, weights, i, 0, 0, &most, &longest);
        }
        assert_int_equal(graph_longest(graph, weights, path, &length), most);
        assert_int_equal(length, longest);
        for (size_t i = 0; i < length; i++) {
            sum += weights[path[i]];
            assert_true(i == 0 || matrix.edge[path[i - 1]][path[i]]);
        }
        assert_int_equal(sum, most);
        arena_free(arena);
    }
}

/* An edge that comes after the order is seen; so is the list of what a node needs. */
static void test_edges(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct graph *graph = graph_new(arena, 4);
    graph_edge(graph, 0, 2);
    graph_edge(graph, 1, 2);
    size_t order[4];
    bool circle = true;
    assert_int_equal(graph_order(graph, order, &circle), 4);
    assert_false(circle);
    assert_false(graph_before(graph, 0, 3));
    graph_edge(graph, 2, 3);
    assert_true(graph_before(graph, 0, 3));
    const size_t *needs = NULL;
    assert_int_equal(graph_needs(graph, 2, &needs), 2);
    assert_int_equal(needs[0], 0);
    assert_int_equal(needs[1], 1);
    assert_int_equal(graph_needs(graph, 0, &needs), 0);
    struct graph *empty = graph_new(arena, 0);
    assert_int_equal(graph_order(empty, order, &circle), 0);
    assert_false(circle);
    struct graph *self = graph_new(arena, 2);
    graph_edge(self, 1, 1);
    assert_int_equal(graph_order(self, order, &circle), 1);
    assert_true(circle);
    assert_int_equal(order[0], 1);
    arena_free(arena);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

enum { LONG = 100000 };

static struct graph *graph_long(struct arena *arena, int shape)
{
    struct graph *graph = graph_new(arena, LONG);
    uint32_t seed = 7;
    for (size_t i = 1; i < LONG; i++) {
        if (shape == 0) { /* a chain */
            graph_edge(graph, i - 1, i);
        } else if (shape == 1 && i < LONG - 1) { /* one, all others beside each other, one */
            graph_edge(graph, 0, i);
            graph_edge(graph, i, LONG - 1);
        } else if (shape == 2) { /* ten chains that touch here and there */
            if (i >= 10) {
                graph_edge(graph, i - 10, i);
            }
            if (i % 7 == 0) {
                graph_edge(graph, i - 1 - next_random(&seed) % (i < 50 ? i : 50), i);
            }
        }
    }
    return graph;
}

/* A hundred thousand questions about near nodes, as the checker asks them. The limit is some fifty
 * times what it takes, so that only a wrong algorithm meets it: a search each would take hours. */
static void test_long_graphs(void **state)
{
    (void)state;
    for (int shape = 0; shape < 3; shape++) {
        struct arena *arena = arena_new();
        double begin = cpu_seconds();
        struct graph *graph = graph_long(arena, shape);
        size_t *order = arena_alloc(arena, LONG * sizeof *order);
        bool circle = true;
        assert_int_equal(graph_order(graph, order, &circle), LONG);
        uint32_t seed = 99;
        size_t before = 0;
        for (size_t i = 0; i < LONG; i++) {
            size_t b = 60 + next_random(&seed) % (LONG - 60);
            before += graph_before(graph, b - 1 - next_random(&seed) % 50, b);
            before += graph_before(graph, 0, b);
            before += graph_before(graph, b, LONG - 1);
        }
        assert_true(before > LONG / 10);
        assert_true(cpu_seconds() - begin < 10);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_oracle),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_long_graphs),
    };
    return cmocka_run_group_tests_name("base_graph", tests, NULL, NULL);
}
