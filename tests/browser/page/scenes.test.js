// SPDX-License-Identifier: MIT
// Presets: in their groups, and found where they are many.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked, open, page, until } from '../fixture/page.js';
import { manyPresets } from '../fixture/station.js';

const titles = (selector) =>
  page.$$eval(selector, (found) =>
    found.filter((e) => e.checkVisibility()).map((e) => e.innerText),
  );

test('presets stand in their groups, which have names, and few need no search', async () => {
  await open({ play: false });
  assert.deepEqual(await titles('.group-name'), ['Day', 'Rest', 'Light', 'Places']);
  const rest = page.getByRole('group', { name: 'Rest', exact: true });
  assert.deepEqual(await rest.locator('b').allInnerTexts(), ['Meditation', 'Sleep']);
  assert.ok(!(await page.isVisible('.search')));
});

test('of many presets one is found by a few letters, and taken by Enter', async () => {
  await open({ play: false, presets: manyPresets });
  await page.keyboard.press('/');
  await page.keyboard.type('ob');
  assert.deepEqual(await titles('.chip b'), ['Observatory']);
  assert.deepEqual(await titles('.group-name'), ['Rest']);
  await until(() => document.getElementById('announce').textContent === 'Observatory');
  await page.keyboard.press('Enter');
  await asked((m) => m.preset === 'observatory');
  await page.focus('.search');
  await page.keyboard.type('xyz');
  await page.waitForSelector('.presets .hint:visible');
  assert.deepEqual(await titles('.group-name'), []);
  await page.keyboard.press('Escape');
  assert.equal((await titles('.group-name')).length, 5);
});
