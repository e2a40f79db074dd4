// SPDX-License-Identifier: LGPL-2.1-or-later
// Files of an RFC 8188 implementation that is not ours, for tests/ctl/test_encrypted.py. Made once, by:
// npm install http_ece@1.2.1 && node http-ece.js > http-ece.json
const ece = require('http_ece'), crypto = require('crypto'), zlib = require('zlib');
const profile = '<flat-profile><GPP_A>from http_ece</GPP_A></flat-profile>';
const many = '<flat-profile>' + '<!-- many records -->'.repeat(40) + '<GPP_A>from http_ece</GPP_A></flat-profile>';
const cases = [[profile, 4096, ''], [profile, 18, ''], [profile, 25, 'a1'], [many, 64, 'k'.repeat(255)],
               [profile, 1048576, ''], [profile, profile.length + 17, ''], [profile, profile.length + 16, '']];
const made = cases.map(([text, rs, keyid], i) => {
  const key = crypto.createHash('sha256').update('key ' + i).digest().subarray(0, 16);
  const plain = i == 0 ? zlib.gzipSync(text) : Buffer.from(text);
  const file = ece.encrypt(plain, { version: 'aes128gcm', key: key.toString('base64url'), rs, keyid,
                                    salt: crypto.createHash('sha256').update('salt ' + i).digest().subarray(0, 16) });
  return { key: key.toString('base64url'), hex: key.toString('hex'), rs, keyid: keyid.length, file: file.toString('base64') };
});
console.log(JSON.stringify({ recipe: 'npm install http_ece@1.2.1 && node http-ece.js > http-ece.json', made }, null, 1));
