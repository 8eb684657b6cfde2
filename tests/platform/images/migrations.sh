# shellcheck shell=bash
# Sourced by what applies migrations, in the images and on a platform: prints what psql is to read for one
# file VERSION_name.up.sql or VERSION_name.down.sql, the change and its row in schema_versions in one transaction.

migration_version() { basename "$1" | cut -d_ -f1,2; }
migration_name() { basename "$1" | sed 's/\.[a-z]*\.sql$//' | cut -d_ -f3-; }

# migration_up FILE [TIME]: TIME, an SQL expression, says when it was applied.
migration_up() {
  [ -e "$1" ] || return 1
  echo "BEGIN;"
  cat "$1"
  echo "INSERT INTO schema_versions VALUES ('$(migration_version "$1")', '$(migration_name "$1" | tr _ ' ')', ${2:-now()});"
  echo "COMMIT;"
}

# The row first: the first migration's way down drops the table in which it stands.
migration_down() {
  [ -e "$1" ] || return 1
  echo "BEGIN;"
  echo "DELETE FROM schema_versions WHERE version = '$(migration_version "$1")';"
  cat "$1"
  echo "COMMIT;"
}

# Those of a folder, each noted as applied at the time that its version names.
migrations_up() {
  local file
  for file in "$1"/*.up.sql; do
    migration_up "$file" "to_timestamp('$(migration_version "$file")', 'YYYYMMDD_HH24MISS')" || return 1
  done
}
migrations_down() {
  local file
  for file in $(printf '%s\n' "$1"/*.down.sql | LC_ALL=C sort -r); do migration_down "$file" || return 1; done
}
