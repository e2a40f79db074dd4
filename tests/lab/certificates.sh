# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced: the laboratory's CA and the provider's certificate under it, in $lab/tls.

make_certificates() {
  local tls=$lab/tls address=$1 curve='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
  mkdir -p "$tls"
  {
    openssl req -x509 $curve -days 30 -subj '/CN=Laboratory CA' -keyout "$tls/ca.key" -out "$tls/ca.pem"
    openssl req $curve -subj '/CN=prov.phones.lab' -keyout "$tls/server.key" -out "$tls/server.csr"
    printf 'subjectAltName=DNS:prov.phones.lab,IP:%s\nextendedKeyUsage=serverAuth\n' "$address" >"$tls/server.ext"
    openssl x509 -req -in "$tls/server.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -days 30 -set_serial 2 \
      -extfile "$tls/server.ext" -out "$tls/server.pem"
  } 2>>"$lab/log/openssl.log"
}
