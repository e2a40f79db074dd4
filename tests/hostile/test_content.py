#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files that mean harm, served as any other: compression, XML, encodings, and what is no profile at all."""

import functools
import gzip
import os
import struct
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import harness  # noqa: E402
from harness import Case, EVIL, GOOD, Reply  # noqa: E402
from lib import tap  # noqa: E402

BODY, BAD = GOOD.encode(), EVIL.encode()
DAMAGED, SHORT = 'The gzip file is damaged', 'The gzip file is cut short'
BEHIND = 'The gzip file has other bytes behind its end'
NO_PROFILE = 'The file is no profile: neither XML nor the plain-text form'
DOCTYPE = 'A DOCTYPE, which a profile may not have'
PORTAL = 'A web page came instead of a profile'
ELSEWHERE = 'http://elsewhere.invalid/dtd'


def _serving(body, headers=None):
    """A reply with bytes, text, or what a function makes when it is asked for. ELSEWHERE in a text becomes the URL of
    something that the row's own server would be asked for."""
    def reply(peer, request):
        made = body() if callable(body) else body
        if isinstance(made, str):
            made = made.replace(ELSEWHERE, f'http://{request.headers["host"]}{request.target}/dtd')
        Reply(body=made, headers=headers).play(peer)
    return reply


def corrupt(name, body, message):
    return Case(name, _serving(body), 'Corrupt', message)


def good(name, body, **headers):
    return Case(name, _serving(body, {key.replace('_', '-'): value for key, value in headers.items()}), '')


@functools.lru_cache
def zeros(megabytes):
    """A gzip file of so many megabytes of blanks."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b''.join(packer.compress(b' ' * (1 << 20)) for _ in range(megabytes)) + packer.flush()


def member(data, flags=0, extra=b'', crc=None, size=None, method=8, cut=0):
    """A gzip member by hand."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    trailer = struct.pack('<II', zlib.crc32(data) if crc is None else crc, len(data) if size is None else size)
    whole = b'\x1f\x8b' + bytes((method, flags)) + bytes(6) + extra + packed + trailer
    return whole[:len(whole) - cut]


@harness.table()
def packed():
    """PROF-8, PROF-11: gzip that is a bomb, cut, damaged, nested, or no gzip at all"""
    one = gzip.compress(BAD)
    large = 'The gzip file unpacks to more than 8388608 bytes'
    return [
        corrupt('a bomb of 100 MB', lambda: zeros(100), large),
        corrupt('a bomb in a bomb', lambda: gzip.compress(zeros(100)), large),
        corrupt('a bomb of many members', lambda: zeros(1) * 100, large),
        corrupt('a bomb behind a profile', lambda: gzip.compress(BODY) + zeros(100), large),
        corrupt('a bomb in the third layer', lambda: gzip.compress(gzip.compress(zeros(100))), 'gzip in gzip in gzip'),
        corrupt('a hundred thousand empty members', lambda: member(b'') * 100000, 'The file is empty'),
        corrupt('three layers', gzip.compress(gzip.compress(one)), 'gzip in gzip in gzip; at most two layers'),
        corrupt('a hundred layers', lambda: functools.reduce(lambda data, _: gzip.compress(data), range(100), BAD), 'at most two layers'),
        corrupt('only the magic number', b'\x1f\x8b', SHORT),
        corrupt('only a header', one[:10], SHORT),
        *(corrupt(f'cut by {n} bytes', one[:-n], SHORT) for n in (1, 4, 5, 8, 9, 20)),
        corrupt('junk behind the end', one + b'trailing junk', BEHIND),
        corrupt('NULs behind the end', one + bytes(512), BEHIND),
        corrupt('a second header behind the end', one + b'\x1f\x8b', SHORT),
        corrupt('a wrong check sum', member(BAD, crc=1), DAMAGED),
        corrupt('a wrong size', member(BAD, size=5), DAMAGED),
        corrupt('a size of 4 GB', member(BAD, size=0xffffffff), DAMAGED),
        corrupt('an unknown method', member(BAD, method=7), DAMAGED),
        corrupt('reserved flags', member(BAD, flags=0xe0), DAMAGED),
        corrupt('a wrong check sum of the header', member(BAD, flags=2, extra=b'\1\2'), DAMAGED),
        corrupt('an extra field without end', b'\x1f\x8b\x08\x04' + bytes(6) + b'\xff\xff' + bytes(100), SHORT),
        corrupt('a name without end', lambda: b'\x1f\x8b\x08\x08' + bytes(6) + b'n' * 5000000, SHORT),
        corrupt('a comment without end', lambda: b'\x1f\x8b\x08\x10' + bytes(6) + b'c' * 5000000, SHORT),
        corrupt('damage in the middle', one[:20] + b'\xff\xff' + one[22:], DAMAGED),
        good('an extra field', member(BODY, flags=4, extra=b'\xff\xff' + bytes(65535))),
        good('a name of 1 MB', member(BODY, flags=8, extra=b'n' * 1000000 + b'\0')),
        good('two members', gzip.compress(BODY[:20]) + gzip.compress(BODY[20:])),
        good('a member of nothing first', member(b'') + gzip.compress(BODY)),
    ]


@harness.table()
def encodings_of_content():
    """PROF-8, ENC-1: the content decides, whatever Content-Encoding and Content-Type say"""
    zlibbed = zlib.compress(BAD)
    return [
        good('gzip that is none', BODY, Content_Encoding='gzip'),
        good('br that is none', BODY, Content_Encoding='br'),
        good('an unknown encoding', BODY, Content_Encoding='x-evil, identity;q=0, gzip'),
        good('gzip twice', gzip.compress(gzip.compress(BODY)), Content_Encoding='gzip, gzip'),
        good('gzip said once, done twice', gzip.compress(gzip.compress(BODY)), Content_Encoding='gzip'),
        good('gzip that is not said', gzip.compress(BODY)),
        good('a type of the web', BODY, Content_Type='text/html; charset=utf-16', X_Content_Type_Options='nosniff'),
        *(Case(name, Reply(body=body, headers={'Content-Encoding': said}), 'Corrupt', NO_PROFILE)
          for name, said, body in (('deflate', 'deflate', zlibbed), ('raw deflate', 'deflate', zlibbed[2:-4]),
                                   ('brotli', 'br', b'\x8b\x0e\x80' + BAD[:-5] + b'\3'), ('zstd', 'zstd', b'\x28\xb5\x2f\xfd' + bytes(20)),
                                   ('compress', 'compress', b'\x1f\x9d\x90' + bytes(20)), ('xz', 'xz', b'\xfd7zXZ\0' + bytes(20)))),
        corrupt('an encrypted profile', b'Salted__' + bytes(range(8)) + bytes(64), 'The profile is encrypted'),
    ]


def xml(text):
    """The text in a profile that would change something."""
    return f'<flat-profile><GPP_A>evil</GPP_A>{text}</flat-profile>'


@harness.table()
def documents():
    """PROF-4, PROF-11: document types, entities, inclusions: nothing of it is ever followed"""
    levels = ''.join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    secret = 'root:x:0:0'
    body = '<flat-profile><GPP_A>&x;</GPP_A></flat-profile>'

    def hidden(case):
        def check(result):
            if secret in result.message or len(result.requests) != 1:
                raise AssertionError(f'{len(result.requests)} requests, {result.message}')
        case.check = check
        return case
    here = ELSEWHERE
    inclusion = '<flat-profile xmlns:xi="http://www.w3.org/2001/XInclude"><GPP_A>good</GPP_A><GPP_B><xi:include href="{}"/></GPP_B></flat-profile>'
    return [
        *(hidden(corrupt(name, text, DOCTYPE)) for name, text in {
            'a document type': '<!DOCTYPE flat-profile>' + EVIL,
            'a billion laughs': f'<!DOCTYPE f [<!ENTITY l0 "ha">{levels}]><flat-profile><GPP_A>&l9;</GPP_A></flat-profile>',
            'a quadratic entity': f'<!DOCTYPE f [<!ENTITY x "{"x" * 50000}">]><flat-profile><GPP_A>{"&x;" * 5000}</GPP_A></flat-profile>',
            'an entity that holds itself': '<!DOCTYPE f [<!ENTITY x "&x;">]>' + body,
            'a file as an entity': '<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + body,
            'a page as an entity': f'<!DOCTYPE f [<!ENTITY x SYSTEM "{here}">]>' + body,
            'a parameter entity': f'<!DOCTYPE f [<!ENTITY % p SYSTEM "{here}"> %p;]>' + body,
            'a parameter entity of a file': '<!DOCTYPE f [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>' + body,
            'a document type elsewhere': f'<!DOCTYPE f SYSTEM "{here}">' + body,
            'a public document type': f'<!DOCTYPE f PUBLIC "-//X//Y" "{here}">' + EVIL,
            'attributes by default': '<!DOCTYPE f [<!ATTLIST GPP_A ua CDATA "rw">]>' + EVIL,
            'a notation': '<!DOCTYPE f [<!NOTATION n SYSTEM "/bin/sh"><!ENTITY x SYSTEM "x" NDATA n>]>' + body,
            'a document type behind a comment': '<?xml version="1.0"?><!-- x --><!DOCTYPE flat-profile [ ]>' + EVIL,
            'a document type in UTF-16': ('<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + body).encode('utf-16'),
            'a document type of 5 MB': '<!DOCTYPE f [' + '<!ENTITY x "y">' * 300000 + ']>' + body}.items()),
        hidden(corrupt('a document type without end', '<!DOCTYPE f [' + ' ' * 5000000, '(DOCTYPE|Not well-formed|longer than)')),
        hidden(corrupt('an entity from nowhere', body, 'an entity other than lt, gt, amp, quot and apos')),
        corrupt('a document type in the middle', xml('<!DOCTYPE x>'), 'Not well-formed'),
        hidden(good('an instruction for browsers', f'<?xml-stylesheet href="{here}"?>' + GOOD)),
        hidden(good('a schema elsewhere', GOOD.replace('<flat-profile>', '<flat-profile xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
                                                                 f' i:noNamespaceSchemaLocation="{here}">'))),
        *(hidden(good(name, inclusion.format(what))) for name, what in (('an inclusion', here), ('a file included', 'file:///etc/passwd'))),
    ]


@harness.table(phones=2, MaxProfileBytes=64 << 20)
def sizes():
    """PROF-11: elements, attributes, names and values without measure"""
    token = 'A tag, comment or CDATA section longer than 65536 bytes'

    def attributes(count):
        return ''.join(f' a{i}="v"' for i in range(count))
    return [
        corrupt('a million levels', lambda: '<a>' * 1000000 + '</a>' * 1000000, 'Elements nest deeper than 16'),
        corrupt('17 levels', '<a>' * 16 + EVIL + '</a>' * 16, 'Elements nest deeper than 16'),
        corrupt('a hundred thousand attributes', lambda: f'<flat-profile><GPP_A{attributes(100000)}>evil</GPP_A></flat-profile>', token),
        corrupt('300 attributes', xml('<GPP_B' + attributes(300) + '/>'), 'More than 64 attributes'),
        corrupt('ten million siblings', lambda: xml('<a/>' * 10000000), 'More than 20000 parameters'),
        corrupt('ten million siblings, packed', lambda: gzip.compress(xml('<a/>' * 10000000).encode(), 1), 'More than 20000 parameters'),
        corrupt('ten million siblings outside', lambda: '<d>' + '<a/>' * 10000000 + '</d>', 'More than 41000 elements'),
        corrupt('a name of 1 MB', lambda: xml(f'<{"n" * 1000000}/>'), token),
        corrupt('the name of an attribute of 1 MB', lambda: xml(f'<GPP_B {"n" * 1000000}="x"/>'), token),
        corrupt('an attribute of 1 MB', lambda: xml(f'<GPP_B ua="{"v" * 1000000}"/>'), token),
        corrupt('a value of 1 MB', lambda: xml(f'<GPP_B>{"v" * 1000000}</GPP_B>'), 'The value of GPP_B is longer than 65536 bytes'),
        corrupt('a value of 1 MB, by references', lambda: xml(f'<GPP_B>{"&#120;" * 1000000}</GPP_B>'), 'The value of GPP_B is longer'),
        corrupt('a CDATA section of 1 MB', lambda: xml(f'<GPP_B><![CDATA[{"v" * 1000000}]]></GPP_B>'), 'longer than 65536 bytes'),
        corrupt('a comment of 1 MB', lambda: xml(f'<!--{"c" * 1000000}-->'), token),
        corrupt('an instruction of 1 MB', lambda: xml(f'<?x {"c" * 1000000}?>'), token),
        corrupt('a namespace of 1 MB', lambda: xml(f'<GPP_B xmlns:a="{"v" * 1000000}"/>'), token),
        corrupt('a comment without end', lambda: '<!--' + 'x' * 10000000, token),
        corrupt('a file of 60 MB of blanks', lambda: ' ' * (60 << 20), 'The file is empty'),
        good('ten thousand comments', '<flat-profile>' + '<!-- x -->' * 10000 + GOOD.removeprefix('<flat-profile>')),
        good('ten thousand times the same', GOOD.replace('<GPP_A>', '<GPP_A>evil</GPP_A>' * 10000 + '<GPP_A>')),
        # an outcome of four megabytes, which the daemon has to take in
        good('eighteen thousand unknown ones of 200 bytes', '<flat-profile>' + ''.join(f'<Unknown{i}>{"x" * 200}</Unknown{i}>' for i in range(18000))
             + GOOD.removeprefix('<flat-profile>')),
        good('ten thousand unknown ones', '<flat-profile>' + ''.join(f'<Unknown{i}>x</Unknown{i}>' for i in range(10000))
             + GOOD.removeprefix('<flat-profile>')),
    ]


@harness.table()
def characters():
    """PROF-4, PROF-11, STORE-3: encodings that are not what they say, and characters that have no place in XML"""
    declared = '<?xml version="1.0" encoding="{}"?>{}'.format
    nul, utf8 = 'Not well-formed: a NUL character', 'Not well-formed: a byte that is not UTF-8'
    letters = GOOD.replace('good', 'g\xfc\xdf')
    unreadable = 'where UTF-8, UTF-16, ISO-8859-1, windows-1252 or ASCII can be read'
    return [
        *(corrupt(f'said to be {name}', declared(name, EVIL), unreadable)
          for name in ('UTF-7', 'UTF-32', 'UCS-4', 'EBCDIC-US', 'IBM037', 'windows-1251', 'Shift_JIS', 'GB18030', '../../etc', '%s%n', 'x' * 200)),
        corrupt('said to be UTF-16', declared('UTF-16', EVIL), 'the file says that its encoding is “UTF-16”, and its bytes are not'),
        corrupt('UTF-7', declared('UTF-7', '+ADw-flat-profile+AD4-'), unreadable),
        corrupt('UTF-32', EVIL.encode('utf-32'), '(no profile|Not well-formed|NUL)'),
        corrupt('UTF-32, the other way', EVIL.encode('utf-32-be'), '(no profile|Not well-formed|NUL)'),
        corrupt('EBCDIC', EVIL.encode('cp037'), NO_PROFILE),
        corrupt('half a character of UTF-16', EVIL.encode('utf-16')[:-1], 'half a character, or one that is not UTF-16'),
        corrupt('a lone surrogate', b'\xff\xfe' + EVIL.encode('utf-16-le').replace(b'e\0v\0', b'\0\xd8v\0'), 'one that is not UTF-16'),
        corrupt('a NUL in UTF-16', b'\xff\xfe' + EVIL.encode('utf-16-le').replace(b'e\0v\0', b'\0\0v\0'), nul),
        corrupt('a NUL', BAD.replace(b'evil', b'e\0il'), nul),
        corrupt('a NUL behind the end', BAD + b'\0', nul),
        corrupt('a NUL in a name', BAD.replace(b'GPP_A', b'GPP\0A'), nul),
        *(corrupt(f'the character {code:x}', BAD.replace(b'evil', b'e%cil' % code), 'Not well-formed: a character that cannot stand in XML')
          for code in (1, 8, 0x0b, 0x1b, 0x1f)),
        *(corrupt(f'a reference to {text}', xml(f'<GPP_B>&#{text};</GPP_B>'), 'Not well-formed: (a reference to no character|a character that cannot)')
          for text in ('0', '1', 'x1f', 'xd800', 'xfffe', 'x110000', 'xffffffff', '99999999999999999999', 'x' + 'f' * 200)),
        corrupt('U+FFFE', EVIL.replace('evil', '\ufffe'), 'a character that cannot stand in XML'),
        corrupt('Latin-1 that is not said', letters.encode('latin-1'), utf8),
        corrupt('too long a form of a letter', BAD.replace(b'evil', b'\xc1\xa5vil'), utf8),
        corrupt('too long a form of NUL', BAD.replace(b'evil', b'\xc0\x80'), utf8),
        corrupt('a surrogate in UTF-8', BAD.replace(b'evil', b'\xed\xa0\x80'), utf8),
        corrupt('a character beyond the last', BAD.replace(b'evil', b'\xf4\x90\x80\x80'), utf8),
        corrupt('letters that are said to be ASCII', declared('US-ASCII', letters), 'a byte that is not ASCII, though the file says so'),
        corrupt('a second byte order mark', b'\xef\xbb\xbf\xef\xbb\xbf' + BAD, '(no profile|Not well-formed)'),
        corrupt('only a byte order mark', b'\xef\xbb\xbf', 'The file is empty'),
        *(Case(name, Reply(body=body), '', values={'GPP_A': 'g\xfc\xdf'}) for name, body in {
            'Latin-1': declared('ISO-8859-1', letters).encode('latin-1'), 'windows-1252': declared('windows-1252', letters).encode('cp1252'), 'UTF-16': letters.encode('utf-16'),
            'UTF-16, the other way': '\ufeff'.encode('utf-16-be') + letters.encode('utf-16-be'),
            'UTF-16 without a mark': letters.encode('utf-16-le'), 'UTF-8 with a mark': b'\xef\xbb\xbf' + letters.encode()}.items()),
    ]


@harness.table()
def forms():
    """PROF-1, PROF-4, PROF-11, DISC-13: what is not well-formed, and what is no profile"""
    wrong = 'Not well-formed'
    return [
        corrupt('nothing', '', 'The file is empty'),
        corrupt('blanks', ' \r\n\t' * 1000, 'The file is empty'),
        corrupt('a declaration and no more', '<?xml version="1.0"?>', wrong),
        corrupt('a portal', '<!DOCTYPE html><html><head><title>Welcome</title></head><body>Log in</body></html>', PORTAL),
        corrupt('a portal without a head', '  <HTML><BODY BGCOLOR=white>Pay here', PORTAL),
        corrupt('a portal that forwards', '<meta http-equiv="refresh" content="0; url=http://pay.example">', PORTAL),
        corrupt('a portal in XHTML', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', PORTAL),
        corrupt('a portal behind comments', '<!-- x -->' * 50 + '<html>', PORTAL),
        corrupt('a page that holds a profile', f'<html><body>{EVIL}</body></html>', PORTAL),
        *(corrupt(name, text, NO_PROFILE) for name, text in {
            'JSON': '{"GPP_A": "evil"}', 'plain text': 'Welcome to "evil" ;', 'a shell script': '#!/bin/sh\nreboot\n', 'a picture': b'\x89PNG\r\n\x1a\n',
            'a program': b'\x7fELF' + bytes(100), 'a zip file': b'PK\x03\x04' + bytes(100), 'mail': 'From: x\r\n\r\nevil', 'chance': bytes(range(1, 256)) * 9}.items()),
        corrupt('the plain-text form, cut in a value', 'GPP_A "evil" ; GPP_B "ev', 'Expected a second quote after this one'),
        corrupt('the plain-text form, cut in a statement', 'GPP_A "evil" ; GPP_B', 'Expected '),
        Case('the plain-text form of no known length', Reply(body='GPP_A "evil" ;', length=None), 'Corrupt', 'it may have been cut short'),
        corrupt('other XML', '<rss><channel/></rss>', 'XML without a <flat-profile>; the root element is <rss>'),
        corrupt('in other letters', EVIL.replace('flat-profile', 'Flat-Profile'), 'XML without a <flat-profile>'),
        corrupt('SOAP', '<s:Envelope xmlns:s="x"><s:Body/></s:Envelope>', 'XML without a <flat-profile>'),
        corrupt('no end tag', EVIL[:-15], 'cut short'),
        corrupt('half an end tag', EVIL[:-3], wrong),
        corrupt('half a tag', '<flat-pro', wrong),
        corrupt('half a comment', xml('<!-- '), wrong),
        corrupt('a wrong end tag', EVIL.replace('</GPP_A>', '</GPP_B>'), 'this end tag does not belong to the element <GPP_A>'),
        corrupt('tags that cross', '<flat-profile><GPP_A><GPP_B>evil</GPP_A></GPP_B></flat-profile>', 'this end tag does not belong'),
        corrupt('text behind the end', EVIL + 'more', 'there is more after the end of the root element'),
        corrupt('a second root', EVIL + EVIL, 'there is more after the end of the root element'),
        corrupt('an attribute twice', xml('<GPP_B ua="rw" ua="na"/>'), 'an attribute twice in one tag'),
        corrupt('an attribute without quotes', xml('<GPP_B ua=rw/>'), 'needs quotes'),
        corrupt('an attribute without a value', xml('<GPP_B ua/>'), wrong),
        corrupt('an attribute with a tag', xml('<GPP_B ua="<"/>'), wrong),
        corrupt('a bare ampersand', xml('<GPP_B>a & b</GPP_B>'), wrong),
        corrupt('a CDATA end in text', xml('<GPP_B>]]></GPP_B>'), wrong),
        corrupt('a late declaration', ' <?xml version="1.0"?>' + EVIL, wrong),
        corrupt('two declarations', '<?xml version="1.0"?><?xml version="1.0"?>' + EVIL, wrong),
        corrupt('a name with control characters', xml('<a\x1b[31m/>'), wrong),
        corrupt('a tag in a tag', xml('<GPP_B <a/>>'), wrong),
        corrupt('a name that is a number', xml('<1/>'), wrong),
        good('a version of the future', '<?xml version="1.9"?>' + GOOD),
        good('a prefix from nowhere', GOOD.replace('</flat', '<x:y/></flat')),
        Case('a value in a value', Reply(body='<flat-profile><GPP_A>evil<b>x</b></GPP_A><GPP_B>good</GPP_B></flat-profile>'), '',
             values={'GPP_A': 'before', 'GPP_B': 'good'}),
        Case('values of the wrong kind', Reply(body='<flat-profile><Resync_Periodic>-1</Resync_Periodic><GPP_A>good</GPP_A></flat-profile>'),
             '', values={'GPP_A': 'good', 'Resync_Periodic': '0'}),
    ]


if __name__ == '__main__':
    tap.main('box')
