#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Certificates of every wrong kind, and the few strange ones that are good."""

import functools
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import harness  # noqa: E402
import provider  # noqa: E402
from harness import Case  # noqa: E402
from lib import certificates, scripted, tap  # noqa: E402
from provider import ADDRESS, HOST  # noqa: E402

DAY = 86400
SERVER = 'extendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n'
NAMED = f'subjectAltName=DNS:{HOST}\n' + SERVER
CA = 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n'
ISSUER = 'its certificate comes from an issuer that '
NAME = 'its certificate is for another name '
UNFIT = 'its certificate, or that of an issuer, is not one for servers or cannot be verified'
WEAK = 'its certificate, or that of an issuer, has too weak a key or signature'


def issue(*names, by='ec', **more):
    """-> a function that makes the server with such a certificate, once there is a box."""
    return lambda: provider.web(provider.root(by).issue(*names, **more))


def issue_below(extensions, *names, subject='/CN=x', more=None, **of_issuer):
    """The same, with an issuer in between that has these extensions."""
    def make():
        between = certificates.Authority('Between', over=provider.root(), extensions=extensions, **of_issuer)
        return provider.web(between.issue(*names or (HOST,), subject=subject, **more or {}))
    return make


def raw_names(*names):
    """subjectAltName with these bytes for DNS names, which openssl would not write by itself."""
    body = b''.join(b'\x82' + bytes([len(name)]) + name for name in names)
    return f'subjectAltName=DER:30{len(body):02x}{body.hex()}\n' + SERVER


def self_signed():
    return provider.web(provider.root().issue(HOST, self_signed=True))


def without_issuer():
    """The one in between is not sent along."""
    own = certificates.Authority('Between', over=provider.root()).issue(HOST)
    certificates.write(own.chain, own.leaf())
    return provider.web(own)


def path_length():
    first = certificates.Authority('First', over=provider.root(), extensions='basicConstraints=critical,CA:TRUE,pathlen:0\n')
    return provider.web(certificates.Authority('Second', over=first).issue(HOST))


@functools.lru_cache
def hundred():
    below = provider.root()
    key = below.issue('key').key
    for number in range(99):
        below = certificates.Authority(f'Number {number}', over=below, key=key)
    return below.issue(HOST)


def broken_chain():
    """The same, of which one in the middle is missing."""
    end = '-----END CERTIFICATE-----\n'
    parts = certificates.read(hundred().chain).split(end)
    path = certificates.write(hundred().chain + '.broken', end.join(parts[:50] + parts[51:]))
    return provider.web(certificates.Certificate(path, hundred().key))


def many_names(count, *more):
    names = [f'{number:x}.a' for number in range(count)] + list(more)
    section = '\n'.join(f'DNS.{number}={name}' for number, name in enumerate(names))
    return issue(subject='/CN=x', extensions=f'subjectAltName=@names\n{SERVER}[names]\n{section}')


def large(size):
    return issue(subject='/CN=x', extensions=f'{NAMED}1.2.3.4.5=DER:0483{size:06x}{"00" * size}')


def by_address(**certificate):
    """Asked for by its address."""
    return lambda: provider.web(provider.root().issue(**certificate), host=ADDRESS)


@harness.table(sections=provider.SECTIONS)
def who_made_it():
    """HTTP-9: the chain leads to a trusted root, and each of its certificates may stand where it stands"""
    refused = provider.refused
    return [
        Case('as it should be', error='', server=issue(HOST)),
        Case('one between', error='', server=issue_below(CA)),
        Case('critical constraint that is met', error='',
             server=issue_below(CA + 'nameConstraints=critical,permitted;DNS:example\n')),
        refused('self-signed', self_signed, 'its certificate is self-signed'),
        refused('of nobody', lambda: provider.web(certificates.Authority('Nobody').issue(HOST)),
                ISSUER + r'is not trusted \(CN=Nobody\)'),
        refused('of nobody with a trusted name', lambda: provider.web(certificates.Authority('Provider ec').issue(HOST)),
                ISSUER + r'is not trusted \(CN=Provider ec\)'),
        refused('issuer is missing', without_issuer, ISSUER + r'is not trusted \(CN=Between\)'),
        refused('issuer is no authority', issue_below('basicConstraints=CA:FALSE'), ISSUER + r'may not make any \(CN=Between\)'),
        refused('issuer does not say what it is', issue_below('keyUsage=keyCertSign'), ISSUER + 'may not make any'),
        refused('issuer of version 1', issue_below(''), ISSUER + 'may not make any'),
        refused('issuer may not sign', issue_below('basicConstraints=critical,CA:TRUE\nkeyUsage=digitalSignature'), UNFIT),
        refused('issuer for clients alone', issue_below(CA + 'extendedKeyUsage=clientAuth'), UNFIT),
        refused('issuer has expired', issue_below(CA, ends=-60), r'its certificate has expired \(on 20'),
        refused('issuer is not yet valid', issue_below(CA, begins=DAY), r'its certificate is not yet valid \(before 20'),
        refused('issuer with a critical unknown', issue_below(CA + '1.2.3.4.5=critical,DER:0500'), UNFIT),
        refused('issuer with a weak key', issue_below(CA, key='rsa:1024'), WEAK),
        refused('name is excluded', issue_below(CA + 'nameConstraints=critical,excluded;DNS:example'), UNFIT),
        refused('name is not permitted', issue_below(CA + 'nameConstraints=critical,permitted;DNS:other.test'), UNFIT),
        refused('common name is not permitted', issue_below(CA + 'nameConstraints=critical,permitted;DNS:other.test',
                                                            subject=f'/CN={HOST}', more={'extensions': SERVER}), UNFIT),
        refused('path is too long', path_length, UNFIT),
        Case('chain of 100', error='', server=lambda: provider.web(hundred())),
        refused('chain of 100 that is broken', broken_chain, ISSUER + r'is not trusted \(CN=Number 49\)'),
    ]


CRL = '/var/lib/revoked.pem'


def judged(named=False, below=False, by='rsa:2048'):
    """A server with a new certificate, of an issuer in between or not, when the list names it, or that issuer, or nobody."""
    def make():
        root = listed = provider.root('rsa:2048')
        if by != 'rsa:2048':
            root = provider.root(by)
        between = certificates.Authority('Between', over=root) if below else root
        own = between.issue(HOST)
        gone = [certificates.Certificate(between.path, None) if below else own] if named else []
        certificates.write(CRL, certificates.read(listed.revoke(*gone)))
        return provider.web(own)
    return make


@harness.table(sections={**provider.SECTIONS, 'Tls': {**provider.SECTIONS['Tls'], 'CrlFile': CRL}})
def what_was_revoked():
    """HTTP-9: where a list of CrlFile names it, it counts no more, and nothing else is touched by that"""
    gone = 'its certificate, or that of an issuer, was revoked'
    return [
        provider.refused('revoked', judged(named=True), gone),
        provider.refused('issuer was revoked', judged(named=True, below=True), gone),
        Case('another of the same issuer', error='', server=judged()),
        Case('of an issuer without a list', error='', server=judged(by='ec')),
    ]


@harness.table(sections=provider.SECTIONS)
def what_it_is():
    """HTTP-9: dates, purpose, strength, and whether it can be read at all"""
    refused = provider.refused
    return [
        refused('expired', issue(HOST, begins=-2 * DAY, ends=-DAY), r'its certificate has expired \(on 20'),
        refused('not yet valid', issue(HOST, begins=DAY), r'its certificate is not yet valid \(before 20'),
        refused('ends before it begins', issue(HOST, begins=DAY, ends=-DAY), 'is not yet valid'),
        refused('for clients', issue(HOST, usage='clientAuth'), UNFIT),
        refused('for programs', issue(HOST, usage='codeSigning'), UNFIT),
        refused('may not sign a handshake', issue(subject='/CN=x', extensions=NAMED + 'keyUsage=critical,keyEncipherment'),
                'Key usage violation'),
        refused('may sign revocations alone', issue(subject='/CN=x', extensions=NAMED + 'keyUsage=critical,cRLSign'),
                'Key usage violation'),
        refused('an authority itself', issue(subject='/CN=x', extensions=f'subjectAltName=DNS:{HOST}\n{CA}'),
                'Key usage violation'),
        refused('critical unknown', issue(subject='/CN=x', extensions=NAMED + '1.2.3.4.5=critical,DER:0500'), UNFIT),
        refused('MD5', issue(HOST, by='rsa:2048', digest='md5'), WEAK),
        refused('SHA-1', issue(HOST, by='rsa:2048', digest='sha1'), WEAK),
        refused('SHA-1 with ECDSA', issue(HOST, digest='sha1'), WEAK),
        # 512 bits are too few for what TLS 1.3 signs with
        refused('RSA of 512 bits', lambda: provider.web(scripted.context(
            provider.root().issue(HOST, key='rsa:512'), newest=scripted.ssl.TLSVersion.TLSv1_2)), WEAK),
        refused('RSA of 1024 bits', issue(HOST, key='rsa:1024'), WEAK),
        refused('by an authority of 1024 bits', issue(HOST, by='rsa:1024'), WEAK),
        refused('300 KB', large(300000), 'The handshake data size is too large'),
        Case('100 KB', error='', server=large(100000)),
        Case('unknown that is not critical', error='', server=issue(subject='/CN=x', extensions=NAMED + '1.2.3.4.5=DER:0500')),
        Case('RSA of 2048 bits', error='', server=issue(HOST, key='rsa:2048')),
        Case('serial number 0', error='', server=issue(HOST, serial='00')),
        Case('serial number of 100 bytes', error='', server=issue(HOST, serial='7f' * 100)),
        Case('version 1', error='', server=issue(subject=f'/CN={HOST}', extensions='')),
    ]


@harness.table(sections=provider.SECTIONS)
def whose_it_is():
    """HTTP-9: the name of the URL, and no other that looks like it"""
    refused = provider.refused

    def for_names(name, *patterns, shown=None):
        return refused(name, issue(subject='/CN=x', extensions=raw_names(*patterns)),
                       NAME + rf'\({shown or harness.re.escape(patterns[0].decode())}, not {HOST}\)')
    return [
        refused('another', issue('other.example', '192.0.2.77'), NAME + rf'\(other.example, 192.0.2.77, not {HOST}\)'),
        refused('another, though the common name fits', issue('other.example', subject=f'/CN={HOST}'), NAME),
        refused('an address, though the common name fits', issue('192.0.2.99', subject=f'/CN={HOST}'), NAME),
        refused('two common names', issue(subject=f'/CN=other.example/CN={HOST}', extensions=SERVER), NAME),
        refused('no name at all', issue(subject='/O=x/CN=x', extensions=SERVER), NAME + r'\(no name at all, not'),
        refused('a URI', issue(subject='/CN=x', extensions=f'subjectAltName=URI:https://{HOST}/\n{SERVER}'), NAME),
        for_names('wildcard too wide', b'*.example'),
        for_names('wildcard alone', b'*'),
        for_names('wildcard at the end', b'prov.*'),
        for_names('wildcard at the beginning of a part', b'*v.example'),
        for_names('wildcard at the end of a part', b'p*.example'),
        for_names('wildcards twice', b'*.*'),
        for_names('wildcard below it', b'*.prov.example'),
        refused('wildcard as common name', issue(subject='/CN=*.example', extensions=SERVER), NAME),
        for_names('with a NUL', b'prov.example\0.evil.example', shown=r'prov.example\\x00.evil.example'),
        for_names('with a dot after it', b'prov.example.'),
        for_names('with a dot before it', b'.example'),
        for_names('control characters', b'\x1b[2Jprov.example', b'\r\nSet: x', shown=r'\\x1b\[2Jprov.example, \\x0d\\x0aSet: x'),
        for_names('bytes beyond ASCII', b'pr\xc3\xb6v.example', b'\xff\xfe', shown='.*prö?.*'),
        refused('an empty one', issue(subject='/CN=x', extensions=raw_names(b'')), 'Unknown Subject Alternative name'),
        refused('1000 others', many_names(1000), NAME + r'\(0\.a, 1\.a, 2\.a.{1,200}, not prov'),
        Case('1000, and it is the last', error='', server=many_names(1000, HOST)),
        Case('upper case', error='', server=issue(HOST.upper())),
        Case('common name where there is no other', error='', server=issue(subject=f'/CN={HOST}', extensions=SERVER)),
        refused('an address as a DNS name',
                by_address(subject='/CN=x', extensions=f'subjectAltName=DNS:{ADDRESS}\n{SERVER}'), NAME),
        refused('an address as common name', by_address(subject=f'/CN={ADDRESS}', extensions=SERVER), NAME),
        Case('an address', error='', server=lambda: provider.web(provider.root().issue(ADDRESS), host=ADDRESS)),
    ]


@harness.table(phones=1, sections=provider.SECTIONS, ConnectTimeout=60, TransferTimeout=90)
def how_many_names():
    """HTTP-9: GnuTLS takes the square of their number to read them, and the phone waits for it"""
    # a build with sanitizers would take minutes for as many
    count = 2500 if harness.tree.is_sanitized() else 10000
    return [provider.refused('thousands of others', many_names(count), NAME + r'\(0\.a, 1\.a, 2\.a.{1,200}, not prov', within=100)]


if __name__ == '__main__':
    tap.main('box')
