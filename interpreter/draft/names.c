#include "draft/names.h"

#include "base/arena.h"
#include "draft/japanese.h"

#include <string.h>

enum { NAME_LIMIT = 40 }; /* bytes of a name: more nobody reads in a log */

/* Letters with accents, as they are written without. */
static const char *without_accent(uint32_t code)
{
    static const struct {
        uint32_t first, last;
        const char *letters;
    } ranges[] = {{0xc0, 0xc3, "a"},  {0xc4, 0xc4, "ae"}, {0xc5, 0xc5, "a"},  {0xc6, 0xc6, "ae"},
                  {0xc7, 0xc7, "c"},  {0xc8, 0xcb, "e"},  {0xcc, 0xcf, "i"},  {0xd1, 0xd1, "n"},
                  {0xd2, 0xd5, "o"},  {0xd6, 0xd6, "oe"}, {0xd8, 0xd8, "o"},  {0xd9, 0xdb, "u"},
                  {0xdc, 0xdc, "ue"}, {0xdd, 0xdd, "y"},  {0xdf, 0xdf, "ss"}, {0x152, 0x153, "oe"}};
    uint32_t capital = code >= 0xe0 && code <= 0xfe ? code - 0x20 : code;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if ((capital >= ranges[i].first && capital <= ranges[i].last) || code == ranges[i].first)
            return ranges[i].letters;
    return NULL;
}

/* Of a script that has no letters of ours: a part of such a title is no name for the whole. */
static bool is_foreign(uint32_t code)
{
    bool sign =
        (code >= 0x2000 && code < 0x2e80) || code >= 0x1f000 || (code >= 0xfe00 && code < 0xfe10);
    bool full_width = code >= 0xff00 && code < 0xff61;
    return code >= 0x250 && !sign && !full_width && code != 0xfffd &&
           !(code >= 0x3000 && code < 0x3040);
}

static bool is_small_word(struct text word)
{
    static const char *const words[] = {"a",    "an",  "the",  "of",  "to",  "in",  "at",
                                        "on",   "and", "for",  "is",  "are", "its", "their",
                                        "with", "by",  "der",  "die", "das", "und", "le",
                                        "la",   "les", "from", "be"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_is(word, words[i]))
            return true;
    return false;
}

static void add_word(struct buffer *name, struct buffer *word, bool small)
{
    bool first_digit =
        name->length == 0 && word->length > 0 && word->at[0] >= '0' && word->at[0] <= '9';
    bool fits = name->length + word->length + 1 <= NAME_LIMIT;
    if (name->length == 0 && !fits)
        word->length = NAME_LIMIT;
    if (word->length > 0 && !first_digit && (fits || name->length == 0) &&
        !(small && is_small_word(buffer_slice(word)))) {
        buffer_text(name, name->length > 0 ? "_" : "");
        buffer_add(name, word->at, word->length);
    }
    /* Behind a word that does not fit a later one would tell something else. */
    if (!fits)
        name->length = name->length > 0 ? name->length : 0;
    word->length = 0;
}

static bool is_key_of_yaml(const char *name)
{
    static const char *const words[] = {"on", "off",  "yes",   "no",  "y",
                                        "n",  "true", "false", "null"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(name, words[i]) == 0)
            return true;
    return false;
}

static const char *name_of(struct arena *arena, const char *text, bool title)
{
    struct buffer name = {0}, word = {0};
    struct text rest = text_of(text);
    bool foreign = false;
    while (rest.length > 0 && name.length < NAME_LIMIT && word.length < 4096) {
        uint32_t code = 0;
        size_t length = 0;
        const char *english = title ? japanese_word(rest, &length) : NULL;
        if (english != NULL) {
            add_word(&name, &word, title);
            buffer_text(&word, english);
            add_word(&name, &word, false);
            rest.at += length;
            rest.length -= length;
            continue;
        }
        length = text_character(rest, &code);
        length = length > 0 ? length : 1;
        const char *letters = without_accent(code);
        char c = code < 0x80 ? (char)code : ' ';
        c = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
        foreign = foreign || is_foreign(code);
        if (letters != NULL)
            buffer_text(&word, letters);
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            buffer_add(&word, &c, 1);
        else if (c != '\'' && code != 0x2019)
            add_word(&name, &word, title);
        rest.at += length;
        rest.length -= length;
    }
    add_word(&name, &word, title);
    bool none = name.length == 0 || (title && foreign);
    const char *made = none ? "" : arena_copy(arena, name.at, name.length);
    buffer_free(&name);
    buffer_free(&word);
    return is_key_of_yaml(made) ? arena_format(arena, "%s_", made) : made;
}

const char *name_of_title(struct arena *arena, const char *text)
{
    return name_of(arena, text, true);
}

const char *name_of_words(struct arena *arena, const char *text)
{
    return name_of(arena, text, false);
}

const char *name_unique(struct arena *arena, struct map *taken, const char *name,
                        const char *fallback)
{
    const char *wanted = name[0] != '\0' ? name : fallback;
    if (map_put(arena, taken, wanted, taken))
        return wanted;
    /* How often it was wanted stands under a key that is no name. */
    const char *count_key = arena_format(arena, "#%s", wanted);
    uint32_t *count = map_get(taken, count_key);
    if (count == NULL) {
        count = arena_alloc(arena, sizeof *count);
        *count = 1;
        map_put(arena, taken, count_key, count);
    }
    const char *made;
    do
        made = arena_format(arena, "%s_%u", wanted, ++*count);
    while (!map_put(arena, taken, made, taken));
    return made;
}
