#!/bin/bash
# Level 1 on the real platform: it brings a bad release back, also when it is killed half-way, stops where
# it must, and what it did is checked here and not by the runbook.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=tap.sh
. "$here/tap.sh"
platform=$here/platform
runbook=$root/build/runbook
file=$root/runbooks/level1.yaml

why=$("$platform" probe) || skip_or_fail docker "$why"
dir=$(mktemp -d /tmp/level1.XXXXXX)
trap '"$platform" down "$dir" >/dev/null 2>&1; rm -rf "$dir" "$dir.out"' EXIT
inside() { timeout --foreground 300 "$platform" enter "$dir" "$@"; }
level1() { inside "$runbook" run "$file" --param "dir=$dir/conea" "$@" >"$dir.out" 2>&1; }
code_is() { local code=0; "${@:2}" || code=$?; [ "$code" = "$1" ] || { echo "exit code $code, not $1"; tail -n 25 "$dir.out"; return 1; }; }
git_of() { git -C "$dir/conea" "$@"; }
stable() { git_of rev-parse 'stable-2.3.0^{commit}'; }
remote() { git -C "$dir/origin.git" rev-parse main; }
image() { inside docker image inspect -f '{{.Id}}' "$1"; }
green() { "$platform" status "$dir" >/dev/null; }
journal() { cat "$(ls -td "$dir"/state/runs/*/ | head -n 1)journal.jsonl"; }
done_step() { journal | grep -q "\"event\":\"done\",\"step\":\"$1\""; }
eventually() { local end=$((SECONDS + $1)); shift; until "$@" 2>/dev/null; do [ $SECONDS -lt $end ] || return 1; sleep 0.05; done; }

# A run as the kernel sees it, and its plan: what was done must stand there.
traced() {
  local calls=execve,fork,vfork,clone,clone3,openat,renameat,renameat2,sendto,sendmsg
  inside "$runbook" run "$file" --param "dir=$dir/conea" "$@" --dry-run --format json >"$dir/plan.json" || return 1
  mkdir "$dir/trace" &&
    inside strace -ff -y -s 65536 --seccomp-bpf -o "$dir/trace/t" -e "trace=$calls" \
      "$runbook" run "$file" --param "dir=$dir/conea" --yes "$@" >"$dir.out" 2>&1 || { tail -n 25 "$dir.out"; return 1; }
}
was_in_plan() { "$here/in_plan" "$dir/plan.json" "$dir/trace" "$dir/state" /var/log/conea/rollback-operations.log; }

# The interpreter killed as soon as STEP is done; then the run is taken up again.
killed_behind() {
  local pid
  set -m
  inside "$runbook" run "$file" --param "dir=$dir/conea" --yes >"$dir.out" 2>&1 &
  pid=$!
  set +m
  eventually 120 done_step "$1" || { kill -KILL -- "-$pid"; echo "it never came to $1"; cat "$dir.out"; return 1; }
  kill -KILL -- "-$pid"
  wait "$pid" 2>/dev/null
  inside "$runbook" resume --yes >"$dir.out" 2>&1 || { tail -n 25 "$dir.out"; return 1; }
}
restored() {
  green && is "$(git_of rev-parse HEAD)" "$(stable)" && is "$(remote)" "$(stable)" &&
    is "$(image conea-backend:latest)" "$(image localhost:5000/conea-backend:stable)" &&
    (cd "$dir/conea/backups" && for f in .env docker-compose.yml; do cmp "$(ls -1 "$f".????????.sha256 | tail -n 1 | sed 's/.sha256$//')" "../$f" || exit 1; done)
}
bad_state_kept() {
  [ -n "$(git_of branch --list 'rollback/emergency-*')" ] &&
    inside docker image ls rollback-backup -q | grep -q . && ls "$dir"/conea/backups/.env.before-* >/dev/null
}
log_tells() {
  local log=$dir/log/conea/rollback-operations.log line
  for line in "Rollback initiated - Level 1" "Git reset to commit" "Docker services restarted" "Health check passed" "Notification sent to stakeholders" \
    "Rollback completed - Level 1 in [0-9hms.]+ \(objective 10m\)"; do
    grep -qE "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} \[INFO\] $line" "$log" || { echo "missing: $line"; cat "$log"; return 1; }
  done
}
each_once() { local twice; twice=$(sort "$dir/log/conea/rollback-operations.log" | uniq -d); is "$twice" ""; }
nothing_moved() { is "$(git_of rev-parse HEAD)" "$1" && is "$(remote)" "$1" && ! done_step restarted; }
# All that the run set, as it is now.
as_it_is() {
  git_of rev-parse HEAD && remote && image conea-backend:latest && (cd "$dir/conea" && sha256sum .env docker-compose.yml nginx/nginx.conf)
}
last_run() { basename "$(ls -td "$dir"/state/runs/*/ | head -n 1)"; }
taken_back() { inside "$runbook" undo "$(last_run)" >"$dir.out" 2>&1 || { tail -n 25 "$dir.out"; return 1; }; }
work_is_saved() { git_of show "$(git_of branch --list 'rescue/*' | tr -d ' ')":note | grep -q "not committed"; }

ok "the platform comes up"                 timeout 300 "$platform" up "$dir"
ok "a bad release"                         timeout 120 "$platform" deploy-bad "$dir"
bad=$(git_of rev-parse HEAD)
ok "health is red"                         fails green
ok "without approval it waits for a person" code_is 5 level1
ok "and nothing was pushed"                is "$(remote)" "$bad"
ok "which can be given later"              code_is 0 eval 'inside "$runbook" resume --yes >"$dir.out" 2>&1'
ok "the platform is back"                  restored
ok "what was left stays to be looked at"   bad_state_kept
ok "the operation log tells the story"     log_tells
ok "no line of it twice, though resumed"   each_once
ok "reset"                                 timeout 120 "$platform" reset "$dir"
ok "a bad release again"                   timeout 120 "$platform" deploy-bad "$dir"
before=$(as_it_is)
ok "killed behind the reset, and resumed"  killed_behind code
ok "the platform is back again"            restored
ok "it is taken back"                      taken_back
ok "and all is as it was before"           is "$(as_it_is)" "$before"
ok "reset"                                 timeout 120 "$platform" reset "$dir"
ok "and once more"                         timeout 120 "$platform" deploy-bad "$dir"
bad=$(git_of rev-parse HEAD)
echo "not committed" >"$dir/conea/note"
ok "work that is not committed stops it"   code_is 1 level1 --yes
ok "with nothing moved"                    nothing_moved "$bad"
ok "saved when asked to, and brought back" traced --param save_uncommitted=true
ok "all that was done stands in the plan"  was_in_plan
ok "the platform is back for good"         restored
ok "the work is on a branch"               work_is_saved
ok "down"                                  timeout 60 "$platform" down "$dir"
finish
