// SPDX-License-Identifier: MIT
// What leaves for the loudspeaker against what the station sent.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { maxTrim } from '../../../client/playback.js';
import { captured, launch, listen, record } from '../fixture/browser.js';
import { coarsePosition, level, measure } from '../fixture/signal.js';
import { Station } from '../fixture/station.js';

let browser;
let page;
let station;
before(async () => { browser = await launch(); });
after(() => browser.close());
afterEach(async () => {
  await page?.context().close();
  await station?.close();
});

async function open(options = {}, prepare = async () => {}) {
  station = await Station.start(options);
  page = await (await browser.newContext({ bypassCSP: true })).newPage();
  page.errors = [];
  page.on('pageerror', (error) => page.errors.push(error.stack));
  await record(page);
  await page.addInitScript(() => localStorage.setItem('auralis', JSON.stringify({ volume: 1, codec: 'pcm' })));
  await prepare(page);
  await page.goto(station.url);
  await page.click('#play');
  await page.waitForFunction(() => document.body.dataset.play === 'on', null, { timeout: 30000 });
}

// The sound from one second after it began: past the fade that follows the click.
async function sound() {
  const heard = await captured(page);
  const first = heard.left.findIndex((x) => Math.abs(x) > 0.3) + heard.rate;
  return { ...heard, first, windows: measure(heard.left.subarray(first), heard.rate) };
}

// Nothing but what was sent, at a rate within the trim. A machine too busy to send in time makes an underrun: each silence
// must be one that the player counted, and the sound must go on behind it with the frame it stopped at.
async function assertUnbroken({ windows }, { from = 1, to = windows.length } = {}) {
  let silences = 0;
  for (let i = from; i < to; ++i) {
    const w = windows[i];
    if (w.level > level * 0.99) {
      assert.ok(w.level < level * 1.01, `level ${w.level} at ${w.at}`);
      if (windows[i - 1].level < level * 0.99 || windows[i + 1]?.level < level * 0.99) continue; // a fade ends or begins
      assert.ok(w.rest < level * 2e-3, `click of ${w.rest} at ${w.at}`);
      assert.ok(Math.abs(w.rate - 1) <= maxTrim + 1e-3, `rate ${w.rate} at ${w.at}`);
    } else if (windows[i - 1].level > level * 0.99) {
      ++silences;
    }
  }
  const { underruns } = await report();
  assert.ok(silences <= underruns, `${silences} silences, ${underruns} of them counted`);
}

const report = () => page.evaluate(() => globalThis.auralis.report());

for (const [title, options] of [
  ['through shared memory', {}],
  ['by messages, where the page is not isolated', { isolated: false }],
  ['at 48 kHz in chunks of 20 ms', { rate: 48000, chunkMs: 20 }],
]) {
  test(`what was sent is what is heard, ${title}: no gap, no repeat, no click`, async () => {
    await open(options);
    assert.equal(await page.evaluate(() => globalThis.crossOriginIsolated), options.isolated ?? true);
    await listen(page, 8);
    await assertUnbroken(await sound());
    const { transport } = await report();
    assert.equal(transport, options.isolated === false ? 'messages' : 'shared');
    assert.deepEqual(page.errors, []);
  });
}
