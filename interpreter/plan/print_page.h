/* print_page: what print_markdown.c and print_markdown_details.c share. */
#ifndef PLAN_PRINT_PAGE_H
#define PLAN_PRINT_PAGE_H

#include "plan/plan.h"
#include "plan/summary.h"

struct buffer;

#define PAGE_MAX_NAMES 20 /* in one line of what a reviewer should know */

struct page {
    struct arena *arena;
    struct buffer *into;
    const struct plan *plan;
    struct plan_summary summary;
    size_t room;     /* bytes of the whole page, as far as what has to be told lets it */
    size_t left_out; /* rows that the tables have no room for */
};

/* The names of STEPS (struct plan_step), as code, with commas. */
void page_names(const struct page *page, const struct list *steps);
/* Each step exactly, folded, and the graph, as far as there is room; what has none is named. */
void page_details(const struct page *page);

#endif
