# shellcheck shell=sh
# A PostgreSQL of a case's own: `. "$ROOT/tests/postgres.sh"` in its command.
#
# A unix socket and no port, Debian's programs, a user without rights. The service `case` in
# ~/.pg_service.conf leads to it (user test, database shop). It goes with the case.
#
#   pg_start            starts it, and waits until it answers
#   pg_stop [SIGNAL]    QUIT: at once, as when the power goes
#   sql STATEMENT...    by psql, as tables without heads

for pg_programs in /usr/lib/postgresql/*/bin; do :; done
pg=$(mktemp -d /tmp/runbook-case-pg.XXXXXX)

as_nobody() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
  else
    "$@"
  fi
}

sql() {
  for statement in "$@"; do
    psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$pg" -U test -d shop -c "$statement"
  done
}

pg_start() {
  (cd "$pg" && export LC_ALL=C.UTF-8 && as_nobody "$pg_programs/postgres" -D "$pg/data" -k "$pg" \
    -c listen_addresses= -c fsync=off -c max_prepared_transactions=4 >>"$pg.log" 2>&1) &
  until pg_pid=$(head -n 1 "$pg/data/postmaster.pid" 2>/dev/null) && [ -n "$pg_pid" ] &&
    psql -X -q -h "$pg" -U test -d template1 -c 'select 1' >/dev/null 2>&1; do
    sleep 0.02
  done
}

pg_stop() {
  kill -s "${1:-INT}" "$pg_pid"
  while kill -0 "$pg_pid" 2>/dev/null; do sleep 0.02; done
}

pg_end() {
  kill -s QUIT "$pg_pid" 2>/dev/null && while kill -0 "$pg_pid" 2>/dev/null; do sleep 0.02; done
  rm -rf "$pg" "$pg.log"
}
trap pg_end EXIT

[ "$(id -u)" != 0 ] || chown postgres: "$pg"
as_nobody "$pg_programs/initdb" -N -A trust -U test -E UTF8 --no-locale -D "$pg/data" \
  >"$pg.log" 2>&1 || cat "$pg.log"
pg_start
psql -X -q -h "$pg" -U test -d template1 -c 'create database shop'
printf '[case]\nhost=%s\nuser=test\ndbname=shop\n' "$pg" >~/.pg_service.conf
