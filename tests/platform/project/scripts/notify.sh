# shellcheck shell=bash
# Sourced by what notifies: a line for each message in LOG_DIR/notifications.log, and a request to
# NOTIFY_URL where there is one. Fails when a message did not go out.
set -euo pipefail
notify() {
  local kind=$1 text=$2 folder=${LOG_DIR:-/var/log/conea} line
  [ -n "$text" ] || { echo "usage: $(basename "$0") MESSAGE" >&2; exit 2; }
  line=$(jq -cn --arg time "$(date -u +%FT%TZ)" --arg kind "$kind" --arg text "$text" '$ARGS.named')
  mkdir -p "$folder"
  echo "$line" >>"$folder/notifications.log"
  [ -z "${NOTIFY_URL:-}" ] || curl -sS --fail --max-time 10 -o /dev/null \
    -H 'Content-Type: application/json' --data "$line" "$NOTIFY_URL"
  echo "sent: $text"
}
