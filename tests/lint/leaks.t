#!/bin/bash
# Under valgrind: no error and no leak in check, in a dry-run, in a run that ends well, in one that fails,
# and in its resume. The whole of the cases is held by `make asan`.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=../platform/tap.sh
. "$root/tests/platform/tap.sh"
runbook=$root/build/runbook
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# What libc's loader keeps of the modules by which it looks users and groups up is not ours.
cat >"$dir/not_ours" <<'END'
{
  modules that libc loads
  Memcheck:Leak
  match-leak-kinds: reachable
  ...
  fun:_dl_open
  ...
}
{
  and of their threads' memory
  Memcheck:Leak
  match-leak-kinds: reachable
  ...
  fun:__tls_get_addr
  fun:_nss_systemd_is_blocked
  ...
}
END

# watched CODE COMMAND...: that exit code, and nothing that valgrind says.
watched() {
  local code=0
  timeout 120 valgrind -q --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all \
    --suppressions="$dir/not_ours" --error-exitcode=99 --log-file="$dir/said" "${@:2}" >"$dir/out" 2>&1 || code=$?
  # What begins with -- is of system calls that valgrind does not know: that they are not there is handled.
  [ "$code" = "$1" ] && ! grep -q '^==' "$dir/said" || { cat "$dir/out" "$dir/said"; echo "exit code $code"; return 1; }
}

cat >"$dir/fails.yaml" <<'END'
runbook: fails
log: operations.log
steps:
  first: {exec: [sh, -c, 'echo one; test -e gate'], idempotent: true, undo: [{exec: [rm, gate]}], verify: [{file.stat: gate, expect: {exists: true}}]}
  second: {foreach: {as: part, in: [a, b, c]}, file.write: {path: "made.${item.part}", text: "${item.part}"}, needs: [first]}
  third: {wait: {for: 10ms}}
outputs: {made: {type: string, value: "${steps.first.stdout}"}}
on_failure:
  told: {exec: [echo, failed]}
END
cd "$dir" || exit 1
ok "check"                        watched 0 "$runbook" check "$root/runbooks/level1.yaml"
ok "a dry-run"                    watched 0 "$runbook" run "$root/runbooks/level1.yaml" --param dir=/srv --dry-run
ok "a dry-run for programs"       watched 0 "$runbook" run "$root/runbooks/level1.yaml" --param dir=/srv --dry-run --format json
ok "what can't be understood"     watched 3 "$runbook" check "$root/tests/cases/broken/file/tab/runbook.yaml"
ok "a run that fails"             watched 1 "$runbook" run fails.yaml --state state
touch gate
ok "its resume"                   watched 0 "$runbook" resume --state state
ok "list"                         watched 0 "$runbook" list --state state
ok "show"                         watched 0 "$runbook" show --state state
ok "its undo"                     watched 0 "$runbook" undo "$(ls state/runs)" --state state
ok "which took it back"           test ! -e gate
ok "actions"                      watched 0 "$runbook" actions file.copy
ok "explain"                      watched 0 "$runbook" explain RB201
finish
