#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tells ./run's story in plain words, from what nmcli and resyncctl --json print.

story.py lease | outcome | parameters | reason | events, each from standard input; outcome ends with 1 where the phone
is not provisioned, events goes on until its input ends.
"""

import datetime
import json
import signal
import sys

OPTIONS = {'043': 'vendor options', '066': 'TFTP server name', '067': 'boot file', '125': 'vendor options', '150': 'TFTP servers',
           '159': 'provisioning URL', '160': 'provisioning URL'}
# what a customization state means, where its name does not say so
STATES = {'Open': ' (not provisioned yet)', 'Aborted': ' (provisioned without asking a redirect service)'}
SHOWN = 8


def show(text):
    print(f'        {text}')


def readable(value):
    """An option's decimal bytes as text where they are text."""
    data = bytes(int(part) for part in value.split()).rstrip(b'\0')
    if data and all(32 <= byte < 127 for byte in data):
        return data.decode('ascii')
    return '.'.join(str(byte) for byte in data)


def lease(text):
    options = {}
    for line in text.splitlines():
        _, _, pair = line.partition(':')
        key, found, value = pair.partition(' = ')
        if found:
            options[key.strip()] = value.strip()
    show(f'address {options.get("ip_address", "?")} from {options.get("dhcp_server_identifier", "?")} for '
         f'{options.get("dhcp_lease_time", "?")} s, domain {options.get("domain_name", "none")}')
    named = [(key[len('phone_'):], value) for key, value in sorted(options.items()) if key.startswith('phone_')]
    for number, value in named:
        about = f' ({OPTIONS[number]})' if number in OPTIONS else ''
        show(f'option {int(number)}{about}: {readable(value)}')
    if not named:
        show('it names no provider')
    return 0


def last(status):
    """The last attempt, or {}."""
    return status.get('provisioning-1') or {}


def provisioned(status):
    return last(status).get('result') in ('success', 'unchanged')


def steps(status):
    """What the phone tried until it was provisioned: (source, what, outcome)."""
    for step in status.get('onboarding') or []:
        fields = list(step.values()) if isinstance(step, dict) else step
        yield fields[0], fields[1], fields[2].removeprefix(fields[1] + ': ')


def outcome(text):
    status = json.loads(text)
    for source, tried, came in steps(status):
        show(f'tried {tried} ({source}): {came}')
    if provisioned(status):
        attempt = last(status)
        show(f'server found by {status.get("profile-source", "?")}, profile from {attempt["url"]}: {attempt["message"]}')
    state = status.get('customization-state')
    show(f'state: {status.get("state")}, customization state: {state}{STATES.get(state, "")}')
    return 0 if provisioned(status) else 1


def parameters(text):
    given = [one for one in json.loads(text) if one.get('origin') == 'profile']
    show(f'{len(given)} parameters come from the profile, such as')
    for one in given[:SHOWN]:
        show(f'  {one["name"]} = {"(secret)" if one.get("secret") else one.get("value", "")}')
    return 0


def reason(text):
    status = json.loads(text)
    # the profile lies where the phone looks first, so what went wrong there says more than what came after
    first = next((f'{tried}: {came}' for _, tried, came in steps(status)), None)
    waits = status.get('waiting-for')
    print('not provisioned: ' + (first or status.get('failure-reason') or last(status).get('message')
                                 or (waits and f'the phone waits for: {waits}') or f'the phone is {status.get("state")}'))
    return 0


def several(names):
    shown = ', '.join(names[:SHOWN])
    return f'{shown} and {len(names) - SHOWN} more' if len(names) > SHOWN else shown


def properties(changed):
    """What is worth a line of the properties that changed."""
    for name, text in (('State', 'state'), ('CustomizationState', 'customization state'), ('ProfileRule', 'profile rule')):
        if name in changed:
            yield f'{text}: {changed[name]}'
    if changed.get('NextResync'):
        yield f'next resync: {datetime.datetime.fromtimestamp(changed["NextResync"] / 1e6):%Y-%m-%d %H:%M:%S}'


def event(one):
    """The lines for one event of resyncctl monitor."""
    kind = one.get('event')
    if kind == 'PropertiesChanged':
        return list(properties(one.get('changed', {})))
    if kind == 'ResyncStarted':
        return [f'resync {one["attempt"]} begins ({one["reason"]})']
    if kind == 'ResyncFinished':
        return [f'resync {one["attempt"]}: {one["result"]}, {one["url"] or "no server"}: {one["message"].removeprefix(one["url"] + ": ")}']
    if kind == 'Changed':
        return [f'parameters changed: {several(one["names"])}']
    if kind == 'RebootRequired':
        return [f'the phone should restart: {one["reason"]}']
    return [{'DaemonLeft': 'resyncd has left the bus', 'DaemonStarted': 'resyncd is on the bus'}.get(kind, kind)]


def events(text):
    # Ctrl-C ends what is read from, and that ends this
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in text:
        for words in event(json.loads(line)):
            print(f'{datetime.datetime.now():%H:%M:%S} {words}', flush=True)
    return 0


def main(arguments):
    if arguments == ['events']:
        return events(sys.stdin)
    told = {'lease': lease, 'outcome': outcome, 'parameters': parameters, 'reason': reason}
    if len(arguments) != 1 or arguments[0] not in told:
        print(__doc__, file=sys.stderr)
        return 2
    return told[arguments[0]](sys.stdin.read())


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
