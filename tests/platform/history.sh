# shellcheck shell=bash
# Sourced by the platform's tool: the project's git repository with a history of deploys, its bare
# remote, its settings and their backups.
#
# A deploy is a commit whose subject is "deploy: release X.Y.Z"; it sets the file RELEASE and says
# in trailers which image it runs. One that proved itself got the annotated tag stable-X.Y.Z.
# 2.2.0 never did. Times are fixed, so that the same commits have the same names each time.

history_release=2.3.0

history_git() { git -C "$project" -c core.hooksPath=/dev/null "$@"; }

# history_commit TIME SUBJECT [TRAILER...]
history_commit() {
  local time=$1 subject=$2 trailer message
  shift 2
  message=$subject
  [ $# = 0 ] || message+=$'\n'
  for trailer in "$@"; do message+=$'\n'$trailer; done
  history_git add -A
  GIT_AUTHOR_DATE=$time GIT_COMMITTER_DATE=$time history_git commit -q --no-verify -m "$message"
}

# history_deploy TIME RELEASE IMAGE
history_deploy() {
  echo "$2" >"$project/RELEASE"
  history_commit "$1" "deploy: release $2" "Image: $3"
}

history_stable() {
  GIT_COMMITTER_DATE=$1 history_git tag -a "stable-$2" -m "Release $2 ran well: smoke test passed, no alert for a day"
}

# history_migration TIME VERSION: it comes with both its files, before the release that needs it.
history_migration() {
  cp "$here/project/migrations/$2"_*.sql "$project/migrations/"
  history_commit "$1" "Migration: $(basename "$here/project/migrations/$2"_*.up.sql .up.sql | cut -d_ -f3- | tr _ ' ')"
}

history_identity() {
  git -C "$1" config user.name "Conea Operations"
  git -C "$1" config user.email operations@conea.example
  git -C "$1" config commit.gpgSign false
}

# Files of the past are those of today with a later change taken back.
history_make() {
  git init -q -b main "$project"
  history_identity "$project"
  cp -a "$here/project/." "$project/"
  mv "$project/env" "$project/.env"
  mv "$project/gitignore" "$project/.gitignore"
  chmod 600 "$project/.env"
  mkdir -m 700 "$project/secrets"
  (umask 077 && printf %s "$(sed -n 's/^POSTGRES_PASSWORD=//p' "$project/.env")" >"$project/secrets/database_password")
  sed -i '/server_tokens/d' "$project/nginx/nginx.conf"
  sed -i '/job_name: backend/,+1d' "$project/monitoring/prometheus.yml"
  rm "$project"/migrations/*
  echo 2.0.0 >"$project/RELEASE"
  history_commit 2023-11-06T09:00:00Z "The platform as it is installed"
  history_migration 2023-11-06T09:30:00Z 20231104_101500
  history_deploy 2023-11-06T10:00:00Z 2.1.0 conea-backend:2.1.0
  history_stable 2023-11-07T10:00:00Z 2.1.0
  sed -i 's/proxy_read_timeout 10s/proxy_read_timeout 1s/' "$project/nginx/nginx.conf"
  history_commit 2023-12-04T09:00:00Z "nginx: give up on a slow backend sooner"
  history_migration 2023-12-04T09:30:00Z 20231201_120000
  history_deploy 2023-12-04T10:00:00Z 2.2.0 conea-backend:2.2.0
  sed -i 's/proxy_read_timeout 1s/proxy_read_timeout 10s/' "$project/nginx/nginx.conf"
  history_commit 2023-12-04T11:30:00Z "nginx: long answers of models need their time again"
  history_deploy 2023-12-05T10:00:00Z 2.2.1 conea-backend:2.2.1
  history_stable 2023-12-06T10:00:00Z 2.2.1
  cp "$here/project/nginx/nginx.conf" "$project/nginx/"
  history_commit 2024-01-08T09:00:00Z "nginx: do not tell the version"
  cp "$here/project/monitoring/prometheus.yml" "$project/monitoring/"
  history_commit 2024-01-08T15:00:00Z "prometheus: watch the backend too"
  history_migration 2024-01-09T09:00:00Z 20231218_090000
  history_migration 2024-01-09T09:30:00Z 20240105_083000
  history_deploy 2024-01-09T10:00:00Z $history_release conea-backend:stable
  history_stable 2024-01-10T10:00:00Z $history_release
  git clone -q --bare "$project" "$dir/origin.git"
  history_git remote add origin "$dir/origin.git"
  history_git fetch -q origin
  history_git branch -q --set-upstream-to=origin/main main
}

# backup_file FILE DAYS [SED]: a good copy of so many days ago, with the sum that a finished
# backup has; SED says what was different then.
backup_file() {
  local name
  name=$(basename "$1").$(date -d "$2 days ago" +%Y%m%d)
  sed "${3:-}" "$project/$1" >"$project/backups/$name"
  (cd "$project/backups" && sha256sum "$name" >"$name.sha256" && touch -d "$2 days ago" "$name"*)
}

# backup_broken FILE DAYS BYTES: one that was cut off while it was copied, before its sum was made.
backup_broken() {
  local to
  to=$project/backups/$(basename "$1").$(date -d "$2 days ago" +%Y%m%d)
  head -c "$3" "$project/$1" >"$to"
  touch -d "$2 days ago" "$to"
}

# dump_install NAME [DAYS]: one of the made dumps becomes the dump of the stable state, as a backup program leaves it.
dump_install() {
  local to=$project/backups/database/full_stable.dump
  mkdir -p -m 700 "$(dirname "$to")"
  install -m 600 "$made/dumps/$1.dump" "$to"
  dump_sum "${2:-2}"
}
# The sum is that of whatever is there: made after the dump, it proves nothing but that nobody touched it since.
dump_sum() {
  (cd "$project/backups/database" && sha256sum full_stable.dump >full_stable.dump.sha256 && touch -d "$1 days ago" full_stable.dump*)
}

# archives_install DAYS: the volumes of the stable state, as a backup program leaves them.
archives_install() {
  local volume to mark
  mkdir -p -m 700 "$project/backups/volumes"
  for volume in postgres_data redis_data; do
    to=$project/backups/volumes/${volume}_$(date -d "$1 days ago" +%Y%m%d).tar.gz
    for mark in "" .digest; do
      install -m 600 "$made/volumes/$volume.tar.gz$mark" "$to$mark"
      touch -d "$1 days ago" "$to$mark"
    done
  done
}

# The newest good ones are two days old and equal what release 2.3.0 runs with. None is of today;
# yesterday's were cut off; the oldest settings name a database that is no longer there.
backups_make() {
  local file days
  mkdir -p "$project/backups"
  for file in .env docker-compose.yml nginx/nginx.conf; do
    for days in 2 5; do backup_file $file $days; done
  done
  backup_file .env 9 's/^POSTGRES_DB=.*/POSTGRES_DB=conea/'
  backup_file docker-compose.yml 9
  backup_file nginx/nginx.conf 9 '/server_tokens/d'
  backup_broken .env 1 0
  backup_broken docker-compose.yml 1 700
  backup_broken nginx/nginx.conf 1 400
  chmod 600 "$project"/backups/.env.*
  dump_install full_stable
  archives_install 2
}
