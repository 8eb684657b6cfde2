/* What every rule of the grammar does: taking words, making nodes, counting them. */
#include "lang/expr_parser.h"

#include "base/arena.h"

void parser_advance(struct expr_parser *parser)
{
    parser->behind = parser->token.end;
    parser->token = token_next(parser->text, parser->token.end);
}

bool parser_at(const struct expr_parser *parser, enum token_kind kind)
{
    return parser->token.kind == kind;
}

struct expr *parser_node(struct expr_parser *parser, enum expr_kind kind, size_t start)
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

void parser_holds(struct expr *parent, const struct expr *child)
{
    if (child != NULL && child->depth >= parent->depth) {
        parent->depth = (child->depth + 1U) & 0xfffU;
    }
}

struct expr *parser_closed(struct expr_parser *parser, struct expr *expr)
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

bool parser_expect(struct expr_parser *parser, enum token_kind kind, const char *wanted)
{
    if (!parser_at(parser, kind)) {
        expr_complain_found(parser, wanted);
        return false;
    }
    parser_advance(parser);
    return true;
}

const char *parser_name(struct expr_parser *parser)
{
    return arena_copy(parser->arena, parser->text.at + parser->token.start,
                      parser->token.end - parser->token.start);
}
