#!/bin/bash
# The rules that hold the code together: who includes whom, no printing in the depth, no long function.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=../platform/tap.sh
. "$root/tests/platform/tap.sh"
cd "$root" || exit 1
ok "tools/lint --quick" tools/lint --quick
for file in runbooks/*.yaml tests/small/recover.yaml; do
  ok "$file passes without a warning" is "$(build/runbook check "$file" 2>&1 | grep -cE '(error|warning) RB')" 0
done
finish
