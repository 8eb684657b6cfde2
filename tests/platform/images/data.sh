#!/bin/bash
# Runs inside namespaces of its own, started by data_make: the empty database cluster becomes part
# of the image (a new volume then starts empty, in a tenth of a second), the one with rows and
# redis' keys become archives with which a platform fills its volumes; of the rows there are dumps.
set -euo pipefail
work=$1
root=$work/rootfs
data=/var/lib/postgresql/data
bin=/usr/lib/postgresql/15/bin
# shellcheck source=migrations.sh
. "$(dirname "${BASH_SOURCE[0]}")/migrations.sh"

# archive VOLUME FOLDER: what is in it as an archive of a volume, with the sum over it beside: both as the interpreter makes
# and asks them, by the same image.
archive() {
  tar -C "$root$2" --numeric-owner -c . | (mkdir "$root/tmp/volume" && tar -C "$root/tmp/volume" -xp)
  chroot "$root" tar -C /tmp/volume --numeric-owner -czf - . >"$work/volumes/$1.tar.gz"
  LC_ALL=C chroot "$root" sh -euc 'cd /tmp/volume;
    { find . -exec stat -c "%f %u %g %n" {} +; find . -type f -exec sha256sum {} +; find . -type l -exec stat -c %N {} +; } |
      sort | sha256sum | cut -d" " -f1' >"$work/volumes/$1.tar.gz.digest"
  rm -rf "$root/tmp/volume"
}
as() { local id=$1; shift; chroot --userspec="$id:$id" "$root" "$@"; }
wait_for() {
  local n
  for n in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done
  echo "images: this never held: $*" >&2
  return 1
}

mount -t tmpfs none "$root/dev"
mkdir "$root/dev/shm"
chmod 1777 "$root/dev/shm"
touch "$root/dev/null"
mount --bind /dev/null "$root/dev/null"
mount -t tmpfs none "$root/tmp"
ip link set lo up

# A small WAL segment lets the cluster fit into a small volume, as tests of a full disk need it.
# No "locale" program is there, of which initdb would like a list; that warning goes to its log.
cp "$work/data/password" "$root/tmp/"
as 999 $bin/initdb -D $data --wal-segsize=1 --locale=C.UTF-8 --no-sync -U postgres \
  --auth-local=trust --auth-host=scram-sha-256 --pwfile=/tmp/password >"$work/initdb.log" 2>&1
echo 'host all all all scram-sha-256' >>"$root$data/pg_hba.conf"
cat >>"$root$data/postgresql.conf" <<'CONF'
listen_addresses = '*'
jit = off
shared_buffers = 16MB
max_connections = 40
min_wal_size = 2MB
max_wal_size = 16MB
timezone = 'UTC'
log_timezone = 'UTC'
CONF
echo 'CREATE DATABASE conea_db' |
  as 999 $bin/postgres --single -D $data postgres >>"$work/initdb.log" 2>&1

cp -a "$root$data" "$work/empty"
mount --bind "$work/data" "$root/run/postgresql"
chmod 1777 "$work/data"
# Few WAL files are left behind by a load with many checkpoints.
as 999 $bin/postgres -D $data -c listen_addresses= -c fsync=off -c max_wal_size=2MB >>"$work/initdb.log" 2>&1 &
postgres=$!
wait_for as 999 $bin/pg_isready -h /run/postgresql
psql() { as 999 $bin/psql -q -X -v ON_ERROR_STOP=1 -U postgres -h /run/postgresql "$@"; }
migrations_up "$work/data/migrations" | psql -d conea_db
psql -1 -d conea_db <"$work/data/rows.sql"
dump() { as 999 $bin/pg_dump -Fc -U postgres -h /run/postgresql "${@:2}" >"$work/dumps/$1.dump"; }
mkdir "$work/dumps"
dump full_stable conea_db
dump schema --schema-only conea_db
psql -d postgres -c 'CREATE DATABASE conea_billing'
psql -1 -d conea_billing <"$work/data/foreign.sql"
dump foreign conea_billing
psql -d postgres -c 'DROP DATABASE conea_billing'
as 999 $bin/pg_ctl -D $data -m fast -t 30 stop >>"$work/initdb.log"
wait $postgres
mkdir "$work/volumes"
archive postgres_data "$data"
tar -C "$root$data" --numeric-owner -c . | zstd -q -3 >"$work/pgdata.tar.zst"
rm -rf "${root:?}$data"
mv "$work/empty" "$root$data"

as 998 /usr/bin/redis-server --dir /data --port 6379 >/dev/null &
redis=$!
wait_for as 998 /usr/bin/redis-cli ping
for n in 1 2 3 4 5; do as 998 /usr/bin/redis-cli set "session:$n" "customer-$n" >/dev/null; done
as 998 /usr/bin/redis-cli shutdown save || true
wait $redis || true
archive redis_data /data
tar -C "$root/data" --numeric-owner -c . | zstd -q -3 >"$work/redis.tar.zst"
rm -f "$root/data"/*
