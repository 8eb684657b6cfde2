#!/bin/bash
# What stands around the three levels, on the real platform: what follows a rollback, the emergency stop, the backups and
# blue-green. All is checked here and not by the runbooks.
exec 3>&1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=tap.sh
. "$here/tap.sh"
platform=$here/platform
runbook=$root/build/runbook

why=$("$platform" probe) || skip_or_fail docker "$why"
command -v pg_restore >/dev/null || skip_or_fail docker "pg_restore is missing; install it with: tools/setup test"
dir=$(mktemp -d /tmp/around.XXXXXX)
trap '[ -z "${asker:-}" ] || kill "$asker" 2>/dev/null; "$platform" down "$dir" >/dev/null 2>&1; rm -rf "$dir" "$dir".*' EXIT
inside() { timeout --foreground 300 "$platform" enter "$dir" "$@"; }
run() { inside "$runbook" run "$root/runbooks/$1.yaml" --param "dir=$dir/conea" "${@:2}" >"$dir.out" 2>&1; }
well() { "$@" || { tail -n 30 "$dir.out"; return 1; }; }
code_is() { local code=0; "${@:2}" || code=$?; [ "$code" = "$1" ] || { echo "exit code $code, not $1"; tail -n 30 "$dir.out"; return 1; }; }
eventually() { local end=$((SECONDS + $1)); shift; until "$@" 2>/dev/null; do [ $SECONDS -lt $end ] || return 1; sleep 0.05; done; }
last_run() { basename "$(ls -td "$dir"/state/runs/*/ | head -n 1)"; }
event() { grep -q "\"event\":\"$1\",\"step\":\"$2\"" "$dir/state/runs/$(last_run)/journal.jsonl"; }
result_is() { grep -q "^$1 " "$dir.out" || { tail -n 8 "$dir.out"; return 1; }; }
green() { "$platform" status "$dir" >/dev/null; }
reset() { timeout 120 "$platform" reset "$dir"; }
services() { inside docker ps --all --filter label=com.docker.compose.project=conea --format '{{.Names}} {{.Status}}'; }
volumes() { inside docker volume ls --quiet | sort; }
log_says() { grep -qE "^[0-9-]{10} [0-9:]{8} \[$1\] $2" "$dir/log/conea/rollback-operations.log" || { tail "$dir/log/conea/rollback-operations.log"; return 1; }; }
told() { grep -q "\"text\":\"$1" "$dir/log/conea/notifications.log"; }

# --- after the rollback
reports() { find "$dir/conea/reports" -name "$1_*" -size +0 | grep -q . || { echo "no $1"; ls -la "$dir/conea/reports"; return 1; }; }
all_reports() { local name; for name in rollback_report data_integrity user_impact log_analysis metrics dependencies user_notice incident; do reports $name || return 1; done; }
report_says() { grep -q "$2" "$dir"/conea/reports/"$1"_*; }
nothing_half() { is "$(find "$dir/conea/reports" -name '.*' -o -name '*~')" "" && is "$(git -C "$dir/conea" status --porcelain)" ""; }
prometheus_knows() { inside ./scripts/export-metrics.sh >/dev/null 2>&1; }
forget_reports() { rm -rf "$dir/conea/reports"; }

# --- the emergency stop
page() { inside curl -s -D "$dir.headers" -w '%{http_code}' "$1" >"$dir.page"; }
page_is_up() {
  page "http://localhost$1" && grep -q 'メンテナンス中です' "$dir.page" && is "$(tail -c 3 "$dir.page")" 503 &&
    grep -qi '^retry-after: [0-9]' "$dir.headers" && grep -qi '^content-type: text/html; charset=utf-8' "$dir.headers"
}
no_page() { is "$(inside docker ps --all --quiet --filter name=maintenance)" ""; }
backend_tells() { inside docker logs conea_backend_1 2>&1 | grep "prompt template 'default' not found"; }
half_dead() { echo 'no: [yaml' >>"$dir/conea/docker-compose.yml" && "$platform" kill "$dir" postgres && inside docker pause conea_redis_1; }
stopped_without_checkout() { inside "$runbook" run "$root/runbooks/emergency_stop.yaml" --param "dir=$dir/nowhere" >"$dir.out" 2>&1 && result_is recovered; }

# --- backups
made=$dir/conea/backups
last_stamp() { find "$made" -name '.env.????????-??????.sha256' | sort | tail -n 1 | sed 's/.*\.env\.\(.*\)\.sha256/\1/'; }
set_is_whole() {
  local stamp
  stamp=$(last_stamp)
  (cd "$made" && sha256sum --quiet -c ".env.$stamp.sha256" "docker-compose.yml.$stamp.sha256" "nginx.conf.$stamp.sha256" &&
    cmp ".env.$stamp" ../.env && cmp "nginx.conf.$stamp" ../nginx/nginx.conf &&
    cd database && sha256sum --quiet -c "conea_db.$stamp.dump.sha256" && pg_restore --list "conea_db.$stamp.dump" >"$dir.list" &&
    grep -q 'TABLE DATA public messages' "$dir.list" &&
    cd ../volumes && for volume in postgres_data redis_data prometheus_data; do
      tar -tzf "${volume}_$stamp.tar.gz" >"$dir.list" && test -s "${volume}_$stamp.tar.gz.digest" || exit 1
    done && tar -tzf "postgres_data_$stamp.tar.gz" >"$dir.list" && grep -q '^./PG_VERSION$' "$dir.list")
}
nothing_left_over() {
  is "$(volumes)" "$(printf 'conea_postgres_data\nconea_prometheus_data\nconea_redis_data')" &&
    is "$(inside docker ps --all --quiet --filter label=runbook.volume; inside docker ps --all --quiet --filter name=trial)" "" &&
    is "$(services | grep -c Paused)" 0 && is "$(find "$made" -name 'untried_*')" ""
}
has_no_sum() { local stamp; stamp=$(last_run | cut -d- -f2,3); [ -e "$made/nginx.conf.$stamp" ] && [ ! -e "$made/nginx.conf.$stamp.sha256" ] && [ ! -e "$made/.env.$stamp.sha256" ]; }
# The whole set once more, as one of another day would be.
as_of() {
  local stamp file to
  stamp=$(last_stamp)
  find "$made" -type f -name "*$stamp*" | while read -r file; do
    to=${file//$stamp/$1}
    cp -p "$file" "$to"
    case $to in *.sha256) sed -i "s/$stamp/$1/" "$to" ;; esac
  done
}
days_ago() { date -u -d "$1 days ago" +%Y%m%d-%H%M%S; }
of_stamp() { find "$made" -type f -name "*$1*" -printf '%f\n' | sort; }
none_of() { is "$(of_stamp "$1")" ""; }
# Requests one after another meanwhile; each must be answered well.
asking() { # shellcheck disable=SC2016
  set -m
  inside sh -c 'while :; do curl -s -o /dev/null --max-time 20 -w "%{http_code}\n" http://localhost/health; done' >"$dir.codes" 2>/dev/null &
  asker=$!
  set +m
}
asked() {
  kill -- "-$asker"
  wait "$asker" 2>/dev/null
  asker=
  sed -i '$d' "$dir.codes" # the last one may be cut off by the end of the asking
  [ "$(wc -l <"$dir.codes")" -gt 20 ]
}
answered_all() { asked && is "$(sort -u "$dir.codes")" 200; }
# While the database stands still the backend waits two seconds for it, and says 503 then: a few, and nothing else.
answered_but_few() { asked && is "$(sort -u "$dir.codes" | grep -v '^[25]0[03]$')" "" && [ "$(grep -c 503 "$dir.codes")" -le 3 ] && echo "# $(sort "$dir.codes" | uniq -c | tr '\n' ' ')" >&3; }

# --- blue-green
both_colours() {
  inside docker tag localhost:5000/conea-backend:stable conea-backend:blue &&
    inside docker tag localhost:5000/conea-backend:stable conea-backend:green &&
    inside env COMPOSE_FILE=docker-compose.yml:docker-compose.blue-green.yml docker-compose up -d >"$dir.out" 2>&1 &&
    eventually 60 colour_is blue && eventually 60 served
}
served() { is "$(inside curl -s -o /dev/null -w '%{http_code}' http://localhost/health)" 200; }
colour_is() { is "$(inside curl -s http://localhost/colour)" "$1"; }
nginx_began() { inside docker inspect -f '{{.State.StartedAt}}' conea_nginx_1; }
worsens() {
  local pid
  run blue_green --param to=blue &
  pid=$!
  eventually 60 event intent watched/well || { kill "$pid"; cat "$dir.out"; return 1; }
  inside docker stop -t 1 conea_backend-blue_1 >/dev/null
  wait "$pid"
}

note() { echo "# $SECONDS s: $*"; }

ok "the platform comes up"                  timeout 300 "$platform" up "$dir"

ok "prometheus has something to tell"       eventually 60 prometheus_knows
ok "after a rollback, alone"                well run after_rollback --param level=1
ok "every report is there"                  all_reports
ok "none is half, and git sees none"        nothing_half
ok "nothing is amiss"                       report_says data_integrity 'all checks passed'
ok "the stakeholders were told"             told rollback-completed
ok "the log says so"                        log_says INFO 'Notification sent to stakeholders'
ok "rows are damaged, prometheus is dead"   eval '"$platform" break "$dir" foreign-key && "$platform" kill "$dir" prometheus && forget_reports'
ok "the recovery does not fail by that"     well run after_rollback --param level=2
ok "but is none that went well"             result_is recovered
ok "what is lost is told"                   report_says data_integrity 'FAIL the database is whole'
ok "and logged"                             log_says WARN '.*Data integrity checked.* failed'
ok "no metrics are no file"                 fails reports metrics
ok "all else is there"                      eval 'reports rollback_report && reports log_analysis && reports incident'
ok "reset"                                  reset
note "after the rollback"

asking
ok "a backup, while requests go on"         well run backup
ok "requests were answered"                 answered_but_few
ok "each part of it is whole"               set_is_whole
ok "and nothing is left over"               nothing_left_over
old=$(days_ago 30) less_old=$(days_ago 20) young=$(days_ago 3) first=$(last_stamp)
for stamp in "$old" "$less_old" "$young"; do as_of "$stamp"; done
rm -f "$made"/volumes/prometheus_data_{"$first","$young"}.*
sed -i 's,resolver 127.0.0.11 valid=2s;,resolver,' "$dir/conea/nginx/nginx.conf"
ok "a backup whose test fails"              code_is 1 run backup --param 'volumes=[]'
ok "gives that part no sum"                 has_no_sum
ok "and removes nothing"                    is "$(of_stamp "$old" | wc -l)" 14
git -C "$dir/conea" checkout -q nginx/nginx.conf
ok "a backup of less"                       well run backup --param 'volumes=["redis_data"]'
ok "what is too old is gone"                none_of "$old"
ok "save the newest good one of its kind"   is "$(of_stamp "$less_old")" "$(printf '%s\n' "prometheus_data_$less_old.tar.gz" "prometheus_data_$less_old.tar.gz.digest")"
ok "what is young stays"                    is "$(of_stamp "$young" | wc -l)" 12
ok "and what others made"                   test -s "$made/database/full_stable.dump"
ok "nothing is left over"                   nothing_left_over
note "backups"

ok "two colours"                            both_colours
nginx=$(nginx_began)
asking
ok "the traffic goes to green"              well run blue_green --param to=green --param watch=5s
ok "no request was lost"                    answered_all
ok "green serves"                           colour_is green
ok "by the same nginx"                      is "$(nginx_began)" "$nginx"
ok "to go there again is refused"           code_is 4 run blue_green --param to=green
ok "a blue that never was healthy"          code_is 9 run blue_green --param to=blue --param image=localhost:5000/conea-backend:bad
ok "got no traffic"                         eval 'colour_is green && fails event intent switched'
ok "its image is what it was"               is "$(inside docker image inspect -f '{{.Id}}' conea-backend:blue)" "$(inside docker image inspect -f '{{.Id}}' localhost:5000/conea-backend:stable)"
ok "a blue that worsens behind the switch"  code_is 9 worsens
ok "green serves again"                     eval 'colour_is green && served'
ok "that was told"                          eval 'told blue-green-taken-back-from-blue && log_says INFO "Traffic switched back to green"'
ok "by the same nginx"                      is "$(nginx_began)" "$nginx"
note "blue-green"

ok "a bad release"                          timeout 120 "$platform" deploy-bad "$dir"
cp -p "$dir/conea/docker-compose.yml" "$dir.compose"
ok "of which the backend tells"             eventually 30 backend_tells
ok "the platform is half dead"              half_dead
before=$(volumes)
ok "the emergency stop"                     well run emergency_stop
ok "visitors see the page"                  page_is_up /
ok "wherever they look"                     page_is_up /api/status?x=1
ok "all services are gone, the colours too" is "$(services)" ""
ok "their volumes are not"                  is "$(volumes)" "$before"
ok "the team was told"                      told 'Emergency rollback initiated'
ok "what the backend wrote is kept"         grep -q "prompt template 'default' not found" "$dir"/conea/reports/logs_before_*_conea_backend_1.log
ok "once more, where the checkout is gone"  well stopped_without_checkout
ok "the page is still there"                page_is_up /
cp -p "$dir.compose" "$dir/conea/docker-compose.yml"
ok "level 1 takes the page down"            well run level1 --yes
ok "and the platform serves"                eval 'no_page && green'
ok "it told what followed"                  eval 'reports incident && report_says log_analysis "prompt template"'
ok "an emergency stop that is taken back"   well run emergency_stop --param 'page=<h1>メンテナンス中です; $(id) "quoted" </h1>'
ok "its page is what was written"           eval 'page_is_up / && grep -qF "$(printf %s "; \$(id) \"quoted\" ")" "$dir.page"'
ok "taken back"                             well eval 'inside "$runbook" undo "$(last_run)" >"$dir.out" 2>&1'
ok "and the platform serves again"          eval 'no_page && eventually 60 green'
ok "an emergency stop, and level 2"         eval 'well run emergency_stop && well run level2 --yes'
ok "ends with the platform serving"         eval 'no_page && green'
note "emergency stop"
ok "down"                                   timeout 60 "$platform" down "$dir"
finish
