# shellcheck shell=bash
# Sourced by tests in shell: TAP for prove. Each test is a command that must succeed; what it said
# is shown when it does not. A command may be a function of the test's file.
set -uo pipefail
tap_count=0
tap_failed=0

ok() {
  local name=$1 output status
  shift
  tap_count=$((tap_count + 1))
  if output=$("$@" 2>&1); then
    echo "ok $tap_count - $name"
  else
    status=$?
    echo "not ok $tap_count - $name"
    printf '%s: exit %s\n%s\n' "$*" "$status" "$output" | sed 's/^/# /'
    tap_failed=1
  fi
}
fails() { ! "$@"; }
is() { [ "$1" = "$2" ] || { echo "got '$1', not '$2'"; return 1; }; }
says() { local output; output=$("${@:2}" 2>&1); [[ $output == *"$1"* ]] || { echo "$output"; return 1; }; }

# skip_or_fail WHAT WHY: where RUNBOOK_TEST_REQUIRE names WHAT, its absence is a failure.
skip_or_fail() {
  case " ${RUNBOOK_TEST_REQUIRE:-} " in
    *" $1 "*) echo "1..1"; echo "not ok 1 - $1 is required"; echo "# $2"; exit 1 ;;
  esac
  echo "1..0 # SKIP $2"
  exit 0
}
finish() { echo "1..$tap_count"; exit $tap_failed; }
