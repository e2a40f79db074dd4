#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The laboratory: a phone (NetworkManager, a system bus, resyncd) and a provider (DHCP, DNS, TFTP, HTTP, HTTPS) in
# namespaces of their own. Nothing of the machine is changed, and killing one process removes all of it.
#
#   lab.sh up                     start it; returns when the phone has its lease
#   lab.sh phone CMD...           run CMD on the phone
#   lab.sh server CMD...          run CMD on the provider's host, 10.77.0.1, prov.phones.lab
#   lab.sh options FILE           new DHCP options (dnsmasq lines, or a name of tests/lab/conf/options-NAME.conf)
#   lab.sh serve FILE             the profile that the phone finds at its first default path
#   lab.sh redirect KIND          a redirect service that knows the phone (KIND redirect), or knows a code (activation)
#   lab.sh firmware               two slots, RAUC and logind below the phone, which is restarted when that is asked for
#   lab.sh link up|down           the cable
#   lab.sh renew                  the phone takes its lease anew, at once
#   lab.sh restart SERVICE        dnsmasq, nginx, atftpd, bus or nm
#   lab.sh resyncd start|stop     the daemon, as user resyncd
#   lab.sh inform start|stop      resyncd-inform, which the daemon asks for options that NetworkManager does not show
#   lab.sh down                   end it
#   lab.sh run CMD...             a laboratory for one command, which runs on the phone
#   lab.sh box CMD...             only the private file system and an empty network, for one command
#   lab.sh hold                   as up, but stays, and ends with its parent
#   lab.sh wait                   until one started with hold is ready
#
# Settings (environment):
#   LAB_RUN       state folder on the outside           [build/lab-run of the source tree]
#   LAB_ROOT      the unpacked packages                 [build/lab-root of the source tree; made by packages.sh]
#   LAB_BUILD     a build folder to install on the phone (configured with --prefix=/usr)  [$RESYNCD_BUILD_DIR, or none]
#   LAB_OPTIONS   DHCP options at the start             [all]
#   LAB_DHCP      dhclient | internal                   [dhclient]
#   LAB_WAIT      seconds for the first lease           [20]
# `run` and `box` need root, as the others do.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=$(cd "$here/../.." && pwd)
export LAB_SOURCE=$source_dir
export LAB_RUN=${LAB_RUN:-$source_dir/build/lab-run}
export LAB_ROOT=${LAB_ROOT:-$source_dir/build/lab-root}
export LAB_BUILD=${LAB_BUILD-${RESYNCD_BUILD_DIR:-}}
export LAB_OPTIONS=${LAB_OPTIONS:-all} LAB_DHCP=${LAB_DHCP:-dhclient} LAB_WAIT=${LAB_WAIT:-20}

fail() {
  echo "lab.sh: $*" >&2
  exit 1
}

# the pid on the outside of the namespaces' first process
first_pid() {
  local outer inner=
  outer=$(cat "$LAB_RUN/pid" 2>/dev/null) || return 1
  # a pid may belong to somebody else by now
  tr '\0' ' ' <"/proc/$outer/cmdline" 2>/dev/null | grep -qF "$here/inside.sh" || return 1
  read -r inner _ <"/proc/$outer/task/$outer/children"
  [ -n "$inner" ] && echo "$inner"
}

# in the laboratory, from the outside or from a command that runs in it
enter() {
  local pid
  if [ -n "${LAB_INSIDE:-}" ]; then exec "$@"; fi
  pid=$(first_pid) || fail 'the laboratory is not up'
  exec nsenter -t "$pid" -m -n -p -i -u --wd=/ -- "$here/inside.sh" enter "$@"
}

check_ready() {
  [ "$(id -u)" = 0 ] || fail 'needs root'
  [ -e "$LAB_ROOT/.stamp" ] || fail "no packages in $LAB_ROOT; make them with: tests/lab/packages.sh lab $LAB_ROOT"
}

spaces=(unshare --net --mount --pid --ipc --uts --fork --kill-child=KILL --mount-proc --propagation private --)

start() {
  check_ready
  if first_pid >/dev/null; then fail "already up (state in $LAB_RUN)"; fi
  rm -rf "$LAB_RUN"
  mkdir -p "$LAB_RUN/log"
}

wait_ready() {
  local outer
  # a file is there a moment before what is written to it
  until [ -s "$LAB_RUN/ready" ]; do
    outer=$(cat "$LAB_RUN/pid" 2>/dev/null) && [ -n "$outer" ] && ! kill -0 "$outer" 2>/dev/null && break
    sleep 0.05
  done
  if [ "$(cat "$LAB_RUN/ready" 2>/dev/null)" != ok ]; then
    tail -n 20 "$LAB_RUN/log/init.log" >&2
    fail "the laboratory did not come up; its logs are in $LAB_RUN/log"
  fi
}

gone() { ! read -r _ _ state _ 2>/dev/null <"/proc/$1/stat" || [ "$state" = Z ]; }

end() {
  local outer inner tries=500
  inner=$(first_pid) || { rm -f "$LAB_RUN/pid"; return 0; }
  outer=$(cat "$LAB_RUN/pid")
  # the namespaces' first process dies with it, and the kernel ends the rest
  kill -KILL "$outer" 2>/dev/null
  # it lasts until the last process in there is reaped, which in a container may be never
  until { gone "$outer" && gone "$inner"; } || [ $((tries -= 1)) = 0 ]; do sleep 0.02; done
  rm -f "$LAB_RUN/pid" "$LAB_RUN/ready"
}

case ${1:-} in
  up)
    start
    setsid "${spaces[@]}" "$here/inside.sh" init >"$LAB_RUN/log/init.log" 2>&1 </dev/null &
    echo $! >"$LAB_RUN/pid"
    wait_ready
    ;;
  hold)
    start
    echo $$ >"$LAB_RUN/pid"
    exec setpriv --pdeathsig KILL "${spaces[@]}" "$here/inside.sh" init >"$LAB_RUN/log/init.log" 2>&1 </dev/null
    ;;
  wait) wait_ready ;;
  run | box)
    check_ready
    [ $# -ge 2 ] || fail "$1 needs a command"
    exec "${spaces[@]}" "$here/inside.sh" "$@"
    ;;
  phone)
    shift
    enter "${@:-bash}"
    ;;
  server)
    shift
    enter ip netns exec server "${@:-bash}"
    ;;
  options | redirect | firmware | link | renew | restart | resyncd | inform)
    [ "$1" != options ] || [ ! -e "${2:-}" ] || set -- options "$(realpath "$2")"
    enter "$here/inside.sh" control "$@"
    ;;
  serve)
    # the file may lie in a folder that the laboratory does not see
    [ -r "${2:-}" ] || fail 'serve needs a file'
    enter "$here/inside.sh" control serve /dev/stdin <"$2"
    ;;
  down) end ;;
  *)
    sed -n '3,/^set -u/s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
