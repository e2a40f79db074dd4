#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hostile servers over HTTP: framing, headers, redirects, challenges and silence."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import harness  # noqa: E402
from harness import Case, EVIL, GOOD, Reply  # noqa: E402
from lib import tap  # noqa: E402


@harness.table()
def first():
    """HTTP-4, HTTP-5: x"""
    return [
        Case('good', Reply(body=GOOD), ''),
        Case('not there', Reply(404), 'NotFound', 'HTTP 404: no such file'),
        Case('cut', Reply(body=EVIL, cut=10), 'Unreachable', 'ended before the whole file'),
    ]


if __name__ == '__main__':
    tap.main('box')
