# shellcheck shell=bash
# Sourced by images/build: one layer and a configuration for each image, as an archive that an
# engine loads, and pushed to a registry. Written by hand because building eight images from one
# root file system with the engine takes three times as long and gives the same.

# NAME:TAG and the configuration of its container. The two backends differ in nothing else.
image_config() {
  case $1 in
    postgres:15) cat <<'JSON' ;;
{"User":"999:999","Cmd":["postgres","-D","/var/lib/postgresql/data"],"StopSignal":"SIGINT",
 "ExposedPorts":{"5432/tcp":{}},"Volumes":{"/var/lib/postgresql/data":{}},
 "Env":["PATH=/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "PGDATA=/var/lib/postgresql/data","LANG=C.UTF-8"]}
JSON
    redis:7) cat <<'JSON' ;;
{"User":"998:998","Cmd":["redis-server","--dir","/data","--save","60","1","--protected-mode","no"],
 "ExposedPorts":{"6379/tcp":{}},"Volumes":{"/data":{}},"WorkingDir":"/data"}
JSON
    nginx:1) cat <<'JSON' ;;
{"Cmd":["nginx","-g","daemon off;"],"StopSignal":"SIGQUIT","ExposedPorts":{"80/tcp":{}}}
JSON
    prometheus:2) cat <<'JSON' ;;
{"User":"65534:65534","ExposedPorts":{"9090/tcp":{}},"Volumes":{"/prometheus":{}},
 "Cmd":["prometheus","--config.file=/etc/prometheus/prometheus.yml","--storage.tsdb.path=/prometheus"]}
JSON
    grafana-stand-in:1) cat <<'JSON' ;;
{"Cmd":["nginx","-c","/etc/nginx/grafana.conf","-g","daemon off;"],"StopSignal":"SIGQUIT",
 "ExposedPorts":{"3000/tcp":{}}}
JSON
    conea-backend:stable) backend_config 2.3.0 "" ;;
    conea-backend:bad) backend_config 2.4.0 health500 ;;
    conea-backend:dies) backend_config 2.4.1 dies ;;
    tools:1) echo '{"Cmd":["sh"]}' ;;
  esac
}

backend_config() {
  jq -n --arg release "$1" --arg fault "$2" '{User: "996:996", Cmd: ["backend"],
    ExposedPorts: {"3000/tcp": {}}, Labels: {"conea.release": $release},
    Env: ["RELEASE=\($release)", "RELEASE_FAULT=\($fault)"]}'
}

images=(postgres:15 redis:7 nginx:1 prometheus:2 grafana-stand-in:1
        conea-backend:stable conea-backend:bad conea-backend:dies tools:1)
registry_name=localhost:5000

image_json() {
  image_config "$1" | jq -c --arg layer "sha256:$2" --arg machine "$(dpkg --print-architecture)" \
    --arg name "$1" '
    {PATH: "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"} as $default |
    (.Env //= []) | (if any(.Env[]; startswith("PATH=")) then . else .Env += [$default.PATH] end) |
    {architecture: $machine, os: "linux", created: "2024-01-10T00:00:00Z", config: .,
     rootfs: {type: "layers", diff_ids: [$layer]},
     history: [{created: "2024-01-10T00:00:00Z", created_by: "Debian packages, \($name)"}]}'
}

digest_of() { sha256sum "$1" | cut -d' ' -f1; }

archive_make() {
  local work=$1 layer image config
  say "packing"
  mkdir -p "$work/archive" "$work/out"
  tar -C "$work/rootfs" --sort=name --mtime=@1700000000 --numeric-owner -cf "$work/archive/layer.tar" .
  layer=$(digest_of "$work/archive/layer.tar")
  for image in "${images[@]}"; do
    image_json "$image" "$layer" >"$work/config"
    config=$(digest_of "$work/config")
    mv "$work/config" "$work/archive/$config.json"
    jq -n --arg config "$config.json" --arg tag "$registry_name/$image" \
      '{Config: $config, RepoTags: [$tag], Layers: ["layer.tar"]}'
  done | jq -s . >"$work/archive/manifest.json"
  tar -C "$work/archive" -c . | zstd -q -3 -T0 >"$work/out/images.tar.zst"
  mv "$work/pgdata.tar.zst" "$work/redis.tar.zst" "$work/dumps" "$work/volumes" "$work/out/"
}

# The registry is asked over its published interface, as an engine's push does it.
registry_upload() {
  local name=$1 file=$2 digest=$3 place
  place=$(curl -fsS -o /dev/null -D - -X POST "$registry/v2/$name/blobs/uploads/${4:-}" |
    tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  [ -z "${4:-}" ] || return 0 # taken over from another name
  curl -fsS -o /dev/null -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$file" \
    "$place&digest=sha256:$digest"
}

registry_manifest() {
  jq -cn --arg config "$1" --argjson config_size "$2" --arg layer "$3" --argjson layer_size "$4" '
    {schemaVersion: 2, mediaType: "application/vnd.docker.distribution.manifest.v2+json",
     config: {mediaType: "application/vnd.docker.container.image.v1+json", size: $config_size,
              digest: "sha256:\($config)"},
     layers: [{mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip", size: $layer_size,
               digest: "sha256:\($layer)"}]}'
}

registry_push() {
  local image=$1 config=$2 first=$3 name=${1%:*} layer=$work/layer.tar.gz
  if [ "$name" = "$first" ]; then registry_upload "$name" "$layer" "$layer_digest"
  else registry_upload "$name" "$layer" "$layer_digest" "?mount=sha256:$layer_digest&from=$first"
  fi
  registry_upload "$name" "$work/archive/$config.json" "$config"
  registry_manifest "$config" "$(stat -c %s "$work/archive/$config.json")" "$layer_digest" \
    "$(stat -c %s "$layer")" >"$work/manifest"
  curl -fsS -o /dev/null -X PUT --data-binary "@$work/manifest" \
    -H 'Content-Type: application/vnd.docker.distribution.manifest.v2+json' \
    "$registry/v2/$name/manifests/${image#*:}"
}

registry_push_all() {
  local work=$1 registry=http://127.0.0.1:5000 pid n tag config
  ip link set lo up
  docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
  pid=$!
  for n in $(seq 100); do curl -fs -o /dev/null "$registry/v2/" && break; sleep 0.1; done
  layer_digest=$(digest_of "$work/layer.tar.gz")
  while read -r tag config; do
    registry_push "$tag" "$config" "${images[0]%:*}"
  done < <(jq -r '.[] | "\(.RepoTags[0] | ltrimstr("localhost:5000/")) \(.Config | rtrimstr(".json"))"' \
             "$work/archive/manifest.json")
  kill "$pid"
  wait "$pid" || true
}

registry_fill() {
  local work=$1
  say "pushing to the registry's storage"
  gzip -1 -n <"$work/archive/layer.tar" >"$work/layer.tar.gz"
  registry_config "$work/out/registry" >"$work/registry.yml"
  mkdir -p "$work/out/registry"
  export -f registry_push_all registry_push registry_upload registry_manifest digest_of
  images_list="${images[*]}" unshare --net --pid --mount --fork --kill-child=KILL --mount-proc \
    timeout -k 5 120 bash -euo pipefail -c 'read -ra images <<<"$images_list"; registry_push_all "$1"' - "$work" ||
    { tail -5 "$work/registry.log" >&2; die "pushing failed"; }
  (cd "$cache/packages" && ls ./*.deb) | sed 's,^\./,,; s,\.deb$,,' >"$work/out/packages.txt"
}

registry_config() {
  cat <<CONF
version: 0.1
log: {level: warn}
storage:
  filesystem: {rootdirectory: $1}
  delete: {enabled: true}
http: {addr: 127.0.0.1:5000}
CONF
}
