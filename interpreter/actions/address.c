#include "actions/address.h"

#include "base/arena.h"

#include <string.h>

static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static struct text trimmed(struct text text)
{
    while (text.length > 0 && text.at[0] == ' ')
        text = (struct text){text.at + 1, text.length - 1};
    while (text.length > 0 && text.at[text.length - 1] == ' ')
        text.length--;
    return text;
}

/* Words of ALLOWED and letters with points between them: RFC 5322's dot-atom. */
static bool is_dotted(struct text text, const char *allowed)
{
    bool point = true;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c == '.' && point)
            return false;
        point = c == '.';
        if (!point && (c == '\0' || (strchr(LETTERS, c) == NULL && strchr(allowed, c) == NULL)))
            return false;
    }
    return !point;
}

static bool is_domain(struct text text)
{
    bool literal = text.length > 2 && text.at[0] == '[' && text.at[text.length - 1] == ']';
    if (literal) /* "[192.0.2.1]" */
        return is_dotted((struct text){text.at + 1, text.length - 2}, ":");
    return is_dotted(text, "-_");
}

static const char *read_mailbox(struct arena *arena, struct text text, struct address *address)
{
    const char *at = memrchr(text.at, '@', text.length);
    if (at == NULL)
        return "it has no @";
    struct text local = {text.at, (size_t)(at - text.at)};
    struct text domain = {at + 1, text.length - local.length - 1};
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.at[i] >= 0x80)
            return "an address is made of ASCII; the name before it in `Name <address>` need not";
    if (local.length > 64 || !is_dotted(local, "!#$%&'*+-/=?^_`{|}~"))
        return "what stands before the @ can't be a mailbox";
    if (domain.length > 253 || !is_domain(domain))
        return "what stands behind the @ can't be a domain";
    address->mailbox = arena_copy(arena, text.at, text.length);
    address->domain = strrchr(address->mailbox, '@') + 1;
    return NULL;
}

static bool in_quotes(struct text text)
{
    return text.length > 1 && text.at[0] == '"' && text.at[text.length - 1] == '"';
}

/* Without quotes it may not look like a second address. */
static bool is_bare(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (strchr("<>@,;\"", text.at[i]) != NULL)
            return false;
    return true;
}

/* "Ops \"night\"" in quotes, or as it is. */
static const char *read_name(struct arena *arena, struct text text)
{
    if (!in_quotes(text))
        return arena_copy(arena, text.at, text.length);
    struct buffer name = {0};
    for (size_t i = 1; i + 1 < text.length; i++) {
        if (text.at[i] == '\\' && i + 2 < text.length)
            i++;
        buffer_add(&name, text.at + i, 1);
    }
    const char *copy = arena_copy(arena, name.at ? name.at : "", name.length);
    buffer_free(&name);
    return copy;
}

const char *address_read(struct arena *arena, struct text text, struct address *address)
{
    *address = (struct address){.name = "", .mailbox = "", .domain = ""};
    if (!text_is_line(text))
        return "it holds a line break or another control character";
    if (!text_is_utf8(text))
        return "it is not UTF-8";
    text = trimmed(text);
    if (text.length == 0)
        return "it is empty";
    if (text.at[text.length - 1] != '>')
        return read_mailbox(arena, text, address);
    const char *open = memrchr(text.at, '<', text.length);
    if (open == NULL)
        return "its > has no <";
    size_t before = (size_t)(open - text.at);
    struct text name = trimmed((struct text){text.at, before});
    if (!in_quotes(name) && !is_bare(name))
        return "a name that holds one of < > @ , ; stands in quotes, and two addresses are two "
               "members of the list";
    address->name = read_name(arena, name);
    return read_mailbox(arena, (struct text){open + 1, text.length - before - 2}, address);
}
