# shellcheck shell=bash
# Sourced by what reports: it only looks. What can't be seen is said in its place, so that a platform that is
# half down still gets a report of the other half.
# shellcheck source=checks.sh
. "$(dirname "${BASH_SOURCE[0]}")/checks.sh"
metrics=${PROMETHEUS_URL:-http://localhost:9090}
project=$(sed -n 's/^COMPOSE_PROJECT_NAME=//p' .env)

section() { printf '\n== %s\n' "$1"; }
# or_say COMMAND...: what it prints, or that it could not be told, and why.
or_say() {
  local output
  if output=$("$@" 2>&1); then echo "$output"; else echo "(not to be told: ${output%%$'\n'*})"; fi
}
# told SERVICE SINCE: what its container wrote; nothing where there is none.
told() {
  local id
  id=$(docker ps --all --quiet --filter "label=com.docker.compose.project=$project" \
    --filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False | head -n 1)
  [ -z "$id" ] || timeout 10 docker logs --since "$2" --tail 20000 "$id" 2>&1
}
# metric EXPRESSION: its values now, a line each: value, then labels.
metric() {
  curl -sS --fail --max-time 10 -G --data-urlencode "query=$1" "$metrics/api/v1/query" |
    jq -r '.data.result[] | "\(.value[1]) \(.metric | del(.__name__) | to_entries | map("\(.key)=\(.value)") | join(" "))"'
}
# seconds TIME: how long ago that was, of what `date` understands.
seconds_since() { echo $(($(date +%s) - $(date -d "$1" +%s))); }
