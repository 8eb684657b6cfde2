#!/bin/bash
# Whom did it hit? user-impact-analysis.sh [SINCE], as `date` understands it. Requests as Prometheus counted
# them, which outlives the containers; addresses and minutes from what nginx wrote since it was started.
# shellcheck source=look.sh
. "$(dirname "$0")/look.sh"
since=${1:-2 hours ago}
window=$(seconds_since "$since") || exit 2
[ "$window" -gt 0 ] || { echo "that is not in the past: $since" >&2; exit 2; }

requests() { metric "sum by (result) (increase(conea_requests_total[${window}s]))" | sed 's/^\([0-9.]*\) result=\(.*\)/\2 \1/'; }
down() { metric "(1 - avg_over_time(up{job=\"backend\"}[${window}s])) * ${window}" | sed 's/ .*//; s/$/ s, as Prometheus saw it/'; }
nginx=$(told nginx "${window}s" | grep -E '^[0-9a-f.:]+ - ')
failed=$(awk '$9 >= 500' <<<"$nginx")
lines() { sed '/^$/d' <<<"$1" | wc -l; }

echo "Impact on users since $(date -u -d "$since" +%FT%TZ)"
section "Requests to the backend, by result"
or_say requests
section "The backend was away"
or_say down
section "Seen by nginx since it was started"
echo "requests $(lines "$nginx"), failed $(lines "$failed"), addresses that saw a failure $(awk '{print $1}' <<<"$failed" | sed '/^$/d' | sort -u | wc -l)"
section "Minutes with failures"
awk '{print substr($4, 2, 17)}' <<<"$failed" | sed '/^$/d' | sort | uniq -c | tail -n 60
section "Customers with conversations in that time"
or_say query "SELECT count(DISTINCT customer_id) FROM conversations WHERE created_at > now() - interval '$window seconds'"
