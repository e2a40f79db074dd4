#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A real systemd as the first process of namespaces of its own, with the box's /usr, /etc and /var (lab.sh box), for
# tests of units: sandboxing, sd_notify, bus activation and the journal work as on a phone.
#
#   systemd.sh boot DIR UNIT...   boots with these units wanted; DIR keeps the pid and the console
#   systemd.sh run DIR CMD...     runs CMD beside it
#   systemd.sh end DIR
#
# Only inside the box: it writes to the box's /etc.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${LAB_INSIDE:-}" ] || { echo 'systemd.sh: only inside lab.sh box' >&2; exit 2; }

first_pid() {
  local inner=
  read -r inner _ <"/proc/$(cat "$1/pid")/task/$(cat "$1/pid")/children" 2>/dev/null
  [ -n "$inner" ] && echo "$inner"
}

# nothing of the machine's own services starts
mask() {
  local name
  rm -rf /etc/systemd/system
  mkdir -p /etc/systemd/system/multi-user.target.wants
  for name in systemd-sysctl systemd-binfmt systemd-modules-load systemd-udevd systemd-udev-trigger systemd-timesyncd \
    systemd-resolved systemd-networkd systemd-firstboot systemd-machine-id-commit systemd-update-utmp console-getty \
    getty@tty1 systemd-logind e2scrub_reap keyboard-setup ifupdown-pre networking; do
    ln -s /dev/null "/etc/systemd/system/$name.service"
  done
  for name in apt-daily apt-daily-upgrade dpkg-db-backup e2scrub_all fstrim man-db logrotate systemd-tmpfiles-clean; do
    ln -s /dev/null "/etc/systemd/system/$name.timer"
  done
}

# the new root: the box's folders, and everything else new
make_root() {
  local root=$1 name
  mount -t tmpfs -o mode=755 tmpfs "$root"
  for name in usr etc var; do
    mkdir "$root/$name"
    mount --rbind "/$name" "$root/$name"
  done
  for name in bin sbin lib lib64; do
    [ ! -e "/usr/$name" ] || ln -s "usr/$name" "$root/$name"
  done
  mkdir "$root"/{proc,sys,dev,run,tmp,root,home,old}
  mount -t proc proc "$root/proc"
  mount --bind "$root/proc/sys" "$root/proc/sys"
  mount -o remount,bind,ro "$root/proc/sys"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup" && mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  for name in null zero full random urandom tty; do
    : >"$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
  done
  mkdir "$root"/dev/{pts,shm}
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  ln -s /proc/self/fd "$root/dev/fd"
}

case ${1:-} in
  boot)
    dir=$2
    shift 2
    mkdir -p "$dir/root" "$dir/cgroups"
    mask
    for unit; do ln -sf "/usr/lib/systemd/system/$unit" "/etc/systemd/system/multi-user.target.wants/$unit"; done
    : >/etc/fstab
    echo 0123456789abcdef0123456789abcdef >/etc/machine-id
    # a branch of the tree of control groups to itself
    mount -t cgroup2 cgroup2 "$dir/cgroups"
    # (the pid is that of a box, and another box has the same)
    branch=$(mktemp -d "$dir/cgroups/resyncd-test-XXXXXX")
    chmod 755 "$branch"
    echo "$branch" >"$dir/branch"
    bash -c 'echo $$ >"$1/cgroup.procs"; exec setsid setpriv --pdeathsig KILL unshare --net --mount --pid --ipc --uts \
      --cgroup --fork --kill-child=KILL --mount-proc --propagation private "$2" init "$3"' \
      _ "$branch" "$here/systemd.sh" "$dir" >"$dir/console" 2>&1 </dev/null &
    echo $! >"$dir/pid"
    for ((i = 0; i < 600; i++)); do
      kill -0 "$(cat "$dir/pid")" 2>/dev/null || break
      state=$("$here/systemd.sh" run "$dir" systemctl is-system-running 2>/dev/null)
      case $state in running | degraded) exec sleep infinity ;; esac
      sleep 0.1
    done
    tail -n 30 "$dir/console" >&2
    exit 1
    ;;
  init)
    set -e
    ip link set lo up
    make_root "$2/root"
    cd "$2/root"
    pivot_root . old
    umount -l /old
    exec env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 /lib/systemd/systemd --system \
      --unit=multi-user.target --log-target=console --show-status=yes
    ;;
  run)
    dir=$2
    shift 2
    pid=$(first_pid "$dir") || { echo 'systemd.sh: not up' >&2; exit 1; }
    exec nsenter -t "$pid" -m -n -p -i -u -C --root="/proc/$pid/root" --wdns=/ -- \
      env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 "$@"
    ;;
  end)
    dir=$2
    outer=$(cat "$dir/pid" 2>/dev/null) || exit 0
    inner=$(first_pid "$dir")
    kill -KILL "$outer" 2>/dev/null
    for pid in "$outer" $inner; do
      while read -r _ _ state _ 2>/dev/null <"/proc/$pid/stat" && [ "$state" != Z ]; do sleep 0.02; done
    done
    # a group is empty when the kernel says so
    branch=$(cat "$dir/branch")
    for ((i = 0; i < 250; i++)); do
      find "$branch" -depth -type d -exec rmdir {} \; 2>/dev/null
      [ -d "$branch" ] || break
      sleep 0.02
    done
    umount "$dir/cgroups"
    rm -f "$dir/pid"
    ;;
  *)
    sed -n '3,/^set -u/s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
