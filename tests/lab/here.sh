# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by ./run, for machines on which nobody can make namespaces: the same phone without NetworkManager, on a bus of
# its own, and the provider's servers on ports of loopback. Each process ends with the script that started it.
# Expects LAB_RUN, LAB_ROOT, and build, the build folder, of which nothing is installed.

here_dir=$LAB_RUN
here_env=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/nonexistent)
# the unpacked packages are not where they were compiled for
here_server=("${here_env[@]}" "LD_LIBRARY_PATH=$LAB_ROOT/usr/lib/$(gcc -print-multiarch 2>/dev/null)")

here_launch() {
  local name=$1
  shift
  setsid setpriv --pdeathsig TERM "$@" >>"$here_dir/log/$name.log" 2>&1 </dev/null 8>&- 9>&- &
  echo $! >"$here_dir/$name.pid"
}

here_await() {
  local what=$1 tries=200
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { echo "run: waited in vain for $what; see $here_dir/log" >&2; return 1; }
    sleep 0.05
  done
}

here_port() {
  /usr/bin/python3 -c 'import socket, sys
probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if sys.argv[1] == "tftp" else socket.SOCK_STREAM)
probe.bind(("127.0.0.1", 0))
print(probe.getsockname()[1])' "$1"
}

# nginx on one port of loopback: here_nginx http|https PORT
here_nginx() {
  local listen=$2
  [ "$1" = http ] || listen="$listen ssl"
  # the other server block stays, on a socket that nobody uses
  sed -e "s|/run/lab|$here_dir|g" -e '/listen \[::\]/d' -e "s|listen 80;|listen unix:$here_dir/http;|" \
    -e "s|listen 443 ssl;|listen unix:$here_dir/https ssl;|" -e "s|listen unix:$here_dir/$1[ ssl]*;|listen 127.0.0.1:$listen;|" \
    tests/lab/conf/nginx.conf >"$here_dir/nginx.conf"
  here_launch nginx "${here_server[@]}" "$LAB_ROOT/usr/sbin/nginx" -e stderr -p "$here_dir" -c "$here_dir/nginx.conf"
  here_await nginx bash -c ": </dev/tcp/127.0.0.1/$2"
}

here_tftp() {
  here_launch atftpd "${here_server[@]}" "$LAB_ROOT/usr/sbin/atftpd" --daemon --no-fork --user "$(id -un).$(id -gn)" \
    --logfile - --bind-address 127.0.0.1 --port "$1" "$here_dir/www"
  here_await atftpd grep -q ":$(printf %04X "$1") " /proc/net/udp
}

# a redirect or activation service on a port of loopback: here_redirect KIND PORT RULE
here_redirect() {
  mkdir -p "$here_dir/redirect"
  redirect_book "$1" "127.0.0.1:$2" "$here_dir/tls" "$3" >"$here_dir/redirect.conf"
  here_launch redirect "${here_env[@]}" "$build/src/redirect/resyncd-redirect" --config "$here_dir/redirect.conf" \
    --state-dir "$here_dir/redirect"
  here_await resyncd-redirect bash -c ": </dev/tcp/127.0.0.1/$2"
}

# the daemon's configuration, with option 66 as a lease would give it, if any
here_configuration() {
  sed '/^\[Network\]/,$d' tests/lab/conf/resyncd.conf
  printf '[Network]\nManager=none\nOptions=%s\n\n[Tls]\nCaFile=%s\nSystemCa=false\n\n' "$1" "$here_dir/tls/ca.pem"
  # a container's system call filter may refuse Landlock
  printf '[Worker]\nAllowWeakSandbox=true\n'
}

here_up() {
  local server=$1 profile=$2 port url options redirect_port=
  rm -rf "$here_dir"
  mkdir -p "$here_dir"/{log,www,tls,nginx,state,run}
  touch "$here_dir/here"
  [ "$profile" = none ] || install -m 644 "$profile" "$here_dir/www/LAB-8851.cfg" || return 1
  port=$(here_port "$server")
  url=$server://127.0.0.1:$port
  options=66=$url
  case $server in redirect | activation) url=https://127.0.0.1:$port options= ;; esac
  (lab=$here_dir; . tests/lab/certificates.sh; make_certificates 127.0.0.1) || return 1
  case $server in
    tftp) here_tftp "$port" || return 1 ;;
    redirect | activation)
      redirect_port=$(here_port "$server")
      here_nginx https "$port" || return 1
      here_redirect "$server" "$redirect_port" "$url/\$PN.cfg" || return 1
      ;;
    *) here_nginx "$server" "$port" || return 1 ;;
  esac
  say "the provider serves $profile at $url; ${options:+option 66 names it}${redirect_port:+the service at port $redirect_port leads there}"
  here_configuration "$options" >"$here_dir/resyncd.conf"
  [ -z "$redirect_port" ] || redirect_discovery "https://127.0.0.1:$redirect_port" >>"$here_dir/resyncd.conf"
  sed "s|@SOCKET@|$here_dir/bus|" tests/lab/conf/bus-here.conf >"$here_dir/bus.conf"
  here_launch bus "${here_env[@]}" dbus-daemon --nofork --nopidfile --config-file="$here_dir/bus.conf"
  here_await 'the bus' test -S "$here_dir/bus" || return 1
  here_launch resyncd "${here_env[@]}" STATE_DIRECTORY="$here_dir/state" RUNTIME_DIRECTORY="$here_dir/run" \
    "$build/src/service/resyncd" --address "unix:path=$here_dir/bus" --config "$here_dir/resyncd.conf" \
    --worker "$build/src/fetch/resyncd-worker" --catalogue "$PWD/data/catalogue"
  here_await resyncd here_phone resyncctl get Profile_Rule || return 1
  echo ok >"$here_dir/ready"
}

# resyncctl and shells find the phone's bus
here_phone() {
  local bus=unix:path=$here_dir/bus
  if [ "$1" = resyncctl ]; then
    shift
    "$build/src/ctl/resyncctl" --address "$bus" "$@"
  else
    DBUS_SYSTEM_BUS_ADDRESS=$bus PATH=$build/src/ctl:$PATH "$@"
  fi
}

here_down() {
  local name file pid
  # the daemon before its bus
  for name in resyncd bus nginx atftpd redirect; do
    file=$here_dir/$name.pid
    pid=$(cat "$file" 2>/dev/null) || continue
    # a pid may belong to somebody else by now
    if grep -qsF "$here_dir" "/proc/$pid/cmdline"; then
      kill "$pid"
      here_await "the end of $pid" test ! -e "/proc/$pid" || kill -KILL "$pid"
    fi
    rm -f "$file"
  done
  find "$here_dir" -mindepth 1 -maxdepth 1 ! -name log ! -name status.json -exec rm -rf {} +
}
