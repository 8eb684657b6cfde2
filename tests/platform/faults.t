#!/bin/bash
# The ways to break the database: each is seen by those who use it and by the project's own check, and a reset
# makes good whatever was done, to the last row.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tap.sh
. "$here/tap.sh"
# shellcheck source=images/migrations.sh
. "$here/images/migrations.sh"
platform=$here/platform

why=$("$platform" probe) || skip_or_fail docker "$why"
dir=$(mktemp -d /tmp/faults.XXXXXX)
trap '"$platform" down "$dir" >/dev/null 2>&1; rm -rf "$dir"' EXIT
inside() { timeout 120 "$platform" enter "$dir" "$@"; }
break_it() { timeout 120 "$platform" break "$dir" "$@"; }
sql() { inside docker exec -i conea_postgres_1 psql -XqAt -v ON_ERROR_STOP=1 -U postgres "$@"; }
checked() { inside scripts/database-health-check.sh; }
answers() { is "$(inside curl -s -o /dev/null -m 30 -w '%{http_code}' "http://localhost$1")" 200; }
whole() { is "$("$platform" fingerprint "$dir")" "$before"; }
reset() { timeout 300 "$platform" reset "$dir" && "$platform" status "$dir" && whole && checked; }
eventually() { local end=$((SECONDS + $1)); shift; until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || return 1; sleep 0.1; done; }

bad=20240115_140000_message_bodies
migration_is_there() {
  is "$(sql -d conea_db -c "SELECT version FROM schema_versions ORDER BY created_at DESC LIMIT 1")" 20240115_140000 &&
    test -s "$dir/conea/migrations/$bad.down.sql" &&
    is "$(git -C "$dir/origin.git" show main:migrations/$bad.up.sql)" "$(cat "$dir/conea/migrations/$bad.up.sql")" &&
    is "$(inside git status --porcelain)" ""
}
migration_goes_back() { migration_down "$dir/conea/migrations/$bad.down.sql" | sql -d conea_db; }
server_is_down() { ! sql -d conea_db -c "SELECT 1"; }
# Single rows can be had, all of them can't.
some_can_be_read() { sql -d conea_db -c "SELECT body FROM messages WHERE id = 90000" && ! "$platform" fingerprint "$dir"; }

dump=$dir/conea/backups/database/full_stable.dump
sum_fits() { (cd "$(dirname "$dump")" && sha256sum --status -c full_stable.dump.sha256); }
listed() { inside docker exec -i conea_postgres_1 pg_restore -l <"$dump"; }
read_whole() { inside docker exec -i conea_postgres_1 pg_restore -f /dev/null <"$dump"; }
dump_is() { break_it "dump-$1" && "dump_$1" && timeout 120 "$platform" reset "$dir" && sum_fits && cmp "$dump" "$dir/pristine/conea/backups/database/full_stable.dump"; }
dump_missing() { fails test -e "$dump"; }
dump_empty() { sum_fits && fails test -s "$dump"; }
dump_truncated() { sum_fits && listed && fails read_whole; }
dump_damaged() { fails sum_fits && listed && fails read_whole; }
dump_schema() { sum_fits && read_whole && says "TABLE public messages" listed && fails says "TABLE DATA" listed; }
dump_foreign() { sum_fits && read_whole && says "dbname: conea_billing" listed; }

archive_is() { archive=$(echo "$dir"/conea/backups/volumes/postgres_data_*.tar.gz) && gzip -tq "$archive" && break_it "archive-$1" && "archive_$1" && timeout 120 "$platform" reset "$dir" && gzip -tq "$archive"; }
archive_missing() { fails test -e "$archive"; }
archive_truncated() { test -s "$archive.digest" && fails gzip -tq "$archive"; }
# Nothing answers, and what holds the ports are no containers.
nothing_is_left() { is "$(inside docker ps -aq)" "" && fails says conea_ inside docker volume ls -q && is "$(leftovers)" "$(printf '%s\n' 3000 6379 9090)"; }
leftovers() { inside ss -Hltnp | grep -v docker | grep -o ':\(3000\|6379\|9090\) ' | tr -d ': ' | sort -u; }

written() { inside head -c 2000000 /dev/zero | inside sh -c "cat >$1/filler"; }
disk_is_full() { says "No space left" written "$1" && inside sh -c "cmp $1/full_stable.dump '$dump' && rm $1/filler"; }

# Neither refused nor answered.
vanishes() { is "$(inside timeout 2 bash -c "</dev/tcp/$1/5432"; echo $?)" 124; }
connects() { inside timeout 5 bash -c "</dev/tcp/localhost/5432"; }
address() { inside docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' conea_postgres_1; }
container_state() { inside docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' conea_postgres_1; }

ok "up"                                     timeout 500 "$platform" up "$dir"
before=$("$platform" fingerprint "$dir")
ok "whole"                                  checked
ok "rows are counted"                       says "messages 100000" "$platform" rows "$dir"
ok "no such fault"                          fails break_it nonsense
ok "a bad migration"                        break_it migration
ok "it came as a good one would"            migration_is_there
ok "the backend fails"                      fails answers /api/status
ok "the check fails"                        fails checked
ok "its way down brings all back"           migration_goes_back
ok "to the last row"                        whole
ok "and the check passes"                   checked
ok "reset removes its files"                reset
ok "and they are gone"                      test ! -e "$dir/conea/migrations/$bad.up.sql"
ok "an index is dropped"                    break_it index
ok "seen"                                   says "FAIL indexes" fails checked
ok "a foreign key is broken"                break_it foreign-key
ok "seen, too"                              says "FAIL messages without a conversation: 100 rows" fails checked
ok "reset from both"                        reset
ok "a table is dropped"                     break_it table
ok "the backend fails"                      fails answers /api/status
ok "the check fails"                        fails checked
ok "reset"                                  reset
ok "pages are damaged"                      break_it pages
ok "the server runs"                        answers /health
ok "what it can't read is known"            some_can_be_read
ok "the check fails"                        says "invalid page" fails checked
ok "reset"                                  reset
ok "the volume is damaged"                  break_it volume
ok "the server is down"                     server_is_down
ok "health is red"                          fails answers /health
ok "reset"                                  reset
for kind in missing empty truncated damaged schema foreign; do
  ok "a dump that is $kind"                 dump_is $kind
done
for kind in missing truncated; do
  ok "an archive that is $kind"             archive_is $kind
done
ok "all of it is destroyed"                 break_it destroyed
ok "nothing is left but strangers"          nothing_is_left
ok "reset"                                  reset
ok "and they are gone"                      is "$(leftovers)" ""
ok "the disk of the dumps is nearly full"   break_it disk
ok "where the project is"                   disk_is_full /opt/conea/backups/database
ok "by its other name too"                  disk_is_full "$dir/conea/backups/database"
ok "reset"                                  reset
ok "there is room again"                    written /opt/conea/backups/database
ok "the network is cut"                     "$platform" cut "$dir" postgres
ok "at the port packets vanish"             vanishes localhost
ok "at the container too"                   vanishes "$(address)"
ok "health is red"                          fails answers /health
ok "it is joined"                           "$platform" join "$dir" postgres
ok "and connects"                           connects
ok "health is green"                        eventually 30 "$platform" status "$dir"
ok "cut again"                              "$platform" cut "$dir" postgres
ok "reset joins"                            reset
ok "postgres is killed"                     "$platform" kill "$dir" postgres
ok "and stays dead"                         is "$(container_state)" "exited 137"
ok "reset"                                  reset
ok "down"                                   timeout 60 "$platform" down "$dir"
finish
