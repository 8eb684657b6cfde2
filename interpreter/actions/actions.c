#include "actions/actions.h"

#include <stddef.h>

const struct core_action *const core_actions[] = {
    &action_exec,           &action_shell,          &action_http_get,
    &action_http_post,      &action_http_put,       &action_http_patch,
    &action_http_delete,    &action_file_stat,      &action_file_read,
    &action_file_find,      &action_file_free,      &action_file_digest,
    &action_file_write,     &action_file_copy,      &action_file_move,
    &action_file_edit,      &action_file_remove,    &action_archive_list,
    &action_archive_create, &action_archive_extract, &action_tcp_probe,
    &action_process_list,   &action_process_signal, &action_wait,
    &action_assert,         &action_set,            &action_manual,
    &action_call,           &action_steps,          &action_release_now,
    NULL,
};
