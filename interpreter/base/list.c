#include "base/list.h"

#include "base/arena.h"

#include <string.h>

/* Up to here a scan is quicker than a hash: most maps of a runbook have fewer keys. */
enum { SCANNED = 8 };

/* Counts are 32 bits, which keeps what is made of many lists small; a slot's number has 32 too. */
static uint32_t room_of(size_t room)
{
    if (room > UINT32_MAX / 2) {
        memory_exhausted(room);
    }
    return (uint32_t)room;
}

void list_add(struct arena *arena, struct list *list, void *item)
{
    if (list->count == list->room) {
        uint32_t room = room_of(list->room == 0 ? 4 : list->room * (size_t)2);
        void **at = arena_alloc(arena, room * sizeof *at);
        if (list->count > 0) {
            memcpy(at, list->at, list->count * sizeof *at);
        }
        list->at = at;
        list->room = room;
    }
    list->at[list->count++] = item;
}

void list_reserve(struct arena *arena, struct list *list, size_t count)
{
    list->at = count > 0 ? arena_alloc(arena, count * sizeof *list->at) : NULL;
    list->room = room_of(count);
}

/* FNV-1a, its bits spread at the end, since the slots look at the low ones. */
static uint32_t hash_of(const char *key)
{
    uint32_t hash = 2166136261U;
    for (const unsigned char *at = (const unsigned char *)key; *at != '\0'; at++) {
        hash = (hash ^ *at) * 16777619U;
    }
    hash ^= hash >> 15;
    hash *= 0x2c1b3c6dU;
    return hash ^ hash >> 12;
}

static void slot_fill(struct map *map, uint32_t index)
{
    size_t mask = map->slot_count - 1;
    size_t slot = map->at[index].hash & mask;
    while (map->slots[slot] != 0) {
        slot = (slot + 1) & mask;
    }
    map->slots[slot] = index + 1; /* 0 is an empty slot */
}

static void slots_rebuild(struct arena *arena, struct map *map)
{
    map->slot_count = map->room * 2;
    map->slots = arena_alloc(arena, map->slot_count * sizeof *map->slots);
    for (size_t i = 0; i < map->count; i++) {
        slot_fill(map, (uint32_t)i);
    }
}

static struct map_entry *entry_find(const struct map *map, const char *key, uint32_t hash)
{
    if (map->slots == NULL) {
        for (size_t i = 0; i < map->count; i++) {
            if (map->at[i].hash == hash && strcmp(map->at[i].key, key) == 0) {
                return &map->at[i];
            }
        }
        return NULL;
    }
    size_t mask = map->slot_count - 1;
    for (size_t slot = hash & mask; map->slots[slot] != 0; slot = (slot + 1) & mask) {
        struct map_entry *entry = &map->at[map->slots[slot] - 1];
        if (entry->hash == hash && strcmp(entry->key, key) == 0) {
            return entry;
        }
    }
    return NULL;
}

static void map_resize(struct arena *arena, struct map *map, size_t room)
{
    map->room = room_of(room);
    struct map_entry *at = arena_alloc(arena, map->room * sizeof *at);
    if (map->count > 0) {
        memcpy(at, map->at, map->count * sizeof *at);
    }
    map->at = at;
    if (map->room > SCANNED) {
        slots_rebuild(arena, map);
    }
}

void map_reserve(struct arena *arena, struct map *map, size_t count)
{
    size_t room = count;
    while (room > SCANNED && (room & (room - 1)) != 0) {
        room += room & -room; /* the next power of two, which slots need */
    }
    if (room > 0) {
        map_resize(arena, map, room);
    }
}

bool map_put(struct arena *arena, struct map *map, const char *key, void *value)
{
    uint32_t hash = hash_of(key);
    if (entry_find(map, key, hash) != NULL) {
        return false;
    }
    if (map->count == map->room) {
        size_t room = SCANNED;
        while (room <= map->room) {
            room *= 2;
        }
        map_resize(arena, map, room);
    }
    map->at[map->count] = (struct map_entry){key, value, hash};
    map->count++;
    if (map->slots != NULL) {
        slot_fill(map, (uint32_t)(map->count - 1));
    }
    return true;
}

void *map_get(const struct map *map, const char *key)
{
    if (map->count == 0) {
        return NULL;
    }
    struct map_entry *entry = entry_find(map, key, hash_of(key));
    return entry == NULL ? NULL : entry->value;
}
