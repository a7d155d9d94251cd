// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inStereo, unwrap } from '../../../../client/link/whep.js';

const wrap = 2 ** 32;

test('An offer asks for Opus in stereo, once, and for nothing else in it', () => {
  const offer = 'a=rtpmap:96 opus/48000/2\r\na=fmtp:96 minptime=10\r\na=fmtp:63 96/96\r\n';
  const stereo =
    'a=rtpmap:96 opus/48000/2\r\na=fmtp:96 stereo=1;minptime=10\r\na=fmtp:63 96/96\r\n';
  assert.equal(inStereo(offer), stereo);
  assert.equal(inStereo(stereo), stereo);
});

test('A time stamp is the position with its lower bits that is nearest to where the station is', () => {
  assert.equal(unwrap(1000, 900), 1000);
  assert.equal(unwrap(5, wrap - 5), wrap + 5);
  assert.equal(unwrap(wrap - 5, wrap + 5), wrap - 5);
  assert.equal(unwrap(7, 3 * wrap), 3 * wrap + 7);
});
