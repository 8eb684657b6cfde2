# shellcheck shell=bash
# Sourced by images/build: one root file system with all servers, cut out of Debian's packages.
# WORK/all is everything that was unpacked, WORK/rootfs what goes into the images.

postgres_bin=usr/lib/postgresql/15/bin

# What is taken as it is; libraries come by themselves (rootfs_libraries).
rootfs_programs=(
  $postgres_bin/{postgres,initdb,pg_ctl,pg_isready,psql,pg_dump,pg_restore,pg_controldata}
  usr/bin/redis-check-rdb usr/bin/redis-server usr/bin/redis-cli
  usr/sbin/nginx usr/bin/prometheus bin/busybox
)
rootfs_data=(
  usr/share/postgresql/15 usr/lib/locale/C.utf8 usr/share/zoneinfo/UTC usr/share/zoneinfo/Etc/UTC
  usr/share/prometheus/web usr/share/nginx/html etc/nginx/mime.types etc/protocols etc/services
)

# Fetches the packages of an empty system, so that nothing is taken for granted that only this
# machine has. They are kept; what is no longer wanted goes.
packages_fetch() {
  local kept=$1 work=$2
  mkdir -p "$kept/partial"
  : >"$work/status"
  packages_apt() {
    apt-get -qq -o Dpkg::Use-Pty=0 -o Dir::State::status="$work/status" -o Acquire::Retries=3 \
      -o Dir::Cache::archives="$kept/" -o APT::Sandbox::User=root -o Debug::NoLocking=true "$@"
  }
  packages_get() { packages_apt install -d -y --no-install-recommends "${servers[@]}"; }
  packages_get || { apt-get -qq update && packages_get; } || return 1
  packages_apt autoclean >/dev/null
}

# Packages of which nothing is needed, and which cost the most to unpack.
packages_unneeded='^(libllvm|libz3|perl|libperl|locales|libc-l10n|dpkg|tar|passwd|openssl|iproute2|libjs-|fonts-|usrmerge|libdb5|postgresql-common|adduser|debconf|ucf|ssl-cert)'

packages_unpack() {
  local kept=$1 into=$2 name
  mkdir -p "$into"/usr/{bin,sbin,lib,lib64}
  for name in bin sbin lib lib64; do ln -s "usr/$name" "$into/$name"; done
  (cd "$kept" && ls ./*.deb | sed 's,^\./,,' | grep -vE "$packages_unneeded") |
    into=$into kept=$kept xargs -P "$(nproc)" -I{} sh -c \
      'dpkg-deb --fsys-tarfile "$kept/{}" | tar -x --keep-directory-symlink -C "$into" \
         --exclude="./usr/share/doc" --exclude="./usr/share/man" --exclude="./usr/share/locale" \
         --exclude="*/bitcode"'
}

rootfs_copy() {
  local path
  for path in "$@"; do
    (cd "$work/all" && cp -a --parents "$path" "$work/rootfs/")
  done
}

# The libraries that a program would load, found by the loader of the packages themselves: that of
# this machine would fall back to this machine's libraries and nobody would see it.
rootfs_libraries_of() {
  "$loader" --inhibit-cache --library-path "$library_path" --list "$1" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p'
}

rootfs_libraries() {
  local found library path
  library_path=$work/all/usr/lib/$(gcc -print-multiarch)
  loader=$(echo "$library_path"/ld-linux*.so.*)
  found=$(find "$work/rootfs" -type f \( -perm -100 -o -name '*.so*' \) -print0 |
    while IFS= read -r -d '' path; do
      # Scripts and static programs name no library.
      ! readelf -d "$path" 2>/dev/null | grep -q '(NEEDED)' || rootfs_libraries_of "$path"
    done | sort -u)
  [ -n "$found" ] || die "no library was found at all"
  for library in $found "$loader"; do
    case $library in
      "$work/all/"*) rootfs_copy_library "${library#"$work/all/"}" ;;
      *) die "a library would come from this machine: $library" ;;
    esac
  done
}

# A library is a link to its real name; the loader wants the link, so both are taken.
rootfs_copy_library() {
  local path=$1 target
  rootfs_copy "$path"
  target=$(readlink "$work/all/$path") || return 0
  rootfs_copy "$(dirname "$path")/$(basename "$target")"
}

rootfs_accounts() {
  local root=$1 entry name id
  : >"$root/etc/passwd"; : >"$root/etc/group"
  for entry in root:0 postgres:999 redis:998 nginx:997 conea:996 nobody:65534; do
    name=${entry%:*} id=${entry#*:}
    echo "$name:x:$id:$id:$name:/:/bin/sh" >>"$root/etc/passwd"
    echo "$name:x:$id:" >>"$root/etc/group"
  done
  echo "nogroup:x:65534:" >>"$root/etc/group"
  printf 'hosts: files dns\npasswd: files\ngroup: files\n' >"$root/etc/nsswitch.conf"
}

rootfs_folders() {
  local root=$1
  mkdir -p "$root"/{dev,proc,sys,tmp,root,data,prometheus,etc/prometheus,etc/nginx} \
    "$root"/{run/postgresql,var/log/nginx,var/lib/nginx,var/lib/postgresql/data,usr/local/bin}
  ln -s /run "$root/var/run"
  chmod 1777 "$root/tmp"
  chmod 700 "$root/var/lib/postgresql/data"
  chown 999:999 "$root"/{run/postgresql,var/lib/postgresql,var/lib/postgresql/data}
  chown 998:998 "$root/data"
  chown 65534:65534 "$root/prometheus"
}

rootfs_own_files() {
  local root=$1
  gcc -std=gnu17 -O2 -Wall -Wextra -D_GNU_SOURCE $(pkg-config --cflags libpq libmicrohttpd) \
    -o "$root/usr/local/bin/backend" "$here/backend.c" -lmicrohttpd -lpq -lpthread
  install -m 755 "$here/npm" "$root/usr/local/bin/npm"
  install -m 644 "$here/nginx.conf" "$here/grafana.conf" "$root/etc/nginx/"
}

rootfs_make() {
  local work=$1 name
  say "unpacking"
  packages_unpack "$cache/packages" "$work/all"
  mkdir -p "$work/rootfs"/usr/{bin,sbin,lib,lib64}
  for name in bin sbin lib lib64; do ln -s "usr/$name" "$work/rootfs/$name"; done
  rootfs_copy "${rootfs_programs[@]}" "${rootfs_data[@]}"
  (cd "$work/all" && cp -a --parents usr/lib/postgresql/15/lib/*.so "$work/rootfs/")
  rm -f "$work/rootfs/usr/lib/postgresql/15/lib/llvmjit"*
  rootfs_folders "$work/rootfs"
  rootfs_accounts "$work/rootfs"
  rootfs_own_files "$work/rootfs"
  rootfs_libraries
  # Where programs say that the loader is; in the packages it is a link to the file just taken.
  (cd "$work/all" && cp -a --parents usr/lib64/ld-linux*.so.* "$work/rootfs/" 2>/dev/null) || true
  (cd "$work/all" && cp -a --parents usr/lib/ld-linux*.so.* "$work/rootfs/" 2>/dev/null) || true
  chroot "$work/rootfs" /bin/busybox --install -s
}

# Runs initdb, postgres and redis inside the root file system; namespaces of its own see to it
# that nothing mounted or started outlives this.
data_make() {
  local work=$1
  say "initialising the database"
  mkdir -p "$work/data"
  cp -r "$here/rows.sql" "$here/foreign.sql" "$project/migrations" "$work/data/"
  sed -n 's/^POSTGRES_PASSWORD=//p' "$project/env" >"$work/data/password"
  unshare --mount --pid --ipc --net --fork --kill-child=KILL --mount-proc --propagation private \
    timeout -k 5 120 bash "$here/data.sh" "$work" || {
    tail -20 "$work/initdb.log"
    die "the database could not be made"
  }
}
