/* actions: the table of core actions, all that can be done and can't be composed.
 * Handed over by commands; nobody left of commands includes this. Rows are data, one file each. */
#ifndef ACTIONS_ACTIONS_H
#define ACTIONS_ACTIONS_H

struct core_action;

/* Ends with NULL; in the order in which `runbook actions` lists them. */
extern const struct core_action *const core_actions[];

/* The rows, each in the file of its name (file_write.c has action_file_write). */
extern const struct core_action action_exec, action_shell;
extern const struct core_action action_http_get, action_http_post, action_http_put,
    action_http_patch, action_http_delete;
extern const struct core_action action_sql_ping, action_sql_query, action_sql_exec,
    action_sql_copy_in, action_sql_copy_out;
extern const struct core_action action_file_stat, action_file_read, action_file_find,
    action_file_free, action_file_digest;
extern const struct core_action action_file_write, action_file_copy, action_file_move,
    action_file_edit, action_file_remove;
extern const struct core_action action_archive_list, action_archive_create, action_archive_extract;
extern const struct core_action action_tcp_probe, action_process_list, action_process_signal;
extern const struct core_action action_mail_send;
extern const struct core_action action_wait, action_assert, action_set, action_manual, action_call,
    action_steps, action_release_now, action_undo_run;

#endif
