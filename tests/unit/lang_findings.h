/* Findings about expressions as tables: code, columns, message and remedy, exactly. */
#ifndef TEST_LANG_FINDINGS_H
#define TEST_LANG_FINDINGS_H

#include "lang_world.h"

struct finding {
    const char *text;    /* an expression; behind "T " a text with `${…}` */
    const char *finding; /* "CODE first-last message | remedy", or the type when nothing is wrong */
};

static inline const char *judge_text(struct world *world, const char *text)
{
    bool is_template = strncmp(text, "T ", 2) == 0;
    const struct type *type = NULL;
    if (is_template) {
        const struct template *template =
            template_parse(world->arena, world_node(world, text + 2), &world->diagnostics);
        type = template == NULL
                   ? NULL
                   : template_type(world->arena, template, &world->names, &world->diagnostics);
    } else {
        const struct expr *expr = world_parse(world, text);
        type =
            expr == NULL ? NULL : expr_type(world->arena, expr, &world->names, &world->diagnostics);
    }
    return type != NULL ? type_print(world->arena, type) : world_findings(world);
}

static inline void check_findings(const struct finding *findings, size_t count)
{
    size_t bad = 0;
    for (size_t i = 0; i < count; i++) {
        struct world *world = world_new();
        const char *is = judge_text(world, findings[i].text);
        if (strcmp(is, findings[i].finding) != 0) {
            print_message("%s\n  is     %s\n  wanted %s\n", findings[i].text, is,
                          findings[i].finding);
            bad++;
        }
        world_free(world);
    }
    assert_int_equal(bad, 0);
}

#endif
