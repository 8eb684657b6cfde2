#!/bin/sh
# The interpreter is killed at a random moment of three transactions, again and again. Each resume
# goes on without a question, and each row is there exactly once.
#
#   tests/crash/sql.t [KILLS]
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
kills=${1:-6}
PATH=$(dirname "${RUNBOOK:-$ROOT/build/runbook}"):$PATH
folder=$(mktemp -d /tmp/runbook-crash-sql.XXXXXX)
HOME=$folder
export HOME PATH
cd "$folder" || exit 1
. "$ROOT/tests/postgres.sh"
trap 'pg_end; rm -rf "$folder"' EXIT

sql "create table kept (name text)"
cat >runbook.yaml <<'END'
runbook: crash
params: {number: {type: string}}
connections:
  db: {postgres: {service: case}}
steps:
  first: {sql.exec: {db: db, statement: insert into kept values ($1), args: ["first${params.number}"]}}
  twice: {sql.exec: {db: db, statements: [insert into kept values ('twice'), insert into kept values ('twice')]}}
  last: {sql.exec: {db: db, statement: insert into kept values ($1), args: ["last${params.number}"]}}
END

rows() {
  sql "select coalesce(string_agg(name || '=' || rows, ' ' order by name), '')
       from (select name, count(*) as rows from kept group by name) as each"
}

echo "1..$kills"
i=0
while [ $i -lt "$kills" ]; do
  i=$((i + 1))
  runbook run runbook.yaml --state "$i" --param "number=$i" >/dev/null 2>&1 &
  pid=$!
  # From the moment that there is a record on.
  until ls "$i"/runs/*/journal.jsonl >/dev/null 2>&1 || ! kill -0 $pid 2>/dev/null; do sleep 0.005; done
  sleep "$(perl -e 'printf "%.4f", rand 0.25')"
  kill -KILL $pid 2>/dev/null
  wait $pid 2>/dev/null
  runbook resume --state "$i" >out 2>&1
  code=$?
  found=$(rows)
  # 2: it was over already, or had not begun.
  case "$code $found" in
    "0 first$i=1 last$i=1 twice=2" | "2 first$i=1 last$i=1 twice=2" | "2 ") echo "ok $i" ;;
    *) echo "not ok $i - exit $code, rows: $found" && sed 's/^/# /' out ;;
  esac
  sql "truncate kept"
done
