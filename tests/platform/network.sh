# shellcheck shell=bash
# Sourced by the platform's tool: a service that nobody reaches any more. Packets vanish, to it and from it, on the
# project's network and on its published ports: no refusal, no end of a connection, as when a cable is cut. It
# itself lives on, and does not know. Made anew or started again, it has a network that the cut does not know.

container_process() { api "/containers/$(container_of "$1")/json" | jq '.State.Pid | select(. > 0)'; }
published_ports() { api "/containers/$(container_of "$1")/json" | jq -r '.NetworkSettings.Ports[][]?.HostPort' | sort -u; }

network_cut() {
  local process port tool
  process=$(container_process "$1")
  [ -n "$process" ] || die "$1 does not run"
  network_join "$1"
  touch "$dir/cut-$1"
  for tool in iptables ip6tables; do
    inside nsenter -t "$process" -n sh -c "$tool -w -I INPUT ! -i lo -j DROP && $tool -w -I OUTPUT ! -o lo -j DROP"
    for port in $(published_ports "$1"); do
      for port in "--dport $port" "--sport $port"; do
        # shellcheck disable=SC2086 # two words
        inside $tool -w -I INPUT -p tcp $port -m comment --comment "cut-$1" -j DROP
      done
    done
  done
}

network_join() {
  local process tool
  [ -e "$dir/cut-$1" ] || return 0
  process=$(container_process "$1")
  for tool in iptables ip6tables; do
    [ -z "$process" ] || inside nsenter -t "$process" -n sh -c "$tool -w -F INPUT; $tool -w -F OUTPUT"
    # shellcheck disable=SC2016
    inside sh -c '"$1" -w -S INPUT | grep -- "--comment \"\{0,1\}cut-$2\"\{0,1\} " | tr -d \" | sed "s/^-A/-D/" |
      while read -r rule; do "$1" -w $rule; done' - $tool "$1"
  done
  rm "$dir/cut-$1"
}
