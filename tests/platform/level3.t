#!/bin/bash
# Level 3 on the real platform: destroyed, it is brought back whole by one command; an archive that is not whole stops it before
# anything is touched; what it replaced can be had back; killed anywhere, it is taken up again and ends right; and of the machine's
# processes it ends those that hold the platform's ports, and no other. All is checked here and not by the runbook.
#
#   RUNBOOK_LEVEL3_KILLS=50   kill -9 at so many random moments, for `resume` (one of them)
#   RUNBOOK_LEVEL3_SEED=N     the same moments again
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=tap.sh
. "$here/tap.sh"
platform=$here/platform
runbook=$root/build/runbook
file=$root/runbooks/level3.yaml
kills=${RUNBOOK_LEVEL3_KILLS:-1}
seed=${RUNBOOK_LEVEL3_SEED:-$((SRANDOM % 32768))}
RANDOM=$seed
exec 3>&1

why=$("$platform" probe) || skip_or_fail docker "$why"
dir=$(mktemp -d /tmp/level3.XXXXXX)
trap '"$platform" down "$dir" >/dev/null 2>&1; rm -rf "$dir" "$dir".*' EXIT
inside() { timeout --foreground 300 "$platform" enter "$dir" "$@"; }
told() { inside "$runbook" "$@" >"$dir.out" 2>&1; }
told_well() { told "$@" || { tail -n 40 "$dir.out"; return 1; }; }
level3() { told run "$file" --param "dir=$dir/conea" "$@"; }
# shellcheck disable=SC2120 # it is given some through `ok`
recovered() { level3 --yes --approve agreed "$@" || { tail -n 40 "$dir.out"; return 1; }; }
again() { told_well resume "$(last_run)" --yes --approve agreed; }
taken_back() { told_well undo "$(last_run)"; }
code_is() { local code=0; "${@:2}" || code=$?; [ "$code" = "$1" ] || { echo "exit code $code, not $1"; tail -n 40 "$dir.out"; return 1; }; }
eventually() { local end=$((SECONDS + $1)); shift; until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || return 1; sleep 0.02; done; }

last_run() { basename "$(ls -td "$dir"/state/runs/*/ 2>/dev/null | head -n 1)"; }
journal() { cat "$dir/state/runs/$(last_run)/journal.jsonl"; }
event() { journal | grep -q "\"event\":\"$1\",\"step\":\"$2"; }
broken() { "$platform" break "$dir" "$@"; }
container() { inside docker ps -q --filter "label=com.docker.compose.service=$1"; }
sql() { inside docker exec -i "$(container postgres)" psql -XqAt -v ON_ERROR_STOP=1 -U postgres -d conea_db "$@"; }
redis() { inside docker exec "$(container redis)" redis-cli "$@"; }
# Every row, every key of redis, and which containers run since when.
state() { "$platform" fingerprint "$dir" && "$platform" rows "$dir" && for n in $(redis keys '*' | sort); do echo "$n $(redis get "$n")"; done; }
containers() { inside docker ps -aq --no-trunc | sort; }
volumes() { inside docker volume ls -q | sort; }
whole() { is "$(state)" "$good" && "$platform" status "$dir" >/dev/null && no_trace; }
# Nothing of how a volume was put back is left, in it or beside it.
no_trace() {
  is "$(volumes)" "$(printf 'conea_%s\n' postgres_data prometheus_data redis_data)" &&
    is "$(inside find "$dir/engine/volumes" -name '.runbook-*')" "" && is "$(inside docker ps -aqf label=runbook.volume; inside docker ps -aqf name=maintenance)" ""
}

# --- an archive that is not whole
untouched() { is "$(containers)" "$running" && is "$(state)" "$good" && fails event intent .; }
bad_archive() { broken "$1" && code_is 4 level3 --yes --approve agreed && untouched; }
# Whole, but of a volume in which nothing is: the newest of all.
archive_of_nothing() {
  cat >"$dir.nothing.yaml" <<YAML
runbook: nothing
steps:
  made: {exec: [docker, volume, create, nothing]}
  kept: {volume.backup: {volume: nothing, to: "$dir/conea/backups/volumes/postgres_data_20991231.tar.gz", image: "localhost:5000/tools:1"}}
  gone: {exec: [docker, volume, rm, nothing]}
YAML
  told_well run "$dir.nothing.yaml" && rm -rf "$dir"/state/runs && code_is 4 level3 --yes --approve agreed && untouched
}
archives_back() { rm -rf "$dir/conea/backups/volumes" && cp -a "$dir/pristine/conea/backups/volumes" "$dir/conea/backups/"; }

# --- processes that look like the platform's and are not
innocents_start() {
  local name
  for name in "node server.js" "/usr/bin/redis-server *:6379" "postgres"; do
    # shellcheck disable=SC2016
    inside env -u PLATFORM bash -c 'exec -a "$1" sleep 7200' - "$name" </dev/null >/dev/null 2>&1 &
  done
  eventually 10 innocents_live
}
# shellcheck disable=SC2016 # run inside
innocents_live() { is "$(inside sh -c 'grep -lzx "720[0]" /proc/[0-9]*/cmdline 2>/dev/null | wc -l')" 3; }
leftovers() { inside sh -c 'readlink /proc/[0-9]*/exe' | grep -c "^$dir/leftovers/"; }
nothing_lives() { is "$(containers)" "" && is "$(volumes)" "" && is "$(leftovers)" 3; }

# --- the log
log_tells() {
  local log=$dir/log/conea/rollback-operations.log line
  for line in "Rollback initiated - Level 3" "$@"; do
    grep -qE "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} \[[A-Z]+\] $line" "$log" || { echo "missing: $line"; cat "$log"; return 1; }
  done
}

# --- undo
spoil() {
  broken index && sql -c "INSERT INTO models (provider, name) VALUES ('delta', 'newer than the archive')" &&
    redis set session:1 newer && redis del session:2
}
as_before() { is "$(state)" "$before" && eventually 30 "$platform" status "$dir" && no_trace; }
# What prometheus keeps, as an archive: its volume is restored where one is named, and where it is gone.
prometheus_kept() {
  cat >"$dir.keep.yaml" <<YAML
runbook: keep
defaults: {cwd: "$dir/conea"}
steps:
  stopped: {compose.stop: {services: [prometheus]}}
  marked: {exec: [docker, run, --rm, "--volume=conea_prometheus_data:/v", "localhost:5000/tools:1", touch, /v/kept]}
  kept: {volume.backup: {volume: conea_prometheus_data, to: backups/volumes/prometheus_data_20240115.tar.gz, image: "localhost:5000/tools:1"}}
  gone: {exec: [docker, run, --rm, "--volume=conea_prometheus_data:/v", "localhost:5000/tools:1", rm, /v/kept]}
  started: {compose.up: {services: [prometheus]}}
YAML
  told_well run "$dir.keep.yaml"
}
prometheus_is_back() { inside test -e "$dir/engine/volumes/conea_prometheus_data/_data/kept"; }

# --- a restore that was cut off
# While the old and the new changed places: of each a part is where it was, and of each where it goes.
cut_off_and_done_again() {
  local archive
  archive=$(ls "$dir"/conea/backups/volumes/redis_data_[0-9]*.tar.gz)
  cat >"$dir.half.yaml" <<YAML
runbook: half
target: [{host.identity: {}, expect: {name: conea-test}}]
steps:
  restored: {volume.restore: {volume: half, from: "$archive", image: "localhost:5000/tools:1"}, accept_loss: It is a half.}
  same: {volume.compare: {volume: half, archive: "$archive", image: "localhost:5000/tools:1"}}
YAML
  inside docker run --rm -v half:/v localhost:5000/tools:1 sh -ec '
    cd /v; mkdir .runbook-restored .runbook-replaced; echo old >.runbook-replaced/dump.rdb; echo half >.runbook-restored/b; echo moved >a'
  told_well run "$dir.half.yaml"
  local status=$?
  inside docker volume rm half >/dev/null
  return $status
}

# --- kill -9
events() { journal 2>/dev/null | wc -l; }
at_event() { [ "$(last_run)" != "$run_before" ] && [ "$(events)" -ge "$1" ]; }
over() { ! kill -0 "$pid" 2>/dev/null; }
at_event_or_over() { at_event "$1" || over; }
# A random event of those that such a run has, and a random while after it, since some actions take seconds. Chosen here: a subshell
# has other random numbers.
choose() { at=$((1 + RANDOM % all)) while=$((RANDOM % 4 ? 0 : RANDOM % 4)).$((RANDOM % 5))$((RANDOM % 10)); }
killed() {
  run_before=$(last_run)
  set -m
  recovered >/dev/null 2>&1 & pid=$!
  set +m
  eventually 200 at_event_or_over "$at"
  sleep "$while"
  echo "# killed $while s behind event $at, of $all, in $(journal | grep -o '"event":"intent","step":"[^"]*"' | tail -n 1)" >&3
  kill -KILL -- "-$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  [ "$(last_run)" != "$run_before" ]
}
has_ended() { journal | grep -q '"event":"ended"'; }
killed_and_resumed() { killed && { has_ended || again; } && whole && innocents_live && prometheus_is_back; }

note() { echo "# $SECONDS s: $*"; }
echo "# seed $seed: RUNBOOK_LEVEL3_SEED=$seed brings the same moments"

ok "the platform comes up"                 timeout 500 "$platform" up "$dir"
good=$(state)
running=$(containers)
for fault in archive-truncated archive-missing; do
  ok "$fault: it stops, and nothing is touched" bad_archive $fault
  archives_back
done
ok "an archive of nothing stops it, too"   archive_of_nothing
archives_back
ok "processes that only look like it"      innocents_start
note "archives"

ok "the platform is destroyed"             broken destroyed
ok "without approval it waits for a person" code_is 5 level3 --yes
ok "and nothing was ended"                 nothing_lives
ok "visitors see a maintenance page"       inside docker run -d --name maintenance -p 80:80 localhost:5000/nginx:1
ok "one command"                           recovered
all=$(events)
ok "whole again"                           whole
ok "what held its ports is gone"           is "$(leftovers)" 0
ok "and nobody else"                       innocents_live
ok "the operation log tells the story"     log_tells "All services stopped" "Processes left on the platform's ports ended: 3" \
  "The ports are free" "Database volume restored" "The database answers" "The backend is healthy" "nginx serves the platform" \
  "External APIs answer" "redis connected" "Database connected" "MultiLLM works" "End-to-end test passed" "Performance test passed" \
  "Security check passed" "The monitoring sees everything up" "grafana is healthy" "Notification sent to stakeholders"
note "destroyed"

ok "what is newer than the archives"       spoil
before=$(state)
ok "an archive of prometheus"              prometheus_kept
ok "recovered while all runs"              recovered --param prometheus_archive=backups/volumes/prometheus_data_20240115.tar.gz
ok "as the archives have it"               whole
ok "prometheus too"                        prometheus_is_back
ok "it is taken back"                      taken_back
ok "and as before"                         as_before
ok "that of prometheus too"                fails prometheus_is_back
ok "cut off in the midst, a restore is done again" cut_off_and_done_again
note "undo"

for ((i = 1; i <= kills; i++)); do
  ok "destroyed, $i of $kills"             broken destroyed
  choose
  ok "kill -9 and resume, $i of $kills"    killed_and_resumed
done
note "kills"

ok "down"                                  timeout 60 "$platform" down "$dir"
finish
