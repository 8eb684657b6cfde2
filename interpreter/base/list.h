/* list: a growing array of pointers, and a map from text to pointer that keeps its order.
 * All memory is the arena's; items are the caller's. Zeroed structs are empty ones. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct list {
    void **at;
    uint32_t count;
    uint32_t room;
};

void list_add(struct arena *arena, struct list *list, void *item);
/* Makes room for COUNT items at once in an empty list: no more and no less is taken. */
void list_reserve(struct arena *arena, struct list *list, size_t count);

struct map_entry {
    const char *key; /* not copied: it lives as long as the map */
    void *value;
    uint32_t hash;
};

struct map {
    struct map_entry *at; /* in the order in which they were put */
    uint32_t *slots;      /* open addressing over `at`; NULL while the map is small */
    uint32_t count;
    uint32_t room;
    uint32_t slot_count;
};

/* Puts VALUE under KEY and returns true; false, and nothing changed, when KEY is there already. */
bool map_put(struct arena *arena, struct map *map, const char *key, void *value);
/* Makes room for COUNT keys at once in an empty map. */
void map_reserve(struct arena *arena, struct map *map, size_t count);
/* The value under KEY, or NULL. */
void *map_get(const struct map *map, const char *key);

#endif
