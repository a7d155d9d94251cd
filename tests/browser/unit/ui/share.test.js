// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControlTable } from '../../../../client/link/control-table.js';
import { fromHash, toHash } from '../../../../client/ui/share.js';
import { controlTable } from '../../fixture/control-table.js';

const table = new ControlTable(controlTable);

test('a link brings back everything that was put into it', () => {
  const controls = {
    preset: 'focus',
    key: 'F#',
    mode: 'harmonic-minor',
    bpm: 62.5,
    intensity: 0.35,
    'layers.pad.gain_db': -6,
    'layers.lead.on': false,
    'layers.low.on': false,
    'layers.low.gain_db': 2,
  };
  assert.deepEqual(fromHash(toHash({ controls, seed: '18446744073709551615' }, table), table), {
    controls,
    seed: '18446744073709551615',
  });
});

test('layers as they are anyway need no room in a link', () => {
  assert.equal(
    toHash(
      { controls: { key: 'D', 'layers.pad.on': true, 'layers.pad.gain_db': 0 }, seed: '7' },
      table,
    ),
    '#seed=7&key=D',
  );
});

test('whatever else stands in a link is left out', () => {
  for (const hash of [
    '',
    '#',
    '#bpm=500',
    '#bpm=',
    '#bpm=x',
    '#intensity=-1',
    '#intensity=NaN',
    '#key=H',
    '#key=%3Cscript%3E',
    '#preset=../../x',
    '#seed=1e9',
    '#layers=,:,::,master:off,PAD:1,pad:99,%00:off',
  ]) {
    assert.deepEqual(fromHash(hash, table), { controls: {}, seed: undefined }, hash);
  }
});
