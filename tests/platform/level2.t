#!/bin/bash
# Level 2 on the real platform: a database that was broken in each way is whole again, and can be as broken as before; a bad
# dump stops it before anything is touched; kills, cuts and a full disk lose no row. All is checked here and not by the runbook.
#
#   RUNBOOK_LEVEL2_KILLS=50   kill -9 at so many random moments, for `resume` and as many for `undo` (one of each)
#   RUNBOOK_LEVEL2_SEED=N     the same moments again
#   RUNBOOK_LEVEL2_ALL=1      every fault by itself, and every bad dump
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=tap.sh
. "$here/tap.sh"
platform=$here/platform
runbook=$root/build/runbook
file=$root/runbooks/level2.yaml
kills=${RUNBOOK_LEVEL2_KILLS:-1}
all=${RUNBOOK_LEVEL2_ALL:-}
seed=${RUNBOOK_LEVEL2_SEED:-$((SRANDOM % 32768))}
RANDOM=$seed
exec 3>&1

why=$("$platform" probe) || skip_or_fail docker "$why"
command -v pg_restore >/dev/null || skip_or_fail docker "pg_restore is missing; install it with: tools/setup test"
dir=$(mktemp -d /tmp/level2.XXXXXX)
trap '[ -z "${watcher:-}" ] || kill "$watcher" 2>/dev/null; "$platform" down "$dir" >/dev/null 2>&1; rm -rf "$dir" "$dir".*' EXIT
inside() { timeout --foreground 300 "$platform" enter "$dir" "$@"; }
# All that it says is kept for the search.
told() { local code=0; inside "$runbook" "$@" >"$dir.out" 2>&1 || code=$?; cat "$dir.out" >>"$dir.said"; return $code; }
told_well() { told "$@" || { tail -n 30 "$dir.out"; return 1; }; }
level2() { told run "$file" --param "dir=$dir/conea" "$@"; }
repaired() { level2 --yes "$@" || { tail -n 30 "$dir.out"; return 1; }; }
replaced() { repaired --param severe=true --approve agreed_severe; }
again() { told_well resume "$(last_run)" --yes --approve agreed_severe; }
taken_back() { told_well undo "$(last_run)"; }
code_is() { local code=0; "${@:2}" || code=$?; [ "$code" = "$1" ] || { echo "exit code $code, not $1"; tail -n 30 "$dir.out"; return 1; }; }
eventually() { local end=$((SECONDS + $1)); shift; until "$@" 2>/dev/null; do [ $SECONDS -lt $end ] || return 1; sleep 0.02; done; }

last_run() { basename "$(ls -td "$dir"/state/runs/*/ 2>/dev/null | head -n 1)"; }
journal() { cat "$dir/state/runs/$(last_run)/journal.jsonl"; }
event() { journal | grep -q "\"event\":\"$1\",\"step\":\"$2"; }
broken() { "$platform" break "$dir" "$@"; }
state() { "$platform" fingerprint "$dir" && "$platform" rows "$dir"; }
whole() { is "$(state)" "$good" && "$platform" status "$dir" >/dev/null; }
as_before() { is "$(state)" "$before"; }
sql() { inside docker exec -i -u 999 "$(inside docker ps -q --filter label=com.docker.compose.service=postgres)" psql -XqAt -v ON_ERROR_STOP=1 -U postgres -d conea_db "$@"; }
volume() { inside sh -ec 'cd "$1" && find . -type f -exec sha256sum {} + | sort' - "$dir/engine/volumes/conea_postgres_data/_data"; }

# What is newer than the dump, and an index less: neither the state to go back to nor one that level 2 makes.
spoil() { broken index && sql -c "INSERT INTO models (provider, name) VALUES ('delta', 'newer than the dump')" && before=$(state); }

# A step has begun; what happens then is told by its function.
begin_severe() { set -m; replaced >/dev/null 2>&1 & pid=$!; set +m; }
begin_repair() { set -m; repaired >/dev/null 2>&1 & pid=$!; set +m; }
at_step() { eventually 120 event intent "$1" || { echo "it never came to $1"; tail -n 20 "$dir.out"; return 1; }; }

# --- a bad dump
untouched() { is "$(state)" "$good" && "$platform" status "$dir" >/dev/null && fails event intent .; }
bad_dump() {
  rm -rf "$dir.dumps" && cp -a "$dir/conea/backups/database" "$dir.dumps"
  broken "$1"
  code_is 4 level2 --yes --param severe=true --approve agreed_severe && untouched
  local status=$?
  rm -rf "$dir/conea/backups/database" && cp -a "$dir.dumps" "$dir/conea/backups/database"
  return $status
}

# --- the log
log_tells() {
  local log=$dir/log/conea/rollback-operations.log line
  for line in "Rollback initiated - Level 2" "Rollback completed - Level 2 in [0-9]" "$@"; do
    grep -qE "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} \[[A-Z]+\] $line" "$log" || { echo "missing: $line"; cat "$log"; return 1; }
  done
}

# --- kill -9
events() { journal 2>/dev/null | wc -l; }
at_event() { [ "$(last_run)" != "$run_before" ] && [ "$(events)" -ge "$1" ]; }
over() { ! kill -0 "$pid" 2>/dev/null; }
at_event_or_over() { at_event "$1" || over; }
# A random event of some three hundred, and a random while after it, since some actions take seconds. Chosen here: a subshell
# has other random numbers.
choose() { at=$((1 + RANDOM % 290)) while=$((RANDOM % 4 ? 0 : RANDOM % 4)).$((RANDOM % 5))$((RANDOM % 10)); }
killed() {
  run_before=$(last_run)
  begin_severe
  eventually 200 at_event_or_over "$at"
  sleep "$while"
  echo "# killed $while s behind event $at, in $(journal | grep -o '"event":"intent","step":"[^"]*"' | tail -n 1)" >&3
  kill -KILL -- "-$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  [ "$(last_run)" != "$run_before" ]
}
has_ended() { journal | grep -q '"event":"ended"'; }
killed_and_resumed() { killed && { has_ended || again; } && whole; }
killed_and_undone() { spoil && killed && taken_back && as_before && eventually 30 "$platform" status "$dir" >/dev/null; }

# --- a volume that is half there
half_volume() {
  local archive; archive=$(ls -t "$dir"/conea/backups/volumes/*.tar.gz | head -n 1)
  cat >"$dir.half.yaml" <<YAML
runbook: half
steps:
  same: {volume.compare: {volume: half, archive: "$archive", image: "localhost:5000/tools:1"}}
YAML
  cat >"$dir.all.yaml" <<YAML
runbook: all
target: [{host.identity: {}, expect: {name: conea-test}}]
steps:
  restored: {volume.restore: {volume: half, from: "$archive", image: "localhost:5000/tools:1"}, accept_loss: It is a half.}
  same: {volume.compare: {volume: half, archive: "$archive", image: "localhost:5000/tools:1"}}
YAML
  inside docker volume create half >/dev/null
  head -c "$(($(stat -c %s "$archive") / 2))" "$archive" |
    inside docker run -i --rm -v half:/v localhost:5000/tools:1 tar -C /v -xpzf - 2>/dev/null
  code_is 1 told run "$dir.half.yaml" && code_is 0 told run "$dir.all.yaml"
  local status=$?
  inside docker volume rm half >/dev/null
  return $status
}

# --- no secret
password=$dir/conea/secrets/database_password
dry_run_touches_nothing() {
  inside strace -f -qq -o "$dir.trace" -e trace=process,network,openat,open,creat,mkdir,mkdirat,rename,renameat2,unlink,unlinkat \
    "$runbook" run "$file" --param "dir=$dir/conea" "$@" --dry-run >"$dir.plan" 2>&1
  is "$(grep -cE 'execve\(|clone|fork' "$dir.trace")" 1 && is "$(grep -c 'socket(' "$dir.trace")" 0 &&
    is "$(grep -E 'O_WRONLY|O_RDWR|O_CREAT|creat\(|mkdir|rename|unlink|database_password' "$dir.trace")" ""
}
no_secret_planned() {
  local severe format
  for severe in true false; do
    for format in text json; do
      inside "$runbook" run "$file" --param "dir=$dir/conea" --param severe=$severe --dry-run --format $format >"$dir.plan.$severe.$format" || return 1
    done
  done
  "$here/find_secret" "$password" "$dir".plan.*
}
no_secret_kept() { "$here/find_secret" "$password" "$dir/state" "$dir/log" "$dir.said"; }
# A reset removes the record of the runs: they are searched first.
reset() { no_secret_kept && timeout 120 "$platform" reset "$dir"; }
no_secret_seen() {
  kill "$watcher" && eventually 30 test -s "$dir.watched" && cat "$dir.watched"
  grep -q '^looked [0-9]\{3,\} times' "$dir.watched" && fails grep -q '^found' "$dir.watched"
}
# A search that finds nothing must be one that can find.
search_can_find() {
  local form
  "$here/find_secret" --forms "$password" | while IFS= read -r form; do
    printf 'before %s behind\n' "$form" >"$dir.planted"
    fails "$here/find_secret" "$password" "$dir.planted" || exit 1
  done
}

# --- a server that dies, a network that is cut, a disk that is full
server_killed() {
  begin_repair
  at_step 'back/repaired/rolled_back/taken_back' || return 1
  "$platform" kill "$dir" postgres
  fails wait "$pid" || { echo "it went on without a server"; return 1; }
  event failed 'back/repaired/rolled_back/taken_back'
}
server_killed_in_the_restore() {
  begin_severe
  at_step 'back/replaced/restored/loaded' || return 1
  "$platform" kill "$dir" postgres
  fails wait "$pid" || { echo "it went on without a server"; return 1; }
  says "owed       writers_stopped/release/1" cat "$dir.out"
}
server_back() { inside docker-compose start postgres && eventually 30 sql -c "SELECT 1"; }
migration_is_whole() { is "$(sql -c "SELECT count(*) FROM schema_versions WHERE version = '20240115_140000'")" 1 && is "$(state)" "$before"; }
network_cut() {
  begin_severe
  at_step 'back/replaced/restored/loaded' || return 1
  "$platform" cut "$dir" postgres
  sleep 20 # the cut itself
  "$platform" join "$dir" postgres
  wait "$pid" || { echo "# it stopped at: $(grep -m 1 FAILED "$dir.out")" >&3; again; }
}
no_half_dump() { is "$(inside ls -A backups/database)" "$(printf 'full_stable.dump\nfull_stable.dump.sha256')"; }
disk_full() { code_is 1 level2 --yes --param room=1KiB && event failed back/repaired/dumped && no_half_dump; }

note() { echo "# $SECONDS s: $*"; }
echo "# seed $seed: RUNBOOK_LEVEL2_SEED=$seed brings the same moments"

ok "the platform comes up"                 timeout 500 "$platform" up "$dir"
good=$(state)
"$here/find_secret" --watch "$password" "$dir.watched" & watcher=$!
ok "a search for the secret can find it"   search_can_find
ok "a dry-run touches nothing"             dry_run_touches_nothing
ok "nor does the one of the severe path"   dry_run_touches_nothing --param severe=true
ok "no plan holds the secret"              no_secret_planned

for fault in ${all:+dump-missing dump-empty dump-damaged} dump-truncated dump-schema dump-foreign; do
  ok "$fault: it stops, and nothing is touched" bad_dump $fault
done
note "bad dumps"

ok "an index and a foreign key: broken"    broken index foreign-key
ok "without approval it waits for a person" code_is 5 level2
ok "which can be given later"              again
ok "whole again"                           whole
for fault in ${all:+index foreign-key} table; do
  ok "$fault: broken"                      broken $fault
  ok "$fault: repaired"                    repaired
  ok "$fault: whole again"                 whole
done
ok "the operation log tells the story"     log_tells "Services that write to the database stopped" "PostgreSQL stopped" "Emergency backup created" \
  "Database repaired" "Foreign keys valid" "No row is lost" "Health check passed" "Notification sent to stakeholders"
note "faults"

ok "a bad migration"                       broken migration
before=$(state)
ok "the server is killed in the midst of its way back" server_killed
ok "it is started again"                   server_back
ok "nothing of the migration is half"      migration_is_whole
ok "level 2 goes on"                       again
ok "whole again"                           whole
ok "it is taken back"                      taken_back
ok "as before the run, the migration too"  as_before
note "migration"

ok "pages are damaged as well"             broken pages
ok "to repair is not enough"               code_is 1 level2 --yes
ok "reset"                                 reset
ok "the volume is corrupted"               broken volume
corrupted=$(volume)
ok "to repair is refused"                  code_is 4 level2 --yes
# As a client leaves it that was killed between its create and its start: it keeps the volume from being removed.
ok "a container that nobody started holds the volume" inside docker create --label runbook.volume=conea_postgres_data -v conea_postgres_data:/v localhost:5000/tools:1
choose
ok "kill -9 and resume"                    killed_and_resumed
ok "it is taken back"                      taken_back
ok "and corrupted as before"               is "$(volume)" "$corrupted"
ok "half a volume does not pass for whole" half_volume
note "volume"

ok "the network is cut for 20 s in the midst" network_cut
ok "and it is whole again"                 whole
note "network"

ok "an index is dropped"                   broken index
before=$(state)
ok "the disk of the dumps is nearly full"  broken disk
ok "it says so before it begins"           code_is 4 level2 --yes
ok "the disk gets full during the dump"    disk_full
ok "the database is as it was"             as_before
ok "it is taken back"                      taken_back
ok "and still is as it was"                as_before
ok "reset"                                 reset
note "disk"

if [ -n "$all" ]; then
  ok "the server is killed in the midst of the restore" eval 'spoil && server_killed_in_the_restore'
  ok "it is started again"                 server_back
  ok "level 2 goes on"                     again
  ok "whole again"                         whole
  ok "an index is dropped"                 broken index
  before=$(state)
  ok "the server is killed again"          server_killed_in_the_restore
  ok "it is taken back"                    taken_back
  ok "as before"                           as_before
  ok "reset"                               reset
fi

for ((i = 1; i <= kills; i++)); do
  [ "$i" = 1 ] || { choose; ok "kill -9 and resume, $i of $kills" killed_and_resumed; }
  choose
  ok "kill -9 and undo, $i of $kills"      killed_and_undone
  [ $((i % 10)) != 0 ] || ok "reset"       reset
done
note "kills"

ok "no record and no log holds the secret" no_secret_kept
ok "and no command line did"               no_secret_seen
ok "down"                                  timeout 60 "$platform" down "$dir"
finish
