# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by ./run and ./check, in the folder of the tree.

export LAB_ROOT=${LAB_ROOT:-$PWD/build/lab-root}
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
# a plain language for everything that is read by a program, and no bytecode in the tree
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
begun=$SECONDS
target=

# a line of progress with the seconds since the start
say() { printf '[%3d s] %s\n' $((SECONDS - begun)) "$*"; }

# the comment at the head of a script
usage() { sed -n '3,/^set /{/^set /d;s/^# \{0,1\}//p}' "$1"; }

# everything here needs root: packages, namespaces
become_root() {
  local script=$1
  shift
  [ "$(id -u)" != 0 ] || return 0
  if ! command -v sudo >/dev/null; then
    echo "$script: needs root, or sudo to become root" >&2
    exit 1
  fi
  exec sudo -- "$PWD/$script" "$@"
}

# what root made belongs to the person who called
give_back() {
  if [ -n "${SUDO_UID:-}" ] && [ -e "$1" ]; then chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$1"; fi
}

# until nobody else holds the lock; it goes with this process and what it starts
one_at_a_time() {
  exec 9>"$1"
  if ! flock -n 9; then
    [ -z "$2" ] || say "$2"
    flock 9
  fi
}

# build_tree FOLDER MESON_OPTION...: configures where needed, and builds, all or $target; its log is FOLDER.log
build_tree() {
  local folder=$1
  shift
  {
    if [ ! -e "$folder/build.ninja" ]; then
      rm -rf "$folder"
      meson setup "$folder" . "$@" || return 1
    fi
    meson compile -C "$folder" -j 2 ${target:+"$target"}
  } >"$folder.log" 2>&1 9>&- && return 0
  tail -n 40 "$folder.log" >&2
  return 1
}
