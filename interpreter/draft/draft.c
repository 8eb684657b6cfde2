#include "draft/draft_own.h"

#include "base/arena.h"
#include "base/path.h"
#include "draft/markdown.h"
#include "draft/names.h"
#include "draft/objective.h"

#include <string.h>
#include <strings.h>

enum {
    PROSE_LIMIT = 12,   /* lines of prose in a row: the document itself has the rest */
    PROSE_BYTES = 4000, /* and so many bytes */
    ABOUT_LIMIT = 1200  /* bytes */
};

/* ---- sections ---- */

/* Headings that say nothing but that steps follow. */
static bool is_mere(const char *title)
{
    static const char *const words[] = {
        "steps",    "step",     "procedure", "commands", "instructions", "how to", "手順",
        "コマンド", "実行手順", "schritte",  "vorgehen", "ablauf",       "étapes", "pasos"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(words[i], title) == 0)
            return true;
    return false;
}

static bool is_of_checks(const char *title)
{
    static const char *const words[] = {"verif", "check",  "confirm", "validat", "検証",
                                        "確認",  "テスト", "test",    "prüf",    "vérif"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(title, words[i]) != NULL)
            return true;
    return false;
}

/* Does the section ask how things stand, be it before anything is done? */
static bool is_asking(const char *title)
{
    static const char *const words[] = {"precondition",  "prerequisite", "before you", "前提",
                                        "voraussetzung", "status",       "state",      "状態"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(title, words[i]) != NULL)
            return true;
    return strchr(title, '?') != NULL || strstr(title, "？") != NULL || is_of_checks(title);
}

/* "level" of "Level 2: …": sections that are called so are alternatives. NULL: none of these. */
static const char *alternative(const char *title, const char **number)
{
    static const struct {
        const char *word, *name;
    } words[] = {{"level", "level"},     {"レベル", "level"},     {"stufe", "level"},
                 {"niveau", "level"},    {"option", "option"},    {"scenario", "case"},
                 {"szenario", "case"},   {"シナリオ", "case"},    {"method", "method"},
                 {"variant", "variant"}, {"case", "case"},        {"alternative", "option"},
                 {"方法", "method"},     {"オプション", "option"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i].word);
        if (strncasecmp(title, words[i].word, length) != 0)
            continue;
        const char *at = title + length + strspn(title + length, " ");
        bool letter = (at[0] >= 'A' && at[0] <= 'Z') && strchr(" :.)", at[1]) != NULL;
        if ((at[0] >= '0' && at[0] <= '9') || letter) {
            *number = at;
            return words[i].name;
        }
    }
    return NULL;
}

/* "section_1_2" of "1.2 …" in a script without our letters. */
static const char *numbered_name(struct arena *arena, const char *title)
{
    size_t length = strspn(title, "0123456789.");
    if (length == 0 || length > 12 || title[0] == '.')
        return "";
    struct buffer name = {0};
    buffer_text(&name, "section");
    bool digit = false;
    for (size_t i = 0; i < length; i++) {
        bool is = title[i] != '.';
        if (is && !digit)
            buffer_text(&name, "_");
        if (is)
            buffer_add(&name, title + i, 1);
        digit = is;
    }
    const char *made = arena_copy(arena, name.at, name.length);
    buffer_free(&name);
    return made;
}

static const char *group_name(struct draft *draft, const char *title)
{
    const char *number = NULL;
    const char *word = alternative(title, &number);
    const char *name = name_of_title(draft->arena, title);
    if (word != NULL)
        return name_of_words(draft->arena,
                             arena_format(draft->arena, "%s_%.*s", word,
                                          (int)strcspn(number, " :.)\xe3\xef"), number));
    return name[0] != '\0' ? name : numbered_name(draft->arena, title);
}

static const char *without_marks(const char *title)
{
    /* An emoji in front of a heading is none of its words. */
    while (*title != '\0') {
        uint32_t code = 0;
        size_t length = text_character(text_of(title), &code);
        bool mark =
            code == ' ' || code == 0xfe0f || (code >= 0x2190 && code < 0x2c00) || code >= 0x1f000;
        if (!mark || length == 0)
            break;
        title += length;
    }
    return title;
}

/* ---- prose ---- */

struct telling {
    struct draft_step *step; /* of the lines in a row; NULL: none */
    size_t lines, bytes;
    const char *last;
};

static void tell_prose(struct draft *draft, const struct piece *piece, struct telling *telling)
{
    if (telling->step == NULL) {
        *telling = (struct telling){.step = draft_step_new(draft)};
        telling->step->role = ROLE_NOTE;
        draft_step_add(draft, telling->step);
    }
    telling->lines++;
    telling->bytes += strlen(piece->text);
    telling->last = piece->item ? NULL : piece->text;
    if (telling->lines <= PROSE_LIMIT && telling->bytes <= PROSE_BYTES)
        draft_note(draft, telling->step, "%s%s", piece->item ? "- " : "", piece->text);
    else if (telling->lines == PROSE_LIMIT + 1)
        draft_note(draft, telling->step, "… (line %u of the document)", piece->line);
}

/* ---- the walk ---- */

static bool has_commands(const struct piece *section)
{
    for (size_t i = 0; i < section->inner.count; i++) {
        const struct piece *piece = section->inner.at[i];
        if (piece->kind == PIECE_CODE || (piece->kind == PIECE_SECTION && has_commands(piece)))
            return true;
    }
    return false;
}

static void walk_section(struct draft *draft, const struct piece *section);

/* A step has no objective: of a section that is one of several it is told, and given to a draft of
 * it alone. */
static void tell_objective(struct draft *draft, struct draft_step *group, const char *title)
{
    const char *number = NULL;
    if (draft->group != draft->root || !draft->parted || alternative(title, &number) == NULL)
        return;
    struct objective objective = objective_of(draft->arena, draft->document, title);
    if (objective.time != NULL)
        draft_note(draft, group,
                   "objective: %s, by line %u; a draft of this part alone has it (--section)",
                   objective.time, objective.prose->line);
}

static void find_objective(struct draft *draft, const struct piece *top)
{
    struct objective objective = {0};
    if (draft->request->section != NULL)
        objective = objective_of(draft->arena, draft->document, without_marks(top->text));
    else if (!draft->parted)
        objective = objective_in(draft->arena, top);
    draft->objective = objective.time;
}

static void open_group(struct draft *draft, const struct piece *section)
{
    struct draft_step *outer = draft->group;
    struct draft_step *group = draft_step_new(draft);
    const char *title = without_marks(section->text);
    bool verifying = draft->verifying;
    group->line = section->line;
    group->heading = section->level;
    group->written = section->text;
    group->title = branch_literal(draft->arena, section->text);
    group->id = group_name(draft, title);
    group->effect = DRAFT_READS;
    if (group->id[0] == '\0')
        group->id = arena_format(draft->arena, "part_%u", outer->inner.count + 1);
    tell_objective(draft, group, title);
    bool mere = is_mere(title);
    if (!mere) {
        draft_step_add(draft, group);
        draft->group = group;
    } else {
        struct draft_step *note = draft_step_new(draft);
        note->role = ROLE_NOTE;
        draft_note(draft, note, "line %u: %s", section->line, section->text);
        draft_step_add(draft, note);
    }
    /* A folder that was gone to is left with the part of the document. */
    const char *cwd = draft->cwd;
    bool asking = draft->asking;
    draft->verifying = is_of_checks(title);
    draft->asking = is_asking(title) || (mere && asking);
    walk_section(draft, section);
    draft->verifying = verifying;
    draft->asking = asking;
    if (outer == draft->root && !mere)
        draft->cwd = cwd;
    draft->group = outer;
}

static void walk_section(struct draft *draft, const struct piece *section)
{
    struct telling telling = {0};
    for (size_t i = 0; i < section->inner.count && !draft->full; i++) {
        const struct piece *piece = section->inner.at[i];
        if (piece->kind == PIECE_PROSE) {
            tell_prose(draft, piece, &telling);
        } else if (piece->kind == PIECE_CODE) {
            draft_block(draft, piece, telling.last);
            telling = (struct telling){0};
        } else {
            open_group(draft, piece);
            telling = (struct telling){0};
        }
    }
}

/* ---- the top ---- */

/* The one section that holds all of the document: its heading is the title. */
static const struct piece *top_section(const struct piece *document)
{
    const struct piece *only = NULL;
    for (size_t i = 0; i < document->inner.count; i++) {
        const struct piece *piece = document->inner.at[i];
        if (piece->kind != PIECE_SECTION)
            continue;
        if (only != NULL)
            return document;
        only = piece;
    }
    return only && only->level == 1 ? only : document;
}

/* ABOUT is the first prose; no blank at its beginning, as the block in which it is written wants
 * it. */
static const char *first_prose(struct draft *draft, const struct piece *section, size_t depth)
{
    for (size_t i = 0; i < section->inner.count && depth < 8; i++) {
        const struct piece *piece = section->inner.at[i];
        const char *inner = NULL;
        if (piece->kind == PIECE_PROSE && !piece->item && piece->text[0] != '\0' &&
            strlen(piece->text) <= ABOUT_LIMIT)
            return branch_literal(draft->arena, piece->text);
        if (piece->kind == PIECE_SECTION)
            inner = first_prose(draft, piece, depth + 1);
        if (inner != NULL)
            return inner;
        if (piece->kind == PIECE_CODE)
            return NULL;
    }
    return NULL;
}

static const char *file_name(struct draft *draft)
{
    const char *base = path_name(draft->request->file);
    size_t length = strlen(base);
    if (length > 3 && strcmp(base + length - 3, ".md") == 0)
        length -= 3;
    const char *name = name_of_words(draft->arena, arena_copy(draft->arena, base, length));
    return name[0] != '\0' ? name : "procedure";
}

/* Sections that are alternatives: one of them is run at a time, as the run's param says. */
static void decide_parts(struct draft *draft, const struct piece *top)
{
    size_t count = 0;
    for (size_t i = 0; i < top->inner.count; i++) {
        const struct piece *piece = top->inner.at[i];
        const char *number = NULL;
        count += piece->kind == PIECE_SECTION && has_commands(piece) &&
                 alternative(without_marks(piece->text), &number) != NULL;
    }
    draft->parted = count >= 2;
}

static bool any_step(const struct draft_step *group)
{
    for (size_t i = 0; i < group->inner.count; i++) {
        const struct draft_step *step = group->inner.at[i];
        if (step->role != ROLE_NOTE && (step->action != NULL || any_step(step)))
            return true;
    }
    return false;
}

static struct branch *part_list(struct draft *draft)
{
    struct branch *list = branch_list(draft->arena);
    for (size_t i = 0; i < draft->root->inner.count; i++) {
        struct draft_step *step = draft->root->inner.at[i];
        if (step->role == ROLE_NOTE || step->action != NULL || !any_step(step))
            continue;
        step->when = arena_format(draft->arena, "${params.part == '%s'}", step->id);
        branch_add(draft->arena, list, branch_text(draft->arena, step->id));
    }
    return list;
}

static void make_parts(struct draft *draft)
{
    struct branch *list = draft->parted ? part_list(draft) : NULL;
    if (list == NULL || list->items.count == 0)
        return;
    struct draft_param *part = draft_param(draft, "part", "string", NULL, NULL,
                                           "which part of the procedure is run, one at a time");
    part->one_of = list;
}

static const struct piece *find_section(const struct piece *section, const char *name, bool whole,
                                        size_t depth)
{
    for (size_t i = 0; i < section->inner.count && depth < 8; i++) {
        const struct piece *piece = section->inner.at[i];
        if (piece->kind != PIECE_SECTION)
            continue;
        if (whole ? strcasecmp(piece->text, name) == 0 : strcasestr(piece->text, name) != NULL)
            return piece;
        const struct piece *inner = find_section(piece, name, whole, depth + 1);
        if (inner != NULL)
            return inner;
    }
    return NULL;
}

static void list_sections(const struct piece *section, struct buffer *into)
{
    for (size_t i = 0; i < section->inner.count; i++) {
        const struct piece *piece = section->inner.at[i];
        if (piece->kind != PIECE_SECTION)
            continue;
        buffer_format(into, "%*s%s\n", (int)(piece->level * 2), "", piece->text);
        list_sections(piece, into);
    }
}

enum draft_outcome draft_make(struct arena *arena, const struct draft_request *request,
                              struct buffer *into, struct draft_counts *counts)
{
    struct draft *draft = arena_alloc(arena, sizeof *draft);
    draft->arena = arena;
    draft->request = request;
    const struct piece *document = markdown_read(arena, markdown_clean(arena, request->document));
    const struct piece *top = top_section(document);
    if (request->section != NULL) {
        top = find_section(document, request->section, true, 0);
        top = top ? top : find_section(document, request->section, false, 0);
        if (top == NULL) {
            list_sections(document, into);
            return DRAFT_NO_SECTION;
        }
    }
    draft->root = draft->group = draft_step_new(draft);
    const char *name = request->section != NULL ? group_name(draft, without_marks(top->text))
                                                : name_of_title(arena, top->text);
    draft->name = name[0] != '\0' ? name : file_name(draft);
    draft->title = top->text[0] != '\0' ? branch_literal(arena, top->text) : NULL;
    draft->about = first_prose(draft, top, 0);
    draft->verifying = is_of_checks(top->text);
    draft->asking = is_asking(top->text);
    draft->document = document;
    decide_parts(draft, top);
    find_objective(draft, top);
    walk_section(draft, top);
    make_parts(draft);
    draft_faults(draft);
    *counts = draft->counts;
    if (draft->full)
        return DRAFT_TOO_LARGE;
    if (!any_step(draft->root))
        return DRAFT_NO_COMMAND;
    draft_print(draft, into);
    *counts = draft->counts;
    return DRAFT_MADE;
}
