# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the phone in the laboratory share."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, lab, servers, tap, wait  # noqa: E402

DNS = 'dhcp-option=6,10.77.0.1'
# the phone renews after 3 s (dnsmasq sends no less)
RENEWING = 'dhcp-option-force=58,3s'


def option(number, value):
    """A line that has the DHCP server send a text."""
    return f'dhcp-option={number},"{value}"'


def profile(**values):
    """A profile that also lets the next resync come without a random delay."""
    lines = ''.join(f'<{name}>{value}</{name}>' for name, value in {'Resync_Random_Delay': '0', **values}.items())
    return f'<flat-profile>{lines}</flat-profile>'


class Case(unittest.TestCase):
    """resyncd on a phone that takes its lease anew."""

    def phone(self, *options, fresh=True, config=None, **more):
        """options: lines for the DHCP server; fresh: whether the phone takes a lease with them first."""
        if fresh:
            lab.options(DNS, *options)
            lab.renew()
        # before the daemon: it hears what the phone does by itself, however soon
        self.client = bus.Client(bus.SystemBus())
        self.daemon = self.enterContext(lab.Phone(config=config, **more))
        return self.client

    def enterContext(self, context):  # noqa: N802 (unittest has it from 3.11 on)
        value = context.__enter__()
        self.addCleanup(lambda: context.__exit__(*sys.exc_info()))
        return value

    def serve(self, answer, **more):
        """A Scripted server on the provider's host."""
        with lab.provider():
            return self.enterContext(servers.Scripted(answer, host=lab.SERVER, **more))

    def run_resync(self, rule='', **options):
        """Asks, and waits: (result, url, message, details). Begins when there is a lease, unless forced."""
        return self.client.wait_finished(self.client.resync(rule, **options))

    def first(self):
        """The same of the first attempt: that of the boot where it was quicker, else one that does not wait for the random part of it."""
        return self.client.wait_finished(self.client.first())

    def calm(self):
        self.client.wait_property('State', lambda state: state == 'idle')

    def started(self):
        """Attempts that began, of the signals that nobody took."""
        self.client.turn()
        return [values for name, values in self.client.signals if name == 'ResyncStarted']

    def warnings(self):
        return self.client.status().get('warnings', [])


__all__ = ['Case', 'DNS', 'RENEWING', 'bus', 'lab', 'option', 'profile', 'servers', 'tap', 'wait']
