# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced: what the laboratory's redirect and activation services know, and what a phone has to be told of them. KIND is
# redirect (the service knows the phone) or activation (only a code leads on).

redirect_mac=02005e005301
redirect_code=1234567890123456

# redirect_book KIND LISTEN TLS_FOLDER RULE
redirect_book() {
  printf '[Server]\nListen=%s\nCertificateFile=%s\nPrivateKeyFile=%s\n\n' "$2" "$3/server.pem" "$3/server.key"
  if [ "$1" = redirect ]; then printf '[phone %s]\n' "$redirect_mac"; else printf '[code %s]\n' "$redirect_code"; fi
  printf 'Rule=%s\n' "$4"
}

# redirect_discovery URL: lines of resyncd.conf
redirect_discovery() {
  printf '[Phone]\nMacAddress=%s\n[Discovery]\nRedirectUrl=%s\nActivationUrl=%s\n' "$redirect_mac" "$1/redirect?id=\$MAU:\$SN:\$PN" "$1/activate"
}
