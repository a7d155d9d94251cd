// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grouped, matches } from '../../../../client/ui/scenes.js';

const choice = (name, group, description = '') => ({ name, title: name, group, description });

test('groups come as they come first, and keep the order within', () => {
  const groups = grouped([
    choice('focus', 'Day'),
    choice('sleep', 'Rest'),
    choice('bright', 'Day'),
    choice('mine', undefined),
  ]);
  assert.deepEqual(
    groups.map(({ group, choices }) => [group, choices.map(({ name }) => name)]),
    [
      ['Day', ['focus', 'bright']],
      ['Rest', ['sleep']],
      ['', ['mine']],
    ],
  );
});

test('a preset is found by beginnings of its words, in any order, without case and accents', () => {
  const night = choice('night-train', 'Places', 'A carriage in the dark, a lullaby of wheels');
  for (const text of ['', '  ', 'night', 'TRAIN', 'train nig', 'places', 'car whe', 'lùll']) {
    assert.ok(matches(night, text), text);
  }
  for (const text of ['rain', 'nights', 'night day', 'ullaby']) {
    assert.ok(!matches(night, text), text);
  }
  assert.ok(matches({ name: 'étude' }, 'etude'));
  assert.ok(matches({ name: '静けさ' }, '静'));
});
