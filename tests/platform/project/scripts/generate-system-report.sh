#!/bin/bash
# What the platform looks like now, for people: release, services, health, database, room.
# shellcheck source=look.sh
. "$(dirname "$0")/look.sh"

health() {
  local url
  for url in "$base/" "$base/health" http://localhost:3000/health http://localhost:3000/api/status \
    "$metrics/-/ready" http://localhost:3001/api/health; do
    printf '%-36s %s\n' "$url" "$(curl -s -o /dev/null --max-time 5 -w '%{http_code} in %{time_total} s' "$url")"
  done
}
database() {
  query "SELECT 'schema version ' || max(version) FROM schema_versions
    UNION ALL SELECT 'size ' || pg_size_pretty(pg_database_size(current_database()))
    UNION ALL SELECT format('%s about %s rows', relname, n_live_tup) FROM pg_stat_user_tables"
}

containers=$(docker ps --all --filter "label=com.docker.compose.project=$project" \
  --format '{{.Label "com.docker.compose.service"}}\t{{.Status}}\t{{.Image}}') ||
  { echo "The Docker Engine does not answer: there is nothing to report." >&2; exit 1; }
echo "System report of $(uname -n), $(date -u +%FT%TZ)"
section "Release"
or_say cat RELEASE
or_say git log -1 --format='commit %H%n%s, %cI'
or_say git status --short --branch
section "Services"
sort <<<"$containers" | column -t -s $'\t'
section "Health"
health
section "Database"
or_say database
section "Room"
or_say df -h . /var/log
or_say timeout 10 docker system df
