#!/bin/bash
# Are models of several providers on offer, so that one that fails can be replaced?
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
models="$base/api/models"
check "models answer"              fetch "$models"
check "three providers or more"    fetch_is "$models" '[.[] | select(.enabled) | .provider] | unique | length >= 3'
check "each model has a name"      fetch_is "$models" 'all(.[]; (.name | length) > 0)'
finish
