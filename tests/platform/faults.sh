# shellcheck shell=bash
# Sourced by the platform's tool: what goes wrong with the database, with its dump and with what the dump is kept on.
# Each function is a fault of `platform break`, which has the names.

break_faults="migration index foreign-key table pages volume
  dump-missing dump-empty dump-truncated dump-damaged dump-schema dump-foreign disk"

# The migration comes as a good one would: committed, pushed, applied with its row.
break_migration() {
  local file
  cp "$here"/faults/*_message_bodies.*.sql "$project/migrations/"
  [ -z "$(history_git status --porcelain migrations)" ] ||
    history_commit "$(date -u +%FT%TZ)" "Migration: message bodies"
  history_git push -q origin main
  for file in "$project"/migrations/*_message_bodies.up.sql; do migration_up "$file" | database_sql; done
}
break_index() { database_sql -c "DROP INDEX messages_by_conversation"; }
break_foreign_key() {
  database_sql -1 <<'SQL'
ALTER TABLE messages DROP CONSTRAINT messages_conversation_id_fkey;
UPDATE messages SET conversation_id = 900000 + id WHERE id % 1000 = 7;
ALTER TABLE messages ADD CONSTRAINT messages_conversation_id_fkey
  FOREIGN KEY (conversation_id) REFERENCES conversations (id) ON DELETE CASCADE NOT VALID;
SQL
}
# With it go a foreign key of messages and a view, of which nobody thinks.
break_table() { database_sql -c "SET client_min_messages = warning; DROP TABLE conversations CASCADE"; }

# Bytes that no page begins with.
garbage() { head -c $(($1 * 8192)) /dev/zero | tr '\0' '\245'; }
# spoil FILE PAGE COUNT: in the volume, while the server is stopped.
spoil() { garbage "$3" | inside dd of="$(volume_folder postgres_data)/$1" bs=8192 seek="$2" conv=notrunc status=none; }
# pages_spoil [FILE]: some pages of the messages, and the whole first page of FILE.
pages_spoil() {
  local heap container
  container=$(container_of postgres)
  heap=$(database_sql -c "SELECT pg_relation_filepath('messages')")
  docker stop -t 30 "$container" >/dev/null
  spoil "$heap" 3 1
  spoil "$heap" 700 5
  [ -z "${1:-}" ] || spoil "$1" 0 1
  docker start "$container" >/dev/null
}
# The server starts, and most of what is asked of it is answered.
break_pages() { pages_spoil; wait_for 30 "start of postgres" database_sql -c "SELECT 1"; }
# The server can't start, and what keeps it does not give up.
break_volume() { pages_spoil global/pg_control; wait_for 30 "red health" project_red; }

# Where a sum is made again, the backup program did not look at what it summed up.
break_dump_missing() { rm "$project"/backups/database/full_stable.dump*; }
break_dump_empty() { : >"$project/backups/database/full_stable.dump"; dump_sum 2; }
break_dump_truncated() { truncate -s 2000000 "$project/backups/database/full_stable.dump"; dump_sum 2; }
break_dump_damaged() {
  garbage 1 | dd of="$project/backups/database/full_stable.dump" bs=8192 seek=100 conv=notrunc status=none
}
break_dump_schema() { images_find; dump_install schema; }
break_dump_foreign() { images_find; dump_install foreign; }

# The dumps come to lie on a file system with a mebibyte left, as those inside see it.
break_disk() {
  # shellcheck disable=SC2016
  inside sh -ec 'mount -t tmpfs -o "mode=700,size=$(($(du -sk "$1" | cut -f1) + 1024))k" none /mnt
    cp -a "$1/." /mnt/
    mount --bind /mnt "$1" && mount --bind /mnt /opt/conea/backups/database && umount /mnt' - "$project/backups/database"
}
disk_heal() {
  # shellcheck disable=SC2016
  inside sh -c 'for place in "$1" /opt/conea/backups/database; do
    while mountpoint -q "$place"; do umount -l "$place"; done; done' - "$project/backups/database"
}

break_it() {
  local fault
  for fault in "$@"; do
    [[ " $(tr -s '\n' ' ' <<<"$break_faults") " == *" $fault "* ]] || die "no such fault: $fault"
  done
  for fault in "$@"; do "break_${fault//-/_}"; done
}
