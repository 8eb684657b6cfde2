#!/bin/bash
# What `make install` puts down works from there, and goes again.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=../platform/tap.sh
. "$root/tests/platform/tap.sh"
dir=$(mktemp -d /tmp/install.XXXXXX)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
runbook=$dir/bin/runbook
unit=$dir/lib/systemd/system/runbook-watch@.service

installs() { make --no-print-directory -s -C "$root" install PREFIX="$dir"; }
removes() { make --no-print-directory -s -C "$root" uninstall PREFIX="$dir" && is "$(find "$dir" -type f)" ""; }
# A step under the shim, by a library and a runbook of the installed.
runs() {
  printf '%s\n' 'runbook: one' 'steps:' '  one: {exec: [touch, one]}' >one.yaml
  "$runbook" run one.yaml --state "$dir/state" >/dev/null && test -e one && rm -r one one.yaml state
}
watches() { "$runbook" watch monitor.yaml --dry-run | grep -q '^condition down'; }
# What is said of the page by who shows it, and who checks it; each command and variable is in it.
page_is_good() {
  local page=$dir/share/man/man1/runbook.1 shown word
  is "$(man --warnings -l "$page" 2>&1 >/dev/null)" "" || return 1
  is "$(mandoc -Tlint "$page" 2>&1)" "" || return 1
  shown=$(MANWIDTH=200 man -l "$page" | col -b)
  for word in $("$runbook" --help | sed -n 's/^  \([a-z][a-z]*\) .*/runbook=\1/p') \
    $(grep -rhoE 'getenv\("RUNBOOK_[A-Z_]*"' "$root/interpreter" | grep -oE 'RUNBOOK_[A-Z_]+'); do
    [[ $shown == *"${word/=/ }"* ]] || { echo "${word/=/ } is not in it"; return 1; }
  done
}
completes() {
  # shellcheck source=/dev/null
  (. "$dir/share/bash-completion/completions/runbook" && complete -p runbook) &&
    zsh -n "$dir/share/zsh/site-functions/_runbook" && fish -n "$dir/share/fish/vendor_completions.d/runbook.fish"
}
# Without this program the unit would not start; systemd reads it where there is one.
unit_is_good() {
  local program complaints
  program=$(sed -n 's/^ExecStart=\([^ ]*\) .*/\1/p' "$unit")
  test -x "$program" || return 1
  grep -qx 'KillMode=process' "$unit" || return 1
  command -v systemd-analyze >/dev/null || return 0
  cp "$unit" "$dir/runbook-watch@shop.service"
  complaints=$(systemd-analyze verify "$dir/runbook-watch@shop.service" 2>&1 | grep 'runbook-watch')
  rm "$dir/runbook-watch@shop.service"
  is "$complaints" ""
}

ok "it is installed"                          installs
ok "a runbook is run"                         runs
ok "the runbooks are found by name"           "$runbook" check level1.yaml
ok "so is the monitor, and what it runs"      watches
ok "the unit starts what was installed"       unit_is_good
ok "the workflows are found"                  says 'runbook check --format sarif' "$runbook" ci github
ok "man shows its page"                       page_is_good
ok "the shells have their completions"        completes
ok "it is removed"                            removes
finish
