#!/bin/bash
# What went wrong, in the services' own words: analyze-failure-logs.sh [SINCE]. What containers wrote that are no more
# is in reports/logs_before_*, where a rollback keeps it.
# shellcheck source=look.sh
. "$(dirname "$0")/look.sh"
since=${1:-2 hours ago}
window=$(seconds_since "$since") || exit 2
wrong='fatal|panic|segfault|error|emerg|crit|exception|out of memory| 5[0-9][0-9]( |$)'
# Times, addresses and numbers differ where the message is the same.
alike() { sed -E 's/[0-9]{4}[-\/][0-9]{2}[-\/][0-9]{2}[T ][0-9:.]+(Z| UTC| [A-Z]+)?//g; s/[0-9]+/N/g' | sort | uniq -c | sort -rn | head -n "$1"; }
looked_at() {
  local name=$1 text=$2 bad
  bad=$(grep -iE "$wrong" <<<"$text")
  section "$name: $(sed '/^$/d' <<<"$text" | wc -l) lines, $(sed '/^$/d' <<<"$bad" | wc -l) tell of something wrong"
  [ -z "$bad" ] || { alike 15 <<<"$bad"; echo "the last of them:"; tail -n 5 <<<"$bad"; }
}

docker version >/dev/null || exit 1
echo "Logs since $(date -u -d "$since" +%FT%TZ)"
while read -r file; do
  looked_at "$file" "$(cat "$file")"
done < <(find reports -maxdepth 1 -name 'logs_before_*.log' -newermt "$since" 2>/dev/null | sort)
for service in $(docker ps --all --filter "label=com.docker.compose.project=$project" \
  --format '{{.Label "com.docker.compose.service"}}' | sort -u); do
  looked_at "$service" "$(told "$service" "${window}s")"
done
