#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tells ./run's story in plain words, from what nmcli and resyncctl --json print.

story.py lease | outcome | parameters | reason, each from standard input; outcome ends with 1 where the phone is not
provisioned.
"""

import json
import sys

OPTIONS = {'043': 'vendor options', '066': 'TFTP server name', '067': 'boot file', '125': 'vendor options', '150': 'TFTP servers',
           '159': 'provisioning URL', '160': 'provisioning URL'}
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


def outcome(text):
    status = json.loads(text)
    for step in status.get('onboarding') or []:
        fields = list(step.values()) if isinstance(step, dict) else step
        show(f'tried {fields[1]} ({fields[0]}): {fields[2]}')
    attempt = last(status)
    if attempt:
        show(f'profile: {attempt["result"]}, {attempt["url"]}')
    if status.get('profile-source'):
        show(f'server found by: {status["profile-source"]}')
    show(f'state: {status.get("state")}, customization: {status.get("customization-state")}')
    return 0 if attempt.get('result') in ('success', 'unchanged') else 1


def parameters(text):
    given = [one for one in json.loads(text) if one.get('origin') == 'profile']
    show(f'{len(given)} parameters come from the profile, such as')
    for one in given[:SHOWN]:
        show(f'  {one["name"]} = {"(secret)" if one.get("secret") else one.get("value", "")}')
    return 0


def reason(text):
    status = json.loads(text)
    print('not provisioned: ' + (status.get('failure-reason') or last(status).get('message') or status.get('waiting-for')
                                 or f'the phone is {status.get("state")}'))
    return 0


def main(arguments):
    told = {'lease': lease, 'outcome': outcome, 'parameters': parameters, 'reason': reason}
    if len(arguments) != 1 or arguments[0] not in told:
        print(__doc__, file=sys.stderr)
        return 2
    return told[arguments[0]](sys.stdin.read())


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
