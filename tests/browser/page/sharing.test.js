// SPDX-License-Identifier: MIT
// Links to what plays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked, open, page, station, until } from '../fixture/page.js';

const link = '#preset=focus&seed=7&key=D&mode=dorian&bpm=60&intensity=0.7';
const command =
  'auralis-compose --preset focus --seed 7 --key D --mode dorian --bpm 60 --intensity 0.7 --duration 10m | auralis-render -o piece.flac';

const offered = () => page.waitForSelector('#offer-take:visible');
const offer = () => page.textContent('#offer-text');
const visit = (hash) =>
  page.evaluate((h) => {
    location.hash = h;
  }, hash);

test('a link carries preset, seed and every control, and so does a command', async () => {
  await open({
    play: false,
    prepare: () => {
      station.state.intensity = 0.7;
    },
  });
  await until(() => document.getElementById('control-intensity').value === '0.7');
  await page.click('#open-share');
  await page.waitForSelector('#share-dialog[open]');
  await until(() => document.getElementById('share-link').value.includes('seed'));
  assert.equal(new URL(await page.inputValue('#share-link')).hash, link);
  assert.equal(await page.inputValue('#share-command'), command);
});

test('where the system can send a link, the page hands it over', async () => {
  await open({
    play: false,
    prepare: (p) =>
      p.addInitScript(() => {
        navigator.share = async (what) => {
          globalThis.sent = what;
        };
      }),
  });
  await page.click('#open-share');
  await until(() => document.getElementById('share-link').value.includes('seed'));
  await page.click('#share-send');
  const { url, title } = await page.evaluate(() => globalThis.sent);
  assert.equal(url, await page.inputValue('#share-link'));
  assert.equal(title, 'Focus · Auralis');
});

test('a link is offered rather than forced, and says when the seed is another', async () => {
  const other = { key: 'A', preset: 'rain', seed: '8', intensity: 0.7 };
  await open({ play: false, hash: link, prepare: () => Object.assign(station.state, other) });
  await offered();
  assert.match(await offer(), /asks for Focus · D\. Everyone/);
  const notes = await page.textContent('#offer-seed');
  assert.match(notes, /seed 7.*seed 8/);
  assert.ok(notes.replaceAll(/\s+/g, ' ').includes(command), notes);
  assert.equal(station.asked.length, 0);
  await page.click('#offer-take');
  const message = await asked((m) => m.preset === 'focus');
  assert.deepEqual({ ...message, id: 0, type: 0 }, { id: 0, type: 0, preset: 'focus', key: 'D' });
});

test('a link to what plays from another seed offers nothing but the command', async () => {
  const same = { seed: '8', intensity: 0.7 };
  await open({ play: false, hash: link, prepare: () => Object.assign(station.state, same) });
  await page.waitForSelector('#offer-seed:visible');
  assert.match(await offer(), /plays already/);
  assert.equal(await page.locator('#offer-take:visible').count(), 0);
});

test('a link that is opened in the page tells what it would change, layers too, and what no station takes is left out', async () => {
  await open({ play: false });
  await visit('#preset=focus&bpm=141&mode=blues&key=D&intensity=0.2&layers=pad:off,low:-6,lead:13');
  await offered();
  assert.match(await offer(), /asks for intensity 20 % · pad, low hits otherwise\. Everyone/);
  await until(
    () =>
      document.getElementById('announce').textContent ===
      document.getElementById('offer-text').textContent,
  );
  await visit('#preset=focus'); // plays already
  await page.waitForSelector('#offer', { state: 'hidden' });
});

test('of two links at almost the same time the former is not read out with the latter', async () => {
  await open({ play: false });
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60000);
  for (const intensity of [0.3, 0.4]) {
    await page.evaluate(
      (value) =>
        new Promise((resolve) => {
          const text = document.getElementById('offer-text');
          const observer = new MutationObserver(
            () => text.textContent.includes(`${value * 100} %`) && resolve(),
          );
          observer.observe(text, { childList: true });
          location.hash = `#intensity=${value}`;
        }),
      intensity,
    );
  }
  await page.clock.runFor(200);
  assert.equal(
    await page.textContent('#announce'),
    'This link asks for intensity 40 %. Everyone who listens here would hear it.',
  );
});
