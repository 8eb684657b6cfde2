#!/bin/bash
# The small platform does what its verbs say, as whoever runs this.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../platform/tap.sh
. "$here/../platform/tap.sh"
home=$(mktemp -d)
trap '"$here/small" down "$home/s" >/dev/null 2>&1; rm -rf "$home"' EXIT
export HOME=$home
unset XDG_CONFIG_HOME GIT_CONFIG_GLOBAL
small=$here/small dir=$home/s site=$home/s/site

health() { curl -s --max-time 5 "http://127.0.0.1:$(cat "$dir/port")/health"; }
# Prints the newest backup whose sum agrees; by name, since the name ends in the day.
good_backup() (
  cd "$site/backups" || exit 1
  good=
  for sum in *.sha256; do sha256sum --quiet -c "$sum" 2>/dev/null && good=${sum%.sha256}; done
  [ -n "$good" ] && echo "$good"
)
# The recovery by hand: what a runbook for this platform has to do.
recover() (
  set -e
  cd "$site"
  commit=$(git describe --tags --abbrev=0 --match 'stable-*' HEAD)
  before=$(git rev-parse origin/main)
  git reset -q --hard "$commit"
  git push -q --force-with-lease="main:$before" origin HEAD:main
  cp "backups/$(good_backup)" site.conf.new
  mv site.conf.new site.conf
  ./service restart
)
newest_is_bad() { local all=("$site"/backups/site.conf.????????); fails test -e "${all[-1]}.sha256"; }
stale() { echo 9.9 >"$site/RELEASE" && says "is deployed" health; }
# A process that ended may stay in the table until somebody reaps it; its command line is gone.
left_nothing() { [ ! -e "$dir" ] && ! grep -q . "/proc/$1/cmdline" 2>/dev/null; }

ok "up"                                   timeout 60 "$small" up "$dir"
ok "healthy"                              says '"status":"ok","release":"1.4.0"' health
ok "up twice is refused"                  fails "$small" up "$dir"
ok "the newest backup is cut off"         newest_is_bad
ok "a good one equals the settings"       cmp "$site/backups/$(good_backup)" "$site/site.conf"
ok "the checkout is clean"                is "$(git -C "$site" status --porcelain)" ""
for fault in content config config-syntax; do
  ok "a bad release: $fault"              "$small" deploy-bad "$dir" $fault
  ok "status says so"                     fails "$small" status "$dir"
  ok "it was pushed"                      says "deploy: release 1.5.0" git -C "$dir/origin.git" log -1 main
  ok "recovered by hand"                  recover
  ok "healthy again"                      says '"status":"ok","release":"1.4.0"' health
  ok "origin too"                         is "$(git -C "$dir/origin.git" rev-parse main)" "$(git -C "$site" rev-parse "stable-1.4.0^{commit}")"
done
ok "deployed but not restarted is red"    stale
ok "reset"                                "$small" reset "$dir"
ok "and healthy"                          "$small" status "$dir"
pid=$(cat "$site/run/service.pid")
ok "down"                                 "$small" down "$dir"
ok "nothing is left"                      left_nothing "$pid"
ok "down twice is nothing"                "$small" down "$dir"
ok "another folder is not removed"        fails "$small" down "$home"
finish
