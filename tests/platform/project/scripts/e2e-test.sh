#!/bin/bash
# What is written in the database is seen through nginx, and redis keeps what it is given.
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
title="e2e-test $$"
conversations() { fetch "$base/api/status" | jq -e .rows.conversations; }
add_one() {
  query "INSERT INTO conversations (customer_id, model_id, title, created_at)
         SELECT min(c.id), min(m.id), '$title', now() FROM customers c, models m"
}
remove_it() { query "DELETE FROM conversations WHERE title = '$title'"; }
is_now() { local now; now=$(conversations) && [ "$now" = "$1" ] || { echo "${now:-no answer}, not $1"; return 1; }; }
redis_keeps() {
  local got
  got=$(compose exec -T redis sh -c "redis-cli set e2e '$title' >&2 && redis-cli get e2e && redis-cli del e2e >&2" 2>/dev/null)
  [ "$got" = "$title" ] || { echo "got '$got'"; return 1; }
}

before=$(conversations)
check "conversations are counted"    test -n "$before"
check "one is added"                 add_one
check "and seen"                     is_now $((before + 1))
check "it is removed"                remove_it
check "and gone"                     is_now "$before"
check "redis keeps a value"          redis_keeps
finish
