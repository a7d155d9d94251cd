// SPDX-License-Identifier: MIT
// Keyboard and screen reader.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked, open, page, playing, shown, slide, station, until } from '../fixture/page.js';

test('everything that can be clicked can be reached from the keyboard', async () => {
  await open({ play: false });
  const seen = new Set();
  await page.click('#layers summary');
  for (let i = 0; i < 60; ++i) {
    await page.keyboard.press('Tab');
    seen.add(
      await page.evaluate(
        () =>
          document.activeElement.id ||
          document.activeElement.getAttribute('aria-label') ||
          document.activeElement.tagName,
      ),
    );
  }
  for (const id of [
    'play',
    'open-timer',
    'open-share',
    'open-settings',
    'control-key',
    'control-mode',
    'control-intensity',
    'control-bpm',
    'volume',
    'SUMMARY',
    'Pad layer',
    'Pad level',
  ]) {
    assert.ok(seen.has(id), `${id} among ${[...seen]}`);
  }
});

test('what is done often has a key of its own', async () => {
  await open({ play: false });
  await page.focus('#play');
  await page.keyboard.press('Space');
  await playing();
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press(']');
  await asked((m) => m.intensity === 0.55);
  await page.keyboard.press('.');
  await asked((m) => m.bpm === 62);
  await page.keyboard.press('3');
  await asked((m) => m.preset === 'sleep');
  const volume = Number(await page.inputValue('#volume'));
  await page.keyboard.press('-');
  assert.ok(Math.abs(Number(await page.inputValue('#volume')) - volume + 0.05) < 1e-9);
  await page.keyboard.press('='); // plus without shift, on most keyboards
  assert.ok(Math.abs(Number(await page.inputValue('#volume')) - volume) < 1e-9);
  for (const [key, dialog] of [
    ['t', '#timer-dialog'],
    ['s', '#share-dialog'],
    ['?', '#settings-dialog'],
  ]) {
    await page.keyboard.press(key);
    await page.waitForSelector(`${dialog}[open]`);
    await page.keyboard.press('Escape');
    await page.waitForSelector(`${dialog}:not([open])`, { state: 'attached' });
  }
  await page.keyboard.press('Space');
  await playing('off');
  // Right after it closed, a dialog may have the focus still, but takes no keys.
  await page.evaluate(() => {
    document.getElementById('share-dialog').showModal();
    document.getElementById('share-link').focus();
    document.getElementById('share-dialog').close();
    document
      .getElementById('share-link')
      .dispatchEvent(new KeyboardEvent('keydown', { key: 't', bubbles: true }));
  });
  await page.waitForSelector('#timer-dialog[open]');
});

test('a screen reader is told of a change once, when it is heard, and of trouble once', async () => {
  await open();
  await page.evaluate(() => {
    globalThis.said = [];
    for (const region of document.querySelectorAll(
      '[role="status"], [role="alert"], [aria-live], output',
    )) {
      new MutationObserver(() => {
        if (region.textContent) globalThis.said.push(region.textContent);
      }).observe(region, { childList: true, characterData: true, subtree: true });
    }
  });
  await page.selectOption('#control-key', 'A');
  await slide('#control-intensity', 'ArrowRight', 1);
  await until(
    () =>
      globalThis.said.join().includes('Key heard') &&
      globalThis.said.join().includes('Intensity heard'),
  );
  assert.deepEqual(
    (await page.evaluate(() => globalThis.said.splice(0).join(', '))).split(', ').sort(),
    ['Intensity heard', 'Key heard'],
  );
  await page.evaluate(() => {
    const s = document.getElementById('control-bpm');
    s.value = 113;
    s.dispatchEvent(new Event('input'));
  });
  await shown('bpm', 'refused');
  // What is said is said within 100 ms.
  await until((s) => performance.now() > s, await page.evaluate(() => performance.now() + 300));
  assert.deepEqual(await page.evaluate(() => globalThis.said.splice(0)), [
    'bpm is 113, which nobody likes',
  ]);
  await station.close();
  await until(() => globalThis.said.length > 0);
  await playing('wait');
  assert.deepEqual(await page.evaluate(() => globalThis.said), [
    'The station does not answer. This page keeps trying.',
  ]);
});

test('single keys can be switched off', async () => {
  await open({ play: false });
  await page.keyboard.press('?');
  await page.uncheck('#keys-on');
  await page.keyboard.press('Escape');
  await page.keyboard.press('t');
  await page.keyboard.press('k');
  assert.equal(await page.locator('dialog[open]').count(), 0);
  assert.equal(await page.getAttribute('body', 'data-play'), 'off');
});
