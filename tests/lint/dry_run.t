#!/bin/bash
# A dry-run touches nothing and says the same everywhere: no process, no socket, no file written; the same bytes
# from two folders, homes and time zones.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=../platform/tap.sh
. "$root/tests/platform/tap.sh"
runbook=$root/build/runbook
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$root/runbooks" "$work/elsewhere"
mkdir "$work/home"

plan() { "$runbook" run "$1" --dry-run 2>/dev/null; }
same_bytes() {
  (cd "$root" && TZ=UTC plan runbooks/level1.yaml) >"$work/one"
  (cd "$work/elsewhere" && HOME=$work/home TZ=Asia/Tokyo LANG=C plan level1.yaml) >"$work/two"
  [ -s "$work/one" ] && cmp "$work/one" "$work/two"
}
# Everything that would start, connect or write, by the kernel's word.
traced() { strace -f -qq -o "$work/trace" -e trace=process,network,openat,open,creat,mkdir,mkdirat,rename,renameat2,unlink,unlinkat "$runbook" run "$root/runbooks/level1.yaml" --dry-run >/dev/null 2>&1; }
no_process() { is "$(grep -cE 'execve\(|clone|fork' "$work/trace")" 1; }
no_socket() { is "$(grep -c 'socket(' "$work/trace")" 0; }
no_write() { is "$(grep -E 'O_WRONLY|O_RDWR|O_CREAT|creat\(|mkdir|rename|unlink' "$work/trace")" ""; }

ok "the same bytes from two folders, homes and time zones" same_bytes
ok "traced"                                                traced
ok "no process is started"                                 no_process
ok "no socket is opened"                                   no_socket
ok "no file is written"                                    no_write
finish
