#!/bin/bash
# Do the services outside answer that the platform depends on? They stand in config/external-apis.txt.
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
while read -r name url; do
  check "$name" fetch "$url"
done < <(grep -v '^ *\(#\|$\)' config/external-apis.txt)
finish
