# shellcheck shell=bash
# Sourced by the platform's tool: from whatever state back to the healthy one, as quickly as may be.

# What was started through `enter`, or by a run inside, and still lives.
visitors_end() {
  local found
  # shellcheck disable=SC2016
  found=$(inside env -u PLATFORM sh -c 'grep -lzE "^(PLATFORM|RUNBOOK_RUN)=" /proc/[0-9]*/environ 2>/dev/null |
    cut -d/ -f3' || true)
  # shellcheck disable=SC2086 # numbers are words
  [ -z "$found" ] || inside kill -KILL $found 2>/dev/null || true
}

# Servers outside of containers (faults.sh); one of them writes over its surroundings, so they are known by their program.
leftovers_end() {
  # shellcheck disable=SC2016
  inside sh -c 'for exe in /proc/[0-9]*/exe; do
    case $(readlink "$exe") in "$1"/*) pid=${exe%/exe}; kill -KILL "${pid#/proc/}" ;; esac
  done' - "$dir/leftovers"
}

foreign_things_remove() {
  local ids
  ids=$(api '/containers/json?all=1' | jq -r '.[] | select(.Labels["com.docker.compose.project"] != "conea"
    or .Labels["com.docker.compose.oneoff"] == "True") | .Id')
  # shellcheck disable=SC2086 # ids are words
  [ -z "$ids" ] || docker rm -fv $ids >/dev/null
  ids=$(containers | awk -F'\t' '$2 == "paused" {print $4}')
  # shellcheck disable=SC2086
  [ -z "$ids" ] || docker unpause $ids >/dev/null
}
foreign_volumes_remove() {
  local names
  names=$(api /volumes | jq -r '(.Volumes // [])[].Name' |
    grep -vxE "conea_(postgres_data|redis_data|prometheus_data)" || true)
  # shellcheck disable=SC2086
  [ -z "$names" ] || docker volume rm -f $names >/dev/null
}

images_reset() {
  local tags tag
  tags=$(api /images/json | jq -r '.[].RepoTags // [] | .[]')
  if [ "$(grep -c "^$registry_host/" <<<"$tags")" != 9 ]; then images_load; fi
  docker tag $registry_host/conea-backend:stable conea-backend:latest
  for tag in $tags; do
    case $tag in
      "$registry_host"/*|conea-backend:latest|"<none>:<none>") ;;
      *) docker rmi "$tag" >/dev/null ;;
    esac
  done
}

# Files that are as they were stay what they are, for containers hold them open by a mount. Prints
# those that were not.
files_reset() {
  local kind where name file
  rm -rf "$project/.git" "$dir/origin.git"
  cp -a "$dir/pristine/origin.git" "$dir/"
  cp -a "$dir/pristine/conea/.git" "$project/"
  cd "$dir/pristine"
  { LC_ALL=C diff -rq conea "$project" || true; } | while read -r kind where; do
    case "$kind $where" in
      "Only in $project"*) name=${where#in "$project"}; rm -rf "${project:?}/$(sed 's,^/,,; s,: ,/,' <<<"$name")" ;;
      "Only in conea"*) file=$(sed 's,^in conea/\{0\,1\},,; s,: ,/,' <<<"$where"); cp -a "conea/$file" "$project/$file" ;;
      "Files conea/"*) file=${where#conea/}; file=${file%% and *}; cp -p "conea/$file" "$project/$file"; echo "$file" ;;
      *) die "can't put back: $kind $where" ;;
    esac
  done
  cp -a --attributes-only conea/. "$project/"
}

# Whether a running container sees the project's file, and not one that was replaced since.
mount_is_current() {
  local pid
  pid=$(api "/containers/$(container_of "$1")/json" | jq .State.Pid)
  [ "$pid" = 0 ] ||
    [ "$(inside stat -c %d:%i "/proc/$pid/root$3")" = "$(inside stat -c %d:%i "$project/$2")" ]
}

# CHANGED is what files_reset printed; a service that read such a file reads it again.
mounts_reset() {
  local changed=$1 service file place
  while read -r service file place; do
    if grep -qxF "$file" <<<"$changed" || ! mount_is_current "$service" "$file" "$place"; then
      docker restart -t 3 "$(container_of "$service")" >/dev/null
    fi
  done <<'TABLE'
nginx nginx/nginx.conf /etc/nginx/nginx.conf
prometheus monitoring/prometheus.yml /etc/prometheus/prometheus.yml
TABLE
}

# The databases beside it, and who may connect; what a run left half-way shows here.
data_surroundings() {
  database_sql -c "SELECT datname, datallowconn, datconnlimit FROM pg_database ORDER BY datname"
}
data_state() { data_fingerprint && data_surroundings; }
# The database is only put back where it differs; a stopped or damaged one counts as differing.
data_reset() {
  local ids
  [ "$(data_state 2>/dev/null </dev/null)" = "$(cat "$dir/data_state")" ] && return
  # Killed: a backend that waits for a database takes its time to stop, and of the others nothing is kept.
  ids=$(containers | awk -F'\t' '$1 ~ /^(backend|postgres|redis)$/ {print $4}')
  # shellcheck disable=SC2086 # ids are words
  [ -z "$ids" ] || docker rm -fv $ids >/dev/null
  data_fill
}

project_reset() {
  local changed service
  visitors_end
  leftovers_end
  registry_start
  engine_start
  foreign_things_remove
  for service in "${services[@]}"; do network_join "$service"; done
  disk_heal
  changed=$(files_reset)
  images_reset
  surroundings_make
  data_reset
  compose_quietly up -d --remove-orphans
  mounts_reset "$changed"
  # nginx may have been left with another configuration than its file's.
  wait_for 15 "health of the project" project_healthy || docker restart -t 3 "$(container_of nginx)" >/dev/null
  wait_for 120 "health of the project" project_healthy || { project_status >&2; return 1; }
  foreign_volumes_remove
}
