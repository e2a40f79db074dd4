// SPDX-License-Identifier: LGPL-2.1-or-later
// What an RFC 8188 implementation that is not ours writes, for test_as_others_write in test-encrypted.c. Made once, by:
// npm install http_ece@1.2.1 && node http-ece.js
const ece = require('http_ece'), crypto = require('crypto');
const sha = (...of) => crypto.createHash('sha256').update(...of).digest();
const key = sha('key').subarray(0, 16), salt = sha('salt').subarray(0, 16);
console.log(key.toString('base64url'), salt.toString('hex'));
for (const rs of [18, 19, 25, 64, 4096, 65536, 1048576]) {
  const room = rs - 17;
  for (const size of [...new Set([0, 1, room - 1, room, room + 1, 2 * room, 2 * room + 1])]) {
    const file = ece.encrypt(Buffer.alloc(size, 'resyncd '), { version: 'aes128gcm', key: key.toString('base64url'), rs, keyid: '', salt });
    console.log(`    { ${rs}, ${size}, ${file.length}, "${sha(file).toString('hex')}" },`);
  }
}
