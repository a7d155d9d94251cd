// SPDX-License-Identifier: MIT
// The real pipeline steered from a real page: as it is served, and what is heard of its controls.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { power } from '../fixture/align.js';
import { captured, listen } from '../fixture/browser.js';
import { Pipeline, poll } from '../fixture/pipeline.js';
import { newPage, open, page, report, slide, until } from '../fixture/pipeline-page.js';

for (const [title, options, settings, token] of [
  ['over plain HTTP, in Opus', {}, {}, ''],
  [
    'over TLS, in PCM, with a token',
    { secure: true, serve: ['--token', 'sesame'] },
    { codec: 'pcm' },
    'sesame',
  ],
]) {
  test(`a page as it is served, ${title}: it needs nothing that its policy forbids`, async () => {
    const own = await Pipeline.start(options);
    try {
      await newPage({ ignoreHTTPSErrors: true });
      const errors = [];
      page.on('pageerror', (error) => errors.push(error.stack));
      page.on('console', (message) => {
        if (/Content Security Policy/.test(message.text())) errors.push(message.text());
      });
      await page.addInitScript((kept) => {
        localStorage.setItem('auralis', JSON.stringify(kept));
        globalThis.violations = [];
        addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
          globalThis.violations.push(`${violatedDirective} ${blockedURI}`),
        );
      }, settings);
      await page.goto(own.url);
      await page.waitForSelector('#controls .chip');
      await page.click('#play');
      await until(() => document.body.dataset.play === 'on');
      await page.selectOption('#control-key', 'A');
      if (token) {
        await page.waitForSelector('#token-dialog[open]');
        await page.fill('#token', token);
        await page.click('#token-form [value="use"]');
      }
      await until(() => performance.getEntriesByName('heard key').length > 0);
      await until(() => navigator.mediaSession.playbackState === 'playing');
      const { transport, intake, codec } = await report();
      assert.deepEqual([transport, intake, codec], ['shared', 'worker', settings.codec ?? 'opus']);
      assert.deepEqual([await page.evaluate(() => globalThis.violations), errors], [[], []]);
    } finally {
      await own.close();
    }
  });
}

test('switching every layer off is silence, and on is sound', async () => {
  await open();
  await listen(page, 4);
  await page.click('#layers summary');
  const all = (on) =>
    page.evaluate((value) => {
      for (const control of document.querySelectorAll('.layer .switch'))
        if (control.checked !== value) control.click();
    }, on);
  const loud = async () => {
    await captured(page, { drain: true });
    await listen(page, 1);
    const { left } = await captured(page, { drain: true });
    return 10 * Math.log10(power(left) + 1e-12);
  };
  const atFirst = await loud();
  await all(false);
  await poll('silence', async () => (await loud()) < atFirst - 30, 60);
  await all(true);
  await poll('sound', async () => (await loud()) > atFirst - 15, 90);
});

test('an intensity sweep is heard: up and down, the sound grows brighter and darker', async (t) => {
  await open();
  await listen(page, 2);
  await page.click('#layers summary');
  // What always sounds, and nothing else: of a melody, other notes would be heard each time.
  await page.evaluate(() => {
    for (const control of document.querySelectorAll('.layer .switch')) {
      if (control.checked !== ['pad', 'drone'].includes(control.closest('.layer').dataset.layer))
        control.click();
    }
  });
  // Power of the second difference, which rises by 12 dB an octave, against the power: how much
  // treble there is.
  let moves = 0;
  const brightness = async (value) => {
    await slide('#control-intensity', value);
    ++moves;
    await until((n) => performance.getEntriesByName('heard intensity').length >= n, moves);
    await listen(page, 6); // the glide, and what still rings
    await captured(page, { drain: true });
    await listen(page, 4);
    const { left } = await captured(page, { drain: true });
    return (
      10 *
      Math.log10(
        power(left.map((x, i) => (i > 1 ? x - 2 * left[i - 1] + left[i - 2] : 0))) / power(left),
      )
    );
  };
  const sweep = [];
  for (const value of [0.05, 0.95, 0.05, 0.95]) sweep.push(await brightness(value));
  t.diagnostic(`brightness ${sweep.map((db) => db.toFixed(1)).join(', ')} dB`);
  for (let i = 1; i < sweep.length; ++i)
    assert.ok((sweep[i] - sweep[i - 1]) * (i % 2 ? 1 : -1) > 3, `${sweep}`);
});
