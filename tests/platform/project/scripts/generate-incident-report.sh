#!/bin/bash
# What the developers need, gathered from what was written before: generate-incident-report.sh STAMP [LEVEL [EVENT]].
# STAMP is that of the reports/*_STAMP.* of this incident. They are told that it is there.
# shellcheck source=look.sh
. "$(dirname "$0")/look.sh"
# shellcheck source=notify.sh
. "$(dirname "$0")/notify.sh"
set +e
stamp=${1:-} level=${2:-} event=${3:-}
[ -n "$stamp" ] || { echo "usage: $(basename "$0") STAMP [LEVEL [EVENT]]" >&2; exit 2; }
log=${LOG_DIR:-/var/log/conea}/rollback-operations.log

echo "# Incident $stamp"
echo
echo "${event:-report}${level:+, level $level}; release $(cat RELEASE), commit $(git rev-parse --short HEAD)"
printf '\n## Operation log\n\n'
or_say tail -n 60 "$log" | sed 's/^/    /'
printf '\n## Commits\n\n'
or_say git log --oneline --decorate -n 10 | sed 's/^/    /'
printf '\n## States that were kept\n\n'
or_say git branch --list 'rescue/*' 'rollback/*' | sed 's/^/    /'
or_say docker image ls --format '{{.Repository}}:{{.Tag}}' rollback-backup | sed 's/^/    /'
for file in reports/*_"$stamp".txt; do
  [ -e "$file" ] || continue
  printf '\n## %s\n\n' "$file"
  sed 's/^/    /' "$file"
done
notify developers "incident report $stamp${level:+, level $level}" >&2
