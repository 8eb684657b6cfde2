#include "draft/objective.h"

#include "base/arena.h"
#include "draft/markdown.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DEPTH_LIMIT = 8 }; /* of sections: a heading has six levels */

static const char *find_word(const char *text, const char *const *words)
{
    for (; *words != NULL; words++) {
        const char *at = strcasestr(text, *words);
        if (at != NULL)
            return at + strlen(*words);
    }
    return NULL;
}

/* The seconds of the unit at the front of TEXT, 0 when there is none. */
static long unit_at(const char *text)
{
    static const struct {
        const char *word;
        long seconds;
    } units[] = {{"min", 60},    {"分", 60},     {"sec", 1},       {"秒", 1},       {"sek", 1},
                 {"hour", 3600}, {"時間", 3600}, {"stunde", 3600}, {"heure", 3600}, {"hora", 3600}};
    while (*text == ' ')
        text++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strncasecmp(text, units[i].word, strlen(units[i].word)) == 0)
            return units[i].seconds;
    return 0;
}

/* "5-10 minutes" at the front of TEXT or behind what is no digit; the later end, in seconds; 0:
 * none. */
static long time_in(const char *text)
{
    static const char *const joints[] = {"-", "–", "~", "〜", "～", "to", "bis"};
    text += strcspn(text, "0123456789");
    char *end = NULL;
    long number = strtol(text, &end, 10);
    if (end == text || number <= 0 || number > 1000)
        return 0;
    text = end + strspn(end, " ");
    for (size_t i = 0; i < sizeof joints / sizeof *joints; i++) {
        size_t length = strlen(joints[i]);
        if (strncasecmp(text, joints[i], length) != 0)
            continue;
        const char *second = text + length + strspn(text + length, " ");
        long later = strtol(second, &end, 10);
        if (end == second || later <= 0 || later > 1000)
            return 0;
        number = later;
        text = end;
        break;
    }
    return number * unit_at(text);
}

static const char *duration_of(struct arena *arena, long seconds)
{
    if (seconds % 3600 == 0)
        return arena_format(arena, "%ldh", seconds / 3600);
    return seconds % 60 == 0 ? arena_format(arena, "%ldm", seconds / 60)
                             : arena_format(arena, "%lds", seconds);
}

struct search {
    struct arena *arena;
    const char *about; /* must stand in it; NULL: anything */
    struct objective found;
    bool several;
};

static void look(struct search *search, const struct piece *piece)
{
    static const char *const words[] = {"recovery time",
                                        "recovery objective",
                                        "RTO",
                                        "復旧時間",
                                        "目標時間",
                                        "復旧目標",
                                        "Wiederherstellungszeit",
                                        "temps de rétablissement",
                                        NULL};
    const char *behind = find_word(piece->text, words);
    long seconds = behind ? time_in(behind) : 0;
    if (seconds == 0 || (search->about != NULL && strcasestr(piece->text, search->about) == NULL))
        return;
    const char *time = duration_of(search->arena, seconds);
    search->several =
        search->several || (search->found.time && strcmp(search->found.time, time) != 0);
    if (search->found.time == NULL)
        search->found = (struct objective){time, piece};
}

static void walk(struct search *search, const struct piece *section, size_t depth)
{
    for (size_t i = 0; i < section->inner.count && depth < DEPTH_LIMIT; i++) {
        const struct piece *piece = section->inner.at[i];
        if (piece->kind == PIECE_PROSE)
            look(search, piece);
        else if (piece->kind == PIECE_SECTION)
            walk(search, piece, depth + 1);
    }
}

struct objective objective_of(struct arena *arena, const struct piece *document, const char *title)
{
    size_t length = strcspn(title, ":\xef"); /* a wide colon begins with the latter */
    const char *about = arena_copy(arena, title, length);
    struct search search = {.arena = arena, .about = about};
    if (length >= 4)
        walk(&search, document, 0);
    return search.several ? (struct objective){0} : search.found;
}

struct objective objective_in(struct arena *arena, const struct piece *section)
{
    struct search search = {.arena = arena};
    walk(&search, section, 0);
    return search.several ? (struct objective){0} : search.found;
}
