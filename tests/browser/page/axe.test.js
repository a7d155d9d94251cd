// SPDX-License-Identifier: MIT
// axe finds nothing to blame, whatever state the page is in; and the colours keep their contrast,
// which axe does not look into on a ground that is a gradient.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { hueOfMode } from '../../../client/ui/hue.js';
import { modes } from '../fixture/control-table.js';
import { open, page, shown, station, until } from '../fixture/page.js';
import { manyPresets } from '../fixture/station.js';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const every = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
};
// All that the dark changes.
const colours = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };

// without: rules to leave out
async function assertAccessible(scheme, what, without = []) {
  await page.evaluate(axe);
  const violations = await page.evaluate(
    async ([runOnly, off]) =>
      (
        await globalThis.axe.run(document, {
          runOnly,
          resultTypes: ['violations'],
          rules: Object.fromEntries(off.map((rule) => [rule, { enabled: false }])),
        })
      ).violations.map((v) => ({
        id: v.id,
        nodes: v.nodes.map((n) => `${n.target} ${n.failureSummary}`),
      })),
    [scheme === 'dark' ? colours : every, without],
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
    await assertAccessible(scheme, 'values unknown');
  });
  test(`axe finds nothing to blame in ${scheme} while things are on their way or went wrong`, async () => {
    await open({
      hash: '#preset=aurora&seed=5&key=E&mode=lydian',
      token: 'secret',
      controlDelayMs: 1e6,
      view: { colorScheme: scheme, reducedMotion: 'reduce' },
    });
    await page.waitForSelector('#offer:visible');
    await assertAccessible(scheme, 'an offer');
    await page.click('#offer-leave');
    await page.selectOption('#control-key', 'A');
    await page.waitForSelector('#token-dialog[open]');
    await assertAccessible(scheme, 'a token is asked for');
    await page.fill('#token', 'wrong');
    await page.click('#token-form [value="use"]');
    await page.waitForSelector('#token-wrong:visible');
    await assertAccessible(scheme, 'a wrong token');
    await page.fill('#token', 'secret');
    await page.click('#token-form [value="use"]');
    await until(() => !document.getElementById('token-dialog').open);
    await shown('key', 'pending');
    await assertAccessible(scheme, 'a control is pending');
    await station.close();
    await until(
      () => document.body.dataset.link === 'lost' && document.getElementById('notice').textContent,
    );
    await assertAccessible(scheme, 'the station is away');
  });
  for (const [device, viewport] of [
    ['a phone', { width: 390, height: 844 }],
    ['a desk', { width: 1440, height: 900 }],
  ]) {
    test(`axe finds nothing to blame in ${scheme} on ${device}: page and dialogs`, async () => {
      await open({ view: { viewport, colorScheme: scheme, reducedMotion: 'reduce' } });
      await page.click('#layers summary');
      await assertAccessible(scheme, 'page');
      for (const id of ['timer', 'share', 'settings']) {
        await page.click(`#open-${id}`);
        await page.waitForSelector(`#${id}-dialog[open]`);
        await assertAccessible(scheme, id);
        await page.keyboard.press('Escape');
      }
      // What only a page that plays by itself shows.
      await page.evaluate(() => {
        const piece = { seed: '7', preset: 'sleep', controls: {}, when: Date.now(), star: true };
        localStorage.setItem('auralis-pieces', JSON.stringify([piece]));
        for (const id of ['where', 'new-piece', 'own-presets-line', 'own-end-line'])
          document.getElementById(id).hidden = false;
      });
      await assertAccessible(scheme, 'page that plays by itself');
      // And only that of a private station.
      await page.evaluate(() => document.getElementById('own-end-dialog').showModal());
      await assertAccessible(scheme, 'own-end');
      await page.keyboard.press('Escape');
      for (const id of ['save', 'shelf', 'own-presets']) {
        await page.evaluate((name) => document.getElementById(`open-${name}`).click(), id);
        await page.waitForSelector(`#${id}-dialog[open]`);
        await assertAccessible(scheme, id);
        await page.keyboard.press('Escape');
      }
    });
  }
  for (const width of [320, 1366]) {
    test(`axe finds nothing to blame in ${scheme}, ${width} pixels wide, whatever a listener does`, async () => {
      await open({
        presets: manyPresets,
        view: {
          viewport: { width, height: 650 },
          colorScheme: scheme,
          reducedMotion: 'reduce',
          hasTouch: width < 600,
        },
      });
      await page.fill('.search', 'wide');
      await assertAccessible(scheme, 'presets are looked for');
      await page.fill('.search', 'nothing of the kind');
      await assertAccessible(scheme, 'no preset was found');
      await page.fill('.search', '');
      await page.selectOption('#control-key', 'A');
      await shown('key', 'heard');
      await page.waitForSelector('#undo[data-shown]');
      await assertAccessible(scheme, 'a change can be undone');
      await page.evaluate(() => {
        const slider = document.getElementById('control-bpm');
        slider.value = 113;
        slider.dispatchEvent(new Event('input'));
      });
      await shown('bpm', 'refused');
      await assertAccessible(scheme, 'a refusal');
      await page.evaluate(() => document.activeElement.blur());
      await page.keyboard.press('a');
      await assertAccessible(scheme, 'rings and a clock');
      await page.keyboard.press('Escape');
      await page.click('#play');
      await assertAccessible(scheme, 'paused');
    });
  }
  test(`axe finds nothing to blame in ${scheme} where a station takes no controls`, async () => {
    await open({
      access: 'off',
      play: false,
      presets: manyPresets,
      view: { colorScheme: scheme, reducedMotion: 'reduce' },
    });
    await page.waitForSelector('#controls-off:visible');
    // axe takes all that lies in a disabled fieldset for something that cannot be focused.
    await assertAccessible(scheme, 'no controls', ['scrollable-region-focusable']);
    await page.focus('.scenes');
    await page.keyboard.press('End');
    await until(() => document.querySelector('.scenes').scrollTop > 100);
  });
}

// In the page: the contrast of two of its colours as WCAG 2 has it, a text's over a ground's.
function contrasts(pairs) {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const probe = document.body.appendChild(document.createElement('i'));
  const luminance = (name) => {
    probe.style.color = `var(--${name})`;
    paint.fillStyle = getComputedStyle(probe).color;
    paint.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...paint.getImageData(0, 0, 1, 1).data].map((byte) => {
      const share = byte / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = pairs.map(([text, ground]) => {
    const [dark, light] = [luminance(text), luminance(ground)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  });
  probe.remove();
  return found;
}

const grounds = ['ground', 'glow', 'raised'];
const needed = [
  ...['ink', 'soft', 'accent'].flatMap((text) => grounds.map((ground) => [text, ground, 4.5])),
  ...grounds.map((ground) => ['edge', ground, 3]), // of what can be moved
  ['on-accent', 'accent', 4.5],
];

for (const scheme of ['light', 'dark']) {
  test(`every text in ${scheme} has the contrast of WCAG AA in every mode’s hue`, async () => {
    await open({ play: false, view: { colorScheme: scheme, reducedMotion: 'reduce' } });
    for (const [mode, steps] of Object.entries(modes)) {
      await page.evaluate(
        (hue) => document.documentElement.style.setProperty('--hue', hue),
        hueOfMode(steps),
      );
      const found = await page.evaluate(contrasts, needed);
      found.forEach((contrast, i) => {
        const [text, ground, least] = needed[i];
        assert.ok(contrast >= least, `${mode}: ${text} on ${ground} ${contrast.toFixed(2)}`);
      });
    }
  });
}
