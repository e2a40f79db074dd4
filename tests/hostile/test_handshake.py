#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""TLS that is no TLS, too old, without end, cut, bent, or wants more than it should."""

import contextlib
import os
import ssl
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import harness  # noqa: E402
import provider  # noqa: E402
import records  # noqa: E402
from harness import Case  # noqa: E402
from lib import scripted, servers, tap, wait  # noqa: E402
from provider import ADDRESS  # noqa: E402
from records import Relay, alert, message, record, say, server_hello  # noqa: E402

NO_TLS = 'the server does not speak TLS on this port, or broke it off; check scheme and port'
UNEXPECTED = 'TLS failed: .*unexpected TLS handshake packet'
CIPHER = 'TLS failed: .*negotiate a supported cipher suite'
CUT = 'the connection ended before the whole file had come'
VERSION = ssl.TLSVersion
# more than a window of TCP, so that a cut is never at the end
LONG = '<flat-profile>' + '<!-- 0123456789 -->' * 10000 + '<GPP_A>evil</GPP_A></flat-profile>'
# what it says where the byte at this offset has another bit, which is never in a length: then it waits for more
_ALWAYS = {0: NO_TLS, 1: NO_TLS, 4: NO_TLS, 5: UNEXPECTED, 9: NO_TLS}
_CERTIFICATE = 'Unacceptable TLS certificate|is not one for servers or cannot be verified|comes from an issuer that is not trusted'
BENT = {
    # random bytes, session, extensions, key; the rest is encrypted
    VERSION.TLSv1_3: {**_ALWAYS, 20: NO_TLS, 45: NO_TLS, 60: NO_TLS, 90: 'Invalid TLS extensions length', 110: 'The public key is invalid',
                      300: NO_TLS, 500: NO_TLS},
    # random bytes, cipher, extensions, certificate
    VERSION.TLSv1_2: {**_ALWAYS, 20: 'signature verification has failed', 45: CIPHER, 60: 'Bad record MAC',
                      **dict.fromkeys((90, 110, 300, 500), _CERTIFICATE)},
}


def first(name, *parts, says, again=False, close=False, error='Untrusted'):
    """A row: the client's hello is answered with these parts."""
    return Case(name, error=error, message=says, server=lambda: provider.played(say(*parts, again=again, close=close)))


def real(**options):
    """The provider itself, with these options of scripted.context()."""
    return provider.web(scripted.context(provider.good(), **options))


class Behind:
    """A relay and the real server behind it; body: of the reply."""

    def __init__(self, body, newest, **harm):
        self._real = provider.web(scripted.context(provider.good(), newest=newest), body=body)
        self._relay = provider.played(Relay((ADDRESS, self._real.port), **harm))
        self.url = self._relay.url

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._relay.close()
        self._real.close()


def harmed(name, says, error='Untrusted', body=harness.EVIL, newest=VERSION.TLSv1_3, **harm):
    """A row: what a real server says comes through a Relay."""
    return Case(name, error=error, message=says, server=lambda: Behind(body, newest, **harm))


class Interactive:
    """`openssl s_server`, which takes a command a line: r and R renegotiate, k and K change keys. When a request has come, it
    is given the commands and then the reply, each when what was before is done."""

    def __init__(self, version, command, times):
        certificate = provider.good()
        self.port = servers.free_port(host=ADDRESS)
        provider.named(self)
        self._script, self._handshakes, self._finished = [command] * times, 1 + times * (command in 'rR'), 0
        self._process = subprocess.Popen(
            [*wait.TOGETHER, 'stdbuf', '-oL', 'openssl', 's_server', '-accept', f'{ADDRESS}:{self.port}', '-cert', certificate.chain,
             '-key', certificate.key, '-state', version], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        wait.until(lambda: b'ACCEPT' in self._process.stdout.readline(), 'openssl s_server')
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    def _play(self):
        reply = harness.Reply(body=harness.GOOD)
        try:
            self._hear(lambda line: line == b'\r\n')
            for command in self._script:
                self._say(command.encode() + b'\n')
                self._hear(lambda line: line.startswith(b'SSL_do_handshake -> '))
            while self._finished < self._handshakes:
                self._hear(lambda line: True)
            self._say(reply.head() + reply.body)
        except (BrokenPipeError, EOFError):
            return

    def _hear(self, good):
        """Reads on until a line is good."""
        while line := self._process.stdout.readline():
            self._finished += line == b'SSL_accept:SSLv3/TLS read finished\n'
            if good(line):
                return
        raise EOFError

    def _say(self, text):
        self._process.stdin.write(text)
        self._process.stdin.flush()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        self._process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()


@harness.table(sections=provider.SECTIONS)
def first_words():
    """HTTP-5, HTTP-9: what comes instead of a server's hello"""
    return [
        first('nothing', says=NO_TLS, close=True),
        first('HTTP', b'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n', says=NO_TLS),
        Case('a web server without TLS', error='Untrusted', message=NO_TLS,
             server=lambda: provider.root() and provider.named(servers.Nginx(host=ADDRESS))),
        first('SSH', b'SSH-2.0-Nothing\r\n', says=NO_TLS),
        first('zeros', bytes(5000), says=NO_TLS),
        first('all ones', b'\xff' * 5000, says=NO_TLS),
        first('SSL 2', b'\x80\x2e\4\0\1\0\2\0\x10\0\0\0\0\0' + bytes(34), says=NO_TLS),
        first('the clients own words', message(1, b'\3\3' + bytes(32) + b'\0\0\2\0\5\1\0'), says=UNEXPECTED),
        first('alert handshake failure', alert(2, 40), says='Handshake failed'),
        first('alert unrecognized name', alert(2, 112), says='The server name sent was not recognized'),
        first('alert protocol version', alert(2, 70), says='too old; it must offer TLS 1.2 or newer'),
        first('alert unknown authority', alert(2, 48), says='CA is unknown'),
        first('alert certificate required', alert(2, 116), says='the server wants a client certificate; check CertificateFile'),
        first('alert that nobody knows', alert(2, 255), says='TLS failed: '),
        first('alert of no level', alert(9, 40), says=NO_TLS, close=True),
        first('alert cut', record(records.ALERT, b'\2'), says=NO_TLS),
        first('alert of nothing', record(records.ALERT, b''), says=NO_TLS),
        first('goodbye', alert(1, 0), says='Peer has terminated the connection'),
        first('record of 65535 bytes', record(records.HANDSHAKE, b'x' * 20, length=65535), says='packet with invalid length'),
        first('record of 0 bytes', record(records.HANDSHAKE, b''), says=NO_TLS),
        first('record of no version', record(records.HANDSHAKE, b'x' * 20, version=b'\0\0'), says=NO_TLS),
        first('record of no type', record(99, b'x' * 20), says=NO_TLS),
        first('record is cut', record(records.HANDSHAKE, b'x' * 20, length=200), says=NO_TLS, close=True),
        first('warnings without end', alert(1, 112) * 1000, says='TLS failed: ', again=True),
        first('other warnings without end', alert(1, 100) * 1000, says='TLS failed: ', again=True),
        first('changes of cipher without end', record(records.CHANGE_CIPHER, b'\1') * 1000, says=NO_TLS, again=True),
        first('empty records without end', record(records.HANDSHAKE, b'') * 1000, says=NO_TLS, again=True),
        first('data without end', record(records.DATA, b'x' * 16000), says=NO_TLS, again=True),
        first('heartbeats without end', record(records.HEARTBEAT, b'\1\0\4abcd') * 1000, says=NO_TLS, again=True),
        first('requests for a hello without end', message(records.HELLO_REQUEST, b'') * 1000, says=UNEXPECTED, again=True),
        first('hello of 16 MB', record(records.HANDSHAKE, b'\2\xff\xff\xff'), record(records.HANDSHAKE, b'a' * 16000),
              says='The handshake data size is too large', again=True),
    ]


@harness.table(sections=provider.SECTIONS)
def hellos():
    """HTTP-9: a hello or a chain that cannot be"""
    done = message(records.HELLO_DONE, b'')
    many = records.bare_message(records.CERTIFICATE, records.sized(records.sized(b'\x30\3\2\1\0', 3) * 10000, 3))
    return [
        first('SSL 3', server_hello(b'\3\0'), says=NO_TLS),
        first('TLS 1.0', server_hello(b'\3\1'), says=NO_TLS),
        first('TLS 1.1', server_hello(b'\3\2'), says=NO_TLS),
        first('TLS 6.9', server_hello(b'\x09\x09'), says=NO_TLS),
        first('no cipher', server_hello(cipher=records.NULL), says=CIPHER),
        first('a cipher nobody offered', server_hello(cipher=b'\0\5'), says=CIPHER),
        first('compressed', server_hello(compression=b'\1'), says='illegal parameter'),
        first('extensions that lie', server_hello(extensions=b'\0\x10\xff\xff'), says='Invalid TLS extensions length'),
        first('an older version than it could', server_hello(random=bytes(24) + records.DOWNGRADE), says='illegal parameter'),
        first('asks for another hello twice', server_hello(
            random=records.RETRY, cipher=b'\x13\1', extensions=b'\0\x2b\0\2\3\4\0\x33\0\2\0\x18') * 2, says=NO_TLS),
        first('no key', server_hello(cipher=b'\x13\1', extensions=b'\0\x2b\0\2\3\4'), says='illegal parameter'),
        first('a short key', server_hello(cipher=b'\x13\1', extensions=b'\0\x2b\0\2\3\4\0\x33\0\6\0\x17\0\2\4\4'),
              says='illegal parameter'),
        first('two of them', server_hello() * 2, says=UNEXPECTED),
        first('cipher before key', server_hello(), record(records.CHANGE_CIPHER, b'\1'), says=NO_TLS),
        first('finished at once', server_hello(), message(20, b'x' * 12), says=UNEXPECTED),
        first('no certificate', server_hello(), done, says=UNEXPECTED),
        first('a chain of none', server_hello(), records.certificates(), done, says='it showed no certificate'),
        first('a certificate of 0 bytes', server_hello(), records.certificates(b''), done, says='it showed no certificate'),
        first('a certificate of garbage', server_hello(), records.certificates(b'\x30\x82garbage'), done,
              says='Unacceptable TLS certificate'),
        first('a chain longer than it is', server_hello(), message(records.CERTIFICATE, b'\0\xff\xff\0\0\5abcde'), says=NO_TLS),
        first('a certificate longer than it is', server_hello(), message(records.CERTIFICATE, b'\0\0\x08\0\xff\xffabcde'),
              says=NO_TLS),
        first('a chain of 10 000', server_hello(), *[record(records.HANDSHAKE, many[at:at + 16000])
                                                     for at in range(0, len(many), 16000)], says='Unacceptable TLS certificate'),
    ]


@harness.table(sections=provider.SECTIONS)
def what_it_wants():
    """HTTP-9: versions, ciphers and the phone's own certificate"""
    def asks(mode, **more):
        def make():
            context = scripted.context(provider.good(), verify_mode=mode, **more)
            context.load_verify_locations(provider.CA_FILE)
            return provider.web(context)
        return make

    def refuse(*unused):
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    too_old = 'too old; it must offer TLS 1.2 or newer'
    wants = 'the server wants a client certificate; check CertificateFile and PrivateKeyFile in resyncd.conf'
    refused = provider.refused
    return [
        Case('TLS 1.2 alone', error='', server=lambda: real(newest=VERSION.TLSv1_2)),
        Case('TLS 1.3 alone', error='', server=lambda: real(oldest=VERSION.TLSv1_3)),
        refused('TLS 1.0 alone', lambda: real(oldest=VERSION.TLSv1, newest=VERSION.TLSv1), too_old),
        refused('TLS 1.1 at most', lambda: real(oldest=VERSION.TLSv1, newest=VERSION.TLSv1_1), too_old),
        refused('encrypts nothing', lambda: real(ciphers='eNULL', newest=VERSION.TLSv1_2), 'Handshake failed'),
        refused('proves nothing', lambda: real(ciphers='aNULL', newest=VERSION.TLSv1_2), 'Handshake failed'),
        refused('a shared key', lambda: real(ciphers='PSK', newest=VERSION.TLSv1_2), 'Handshake failed'),
        refused('knows no such name', lambda: real(sni_callback=refuse), 'The server name sent was not recognized'),
        refused('a client certificate', asks(ssl.CERT_REQUIRED), wants),
        refused('a client certificate by TLS 1.2', asks(ssl.CERT_REQUIRED, newest=VERSION.TLSv1_2),
                f'Handshake failed|{wants}'),
        Case('a client certificate if there is one', error='', server=asks(ssl.CERT_OPTIONAL)),
        Case('200 tickets', error='', server=lambda: real(num_tickets=200)),
        Case('another handshake', error='', server=lambda: Interactive('-tls1_2', 'r', 1)),
        Case('another handshake with a certificate', error='', server=lambda: Interactive('-tls1_2', 'R', 1)),
        Case('other keys', error='', server=lambda: Interactive('-tls1_3', 'k', 2)),
        Case('other keys again and again', error='Untrusted', message='Too many handshake packets have been received',
             server=lambda: Interactive('-tls1_3', 'K', 100)),
    ]


@harness.table(phones=6, sections=provider.SECTIONS, ConnectTimeout=2, TransferTimeout=5)
def broken_off():
    """HTTP-5: cut, bent or slow, wherever that is"""
    rows = []
    silent = 'no answer within 2 seconds; check that the server runs'
    for newest in (VERSION.TLSv1_3, VERSION.TLSv1_2):
        name = newest.name[3:]
        rows += [harmed(f'{name} cut', NO_TLS, newest=newest, cut=at) for at in (0, 1, 5, 6, 60, 128, 300, 500, 700)]
        # an RST may come while something is still to be sent, or when it is time to read
        rows += [harmed(f'{name} cut by RST', f'{NO_TLS}|the server ended the connection before it answered',
                        ('Untrusted', 'Unreachable'), newest=newest, cut=at, reset=True) for at in (0, 5, 300, 700)]
        rows += [harmed(f'{name} silent', silent, 'Unreachable', newest=newest, cut=at, hang=True) for at in (0, 5, 300)]
        rows += [harmed(f'{name} one byte each half second', silent, 'Unreachable', newest=newest, drip=0.5)]
        rows += [harmed(f'{name} bent at {at}', says, newest=newest, flip=at) for at, says in BENT[newest].items()]
        rows += [harmed(f'{name} warned of the name', '', '', body=harness.GOOD, newest=newest, before=alert(1, 112))]
        rows += [harmed(f'{name} {what} in the file', CUT, 'Unreachable', LONG, newest, cut=100000, junk=junk) for what, junk in (
            ('nothing more', b''), ('alert', alert(2, 80)), ('goodbye', alert(1, 0)), ('data', record(records.DATA, b'x' * 50)),
            ('handshake', record(records.HANDSHAKE, b'x' * 50)), ('empty record', record(records.DATA, b'')), ('zeros', bytes(99)),
            ('large record', record(records.DATA, b'x' * 20000)), ('change of cipher', record(records.CHANGE_CIPHER, b'\1')))]
        rows += [harmed(f'{name} bent in the file', CUT, 'Unreachable', LONG, newest, flip=100000)]
        rows += [harmed(f'{name} RST in the file', CUT, 'Unreachable', LONG, newest, cut=100000, reset=True)]
        rows += [harmed(f'{name} silent in the file', 'the server sent nothing for 2 seconds in the middle of the file',
                        'Unreachable', LONG, newest, cut=100000, hang=True)]
    return rows


if __name__ == '__main__':
    tap.main('box')
