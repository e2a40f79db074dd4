# SPDX-License-Identifier: LGPL-2.1-or-later
"""A strict reader of syslog messages: RFC 5424 and RFC 3164 to the letter, in 1024 bytes, without control characters."""

import collections
import datetime
import re

Message = collections.namedtuple('Message', 'severity time host id text')

_BOM = b'\xef\xbb\xbf'
_PRIORITY = rb'<(0|[1-9][0-9]?|1[0-8][0-9]|19[01])>'
_5424 = re.compile(_PRIORITY + rb'1 (-|[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?(?:Z|[+-][0-2][0-9]:[0-5][0-9]))'
                   rb' ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) -(?: (.*))?', re.DOTALL)
_3164 = re.compile(_PRIORITY + rb'(?:((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 1-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]) ([!-~]{1,255}) )?'
                   rb'([A-Za-z0-9]{1,32}): (.*)', re.DOTALL)


def _text(data):
    text = data.decode('utf-8')
    found = re.search('[\0-\x1f\x7f-\x9f\u2028\u2029\ufeff]', text)
    assert found is None, f'a control character at {found.start()} of {data!r}'
    return text


def _checked(data, form):
    assert len(data) <= 1024, f'{len(data)} bytes'
    match = form.fullmatch(data)
    assert match is not None, f'no message of that form: {data!r}'
    assert int(match[1]) // 8 == 3, f'not of facility daemon: {data!r}'
    return match


def read_5424(data):
    """A Message; time is aware of its zone, None where the sender knew none."""
    match = _checked(data, _5424)
    assert (match[4], match[5]) == (b'resyncd', b'-'), data
    body = match[7] or b''
    assert body.isascii() or body.startswith(_BOM), f'no ASCII, and not said to be UTF-8: {data!r}'
    time = None if match[2] == b'-' else datetime.datetime.fromisoformat(match[2].decode().replace('Z', '+00:00'))
    return Message(int(match[1]) % 8, time, match[3].decode(), match[6].decode(), _text(body[len(_BOM):] if body.startswith(_BOM) else body))


def read_3164(data):
    """A Message without id; time is as the phone's wall shows it, in this year."""
    match = _checked(data, _3164)
    assert match[4] == b'resyncd', data
    time = None
    if match[2]:
        assert re.match(rb'... (?: [1-9]|[1-3][0-9]) ', match[2]), f'a day with a zero in front: {data!r}'
        time = datetime.datetime.strptime(f'{datetime.date.today().year} {match[2].decode()}', '%Y %b %d %H:%M:%S')
    return Message(int(match[1]) % 8, time, match[3].decode() if match[3] else None, None, _text(match[5]))
