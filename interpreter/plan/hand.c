#include "plan/hand.h"

#include "base/arena.h"
#include "base/shell.h"
#include "plan/hand_own.h"

#include <string.h>

/* ---- blanks ---- */

#define OPEN  "‹"
#define CLOSE "›"
#define MARK  (sizeof OPEN - 1)

static bool is_mark(struct text text, size_t at, const char *mark)
{
    return at + MARK <= text.length && memcmp(text.at + at, mark, MARK) == 0;
}

/* The first hole of TEXT: where it begins and ends, marks included; holes may stand in a hole. */
static bool find_hole(struct text text, size_t *from, size_t *to)
{
    size_t depth = 0;
    for (size_t at = 0; at < text.length; at++) {
        if (is_mark(text, at, OPEN) && depth++ == 0)
            *from = at;
        if (!is_mark(text, at, CLOSE) || depth == 0 || --depth > 0)
            continue;
        *to = at + MARK;
        return true;
    }
    return false;
}

static bool is_name_character(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* A path of names, as `steps.outer/kept.path`, and no expression. */
static bool is_path(const char *source)
{
    static const char *const roots[] = {"steps.", "params.", "run.", "item.", "secrets."};
    for (const char *at = source; *at != '\0'; at++)
        if (strchr(" ()?+*<=>,'\"", *at) != NULL)
            return false;
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (strncmp(source, roots[i], strlen(roots[i])) == 0)
            return true;
    return false;
}

/* "steps.outer[a]/kept.path" is outer_a_kept_path; an expression has a number. */
static const char *variable_for(struct hand *hand, const char *source)
{
    if (!is_path(source))
        return arena_format(hand->arena, "blank_%u", hand->blanks.count + 1);
    const char *from = strncmp(source, "steps.", 6) == 0 ? source + 6 : source;
    struct buffer name = {0};
    for (const char *at = from; *at != '\0'; at++) {
        bool good = is_name_character((unsigned char)*at);
        if (good && !(name.length == 0 && *at >= '0' && *at <= '9'))
            buffer_add(&name, at, 1);
        else if (name.length > 0 && name.at[name.length - 1] != '_')
            buffer_add(&name, "_", 1);
    }
    const char *made = arena_copy(hand->arena, name.at ? name.at : "blank", name.length);
    buffer_free(&name);
    for (unsigned i = 2; map_get(&hand->variables, made) != NULL; i++)
        made = arena_format(hand->arena, "%s_%u", made, i);
    return made;
}

/* The bytes of "outer[a]/kept.path" at AT: a step's full name, in which an item may hold anything,
 * and an output; 0: there is none. */
static size_t output_length(const char *at)
{
    size_t length = 0, depth = 0;
    for (; at[length] != '\0' && (at[length] != '.' || depth > 0); length++) {
        depth += at[length] == '[';
        depth -= at[length] == ']' && depth > 0;
        if (depth == 0 && strchr("]/#", at[length]) == NULL &&
            !is_name_character((unsigned char)at[length]))
            return 0;
    }
    size_t end = at[length] == '.' ? length + 1 : 0;
    while (end > 0 && is_name_character((unsigned char)at[end]))
        end++;
    return end;
}

static void add_named(struct hand *hand, struct hand_blank *blank)
{
    static const char root[] = "steps.";
    for (const char *at = blank->source; (at = strstr(at, root)) != NULL;) {
        size_t length = output_length(at + sizeof root - 1);
        if (length > 0)
            map_put(hand->arena, &hand->named,
                    arena_copy(hand->arena, at, sizeof root - 1 + length), blank);
        at += sizeof root - 1;
    }
}

struct hand_blank *hand_blank(struct hand *hand, const char *source)
{
    struct hand_blank *blank = map_get(&hand->blanks, source);
    if (blank != NULL)
        return blank;
    blank = arena_alloc(hand->arena, sizeof *blank);
    *blank = (struct hand_blank){.source = source, .variable = variable_for(hand, source)};
    map_put(hand->arena, &hand->blanks, source, blank);
    map_put(hand->arena, &hand->variables, blank->variable, blank);
    add_named(hand, blank);
    return blank;
}

bool hand_wants(const struct hand *hand, const char *source)
{
    return map_get(&hand->named, source) != NULL;
}

void hand_assign(const struct hand_blank *blank, const char *about, struct buffer *into)
{
    buffer_format(into, "%s=%s   # ", blank->variable, blank->list ? "()" : "''");
    struct text line = text_of(about ? about : blank->source);
    for (size_t i = 0; i < line.length; i++)
        buffer_add(into, line.at[i] == '\n' ? " " : line.at + i, 1);
    buffer_text(into, "\n");
}

/* What may be empty has to be set all the same. */
static bool may_be_empty(const char *source)
{
    size_t length = strlen(source);
    bool errors = length > 7 && strcmp(source + length - 7, ".stderr") == 0;
    return errors || strstr(source, "?? ''") != NULL || strstr(source, "else ''") != NULL;
}

/* What stands for nothing where a value is unset is the value's own blank. */
static struct text without_default(struct text source)
{
    static const char tail[] = " ?? ''";
    size_t length = sizeof tail - 1;
    if (source.length <= length || memcmp(source.at + source.length - length, tail, length) != 0)
        return source;
    return (struct text){source.at, source.length - length};
}

static void use_blank(struct hand *hand, struct text source, bool whole, struct buffer *into)
{
    const char *name = arena_copy(hand->arena, source.at, source.length);
    bool empty = may_be_empty(name);
    struct text simple = without_default(source);
    const char *shorter = arena_copy(hand->arena, simple.at, simple.length);
    struct hand_blank *blank = hand_blank(hand, is_path(shorter) ? shorter : name);
    bool path = is_path(blank->source);
    bool early = path && strncmp(blank->source, "steps.", 6) != 0;
    if (!early && !blank->noted && !blank->asked) {
        blank->asked = true;
        list_add(hand->arena, &hand->fresh, blank);
    }
    bool several = whole && (blank->list || !path);
    buffer_format(into, "\"${%s%s%s?}\"", blank->variable, several ? "[@]" : "",
                  empty || blank->caught ? "" : ":");
}

/* ---- words ---- */

/* `--name=` stands bare before what is quoted; what has blanks is one with it. */
static bool begin_word(const char *before, struct buffer *part, struct buffer *into)
{
    bool bare = before[0] != '\0' && strchr(before, ' ') == NULL;
    if (bare)
        shell_word(into, text_of(before));
    else
        buffer_text(part, before);
    return bare;
}

/* LIST: it stands for as many words as it has members, if it is a list. */
static void add_word(struct hand *hand, const char *before, struct text text, bool list,
                     struct buffer *into)
{
    size_t from = 0, to = 0;
    struct buffer part = {0};
    bool any = begin_word(before, &part, into);
    while (find_hole(text, &from, &to)) {
        bool whole = list && !any && part.length == 0 && from == 0 && to == text.length;
        buffer_add(&part, text.at, from);
        if (part.length > 0)
            shell_word(into, buffer_slice(&part));
        buffer_free(&part);
        use_blank(hand, (struct text){text.at + from + MARK, to - from - 2 * MARK}, whole, into);
        text = (struct text){text.at + to, text.length - to};
        any = true;
    }
    buffer_add(&part, text.at, text.length);
    if (part.length > 0 || !any)
        shell_word(into, part.length > 0 ? buffer_slice(&part) : text_of(""));
    buffer_free(&part);
}

static bool has_holes(const struct value *value)
{
    return value->kind == VALUE_UNKNOWN || value->kind == VALUE_SECRET;
}

void hand_word(struct hand *hand, const char *before, const struct value *value,
               struct buffer *into)
{
    if (has_holes(value)) {
        add_word(hand, before, value->text, false, into);
        return;
    }
    struct buffer text = {0};
    bool begun = begin_word(before, &text, into);
    if (value->kind == VALUE_TEXT)
        buffer_add(&text, value->text.at, value->text.length);
    else if (value->kind == VALUE_LIST || value->kind == VALUE_MAP)
        value_show(value, 0, &text);
    else
        buffer_text(&text, value_print(hand->arena, value));
    if (text.length > 0 || !begun)
        shell_word(into, text.length > 0 ? buffer_slice(&text) : text_of(""));
    buffer_free(&text);
}

static void add_member(struct hand *hand, const struct value *value, struct buffer *into)
{
    if (has_holes(value))
        add_word(hand, "", value->text, true, into);
    else
        hand_word(hand, "", value, into);
}

void hand_words(struct hand *hand, const struct value *list, struct buffer *into)
{
    if (list->kind != VALUE_LIST) {
        add_member(hand, list, into);
        return;
    }
    for (size_t i = 0; i < list->list.count; i++) {
        buffer_text(into, i > 0 ? " " : "");
        add_member(hand, list->list.at[i], into);
    }
}

/* ---- inputs ---- */

const struct value *hand_input(const struct hand_line *line, const char *name)
{
    const struct value *value = value_find(line->deed->inputs, name);
    return value != NULL ? value : &value_unset;
}

bool hand_given(const struct hand_line *line, const char *name)
{
    return hand_input(line, name)->kind != VALUE_UNSET;
}

void hand_add(const struct hand_line *line, const char *text)
{
    buffer_text(line->into, text);
}

void hand_add_value(const struct hand_line *line, const char *before, const struct value *value)
{
    hand_word(line->hand, before, value, line->into);
}

void hand_add_input(const struct hand_line *line, const char *before, const char *name)
{
    hand_add_value(line, before, hand_input(line, name));
}

void hand_add_mode(const struct hand_line *line, const char *name)
{
    if (!hand_given(line, "mode"))
        return;
    hand_add(line, " && chmod ");
    hand_add_input(line, "", "mode");
    hand_add(line, " -- ");
    hand_add_input(line, "", name);
}

/* ---- programs ---- */

static void add_variables(const struct hand_line *line, const struct value *env)
{
    for (size_t i = 0; env->kind == VALUE_MAP && i < env->map.count; i++) {
        const struct member *member = &env->map.at[i];
        buffer_format(line->into, "%s=", member->key);
        hand_add_value(line, "", member->value);
        hand_add(line, " ");
    }
}

static void add_names(const struct value *env, struct buffer *names)
{
    for (size_t i = 0; env->kind == VALUE_MAP && i < env->map.count; i++)
        buffer_format(names, "%s%s", names->length > 0 ? "," : "", env->map.at[i].key);
}

/* As another user. What is in its environment goes through by name: in an argument everybody could
 * read it. */
static void add_user(const struct hand_line *line)
{
    struct buffer names = {0};
    add_names(hand_input(line, "default_env"), &names);
    add_names(hand_input(line, "env"), &names);
    if (hand_given(line, "connection"))
        hand_connection_names(hand_input(line, "connection"), &names);
    hand_add(line, "sudo ");
    if (names.length > 0)
        buffer_format(line->into, "--preserve-env=%s ", names.at);
    buffer_free(&names);
    hand_add(line, "-u ");
    hand_add_input(line, "", "user");
    hand_add(line, " -- ");
}

/* What stands before a program: its input, its environment, who runs it. */
static void add_before(const struct hand_line *line)
{
    const struct value *preset = hand_input(line, "default_env");
    bool exported = line->hand->env != NULL && value_equal(preset, line->hand->env);
    if (hand_given(line, "stdin")) {
        hand_add(line, "printf %s ");
        hand_add_input(line, "", "stdin");
        hand_add(line, " |\n  ");
    }
    if (!exported)
        add_variables(line, preset);
    add_variables(line, hand_input(line, "env"));
    if (hand_given(line, "connection"))
        hand_connection(line, hand_input(line, "connection"));
    if (hand_given(line, "user"))
        add_user(line);
}

static void hand_exec(const struct hand_line *line)
{
    add_before(line);
    hand_words(line->hand, hand_input(line, "argv"), line->into);
    if (hand_given(line, "stdin_from")) {
        hand_add(line, " <");
        hand_add_input(line, "", "stdin_from");
    }
    if (!hand_given(line, "stdout_to"))
        return;
    hand_add(line, " >");
    hand_add_input(line, "", "stdout_to");
    hand_add(line, ".new &&\n  mv -T -- ");
    hand_add_input(line, "", "stdout_to");
    hand_add(line, ".new ");
    hand_add_input(line, "", "stdout_to");
    hand_add_mode(line, "stdout_to");
}

static void hand_shell(const struct hand_line *line)
{
    add_before(line);
    hand_add(line, "/bin/sh -eu -c ");
    hand_add_input(line, "", "script");
}

/* ---- which, and where ---- */

static const struct {
    const char *action;
    void (*add)(const struct hand_line *line);
} commands[] = {
    {"exec", hand_exec},
    {"shell", hand_shell},
    {"file.read", hand_file_read},
    {"file.stat", hand_file_stat},
    {"file.find", hand_file_find},
    {"file.free", hand_file_free},
    {"file.digest", hand_file_digest},
    {"file.write", hand_file_write},
    {"file.copy", hand_file_copy},
    {"file.move", hand_file_move},
    {"file.edit", hand_file_edit},
    {"file.remove", hand_file_remove},
    {"archive.list", hand_archive_list},
    {"archive.create", hand_archive_create},
    {"archive.extract", hand_archive_extract},
    {"http.get", hand_http},
    {"http.post", hand_http},
    {"http.put", hand_http},
    {"http.patch", hand_http},
    {"http.delete", hand_http},
    {"mail.send", hand_mail},
    {"tcp.probe", hand_tcp_probe},
    {"process.list", hand_process_list},
    {"process.signal", hand_process_signal},
    {"sql.ping", hand_sql_ping},
    {"sql.query", hand_sql_query},
    {"sql.exec", hand_sql_exec},
    {"sql.copy_in", hand_sql_copy_in},
    {"sql.copy_out", hand_sql_copy_out},
};

/* A folder, where it is not the one that the shell stands in. What is relative is so to the
 * runbook's own folder. */
static bool add_folder(const struct hand_line *line)
{
    const char *folder = line->deed->folder;
    const struct value *cwd = hand_input(line, "cwd");
    bool inside = cwd->kind != VALUE_UNSET && !(cwd->kind == VALUE_TEXT && text_is(cwd->text, "."));
    bool away = strcmp(folder, line->hand->folder) != 0;
    if (!inside && !away)
        return false;
    hand_add(line, "(cd -- ");
    if (away && folder[0] != '/')
        hand_add(line, "\"${runbook_folder:?}\"/");
    if (away) {
        shell_word(line->into, text_of(folder));
        hand_add(line, inside ? " && cd -- " : "");
    }
    if (inside)
        hand_add_value(line, "", cwd);
    hand_add(line, " && ");
    return true;
}

bool hand_command(struct hand *hand, const struct deed *deed, struct buffer *into)
{
    hand->fresh = (struct list){0};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].action, deed->action->name) != 0)
            continue;
        struct hand_line line = {hand, deed, into};
        bool away = add_folder(&line);
        commands[i].add(&line);
        buffer_text(into, away ? ")\n" : "\n");
        return true;
    }
    return false;
}
