// SPDX-License-Identifier: MIT
// The pad of presets on the real thing, by pointer and by keys; turns, and what was sent lately.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launch } from '../fixture/browser.js';
import { Pipeline } from '../fixture/pipeline.js';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let pipeline;
let browser;
let page;

before(async () => {
  pipeline = await Pipeline.start({ serve: ['--turns', '--keep-recent', '10m'] });
  browser = await launch();
  page = await browser.newPage({ viewport: { width: 1366, height: 650 }, bypassCSP: true });
  await page.goto(pipeline.url);
  await page.waitForSelector('[data-control="preset"] .chip');
  await page.click('[data-control="mix"] summary');
});
after(async () => {
  await browser?.close();
  await pipeline?.close();
});

const status = () => page.evaluate(async () => (await fetch('api/status')).json());
const until = (condition, argument) =>
  page.waitForFunction(condition, argument, { timeout: 60000 });
const told = () => page.getAttribute('.mix-pad', 'aria-valuetext');

test('arrow keys on the pad move the mix, which its value tells in words', async () => {
  await until(
    () => document.querySelector('.mix-pad').getAttribute('aria-valuetext') === 'Focus 100 %',
  ); // which the composer tells
  await page.focus('.mix-pad');
  for (let i = 0; i < 4; ++i) await page.keyboard.press('ArrowDown');
  await until(() => document.querySelector('[data-control="mix"]').dataset.phase === 'heard');
  assert.match(await told(), /^Focus 80 %, \S+ 10 %, \S+ 10 %$/);
  await until(async () => (await (await fetch('api/status')).json()).mix.focus === 0.8);
  assert.equal((await status()).preset, 'focus');
});

test('a point that is dragged to another corner brings the other preset, key and mode', async () => {
  const earlier = await status();
  const pad = await page.locator('.mix-pad').boundingBox();
  await page.mouse.move(pad.x + pad.width / 2, pad.y + pad.height * 0.2);
  await page.mouse.down();
  await page.mouse.move(pad.x + pad.width * 0.3, pad.y + pad.height * 0.7, { steps: 5 });
  await page.mouse.move(pad.x - 20, pad.y + pad.height + 20, { steps: 5 });
  await page.mouse.up();
  const corner = await page.inputValue('.mix-corners select >> nth=1');
  assert.equal(await told(), `${corner[0].toUpperCase()}${corner.slice(1)} 100 %`);
  await until(
    async (preset) => (await (await fetch('api/status')).json()).mix[preset] === 1,
    corner,
  );
  const now = await status();
  assert.equal(now.preset, corner);
  assert.notDeepEqual([now.key, now.mode], [earlier.key, earlier.mode]);
});

test('axe finds nothing to blame in the pad', async () => {
  await page.evaluate(axe);
  const violations = await page.evaluate(
    async () => (await globalThis.axe.run('[data-control="mix"]')).violations,
  );
  assert.deepEqual(
    violations.map(({ id }) => id),
    [],
  );
});

test('the line of turns says that it is this listener’s, and until when', async () => {
  await until(() => /^Your turn .* \d+ s\.$/.test(document.getElementById('turn').textContent));
});

test('what was sent lately is saved as FLAC', async () => {
  await page.click('#open-save');
  assert.equal(await page.textContent('#save-recent'), 'The last 10 minutes');
  const download = page.waitForEvent('download');
  await page.click('#save-recent');
  const file = await (await download).path();
  assert.equal(readFileSync(file).subarray(0, 4).toString(), 'fLaC');
  const probe = ['-v', 'error', '-show_entries', 'stream=codec_name,channels', '-of', 'csv=p=0'];
  assert.equal(execFileSync('ffprobe', [...probe, file], { encoding: 'utf8' }).trim(), 'flac,2');
});
