/* function_all: what computes the functions, for their table in functions.c alone. */
#ifndef LANG_FUNCTION_ALL_H
#define LANG_FUNCTION_ALL_H

#include "lang/evaluation.h"

typedef const struct value *function_compute(struct evaluation *evaluation, const struct expr *call,
                                             const struct value *const *arguments);

/* function_text.c */
function_compute function_basename, function_capture, function_contains, function_dirname,
    function_ends_with, function_find_all, function_join, function_len, function_lines,
    function_lower, function_replace, function_split, function_starts_with, function_trim,
    function_upper;
/* function_list.c */
function_compute function_all, function_any, function_first, function_last, function_max,
    function_min, function_only, function_reverse, function_sort, function_sort_by, function_sum,
    function_take, function_unique;
/* function_convert.c */
function_compute function_bool, function_float, function_format_time, function_int, function_list,
    function_parse_json, function_parse_time, function_seconds, function_size, function_string,
    function_to_seconds;

#endif
