# shellcheck shell=bash
# Sourced by the platform's tool: what goes wrong with the database, with its dump and with what the dump is kept on; and all
# of the platform gone.
# Each function is a fault of `platform break`, which has the names.

break_faults="migration index foreign-key table pages volume
  dump-missing dump-empty dump-truncated dump-damaged dump-schema dump-foreign disk
  destroyed leftovers archive-missing archive-truncated"

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

# Nothing is left of the containers and their data, and servers that someone started by hand hold ports of the platform.
break_destroyed() {
  local ids
  ids=$(containers | cut -f4)
  # shellcheck disable=SC2086 # ids are words
  [ -z "$ids" ] || docker rm -fv $ids >/dev/null
  ids=$(api /volumes | jq -r '(.Volumes // [])[].Name' | grep '^conea_' || true)
  # shellcheck disable=SC2086
  [ -z "$ids" ] || docker volume rm $ids >/dev/null
  break_leftovers
}
# Servers of the images, outside of any container. One of them can't be told to end.
break_leftovers() {
  local root=$dir/leftovers
  [ -e "$root" ] || leftovers_unpack "$root"
  leftover 998 6379 /usr/bin/redis-server --dir /tmp --save "" --port 6379
  leftover 996 3000 /usr/local/bin/backend
  leftover 997 9090 /bin/sh -c 'trap "" TERM; exec busybox httpd -f -p 9090 -h /tmp'
}
leftovers_unpack() {
  mkdir "$1"
  docker run --rm --network=none $registry_host/tools:1 tar -C / -c bin lib lib64 sbin usr/bin usr/sbin usr/lib usr/lib64 usr/local etc |
    tar -C "$1" -x
  mkdir -m 1777 "$1/tmp"
}
# leftover USER PORT COMMAND...: returns when it listens, where nothing listened before.
leftover() {
  local user=$1 port=$2
  shift 2
  listens() { inside ss -Hltn "sport = :$port" | grep -q .; }
  ! listens || return 0
  inside_detached env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin chroot --userspec="$user:$user" "$dir/leftovers" "$@" \
    </dev/null >>"$dir/leftovers.log" 2>&1 &
  disown
  wait_for 10 "a server on $port" listens
}

break_archive_missing() { rm "$project"/backups/volumes/postgres_data_*; }
# Cut off while it was copied to where it is; the sum came with it.
break_archive_truncated() { truncate -s 2000000 "$project"/backups/volumes/postgres_data_????????.tar.gz; }

break_it() {
  local fault
  for fault in "$@"; do
    [[ " $(tr -s '\n' ' ' <<<"$break_faults") " == *" $fault "* ]] || die "no such fault: $fault"
  done
  for fault in "$@"; do "break_${fault//-/_}"; done
}
