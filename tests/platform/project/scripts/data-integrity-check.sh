#!/bin/bash
# Is something lost? The health of the database, how many rows there are, whether a sequence was left behind
# its table (the next insert would meet a number that is taken), and whether redis keeps what it has.
# shellcheck source=look.sh
. "$(dirname "$0")/look.sh"

behind=$(query "
  SELECT string_agg(format('%s.%s', t, c), ' ') FROM (
    SELECT a.attrelid::regclass::text t, a.attname c, pg_get_serial_sequence(a.attrelid::regclass::text, a.attname) s
    FROM pg_attribute a JOIN pg_class k ON k.oid = a.attrelid
    WHERE k.relkind = 'r' AND k.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped) found
  WHERE s IS NOT NULL AND
    coalesce((xpath('/row/n/text()', query_to_xml(format('SELECT max(%I) n FROM %s', c, t), false, true, '')))[1]::text::bigint, 0) >
    coalesce((xpath('/row/n/text()', query_to_xml(format('SELECT last_value n FROM %s', s), false, true, '')))[1]::text::bigint, 0)" 2>&1)
sequences() { echo "behind: $behind"; [ -z "$behind" ]; }
redis_saves() {
  local state
  state=$(compose exec -T redis redis-cli info persistence) || { echo "no answer"; return 1; }
  grep -q '^rdb_last_bgsave_status:ok' <<<"$state" || { echo "the last save failed"; return 1; }
}
check "the database is whole"             ./scripts/database-health-check.sh
check "no sequence is behind its table"   sequences
check "redis keeps what it has"           redis_saves
section "Rows"
or_say query "SELECT format('%-24s %s', relname, (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) n FROM %I', relname),
  false, true, '')))[1]) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
section "Verdict"
finish
