#!/bin/bash
# The platform itself: it comes up healthy, breaks when told to, can be brought back by hand with
# nothing but git, docker and compose, and leaves nothing behind.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=tap.sh
. "$here/tap.sh"
# shellcheck source=images/migrations.sh
. "$here/images/migrations.sh"
platform=$here/platform

why=$("$platform" probe) || skip_or_fail docker "$why"
dir=$(mktemp -d /tmp/platform.XXXXXX)
trap '"$platform" down "$dir" >/dev/null 2>&1; rm -rf "$dir" "$dir.before"' EXIT
inside() { timeout 120 "$platform" enter "$dir" "$@"; }
# Everything of the machine that an engine would change.
surroundings() { iptables-save 2>/dev/null | grep -v '^#'; ip -o link | cut -d: -f2; sort /proc/mounts; ls /run; hostname; }
surroundings >"$dir.before"
same_surroundings() { surroundings | diff "$dir.before" -; }

# The project's database, asked for one value.
value() { inside docker-compose exec -T postgres psql -XAt -U postgres -d conea_db -c "$1"; }
# The migrations tried on a database that has nothing: with the rows of the images it is the platform's.
sql() { inside docker exec -i conea_postgres_1 psql -XqAt -v ON_ERROR_STOP=1 -U postgres "$@"; }
fingerprint() { sql -d "$1" <"$here/fingerprint.sql"; }
migrations_make_the_schema() {
  sql -c "CREATE DATABASE tried" && migrations_up "$dir/conea/migrations" | sql -d tried &&
    sql -1 -d tried <"$here/images/rows.sql" && is "$(fingerprint tried)" "$(fingerprint conea_db)"
}
migrations_go_back() {
  migrations_down "$dir/conea/migrations" | sql -d tried && sql -c "CREATE DATABASE nothing" &&
    is "$(fingerprint tried)" "$(fingerprint nothing)" && sql -c "DROP DATABASE tried" -c "DROP DATABASE nothing"
}
dump=$dir/conea/backups/database/full_stable.dump
dump_is_whole() {
  (cd "$(dirname "$dump")" && sha256sum --quiet -c full_stable.dump.sha256) && sql -c "CREATE DATABASE tried" &&
    inside docker exec -i conea_postgres_1 pg_restore -U postgres -e -d tried <"$dump" &&
    is "$(fingerprint tried)" "$(fingerprint conea_db)" && sql -c "DROP DATABASE tried"
}
# Given in a variable, since a command line can be read.
# shellcheck disable=SC2016 # run inside
password_opens='export PGPASSWORD="$(cat secrets/database_password)"
  docker exec -e PGPASSWORD conea_postgres_1 psql -XAtw -c "SELECT 1" "host=postgres user=postgres dbname=conea_db"'
password_is_kept() {
  is "$(stat -c %a "$dir/conea/secrets/database_password")" 600 &&
    is "$(sed -n 's/^POSTGRES_PASSWORD=//p' "$dir/conea/.env")" "$(cat "$dir/conea/secrets/database_password")" &&
    is "$(inside git status --porcelain)" "" && fails eval 'inside env | grep -qFf "$dir/conea/secrets/database_password"'
}
# A container that was made anew counts as healthy only when it was asked.
eventually() { local end=$((SECONDS + $1)); shift; until "$@"; do [ $SECONDS -lt $end ] || return 1; sleep 0.1; done; }
image_id() { inside docker image inspect -f '{{.Id}}' "$1"; }
health_code() { inside curl -s -o /dev/null -w '%{http_code}' "$1"; }
newest_backup_is_bad() {
  local all=("$dir/conea/backups/$1".????????)
  fails test -e "${all[-1]}.sha256" && fails cmp -s "${all[-1]}" "$dir/conea/$2"
}
pull_is_real() {
  inside docker rmi localhost:5000/tools:1 && inside docker pull localhost:5000/tools:1 &&
    says "not found" fails inside docker pull localhost:5000/tools:2
}
pull_needs_the_registry() {
  "$platform" stop "$dir" registry
  fails inside docker pull localhost:5000/tools:1 && "$platform" start "$dir" registry &&
    inside docker pull localhost:5000/tools:1
}
health_asks() { # stops a service and wants to see it in the health
  inside docker-compose stop "$1" && fails inside curl -sf http://localhost/health && inside docker-compose start "$1"
}
# What level 1 has to do, by hand.
# shellcheck disable=SC2016 # run inside
recover='set -e
  commit=$(git describe --tags --abbrev=0 --match "stable-*" HEAD)
  before=$(git rev-parse origin/main)
  docker pull -q localhost:5000/conea-backend:stable
  git reset -q --hard "$commit"
  git push -q --force-with-lease="main:$before" origin HEAD:main
  docker tag localhost:5000/conea-backend:stable conea-backend:latest
  for file in .env docker-compose.yml nginx/nginx.conf; do
    for sum in backups/$(basename $file).*.sha256; do
      (cd backups && sha256sum --quiet -c $(basename "$sum")) && good=${sum%.sha256}
    done
    cp -p "$good" "$file.new" && mv "$file.new" "$file"
  done
  docker-compose config -q
  docker run --rm -v "$PWD/nginx/nginx.conf:/etc/nginx/nginx.conf:ro" localhost:5000/nginx:1 nginx -t
  docker-compose up -d
  docker-compose restart nginx
  for n in $(seq 100); do curl -sf -o /dev/null http://localhost/health && break; sleep 0.1; done
  scripts/smoke-test.sh'
stale_lease() {
  local before
  before=$(inside git rev-parse origin/main)
  "$platform" colleague "$dir" && fails inside git push -q --force-with-lease="main:$before" origin stable-2.2.1^{}:main
}
spoil_modes() { chmod 644 "$dir/conea/secrets/database_password" && touch "$dir/conea/RELEASE"; }
modes_are_back() { is "$(stat -c %a "$dir/conea/secrets/database_password")" 600; }
damage='DROP INDEX messages_by_conversation; DELETE FROM messages WHERE id = 7'
whole() { is "$(value "SELECT count(*) FROM messages")" 100000 && is "$(value "SELECT to_regclass('messages_by_conversation')")" messages_by_conversation; }
foreign_gone() { is "$(inside docker ps -aqf name=stranger)" "" && is "$(inside docker volume ls -qf name=strange)" ""; }
processes_gone() { ! kill -0 "$1" 2>/dev/null && ! pgrep -f "$dir"; }
# Another platform may be up beside this one; its name is made from its folder (common.sh).
its_groups() { find /sys/fs/cgroup -type d -name "runbook-platform-$(sha256sum <<<"$dir" | cut -c1-12)"; }
program_of_the_checkout() {
  local program=$root/build/runbook
  [ -x "$program" ] || program=$here/platform
  inside "$program" --help
}

ok "up"                                     timeout 500 flock -n "$dir.before" "$platform" up "$dir"
ok "it keeps no lock of who called"         flock -n "$dir.before" true
ok "healthy"                                "$platform" status "$dir"
ok "up twice is refused"                    fails "$platform" up "$dir"
ok "the machine is as it was"               same_surroundings
ok "it has control groups of its own"       fails is "$(its_groups)" ""
ok "inside has a name of its own"           is "$(inside hostname)" conea-test
ok "the engine is the platform's"           is "$(inside docker info -f '{{.DockerRootDir}}')" "$dir/engine"
ok "also without DOCKER_HOST"               is "$(inside env -u DOCKER_HOST docker info -f '{{.DockerRootDir}}')" "$dir/engine"
ok "the caller's DOCKER_HOST counts for nothing" \
  is "$(DOCKER_HOST=unix:///nowhere "$platform" enter "$dir" docker info -f '{{.DockerRootDir}}')" "$dir/engine"
ok "the project is in /opt/conea"           is "$(inside pwd)" /opt/conea
ok "exit codes come out"                    eval 'inside sh -c "exit 7"; is $? 7'
ok "a program outside runs inside"          program_of_the_checkout
for script in smoke-test database-health-check test-external-apis test-multillm-integration e2e-test \
  performance-test security-check; do
  ok "$script.sh"                           inside env LIMIT_MS=5000 "scripts/$script.sh"
done
ok "a notification is kept"                 inside scripts/notify-stakeholders.sh "rollback-completed"
ok "in the platform's own log"              grep -q rollback-completed "$dir/log/conea/notifications.log"
ok "npm in the backend"                     says "conea_db" inside docker-compose exec -T backend npm run db:test-connection
ok "the schema is what the migrations make" migrations_make_the_schema
ok "and they go all the way back"           migrations_go_back
ok "the dump brings every row back"         dump_is_whole
ok "the password opens the database"        inside bash -c "$password_opens"
ok "it stands in files alone"               password_is_kept
ok "a pull is a real pull"                  pull_is_real
ok "and needs the registry"                 pull_needs_the_registry
ok "health asks redis"                      health_asks redis
ok "health asks postgres"                   health_asks postgres
ok "the newest .env backup is bad"          newest_backup_is_bad .env .env
ok "the newest compose backup is bad"       newest_backup_is_bad docker-compose.yml docker-compose.yml
ok "the newest nginx backup is bad"         newest_backup_is_bad nginx.conf nginx/nginx.conf
ok "a bad release"                          "$platform" deploy-bad "$dir"
ok "health is red"                          is "$(health_code http://localhost:3000/health)" 500
ok "status says so"                         fails "$platform" status "$dir"
ok "the smoke test fails"                   fails inside scripts/smoke-test.sh
ok "it was pushed"                          says "deploy: release 2.4.0" git -C "$dir/origin.git" log -1 main
ok "the stable image is not here"           fails image_id localhost:5000/conea-backend:stable
ok "recovered by hand"                      inside bash -c "$recover"
ok "healthy again"                          eventually 30 "$platform" status "$dir"
ok "the checkout is clean"                  is "$(inside git status --porcelain)" ""
ok "a stale lease is refused"               stale_lease
ok "damage"                                 value "$damage"
ok "strangers"                              inside docker run -d --name stranger -v strange:/data localhost:5000/redis:7
ok "files that others can read"             spoil_modes
ok "reset"                                  "$platform" reset "$dir"
ok "healthy once more"                      "$platform" status "$dir"
ok "the database is whole"                  whole
ok "the files are private again"            modes_are_back
ok "the strangers are gone"                 foreign_gone
ok "the colleague's commit too"             says "release 2.3.0" git -C "$dir/origin.git" log -1 main
process=$(cut -d' ' -f1 "$dir/platform.pid")
ok "down"                                   "$platform" down "$dir"
ok "its processes are gone"                 processes_gone "$process"
ok "its folder is gone"                     test ! -e "$dir"
ok "its control groups are gone"            is "$(its_groups)" ""
ok "the machine is as it was before"        same_surroundings
finish
