// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hues, keys, listedKey, modes, pretty } from '../../../../client/ui/names.js';
import { fromHash, toHash } from '../../../../client/ui/share.js';
import { SleepTimer } from '../../../../client/ui/sleep-timer.js';

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
  assert.deepEqual(fromHash(toHash({ controls, seed: '18446744073709551615' })), {
    controls,
    seed: '18446744073709551615',
  });
});

test('layers as they are anyway need no room in a link', () => {
  assert.equal(
    toHash({ controls: { key: 'D', 'layers.pad.on': true, 'layers.pad.gain_db': 0 }, seed: '7' }),
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
    assert.deepEqual(fromHash(hash), { controls: {}, seed: undefined }, hash);
  }
});

test('every spelling of a key finds its place in the list, every mode its hue', () => {
  assert.deepEqual(['C#', 'Cb', 'E#', 'Gb', 'A#', 'Fb'].map(listedKey), [
    'Db',
    'B',
    'F',
    'F#',
    'Bb',
    'E',
  ]);
  for (const key of keys) assert.equal(listedKey(key), key);
  for (const mode of modes) assert.ok(hues[mode] >= 0, mode);
  assert.equal(pretty('Bbmaj7/F#'), 'B♭maj7/F♯');
});

test('the sleep timer fades over its last minute and ends in silence', () => {
  const timer = new SleepTimer();
  assert.deepEqual([timer.level(0), timer.over(0)], [1, false]);
  timer.set(1000, 15);
  const end = 1000 + 15 * 60000;
  assert.equal(timer.level(end - 60000), 1);
  assert.equal(timer.level(end - 30000), 0.25);
  for (let t = end - 60000; t < end; t += 100) assert.ok(timer.level(t) >= timer.level(t + 100));
  assert.deepEqual([timer.level(end), timer.over(end), timer.over(end - 1)], [0, true, false]);
  timer.set(end, 0);
  assert.deepEqual([timer.level(end), timer.over(end + 1e9)], [1, false]);
});
