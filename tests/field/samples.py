# SPDX-License-Identifier: LGPL-2.1-or-later
"""The samples: what each file is on its server, with what a phone opens it, and what check has to say of it.

The files in samples/ are readable; what a provider's tools do to them on the way to the server is done here. NAME.values beside each
holds the parameters that must come out, as field-values prints them.
"""

import gzip
import os
import subprocess
from collections import namedtuple

from lib import tree

FOLDER = tree.source('tests', 'field', 'samples')
CATALOGUE = tree.source('data', 'catalogue')
CTL = os.path.join(tree.BUILD, 'src', 'ctl', 'resyncctl')
VALUES = os.path.join(tree.BUILD, 'tests', 'field', 'field-values')
RULES = os.path.join(tree.BUILD, 'tests', 'field', 'field-rules')
KEY, IKM = 'Kq3vN-8', '0123456789abcdef0123456789abcdef'
ALIASES = '/line/name = /flat-profile/Display_Name_1_ ; /line/password = /flat-profile/Password_1_ ;\n' \
    '/provisioning/subscriber/name = /flat-profile/Station_Name ;'

# faults: (line, kind, name) of each that check must find, and no other
Sample = namedtuple('Sample', 'name file dress key ikm aliases faults', defaults=(None, '', '', '', ()))


def windows(data):
    """A byte order mark, and lines that end as they do there."""
    return b'\xef\xbb\xbf' + data.replace(b'\n', b'\r\n')


def latin1(data):
    return data.decode().encode('iso-8859-1')


def windows_1252(data):
    return data.decode().encode('windows-1252')


def utf16(data):
    return data.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode('utf-16')


def salted(*options):
    """By the openssl of the system."""
    def dress(data):
        return subprocess.run(['openssl', 'enc', '-aes-256-cbc', '-salt', *options, '-k', KEY], input=data, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return dress


def rfc8188(data):
    return subprocess.run([CTL, 'encrypt', '--ikm', IKM, '-'], input=data, check=True, stdout=subprocess.PIPE).stdout


def fill_in(data):
    """What the manual leaves to the reader."""
    return data.replace(b'<server ip address>', b'192.0.2.80')


SAMPLES = (
    Sample('preprovisioned in the warehouse', 'preprovision.xml'),
    Sample('common to all phones, then the phone’s own', 'common.xml'),
    Sample('a phone’s own', 'phone.xml'),
    Sample('credentials in the query', 'query.xml'),
    Sample('firmware in stages', 'stages.xml'),
    Sample('empty elements', 'empty.xml'),
    Sample('beside the configuration of a router', 'router.xml'),
    Sample('ISO-8859-1', 'latin1.xml', latin1),
    Sample('made on Windows', 'windows.xml', windows),
    Sample('windows-1252, indented with tabs', 'tabs.xml', windows_1252),
    Sample('UTF-16', 'preprovision.xml', utf16),
    Sample('the plain-text form', 'plain.txt'),
    Sample('the plain-text form, packed, made on Windows', 'plain.txt', lambda data: gzip.compress(windows(data))),
    Sample('another system’s XML, by an alias map', 'alias.xml', aliases=ALIASES),
    Sample('reports and logs, under old names', 'report.xml'),
    Sample('keys and sidecars', 'keys.xml'),
    Sample('rules that assign, and options of every kind', 'assign.xml'),
    Sample('time, tones, languages', 'place.xml'),
    Sample('triggers and lists', 'triggers.xml'),
    Sample('CDATA, references, foreign attributes', 'cdata.xml'),
    Sample('RFC 8188', 'secure.xml', rfc8188, ikm=IKM),
    Sample('openssl of today', 'sealed.xml', salted('-md', 'sha256'), key=KEY),
    Sample('openssl before 1.1.0, packed inside', 'sealed.xml', lambda data: salted('-md', 'md5')(gzip.compress(data)), key=KEY),
    Sample('openssl with -pbkdf2', 'sealed.xml', salted('-pbkdf2'), key=KEY),
    Sample('packed', 'common.xml', gzip.compress),
    Sample('packed twice', 'phone.xml', lambda data: gzip.compress(gzip.compress(data))),
    Sample('one site, plain tftp', 'lan.xml'),
    Sample('servers in a row', 'servers.xml', faults=((6, 'bad-rule', 'Profile_Rule_B'),)),
    Sample('for phones of several makers', 'unknown.xml', faults=(
        (4, 'unknown-name', 'account.1.enable'), (5, 'unknown-name', 'Vendor_X_Sidecar_Brightness_Curve'), (7, 'duplicate', 'GPP_A'),
        (8, 'bad-value', 'Resync_Random_Delay'))),
    Sample('the manual’s activation', 'activation.xml', fill_in),
    Sample('the manual’s SRV', 'srv.xml'),
)


def content(sample):
    with open(os.path.join(FOLDER, sample.file), 'rb') as file:
        data = file.read()
    return sample.dress(data) if sample.dress else data


def expected(sample):
    """(name, access, value) of each parameter."""
    path = os.path.join(FOLDER, os.path.splitext(sample.file)[0] + '.values')
    with open(path, encoding='utf-8') as file:
        return [tuple(line.split('\t')) for line in file.read().splitlines()]


def options(sample):
    """Of resyncctl check."""
    given = (('--key', sample.key), ('--ikm', sample.ikm), ('--alias', sample.aliases))
    return [word for name, value in given if value for word in (name, value)]
