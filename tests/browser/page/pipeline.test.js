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

const blockFrames = 2048;
const matchDb = -45;

// Follows the captured sound through what was sent, block by block, however long it lasts.
class Follower {
  // near: about where the first sample to come was sent, in frames of the stream
  constructor(sent, contextRate, near) {
    Object.assign(this, { sent, near, ratio: sent.rate / contextRate, rest: new Float32Array(0), astray: 0, blocks: 0, lost: 0, jumps: 0, worstDb: -200 });
  }

  async feed(samples) {
    const heard = new Float32Array(this.rest.length + samples.length);
    heard.set(this.rest);
    heard.set(samples, this.rest.length);
    const { samples: ring, start } = this.sent.ring(this.position ?? this.near - 5 * this.sent.rate);
    const loudness = power(heard);
    let place = this.position === undefined
      ? search(heard, 0, blockFrames, ring, this.near - start, 4 * this.sent.rate)
      : this.position - start;
    let pace = this.pace ?? this.ratio;
    let at = 0;
    for (; at + blockFrames <= heard.length; at += blockFrames) {
      ++this.blocks;
      await new Promise(setImmediate); // the listener beside must go on listening
      let fit = align(heard, at, blockFrames, ring, place, pace, loudness);
      if (fit.restDb > matchDb) {
        const far = ++this.astray % 8 === 0; // a long silence moves it far
        const again = search(heard, at, blockFrames, ring, place, this.sent.rate * (far ? 5 : 0.5));
        const other = align(heard, at, blockFrames, ring, again, this.ratio, loudness);
        if (other.restDb < matchDb) {
          ++this.jumps;
          fit = other;
        }
      }
      if (fit.restDb > matchDb) {
        ++this.lost;
        place += blockFrames * this.ratio;
        continue;
      }
      assert.ok(Math.abs(fit.rate / this.ratio - 1) < maxTrim * 1.5, `rate ${fit.rate / this.ratio}`);
      this.astray = 0;
      this.worstDb = Math.max(this.worstDb, fit.restDb);
      place = fit.place + blockFrames * fit.rate;
      pace = fit.rate;
    }
    this.rest = heard.subarray(at);
    this.position = place + start;
    this.pace = pace;
  }
}

test(`${soakS} s of the real pipeline: every sample heard is the sample sent, in its order`, async (t) => {
  const sent = new Sent(pipeline);
  await poll('the first frame', () => sent.pieces.length);
  await open();
  await listen(page, 2.5); // past the fade after the click
  await captured(page, { drain: true });
  let follower;
  for (let doneS = 0; doneS < soakS; doneS += 15) {
    await listen(page, 15);
    const { left, rate } = await captured(page, { drain: true });
    follower ??= new Follower(sent, rate, (await report()).played.position - left.length * (sent.rate / rate));
    await poll('the other listener', () => sent.next - (follower.position ?? sent.first) > left.length * follower.ratio, 10).catch(() => {});
    await follower.feed(left);
  }
  const { underruns, skips } = await report();
  sent.close();
  const { blocks, lost, worstDb, jumps } = follower;
  t.diagnostic(`${blocks} blocks, difference at most ${worstDb.toFixed(1)} dB, ${lost} without a match, ${jumps} jumps, ${underruns} underruns, ${skips} skips`);
  assert.ok(blocks > soakS * 20);
  assert.equal(skips, 0);
  // An underrun fades out, waits, fades in; and what the other listener missed cannot be compared.
  const excused = 40 * underruns + Math.ceil((2 * sent.missing) / blockFrames);
  assert.ok(lost <= excused, `${lost} blocks match nothing, with ${underruns} underruns and ${sent.missing} frames missing beside`);
  assert.ok(jumps <= 2 * underruns + (sent.missing ? 2 : 0), `${jumps} jumps`);
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
  const { samples: ring, start } = sent.ring();
  const from = heard.left.length - heard.rate;
  const near = (await report()).played.position * (sent.rate / 48000) - sent.rate - start;
  const loudness = power(heard.left.subarray(from));
  const begin = search(heard.left, from, blockFrames, ring, near, sent.rate);
  const fit = align(heard.left, from, blockFrames, ring, begin, sent.rate / heard.rate, loudness);
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

test('an intensity sweep is heard: the sound grows brighter', async (t) => {
  await open();
  await listen(page, 2);
  // Power of the second difference, which rises by 12 dB an octave: how much treble there is.
  const brightness = async (value) => {
    await page.evaluate((v) => {
      const slider = document.getElementById('intensity');
      slider.value = v;
      slider.dispatchEvent(new Event('input'));
    }, value);
    await page.waitForFunction(() => document.querySelector('[data-control="intensity"]').dataset.phase === 'heard', null, { timeout: 30000 });
    await listen(page, 8);
    await captured(page, { drain: true });
    await listen(page, 12);
    const { left } = await captured(page, { drain: true });
    return 10 * Math.log10(power(left.map((x, i) => (i > 1 ? x - 2 * left[i - 1] + left[i - 2] : 0))));
  };
  const low = await brightness(0.05);
  const high = await brightness(0.95);
  t.diagnostic(`brightness ${low.toFixed(1)} dB at 5 %, ${high.toFixed(1)} dB at 95 %`);
  assert.ok(high > low + 2, `${low} dB, then ${high} dB`);
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
