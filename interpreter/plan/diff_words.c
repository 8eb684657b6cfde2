#include "plan/diff_words.h"

#include "base/arena.h"

#include <string.h>

enum { TABLE = 4 * 1024 * 1024 }; /* cells: what is longer is told as wholly changed */

struct tokens {
    struct text *at;
    size_t count;
};

static bool is_word(unsigned char byte)
{
    return byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '.' || byte == '-';
}

static size_t word_length(const char *at)
{
    size_t length = 0;
    if (*at == ' ')
        return strspn(at, " ");
    while (is_word((unsigned char)at[length]))
        length++;
    return length ? length : 1;
}

static size_t line_length(const char *at)
{
    size_t length = strcspn(at, "\n");
    return at[length] == '\n' ? length + 1 : length;
}

static struct tokens cut(struct arena *arena, const char *text, size_t (*next)(const char *at))
{
    struct tokens tokens = {arena_alloc(arena, (strlen(text) + 1) * sizeof(struct text)), 0};
    while (*text != '\0') {
        size_t length = next(text);
        tokens.at[tokens.count++] = (struct text){text, length};
        text += length;
    }
    return tokens;
}

static void add(struct arena *arena, struct list *pieces, enum piece_kind kind, struct text text)
{
    struct piece *last = pieces->count ? pieces->at[pieces->count - 1] : NULL;
    if (last != NULL && last->kind == kind && last->text.at + last->text.length == text.at) {
        last->text.length += text.length;
        return;
    }
    struct piece *piece = arena_alloc(arena, sizeof *piece);
    *piece = (struct piece){kind, text};
    list_add(arena, pieces, piece);
}

/* The longest run of tokens that both have, by the usual table. */
static void add_middle(struct arena *arena, struct tokens was, struct tokens is,
                       struct list *pieces)
{
    size_t wide = is.count + 1, i = 0, j = 0;
    uint16_t *best = NULL;
    if ((was.count + 1) * wide <= TABLE && was.count < UINT16_MAX && is.count < UINT16_MAX)
        best = arena_alloc(arena, (was.count + 1) * wide * sizeof *best);
    for (size_t a = best ? was.count : 0; a-- > 0;)
        for (size_t b = is.count; b-- > 0;) {
            uint16_t down = best[(a + 1) * wide + b], right = best[a * wide + b + 1];
            best[a * wide + b] = text_equal(was.at[a], is.at[b])
                                     ? (uint16_t)(best[(a + 1) * wide + b + 1] + 1)
                                 : down > right ? down
                                                : right;
        }
    while (best != NULL && i < was.count && j < is.count) {
        if (text_equal(was.at[i], is.at[j]))
            add(arena, pieces, PIECE_SAME, is.at[j]), i++, j++;
        else if (best[(i + 1) * wide + j] >= best[i * wide + j + 1])
            add(arena, pieces, PIECE_GONE, was.at[i++]);
        else
            add(arena, pieces, PIECE_NEW, is.at[j++]);
    }
    while (i < was.count)
        add(arena, pieces, PIECE_GONE, was.at[i++]);
    while (j < is.count)
        add(arena, pieces, PIECE_NEW, is.at[j++]);
}

static struct list compare(struct arena *arena, struct tokens was, struct tokens is)
{
    struct list pieces = {0};
    size_t front = 0, back = 0;
    struct arena *own = arena_new(); /* for the table */
    while (front < was.count && front < is.count && text_equal(was.at[front], is.at[front]))
        add(arena, &pieces, PIECE_SAME, is.at[front++]);
    while (back < was.count - front && back < is.count - front &&
           text_equal(was.at[was.count - 1 - back], is.at[is.count - 1 - back]))
        back++;
    struct tokens left = {was.at + front, was.count - front - back};
    struct tokens right = {is.at + front, is.count - front - back};
    struct list middle = {0};
    add_middle(own, left, right, &middle);
    for (uint32_t i = 0; i < middle.count; i++) {
        const struct piece *piece = middle.at[i];
        add(arena, &pieces, piece->kind, piece->text);
    }
    for (size_t i = back; i > 0; i--)
        add(arena, &pieces, PIECE_SAME, is.at[is.count - i]);
    arena_free(own);
    return pieces;
}

/* Letters and digits of what is the same. */
static size_t weight(struct text text)
{
    size_t letters = 0;
    for (size_t i = 0; i < text.length; i++)
        letters += is_word((unsigned char)text.at[i]);
    return letters;
}

static bool same_enough(const struct list *pieces, size_t length)
{
    size_t same = 0;
    for (uint32_t i = 0; i < pieces->count; i++) {
        const struct piece *piece = pieces->at[i];
        same += piece->kind == PIECE_SAME ? weight(piece->text) : 0;
    }
    return same * 3 >= length;
}

/* A blank or a comma that is the same between two changes joins them: "a b" to "c d" is one. */
static struct list without_crumbs(struct arena *arena, const struct list *pieces)
{
    struct list joined = {0};
    struct buffer gone = {0}, new = {0};
    for (uint32_t i = 0; i <= pieces->count; i++) {
        const struct piece *piece = i < pieces->count ? pieces->at[i] : NULL;
        bool crumb = piece && piece->kind == PIECE_SAME && weight(piece->text) == 0 &&
                     piece->text.length < 3 && (gone.length || new.length) && i + 1 < pieces->count;
        if (piece != NULL && (crumb || piece->kind == PIECE_GONE))
            buffer_add(&gone, piece->text.at, piece->text.length);
        if (piece != NULL && (crumb || piece->kind == PIECE_NEW))
            buffer_add(&new, piece->text.at, piece->text.length);
        if (piece != NULL && (crumb || piece->kind != PIECE_SAME))
            continue;
        const struct buffer *both[] = {&gone, &new};
        for (int k = 0; k < 2; k++)
            if (both[k]->length > 0)
                add(arena, &joined, k ? PIECE_NEW : PIECE_GONE,
                    (struct text){arena_copy(arena, both[k]->at, both[k]->length),
                                  both[k]->length});
        gone.length = new.length = 0;
        if (piece != NULL)
            add(arena, &joined, PIECE_SAME, piece->text);
    }
    buffer_free(&gone);
    buffer_free(&new);
    return joined;
}

struct list diff_words(struct arena *arena, const char *was, const char *is)
{
    struct list pieces = compare(arena, cut(arena, was, word_length), cut(arena, is, word_length));
    size_t most =
        weight(text_of(was)) > weight(text_of(is)) ? weight(text_of(was)) : weight(text_of(is));
    if (same_enough(&pieces, most))
        return without_crumbs(arena, &pieces);
    struct list whole = {0};
    add(arena, &whole, PIECE_GONE, text_of(was));
    add(arena, &whole, PIECE_NEW, text_of(is));
    return whole;
}

struct list diff_lines(struct arena *arena, const char *was, const char *is)
{
    return compare(arena, cut(arena, was, line_length), cut(arena, is, line_length));
}
