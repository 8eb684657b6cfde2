/* The lines of a block: what is said of them, and what they become. */
#include "draft/block_own.h"

#include "base/arena.h"
#include "draft/command.h"
#include "draft/markdown.h"
#include "draft/names.h"

#include <string.h>

enum { TITLE_LIMIT = 160 }; /* bytes of a title */

/* ---- notes ---- */

struct draft_step *block_note(struct blocking *blocking)
{
    struct draft_step *step = draft_step_new(blocking->draft);
    step->role = ROLE_NOTE;
    draft_step_add(blocking->draft, step);
    return step;
}

/* Comments that became nobody's title. */
void block_flush(struct blocking *blocking)
{
    if (blocking->comments.count == 0)
        return;
    struct draft_step *step = block_note(blocking);
    for (size_t i = 0; i < blocking->comments.count; i++)
        draft_note(blocking->draft, step, "%s", (const char *)blocking->comments.at[i]);
    blocking->comments.count = 0;
}

/* The lines as they are written. */
static void quote_rows(struct blocking *blocking, struct draft_step *step, uint32_t first,
                       uint32_t last)
{
    for (uint32_t i = first; i <= last && i < blocking->rows.count; i++) {
        const char *row = blocking->rows.at[i];
        if (i == first)
            draft_note(blocking->draft, step, "line %u: %s", blocking->piece->line + i,
                       row + strspn(row, " \t"));
        else
            draft_note(blocking->draft, step, "| %s", row);
    }
}

static const char *text_copy(struct draft *draft, struct text text)
{
    return arena_copy(draft->arena, text.at, text.length);
}

/* ---- traps ---- */

struct trapping {
    struct draft *draft;
    struct draft_step *step;
    uint32_t line; /* 0: that of the step */
};

static void found_trap(void *context, const struct draft_trap *trap)
{
    struct trapping *trapping = context;
    const char *place =
        trapping->line > 0 ? arena_format(trapping->draft->arena, ", line %u", trapping->line) : "";
    trapping->draft->counts.traps++;
    /* What was told once is named; what is gone for good is told each time. */
    bool grave = strcmp(trap->code, "RB503") == 0;
    const char *first = map_get(&trapping->draft->told, trap->id);
    if (first != NULL && !grave) {
        draft_note(trapping->draft, trapping->step, "trap %s (%s%s): as in line %s", trap->code,
                   trap->id, place, first);
        return;
    }
    const char *id = arena_format(trapping->draft->arena, "%s", trap->id);
    map_put(trapping->draft->arena, &trapping->draft->told, id,
            arena_format(trapping->draft->arena, "%u",
                         trapping->line > 0 ? trapping->line : trapping->step->line));
    draft_note(trapping->draft, trapping->step, "trap %s (%s%s): %s%s%s", trap->code, trap->id,
               place, trap->message, trap->remedy ? ". Remedy: " : "",
               trap->remedy ? trap->remedy : "");
}

/* One line, its words apart by single blanks. */
static struct text in_one_line(struct arena *arena, struct text text)
{
    char *line = arena_copy(arena, text.at, text.length);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        bool joined = text.at[i] == '\\' && i + 1 < text.length && text.at[i + 1] == '\n';
        bool blank = joined || strchr(" \t\n", text.at[i]) != NULL;
        if (blank && (length == 0 || line[length - 1] == ' '))
            continue;
        line[length++] = blank ? ' ' : text.at[i];
    }
    return (struct text){line, length};
}

void block_traps(struct blocking *blocking, struct draft_step *step, struct text text, bool script,
                 uint32_t line)
{
    const struct draft_request *request = blocking->draft->request;
    struct trapping trapping = {blocking->draft, step, line};
    if (request->find_traps != NULL)
        request->find_traps(request->find_context, in_one_line(blocking->draft->arena, text),
                            script, blocking->draft->asking, found_trap, &trapping);
}

/* ---- titles ---- */

/* "1. Stop the services" says the same without the number. */
static const char *without_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    const char *rest = text + digits;
    if (digits == 0 || (rest[0] != '.' && rest[0] != ')') || rest[1] != ' ')
        return text;
    return rest + 1 + strspn(rest + 1, " ");
}

static const char *short_title(struct draft *draft, const char *text)
{
    text = without_number(text);
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ':' || text[length - 1] == ' '))
        length--;
    if (length >= 3 && memcmp(text + length - 3, "：", 3) == 0)
        length -= 3;
    if (length <= TITLE_LIMIT)
        return arena_copy(draft->arena, text, length);
    length = TITLE_LIMIT;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    return arena_format(draft->arena, "%.*s…", (int)length, text);
}

/* A sentence that goes on in the next comment begins there with a small letter. */
static void join_comments(struct blocking *blocking)
{
    struct list *comments = &blocking->comments;
    while (comments->count >= 2) {
        const char *last = comments->at[comments->count - 1];
        if (last[0] < 'a' || last[0] > 'z')
            return;
        comments->at[comments->count - 2] = arena_format(
            blocking->draft->arena, "%s %s", (const char *)comments->at[comments->count - 2], last);
        comments->count--;
    }
}

/* Is the prose before the block what its one command does? Of several it may be the first alone. */
static bool titles(const struct blocking *blocking)
{
    size_t length = blocking->prose ? strlen(blocking->prose) : 0;
    return length > 0 && length < TITLE_LIMIT && blocking->alone;
}

/* The last comment before the command is its title, those before it are notes. */
void block_title(struct blocking *blocking, struct draft_step *step, const char *behind)
{
    struct draft *draft = blocking->draft;
    join_comments(blocking);
    if (blocking->comments.count > 0) {
        for (size_t i = 0; i + 1 < blocking->comments.count; i++)
            draft_note(draft, step, "%s", (const char *)blocking->comments.at[i]);
        blocking->carried = 0;
        blocking->comment = blocking->comments.at[blocking->comments.count - 1];
        blocking->comments.count = 0;
        blocking->titled = false;
        blocking->said = NULL;
    }
    /* What stood above an assignment is of the line right below it too, and of nothing further. */
    if (blocking->carried > 0 && blocking->carried != blocking->at)
        blocking->comment = NULL;
    blocking->carried = 0;
    const char *text = blocking->said ? blocking->said : blocking->comment;
    if (text == NULL && titles(blocking))
        text = blocking->comment = blocking->prose;
    if (behind != NULL)
        text = text ? arena_format(draft->arena, "%s: %s", text, behind) : behind;
    bool said = blocking->said != NULL;
    blocking->said = NULL;
    if (text == NULL)
        return;
    text = short_title(draft, text);
    step->title = branch_literal(draft->arena, text);
    bool first = !blocking->titled || behind != NULL || said;
    blocking->titled = true;
    step->id = first ? name_of_title(draft->arena, text) : "";
}

/* ---- lines that are no commands ---- */

static bool is_log_line(const char *row)
{
    return strlen(row) > 10 && strspn(row, "0123456789") == 4 && row[4] == '-' &&
           strspn(row + 5, "0123456789") == 2 && row[7] == '-' &&
           strspn(row + 8, "0123456789") == 2;
}

/* Five fields of a time, and a command. */
static bool is_cron_line(const char *row)
{
    size_t fields = 0;
    bool star = false;
    while (fields < 5) {
        size_t length = strspn(row, "0123456789*/,-");
        if (length == 0 || (row[length] != ' ' && row[length] != '\t'))
            return false;
        star = star || memchr(row, '*', length) != NULL;
        row += length + strspn(row + length, " \t");
        fields++;
    }
    return star && row[0] != '\0';
}

/* A path that stands alone and is no program: where a log or a file lies. */
static bool is_bare_file(const char *row)
{
    static const char *const ends[] = {".log", ".txt", ".conf", ".json", ".yaml", ".yml", ".md",
                                       ".cfg", ".ini", ".env",  ".sql",  ".csv",  "/"};
    size_t length = strlen(row);
    if (strpbrk(row, " \t|&;<>$") != NULL || strchr(row, '/') == NULL)
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (length > strlen(ends[i]) && strcmp(row + length - strlen(ends[i]), ends[i]) == 0)
            return true;
    return false;
}

static const char *no_command(const char *row)
{
    if (is_log_line(row))
        return "a line of a log, no command";
    if (is_cron_line(row))
        return "a line of a crontab, no command of this procedure: what is done regularly is a "
               "monitor "
               "(`runbook watch`) or a timer that begins a runbook";
    return is_bare_file(row) ? "the name of a file, no command" : NULL;
}

static bool leave_line(struct blocking *blocking, const struct shell_line *line)
{
    struct draft *draft = blocking->draft;
    const char *row = text_copy(draft, line->text);
    const char *why = no_command(row);
    if (why == NULL && line->broken)
        why = arena_format(draft->arena, "TODO: this is no whole command, it has %s", line->why);
    if (why == NULL)
        return false;
    size_t length = strlen(row);
    if (length > 4 && strcmp(row + length - 4, ".log") == 0 && draft->log == NULL &&
        !line->broken) {
        draft->log = row;
        draft->log_line = draft->line;
        draft->counts.decide++;
    }
    /* Of several in a row the reason stands once, above them. */
    bool again = blocking->left != NULL && blocking->comments.count == 0 &&
                 strcmp(blocking->left, why) == 0 && blocking->left_line + 1 == line->line;
    if (!again)
        block_flush(blocking);
    struct draft_step *step = again ? blocking->left_step : block_note(blocking);
    if (!again)
        draft_note(draft, step, "%s:", why);
    blocking->left = why;
    blocking->left_line = line->line;
    blocking->left_step = step;
    quote_rows(blocking, step, line->line, line->line);
    draft->counts.left++;
    draft->counts.decide += line->broken;
    return true;
}

/* ---- comments ---- */

/* Does a comment hold a command rather than prose? Its first word is a program, and what follows is
 * not what follows in a sentence. */
static bool is_commented_out(const char *comment)
{
    struct text text = text_of(comment);
    size_t name = strspn(comment, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    if (name > 1 && comment[name] == '=' && comment[name + 1] != ' ' && comment[name + 1] != '\0')
        return true;
    if (!command_known(text))
        return false;
    static const char *const words[] = {"make ",  "find ", "test ", "service ", "node ",
                                        "sleep ", "go ",   "date ", "mount ",   "touch ",
                                        "head ",  "tail ", "host ", "export ",  "source ",
                                        "ip ",    "echo ", "kill ", "cat "};
    const char *rest = strchr(comment, ' ');
    if (rest == NULL)
        return text.length > 2 && memcmp(comment, "./", 2) == 0;
    bool option = strstr(rest, " -") != NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(comment, words[i], strlen(words[i])) == 0)
            return option || strpbrk(rest + 1, "/$\"'") == rest + 1;
    char last = comment[text.length - 1];
    bool sign = strpbrk(rest, "/:=$\"'|") != NULL;
    size_t blanks = 0;
    for (const char *at = rest; *at != '\0'; at++)
        blanks += *at == ' ';
    return last != '.' && (option || sign || blanks <= 2);
}

void block_comment(struct blocking *blocking, const struct shell_line *line)
{
    struct draft *draft = blocking->draft;
    const char *comment = line->comment;
    draft->line = blocking->piece->line + line->line;
    if (comment[0] == '\0')
        return;
    if (comment[0] == '!') {
        block_flush(blocking);
        return;
    }
    if (!is_commented_out(comment)) {
        blocking->comment = NULL;
        list_add(draft->arena, &blocking->comments, (void *)(uintptr_t)comment);
        return;
    }
    block_flush(blocking);
    draft->counts.commented++;
    draft_todo(draft, block_note(blocking), "line %u, commented out in the document: %s",
               draft->line, comment);
}

/* ---- commands ---- */

static bool is_word(const struct shell_command *command, size_t at, const char *word)
{
    return at < command->words.count &&
           text_is(((struct shell_word *)command->words.at[at])->raw, word);
}

static struct draft_step *begin_step(struct blocking *blocking, const struct shell_line *line)
{
    blocking->at = line->line;
    struct draft_step *step = draft_step_new(blocking->draft);
    block_title(blocking, step, line->comment);
    quote_rows(blocking, step, line->line, line->last);
    return step;
}

static void end_step(struct blocking *blocking, struct draft_step *step)
{
    command_count(blocking->draft, step);
}

/* A step that came to nothing but its notes. */
static void keep_notes(struct blocking *blocking, struct draft_step *step)
{
    step->role = ROLE_NOTE;
    step->action = NULL;
    draft_step_add(blocking->draft, step);
}

static void make_assignments(struct blocking *blocking, const struct shell_line *line,
                             const struct list *assignments, bool exported)
{
    struct draft *draft = blocking->draft;
    const char *comment =
        blocking->comments.count > 0 ? blocking->comments.at[blocking->comments.count - 1] : NULL;
    struct draft_step *step = begin_step(blocking, line);
    const char *title = step->title;
    step->id = "";
    for (size_t i = 0; i < assignments->count; i++) {
        const struct shell_assignment *assignment = assignments->at[i];
        if (step->action != NULL)
            step = draft_step_new(draft);
        block_traps(blocking, step, assignment->value->raw, true, 0);
        draft_assign(draft, assignment, line, comment, step);
        const char *why = NULL;
        const char *value = exported && draft_may_set(assignment->name)
                                ? draft_variable(draft, assignment->name, true, &why)
                                : NULL;
        if (value != NULL && strstr(value, "steps.") == NULL) {
            draft->exported = draft->exported ? draft->exported : branch_map(draft->arena);
            struct branch *old = branch_get(draft->exported, assignment->name);
            if (old == NULL)
                branch_put(draft->arena, draft->exported, assignment->name,
                           branch_text(draft->arena, value));
            else
                old->text = value;
            draft_note(draft, step, "and stands in the environment of all commands (defaults.env)");
        }
        if (step->action == NULL && i + 1 == assignments->count) {
            if (title != NULL && i == 0) {
                step->title = NULL;
                /* Its comment is the first of its notes. */
                struct list notes = step->notes;
                step->notes = (struct list){0};
                draft_note(draft, step, "%s", title);
                for (size_t n = 0; n < notes.count; n++)
                    list_add(draft->arena, &step->notes, notes.at[n]);
            }
            keep_notes(blocking, step);
        }
    }
    /* A comment above it is of what follows too. */
    blocking->comment = comment;
    blocking->carried = line->last + 1;
    blocking->titled = false;
}

/* `cd FOLDER`: what follows is done there. */
static bool take_cd(struct blocking *blocking, const struct shell_command *command,
                    struct draft_step *step)
{
    struct draft *draft = blocking->draft;
    const char *folder = NULL, *why = NULL;
    if (!is_word(command, 0, "cd") || command->words.count != 2 || command->redirects.count > 0 ||
        !draft_word(draft, command->words.at[1], DATE_NEW, &folder, &why) ||
        strcmp(folder, "-") == 0 || folder[0] == '\0')
        return false;
    bool within = draft->cwd != NULL && folder[0] != '/' && folder[0] != '$';
    draft->cwd = within ? arena_format(draft->arena, "%s/%s", draft->cwd, folder) : folder;
    draft_note(draft, step, "what follows is done in %s", draft->cwd);
    return true;
}

/* `set -e` and the like say how a shell ends; a runbook always ends at the first failure. */
static bool take_set(struct blocking *blocking, const struct shell_command *command,
                     struct draft_step *step)
{
    if (!is_word(command, 0, "set") || command->words.count < 2)
        return false;
    const struct shell_word *word = command->words.at[1];
    if (word->raw.at[0] != '-' && word->raw.at[0] != '+')
        return false;
    draft_note(blocking->draft, step, "a run ends at the first step that fails");
    return true;
}

/* What an echo says is the title of the command behind it. */
static bool take_echo(struct blocking *blocking, const struct shell_command *command,
                      struct draft_step *step)
{
    struct draft *draft = blocking->draft;
    struct buffer said = {0};
    bool good = is_word(command, 0, "echo") && command->redirects.count == 0 &&
                command->words.count > 1 && command->assignments.count == 0;
    for (size_t i = 1; good && i < command->words.count; i++) {
        const char *text = NULL, *why = NULL;
        good = draft_word(draft, command->words.at[i], DATE_NEW, &text, &why);
        if (good && !(i == 1 && (strcmp(text, "-e") == 0 || strcmp(text, "-n") == 0))) {
            buffer_text(&said, said.length > 0 ? " " : "");
            buffer_text(&said, text);
        }
    }
    if (good) {
        const char *text = arena_copy(draft->arena, said.at ? said.at : "", said.length);
        blocking->said = strpbrk(text, "\n$") == NULL && text[0] != '\0' ? text : NULL;
        draft->counts.said++;
        draft_note(draft, step, "what a run says is a step's title");
    }
    buffer_free(&said);
    return good;
}

/* Lines that are no steps of their own. */
static bool take_small(struct blocking *blocking, const struct shell_line *line)
{
    const struct shell_command *command = line->commands.at[0];
    struct draft *draft = blocking->draft;
    if (line->kind != SHELL_SIMPLE)
        return false;
    if (command->words.count == 0 && command->redirects.count == 0) {
        make_assignments(blocking, line, &command->assignments, false);
        return true;
    }
    if (is_word(command, 0, "export") && command->words.count > 1) {
        struct list assignments = {0};
        for (size_t i = 1; i < command->words.count; i++) {
            struct shell_assignment *one = shell_assignment_of(draft->arena, command->words.at[i]);
            if (one == NULL)
                return false;
            list_add(draft->arena, &assignments, one);
        }
        make_assignments(blocking, line, &assignments, true);
        return true;
    }
    struct draft_step *step = draft_step_new(draft);
    for (size_t i = 0; i < blocking->comments.count; i++)
        draft_note(draft, step, "%s", (const char *)blocking->comments.at[i]);
    quote_rows(blocking, step, line->line, line->last);
    if (!take_cd(blocking, command, step) && !take_set(blocking, command, step) &&
        !take_echo(blocking, command, step))
        return false;
    /* A comment above an echo is of what follows. */
    if (blocking->said == NULL)
        blocking->comment = NULL;
    blocking->comments.count = 0;
    step->title = NULL;
    keep_notes(blocking, step);
    return true;
}

/* `cd FOLDER && COMMAND` as COMMAND in that folder. */
static const struct shell_line *behind_cd(struct blocking *blocking, const struct shell_line *line,
                                          struct draft_step *step)
{
    if (line->kind != SHELL_CHAIN || line->commands.count != 2 || line->between.count != 1 ||
        strcmp(line->between.at[0], "&&") != 0 || !take_cd(blocking, line->commands.at[0], step))
        return line;
    struct shell_line *rest = arena_alloc(blocking->draft->arena, sizeof *rest);
    *rest = *line;
    rest->kind = SHELL_SIMPLE;
    rest->commands = (struct list){0};
    rest->between = (struct list){0};
    list_add(blocking->draft->arena, &rest->commands, line->commands.at[1]);
    const struct shell_word *first =
        ((struct shell_command *)line->commands.at[1])->words.count > 0
            ? ((struct shell_command *)line->commands.at[1])->words.at[0]
            : NULL;
    if (first == NULL)
        return line;
    rest->text =
        (struct text){first->raw.at, (size_t)(line->text.at + line->text.length - first->raw.at)};
    return rest;
}

void block_command(struct blocking *blocking, const struct shell_line *line)
{
    struct draft *draft = blocking->draft;
    draft->line = blocking->piece->line + line->line;
    draft->counts.commands++;
    if (leave_line(blocking, line) || (line->kind != SHELL_OTHER && take_small(blocking, line)))
        return;
    struct draft_step *step = begin_step(blocking, line);
    if (line->kind == SHELL_OTHER)
        for (uint32_t i = line->line; i <= line->last && i < blocking->rows.count; i++)
            block_traps(blocking, step, text_of(blocking->rows.at[i]), true,
                        blocking->piece->line + i);
    else
        block_traps(blocking, step, line->text, line->kind != SHELL_SIMPLE, 0);
    step->command = text_copy(draft, line->text);
    const char *why = NULL;
    const struct shell_line *rest = behind_cd(blocking, line, step);
    struct list notes = step->notes;
    if (!command_make(draft, rest, step, &why)) {
        step->notes = notes;
        draft_note(draft, step, "word for word, since it has %s",
                   why ? why : "more than one plain command");
        command_shell(draft, rest, step);
    }
    end_step(blocking, step);
}
