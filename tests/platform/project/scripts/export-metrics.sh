#!/bin/bash
# What Prometheus has of a time, as JSON: export-metrics.sh --from=TIME --to=TIME, as `date` understands them.
# It fails where there is nothing of it, or Prometheus does not answer.
# shellcheck source=look.sh
. "$(dirname "$0")/look.sh"
from="2 hours ago" to=now
for argument in "$@"; do
  case $argument in
    --from=*) from=${argument#*=} ;;
    --to=*) to=${argument#*=} ;;
    *) echo "usage: $(basename "$0") [--from=TIME] [--to=TIME]" >&2; exit 2 ;;
  esac
done
start=$(date -d "$from" +%s) && end=$(date -d "$to" +%s) && [ "$start" -lt "$end" ] ||
  { echo "no time lies between '$from' and '$to'" >&2; exit 2; }
# 11,000 points a series are all that it gives.
step=$(((end - start) / 1000 + 1))
export_one() {
  curl -sS --fail --max-time 20 -G --data-urlencode "query=$1" --data "start=$start&end=$end&step=$step" \
    "$metrics/api/v1/query_range" |
    jq -e --arg query "$1" 'select(.status == "success") | {query: $query, series: .data.result}'
}
for expression in up 'sum by (result) (rate(conea_requests_total[1m]))' 'scrape_duration_seconds' \
  'process_resident_memory_bytes' 'prometheus_tsdb_head_series'; do
  export_one "$expression" || { echo "$expression: not to be had from $metrics" >&2; exit 1; }
done | jq -s --argjson from "$start" --argjson to "$end" --argjson step "$step" \
  'if any(.[]; .series | length > 0) then {from: $from, to: $to, step: $step, metrics: .} else error("nothing of that time") end'
