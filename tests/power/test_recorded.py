#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every kind of commit, recorded call by call, cut after each call, and each folder that a power cut may leave there (cuts.py)
opened by a daemon of its own: the real one each time, on a copy of the folder and with an empty runtime folder. Equal folders,
but for what a temporary file holds, are opened once. What the phone knew before and after each step is what the recorded daemon itself said at the time.
"""

import collections
import os
import re
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
sys.path.insert(1, os.path.dirname(os.path.abspath(__file__)))
import cuts  # noqa: E402
import recording  # noqa: E402
from lib import bus, certificates, servers, tap, wait  # noqa: E402
from recording import Data, Entries, File, Said, Sync  # noqa: E402

GLib = bus.GLib
Reply = servers.Reply
# without NetworkManager there is no network, and nothing is tried but what is forced
ALONE = {'Network': {'Manager': 'networkmanager'}}
REPORTED = 'reported-1.conf'
NAMES = {f'{name}{suffix}' for name in ('parameters.conf', 'state.conf') for suffix in ('', '.previous')} | {'.lock', REPORTED}

# what a phone knows: all values; (customization state, failure reason, source, custom CA, attempts); what it last reported
View = collections.namedtuple('View', 'values state reported')
CUSTOM_CA = 3
# from the first to the last operation; lone_values: whether the values may be new while the state is not
Step = collections.namedtuple('Step', 'title first last before after lone_values')


def profile(**values):
    lines = ''.join(f'<{name}>{value}</{name}>' for name, value in {'Resync_Random_Delay': '0', **values}.items())
    return f'<flat-profile>{lines}</flat-profile>'


def view(client, folder):
    client.wait_property('State', lambda state: state != 'resetting')
    status = client.status()
    attempts = tuple(value for key, value in sorted(status.items()) if key.startswith('provisioning-'))
    return View(client.parameters('Get', '(as)', [])[0],
                (status['customization-state'], status.get('failure-reason', ''), status.get('profile-source', ''),
                 status.get('custom-ca', ''), attempts),
                recording.snapshot(folder).get(REPORTED, File(0, b'')).data)


def signal(name):
    """The field of a message's head that says which signal it is."""
    return b'\x03\x01s\0' + len(name).to_bytes(4, 'little') + name.encode() + b'\0'


CHANGED, FINISHED = signal('Changed'), signal('ResyncFinished')


class Life:
    """A daemon that is recorded, from its start on a folder to its end, in steps."""

    def __init__(self, own, folder):
        self.before = recording.snapshot(folder)
        self.folder, self.steps, self.titles = folder, [], []
        self.daemon = bus.Daemon(own, state_dir=folder, config=ALONE, start=False)
        self.path = os.path.join(self.daemon.folder, 'strace')
        self.daemon.command = [*recording.STRACE, '-o', self.path, *self.daemon.command]
        self.daemon.start()
        self.client = bus.Client(own)
        self.views = [view(self.client, self.folder)]
        self.mark()

    def mark(self):
        """Has the daemon say a word that the recording shows."""
        try:
            self.client.get(f'Mark_{len(self.views)}')
        except bus.CallError:
            return
        raise AssertionError('a mark is a parameter')

    def step(self, title, lone_values=False):
        """What was done since the last one is a step."""
        self.client.wait_property('State', lambda state: state not in ('resyncing', 'resetting'))
        self.views.append(view(self.client, self.folder))
        self.mark()
        self.titles.append((title, lone_values))

    def end(self):
        """Stops it and reads the recording."""
        pid = self.daemon.pid
        self.daemon.stop()
        wait.until(lambda: re.search(rf'^{pid} +\+\+\+ exited', self.text(), re.M), 'the end of the recording')
        self.operations = recording.read(self.path, self.folder, self.before)
        disk = recording.Disk(self.before)
        for one in self.operations:
            disk.apply(one)
        if disk.files() != recording.snapshot(self.folder):
            raise AssertionError('what was recorded does not lead to what is in the folder')
        marks = [place for place, one in enumerate(self.operations) if isinstance(one, Said) and b'Mark_' in one.text]
        if len(marks) != len(self.views):
            raise AssertionError(f'{len(marks)} marks instead of {len(self.views)}')
        self.steps = [Step('the start', 0, marks[0], self.views[0], self.views[0], False)]
        for place, (title, lone) in enumerate(self.titles):
            self.steps.append(Step(title, marks[place], marks[place + 1], self.views[place], self.views[place + 1], lone))
        self.daemon.close()
        return self

    def text(self):
        with open(self.path, encoding='ascii') as file:
            return file.read()


def shape(files):
    """What tells folders apart. Nobody reads a temporary file: of what it may hold only nothing, all and less are told apart."""
    return frozenset((name, file.mode, (len(file.data) > 0, b'#complete ' in file.data) if '.tmp-' in name else file.data)
                     for name, file in files.items())


def expectations(life, first=0):
    """[(folder's files, {(number of the step, what the world had been told)})] of each cut in each step from the first on."""
    found = {}
    for number, step in enumerate(life.steps[first:], first):
        told = ''
        for last in range(step.first, step.last + 1):
            operation = life.operations[last - 1] if last > step.first else None
            if isinstance(operation, Said):
                news = 'all' if FINISHED in operation.text else 'values' if CHANGED in operation.text else None
                if news is None:
                    continue
                told = 'all' if told == 'all' else news
            for files in cuts.after_cut(life.before, life.operations[:last]):
                _files, wanted = found.setdefault(shape(files), (files, set()))
                wanted.add((number, 'all' if last == step.last else told))
    return list(found.values())


def fault(found, step, told):
    """What is wrong about what a phone knows after a cut in a step; '' where it is as it should be."""
    lone = step.after._replace(state=('Aborted', *step.before.state[1:]))
    good = {'': [step.before, step.after], 'values': [step.after], 'all': [step.after]}[told]
    if told == 'values' and step.after.values == step.before.values:
        good = [step.before, step.after]
    if step.lone_values and told != 'all':
        good = [*good, lone]
    if told != 'all':
        # a custom CA is there before the profile that needs it
        good += [one._replace(state=(*one.state[:CUSTOM_CA], step.after.state[CUSTOM_CA], *one.state[CUSTOM_CA + 1:])) for one in good]
    # the report that arrived is written by itself
    if found.reported not in {one.reported for one in ([step.after] if told == 'all' else [step.before, step.after])}:
        return f'cut in {step.title}, told {told or "nothing"}: what was reported is neither the old nor the new'
    if found[:2] in [one[:2] for one in good]:
        return ''
    wrong = sorted(name for name in found.values if found.values[name] not in (step.before.values[name], step.after.values[name]))
    return (f'cut in {step.title}, told {told or "nothing"}: neither old nor new ({found.state}; before {step.before.state}, '
            f'after {step.after.state}; {len(wrong)} values of neither: {wrong[:5]}; '
            f'old {found.values == step.before.values}, new {found.values == step.after.values})')


class Opener:
    """Opens folders, one after another, each with a daemon that starts anew."""

    def __init__(self, own):
        self.client = bus.Client(own)
        self.daemon = bus.Daemon(own, config=ALONE, start=False)
        self.said = 0

    def fill(self, files):
        for folder in (self.daemon.state_dir, self.daemon.runtime_dir):
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
        for name, file in files.items():
            path = os.path.join(self.daemon.state_dir, name)
            with open(path, 'wb') as stream:
                stream.write(file.data)
            os.chmod(path, file.mode)

    def open(self, files, set_aside=False):
        """(View, faults) of a folder of these files; set_aside: whether that may be done with one of them."""
        faults = [f'{name} has mode {file.mode:o}' for name, file in files.items() if file.mode != 0o600]
        self.fill(files)
        self.daemon.start()
        found = view(self.client, self.daemon.state_dir)
        self.daemon.cut()
        log = self.daemon.log()
        if not set_aside and 'set aside' in log[self.said:]:
            faults.append('something was set aside')
        self.said = len(log)
        left = set(os.listdir(self.daemon.state_dir)) - NAMES
        return found, faults + [f'{name} is left' for name in left if not (set_aside and '.broken-' in name)]


class Case(unittest.TestCase):
    def enterContext(self, context):  # noqa: N802 (unittest has it from 3.11 on)
        value = context.__enter__()
        self.addCleanup(lambda: context.__exit__(*sys.exc_info()))
        return value

    def setUp(self):
        self.own = self.enterContext(bus.Bus())

    def folder(self, files=()):
        folder = tempfile.mkdtemp(prefix='state-')
        self.addCleanup(shutil.rmtree, folder)
        for name, file in dict(files).items():
            with open(os.path.join(folder, name), 'wb', opener=lambda path, flags: os.open(path, flags, 0o600)) as stream:
                stream.write(file.data)
        return folder

    def faults(self, life, expected, set_aside=False):
        """Opens what each cut may leave, and says what is wrong."""
        opener = Opener(self.own)
        self.addCleanup(opener.daemon.close)
        for files, wanted in expected:
            found, faults = opener.open(files, set_aside)
            faults += filter(None, (fault(found, life.steps[number], told) for number, told in wanted))
            for one in faults:
                yield f'{one}, with {sorted((name, len(file.data)) for name, file in files.items())}'

    def check(self, life, set_aside=False):
        """Returns the folders."""
        expected = expectations(life)
        self.assertEqual(list(self.faults(life, expected, set_aside)), [])
        calls = sum(not isinstance(one, Said) for one in life.operations)
        print(f'{len(life.steps)} steps, {calls} calls, {len(expected)} folders opened', file=sys.stderr)
        return [files for files, _wanted in expected]


class Commits(Case):
    def resync(self, life, body, wanted='success', rule='', **options):
        self.reply = body if isinstance(body, Reply) else Reply(body=body)
        result, _url, message, _details = life.client.wait_finished(life.client.resync(rule, force=True, **options))
        self.assertEqual(result, wanted, message)

    def test_phone(self):
        """power goes at any call of any commit of a phone's life, from its first profile to its factory reset: old or new and
        whole, never defaults, nothing of the state without the values that belong to it, each file 0600, and what was announced
        is there (STORE-1, STORE-3, STORE-4, STORE-5, STATE-4, PROF-7)"""
        server = self.enterContext(servers.Scripted(lambda request: self.reply))
        life = Life(self.own, self.folder())
        life.client.call('SetProfileRule', GLib.Variant('(s)', (f'{server.url}/x.xml',)))
        life.step('SetProfileRule')
        for title in ('the first provisioning', 'the second generation', 'the third generation'):
            last = profile(GPP_A=title, GPP_B=title[:8] * 1000, Profile_Account_Password=title, Resync_Periodic='7200')
            self.resync(life, last)
            life.step(title, lone_values=True)
        life.client.set(GPP_C='by hand', GPP_SA='a secret')
        life.step('Set')
        self.resync(life, Reply(404), 'file-not-found')
        life.step('a failed attempt')
        # the same profile by another rule: the rule is the only value that changes
        self.resync(life, last, 'unchanged', rule=f'{server.url}/stored.xml', store=True)
        life.step('a rule stored and used', lone_values=True)
        life.client.parameters('Reset', '(as)', ['GPP_C', 'GPP_SA'])
        life.step('Reset')
        life.client.call('FactoryReset')
        life.step('FactoryReset')
        self.check(life.end())

    def test_trust_and_reports(self):
        """power goes while a custom CA comes, changes or goes, or what a report said is noted: the old one or the new one, whole
        (HTTP-9, REPORT-1, STORE-1, STORE-3)"""
        made = [certificates.read(certificates.Authority(f'CA {number}').path) for number in (1, 2)]
        answers = {}
        server = self.enterContext(servers.Scripted(lambda request: answers.get(request.target, Reply(201))))
        life = Life(self.own, self.folder())
        life.client.set(Profile_Rule=f'{server.url}/x.xml', Custom_CA_Rule=f'{server.url}/ca.pem',
                        Report_Rule=f'[--delta]{server.url}/report', Report_to_Server='On Request')
        life.step('Set')
        for number, pem in enumerate(made, 1):
            answers.update({'/x.xml': Reply(body=profile(GPP_A=f'with CA {number}')), '/ca.pem': Reply(body=pem)})
            self.assertEqual(life.client.wait_finished(life.client.resync(force=True))[0], 'success')
            self.assertEqual(life.client.status()['custom-ca'], f'CA {number}: loaded')
            life.step(f'custom CA {number}', lone_values=True)
        for title in ('the first report', 'the second report'):
            life.client.set(GPP_B=title)
            life.step('Set')
            self.assertEqual(life.client.wait_finished(life.client.resync(reason='report', force=True))[0], 'success')
            life.step(title)
        life.client.set(Custom_CA_Rule='')
        life.step('Set')
        answers['/x.xml'] = Reply(body=profile(GPP_A='without'))
        self.assertEqual(life.client.wait_finished(life.client.resync(force=True))[0], 'success')
        self.assertNotIn('custom-ca', life.client.status())
        life.step('no custom CA', lone_values=True)
        life.client.call('FactoryReset')
        life.step('FactoryReset')
        life.end()
        self.assertEqual(len({step.after.reported for step in life.steps}), 3)
        self.check(life)

    def two_generations(self):
        """A life of two sets."""
        life = Life(self.own, self.folder())
        for value in ('one', 'two'):
            life.client.set(GPP_A=value, GPP_B=value * 2000)
            life.step(f'Set {value}')
        return life.end()

    def test_reset_that_goes_on(self):
        """a factory reset that power cut short goes on at the next start, and at the one after that (STATE-4)"""
        life = Life(self.own, self.folder())
        life.client.set(GPP_A='old', GPP_SA='secret')
        life.step('Set')
        life.client.set(GPP_A='new')
        life.step('Set again')
        life.client.call('FactoryReset')
        life.step('FactoryReset')
        folders = self.check(life.end())
        cut = next(files for files in folders if b'resetting=true' in files.get('state.conf', File(0, b'')).data
                   and 'parameters.conf' in files and 'parameters.conf.previous' in files)
        again = Life(self.own, self.folder(cut)).end()
        self.assertEqual(again.views[0], life.views[-1])
        for files in self.check(again):
            self.assertTrue(b'resetting=true' in files['state.conf'].data or 'parameters.conf' not in files)

    def test_bad_content(self):
        """power goes while a start sets bad content aside: the generation before is used, then and later (STORE-5)"""
        life = self.two_generations()
        files = recording.snapshot(life.folder)
        files['parameters.conf'] = File(0o600, bytes(len(files['parameters.conf'].data)))
        start = Life(self.own, self.folder(files)).end()
        self.assertEqual(start.views[0], life.views[1])
        self.check(start, set_aside=True)

    def test_the_test(self):
        """a store that leaves out a sync, renames before it, or opens its files to others is found out (STORE-1, STORE-3)"""
        life = self.two_generations()
        good = life.operations
        first = life.steps[-1].first

        def places(kind, good_one=lambda one: True):
            return [place for place, one in enumerate(good) if place > first and isinstance(one, kind) and good_one(one)]

        def without(places_):
            return [Said(b'') if place in places_ else one for place, one in enumerate(good)]
        syncs = places(Sync, lambda one: one.file is not None)
        rename = places(Entries, lambda one: one.names.get('parameters.conf') is not None)[-1]
        late = without(syncs)
        late.insert(rename + 1, Sync(good[syncs[0]].file, rename + 1))
        open_to_all = [one._replace(mode=0o644) if isinstance(one, Entries) and one.mode else one for one in good]
        for what, operations, words in (('no sync of the file', without(syncs), 'set aside'),
                                        ('a rename before the sync', late, 'set aside'),
                                        ('no sync of the folder', without(places(Sync, lambda one: one.file is None)), 'told'),
                                        ('files that others may read', open_to_all, 'mode 644')):
            with self.subTest(what):
                life.operations = operations
                self.assertTrue(any(words in one for one in self.faults(life, expectations(life, len(life.steps) - 1))))


class Parser(unittest.TestCase):
    FOLDER = '/s'

    def read(self, *lines):
        with tempfile.NamedTemporaryFile('w') as file:
            file.write('\n'.join(lines) + '\n')
            file.flush()
            return recording.read(file.name, self.FOLDER, {})

    def hex(self, text):
        return ''.join(f'\\x{letter:02x}' for letter in text.encode())

    def test_unknown(self):
        """a call on the folder that the recorder does not know is refused"""
        for line in (f'1 truncate("{self.hex("/s/a")}", 0) = 0', f'1 fallocate(3<{self.hex("/s/a")}>, 0, 0, 1) = 0',
                     f'1 pwrite64(3<{self.hex("/s/a")}>, "{self.hex("x")}", 1, 0) = 1', '1 gibberish'):
            with self.subTest(line):
                self.assertRaises(ValueError, self.read, line)
        self.assertEqual(self.read(f'1 truncate("{self.hex("/other")}", 0) = 0'), [])

    def test_order(self):
        """a call counts when it returns, and a sync promises nothing of what ended after it began"""
        where = self.hex('/s')
        found = self.read(f'1 fsync(3<{where}> <unfinished ...>',
                          f'2 openat(3<{where}>, "{self.hex("a")}", O_WRONLY|O_CREAT|O_EXCL, 0600) = 4<{self.hex("/s/a")}>',
                          '1 <... fsync resumed>) = 0',
                          f'2 write(4<{self.hex("/s/a")}>, "{self.hex("abc")}", 3) = 2',
                          f'2 linkat(3<{where}>, "{self.hex("b")}", 3<{where}>, "{self.hex("c")}", 0) = -1 ENOENT (No such file)')
        self.assertEqual(found, [Entries({'a': 1}, 0o600), Sync(None, 0), Data(1, b'ab')])
        self.assertEqual(cuts.synced(found, None), 0)


if __name__ == '__main__':
    tap.main('box')
