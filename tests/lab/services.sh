# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by inside.sh: the parts of the laboratory, each with its start, and what lab.sh can change while they run.
# Everything keeps its state in /run/lab: NAME.pid, log/NAME.log, www/ (what TFTP and HTTP serve), tls/.

lab=/run/lab
conf=$here/conf

fail() {
  echo "laboratory: $*" >&2
  exit 1
}

# until COMMAND is true, at most SECONDS
await() {
  local what=$1 tries=$(($2 * 20))
  shift 2
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || fail "waited in vain for $what"
    sleep 0.05
  done
}

# launch NAME COMMAND...: in the background, with a log; `stop NAME` ends it
launch() {
  local name=$1
  shift
  # how strict a test wants GLib and malloc to be is no matter of NetworkManager's
  setsid env -u G_DEBUG -u G_MESSAGES_DEBUG -u MALLOC_CHECK_ "$@" >>"$lab/log/$name.log" 2>&1 </dev/null 9>&- &
  echo $! >"$lab/$name.pid"
}

stop() {
  local pid
  pid=$(cat "$lab/$1.pid" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null || true
  await "the end of $1" 10 ended "$pid"
  rm -f "$lab/$1.pid"
}

ended() {
  local state=
  ! read -r _ _ state _ <"/proc/$1/stat" || [ "$state" = Z ]
}

alive() { kill -0 "$(cat "$lab/$1.pid")"; }

on_server() { ip netns exec server "$@"; }

provider_ipv6() { ip -n server address replace fd77::1/64 dev srv0 nodad; }

# one cable: eth0 of the phone, srv0 of the provider
make_network() {
  ip netns add server
  ip link add eth0 address 02:00:5e:00:53:01 type veth peer name srv0 netns server
  ip -n server link set lo up
  ip -n server address add 10.77.0.1/24 dev srv0
  provider_ipv6
  ip -n server link set srv0 up
}

# the users that packages would have made, those of resyncd, and one caller of each class
make_accounts() {
  local file
  for file in "$LAB_SOURCE/systemd/resyncd.sysusers" "$conf/lab.sysusers"; do
    [ ! -e "$file" ] || systemd-sysusers "$file" >>"$lab/log/accounts.log" 2>&1
  done
}

use_options() {
  local file=$1
  [ -e "$file" ] || file=$conf/options-$1.conf
  [ -e "$file" ] || fail "no such DHCP options: $1"
  cp "$file" "$lab/options.conf"
}

start_dnsmasq() {
  rm -f "$lab/dnsmasq.ready"
  launch dnsmasq ip netns exec server dnsmasq --keep-in-foreground -C "$conf/dnsmasq.conf"
  # written when its sockets are bound
  await dnsmasq 10 test -s "$lab/dnsmasq.ready"
}

start_nginx() {
  mkdir -p "$lab/nginx"
  launch nginx ip netns exec server nginx -e stderr -c "$conf/nginx.conf"
  await nginx 10 on_server bash -c ': </dev/tcp/10.77.0.1/443'
}

# a second TFTP server, one that knows windowsize
start_atftpd() {
  launch atftpd ip netns exec server atftpd --daemon --no-fork --user root.root --logfile - --port 1069 "$lab/www"
  await atftpd 10 on_server grep -q ':042D ' /proc/net/udp
}

start_provider() {
  mkdir -p "$lab/www"
  use_options "$LAB_OPTIONS"
  make_certificates 10.77.0.1
  start_dnsmasq
  start_nginx
  start_atftpd
}

# a build folder's resyncd at its real paths, and the laboratory's CA as one of the phone's roots
install_phone() {
  mkdir -p /etc/resyncd
  cp "$conf/resyncd.conf" /etc/resyncd/resyncd.conf
  cp "$lab/tls/ca.pem" /etc/resyncd/lab-ca.pem
  [ -n "$LAB_BUILD" ] || return 0
  # a laboratory in a box finds it installed
  [ ! -e /usr/lib/lab-installed ] || return 0
  meson install -C "$LAB_BUILD" --no-rebuild --quiet >"$lab/log/install.log" 2>&1 || fail "cannot install $LAB_BUILD: $(tail -n 3 "$lab/log/install.log")"
  touch /usr/lib/lab-installed
}

start_bus() {
  mkdir -p /run/dbus
  launch bus dbus-daemon --system --nofork --nopidfile
  await 'the system bus' 10 test -S /run/dbus/system_bus_socket
}

configure_networkmanager() {
  local nm=/etc/NetworkManager data=$LAB_SOURCE/data/networkmanager
  rm -rf $nm /usr/lib/NetworkManager/conf.d /etc/dhcp/dhclient*.conf /etc/resolv.conf
  mkdir -p $nm/conf.d $nm/system-connections $nm/dispatcher.d
  cp "$conf/NetworkManager.conf" $nm/
  install -m 600 "$conf/phone.nmconnection" $nm/system-connections/
  # a phone image's own files: the DHCP client, and the options it asks for
  cp "$data/50-phone.conf" $nm/conf.d/
  cp "$data/dhclient.conf" "$data/dhclient6.conf" $nm/
  [ "$LAB_DHCP" = dhclient ] || printf '[main]\ndhcp=%s\n' "$LAB_DHCP" >$nm/conf.d/60-lab.conf
}

unowned() {
  [ "$(busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus NameHasOwner s "$1")" = 'b false' ]
}

start_nm() {
  # the bus hears of the end of the one before in its own time, and a second one gives up at once
  await 'the name of NetworkManager' 10 unowned org.freedesktop.NetworkManager
  launch nm NetworkManager --debug --log-level=INFO
}

connected() { [ "$(nmcli -g GENERAL.STATE device show eth0)" = '100 (connected)' ]; }

wait_lease() { await "the phone's lease" "$LAB_WAIT" connected; }

# (busctl status would want a tree of control groups, which the laboratory has none of)
resyncd_answers() {
  alive resyncd || fail "resyncd has ended: $(tail -n 1 $lab/log/resyncd.log)"
  busctl --auto-start=no get-property org.resyncd.Provisioning1 /org/resyncd/Provisioning1 org.resyncd.Provisioning1 Version
}

# the daemon as its unit starts it: its own user, no privileges, its own folders
start_resyncd() {
  local exec
  exec=$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/resyncd.service /lib/systemd/system/resyncd.service 2>/dev/null | head -n 1)
  [ -n "$exec" ] || fail 'resyncd is not installed on this phone; LAB_BUILD names a build folder'
  install -d -o resyncd -g resyncd -m 700 /var/lib/resyncd
  install -d -o resyncd -g resyncd -m 755 /run/resyncd
  launch resyncd setpriv --reuid resyncd --regid resyncd --init-groups --inh-caps=-all --bounding-set=-all --no-new-privs \
    env -u LAB_INSIDE HOME=/ STATE_DIRECTORY=/var/lib/resyncd RUNTIME_DIRECTORY=/run/resyncd CONFIGURATION_DIRECTORY=/etc/resyncd \
    $exec
  await 'resyncd on the bus' 10 resyncd_answers
}

# resyncd-inform as its units start it: a process a connection, with one capability
start_inform() {
  local exec
  exec=$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/resyncd-inform@.service /lib/systemd/system/resyncd-inform@.service 2>/dev/null | head -n 1)
  [ -n "$exec" ] || fail 'resyncd-inform is not installed on this phone; LAB_BUILD names a build folder'
  rm -f /run/resyncd-inform.socket
  launch inform env -u LAB_INSIDE systemd-socket-activate --accept --inetd --listen=/run/resyncd-inform.socket setpriv --reuid nobody \
    --regid nogroup --clear-groups --bounding-set=-all,+net_raw --inh-caps=-all,+net_raw --ambient-caps=-all,+net_raw --no-new-privs $exec
  await resyncd-inform 10 test -S /run/resyncd-inform.socket
  chown resyncd:resyncd /run/resyncd-inform.socket
  chmod 600 /run/resyncd-inform.socket
}

control_options() {
  use_options "$1"
  control_restart dnsmasq
}

# what the phone's default paths find: /$PN.cfg of conf/resyncd.conf
control_serve() { install -m 644 "$1" "$lab/www/LAB-8851.cfg"; }

# the provider's, at prov.phones.lab:8443; the phone is told of it before its daemon starts
control_redirect() {
  install -d -m 700 "$lab/redirect"
  redirect_book "$1" 10.77.0.1:8443 "$lab/tls" 'https://prov.phones.lab/$PN.cfg' >"$lab/redirect.conf"
  launch redirect ip netns exec server resyncd-redirect --config "$lab/redirect.conf" --state-dir "$lab/redirect"
  await resyncd-redirect 10 on_server bash -c ': </dev/tcp/10.77.0.1/8443'
  mkdir -p /etc/resyncd/resyncd.conf.d
  redirect_discovery https://prov.phones.lab:8443 >/etc/resyncd/resyncd.conf.d/redirect.conf
}

# before the phone's daemon starts
control_firmware() {
  mkdir -p /etc/resyncd/resyncd.conf.d
  launch firmware /usr/bin/python3 "$here/firmware.py" phone
  await 'the firmware of the phone' 20 test -e "$lab/firmware.ready"
}

control_link() {
  case $1 in
    down) ip -n server link set srv0 down ;;
    up)
      ip -n server link set srv0 up
      # an IPv6 address goes with the link and does not come back by itself
      provider_ipv6
      ;;
    *) fail 'link up or link down' ;;
  esac
}

# no way of NetworkManager's asks again without letting the address go for a moment
control_renew() { nmcli --wait 20 connection up phone >/dev/null; }

control_restart() {
  case $1 in
    dnsmasq | nginx | atftpd | bus | nm | resyncd) ;;
    *) fail "no service $1" ;;
  esac
  stop "$1"
  "start_$1"
}

control_inform() {
  case $1 in
    start) start_inform ;;
    stop)
      stop inform
      rm -f /run/resyncd-inform.socket
      ;;
    *) fail 'inform start or inform stop' ;;
  esac
}

control_resyncd() {
  case $1 in
    start) start_resyncd ;;
    stop) stop resyncd ;;
    *) fail 'resyncd start or resyncd stop' ;;
  esac
}
