# Builds runbook from the tarball of a release and installs it.
set -euo pipefail
if [ -z "$RUNBOOK_TARBALL" ] || [ -z "$RUNBOOK_SHA256" ]; then
  echo 'runbook: say in RUNBOOK_TARBALL and RUNBOOK_SHA256 which release is installed, and from where' >&2
  exit 1
fi
folder=$(mktemp -d)
curl --fail --silent --show-error --location --retry 3 --output "$folder/source.tar.gz" -- "$RUNBOOK_TARBALL"
echo "$RUNBOOK_SHA256  $folder/source.tar.gz" | sha256sum --check --strict
mkdir "$folder/source"
tar -xzf "$folder/source.tar.gz" -C "$folder/source" --strip-components=1
make -C "$folder/source" -j"$(nproc)"
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
"${as_root[@]}" make -C "$folder/source" install PREFIX=/usr/local
