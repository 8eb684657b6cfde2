#!/bin/bash
# Forty requests, one after another; nine of ten must be answered within LIMIT_MS milliseconds.
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
limit=${LIMIT_MS:-500}
times=$(for _ in $(seq 40); do
  curl -s -o /dev/null --fail --max-time 10 -w '%{time_total}\n' "$base/api/status" || echo failed
done)
slow() {
  local ms
  ms=$(sort -n <<<"$times" | sed -n 36p | awk '{print int($1 * 1000)}')
  echo "$ms ms"
  [ "$ms" -le "$limit" ]
}
none_failed() { ! grep -q failed <<<"$times"; }
check "every request is answered"          none_failed
check "nine of ten within $limit ms"       slow
finish
