// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControlTable, keyIndex } from '../../../../client/link/control-table.js';
import { controlTable } from '../../fixture/control-table.js';

const { names } = controlTable.key;
const table = new ControlTable(controlTable);

test('every spelling of a key finds its place in the list', () => {
  const found = ['C#', 'Cb', 'E#', 'Gb', 'A#', 'Fb', 'B#'];
  const listed = ['Db', 'B', 'F', 'F#', 'Bb', 'E', 'C'];
  assert.deepEqual(
    found.map((key) => names[keyIndex(key, names)]),
    listed,
  );
  for (const [i, key] of names.entries()) assert.equal(keyIndex(key, names), i);
  for (const none of ['H', 'c', '', undefined, 'C#b', 'Dm', 'Bbb', 'C##'])
    assert.equal(keyIndex(none, names), -1);
});

test('what a link says is taken within the table’s ranges and names, and nothing else is', () => {
  const taken = [
    ['bpm', '20', 20],
    ['bpm', '140', 140],
    ['intensity', '0.35', 0.35],
    ['key', 'C#', 'C#'],
    ['mode', 'harmonic-minor', 'harmonic-minor'],
    ['preset', 'my_preset-2', 'my_preset-2'],
    ['preset', 'my+preset', 'my+preset'],
    ['layers.pad+2.on', 'off', false],
    ['layers.pad.on', 'off', false],
    ['layers.another.gain_db', '-48', -48],
  ];
  for (const [control, text, value] of taken)
    assert.equal(table.parse(control, text), value, control);
  const refused = [
    ['bpm', '19.9'],
    ['bpm', '141'],
    ['bpm', 'fast'],
    ['bpm', ''],
    ['bpm', null],
    ['intensity', 'NaN'],
    ['key', 'H'],
    ['mode', 'blues'],
    ['preset', '../x'],
    ['layers.pad.on', 'maybe'],
    ['layers.pad.gain_db', '13'],
    ['layers.pad.loudness', '1'],
    ['layers.main.gain_db', '0'],
    ['layers.master.gain_db', '0'],
    ['layers.my_pad.gain_db', '0'],
    ['layers.PAD.gain_db', '0'],
    ['layers', '0'],
    ['swing', '1'],
    ['constructor', '1'],
  ];
  for (const [control, text] of refused) {
    assert.equal(table.parse(control, text), undefined, `${control} ${text}`);
  }
});

test('a station that tells no table knows no control', () => {
  for (const nothing of [undefined, null, true, 'open', {}]) {
    const empty = new ControlTable(nothing);
    assert.deepEqual([empty.controls, empty.layers], [[], []]);
    assert.equal(empty.info('bpm'), undefined);
  }
});
