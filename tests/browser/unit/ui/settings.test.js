// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Settings } from '../../../../client/ui/settings.js';

const windowWith = (text) => ({
  localStorage: {
    text,
    getItem() {
      return this.text;
    },
    setItem(_, value) {
      this.text = value;
    },
  },
});

test('what was set is there again', () => {
  const window = windowWith(null);
  new Settings(window).set('volume', 0.3);
  assert.equal(new Settings(window).get('volume'), 0.3);
});

test('a browser that forbids storage just forgets', () => {
  const settings = new Settings({
    get localStorage() {
      throw new Error('SecurityError');
    },
  });
  settings.set('volume', 0.3);
  assert.equal(settings.get('volume'), 0.3);
});

test('what nobody here wrote, and what is of another kind, is left alone', () => {
  assert.equal(new Settings(windowWith('{')).get('volume'), 0.8);
  assert.equal(new Settings(windowWith('[]')).get('theme'), 'auto');
  assert.equal(new Settings(windowWith('{"volume":"loud","theme":"dark"}')).get('volume'), 0.8);
});
