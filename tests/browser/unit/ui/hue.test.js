// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hueOfMode, neutralHue } from '../../../../client/ui/hue.js';
import { modes } from '../../fixture/control-table.js';

test('from the brightest mode to the darkest the hue goes one way, from gold to violet', () => {
  const order = ['lydian', 'ionian', 'mixolydian', 'dorian', 'aeolian', 'phrygian', 'locrian'];
  const hues = order.map((mode) => hueOfMode(modes[mode]));
  for (let i = 1; i < hues.length; ++i) assert.ok(hues[i] > hues[i - 1] + 20, `${hues}`);
  assert.ok(hues[0] > 60 && hues[0] < 95, `${hues[0]} is no gold`);
  assert.ok(hues.at(-1) > 285 && hues.at(-1) < 325, `${hues.at(-1)} is no violet`);
});

test('no two modes have the same hue, and one without tones a neutral one', () => {
  const hues = Object.values(modes).map((steps) => Math.round(hueOfMode(steps)));
  assert.equal(new Set(hues).size, hues.length, `${hues}`);
  assert.equal(hueOfMode(undefined), neutralHue);
});
