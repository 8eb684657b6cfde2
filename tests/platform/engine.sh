# shellcheck shell=bash
# Sourced by the platform's tool: the namespaces, the engine and the registry in them.

# What an engine needs of the kernel and of us. An engine that starts proves nothing: without
# CAP_SYS_ADMIN it comes up and can't run a container.
engine_probe() {
  local tool
  if [ "$(id -u)" != 0 ]; then
    echo "a Docker Engine needs root; this is $(id -un)"
    return 1
  fi
  for tool in dockerd docker-compose docker-registry containerd runc tini iptables ip zstd git jq curl; do
    command -v "$tool" >/dev/null || { echo "$tool is missing; install it with: tools/setup platform"; return 1; }
  done
  # shellcheck disable=SC2016
  unshare -mnpf --mount-proc timeout -k 1 10 sh -c '
      mount -t tmpfs none /run && mkdir /run/l /run/u /run/w /run/m &&
      mount -t overlay o -o lowerdir=/run/l,upperdir=/run/u,workdir=/run/w /run/m &&
      ip link set lo up && ip link add b0 type bridge && iptables -t nat -L -n >/dev/null' \
    >/dev/null 2>&1 && return
  echo "no Docker Engine can run here: namespaces, overlay mounts, bridges or iptables are not allowed"
  return 1
}

# Layers can't be stacked where the folder itself lies on an overlay, as in most containers; then
# what the engine keeps is kept in memory (about 300 MB).
engine_storage() {
  [ "$(stat -f -c %T "$dir")" = overlayfs ] && echo memory || echo "${RUNBOOK_PLATFORM_STORAGE:-disk}"
}

# Process 1 of the namespaces. It reaps what others leave behind, so that a process that ended is
# gone and not a zombie of an engine that never waits for it. /run is new, so that the engine finds
# no containerd of the machine's; /var/log is the platform's own.
namespaces_start() {
  local unshare_pid pid
  # shellcheck disable=SC2016
  detached unshare --mount --net --pid --ipc --uts --fork --kill-child=KILL --mount-proc \
    --propagation private sh -ec '
      hostname "$2"
      mount -t tmpfs -o mode=755 none /run
      mkdir -m 1777 /run/lock
      ln -s "$1/docker.sock" /run/docker.sock
      mount --bind "$1/log" /var/log
      [ "$3" != memory ] || mount -t tmpfs -o mode=711 none "$1/engine"
      # The project where its procedure looks for it; what else is in /opt stays there.
      mkdir /run/opt
      mount --rbind /opt /run/opt
      mount -t tmpfs -o mode=755 none /opt
      for entry in /run/opt/*; do
        [ "$entry" != /run/opt/conea ] && [ -d "$entry" ] && [ ! -L "$entry" ] || continue
        mkdir "/opt/${entry##*/}"
        mount --rbind "$entry" "/opt/${entry##*/}"
      done
      mkdir /opt/conea
      mount --bind "$1/conea" /opt/conea
      # Some other client in front of the one of the platform: the same one for everybody.
      [ ! -x /usr/local/bin/docker ] || mount --bind /usr/bin/docker /usr/local/bin/docker
      ip link set lo up
      exec tini -s -- sleep infinity' - "$dir" "$platform_hostname" "$(engine_storage)" \
    </dev/null >"$dir/namespaces.log" 2>&1 &
  unshare_pid=$!
  disown
  process_record "$unshare_pid" "$dir/unshare.pid"
  # By its name: before, the child is a copy of unshare or the shell that still mounts.
  first_process() {
    pid=$(pgrep -P "$unshare_pid" -x tini)
  }
  wait_for 10 "namespaces" first_process || { cat "$dir/namespaces.log" >&2; return 1; }
  process_record "$pid" "$dir/platform.pid"
}

# Runs a command inside, with nothing of the caller's surroundings but what is named.
inside() {
  local pid
  pid=$(platform_process) || die "the platform in $dir does not run"
  nsenter -t "$pid" -m -n -p -i -u -- "$@"
}
# A Ctrl-C is for who runs inside: nsenter waits for it.
inside_at_terminal() { exec env --ignore-signal=INT nsenter -t "$(platform_process)" -m -n -p -i -u -- "$@"; }
inside_detached() { detached nsenter -t "$(platform_process)" -m -n -p -i -u -- "$@"; }

# What someone inside finds: the same whoever calls.
inside_environment() {
  printf '%s\0' "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
    "HOME=$dir/home" "USER=root" "LOGNAME=root" "SHELL=/bin/bash" "LANG=C.UTF-8" \
    "TERM=${TERM:-dumb}" "DOCKER_HOST=$DOCKER_HOST" "RUNBOOK_STATE=$dir/state" \
    "CONEA=/opt/conea" "PLATFORM=$dir"
}

engine_start() {
  require_running
  engine_answers && return
  inside_detached setsid dockerd --data-root "$dir/engine" --exec-root /run/docker --pidfile /run/docker.pid \
    -H "$DOCKER_HOST" --cgroup-parent "/$cgroup" --exec-opt native.cgroupdriver=cgroupfs \
    --log-level warn </dev/null >>"$dir/dockerd.log" 2>&1 &
  disown
  wait_for 30 "engine" engine_answers || { tail -5 "$dir/dockerd.log" >&2; return 1; }
}
engine_answers() { curl -s -o /dev/null --fail --max-time 2 --unix-socket "$socket" http://engine/_ping; }

# Inside, /run is the platform's alone, so this process number is the engine's.
engine_stop() {
  # shellcheck disable=SC2016
  inside sh -c '[ ! -e /run/docker.pid ] || kill "-$1" "$(cat /run/docker.pid)"' - "${1:-TERM}"
  engine_silent() { ! engine_answers; }
  wait_for 30 "engine's end" engine_silent
}

registry_config() {
  cat <<CONF
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: $dir/registry}
  delete: {enabled: true}
http: {addr: 127.0.0.1:5000}
CONF
}

registry_start() {
  registry_config >"$dir/registry.yml"
  registry_answers && return
  inside_detached setsid docker-registry serve "$dir/registry.yml" </dev/null >>"$dir/registry.log" 2>&1 &
  disown
  wait_for 20 "registry" registry_answers || { tail -5 "$dir/registry.log" >&2; return 1; }
}
registry_answers() { inside curl -s --fail --max-time 2 -o /dev/null http://127.0.0.1:5000/v2/; }
registry_stop() {
  inside sh -c 'for pid in $(pidof docker-registry); do kill "$pid"; done'
  registry_silent() { ! registry_answers; }
  wait_for 10 "registry's end" registry_silent
}

# Blobs never change once written, so the copy may share them with the cache.
registry_copy() {
  cp -al "$made/registry" "$dir/registry" 2>/dev/null && return
  rm -rf "$dir/registry"
  cp -a "$made/registry" "$dir/registry"
}

images_load() { zstd -dc "$made/images.tar.zst" | docker load -q >/dev/null; }

# The parent goes too: it may have been started by a tool that was killed before it knew more.
namespaces_end() {
  local file pid
  for file in platform.pid unshare.pid; do
    pid=$(process_recorded "$dir/$file") && kill -KILL "$pid" 2>/dev/null
  done
  gone() { ! process_recorded "$dir/platform.pid" && ! process_recorded "$dir/unshare.pid"; }
  wait_for 20 "end of the namespaces" gone
}

# The engine leaves empty groups behind; a busy one can't be removed, which is right.
cgroups_remove() {
  local n
  for n in 1 2 3 4 5 6 7 8 9 10; do
    find /sys/fs/cgroup -depth -type d -path "*/$cgroup*" -exec rmdir {} + 2>/dev/null || true
    [ -n "$(find /sys/fs/cgroup -type d -name "$cgroup" -print -quit 2>/dev/null)" ] || return 0
    sleep 0.2
  done
  say "control groups are left: $cgroup"
}
