# SPDX-License-Identifier: LGPL-2.1-or-later
"""Encrypted files of other hands than ours: the real openssl, files of http_ece, and RFC 8188 read and written with OpenSSL's library."""

import base64
import ctypes
import hmac
import json
import subprocess

from . import tree

# how the generations of openssl derive the key
GENERATIONS = (('-md', 'sha256'), ('-md', 'md5'), ('-pbkdf2',), ('-pbkdf2', '-md', 'sha256', '-iter', '10000'))
SEALED = 'The profile cannot be decrypted: the key is another one, or the file was changed or cut short'
_TAG = 16
_GET_TAG, _SET_TAG = 0x10, 0x11


def openssl(*arguments, data, key):
    """What `openssl enc -aes-256-cbc` makes of DATA; -d reads."""
    done = subprocess.run(['openssl', 'enc', '-aes-256-cbc', *arguments, '-k', key], input=data if isinstance(data, bytes) else data.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise AssertionError(f'openssl enc {arguments}: {done.stderr.decode()}')
    return done.stdout


def vectors():
    """What http_ece, an implementation of RFC 8188 by others, wrote, read and refused (tests/ctl/vectors/http-ece.js); files as bytes.

    made: its files, with key, hex, rs, keyid and pad; sums: the digests of more, of SIZE bytes, with the key and the salt; judged: files made by
    hand, by their names, with the text it read, or None; reports: what phones sent, and what it read there.
    """
    with open(tree.source('tests', 'ctl', 'vectors', 'http-ece.json'), encoding='utf-8') as file:
        found = json.load(file)
    for kind in ('made', 'judged', 'reports'):
        found[kind] = [{**one, 'file': base64.b64decode(one['file'])} for one in found[kind]]
    return found


def http_ece():
    """The files that it made."""
    return vectors()['made']


def _keys(key, salt):
    """Key and nonce of RFC 8188 section 2.2 and 2.3."""
    prk = hmac.digest(salt, key, 'sha256')
    return (hmac.digest(prk, b'Content-Encoding: aes128gcm\0\1', 'sha256')[:16], hmac.digest(prk, b'Content-Encoding: nonce\0\1', 'sha256')[:12])


def _gcm(encrypt, key, nonce, data, tag=b''):
    """AES-128-GCM by OpenSSL: (text, tag) where it encrypts, the text or None where it decrypts."""
    crypto = ctypes.CDLL('libcrypto.so.3')
    for name in ('EVP_CIPHER_CTX_new', 'EVP_aes_128_gcm'):
        getattr(crypto, name).restype = ctypes.c_void_p
    context, length = ctypes.c_void_p(crypto.EVP_CIPHER_CTX_new()), ctypes.c_int()
    out, found = ctypes.create_string_buffer(len(data) + _TAG), ctypes.create_string_buffer(tag, _TAG)
    try:
        good = crypto.EVP_CipherInit_ex(context, ctypes.c_void_p(crypto.EVP_aes_128_gcm()), None, key, nonce, int(encrypt)) == 1
        good = good and crypto.EVP_CipherUpdate(context, out, ctypes.byref(length), data, len(data)) == 1
        if not encrypt:
            good = good and crypto.EVP_CIPHER_CTX_ctrl(context, _SET_TAG, _TAG, found) == 1
        good = good and crypto.EVP_CipherFinal_ex(context, out, ctypes.byref(length)) == 1
        if encrypt:
            good = good and crypto.EVP_CIPHER_CTX_ctrl(context, _GET_TAG, _TAG, found) == 1
    finally:
        crypto.EVP_CIPHER_CTX_free(context)
    if not encrypt:
        return out.raw[:len(data)] if good else None
    assert good
    return out.raw[:len(data)], found.raw


def _nonce(base, number):
    return (int.from_bytes(base, 'big') ^ number).to_bytes(12, 'big')


def seal(data, ikm, size=4096, salt=b'sixteen bytes of'):
    """An aes128gcm file of records of SIZE bytes. ikm: the key, or base64url of it."""
    key, base = _keys(unpack(ikm), salt)
    parts = [data[i:i + size - 17] for i in range(0, len(data), size - 17)] or [b'']
    made = [salt + size.to_bytes(4, 'big') + b'\0']
    for number, part in enumerate(parts):
        text, tag = _gcm(True, key, _nonce(base, number), part + (b'\2' if number == len(parts) - 1 else b'\1'))
        made.append(text + tag)
    return b''.join(made)


def unseal(data, ikm):
    """What an aes128gcm file holds; AssertionError where it is none. It reads and refuses what http_ece does."""
    salt, size, skip = data[:16], int.from_bytes(data[16:20], 'big'), 21 + data[20]
    key, base = _keys(unpack(ikm), salt)
    records = [data[i:i + size] for i in range(skip, len(data), size)]
    found = []
    for number, record in enumerate(records):
        text = _gcm(False, key, _nonce(base, number), record[:-_TAG], record[-_TAG:])
        assert text is not None, f'record {number} is not of this key'
        text = text.rstrip(b'\0')
        assert text[-1:] == (b'\2' if number == len(records) - 1 else b'\1'), f'record {number} is out of its order'
        found.append(text[:-1])
    return b''.join(found)


def read(data, ikm):
    """What a report holds. Debian has no reader of RFC 8188 by others, so this asserts that it is, byte for byte, the file that http_ece makes of
    what was found there: seal() writes as http_ece does, which test_http_ece in tests/ctl shows."""
    found = unseal(data, ikm)
    assert data == seal(found, ikm, int.from_bytes(data[16:20], 'big'), data[:16]), 'http_ece would have written it in another way'
    return found


def unpack(ikm):
    """The bytes of a key, which may be in base64url."""
    return ikm if isinstance(ikm, bytes) else base64.urlsafe_b64decode(ikm + '=' * (-len(ikm) % 4))
