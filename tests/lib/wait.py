# SPDX-License-Identifier: LGPL-2.1-or-later
"""Waiting with a deadline, never a bare sleep; and not outliving what one waits for."""

import time

# sanitizer builds and busy machines are slow; a test that waits for something good should not care
PATIENCE = 20.0

# in front of a command: it dies with the test that started it, however that ends
TOGETHER = ('setpriv', '--pdeathsig', 'KILL', '--')


def until(check, what, timeout=PATIENCE, step=0.02):
    """Polls check() until it is true and returns what it gave; AssertionError names WHAT after TIMEOUT seconds."""
    end = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f'waited {timeout:g} s in vain for {what}')
        time.sleep(step)
