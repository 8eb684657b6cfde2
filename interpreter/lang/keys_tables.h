/* The tables of keys.h, by mapping. Inside lang/keys*.c only. */
#ifndef LANG_KEYS_TABLES_H
#define LANG_KEYS_TABLES_H

#include "lang/keys.h"

extern const struct key_table keys_of_runbook, keys_of_param, keys_of_output, keys_of_defaults,
    keys_of_step, keys_of_foreach, keys_of_repeat, keys_of_approve, keys_of_retry, keys_of_check,
    keys_of_block, keys_of_library, keys_of_action, keys_of_matcher, keys_of_secret,
    keys_of_connection, keys_of_postgres, keys_of_monitor, keys_of_condition, keys_of_strikes,
    keys_of_breaker, keys_of_limit, keys_of_traps, keys_of_trap;

#endif
