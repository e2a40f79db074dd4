#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What lab.sh runs in the new namespaces: their first process (init, run, box), and the commands that change a running
# laboratory (control).
set -eEu
trap 'echo "laboratory: line $LINENO of ${BASH_SOURCE[0]##*/} failed: $BASH_COMMAND" >&2' ERR
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/root.sh"
. "$here/certificates.sh"
. "$here/redirect.sh"
. "$here/services.sh"

# nothing of the caller's session reaches in: no proxy, no bus, no trust of its own, no language
plain_environment() {
  local name
  for name in $(compgen -e); do
    case $name in
      LAB_* | RESYNCD_* | G_* | MALLOC_* | ASAN_OPTIONS | UBSAN_OPTIONS | TERM | PWD) ;;
      *) unset "$name" ;;
    esac
  done
  export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/tmp PYTHONDONTWRITEBYTECODE=1 LAB_INSIDE=1
}

# the file system, and a network that has only loopback
box() {
  # a laboratory started by a command in a box has the box's view already
  if [ -z "${LAB_INSIDE:-}" ]; then
    private_root "$LAB_ROOT" "$LAB_SOURCE" "$LAB_RUN" ${LAB_BUILD:+"$LAB_BUILD"} "$PWD"
  else
    mount -t tmpfs -o mode=755 tmpfs /run
    mount -t tmpfs -o mode=1777 tmpfs /dev/shm
  fi
  private_kernel
  plain_environment
  mkdir -p /run/lab/log /run/lock /run/netns
  hostname phone
  echo phone >/etc/hostname
  ip link set lo up
  make_accounts
}

# folders on the phone that hold nothing yet, whatever this machine has there
fresh() {
  mkdir -p "$1"
  mount -t tmpfs -o "mode=$2" tmpfs "$1"
}

# the whole laboratory; returns when the phone has its lease
lab() {
  box
  fresh /var/lib/NetworkManager 755
  fresh /var/lib/dhcp 755
  [ ! -d "$LAB_RUN/log" ] || mount --bind "$LAB_RUN/log" /run/lab/log
  make_network
  start_provider
  install_phone
  start_bus
  configure_networkmanager
  start_nm
  wait_lease
}

verb=$1
shift
case $verb in
  init)
    lab && echo ok >"$LAB_RUN/ready" || echo failed >"$LAB_RUN/ready"
    # the namespaces live as long as this process, which also reaps what others leave
    while :; do sleep 3600 & wait $! || true; done
    ;;
  run)
    cd_back=$PWD
    lab >&2
    cd "$cd_back"
    trap - ERR
    set +e
    "$@"
    exit $?
    ;;
  box)
    cd_back=$PWD
    box
    cd "$cd_back"
    trap - ERR
    set +e
    "$@"
    exit $?
    ;;
  enter)
    plain_environment
    exec "$@"
    ;;
  control) "control_$1" "${@:2}" ;;
esac
