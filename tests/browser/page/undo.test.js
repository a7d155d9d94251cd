// SPDX-License-Identifier: MIT
// Taking back one's own last change.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked, open, page, shown, station, until } from '../fixture/page.js';

const offered = (text) =>
  until((t) => {
    const undo = document.getElementById('undo');
    return t ? undo.textContent === t && !undo.disabled : undo.disabled;
  }, text);

test('a change can be taken back from the page and by a key, and nothing moves for it', async () => {
  await open({ view: { reducedMotion: 'reduce' } });
  const places = () =>
    page.$$eval('#play, #controls .group, #next', (all) =>
      all.map((e) => JSON.stringify(e.getBoundingClientRect())),
    );
  await page.mouse.move(0, 0);
  await until(() => document.getAnimations().length === 0);
  const before = await places();
  await page.selectOption('#control-key', 'A');
  await shown('key', 'heard');
  await offered('Undo Key');
  assert.deepEqual(await places(), before);
  await page.click('#undo');
  await asked((m) => m.key === 'D');
  await offered('');
  await page.click('.chip:has-text("Sleep")');
  await offered('Undo Preset');
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('z');
  await asked((m) => m.preset === 'focus');
});

test('once another has changed the same, it is not offered any more', async () => {
  await open();
  await page.selectOption('#control-mode', 'lydian');
  await shown('mode', 'heard');
  await offered('Undo Mode');
  station.state.mode = 'aeolian';
  station.broadcast({ ...station.stateMessage(), position: 0 });
  await offered('');
});

test('the key box shows what a preset brings as soon as the preset is heard', async () => {
  await open();
  const { apply } = station;
  station.apply = (message) => {
    if (message.preset) Object.assign(station.state, { key: 'E', mode: 'phrygian' });
    return apply.call(station, message);
  };
  await page.selectOption('#control-key', 'A');
  await shown('key', 'heard');
  await page.click('.chip:has-text("Rain")');
  await until(() => document.querySelector('#controls [data-heard] input').value === 'rain');
  assert.deepEqual(
    [await page.inputValue('#control-key'), await page.inputValue('#control-mode')],
    ['E', 'phrygian'],
  );
});
