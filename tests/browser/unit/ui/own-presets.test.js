// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import en from '../../../../client/ui/text/en.js';
import { OwnPresetError, OwnPresets, readPreset } from '../../../../client/ui/own-presets.js';

const preset = { name: 'cave', title: 'Cave', group: 'Places', layers: { pad: { on: true } } };
const drawer = (stored = null) => ({
  localStorage: {
    getItem: () => stored,
    setItem: (_, text) => {
      stored = text;
    },
  },
});

test('what auralis-compose prints is a preset of one’s own, and so is a preset alone', () => {
  const own = { ...preset, group: 'Own' };
  assert.deepEqual(readPreset(JSON.stringify({ preset, harmony: {} })), own);
  assert.deepEqual(readPreset(JSON.stringify(preset)), own);
  const { name: _, ...nameless } = preset;
  assert.equal(readPreset(JSON.stringify(nameless), 'My-Cave.JSON').name, 'my-cave');
});

test('anything else is refused with a text that says why', () => {
  for (const [text, key] of [
    ['title: Cave', 'presets.own.json'],
    ['[]', 'presets.own.other'],
    ['null', 'presets.own.other'],
    ['{"preset": 3}', 'presets.own.other'],
    [JSON.stringify({ ...preset, name: '../cave' }), 'presets.own.other'],
    [JSON.stringify({ name: 'cave' }), 'presets.own.other'],
    [' '.repeat(300000), 'presets.own.long'],
  ]) {
    assert.throws(
      () => readPreset(text),
      (error) => error instanceof OwnPresetError && error.message === key && key in en,
    );
  }
});

test('they are kept, one of each name, and what is stored and no preset is left out', () => {
  const window = drawer(JSON.stringify([{ name: 'odd' }, 4, preset]));
  const presets = new OwnPresets(window);
  assert.deepEqual(presets.list, [preset]);
  presets.add({ ...preset, title: 'Deeper' });
  presets.add({ ...preset, name: 'attic' });
  const kept = () => new OwnPresets(window).list.map(({ name, title }) => [name, title]);
  assert.deepEqual(kept(), [
    ['attic', 'Cave'],
    ['cave', 'Deeper'],
  ]);
  presets.remove('cave');
  assert.deepEqual(kept(), [['attic', 'Cave']]);
  assert.deepEqual(new OwnPresets({}).list, []); // storage is forbidden
});
