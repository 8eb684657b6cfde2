/* The parser of expressions, by precedence: one function reads all binary operators, from the table
 * OPERATIONS. The grammar stands above the function that reads it. */
#include "lang/expr.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/expr_lex.h"
#include "lang/expr_parser.h"
#include "lang/functions.h"
#include "lang/pattern.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <assert.h>
#include <string.h>

static struct expr *parse_expr(struct expr_parser *parser);
static struct expr *parse_binary(struct expr_parser *parser, enum level level);

/* --- literals --- */

static struct expr *literal_new(struct expr_parser *parser, const struct value *value)
{
    struct expr *expr = parser_node(parser, EXPR_LITERAL, parser->token.start);
    parser_advance(parser);
    if (expr == NULL || value == NULL) {
        return NULL;
    }
    expr->literal.value = value;
    return parser_closed(parser, expr);
}

static struct expr *parse_text(struct expr_parser *parser)
{
    struct text raw = {parser->text.at + parser->token.start + 1,
                       parser->token.end - parser->token.start - 2};
    return literal_new(parser, expr_literal_text(parser->arena, raw));
}

static struct expr *parse_number(struct expr_parser *parser)
{
    struct text text = {parser->text.at + parser->token.start,
                        parser->token.end - parser->token.start};
    const struct value *value = expr_literal_number(parser->arena, text);
    if (value == NULL) {
        expr_complain_number(parser, text);
    }
    return literal_new(parser, value);
}

/* --- atoms --- */

/* A literal text where a pattern is wanted is compiled now, and told at its exact column. */
static bool compile_pattern(struct expr_parser *parser, const struct expr *expr)
{
    if (expr->kind != EXPR_LITERAL || expr->literal.value->kind != VALUE_TEXT) {
        return true;
    }
    const char *why = NULL;
    size_t offset = 0;
    struct pattern *pattern =
        pattern_compile(parser->arena, expr->literal.value->text, &why, &offset);
    if (pattern == NULL) {
        expr_complain_pattern(parser, expr, why, offset);
        return false;
    }
    /* The parser made this node a moment ago and has given it to nobody. */
    ((struct expr *)(uintptr_t)expr)->literal.pattern = pattern;
    return true;
}

static bool compile_patterns(struct expr_parser *parser, const struct expr *call)
{
    for (size_t i = 0; i < call->call.count; i++) {
        if (call->call.function->arguments[i] == SHAPE_PATTERN &&
            !compile_pattern(parser, call->call.arguments[i])) {
            return false;
        }
    }
    return true;
}

/* The arguments behind `name (`, at most ROOM of them into INTO; false after a diagnostic. */
static bool parse_arguments(struct expr_parser *parser, const struct expr **into, size_t room,
                            size_t *count)
{
    while (!parser_at(parser, TOKEN_CLOSE_ROUND)) {
        if (*count > 0 && !parser_expect(parser, TOKEN_COMMA, "',' or ')'")) {
            return false;
        }
        const struct expr *argument = parse_expr(parser);
        if (argument == NULL) {
            return false;
        }
        if (*count < room) {
            into[*count] = argument;
        }
        (*count)++;
    }
    parser_advance(parser);
    return true;
}

/* name "(" [ expr { "," expr } ] ")" */
static struct expr *parse_call(struct expr_parser *parser, const char *name, struct token word)
{
    const struct function_entry *function = function_find(name);
    if (function == NULL) {
        expr_complain_function(parser, name, word);
        return NULL;
    }
    struct expr *expr = parser_node(parser, EXPR_CALL, word.start);
    const struct expr **arguments = arena_alloc(parser->arena, function->count * sizeof *arguments);
    size_t count = 0;
    parser_advance(parser);
    if (expr == NULL || !parse_arguments(parser, arguments, function->count, &count)) {
        return NULL;
    }
    if (count != function->count) {
        expr_complain_count(parser, function, word.start, count);
        return NULL;
    }
    expr->call.function = function;
    expr->call.arguments = arguments;
    expr->call.count = count;
    for (size_t i = 0; i < count; i++) {
        parser_holds(expr, arguments[i]);
    }
    return compile_patterns(parser, expr) ? parser_closed(parser, expr) : NULL;
}

/* name [ "(" … ")" ] */
static struct expr *parse_name(struct expr_parser *parser)
{
    struct token word = parser->token;
    const char *name = parser_name(parser);
    parser_advance(parser);
    if (parser_at(parser, TOKEN_OPEN_ROUND)) {
        return parse_call(parser, name, word);
    }
    if (expr_complain_foreign(parser, name, word)) {
        return NULL;
    }
    struct expr *expr = parser_node(parser, EXPR_NAME, word.start);
    if (expr == NULL) {
        return NULL;
    }
    expr->name = name;
    return parser_closed(parser, expr);
}

/* name "in" */
static bool parse_each_name(struct expr_parser *parser, struct expr_each *each)
{
    if (!parser_at(parser, TOKEN_NAME)) {
        expr_complain_found(parser, "a name for each member");
        return false;
    }
    each->name = parser_name(parser);
    if (token_reserved(each->name)) {
        expr_complain_reserved(parser, each->name);
        return false;
    }
    parser_advance(parser);
    if (!parser_at(parser, TOKEN_OPERATOR) || parser->token.operation != OPERATION_IN) {
        expr_complain_found(parser, "'in' and a list");
        return false;
    }
    parser_advance(parser);
    return true;
}

/* "[" BODY "for" name "in" or [ "if" expr ] "]", from `for` on. */
static struct expr *parse_each(struct expr_parser *parser, struct expr *body, size_t start)
{
    struct expr *expr = parser_node(parser, EXPR_EACH, start);
    struct expr_each *each = arena_alloc(parser->arena, sizeof *each);
    parser_advance(parser);
    each->body = body;
    if (expr == NULL || !parse_each_name(parser, each)) {
        return NULL;
    }
    each->list = parse_binary(parser, LEVEL_OR);
    if (each->list != NULL && parser_at(parser, TOKEN_IF)) {
        parser_advance(parser);
        each->condition = parse_expr(parser);
        if (each->condition == NULL) {
            return NULL;
        }
    }
    if (each->list == NULL || !parser_expect(parser, TOKEN_CLOSE_SQUARE, "']', or 'if'")) {
        return NULL;
    }
    expr->each = each;
    parser_holds(expr, each->body);
    parser_holds(expr, each->list);
    parser_holds(expr, each->condition);
    return parser_closed(parser, expr);
}

/* entry = expr [ "..." ] ; ENTRIES holds whole struct expr_entry, one behind the other. */
static void add_entry(struct expr_parser *parser, struct buffer *entries, const struct expr *expr)
{
    struct expr_entry entry = {expr, parser_at(parser, TOKEN_SPLICE)};
    if (entry.splice) {
        parser_advance(parser);
    }
    buffer_add(entries, (const char *)&entry, sizeof entry);
}

static struct expr *list_new(struct expr_parser *parser, struct text entries, size_t start)
{
    struct expr *expr = parser_node(parser, EXPR_LIST, start);
    if (expr == NULL) {
        return NULL;
    }
    struct expr_entry *copy = arena_alloc(parser->arena, entries.length);
    memcpy(copy, entries.at, entries.length);
    expr->list.entries = copy;
    expr->list.count = entries.length / sizeof *copy;
    for (size_t i = 0; i < expr->list.count; i++) {
        parser_holds(expr, copy[i].expr);
    }
    return parser_closed(parser, expr);
}

/* { entry "," } "]"; or NULL after a diagnostic. A comprehension when `for` follows the first. */
static struct expr *parse_entries(struct expr_parser *parser, struct buffer *entries, size_t start)
{
    while (!parser_at(parser, TOKEN_CLOSE_SQUARE)) {
        if (entries->length > 0 && !parser_expect(parser, TOKEN_COMMA, "',' or ']'")) {
            return NULL;
        }
        struct expr *expr = parse_expr(parser);
        if (expr != NULL && entries->length == 0 && parser_at(parser, TOKEN_FOR)) {
            return parse_each(parser, expr, start);
        }
        if (expr == NULL) {
            return NULL;
        }
        add_entry(parser, entries, expr);
    }
    parser_advance(parser);
    return list_new(parser, buffer_slice(entries), start);
}

/* list = "[" [ entry { "," entry } ] "]" | "[" expr "for" name "in" or [ "if" expr ] "]" */
static struct expr *parse_list(struct expr_parser *parser)
{
    size_t start = parser->token.start;
    struct buffer entries = {0};
    parser_advance(parser);
    struct expr *expr = parse_entries(parser, &entries, start);
    buffer_free(&entries);
    return expr;
}

/* "(" expr ")" */
static struct expr *parse_round(struct expr_parser *parser)
{
    parser_advance(parser);
    struct expr *expr = parse_expr(parser);
    return expr != NULL && parser_expect(parser, TOKEN_CLOSE_ROUND, "')'") ? expr : NULL;
}

/* atom = literal | name [ "(" … ")" ] | "(" expr ")" | list */
static struct expr *parse_atom(struct expr_parser *parser)
{
    switch (parser->token.kind) {
    case TOKEN_TEXT:
        return parse_text(parser);
    case TOKEN_NUMBER:
        return parse_number(parser);
    case TOKEN_TRUE:
        return literal_new(parser, &value_true);
    case TOKEN_FALSE:
        return literal_new(parser, &value_false);
    case TOKEN_NAME:
        return parse_name(parser);
    case TOKEN_OPEN_ROUND:
        return parse_round(parser);
    case TOKEN_OPEN_SQUARE:
        return parse_list(parser);
    case TOKEN_END:
    case TOKEN_BRACE:
    case TOKEN_IF:
    case TOKEN_THEN:
    case TOKEN_ELSE:
    case TOKEN_FOR:
    case TOKEN_NOT:
    case TOKEN_OPERATOR:
    case TOKEN_CLOSE_ROUND:
    case TOKEN_CLOSE_SQUARE:
    case TOKEN_COMMA:
    case TOKEN_DOT:
    case TOKEN_SPLICE:
    case TOKEN_WRONG:
        break;
    }
    expr_complain_found(parser, "a value");
    return NULL;
}

/* --- operators --- */

/* TARGET "." name */
static struct expr *parse_member(struct expr_parser *parser, const struct expr *target,
                                 size_t start)
{
    struct expr *expr = parser_node(parser, EXPR_MEMBER, start);
    parser_advance(parser);
    /* Behind a point every word is a name, also `in`. */
    struct text word = {parser->text.at + parser->token.start,
                        parser->token.end - parser->token.start};
    bool named = word.length > 0 && ((*word.at >= 'a' && *word.at <= 'z') ||
                                     (*word.at >= 'A' && *word.at <= 'Z') || *word.at == '_');
    if (expr == NULL || !named) {
        expr_complain_member(parser);
        return NULL;
    }
    expr->path.target = target;
    expr->path.name = parser_name(parser);
    parser_advance(parser);
    if (parser_at(parser, TOKEN_OPEN_ROUND)) {
        expr_complain_method(parser, expr);
        return NULL;
    }
    parser_holds(expr, target);
    return parser_closed(parser, expr);
}

/* TARGET "[" expr "]" */
static struct expr *parse_index(struct expr_parser *parser, const struct expr *target, size_t start)
{
    struct expr *expr = parser_node(parser, EXPR_INDEX, start);
    parser_advance(parser);
    if (expr == NULL) {
        return NULL;
    }
    expr->path.target = target;
    expr->path.index = parse_expr(parser);
    if (expr->path.index == NULL || !parser_expect(parser, TOKEN_CLOSE_SQUARE, "']'")) {
        return NULL;
    }
    parser_holds(expr, target);
    parser_holds(expr, expr->path.index);
    return parser_closed(parser, expr);
}

/* path = atom { "." name | "[" expr "]" } */
static struct expr *parse_path(struct expr_parser *parser)
{
    size_t start = parser->token.start;
    struct expr *expr = parse_atom(parser);
    while (expr != NULL && (parser_at(parser, TOKEN_DOT) || parser_at(parser, TOKEN_OPEN_SQUARE))) {
        expr = parser_at(parser, TOKEN_DOT) ? parse_member(parser, expr, start)
                                            : parse_index(parser, expr, start);
    }
    return expr;
}

static struct expr *parse_prefix(struct expr_parser *parser, enum expr_kind kind)
{
    struct expr *expr = parser_node(parser, kind, parser->token.start);
    parser_advance(parser);
    if (expr == NULL || !expr_deeper(parser)) {
        return NULL;
    }
    if (kind == EXPR_NEGATE) {
        expr->operand = parse_binary(parser, LEVEL_UNARY);
    } else {
        expr->operand =
            parse_binary(parser, parser_at(parser, TOKEN_NOT) ? LEVEL_NOT : LEVEL_COMPARE);
    }
    parser->depth--;
    if (expr->operand == NULL) {
        return NULL;
    }
    parser_holds(expr, expr->operand);
    return parser_closed(parser, expr);
}

/* unary = "-" unary | path ; not = "not" not | compare */
static struct expr *parse_operand(struct expr_parser *parser, enum level level)
{
    if (parser_at(parser, TOKEN_OPERATOR) && parser->token.operation == OPERATION_SUBTRACT) {
        return parse_prefix(parser, EXPR_NEGATE);
    }
    if (parser_at(parser, TOKEN_NOT) && level <= LEVEL_NOT) {
        return parse_prefix(parser, EXPR_NOT);
    }
    return parse_path(parser);
}

static struct expr *binary_new(struct expr_parser *parser, enum operation operation,
                               const struct expr *left, size_t start)
{
    struct expr *expr = parser_node(parser, EXPR_BINARY, start);
    enum level level = OPERATIONS[operation].level;
    if (expr == NULL || !expr_deeper(parser)) {
        return NULL;
    }
    expr->operation = operation;
    expr->binary.left = left;
    expr->binary.right = parse_binary(parser, operation == OPERATION_ELSE ? level : level + 1);
    parser->depth--;
    if (expr->binary.right == NULL ||
        (operation == OPERATION_MATCHES && !compile_pattern(parser, expr->binary.right))) {
        return NULL;
    }
    parser_holds(expr, left);
    parser_holds(expr, expr->binary.right);
    return parser_closed(parser, expr);
}

/* or = and { "or" and } ; and = not { "and" not } ;
 * compare = orelse [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "matches" ) orelse ] ;
 * orelse = sum [ "??" orelse ] ; sum = product { ( "+" | "-" ) product } ;
 * product = unary { ( "*" | "/" | "%" ) unary } */
static struct expr *parse_binary(struct expr_parser *parser, enum level level)
{
    size_t start = parser->token.start;
    struct expr *left = parse_operand(parser, level);
    while (left != NULL && parser_at(parser, TOKEN_OPERATOR) &&
           OPERATIONS[parser->token.operation].level >= level) {
        enum operation operation = parser->token.operation;
        if (OPERATIONS[operation].level == LEVEL_COMPARE && left->kind == EXPR_BINARY &&
            OPERATIONS[left->operation].level == LEVEL_COMPARE && left->end == parser->behind) {
            expr_complain_chain(parser);
            return NULL;
        }
        parser_advance(parser);
        left = binary_new(parser, operation, left, start);
    }
    return left;
}

/* "if" expr "then" expr "else" expr */
static struct expr *parse_if(struct expr_parser *parser)
{
    struct expr *expr = parser_node(parser, EXPR_IF, parser->token.start);
    parser_advance(parser);
    if (expr == NULL || (expr->choice.condition = parse_expr(parser)) == NULL ||
        !parser_expect(parser, TOKEN_THEN, "'then'") ||
        (expr->choice.yes = parse_expr(parser)) == NULL ||
        !parser_expect(parser, TOKEN_ELSE, "'else'") ||
        (expr->choice.no = parse_expr(parser)) == NULL) {
        return NULL;
    }
    parser_holds(expr, expr->choice.condition);
    parser_holds(expr, expr->choice.yes);
    parser_holds(expr, expr->choice.no);
    return parser_closed(parser, expr);
}

/* expr = "if" … | or */
static struct expr *parse_expr(struct expr_parser *parser)
{
    if (!expr_deeper(parser)) {
        return NULL;
    }
    struct expr *expr =
        parser_at(parser, TOKEN_IF) ? parse_if(parser) : parse_binary(parser, LEVEL_OR);
    parser->depth--;
    return expr;
}

const struct expr *expr_parse_at(struct expr_parser *parser, size_t from)
{
    parser->token = token_next(parser->text, from);
    parser->behind = from;
    const struct expr *expr = parse_expr(parser);
    return expr;
}

const struct expr *expr_parse(struct arena *arena, const struct node *node, size_t offset,
                              struct text text, struct diagnostics *diagnostics)
{
    assert(node == NULL || offset + text.length <= node->text.length);
    /* Places count from the front of the scalar, so the parser looks at its text up to the end. */
    struct text whole = node == NULL ? text : (struct text){node->text.at, offset + text.length};
    struct expr_parser parser = {
        .arena = arena, .diagnostics = diagnostics, .node = node, .text = whole};
    const struct expr *expr = expr_parse_at(&parser, node == NULL ? 0 : offset);
    if (expr != NULL && !parser_at(&parser, TOKEN_END)) {
        expr_complain_found(&parser, "an operator or the end");
        return NULL;
    }
    return expr;
}
