// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OggOpus, oggCrc } from '../../../../client/audio/ogg.js';
import { pcm16, wavHeader } from '../../../../client/audio/wav.js';

test('a WAV file says its length, and has every sample as 16 bits', () => {
  const samples = Float32Array.of(0, 0.5, -1, 1, 2, -2);
  const file = Buffer.concat([wavHeader(3, 44100), pcm16(samples)]);
  assert.deepEqual(
    [22, 34].map((at) => file.readUInt16LE(at)),
    [2, 16],
  );
  assert.deepEqual(
    [4, 24, 40].map((at) => file.readUInt32LE(at)),
    [48, 44100, 12],
  );
  assert.equal(file.length, 44 + 12);
  assert.deepEqual(
    [...new Int16Array(file.buffer.slice(file.byteOffset + 44, file.byteOffset + 56))],
    [0, 16384, -32767, 32767, 32767, -32768],
  );
});

test('the check of a page is that of RFC 3533: of its own bytes, with the check left out', () => {
  // CRC-32 with this polynomial, unreflected, from 0
  assert.equal(oggCrc(Buffer.from('123456789')), 0x89a1897f);
});

test('an Ogg file has its packets whole and in order, the last page alone says that it is, and ends where the sound does', () => {
  const pages = [];
  const head = Buffer.from('OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\0', 'latin1');
  const ogg = new OggOpus({ head, title: 'Sleep', put: (page) => pages.push(Buffer.from(page)) });
  const packets = Array.from({ length: 120 }, (_, i) => new Uint8Array(i * 7).fill(i));
  for (const packet of packets) ogg.write(packet, 960);
  ogg.end(120 * 960 - 400);
  assert.deepEqual(
    pages.map((page) => page[5]),
    [2, 0, 0, 0, 4],
  );
  assert.deepEqual(
    pages.map((page) => Number(page.readBigInt64LE(6))),
    [0, 0, 50 * 960, 100 * 960, 120 * 960 - 400],
  );
  const bodies = pages.slice(2).map((page) => page.subarray(27 + page[26]));
  assert.deepEqual(Buffer.concat(bodies), Buffer.concat(packets));
  for (const page of pages) {
    const check = page.readUInt32LE(22);
    page.writeUInt32LE(0, 22);
    assert.equal(oggCrc(page), check);
  }
});
