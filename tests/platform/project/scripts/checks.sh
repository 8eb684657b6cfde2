# shellcheck shell=bash
# Sourced by the tests of this folder: each check is named, all are made, one that failed fails
# the script.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
base=${BASE_URL:-http://localhost}
failed=0

check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "ok   $name"
  else
    echo "FAIL $name${output:+: ${output%%$'\n'*}}"
    failed=1
  fi
}

# fetch URL: the body of an answer 2xx; anything else fails.
fetch() { curl -sS --fail --max-time 10 "$1"; }
# fetch_is URL JQ: the JSON body for which the expression must be true.
fetch_is() {
  local body
  body=$(fetch "$1") || { echo "$body"; return 1; }
  jq -e "$2" >/dev/null <<<"$body" || { echo "not $2 in $body"; return 1; }
}
status_is() {
  local got
  got=$(curl -s -o /dev/null --max-time 10 -w '%{http_code}' "$2")
  [ "$got" = "$1" ] || { echo "$2 answered $got, not $1"; return 1; }
}

compose() {
  if command -v docker-compose >/dev/null; then docker-compose "$@"; else docker compose "$@"; fi
}
# query SQL: its rows, unaligned.
query() {
  compose exec -T postgres psql -X -q -A -t -v ON_ERROR_STOP=1 -U postgres -d "${POSTGRES_DB:-conea_db}" -c "$1"
}

finish() {
  [ "$failed" = 0 ] && echo "all checks passed" && exit 0
  echo "there are failures"
  exit 1
}
