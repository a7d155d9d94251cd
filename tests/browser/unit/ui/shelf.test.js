// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Shelf } from '../../../../client/ui/shelf.js';

function browser(stored = null) {
  const values = { 'auralis-pieces': stored };
  return {
    localStorage: {
      getItem: (key) => values[key],
      setItem: (key, text) => {
        values[key] = text;
      },
    },
  };
}
const piece = (seed) => ({ seed: `${seed}`, preset: 'sleep', controls: { bpm: 60 } });
const seeds = (shelf) => shelf.list.map(({ seed }) => seed);

test('pieces come back newest first, those with a star before all, in another page too', () => {
  const window = browser();
  const shelf = new Shelf(window);
  for (const seed of [1, 2, 3]) shelf.add(piece(seed), seed);
  shelf.mark('1', true);
  assert.deepEqual(seeds(shelf), ['1', '3', '2']);
  assert.deepEqual(seeds(new Shelf(window)), ['1', '3', '2']);
  assert.deepEqual(shelf.list[0], { ...piece(1), when: 1, star: true });
});

test('a piece that plays again is there once, and keeps its star', () => {
  const shelf = new Shelf(browser());
  shelf.add(piece(1), 1);
  shelf.mark('1', true);
  shelf.add(piece(2), 2);
  shelf.add({ ...piece(1), preset: 'focus' }, 3);
  assert.deepEqual(seeds(shelf), ['1', '2']);
  assert.deepEqual(shelf.list[0], { ...piece(1), preset: 'focus', when: 3, star: true });
});

test('fifty are kept without a star, and every one with', () => {
  const shelf = new Shelf(browser());
  shelf.add(piece(0), 0);
  shelf.mark('0', true);
  for (let seed = 1; seed <= 80; ++seed) shelf.add(piece(seed), seed);
  assert.equal(shelf.list.length, 51);
  assert.equal(seeds(shelf)[0], '0');
});

test('what nobody here wrote is left out, and a browser that forbids storage forgets', () => {
  const stored = JSON.stringify([{ seed: 7 }, null, { ...piece(3), when: 1 }]);
  assert.deepEqual(seeds(new Shelf(browser(stored))), ['3']);
  assert.deepEqual(seeds(new Shelf(browser('no JSON'))), []);
  const shelf = new Shelf({});
  shelf.add(piece(1), 1);
  assert.deepEqual(seeds(shelf), ['1']);
});
