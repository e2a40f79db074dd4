#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Debian packages for building and for the laboratory.
#
#   packages.sh build      install what is missing of tests/packages/build.txt
#   packages.sh lab DIR    unpack tests/packages/lab.txt, and what it needs beyond this machine, into DIR
#
# The second list holds services, so it is unpacked and never installed: nothing of it starts here. Both are silent
# when there is nothing to do. A package that is being installed starts nothing either: Debian asks
# /usr/sbin/policy-rc.d first, and for as long as apt runs that file says no, unless the machine has one of its own.
set -eu

lists=$(cd "$(dirname "$0")/../packages" && pwd)
policy=/usr/sbin/policy-rc.d
marker='# temporary, made by resyncd packages.sh'

say() { printf '%s\n' "$*"; }
fail() { printf 'packages.sh: %s\n' "$*" >&2; exit 1; }

list() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$lists/$1.txt"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -- "$@"; fi
}

# apt for scripts: no questions, waits for another apt to end
apt() {
  as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -qq -o DPkg::Lock::Timeout=120 \
    -o Acquire::Retries=3 -o DPkg::Use-Pty=0 "$@" </dev/null
}

missing() {
  dpkg-query -W -f '${db:Status-Status} ${Package}\n' $(list build) 2>/dev/null | sed -n 's/^installed //p' | sort -u >"$work/have"
  list build | sort -u | comm -23 - "$work/have" | tr '\n' ' '
}

update() {
  apt update >"$work/update.log" 2>&1 || { cat "$work/update.log" >&2; say 'apt-get update had errors; going on with what it found' >&2; }
}

keep_quiet() {
  # one that an interrupted run left behind goes away as well
  if [ -e "$policy" ] && ! grep -qsF "$marker" "$policy"; then return; fi
  printf '#!/bin/sh\n%s\nexit 101\n' "$marker" >"$work/policy"
  trap 'speak_again; rm -rf "$work"' EXIT
  as_root install -m 755 "$work/policy" "$policy"
}

speak_again() {
  if grep -qsF "$marker" "$policy"; then as_root rm -f "$policy"; fi
}

install_build() {
  want=$(missing)
  [ -n "$want" ] || return 0
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || fail "not root and no sudo, but these packages are missing: $want"
  say "installing: $want"
  update
  keep_quiet
  apt install --yes --no-install-recommends $want >"$work/install.log" 2>&1 || { tail -n 30 "$work/install.log" >&2; fail 'apt-get install failed'; }
  speak_again
}

# The names apt would fetch here for the list: what the machine lacks, with all it needs
plan() {
  LC_ALL=C apt-get -s -qq --no-install-recommends -o Debug::NoLocking=1 install $(list lab) 2>"$work/plan.log" | sed -n 's/^Inst \([^ ]*\) .*/\1/p' | sort
}

unpack_lab() {
  root=$1
  mkdir -p "$(dirname "$root")"
  exec 9>"$root.lock"
  flock 9
  stamp=$({ cat "$lists/lab.txt"; dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n'; } | sha256sum | cut -d' ' -f1)
  if [ "$(cat "$root/.stamp" 2>/dev/null)" = "$stamp" ]; then return 0; fi
  if [ -e "$root/.plan" ] && plan >"$work/plan" && cmp -s "$work/plan" "$root/.plan"; then
    echo "$stamp" >"$root/.stamp"
    return 0
  fi
  say 'unpacking the laboratory: NetworkManager, dnsmasq, nginx and others (nothing of it is installed)'
  update
  plan >"$work/plan"
  grep -q '^E:' "$work/plan.log" && { cat "$work/plan.log" >&2; fail 'apt-get cannot find the packages of tests/packages/lab.txt'; }
  rm -rf "$root.new"
  mkdir -p "$root.new/usr/bin" "$root.new/usr/sbin" "$root.new/usr/lib" "$root.new/usr/lib64" "$root.new/etc" "$root.new/var" "$work/debs/partial"
  for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$root.new/$dir"; done
  apt -d --yes --no-install-recommends -o Debug::NoLocking=1 -o APT::Sandbox::User=root -o Dir::Cache::archives="$work/debs" \
    install $(list lab) >"$work/fetch.log" 2>&1 || { tail -n 30 "$work/fetch.log" >&2; fail 'downloading the packages of the laboratory failed'; }
  for deb in "$work"/debs/*.deb; do
    # a machine that has them all needs no download
    [ -e "$deb" ] || continue
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$root.new" || fail "cannot unpack $(basename "$deb")"
  done
  cp "$work/plan" "$root.new/.plan"
  echo "$stamp" >"$root.new/.stamp"
  rm -rf "$root"
  mv "$root.new" "$root"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
grep -qs '^ID=debian' /etc/os-release && grep -qs '^VERSION_ID="12"' /etc/os-release \
  || say 'packages.sh: this is not Debian 12; the package names may differ' >&2
case ${1:-} in
  build) install_build ;;
  lab) [ $# = 2 ] || fail 'lab needs a folder'; unpack_lab "$2" ;;
  *) sed -n '3,12s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
