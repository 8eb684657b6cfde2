# shellcheck shell=bash
# Sourced by the platform's tool: the project's containers, volumes and images; healthy and not.

services=(backend postgres redis nginx prometheus grafana)
volumes=(postgres_data redis_data prometheus_data)
registry_host=localhost:5000

# A line for each container of the project: service, state, the engine's word on it, id.
containers() {
  api '/containers/json?all=1' -G --data-urlencode \
    'filters={"label":["com.docker.compose.project=conea"]}' |
    jq -r '.[] | [.Labels["com.docker.compose.service"], .State, .Status, .Id] | @tsv'
}
container_of() { containers | awk -F'\t' -v service="$1" '$1 == service {print $4; exit}'; }

# Asked the way users and monitors do, and of the engine.
http_answers() {
  local url arguments=()
  for url in "$@"; do arguments+=(-o /dev/null "$url"); done
  inside curl -s --fail --fail-early --max-time 5 "${arguments[@]}"
}
project_healthy() {
  local running
  running=$(containers | awk -F'\t' '$2 == "running" && $3 !~ /unhealthy|starting/ {print $1}' | sort -u | wc -l)
  [ "$running" = ${#services[@]} ] && http_answers http://localhost/ http://localhost/health \
    http://localhost:3000/health http://localhost:3000/api/status http://localhost:9090/-/ready \
    http://localhost:3001/api/health
}
project_red() { ! http_answers http://localhost/health; }

compose_quietly() { compose "$@" >>"$dir/compose.log" 2>&1 || { tail -15 "$dir/compose.log" >&2; return 1; }; }

# Volumes are made as compose makes them and filled before a container sees them: an empty one would
# be filled from the image, which holds a database without tables.
volumes_make() {
  local volume
  for volume in "${volumes[@]}"; do
    api /volumes/create -o /dev/null -H 'Content-Type: application/json' --data \
      '{"Name":"conea_'"$volume"'","Labels":{"com.docker.compose.project":"conea","com.docker.compose.volume":"'"$volume"'"}}'
  done
}
volume_folder() { echo "$dir/engine/volumes/conea_$1/_data"; }
volume_fill() {
  local place
  place=$(volume_folder "$1")
  # shellcheck disable=SC2016
  zstd -dc "$2" | inside sh -ec 'cd "$1" && find . -mindepth 1 -delete && tar -x --numeric-owner' - "$place"
}
data_fill() {
  volumes_make
  volume_fill postgres_data "$made/pgdata.tar.zst"
  volume_fill redis_data "$made/redis.tar.zst"
}
# database_sql [ARGUMENT...]: psql within the postgres container, which asks for no password there.
database_sql() {
  local container
  container=$(container_of postgres)
  [ -n "$container" ] || { say "there is no postgres container"; return 1; }
  docker exec -i "$container" psql -X -q -A -t -v ON_ERROR_STOP=1 -U postgres -d conea_db "$@"
}
data_fingerprint() { database_sql <"$here/fingerprint.sql"; }
data_rows() {
  database_sql -F ' ' <<'SQL'
SELECT format('SELECT %L, count(*) FROM %I', relname, relname)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname \gexec
SQL
}

project_make() {
  history_make
  backups_make
  # Kept apart, so that a reset needs no history made again.
  mkdir -p "$dir/pristine"
  cp -a "$project" "$dir/origin.git" "$dir/pristine/"
}

surroundings_make() {
  rm -rf "$dir/home" "$dir/state" "$dir/log/conea"
  mkdir -p "$dir"/{home,state,log/conea}
  printf '[user]\n\tname = Conea Operations\n\temail = operations@conea.example\n[safe]\n\tdirectory = *\n' \
    >"$dir/home/.gitconfig"
}

project_up() {
  compose_quietly up -d --remove-orphans
  wait_for 120 "health of the project" project_healthy || { project_status >&2; return 1; }
}

project_status() {
  local service state word id url
  while IFS=$'\t' read -r service state word id; do
    printf '%-12s %-10s %-30s %.12s\n' "$service" "$state" "$word" "$id"
  done < <(containers | sort)
  for url in localhost/health localhost:3000/health localhost:3000/api/status localhost:9090/-/ready \
    localhost:3001/api/health; do
    printf '%-30s %s\n' "$url" "$(inside curl -s -o /dev/null --max-time 5 -w '%{http_code}' "http://$url" || true)"
  done
  printf '%-30s %s\n' main "$(git -C "$project" log -1 --format='%h %s')" \
    origin/main "$(git -C "$dir/origin.git" log -1 --format='%h %s' main)"
}

# --- a release that goes wrong

fault_nginx() { sed -i 's,http://backend:3000,http://backend:3300,' "$project/nginx/nginx.conf"; }
fault_nginx_syntax() { sed -i 's,resolver 127.0.0.11 valid=2s;,resolver 127.0.0.11 valid=2s,' "$project/nginx/nginx.conf"; }
fault_env() { sed -i 's/^POSTGRES_DB=.*/POSTGRES_DB=conea_v2/' "$project/.env"; }
fault_compose() { sed -i 's/"3000:3000"/"3000:3300"/' "$project/docker-compose.yml"; }
fault_image() { docker tag $registry_host/conea-backend:bad conea-backend:latest; }
fault_dies() { docker tag $registry_host/conea-backend:dies conea-backend:latest; }

# The release is committed, pushed and started as a good one would be. Of the stable image nothing
# is left here but the registry's: going back to it is a real pull.
deploy_bad() {
  local fault image=bad
  for fault in "$@"; do
    [[ " image dies env nginx nginx-syntax compose " == *" $fault "* ]] || die "no such fault: $fault"
  done
  for fault in "$@"; do
    [ "$fault" != dies ] || image=dies
    "fault_${fault//-/_}"
  done
  history_git diff --quiet || history_commit "$(date -u +%FT%TZ)" "Serve the new backend of 2.4"
  history_deploy "$(date -u +%FT%TZ)" 2.4.0 conea-backend:$image
  history_git push -q origin main
  compose_quietly up -d
  docker rmi $registry_host/conea-backend:stable >/dev/null
  docker restart -t 3 "$(container_of nginx)" >/dev/null
  wait_for 30 "red health after the bad release" project_red
}

# Someone else pushes to main meanwhile: a lease taken before is stale now.
colleague_pushes() {
  local clone=$dir/colleague
  rm -rf "$clone"
  git clone -q "$dir/origin.git" "$clone"
  git -C "$clone" config user.name "A Colleague"
  git -C "$clone" config user.email colleague@conea.example
  echo "Called at $(date -u +%T)" >>"$clone/NOTES"
  git -C "$clone" add NOTES
  git -C "$clone" commit -q -m "Notes of the incident"
  git -C "$clone" push -q origin main
  rm -rf "$clone"
}
