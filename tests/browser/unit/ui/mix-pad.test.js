// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mixOf, mixText } from '../../../../client/link/mix.js';
import { mixInWords } from '../../../../client/ui/format.js';
import { places as corners, pointOf, sharesAt, within } from '../../../../client/ui/mix-pad.js';

test('at a corner of the pad its preset has the whole, and in the middle all have as much', () => {
  for (const count of [2, 3]) {
    corners[count].forEach((point, i) => {
      const shares = sharesAt(point, count);
      assert.deepEqual(
        shares,
        shares.map((_, at) => Number(at === i)),
      );
    });
    const equal = Array.from({ length: count }, () => 1);
    for (const share of sharesAt(pointOf(equal), count)) {
      assert.ok(Math.abs(share - 1 / count) <= 0.01, `${share} of ${count}`);
    }
  }
});

test('the shares of a point lead back to it', () => {
  for (const point of [
    { x: 0.5, y: 0.5 },
    { x: 0.3, y: 0.8 },
    { x: 0.7, y: 0.6 },
  ]) {
    const back = pointOf(sharesAt(point, 3));
    assert.ok(Math.hypot(back.x - point.x, back.y - point.y) < 0.02, JSON.stringify(back));
  }
});

test('a point outside of the pad is drawn to its edge, where no share is below 0', () => {
  for (let x = -1; x <= 2; x += 0.25) {
    for (let y = -1; y <= 2; y += 0.25) {
      for (const count of [2, 3]) {
        const shares = sharesAt(within({ x, y }, count), count);
        const sum = shares.reduce((a, b) => a + b);
        assert.ok(shares.every((share) => share >= 0) && Math.abs(sum - 1) < 0.015, `${shares}`);
      }
    }
  }
});

test('a mix is the same text however its presets come, and its words begin with the largest', () => {
  assert.equal(mixText({ glass: 0.3, dawn: 0.7 }), 'dawn:0.7,glass:0.3');
  assert.deepEqual(mixOf('dawn:0.7,glass:0.3'), { dawn: 0.7, glass: 0.3 });
  assert.equal(mixInWords('dawn:0.25,glass:0.75,sleep:0'), 'Glass 75 %, Dawn 25 %');
});
