/* For people, in 80 columns; readable without colours too. */
#include "plan/diff_print.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "plan/diff_words.h"

#include <string.h>

enum { WIDTH = 80 };

struct page {
    struct arena *arena;
    struct buffer *into;
    const struct diff_paper *paper;
    bool colour;
};

static void paint(const struct page *page, const char *code, const char *text)
{
    if (text[0] == '\0')
        return;
    if (page->colour)
        buffer_format(page->into, "\033[%sm", code);
    buffer_printable(page->into, text_of(text));
    if (page->colour)
        buffer_text(page->into, "\033[0m");
}

static size_t columns(struct text text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++)
        count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    return count;
}

/* TEXT from column AT on, broken at blanks; what follows is indented by INDENT. */
static void wrap(const struct page *page, size_t at, size_t indent, const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        size_t wide = columns((struct text){text, length});
        if (at + wide > WIDTH && at > indent) {
            buffer_format(page->into, "\n%*s", (int)indent, "");
            at = indent;
        }
        buffer_printable(page->into, (struct text){text, length});
        at += wide;
        text += length;
        size_t blanks = strspn(text, " ");
        if (blanks > 0 && text[blanks] != '\0') {
            size_t next = columns((struct text){text + blanks, strcspn(text + blanks, " ")});
            if (at + blanks + next <= WIDTH) {
                buffer_format(page->into, "%*s", (int)blanks, "");
                at += blanks;
            } else {
                buffer_format(page->into, "\n%*s", (int)indent, "");
                at = indent;
            }
        }
        text += blanks;
    }
}

/* ---- word by word ---- */

static void print_piece(const struct page *page, const struct piece *piece)
{
    static const char *const open[] = {"", "[-", "{+"}, *const close[] = {"", "-]", "+}"};
    static const char *const codes[] = {"", "31", "32"};
    if (piece->kind != PIECE_SAME && page->colour)
        buffer_format(page->into, "\033[%sm", codes[piece->kind]);
    buffer_text(page->into, open[piece->kind]);
    buffer_printable(page->into, piece->text);
    buffer_text(page->into, close[piece->kind]);
    if (piece->kind != PIECE_SAME && page->colour)
        buffer_text(page->into, "\033[0m");
}

/* What is the same is only there to tell where the rest is: at most FRONT and BACK of it. */
static void print_same(const struct page *page, struct text text, size_t front, size_t back)
{
    if (text.length <= front + back + 5) {
        buffer_printable(page->into, text);
        return;
    }
    size_t until = front, from = text.length - back;
    while (until > 0 && ((unsigned char)text.at[until] & 0xc0) == 0x80)
        until--;
    while (from < text.length && ((unsigned char)text.at[from] & 0xc0) == 0x80)
        from++;
    buffer_printable(page->into, (struct text){text.at, until});
    buffer_text(page->into, "…");
    buffer_printable(page->into, (struct text){text.at + from, text.length - from});
}

static void print_words(const struct page *page, const char *was, const char *is)
{
    enum { NEAR = 30 };
    struct list pieces = diff_words(page->arena, was, is);
    buffer_text(page->into, "      ");
    for (uint32_t i = 0; i < pieces.count; i++) {
        const struct piece *piece = pieces.at[i];
        if (piece->kind == PIECE_SAME)
            print_same(page, piece->text, NEAR, i + 1 < pieces.count ? NEAR : 0);
        else
            print_piece(page, piece);
    }
    buffer_text(page->into, "\n");
}

static void print_line(const struct page *page, const char *sign, const char *code,
                       struct text line)
{
    if (line.length > 0 && line.at[line.length - 1] == '\n')
        line.length--;
    const char *text = arena_format(page->arena, "      %s %.*s", sign, (int)line.length, line.at);
    if (code != NULL)
        paint(page, code, text);
    else
        buffer_printable(page->into, text_of(text));
    buffer_text(page->into, "\n");
}

/* The lines of PIECE; of those that are the same, one beside each change. */
static void print_lines_of(const struct page *page, const struct piece *piece, bool first,
                           bool last)
{
    static const char *const signs[] = {" ", "-", "+"}, *const codes[] = {NULL, "31", "32"};
    struct text rest = piece->text;
    size_t number = 0;
    while (rest.length > 0) {
        const char *end = memchr(rest.at, '\n', rest.length);
        size_t length = end ? (size_t)(end - rest.at) + 1 : rest.length;
        bool at_front = number == 0 && !first, at_end = length == rest.length && !last;
        if (piece->kind != PIECE_SAME || at_front || at_end)
            print_line(page, signs[piece->kind], codes[piece->kind],
                       (struct text){rest.at, length});
        rest.at += length;
        rest.length -= length;
        number++;
    }
}

static void print_lines(const struct page *page, const char *was, const char *is)
{
    struct list pieces = diff_lines(page->arena, was, is);
    for (uint32_t i = 0; i < pieces.count; i++)
        print_lines_of(page, pieces.at[i], i == 0, i + 1 == pieces.count);
}

/* ---- changes ---- */

static const char *sign_of(const struct change *change)
{
    switch (change->weight) {
    case WEIGHT_WEAKENED:
        return "!";
    case WEIGHT_DESTROYS:
        return "x";
    case WEIGHT_STRENGTHENED:
        return "^";
    case WEIGHT_CHANGED:
    case WEIGHT_WORDS:
    case WEIGHT_COUNT:
        break;
    }
    return change->kind == CHANGE_ADDED ? "+" : change->kind == CHANGE_REMOVED ? "-" : "~";
}

static const char *place_of(const struct page *page, const struct change *change)
{
    const char *now = diff_place(page->arena, page->paper, change->new);
    const char *before = diff_place(page->arena, page->paper, change->old);
    return now != NULL      ? now
           : before != NULL ? arena_format(page->arena, "before: %s", before)
                            : "";
}

static void print_change(const struct page *page, const struct change *change)
{
    static const char *const codes[] = {[WEIGHT_WEAKENED] = "1;31",
                                        [WEIGHT_DESTROYS] = "1;31",
                                        [WEIGHT_CHANGED] = "1",
                                        [WEIGHT_STRENGTHENED] = "1;32",
                                        [WEIGHT_WORDS] = "2"};
    const char *step = change->step ? change->step : "";
    buffer_text(page->into, "  ");
    paint(page, codes[change->weight], sign_of(change));
    buffer_text(page->into, " ");
    paint(page, "1", step);
    const char *rest = arena_format(page->arena, "%s%s", step[0] ? ": " : "", change->says);
    wrap(page, 4 + columns(text_of(step)), 6, rest);
    buffer_text(page->into, "\n");
    if (change->detailed) {
        bool lines = strchr(change->was, '\n') || strchr(change->is, '\n');
        (lines ? print_lines : print_words)(page, change->was, change->is);
    }
    buffer_text(page->into, "      ");
    paint(page, "2", place_of(page, change));
    buffer_text(page->into, "\n");
}

/* Those of an action or of a called runbook stand below its name. */
static void print_of_weight(const struct page *page, const struct diff *diff, enum weight weight)
{
    const char *scope = NULL;
    for (uint32_t i = 0; i < diff->changes.count; i++) {
        const struct change *change = diff->changes.at[i];
        const char *where = diff_where(page->arena, change);
        if (change->weight != weight)
            continue;
        if (where != NULL && (scope == NULL || strcmp(scope, where) != 0)) {
            buffer_text(page->into, "  ");
            wrap(page, 2, 4, arena_format(page->arena, "in the %s:", where));
            buffer_text(page->into, "\n");
        }
        scope = where;
        print_change(page, change);
    }
}

static void print_changes(const struct page *page, const struct diff *diff)
{
    for (enum weight weight = WEIGHT_WEAKENED; weight < WEIGHT_WORDS; weight++) {
        if (diff->counts[weight] == 0)
            continue;
        buffer_text(page->into, "\n");
        paint(page, weight <= WEIGHT_DESTROYS ? "1;31" : "1", weight_title(weight));
        buffer_text(page->into, "\n");
        print_of_weight(page, diff, weight);
    }
}

/* What people read and nothing does, in one line. */
static void print_reworded(const struct page *page, const struct diff *diff)
{
    const char *names = NULL;
    for (uint32_t i = 0; i < diff->changes.count; i++) {
        const struct change *change = diff->changes.at[i];
        if (change->weight != WEIGHT_WORDS)
            continue;
        const char *one = change->step
                              ? arena_format(page->arena, "%s (%s)", change->step, change->path)
                              : change->path;
        if (change->scope != NULL)
            one = arena_format(page->arena, "%s: %s", change->scope, one);
        names = names ? arena_format(page->arena, "%s, %s", names, one) : one;
    }
    if (names == NULL)
        return;
    buffer_text(page->into, "\n");
    wrap(page, 0, 2, arena_format(page->arena, "words only: %s", names));
    buffer_text(page->into, "\n");
}

/* ---- the checker ---- */

static const char *placed(const struct page *page, const struct diagnostic *finding)
{
    const char *place = diff_place(page->arena, page->paper, finding->mark);
    return place ? arena_format(page->arena, "%s (%s)", finding->message, place) : finding->message;
}

static void print_finding(const struct page *page, const struct diff_finding *finding)
{
    const struct diagnostic *one = finding->new ? finding->new : finding->old;
    const struct diagnostic_about *about = diagnostic_about(one->code);
    const char *line =
        arena_format(page->arena, "%s %s %s: %s",
                     finding->new ? "now:" : "no longer:", severity_name(about->severity),
                     about->code, placed(page, one));
    if (finding->new != NULL && finding->old != NULL)
        line = arena_format(page->arena, "%s; before: %s", line, finding->old->message);
    buffer_text(page->into, "  ");
    wrap(page, 2, 6, line);
    buffer_text(page->into, "\n");
}

static void print_losses(const struct page *page, const char *how, const struct list *losses)
{
    for (uint32_t i = 0; i < losses->count; i++) {
        const struct diff_loss *loss = losses->at[i];
        buffer_text(page->into, "  ");
        wrap(page, 2, 6, arena_format(page->arena, "%s %s, by %s", how, loss->resource, loss->by));
        buffer_text(page->into, "\n");
    }
}

static void print_fault(const struct page *page, const char *what, const char *fault)
{
    if (fault == NULL)
        return;
    buffer_text(page->into, "  ");
    wrap(page, 2, 6, arena_format(page->arena, "%s%s", what, fault));
    buffer_text(page->into, "\n");
}

static void print_proof(const struct page *page, const struct diff *diff)
{
    if (!diff_proved(diff))
        return;
    buffer_text(page->into, "\n");
    paint(page, "1", "what the checker says");
    buffer_text(page->into, "\n");
    print_fault(page, "the new one is not valid and would not run",
                diff_fault(page->arena, diff, true));
    print_fault(page, diff_proof(page->arena, diff), diff_proof(page->arena, diff) ? "" : NULL);
    print_fault(page, "the old one does not check today", diff_fault(page->arena, diff, false));
    for (uint32_t i = 0; i < diff->findings.count; i++)
        print_finding(page, diff->findings.at[i]);
    print_losses(page, "now destroyed too:", &diff->destroyed);
    print_losses(page, "no longer destroyed:", &diff->spared);
}

/* ---- all ---- */

/* What one side alone has, or why nothing can be compared; NULL: both are there. */
static void print_lone(const struct page *page, const struct diff_entry *entry)
{
    const char *what = diff_lone(page->arena, entry);
    if (what != NULL)
        wrap(page, 0, 2, what);
    else
        wrap(page, 0, 2, diff_headline(page->arena, entry->diff->counts));
    buffer_text(page->into, "\n");
}

static void print_entry(const struct page *page, const struct diff_entry *entry)
{
    const char *name = entry->new_name ? entry->new_name : entry->old_name;
    paint(page, "1", name);
    if (entry->old_name != NULL && entry->new_name != NULL)
        buffer_printable(page->into,
                         text_of(arena_format(page->arena, ", against %s", entry->old_name)));
    buffer_text(page->into, "\n");
    print_lone(page, entry);
    print_changes(page, entry->diff);
    print_proof(page, entry->diff);
    print_reworded(page, entry->diff);
}

void diff_print_text(const struct diff_paper *paper, bool colour, struct buffer *into)
{
    struct page page = {arena_new(), into, paper, colour};
    for (uint32_t i = 0; i < paper->entries.count; i++) {
        buffer_text(into, i ? "\n" : "");
        print_entry(&page, paper->entries.at[i]);
    }
    if (paper->entries.count == 0)
        buffer_format(into, "no change: %s\n",
                      paper->compared == 1 ? "nothing would be done differently"
                                           : "nothing would be done differently by any of them");
    arena_free(page.arena);
}
