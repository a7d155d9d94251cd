// SPDX-License-Identifier: MIT
// What the page looks like: for everyone, on every screen, moving or not.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { hueOfMode } from '../../../client/ui/hue.js';
import { modes } from '../fixture/control-table.js';
import { open, page, shown, station, until } from '../fixture/page.js';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function assertAccessible(what) {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () =>
    (
      await globalThis.axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      })
    ).violations.map((v) => ({
      id: v.id,
      nodes: v.nodes.map((n) => `${n.target} ${n.failureSummary}`),
    })),
  );
  assert.deepEqual(violations, [], what);
}

for (const scheme of ['light', 'dark']) {
  test(`axe finds nothing to blame in ${scheme} where nobody composes and nothing can be set`, async () => {
    await open({ play: false, view: { colorScheme: scheme, reducedMotion: 'reduce' } });
    station.composer = false;
    await page.reload();
    await page.click('#layers summary');
    await until(() => document.getElementById('control-key').disabled);
    await assertAccessible('values unknown');
  });
  test(`axe finds nothing to blame in ${scheme} while things are on their way or went wrong`, async () => {
    await open({
      hash: '#preset=aurora&seed=5&key=E&mode=lydian',
      token: 'secret',
      controlDelayMs: 1e6,
      view: { colorScheme: scheme, reducedMotion: 'reduce' },
    });
    await page.waitForSelector('#offer:visible');
    await assertAccessible('an offer');
    await page.click('#offer-leave');
    await page.selectOption('#control-key', 'A');
    await page.waitForSelector('#token-dialog[open]');
    await assertAccessible('a token is asked for');
    await page.fill('#token', 'wrong');
    await page.click('#token-form [value="use"]');
    await page.waitForSelector('#token-wrong:visible');
    await assertAccessible('a wrong token');
    await page.fill('#token', 'secret');
    await page.click('#token-form [value="use"]');
    await until(() => !document.getElementById('token-dialog').open);
    await shown('key', 'pending');
    await assertAccessible('a control is pending');
    await station.close();
    await until(
      () => document.body.dataset.link === 'lost' && document.getElementById('notice').textContent,
    );
    await assertAccessible('the station is away');
  });
  for (const [device, viewport] of [
    ['a phone', { width: 390, height: 844 }],
    ['a desk', { width: 1440, height: 900 }],
  ]) {
    test(`axe finds nothing to blame in ${scheme} on ${device}: page and dialogs, every mode’s hue`, async () => {
      await open({ view: { viewport, colorScheme: scheme, reducedMotion: 'reduce' } });
      await page.click('#layers summary');
      await assertAccessible('page');
      for (const [mode, steps] of Object.entries(modes)) {
        await page.evaluate(
          (hue) => document.documentElement.style.setProperty('--hue', hue),
          hueOfMode(steps),
        );
        const violations = await page.evaluate(async () =>
          (await globalThis.axe.run(document, { runOnly: ['color-contrast'] })).violations.flatMap(
            (v) => v.nodes.map((n) => `${n.target} ${n.failureSummary}`),
          ),
        );
        assert.deepEqual(violations, [], mode);
      }
      for (const id of ['timer', 'share', 'settings']) {
        await page.click(`#open-${id}`);
        await page.waitForSelector(`#${id}-dialog[open]`);
        await assertAccessible(id);
        await page.keyboard.press('Escape');
      }
      // What only a page that plays by itself shows.
      await page.evaluate(() => {
        const piece = { seed: '7', preset: 'sleep', controls: {}, when: Date.now(), star: true };
        localStorage.setItem('auralis-pieces', JSON.stringify([piece]));
        for (const id of ['where', 'new-piece']) document.getElementById(id).hidden = false;
      });
      await assertAccessible('page that plays by itself');
      for (const id of ['save', 'shelf']) {
        await page.evaluate((name) => document.getElementById(`open-${name}`).click(), id);
        await page.waitForSelector(`#${id}-dialog[open]`);
        await assertAccessible(id);
        await page.keyboard.press('Escape');
      }
    });
  }
}

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
