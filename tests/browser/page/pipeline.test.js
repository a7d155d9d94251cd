// SPDX-License-Identifier: MIT
// The real pipeline in a real page: compose → render → serve → Chromium, and what leaves for the loudspeaker.
//   AURALIS_LONG=1 listens for an hour (AURALIS_SOAK_S seconds) instead of half a minute
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { maxTrim } from '../../../client/playback.js';
import { captured, launch, listen, record } from '../fixture/browser.js';
import { Pipeline, Sent, align, poll, search } from '../fixture/pipeline.js';

const soakS = Number(process.env.AURALIS_SOAK_S ?? (process.env.AURALIS_LONG ? 3600 : 30));

let browser;
let pipeline;
let page;
before(async () => {
  browser = await launch();
  pipeline = await Pipeline.start();
});
after(async () => {
  await browser.close();
  await pipeline.close();
});
afterEach(() => page?.context().close());

async function open(settings = {}) {
  page = await (await browser.newContext({ bypassCSP: true })).newPage();
  page.errors = [];
  page.on('pageerror', (error) => page.errors.push(error.stack));
  await record(page);
  await page.addInitScript((kept) => localStorage.setItem('auralis', JSON.stringify(kept)), { volume: 1, codec: 'pcm', ...settings });
  await page.goto(pipeline.url);
  await page.click('#play');
  await playing();
}

const playing = () => page.waitForFunction(() => document.body.dataset.play === 'on', null, { timeout: 30000 });
const report = () => page.evaluate(() => globalThis.auralis.report());
const power = (samples) => samples.reduce((sum, x) => sum + x * x, 0) / samples.length;

// Follows the captured sound through what was sent, block by block.
//   answers {blocks, lost: blocks that match nothing nearby, worstDb, jumps: places where it went on elsewhere}
function follow({ left, rate }, sent, fromS) {
  const { samples: ring } = sent.ring();
  const count = 2048;
  const ratio = sent.rate / rate;
  const from = Math.round(fromS * rate);
  const loudness = power(left.subarray(from));
  const found = { blocks: 0, lost: 0, worstDb: -200, jumps: 0, rates: [] };
  let place = search(left, from, count, ring, ring.length / 2, ring.length / 2);
  let pace = ratio;
  for (let at = from; at + count <= left.length - rate / 2; at += count) {
    ++found.blocks;
    let fit = align(left, at, count, ring, place, pace, loudness);
    if (fit.restDb > -45) {
      const again = search(left, at, count, ring, place, sent.rate / 2);
      const other = align(left, at, count, ring, again, ratio, loudness);
      if (other.restDb < fit.restDb) {
        if (other.restDb < -45) ++found.jumps;
        fit = other;
      }
    }
    if (fit.restDb > -45) {
      ++found.lost;
      place += count * ratio;
      pace = ratio;
      continue;
    }
    found.worstDb = Math.max(found.worstDb, fit.restDb);
    found.rates.push((fit.place - place) / count + fit.rate);
    place = fit.place + count * fit.rate;
    pace = fit.rate;
    assert.ok(Math.abs(fit.rate / ratio - 1) < maxTrim * 1.5, `rate ${fit.rate / ratio} at ${at / rate} s`);
  }
  return found;
}

test(`${soakS} s of the real pipeline: every sample heard is the sample sent, in its order`, async (t) => {
  const sent = new Sent(pipeline);
  await poll('the first frame', () => sent.pieces.length);
  await open();
  await listen(page, soakS);
  const { underruns, skips } = await report();
  const heard = await captured(page);
  await poll('the rest of what was sent', () => sent.next - sent.first > 0);
  sent.close();
  assert.ok(!sent.torn, 'the listener beside kept up');
  const { blocks, lost, worstDb, jumps } = follow(heard, sent, 2.5);
  t.diagnostic(`${blocks} blocks, difference at most ${worstDb.toFixed(1)} dB, ${lost} without a match, ${jumps} jumps, ${underruns} underruns, ${skips} skips`);
  assert.ok(blocks > 100);
  assert.equal(skips, 0);
  assert.ok(lost <= 3 * underruns, `${lost} blocks match nothing, with ${underruns} underruns`); // each fades out and in
  assert.ok(jumps <= 2 * underruns, `${jumps} jumps`);
  assert.deepEqual(page.errors, []);
});

test('Opus is decoded by the browser and is the same music', async (t) => {
  const sent = new Sent(pipeline);
  await poll('the first frame', () => sent.pieces.length);
  await open({ codec: 'auto' });
  assert.equal((await report()).codec, 'opus');
  await listen(page, 8);
  const { underruns } = await report();
  const heard = await captured(page);
  sent.close();
  const { samples: ring } = sent.ring();
  const from = Math.round(3 * heard.rate);
  const loudness = power(heard.left.subarray(from));
  const begin = search(heard.left, from, 2048, ring, ring.length / 2, ring.length / 2);
  const fit = align(heard.left, from, 2048, ring, begin, sent.rate / heard.rate, loudness);
  t.diagnostic(`difference ${fit.restDb.toFixed(1)} dB, ${underruns} underruns`);
  assert.ok(fit.restDb < -12, `${fit.restDb}`);
});

test('every control acts: asked, acknowledged, heard', async (t) => {
  await open();
  await page.click('#layers summary');
  await page.waitForSelector('.chip');
  const heard = (control) => page.waitForFunction((c) => performance.getEntriesByName(`heard ${c}`).length > 0, control, { timeout: 30000 });
  const other = (await page.locator('.chip input:not(:checked)').first().getAttribute('value'));
  const acts = [
    ['intensity', () => page.evaluate(() => { const s = document.getElementById('intensity'); s.value = 0.8; s.dispatchEvent(new Event('input')); })],
    ['bpm', () => page.evaluate(() => { const s = document.getElementById('bpm'); s.value = 72; s.dispatchEvent(new Event('input')); })],
    ['key', () => page.selectOption('#key', 'A')],
    ['mode', () => page.selectOption('#mode', 'lydian')],
    ['layers.drone.on', () => page.click('[data-layer="drone"] .switch')],
    ['layers.pad.gain_db', () => page.evaluate(() => { const s = document.querySelector('[data-layer="pad"] [type="range"]'); s.value = -12; s.dispatchEvent(new Event('input')); })],
    ['preset', () => page.click(`.chip:has(input[value="${other}"])`)],
  ];
  for (const [control, act] of acts) {
    await act();
    await heard(control);
  }
  for (const [control] of acts) {
    const ms = await page.evaluate((c) => performance.getEntriesByName(`heard ${c}`)[0].duration, control);
    t.diagnostic(`${control}: ${Math.round(ms)} ms from the click to the first frame that it changed`);
  }
  await poll('the state to follow', async () => {
    const state = await pipeline.status();
    return state.preset === other;
  });
  assert.deepEqual(page.errors, []);
});

test('switching every layer off is silence, and on is sound', async () => {
  await open();
  await listen(page, 4);
  await page.click('#layers summary');
  const all = (on) => page.evaluate((value) => {
    for (const control of document.querySelectorAll('.layer .switch')) if (control.checked !== value) control.click();
  }, on);
  const loud = async () => {
    const { left, rate } = await captured(page);
    return 10 * Math.log10(power(left.subarray(-rate)) + 1e-12);
  };
  const before = await loud();
  await all(false);
  await poll('silence', async () => (await loud()) < before - 30, 60);
  await all(true);
  await poll('sound', async () => (await loud()) > before - 15, 90);
});

test('when all three are killed and started again, the page plays on by itself', async () => {
  await open();
  await listen(page, 2);
  await pipeline.stop();
  await page.waitForFunction(() => document.body.dataset.link === 'lost', null, { timeout: 30000 });
  await pipeline.play();
  await page.waitForFunction(() => document.body.dataset.link === 'open' && globalThis.auralis.report().playing, null, { timeout: 60000 });
  await listen(page, 2);
  assert.deepEqual(page.errors, []);
});
