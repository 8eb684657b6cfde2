/* hand_own: what the files hand*.c share. Each command is written from the deed's inputs, whose
 * names are the action's params. */
#ifndef PLAN_HAND_OWN_H
#define PLAN_HAND_OWN_H

#include "lang/action.h"
#include "lang/value.h"
#include "plan/hand.h"

struct hand_line {
    struct hand *hand;
    const struct deed *deed;
    struct buffer *into;
};

/* The input NAME; value_unset when it is not given. */
const struct value *hand_input(const struct hand_line *line, const char *name);
bool hand_given(const struct hand_line *line, const char *name);
void hand_add(const struct hand_line *line, const char *text);
/* The input NAME as one word behind BEFORE. */
void hand_add_input(const struct hand_line *line, const char *before, const char *name);
/* VALUE likewise. */
void hand_add_value(const struct hand_line *line, const char *before, const struct value *value);
/* Makes the input `mode` that of the file in the input NAME, as a command behind `&&`. */
void hand_add_mode(const struct hand_line *line, const char *name);

/* hand_file.c */
void hand_file_read(const struct hand_line *line);
void hand_file_stat(const struct hand_line *line);
void hand_file_find(const struct hand_line *line);
void hand_file_free(const struct hand_line *line);
void hand_file_digest(const struct hand_line *line);
void hand_file_write(const struct hand_line *line);
void hand_file_copy(const struct hand_line *line);
void hand_file_move(const struct hand_line *line);
void hand_file_edit(const struct hand_line *line);
void hand_file_remove(const struct hand_line *line);
void hand_archive_list(const struct hand_line *line);
void hand_archive_create(const struct hand_line *line);
void hand_archive_extract(const struct hand_line *line);
/* hand_net.c */
void hand_http(const struct hand_line *line);
void hand_mail(const struct hand_line *line);
void hand_tcp_probe(const struct hand_line *line);
void hand_process_list(const struct hand_line *line);
void hand_process_signal(const struct hand_line *line);
/* hand_sql.c */
void hand_sql_ping(const struct hand_line *line);
void hand_sql_query(const struct hand_line *line);
void hand_sql_exec(const struct hand_line *line);
void hand_sql_copy_in(const struct hand_line *line);
void hand_sql_copy_out(const struct hand_line *line);
/* `PGHOST=localhost PGUSER=shop `: a connection as libpq's variables. */
void hand_connection(const struct hand_line *line, const struct value *connection);
/* The names of these, with commas, behind what NAMES holds. */
void hand_connection_names(const struct value *connection, struct buffer *names);

#endif
