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

static void advance(struct expr_parser *parser)
{
    parser->behind = parser->token.end;
    parser->token = token_next(parser->text, parser->token.end);
}

static bool at(const struct expr_parser *parser, enum token_kind kind)
{
    return parser->token.kind == kind;
}

/* A node of KIND that begins at START; the caller fills it in and calls `closed`. NULL past the
 * limit. */
static struct expr *node_new(struct expr_parser *parser, enum expr_kind kind, size_t start)
{
    if (++parser->nodes > EXPR_NODES_LIMIT) {
        expr_complain_limit(parser,
                            arena_format(parser->arena, "this expression has more than %d parts",
                                         EXPR_NODES_LIMIT));
        return NULL;
    }
    struct expr *expr = arena_alloc(parser->arena, sizeof *expr);
    expr->kind = kind;
    expr->node = parser->node;
    expr->start = (uint32_t)start;
    expr->depth = 1;
    return expr;
}

/* PARENT holds CHILD. */
static void holds(struct expr *parent, const struct expr *child)
{
    if (child != NULL && child->depth >= parent->depth) {
        parent->depth = child->depth + 1;
    }
}

/* Ends EXPR where the last word ended; NULL when it got too deep. */
static struct expr *closed(struct expr_parser *parser, struct expr *expr)
{
    expr->end = (uint32_t)parser->behind;
    if (expr->depth > EXPR_DEPTH_LIMIT) {
        expr_complain_limit(parser, arena_format(parser->arena,
                                                 "this expression is more than %d operators deep",
                                                 EXPR_DEPTH_LIMIT));
        return NULL;
    }
    return expr;
}

static bool expect(struct expr_parser *parser, enum token_kind kind, const char *wanted)
{
    if (!at(parser, kind)) {
        expr_complain_found(parser, wanted);
        return false;
    }
    advance(parser);
    return true;
}

static const char *name_of(struct expr_parser *parser)
{
    return arena_copy(parser->arena, parser->text.at + parser->token.start,
                      parser->token.end - parser->token.start);
}

/* --- literals --- */

static struct expr *literal_new(struct expr_parser *parser, const struct value *value)
{
    struct expr *expr = node_new(parser, EXPR_LITERAL, parser->token.start);
    advance(parser);
    if (expr == NULL || value == NULL) {
        return NULL;
    }
    expr->literal.value = value;
    return closed(parser, expr);
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

/* The arguments behind `name (`; false after a diagnostic. */
static bool parse_arguments(struct expr_parser *parser, struct list *arguments)
{
    while (!at(parser, TOKEN_CLOSE_ROUND)) {
        if (arguments->count > 0 && !expect(parser, TOKEN_COMMA, "',' or ')'")) {
            return false;
        }
        struct expr *argument = parse_expr(parser);
        if (argument == NULL) {
            return false;
        }
        list_add(parser->arena, arguments, argument);
    }
    advance(parser);
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
    struct expr *expr = node_new(parser, EXPR_CALL, word.start);
    struct list arguments = {0};
    advance(parser);
    if (expr == NULL || !parse_arguments(parser, &arguments)) {
        return NULL;
    }
    if (arguments.count != function->count) {
        expr_complain_count(parser, function, word.start, arguments.count);
        return NULL;
    }
    expr->call.function = function;
    expr->call.arguments = (const struct expr *const *)arguments.at;
    expr->call.count = arguments.count;
    for (size_t i = 0; i < arguments.count; i++) {
        holds(expr, arguments.at[i]);
    }
    return compile_patterns(parser, expr) ? closed(parser, expr) : NULL;
}

/* name [ "(" … ")" ] */
static struct expr *parse_name(struct expr_parser *parser)
{
    struct token word = parser->token;
    const char *name = name_of(parser);
    advance(parser);
    if (at(parser, TOKEN_OPEN_ROUND)) {
        return parse_call(parser, name, word);
    }
    if (expr_complain_foreign(parser, name, word)) {
        return NULL;
    }
    struct expr *expr = node_new(parser, EXPR_NAME, word.start);
    if (expr == NULL) {
        return NULL;
    }
    expr->name = name;
    return closed(parser, expr);
}

/* "[" BODY "for" name "in" or [ "if" expr ] "]", from `for` on. */
static struct expr *parse_each(struct expr_parser *parser, struct expr *body, size_t start)
{
    struct expr *expr = node_new(parser, EXPR_EACH, start);
    advance(parser);
    if (expr == NULL) {
        return NULL;
    }
    if (!at(parser, TOKEN_NAME)) {
        expr_complain_found(parser, "a name for each member");
        return NULL;
    }
    expr->each.name = name_of(parser);
    if (token_reserved(expr->each.name)) {
        expr_complain_reserved(parser, expr->each.name);
        return NULL;
    }
    advance(parser);
    if (!at(parser, TOKEN_OPERATOR) || parser->token.operation != OPERATION_IN) {
        expr_complain_found(parser, "'in' and a list");
        return NULL;
    }
    advance(parser);
    expr->each.body = body;
    expr->each.list = parse_binary(parser, LEVEL_OR);
    if (expr->each.list != NULL && at(parser, TOKEN_IF)) {
        advance(parser);
        expr->each.condition = parse_expr(parser);
        if (expr->each.condition == NULL) {
            return NULL;
        }
    }
    if (expr->each.list == NULL || !expect(parser, TOKEN_CLOSE_SQUARE, "']', or 'if'")) {
        return NULL;
    }
    holds(expr, expr->each.body);
    holds(expr, expr->each.list);
    holds(expr, expr->each.condition);
    return closed(parser, expr);
}

/* entry = expr [ "..." ] */
static bool add_entry(struct expr_parser *parser, struct list *entries, struct expr *expr)
{
    struct expr_entry *entry = arena_alloc(parser->arena, sizeof *entry);
    entry->expr = expr;
    if (at(parser, TOKEN_SPLICE)) {
        entry->splice = true;
        advance(parser);
    }
    list_add(parser->arena, entries, entry);
    return expr != NULL;
}

static struct expr *list_new(struct expr_parser *parser, const struct list *entries, size_t start)
{
    struct expr *expr = node_new(parser, EXPR_LIST, start);
    if (expr == NULL) {
        return NULL;
    }
    struct expr_entry *at_ = arena_alloc(parser->arena, entries->count * sizeof *at_);
    for (size_t i = 0; i < entries->count; i++) {
        at_[i] = *(const struct expr_entry *)entries->at[i];
        holds(expr, at_[i].expr);
    }
    expr->list.entries = at_;
    expr->list.count = entries->count;
    return closed(parser, expr);
}

/* list = "[" [ entry { "," entry } ] "]" | "[" expr "for" name "in" or [ "if" expr ] "]" */
static struct expr *parse_list(struct expr_parser *parser)
{
    size_t start = parser->token.start;
    struct list entries = {0};
    advance(parser);
    while (!at(parser, TOKEN_CLOSE_SQUARE)) {
        if (entries.count > 0 && !expect(parser, TOKEN_COMMA, "',' or ']'")) {
            return NULL;
        }
        struct expr *expr = parse_expr(parser);
        if (expr != NULL && entries.count == 0 && at(parser, TOKEN_FOR)) {
            return parse_each(parser, expr, start);
        }
        if (expr == NULL || !add_entry(parser, &entries, expr)) {
            return NULL;
        }
    }
    advance(parser);
    return list_new(parser, &entries, start);
}

/* "(" expr ")" */
static struct expr *parse_round(struct expr_parser *parser)
{
    advance(parser);
    struct expr *expr = parse_expr(parser);
    return expr != NULL && expect(parser, TOKEN_CLOSE_ROUND, "')'") ? expr : NULL;
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
    struct expr *expr = node_new(parser, EXPR_MEMBER, start);
    advance(parser);
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
    expr->path.name = name_of(parser);
    advance(parser);
    if (at(parser, TOKEN_OPEN_ROUND)) {
        expr_complain_method(parser, expr);
        return NULL;
    }
    holds(expr, target);
    return closed(parser, expr);
}

/* TARGET "[" expr "]" */
static struct expr *parse_index(struct expr_parser *parser, const struct expr *target, size_t start)
{
    struct expr *expr = node_new(parser, EXPR_INDEX, start);
    advance(parser);
    if (expr == NULL) {
        return NULL;
    }
    expr->path.target = target;
    expr->path.index = parse_expr(parser);
    if (expr->path.index == NULL || !expect(parser, TOKEN_CLOSE_SQUARE, "']'")) {
        return NULL;
    }
    holds(expr, target);
    holds(expr, expr->path.index);
    return closed(parser, expr);
}

/* path = atom { "." name | "[" expr "]" } */
static struct expr *parse_path(struct expr_parser *parser)
{
    size_t start = parser->token.start;
    struct expr *expr = parse_atom(parser);
    while (expr != NULL && (at(parser, TOKEN_DOT) || at(parser, TOKEN_OPEN_SQUARE))) {
        expr = at(parser, TOKEN_DOT) ? parse_member(parser, expr, start)
                                     : parse_index(parser, expr, start);
    }
    return expr;
}

static struct expr *parse_prefix(struct expr_parser *parser, enum expr_kind kind)
{
    struct expr *expr = node_new(parser, kind, parser->token.start);
    advance(parser);
    if (expr == NULL || !expr_deeper(parser)) {
        return NULL;
    }
    if (kind == EXPR_NEGATE) {
        expr->operand = parse_binary(parser, LEVEL_UNARY);
    } else {
        expr->operand = parse_binary(parser, at(parser, TOKEN_NOT) ? LEVEL_NOT : LEVEL_COMPARE);
    }
    parser->depth--;
    if (expr->operand == NULL) {
        return NULL;
    }
    holds(expr, expr->operand);
    return closed(parser, expr);
}

/* unary = "-" unary | path ; not = "not" not | compare */
static struct expr *parse_operand(struct expr_parser *parser, enum level level)
{
    if (at(parser, TOKEN_OPERATOR) && parser->token.operation == OPERATION_SUBTRACT) {
        return parse_prefix(parser, EXPR_NEGATE);
    }
    if (at(parser, TOKEN_NOT) && level <= LEVEL_NOT) {
        return parse_prefix(parser, EXPR_NOT);
    }
    return parse_path(parser);
}

static struct expr *binary_new(struct expr_parser *parser, enum operation operation,
                               const struct expr *left, size_t start)
{
    struct expr *expr = node_new(parser, EXPR_BINARY, start);
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
    holds(expr, left);
    holds(expr, expr->binary.right);
    return closed(parser, expr);
}

/* or = and { "or" and } ; and = not { "and" not } ;
 * compare = orelse [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "matches" ) orelse ] ;
 * orelse = sum [ "??" orelse ] ; sum = product { ( "+" | "-" ) product } ;
 * product = unary { ( "*" | "/" | "%" ) unary } */
static struct expr *parse_binary(struct expr_parser *parser, enum level level)
{
    size_t start = parser->token.start;
    struct expr *left = parse_operand(parser, level);
    while (left != NULL && at(parser, TOKEN_OPERATOR) &&
           OPERATIONS[parser->token.operation].level >= level) {
        enum operation operation = parser->token.operation;
        if (OPERATIONS[operation].level == LEVEL_COMPARE && left->kind == EXPR_BINARY &&
            OPERATIONS[left->operation].level == LEVEL_COMPARE && left->end == parser->behind) {
            expr_complain_chain(parser);
            return NULL;
        }
        advance(parser);
        left = binary_new(parser, operation, left, start);
    }
    return left;
}

/* "if" expr "then" expr "else" expr */
static struct expr *parse_if(struct expr_parser *parser)
{
    struct expr *expr = node_new(parser, EXPR_IF, parser->token.start);
    advance(parser);
    if (expr == NULL || (expr->choice.condition = parse_expr(parser)) == NULL ||
        !expect(parser, TOKEN_THEN, "'then'") || (expr->choice.yes = parse_expr(parser)) == NULL ||
        !expect(parser, TOKEN_ELSE, "'else'") || (expr->choice.no = parse_expr(parser)) == NULL) {
        return NULL;
    }
    holds(expr, expr->choice.condition);
    holds(expr, expr->choice.yes);
    holds(expr, expr->choice.no);
    return closed(parser, expr);
}

/* expr = "if" … | or */
static struct expr *parse_expr(struct expr_parser *parser)
{
    if (!expr_deeper(parser)) {
        return NULL;
    }
    struct expr *expr = at(parser, TOKEN_IF) ? parse_if(parser) : parse_binary(parser, LEVEL_OR);
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
    if (expr != NULL && !at(&parser, TOKEN_END)) {
        expr_complain_found(&parser, "an operator or the end");
        return NULL;
    }
    return expr;
}
