// SPDX-License-Identifier: MIT
// What the page looks like: for everyone, on every screen, moving or not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, page, station, until } from '../fixture/page.js';
import { moment, nothingMoved, watchShifts } from '../fixture/shifts.js';

test('no view scrolls sideways, from a small phone to a wall, with text at twice its size', async () => {
  await open();
  for (const [width, height] of [
    [320, 568],
    [390, 844],
    [844, 390],
    [820, 1180],
    [1440, 900],
    [2560, 1440],
  ]) {
    await page.setViewportSize({ width, height });
    for (const size of ['', '32px']) {
      await page.evaluate((s) => {
        document.documentElement.style.fontSize = s;
      }, size);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      const widest = await page.evaluate(() =>
        [...document.querySelectorAll('body *')]
          .filter(
            (e) =>
              e.getBoundingClientRect().right > innerWidth + 1 &&
              getComputedStyle(e).position !== 'absolute',
          )
          .map((e) => e.id || e.className || e.tagName),
      );
      assert.ok(over <= 0, `${width}×${height} ${size}: ${over} px too wide: ${widest}`);
    }
  }
});

test('the visualiser follows the sound, and stays off when switched off', async () => {
  await open();
  const ink = () =>
    page.evaluate(() => {
      const canvas = document.getElementById('visual');
      return canvas
        .getContext('2d')
        .getImageData(0, 0, canvas.width, canvas.height)
        .data.reduce((sum, x, i) => sum + (i % 4 === 3 ? x : 0), 0);
    });
  await until(() => {
    const canvas = document.getElementById('visual');
    return canvas
      .getContext('2d')
      .getImageData(canvas.width / 2, 0, 1, canvas.height)
      .data.some((x) => x > 60);
  });
  assert.ok((await ink()) > 0);
  await page.keyboard.press('v');
  await page.waitForSelector('#visual', { state: 'hidden' });
  await page.reload();
  await page.waitForSelector('#visual', { state: 'hidden' });
});

test('with reduced motion nothing moves but every two seconds', async () => {
  await open({ view: { reducedMotion: 'reduce' } });
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  const [changes, seconds] = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const canvas = document.getElementById('visual');
        let drawn = 0;
        const paint = canvas.getContext('2d');
        const clear = paint.clearRect;
        paint.clearRect = function (...rest) {
          ++drawn;
          return clear.apply(this, rest);
        };
        let frames = 0;
        const start = performance.now();
        const frame = () =>
          ++frames < 240
            ? requestAnimationFrame(frame)
            : resolve([drawn, (performance.now() - start) / 1000]);
        requestAnimationFrame(frame);
      }),
  );
  assert.ok(changes <= seconds / 2 + 1, `${changes} drawings in ${seconds} s`);
});

for (const [name, view] of Object.entries({
  'on a desk': { viewport: { width: 1366, height: 650 } },
  'on a phone': { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
})) {
  test(`nothing moves by itself ${name}, from loading to what another listener changes`, async () => {
    await open({ view, prepare: watchShifts });
    await nothingMoved(page);
    const from = await moment(page);
    Object.assign(station.state, { key: 'A', mode: 'lydian', preset: 'sleep', chord: 'Gsus2' });
    station.broadcast(station.stateMessage());
    await until(() => document.getElementById('control-key').value === 'A');
    await nothingMoved(page, from);
  });
}

test('where the station is silent the panel is there all the same, with what needs no station', async () => {
  await open({ play: false });
  await page.route('**/api/**', (route) => route.abort());
  await page.reload();
  await page.waitForSelector('#volume', { state: 'visible' });
});
