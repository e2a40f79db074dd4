# SPDX-License-Identifier: LGPL-2.1-or-later
"""A DHCP server that says what no real one would: it hears whole frames on an interface and sends whole frames, with any header."""

import socket
import struct
import threading

MAC = bytes.fromhex('02005e0053fe')
PHONE = bytes.fromhex('02005e005301')
ALL_SERVERS = socket.inet_pton(socket.AF_INET6, 'ff02::1:2')


def option(code, data):
    return bytes([code, len(data)]) + data


def option6(code, data):
    return struct.pack('!HH', code, len(data)) + data


def options_of(message):
    """[(code, bytes)] of a DHCPv4 message, in their order."""
    found, at = [], 240
    while message[at] != 255:
        if message[at] == 0:
            at += 1
            continue
        found.append((message[at], message[at + 2:at + 2 + message[at + 1]]))
        at += 2 + message[at + 1]
    return found


def options6_of(message):
    found, at = [], 4
    while at < len(message):
        code, length = struct.unpack_from('!HH', message, at)
        found.append((code, message[at + 4:at + 4 + length]))
        at += 4 + length
    return found


def _checksum(data):
    total = sum(struct.unpack(f'!{(len(data) + 1) // 2}H', data + b'\0' * (len(data) % 2)))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Request:
    """A message that came, by IPv4 or IPv6."""

    def __init__(self, packet):
        self.v6 = packet[0] >> 4 == 6
        header = 40 if self.v6 else (packet[0] & 15) * 4
        self.source, self.destination = (packet[8:24], packet[24:40]) if self.v6 else (packet[12:16], packet[16:20])
        self.ports = struct.unpack_from('!HH', packet, header)
        self.message = packet[header + 8:header + struct.unpack_from('!H', packet, header + 4)[0]]

    @property
    def xid(self):
        return self.message[1:4] if self.v6 else self.message[4:8]

    def checksum_fits(self, packet):
        """Of UDP; packet: as it came."""
        header = 40 if self.v6 else (packet[0] & 15) * 4
        udp = packet[header:header + 8 + len(self.message)]
        return _checksum(self.source + self.destination + struct.pack('!HH', 17, len(udp)) + udp) == 0


class Liar:
    """respond(request): frames to send, in their order; None: nothing. Runs on the interface until it is closed."""

    def __init__(self, interface, respond):
        self.requests = []
        self._respond = respond
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self._socket.bind((interface, 3))
        self._socket.settimeout(0.02)
        self._closed = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while not self._closed:
            try:
                frame, address = self._socket.recvfrom(65536)
            except socket.timeout:
                continue
            packet = frame[14:]
            # its own frames come by as well
            if address[2] == 4 or not self._is_asked(frame[12:14], packet):
                continue
            request = Request(packet)
            request.whole = request.checksum_fits(packet)
            self.requests.append(request)
            for answer in self._respond(request) or ():
                self._socket.send(answer)

    @staticmethod
    def _is_asked(kind, packet):
        if kind == b'\x08\0':
            return packet[9] == 17 and packet[22:24] == b'\0\x43'
        return kind == b'\x86\xdd' and packet[6] == 17 and packet[42:44] == b'\x02\x23'

    def close(self):
        self._closed = True
        self._thread.join()
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def ack(request, options=b'', server='10.77.0.1', kind=5, end=b'\xff', **fields):
    """A DHCPACK; fields: op, htype, hlen, xid, chaddr, cookie, sname, file as bytes in the place of what they should be."""
    good = {'op': b'\2', 'htype': b'\1', 'hlen': b'\6', 'xid': request.xid, 'chaddr': request.message[28:44], 'cookie': b'\x63\x82\x53\x63',
            'sname': b'', 'file': b'', **fields}
    head = good['op'] + good['htype'] + good['hlen'] + b'\0' + good['xid'] + bytes(4) + request.message[12:16] + bytes(12) + good['chaddr']
    head += good['sname'].ljust(64, b'\0') + good['file'].ljust(128, b'\0') + good['cookie']
    return head + option(53, bytes([kind])) + option(54, socket.inet_aton(server)) + options + end


def reply(request, options=b'', server=b'\0\3\0\1' + MAC, kind=7, xid=None, client=None):
    """A Reply of DHCPv6; server, client: their DUIDs, b'' for none."""
    if client is None:
        client = dict(options6_of(request.message)).get(1, b'')
    return bytes([kind]) + (request.xid if xid is None else xid) + (option6(1, client) if client else b'') \
        + (option6(2, server) if server else b'') + options


def frame(request, message, source=None, destination=None, ports=None, fragment=0, checksum=None, length=None):
    """The frame that brings a message to the phone; what is None is as it should be."""
    if request.v6:
        source = source or socket.inet_pton(socket.AF_INET6, 'fe80::77')
        destination, ports = destination or request.source, ports or (547, 546)
    else:
        source = socket.inet_aton(source or '10.77.0.1')
        destination, ports = socket.inet_aton(destination) if destination else request.source, ports or (67, 68)
    size = 8 + len(message)
    udp = struct.pack('!HHHH', *ports, length or size, 0) + message
    if checksum is None:
        checksum = _checksum(source + destination + struct.pack('!HH', 17, length or size) + udp) or 0xffff
    udp = udp[:6] + struct.pack('!H', checksum) + message
    if request.v6:
        packet = struct.pack('!IHBB', 6 << 28, len(udp), 17, 64) + source + destination + udp
    else:
        head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(udp), 7, fragment, 64, 17, 0) + source + destination
        packet = head[:10] + struct.pack('!H', _checksum(head)) + head[12:] + udp
    return PHONE + MAC + (b'\x86\xdd' if request.v6 else b'\x08\0') + packet
