# shellcheck shell=sh
# People of a case's own: `. "$ROOT/tests/people.sh"` at the head of its command, and `people` in its needs.
#
# The case is run once more in a mount namespace in which /etc/passwd and /etc/group are its own; the machine's stay
# as they are. There are alice, bob, carol and dave (61001 to 61004), who are all in the group runbook but dave; alice
# and bob are in dba.
#
#   as NAME COMMAND...        under that user's uid, without a login id
#   sudo_as NAME COMMAND...   as root, in NAME's login
#   until_journal PATTERN     waits until the record holds it; then $run is the run's id
#   until_asking PID          waits until that process has sent what it has to say, and waits for an answer
#   answers                   who answered, by the record; needs jq

# The first two are programs: in the background $! is the pid of the command.
make_people() {
  chmod 711 .
  mkdir people people/bin people/as
  cp "$(command -v runbook)" people/bin/
  for name in alice:61001 bob:61002 carol:61003 dave:61004; do
    echo "${name%:*}:x:${name#*:}:${name#*:}::/nonexistent:/bin/sh"
  done | cat /etc/passwd - >people/passwd
  for group in alice:61001: bob:61002: carol:61003: dave:61004: dba:61100:alice,bob runbook:61101:alice,bob,carol; do
    echo "${group%%:*}:x:${group#*:}"
  done | cat /etc/group - >people/group
  cat >people/as/as <<'END'
#!/bin/sh
name=$1
shift
exec setpriv --reuid="$name" --regid="$(id -g "$name")" --init-groups env HOME=/nonexistent PATH="$PEOPLE/bin:$PATH" "$@"
END
  cat >people/as/sudo_as <<'END'
#!/bin/sh
login=$(id -u "$1")
echo "$login" >/proc/self/loginuid
shift
exec "$@"
END
  chmod -R a+rX people
  chmod a+x people/as/*
}

if [ -z "${PEOPLE:-}" ]; then
  make_people
  PEOPLE=$PWD/people
  PATH=$PEOPLE/as:$PATH
  export PEOPLE PATH
  # shellcheck disable=SC2016 # for the inner shell
  exec unshare --mount sh -c 'mount --bind "$PEOPLE/passwd" /etc/passwd && mount --bind "$PEOPLE/group" /etc/group &&
    echo 4294967295 >/proc/self/loginuid && exec sh ./command'
fi

until_journal() {
  until grep -qs -- "$1" state/runs/*/journal.jsonl; do sleep 0.02; done
  # shellcheck disable=SC2034 # the case's
  run=$(ls state/runs)
}

until_asking() {
  # shellcheck disable=SC2010 # what the links lead to
  until ls -l "/proc/$1/fd" 2>/dev/null | grep -q socket: && grep -q '^State:.S' "/proc/$1/status"; do sleep 0.02; done
}

answers() {
  # shellcheck disable=SC2016 # jq's
  jq -r 'select(.event == "answered") | [.step, (if .yes then "yes" else "no" end), .user, .uid, .login, .known_by,
    .where, .reason] | map(. // "-" | tostring) | join(" ")' state/runs/*/journal.jsonl
}
