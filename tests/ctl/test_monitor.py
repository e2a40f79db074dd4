# SPDX-License-Identifier: LGPL-2.1-or-later
"""resyncctl monitor and inhibit: the commands that last."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import fake  # noqa: E402
import run  # noqa: E402
from gi.repository import GLib  # noqa: E402
from lib import tap, wait  # noqa: E402


class Monitor(run.BusCase):
    def start(self, *arguments):
        process = run.start('--address', self.bus.address, 'monitor', *arguments)
        self.addCleanup(process.wait)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        process.lines = queue.Queue()
        threading.Thread(target=self.read, args=(process,), daemon=True).start()

        # whether it listens shows in its hearing something
        def heard():
            self.daemon.do(lambda: self.daemon.emit(fake.MAIN, 'RebootRequired', GLib.Variant('(s)', ('listen',))))
            return not process.lines.empty()
        wait.until(heard, 'the monitor to listen', step=0.1)
        return process

    @staticmethod
    def read(process):
        for line in iter(process.stdout.readline, ''):
            process.lines.put(line)

    def next(self, process):
        """The next line that is not from start()."""
        while True:
            try:
                line = process.lines.get(timeout=wait.PATIENCE)
            except queue.Empty:
                raise AssertionError(f'the monitor says nothing more (its exit status: {process.poll()})') from None
            if 'listen' not in line:
                return line

    def test_lines(self):
        process = self.start()
        self.daemon.do(lambda: self.daemon.finish(7, 'success', 'https://h/x', 'two\nlines\x1b', reason=GLib.Variant('s', 'user')))
        self.assertRegex(self.next(process), r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ResyncFinished attempt=7 result=success '
                                             r'url=https://h/x message=two\\x0alines\\x1b reason=user\n$')
        self.daemon.do(lambda: self.daemon.change(State=GLib.Variant('s', 'resyncing')))
        self.assertRegex(self.next(process), r' PropertiesChanged State=resyncing\n$')
        self.daemon.do(lambda: self.daemon.emit(fake.PARAMETERS, 'Changed', GLib.Variant('(as)', (['GPP_A', 'GPP_B'],))))
        self.assertRegex(self.next(process), r" Changed names=\['GPP_A', 'GPP_B'\]\n$")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), 0)

    def test_documents(self):
        process = self.start('--json')
        self.daemon.do(lambda: self.daemon.finish(7, 'failed', 'https://h/x', 'why', error=GLib.Variant('s', 'Untrusted')))
        event = json.loads(self.next(process))
        self.assertRegex(event.pop('time'), r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$')
        self.assertEqual(event, {'event': 'ResyncFinished', 'attempt': 7, 'result': 'failed', 'url': 'https://h/x',
                                 'message': 'why', 'details': {'error': 'Untrusted'}})
        self.daemon.do(lambda: self.daemon.emit(fake.MAIN, 'ResyncStarted', GLib.Variant('(ts)', (8, 'periodic'))))
        event = json.loads(self.next(process))
        self.assertEqual((event['event'], event['attempt'], event['reason']), ('ResyncStarted', 8, 'periodic'))
        self.daemon.do(lambda: self.daemon.emit(fake.PARAMETERS, 'Changed', GLib.Variant('(as)', (['GPP_A'],))))
        self.assertEqual(json.loads(self.next(process))['names'], ['GPP_A'])
        self.daemon.do(lambda: self.daemon.change(Progress=GLib.Variant('(sstt)', ('downloading', 'u', 1, 2))))
        event = json.loads(self.next(process))
        self.assertEqual((event['interface'], event['changed']), (fake.MAIN, {'Progress': ['downloading', 'u', 1, 2]}))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)

    def test_daemon_comes_and_goes(self):
        process = self.start('--json')
        self.daemon.close()
        self.assertEqual(json.loads(self.next(process))['event'], 'DaemonLeft')
        self.daemon = fake.Daemon(self.bus)
        self.addCleanup(self.daemon.close)
        self.assertEqual(json.loads(self.next(process))['event'], 'DaemonStarted')
        self.assertIsNone(process.poll())

    def test_bus_goes(self):
        other = run.bus.Bus()
        daemon = fake.Daemon(other)
        process = run.start('--address', other.address, 'monitor')
        wait.until(lambda: process.poll() is not None or _clients(daemon) > 1, 'the monitor on the bus')
        other.close()
        daemon.close()
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 3)


def _clients(daemon):
    names = daemon.connection.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'ListNames',
                                        None, None, 0, 5000, None).unpack()[0]
    return len([name for name in names if name.startswith(':')])


class Inhibit(run.BusCase):
    """SCHED-5: the phone is busy while the descriptor is open"""

    def inhibit(self, *command, check=0):
        return self.run_ctl('inhibit', '--why', 'a test', '--', *command, check=check)

    def test_exit_status(self):
        """the command's own"""
        for status in (0, 1, 7, 255):
            self.inhibit('sh', '-c', f'exit {status}', check=status)
        self.inhibit('sh', '-c', 'kill -TERM $$', check=128 + signal.SIGTERM)
        self.assertEqual(self.daemon.called('Inhibit')[0], ('sh', 'a test'))

    def test_output_and_options_are_the_commands(self):
        done = self.inhibit('sh', '-c', 'echo "$@"; echo err >&2', 'sh', '--json', '--help', '-x', '--')
        self.assertEqual((done.stdout, done.stderr), ('--json --help -x --\n', 'err\n'))
        self.assertEqual(self.run_ctl('inhibit', '--why=x', 'echo', '--json').stdout, '--json\n')

    def test_held_as_long_as_it_runs(self):
        with subprocess.Popen([run.PROGRAM, '--address', self.bus.address, 'inhibit', '--why', 'x', '--', 'sh', '-c',
                               'echo up; read line; sleep 60 >/dev/null 2>&1 & echo $!'], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True, env=run.environment()) as process:
            self.assertEqual(process.stdout.readline(), 'up\n')
            self.assertTrue(self.daemon.is_held(-1))
            out, _ = process.communicate('go\n', timeout=20)
        self.assertEqual(process.returncode, 0)
        # what it left behind does not hold the phone
        wait.until(lambda: not self.daemon.is_held(-1), 'the end of it')
        os.kill(int(out), 0)
        os.kill(int(out), signal.SIGKILL)

    def test_signals_are_passed_on(self):
        with subprocess.Popen([run.PROGRAM, '--address', self.bus.address, 'inhibit', '--why', 'x', '--', 'sh', '-c',
                               'trap "exit 9" TERM; echo up; while :; do sleep 0.05; done'], stdout=subprocess.PIPE, text=True,
                              env=run.environment()) as process:
            self.assertEqual(process.stdout.readline(), 'up\n')
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(20), 9)
        wait.until(lambda: not self.daemon.is_held(-1), 'the end of it')

    def test_cannot_be_started(self):
        done = self.inhibit('/nonexistent/program', check=127)
        self.assertIn('/nonexistent/program cannot be started', done.stderr)
        self.inhibit('/etc/passwd', check=126)

    def test_refused(self):
        def refuse(call):
            raise fake.Error('Busy', '16 are open already')
        self.daemon.answers['Inhibit'] = refuse
        done = self.run_ctl('inhibit', '--why', 'x', '--', 'echo', 'ran', check=1)
        self.assertEqual(done.stdout, '')

    def test_usage(self):
        for arguments in (['--', 'true'], ['--why', '', '--', 'true'], ['--why', 'x'], ['--why', 'x', '--']):
            self.run_ctl('inhibit', *arguments, check=2)


if __name__ == '__main__':
    tap.main(None)
