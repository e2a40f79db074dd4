// SPDX-License-Identifier: LGPL-2.1-or-later
// What an RFC 8188 implementation that is not ours writes, reads and refuses, for tests/lib/encrypted.py. Made once, by:
// npm install http_ece@1.2.1 && node http-ece.js reports.json > http-ece.json
// reports.json: [{ key, method, file }], what phones sent, in base64: what they hold is for http_ece to say.
const ece = require('http_ece'), crypto = require('crypto'), fs = require('fs'), zlib = require('zlib');
const sha = (...of) => crypto.createHash('sha256').update(...of).digest();
const url = (bytes) => bytes.toString('base64url');

function read(file, key) {
  try { return ece.decrypt(file, { version: 'aes128gcm', key }); } catch { return null; }
}

// files of its own: of every record size, with a keyid, gzip, padding
const profile = '<flat-profile><GPP_A>from http_ece</GPP_A></flat-profile>';
const many = '<flat-profile>' + '<!-- many records -->'.repeat(40) + '<GPP_A>from http_ece</GPP_A></flat-profile>';
const large = '<flat-profile>' + '<!-- many records -->'.repeat(420) + '<GPP_A>from http_ece</GPP_A></flat-profile>';
const cases = [[profile, 4096, ''], [profile, 18, ''], [profile, 25, 'a1'], [many, 64, 'k'.repeat(255)],
               [profile, 1048576, ''], [profile, profile.length + 17, ''], [profile, profile.length + 16, ''],
               [large, 4096, ''], [large, 65536, ''], [profile, 18, '', 40], [profile, 4096, '', 5000], [many, 100, 'k', 1000]];
const made = cases.map(([text, rs, keyid, pad], i) => {
  const key = sha('key ' + i).subarray(0, 16);
  const plain = i == 0 ? zlib.gzipSync(text) : Buffer.from(text);
  const file = ece.encrypt(plain, { version: 'aes128gcm', key: url(key), rs, keyid, pad, salt: sha('salt ' + i).subarray(0, 16) });
  return { key: url(key), hex: key.toString('hex'), rs, keyid: keyid.length, pad: pad || 0, file: file.toString('base64') };
});

// the sums of others, which the reader of the tests has to write alike
const key = sha('key').subarray(0, 16), salt = sha('salt').subarray(0, 16), sums = [];
for (const rs of [18, 19, 25, 64, 4096, 65536]) {
  for (const size of [0, 1, rs - 18, rs - 17, rs - 16, 2 * rs - 34, 2 * rs - 33]) {
    const file = ece.encrypt(Buffer.alloc(size, 'resyncd '), { version: 'aes128gcm', key: url(key), rs, keyid: '', salt });
    sums.push({ rs, size, sha256: sha(file).toString('hex') });
  }
}

// files of records made by hand, each [text, delimiter and padding in hexadecimal], and what it says of them: null where it refuses them
const hmac = (with_, of) => crypto.createHmac('sha256', with_).update(of).digest();
const prk = hmac(salt, key);
const cek = hmac(prk, 'Content-Encoding: aes128gcm\0\x01').subarray(0, 16), base = hmac(prk, 'Content-Encoding: nonce\0\x01').subarray(0, 12);
function seal(rs, records, keyid = '') {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(rs), head.writeUInt8(keyid.length, 4);
  return Buffer.concat([salt, head, Buffer.from(keyid), ...records.map(([text, end], n) => {
    const nonce = Buffer.from(base);
    nonce[11] ^= n;
    const gcm = crypto.createCipheriv('aes-128-gcm', cek, nonce);
    return Buffer.concat([gcm.update(Buffer.concat([Buffer.from(text), Buffer.from(end, 'hex')])), gcm.final(), gcm.getAuthTag()]);
  })]);
}
const half = profile.length / 2 | 0, rs = half + 17;
const [first, second, third] = [profile.slice(0, half), profile.slice(half, 2 * half), profile.slice(2 * half)];
const three = (a, b, c) => seal(rs, [[first, a], [second, b], [third, c]]);
const whole = three('01', '01', '02');
const crafted = {
  'three records': whole,
  'the last one padded': three('01', '01', '0200000000'),
  'padding only in the last one': seal(rs, [[first, '01'], [second, '01'], [third, '01' + '00'.repeat(half - third.length)], ['', '02']]),
  'nothing but padding in the first': seal(rs, [['', '01' + '00'.repeat(half)], [first, '01'], [second, '01'], [third, '02']]),
  'the last says that another follows': three('01', '01', '01'),
  'the first says that it is the last': three('02', '01', '02'),
  'a delimiter of 3': three('01', '01', '03'),
  'no delimiter': three('01', '01', ''),
  'zeros alone': seal(rs, [[first, '01'], [second, '01'], ['', '000000']]),
  'an empty last record': seal(half + 17, [[first, '01'], [second, '01'], [third, '01' + '00'.repeat(half - third.length)], ['', '']]),
  'cut behind the first': whole.subarray(0, 21 + rs),
  'cut behind the second': whole.subarray(0, 21 + 2 * rs),
  'cut within a tag': whole.subarray(0, whole.length - 1),
  'something behind the last': Buffer.concat([whole, Buffer.from('x')]),
  'two records in the other order': Buffer.concat([whole.subarray(0, 21), whole.subarray(21 + rs, 21 + 2 * rs), whole.subarray(21, 21 + rs),
                                                   whole.subarray(21 + 2 * rs)]),
  'a record twice': Buffer.concat([whole.subarray(0, 21 + rs), whole.subarray(21)]),
  'another record size in the header': Buffer.concat([whole.subarray(0, 19), Buffer.from([rs + 1]), whole.subarray(20)]),
  'a keyid of 255 bytes that are no text': seal(4096, [[profile, '02']], Buffer.alloc(255, 0x80)),
  'a bit of the salt': Buffer.concat([Buffer.from([whole[0] ^ 1]), whole.subarray(1)]),
  'a bit of a tag': Buffer.concat([whole.subarray(0, 20 + rs), Buffer.from([whole[20 + rs] ^ 1]), whole.subarray(21 + rs)]),
};
const judged = Object.entries(crafted).map(([name, file]) => {
  const found = read(file, url(key));
  return { name, file: file.toString('base64'), text: found && found.toString() };
});

const reports = JSON.parse(fs.readFileSync(process.argv[2])).map((sent) => (
  { ...sent, rs: Buffer.from(sent.file, 'base64').readUInt32BE(16), text: ece.decrypt(Buffer.from(sent.file, 'base64'),
                                                                                    { version: 'aes128gcm', key: sent.key }).toString() }));

console.log(JSON.stringify({ recipe: 'npm install http_ece@1.2.1 && node http-ece.js reports.json > http-ece.json', made,
                             key: url(key), salt: salt.toString('hex'), sums, judged, reports }, null, 1));
