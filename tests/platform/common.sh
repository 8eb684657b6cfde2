# shellcheck shell=bash
# Sourced by the platform's tool: names, paths, waiting, and the one place that says which engine
# is spoken to.
#
# DIR, the platform's folder:
#   conea/          the project: the working clone in which an operator stands; /opt/conea inside
#   origin.git/     its bare remote
#   log/            /var/log inside: log/conea/rollback-operations.log and so on
#   home/ state/    HOME and RUNBOOK_STATE inside
#   docker.sock     the engine's socket, /run/docker.sock inside
#   engine/ registry/ registry.yml *.log    what the engine and the registry keep
#   cut-SERVICE     whom the network was cut to
#   platform.pid    process 1 of the namespaces, as the machine sees it, and when it began;
#   unshare.pid     its parent, that ends with it and it with that one

say() { printf 'platform: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

platform_hostname=conea-test

# A socket's path may have 107 bytes.
path_max=85

platform_paths() {
  [ -n "${1:-}" ] || die "which folder? see: platform help"
  dir=$(realpath -ms -- "$1")
  [ ${#dir} -le $path_max ] || die "the path is too long for a socket (more than $path_max bytes): $dir"
  case $dir in
    /|/run|/run/*|/opt|/opt/conea|/opt/conea/*|/var/log|/var/log/*|/proc/*|/sys/*|/dev/*) die "not a place for a platform: $dir" ;;
    *[!A-Za-z0-9/._+-]*) die "the path has characters that compose files can't bear: $dir" ;;
  esac
  project=$dir/conea
  socket=$dir/docker.sock
  marker=$dir/.runbook-platform
  cgroup=runbook-platform-$(sha256sum <<<"$dir" | cut -c1-12)
  engine_choose
}

# The only place that names an engine. Everything that would speak to one goes through `docker`,
# `compose` or `api` below, and these refuse any other. Without this a client whose DOCKER_HOST
# got lost would quietly stop the operator's own containers.
engine_choose() {
  unset DOCKER_CONTEXT DOCKER_TLS DOCKER_TLS_VERIFY DOCKER_CERT_PATH COMPOSE_FILE COMPOSE_PROJECT_NAME
  export DOCKER_HOST=unix://$socket
}
engine_guard() {
  [ -n "${dir:-}" ] && [ "${DOCKER_HOST:-}" = "unix://$dir/docker.sock" ] && [ -e "$marker" ] ||
    die "refusing to speak to an engine that is not the platform's own: '${DOCKER_HOST:-}'"
}
docker() { engine_guard && command timeout -k 5 60 /usr/bin/docker "$@"; }
api() {
  local path=$1
  shift
  engine_guard && curl -sS --fail --max-time 20 --unix-socket "$socket" "http://engine/v1.41$path" "$@"
}
# In the project's folder, as the operator would: compose writes that folder into what it makes.
compose() {
  # shellcheck disable=SC2016
  engine_guard && inside timeout -k 5 120 sh -c 'cd /opt/conea && exec docker-compose "$@"' - "$@"
}

# wait_for SECONDS WHAT COMMAND...: asks until it holds, says what did not.
wait_for() {
  local seconds=$1 what=$2 end
  shift 2
  end=$((${EPOCHREALTIME/[.,]/} + seconds * 1000000))
  until "$@" >/dev/null 2>&1; do
    [ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || { say "$what: not within $seconds s"; return 1; }
    sleep 0.05
  done
}

# Whether a process of that number still is the one that began then: numbers are used again.
process_began() {
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  # shellcheck disable=SC2086 # the fields after the name, which may hold spaces
  set -- ${stat##*) }
  echo "${20}"
}

process_record() { echo "$1 $(process_began "$1")" >"$2"; }
# Prints the process recorded in a file; fails where it lives no more.
process_recorded() {
  local pid began
  { read -r pid began <"$1"; } 2>/dev/null || return 1
  [ "$(process_began "$pid")" = "$began" ] && echo "$pid"
}
# Process 1 of the platform's namespaces.
platform_process() { process_recorded "$dir/platform.pid"; }

# Starts what stays when the tool has ended, for use with `&`: with no open file of the caller's, be it the pipe of
# a test or a lock, which would else be held until `down`.
detached() {
  local fd
  for fd in "/proc/$BASHPID/fd"/*; do
    fd=${fd##*/}
    [ "$fd" -le 2 ] || [ "$fd" = 255 ] || eval "exec $fd>&-"
  done
  exec setsid "$@"
}

require_root() { [ "$(id -u)" = 0 ] || die "needs root"; }
require_running() {
  [ -e "$marker" ] || die "there is no platform in $dir"
  platform_process >/dev/null || die "the platform in $dir does not run; start it with: platform up $dir"
}
