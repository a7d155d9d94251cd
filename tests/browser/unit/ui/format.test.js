// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes, valueText, withAccidentals } from '../../../../client/ui/format.js';
import { controlTable } from '../../fixture/control-table.js';

test('a value reads as its row of the table says: in its unit, as precise as its step', () => {
  const { bpm, intensity, key, mode, layers } = controlTable;
  const { on, gain_db: gain } = layers.controls;
  const texts = [
    [bpm, 61.6, '62 bpm'],
    [{ ...bpm, step: 0.25 }, 61.5, '61.50 bpm'],
    [intensity, 0.346, '35 %'],
    [gain, -6, '−6 dB'],
    [gain, 3, '+3 dB'],
    [gain, 0, '0 dB'],
    [key, 'Bb', 'B♭'],
    [mode, 'harmonic-minor', 'Harmonic minor'],
    [on, false, 'off'],
    [bpm, undefined, '–'],
  ];
  for (const [info, value, text] of texts) assert.equal(valueText(info, value), text);
});

test('chords and times read as people write them', () => {
  assert.equal(withAccidentals('Bbmaj7/F#'), 'B♭maj7/F♯');
  assert.equal(minutes(65.9), '1:05');
});
