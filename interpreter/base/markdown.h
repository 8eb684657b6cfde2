/* markdown: text put into a Markdown document (CommonMark with GitHub's tables) so that it is read
 * as what it is: nothing in it becomes a heading, a link, HTML or the end of a table's cell, and
 * nobody is called by an `@name` in it, nor another issue by a `#12`.
 * Control characters and bytes that are no UTF-8 become '?'. */
#ifndef BASE_MARKDOWN_H
#define BASE_MARKDOWN_H

#include "base/text.h"

/* As prose, in one line: a line break becomes a blank. */
void markdown_text(struct buffer *into, struct text text);
/* The same inside an HTML element's line, where Markdown is not read. */
void markdown_html(struct buffer *into, struct text text);
/* As a span of code, in one line, that may stand in a table's cell; of an empty text nothing. */
void markdown_code(struct buffer *into, struct text text);
/* As a block of code, with its line breaks; LANGUAGE ("sh", "diff", "") says how it is coloured.
 * The block begins and ends a line of its own. INDENT blanks stand before each line: what stands in
 * a list's item is indented as its text is. */
void markdown_block(struct buffer *into, size_t indent, const char *language, struct text text);

#endif
