#!/bin/bash
# Was it somebody else? Each service outside (config/external-apis.txt): is its name known, does it answer, how fast.
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
limit=${LIMIT_SECONDS:-3}
host_of() { sed -E 's,^[a-z]+://([^/:]+).*,\1,' <<<"$1"; }
answers() {
  local took
  took=$(curl -sS --fail -o /dev/null --max-time 10 -w '%{time_total}' "$1" 2>&1) || { echo "$took"; return 1; }
  echo "$took s"
  awk -v took="$took" -v limit="$limit" 'BEGIN {exit !(took <= limit)}' || return 1
}
while read -r name url; do
  check "$name: the name is known"            getent hosts "$(host_of "$url")"
  check "$name: answers within $limit s"      answers "$url"
done < <(grep -v '^ *\(#\|$\)' config/external-apis.txt)
finish
