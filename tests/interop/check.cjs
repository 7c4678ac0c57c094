// Checks our receipts with npm @sigstore/verify: the signed head and the inclusion proof.
'use strict';
const fs = require('fs');
const path = require('path');
const crypto = require('crypto');

// The package exports no path into dist, so resolve its entry point first.
const dist = path.dirname(require.resolve('@sigstore/verify'));
const { verifyCheckpoint } = require(path.join(dist, 'tlog', 'checkpoint.js'));
const { verifyMerkleInclusion } = require(path.join(dist, 'tlog', 'merkle.js'));

const dir = process.argv[2];
const vkey = fs.readFileSync(path.join(dir, 'log.vkey'), 'utf8').trim();
const [name, id, ...rest] = vkey.split('+');
const raw = Buffer.from(rest.join('+'), 'base64').subarray(1);
const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
const log = {
  logID: Buffer.from(id, 'hex'),
  baseURL: `https://${name}`,
  publicKey: crypto.createPublicKey({ key: spki, format: 'der', type: 'spki' }),
};

function entryOf(extra) {
  // CBOR: array head, version 1, then a byte string with a one- or two-byte length.
  const wide = extra[2] === 0x59;
  const [start, length] = wide ? [5, extra.readUInt16BE(3)] : [4, extra[3]];
  return extra.subarray(start, start + length);
}

function check(file) {
  const text = fs.readFileSync(file, 'utf8');
  const cut = text.indexOf('\n\n');
  const [header, extra, index, ...hashes] = text.slice(0, cut).split('\n');
  if (header !== 'c2sp.org/tlog-proof@v1') throw new Error('not a proof');
  const entry = {
    canonicalizedBody: entryOf(Buffer.from(extra.slice('extra '.length), 'base64')),
    inclusionProof: {
      logIndex: index.slice('index '.length),
      hashes: hashes.map((hash) => Buffer.from(hash, 'base64')),
      checkpoint: { envelope: text.slice(cut + 2) },
    },
  };
  const checkpoint = verifyCheckpoint(entry, [log]);
  verifyMerkleInclusion(entry, checkpoint);
  return checkpoint.logSize;
}

const receipts = fs.readdirSync(path.join(dir, 'receipts'));
if (receipts.length === 0) throw new Error('no receipts');
const sizes = receipts.map((name) => check(path.join(dir, 'receipts', name)));
console.log(`node @sigstore/verify: ${receipts.length} receipts under a head of ${sizes[0]} entries`);
