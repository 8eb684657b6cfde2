#!/bin/bash
# Does the platform do what its users need? Through nginx, as they come, and past it.
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
release=$(cat RELEASE)
page_is() { [ "$(fetch "$1")" = "$2" ] || { echo "$1 does not say '$2'"; return 1; }; }

check "front page"                page_is "$base/" "Conea AI Platform"
check "health through nginx"      fetch_is "$base/health" '.status == "ok"'
check "health of the backend"     fetch_is http://localhost:3000/health '.status == "ok"'
check "database and redis"        fetch_is "$base/api/status" '.database == "ok" and .redis == "ok"'
check "there are rows"            fetch_is "$base/api/status" '.rows.customers > 0 and .rows.messages > 0'
check "models"                    fetch_is "$base/api/models" 'map(select(.enabled)) | length > 0'
check "an unknown page is 404"    status_is 404 "$base/no-such-page"
check "release $release"          fetch_is http://localhost:3000/health ".release == \"$release\""
check "prometheus"                fetch http://localhost:9090/-/ready
check "grafana"                   fetch_is http://localhost:3001/api/health '.database == "ok"'
finish
