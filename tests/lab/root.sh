# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by inside.sh: the file system that the laboratory sees. In a mount namespace of its own, /usr, /etc and /var
# become this machine's with the laboratory's packages laid over them (so that each program is at the path it was
# compiled for), and whatever is written there goes to a tmpfs that dies with the namespace. /run, /tmp, /var/tmp and
# /dev/shm are empty and private; /sys belongs to the private network and is read-only, for which NetworkManager does
# not wait for udev.

# is $1 below a directory that private_root replaces?
replaced() {
  case $1/ in /tmp/* | /run/* | /var/* | /usr/* | /etc/* | /dev/shm/*) return 0 ;; *) return 1 ;; esac
}

# is $1 one of the other folders, or below one?
below_any() {
  local path=$1 dir
  shift
  for dir in "$@"; do
    case $path/ in "$dir"/*) return 0 ;; esac
  done
  return 1
}

# private_root LABROOT KEEP...: KEEP are folders that stay what they are, wherever they lie
private_root() {
  local labroot=$1 stage used lower dir i
  local -a kept=()
  shift
  for dir in "$@"; do
    if [ -d "$dir" ] && replaced "$dir" && ! below_any "$dir" "${kept[@]}"; then kept+=("$dir"); fi
  done
  # a tmpfs over a folder that nobody needs meanwhile holds the upper layers and the folders to keep
  for stage in /mnt /media /srv /opt; do
    used=no
    for dir in "$labroot" "$@"; do
      if below_any "$dir" $stage; then used=yes; fi
    done
    [ $used = yes ] || break
  done
  mount -t tmpfs -o mode=755 tmpfs $stage
  mkdir $stage/root
  mount --bind "$labroot" $stage/root
  for ((i = 0; i < ${#kept[@]}; i++)); do
    mkdir "$stage/$i"
    mount --bind "${kept[i]}" "$stage/$i"
  done
  for dir in usr etc var; do
    mkdir -p "$stage/$dir/up" "$stage/$dir/work"
    lower=/$dir
    [ ! -d "$stage/root/$dir" ] || lower=$stage/root/$dir:/$dir
    mount -t overlay -o "lowerdir=$lower,upperdir=$stage/$dir/up,workdir=$stage/$dir/work" lab "/$dir"
  done
  mount -t tmpfs -o mode=755 tmpfs /run
  for dir in /tmp /var/tmp /dev/shm; do mount -t tmpfs -o mode=1777 tmpfs "$dir"; done
  for ((i = 0; i < ${#kept[@]}; i++)); do
    mkdir -p "${kept[i]}"
    mount --move "$stage/$i" "${kept[i]}"
  done
  umount $stage/root
  umount -l $stage
}

# /proc and /sys of the new namespaces; the kernel's switches are the machine's and stay read-only, but for the
# private network's
private_kernel() {
  mount -t sysfs -o ro sysfs /sys
  mkdir /run/sysctl
  mount --bind /proc/sys/net /run/sysctl
  mount --bind /proc/sys /proc/sys
  mount -o remount,bind,ro /proc/sys
  mount --move /run/sysctl /proc/sys/net
  rmdir /run/sysctl
}
