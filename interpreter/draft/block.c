/* A block of code: its lines as steps. */
#include "draft/block_own.h"

#include "base/arena.h"
#include "draft/command.h"
#include "draft/markdown.h"
#include "draft/names.h"

#include <string.h>

enum {
    COMMANDS_LIMIT = 10000, /* no procedure has more; a draft of them nobody would read */
    SHOWN_LIMIT = 60        /* lines of a block that is no shell */
};

/* ---- which blocks are shell ---- */

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

static bool is_prompt(const char *row)
{
    row += strspn(row, " \t");
    return row[0] == '$' && row[1] == ' ';
}

/* A block that says nothing of its language is shell when all of its lines begin with a command. */
static bool looks_like_shell(const struct blocking *blocking)
{
    size_t commands = 0;
    for (size_t i = 0; i < blocking->rows.count; i++) {
        const char *row = blocking->rows.at[i];
        const char *before = i > 0 ? blocking->rows.at[i - 1] : "";
        bool goes_on = before[0] != '\0' && before[strlen(before) - 1] == '\\';
        if (row[0] == '\0' || row[0] == '#' || goes_on)
            continue;
        if (!command_known(text_of(row)))
            return false;
        commands++;
    }
    return commands > 0;
}

enum language { LANGUAGE_SHELL, LANGUAGE_SESSION, LANGUAGE_OTHER };

static enum language language_of(const struct blocking *blocking)
{
    static const char *const shells[] = {"bash", "sh",   "shell",       "zsh",
                                         "ksh",  "dash", "shellscript", NULL};
    static const char *const sessions[] = {
        "console",    "shell-session", "terminal", "bash-session",
        "sh-session", "shellsession",  "session",  NULL};
    const char *info = blocking->piece->info;
    bool prompts = false;
    for (size_t i = 0; i < blocking->rows.count; i++)
        prompts = prompts || is_prompt(blocking->rows.at[i]);
    if (is_one_of(info, shells))
        return prompts ? LANGUAGE_SESSION : LANGUAGE_SHELL;
    if (is_one_of(info, sessions))
        return prompts ? LANGUAGE_SESSION : LANGUAGE_SHELL;
    if (info[0] == '\0' && prompts)
        return LANGUAGE_SESSION;
    return info[0] == '\0' && looks_like_shell(blocking) ? LANGUAGE_SHELL : LANGUAGE_OTHER;
}

static void split_rows(struct blocking *blocking)
{
    struct text rest = text_of(blocking->piece->text);
    while (rest.length > 0) {
        const char *end = memchr(rest.at, '\n', rest.length);
        size_t length = end ? (size_t)(end - rest.at) : rest.length;
        list_add(blocking->draft->arena, &blocking->rows,
                 arena_copy(blocking->draft->arena, rest.at, length));
        rest.at += length + (end != NULL);
        rest.length -= length + (end != NULL);
    }
}

/* ---- scripts ---- */

/* From a `#!` on, where what follows is more than plain lines: one program. NULL: it is not so. */
static const struct shell_line *whole_script(struct blocking *blocking, const struct list *lines,
                                             size_t at)
{
    const struct shell_line *first = lines->at[at];
    bool compound = false;
    if (first->kind != SHELL_COMMENT || first->comment[0] != '!')
        return NULL;
    for (size_t i = at; i < lines->count; i++) {
        const struct shell_line *line = lines->at[i];
        if (line->broken)
            return NULL;
        compound = compound || line->kind == SHELL_OTHER;
    }
    const struct shell_line *last = lines->at[lines->count - 1];
    if (!compound)
        return NULL;
    struct shell_line *script = arena_alloc(blocking->draft->arena, sizeof *script);
    *script = *first;
    script->kind = SHELL_OTHER;
    script->comment = NULL;
    script->why = "a whole program";
    script->bash = false;
    for (size_t i = at; i < lines->count; i++)
        script->bash = script->bash || ((struct shell_line *)lines->at[i])->bash;
    const char *end = last->text.at + last->text.length;
    script->text = (struct text){first->text.at, (size_t)(end - first->text.at)};
    script->last = last->last;
    return script;
}

static void make_script(struct blocking *blocking, const struct shell_line *script)
{
    struct draft *draft = blocking->draft;
    draft->line = blocking->piece->line + script->line;
    draft->counts.commands++;
    struct draft_step *step = draft_step_new(draft);
    block_title(blocking, step, NULL);
    draft_note(draft, step, "lines %u to %u, word for word", draft->line,
               blocking->piece->line + script->last);
    draft_todo(draft, step,
               "a whole program that the document shows: is it a step of the procedure, or "
               "something that is installed? What watches and counts is a monitor "
               "(`runbook watch`)");
    for (uint32_t i = script->line; i <= script->last && i < blocking->rows.count; i++)
        block_traps(blocking, step, text_of(blocking->rows.at[i]), true, blocking->piece->line + i);
    command_shell(draft, script, step);
    command_count(draft, step);
}

/* ---- sessions ---- */

/* What is typed behind the prompts; what was answered is left out, its lines empty, so that numbers
 * stay. */
static const char *typed(struct blocking *blocking)
{
    struct buffer all = {0};
    bool goes_on = false;
    for (size_t i = 0; i < blocking->rows.count; i++) {
        const char *row = blocking->rows.at[i];
        const char *inside = row + strspn(row, " \t");
        bool prompt = is_prompt(row);
        const char *text = prompt             ? inside + 2
                           : goes_on          ? inside + (strncmp(inside, "> ", 2) == 0 ? 2 : 0)
                           : inside[0] == '#' ? inside
                                              : "";
        goes_on = (prompt || goes_on) && text[0] != '\0' && text[strlen(text) - 1] == '\\';
        buffer_format(&all, "%s\n", text);
    }
    const char *made = arena_copy(blocking->draft->arena, all.at ? all.at : "", all.length);
    buffer_free(&all);
    return made;
}

/* ---- other blocks ---- */

static void show_block(struct blocking *blocking)
{
    struct draft *draft = blocking->draft;
    const struct piece *piece = blocking->piece;
    draft->line = piece->line;
    struct draft_step *step = block_note(blocking);
    draft->counts.blocks++;
    if (blocking->prose != NULL && piece->info[0] == '\0')
        draft_note(draft, step,
                   "line %u: a block without a language; if it is commands, say ```bash there",
                   piece->line);
    else
        draft_note(draft, step, "line %u: a block of %s, no commands", piece->line,
                   piece->info[0] ? piece->info : "text");
    for (size_t i = 0; i < blocking->rows.count && i < SHOWN_LIMIT; i++)
        draft_note(draft, step, "| %s", (const char *)blocking->rows.at[i]);
    if (blocking->rows.count > SHOWN_LIMIT)
        draft_note(draft, step, "| … to line %u", piece->line + blocking->rows.count - 1);
}

void draft_block(struct draft *draft, const struct piece *piece, const char *prose)
{
    struct blocking blocking = {.draft = draft, .piece = piece, .prose = prose};
    split_rows(&blocking);
    enum language language = language_of(&blocking);
    if (language == LANGUAGE_OTHER) {
        show_block(&blocking);
        return;
    }
    struct text text = text_of(language == LANGUAGE_SESSION ? typed(&blocking) : piece->text);
    struct list lines = shell_read(draft->arena, text);
    size_t first = draft->group->inner.count;
    size_t commands = 0;
    for (size_t i = 0; i < lines.count; i++)
        commands += ((const struct shell_line *)lines.at[i])->kind != SHELL_COMMENT;
    blocking.alone = commands == 1;
    for (size_t i = 0; i < lines.count && !draft->full; i++) {
        const struct shell_line *line = lines.at[i];
        const struct shell_line *script = whole_script(&blocking, &lines, i);
        if (script != NULL) {
            make_script(&blocking, script);
            break;
        }
        if (line->kind == SHELL_COMMENT)
            block_comment(&blocking, line);
        else
            block_command(&blocking, line);
        draft->full = draft->counts.commands > COMMANDS_LIMIT;
    }
    block_flush(&blocking);
    draft_fold(draft, draft->group, first);
}
