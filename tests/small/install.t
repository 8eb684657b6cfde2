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
ok "it is removed"                            removes
finish
