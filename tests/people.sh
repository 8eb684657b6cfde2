# shellcheck shell=sh
# People of a case's own: `. "$ROOT/tests/people.sh"` at the head of its command, and `people` in its needs.
#
# The case is run once more in a mount namespace in which /etc/passwd and /etc/group are its own; the machine's stay
# as they are. There are alice, bob, carol and dave (61001 to 61004), who are all in the group runbook but dave; alice
# and bob are in dba.
#
#   as NAME COMMAND...        under that user's uid, without a login id
#   sudo_as NAME COMMAND...   as root, in NAME's login

if [ -z "${PEOPLE:-}" ]; then
  chmod 711 .
  mkdir people people/bin
  cp "$(command -v runbook)" people/bin/
  for name in alice:61001 bob:61002 carol:61003 dave:61004; do
    echo "${name%:*}:x:${name#*:}:${name#*:}::/nonexistent:/bin/sh"
  done | cat /etc/passwd - >people/passwd
  for group in alice:61001: bob:61002: carol:61003: dave:61004: dba:61100:alice,bob runbook:61101:alice,bob,carol; do
    members=${group#*:}
    echo "${group%%:*}:x:$members"
  done | cat /etc/group - >people/group
  chmod -R a+rX people
  PEOPLE=$PWD/people
  export PEOPLE
  # shellcheck disable=SC2016 # for the inner shell
  exec unshare --mount sh -c 'mount --bind "$PEOPLE/passwd" /etc/passwd && mount --bind "$PEOPLE/group" /etc/group &&
    echo 4294967295 >/proc/self/loginuid && exec sh ./command'
fi

as() {
  name=$1
  shift
  setpriv --reuid="$name" --regid="$(id -g "$name")" --init-groups \
    env HOME=/nonexistent PATH="$PEOPLE/bin:$PATH" "$@"
}

sudo_as() {
  (
    id -u "$1" >/proc/self/loginuid
    shift
    exec "$@"
  )
}
