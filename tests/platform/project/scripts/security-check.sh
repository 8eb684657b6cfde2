#!/bin/bash
# The settings that a hurried recovery gets wrong.
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
not_in_git() { ! git ls-files --error-unmatch "$1"; }
private() { local mode; mode=$(stat -c %a "$1") && [ "${mode: -1}" = 0 ] || { echo "mode $mode"; return 1; }; }
no_version() { ! curl -sI --max-time 10 "$base/" | grep -i '^server: nginx/'; }
not_root() { [ "$(compose exec -T "$1" id -u)" != 0 ]; }
needs_password() {
  ! compose exec -T postgres psql -w -X -c "SELECT 1" \
    "host=postgres user=postgres dbname=postgres connect_timeout=5" </dev/null
}

check ".env is not in git"                   not_in_git .env
check ".env is not for everybody"            private .env
check "nginx does not tell its version"      no_version
check "the backend is not root"              not_root backend
check "postgres asks for a password"         needs_password
finish
