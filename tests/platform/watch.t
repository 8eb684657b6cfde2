#!/bin/bash
# The monitor on the real platform: what it begins, how often, and what it leaves alone.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=tap.sh
. "$here/tap.sh"
platform=$here/platform
runbook=$root/build/runbook

why=$("$platform" probe) || skip_or_fail docker "$why"
dir=$(mktemp -d /tmp/watch.XXXXXX)
memory=$dir/state/monitors/conea
trap '"$platform" down "$dir" >/dev/null 2>&1; rm -rf "$dir" "$dir".*' EXIT
inside() { timeout --foreground 300 "$platform" enter "$dir" "$@"; }
eventually() { local end=$((SECONDS + $1)); shift; until "$@" 2>/dev/null; do [ $SECONDS -lt $end ] || return 1; sleep 0.1; done; }
green() { "$platform" status "$dir" >/dev/null; }
container() { inside docker ps --all --quiet --filter "label=com.docker.compose.service=$1"; }

# watching NAME RUNS SCRIPTS_EVERY: somebody watches; its pid, as the platform sees it, is in $dir.NAME.
watching() {
  local name=$1 param params=()
  for param in "dir=$dir/conea" every=500ms rounds=3 cooldown=1s runs="$2" scripts_every="$3"; do params+=(--param "$param"); done
  : >"$dir.$name"
  # shellcheck disable=SC2016
  inside sh -c 'echo $$ >"$0.$1"; shift 1; exec "$@"' "$dir" "$name" \
    "$runbook" watch "$root/runbooks/monitor.yaml" "${params[@]}" >"$dir.$name.out" 2>&1 &
  eventually 10 test -s "$dir.$name"
}
# kills NAME SIGNAL
kills() { inside sh -c 'kill "-$1" "$2"' - "$2" "$(cat "$dir.$1")"; }
ends() { kills "$1" "$2" && wait; }
once() { inside "$runbook" watch "$root/runbooks/monitor.yaml" --once --param "dir=$dir/conea" --param rounds=3 --param scripts_every=1h; }
rounds() { jq -r ".conditions.$1.rounds" "$memory/state.json"; }
rounds_are() { [ "$(rounds down)" = "$1" ]; }
runs() { inside "$runbook" list --format json | jq -r '.[].state'; }
# What was begun, a line each: "down level1".
begun() { jq -r 'select(.event == "begun" or .event == "on_limit") | "\(.condition) \(.run | split("-")[0])"' "$memory/events.jsonl" 2>/dev/null; }
begun_are() { is "$(begun)" "$1"; }
ended() { [ "$(grep -c '"event":"ended"' "$memory/events.jsonl")" = "$1" ]; }
quiet_for() { sleep_rounds "$1" && ! grep -q "$2" "$dir.$3.out"; }
# So many more rounds, good ones, whatever their speed.
sleep_rounds() { local good; good=$(samples) && eventually 60 eval '[ $(($(samples) - '"$good"')) -ge '"$1"' ]'; }
samples() { jq '[.conditions.slow.usual[0].numbers.duration.at[]?] | length' "$memory/state.json"; }

flaps() {
  local id
  id=$(container backend)
  for _ in 1 2 3; do
    inside docker stop --time 0 "$id" >/dev/null && once && once || return 1
    inside docker start "$id" >/dev/null && eventually 30 green && once || return 1
  done
}
nothing_begun() { is "$(runs)" "" && is "$(begun)" ""; }
# Of two that begin at once, one watches.
one_of_two() {
  watching b 10 1h && watching c 10 1h || return 1
  eventually 20 grep -q 'RB703' "$dir.b.out" "$dir.c.out" || return 1
  if grep -q 'RB703' "$dir.b.out"; then echo c >"$dir.who"; else echo b >"$dir.who"; fi
  [ "$(cat "$dir.b.out" "$dir.c.out" | grep -c 'RB703')" = 1 ]
}
killed_after_two_strikes() {
  watching a 10 1h && eventually 30 rounds_are ... || return 1
  "$platform" kill "$dir" backend
  eventually 30 rounds_are .xx || { cat "$dir.a.out"; return 1; }
  kills a KILL || return 1
  wait
  is "$(begun)" ""
}
recovered_once() {
  eventually 150 ended 1 || { tail -n 20 "$dir".*.out; return 1; }
  begun_are "down level1" && is "$(runs)" succeeded && green
}
still_once() { sleep_rounds 8 && begun_are "down level1"; }

# The database gets a fiftieth of a processor: what it is asked takes ten times as long.
slow_database() { inside docker update --cpus 0.02 "$(container postgres)"; }
knows_what_is_usual() { eventually 120 eval '[ "$(samples)" -ge 30 ]'; }
slow_recovered() {
  eventually 180 ended 2 || { tail -n 20 "$dir".*.out; return 1; }
  begun_are "$(printf 'down level1\nslow level1')" && green
}

called() { grep -q 'Rolling back did not help.*down' "$dir/log/conea/notifications.log"; }
no_help() {
  "$platform" stop "$dir" registry && inside docker rmi -f localhost:5000/conea-backend:stable >/dev/null
  "$platform" kill "$dir" backend
  eventually 150 called || { tail -n 20 "$dir".*.out; return 1; }
}
limited() { begun_are "$(printf 'down level1\nslow level1\ndown level1\ndown conea')"; }

breach() { chmod 0644 "$dir/conea/.env"; eventually 60 grep -q '"event":"waits"' "$memory/events.jsonl"; }
waits() { inside "$runbook" list --format json | jq -r '.[] | select(.state == "waits") | .run'; }
approved() {
  inside "$runbook" approve "$(waits)" && eventually 90 page
}
page() { inside curl -s http://localhost/ | grep -q 'メンテナンス中です'; }

ok "the platform comes up"                     timeout 300 "$platform" up "$dir"
ok "a backend that flaps"                      flaps
ok "is left alone"                             nothing_begun
ok "killed between the second strike and the third" killed_after_two_strikes
ok "of two that watch next, one may"           one_of_two
ok "it has not forgotten, and recovers"        recovered_once
ok "and nothing more is begun"                 still_once
ok "it learns what is usual"                   knows_what_is_usual
ok "answers become slow"                       slow_database
ok "and that is rolled back as well"           slow_recovered
ok "it ends when it is told to"                ends "$(cat "$dir.who" 2>/dev/null || echo b)" TERM
ok "one that watches with a limit of three"    watching d 3 1h
ok "what a recovery does not help is limited, and a person is called" no_help
ok "with one more run and the call"            limited
ok "it ends"                                   ends d TERM
ok "reset"                                     timeout 200 "$platform" reset "$dir"
ok "one that looks at security"                watching e 10 1s
ok "a breach waits for a person"               breach
ok "who allows it, and all is stopped"         approved
ok "it ends"                                   ends e TERM
ok "down"                                      timeout 60 "$platform" down "$dir"
finish
