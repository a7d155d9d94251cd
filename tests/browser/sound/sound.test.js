// SPDX-License-Identifier: MIT
// What leaves for the loudspeaker against what the station sent.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { maxTrim } from '../../../client/audio/playback.js';
import { SleepTimer } from '../../../client/ui/sleep-timer.js';
import { captured, launch, listen, record } from '../fixture/browser.js';
import { coarsePosition, level, measure, worstStep } from '../fixture/signal.js';
import { Station } from '../fixture/station.js';

let browser;
let page;
let station;
before(async () => {
  browser = await launch();
});
after(() => browser.close());
afterEach(async () => {
  await page
    ?.context()
    .close()
    .catch(() => {});
  await station?.close();
});

async function open(options = {}, prepare = async () => {}) {
  station = await Station.start(options);
  page = await (await browser.newContext({ bypassCSP: true, serviceWorkers: 'block' })).newPage();
  page.errors = [];
  page.on('pageerror', (error) => page.errors.push(error.stack));
  await record(page);
  await page.addInitScript(() =>
    localStorage.setItem('auralis', JSON.stringify({ volume: 1, codec: 'pcm' })),
  );
  await prepare(page);
  await page.goto(station.url);
  await page.click('#play');
  await page.waitForFunction(() => document.body.dataset.play === 'on', null, { timeout: 30000 });
}

// Past the fade after the click, and the crossfade where what is held beyond the target is left
// out.
async function started() {
  await page.waitForFunction(() => !globalThis.auralis.report().settling, null, { timeout: 60000 });
  await listen(page, 1);
  await captured(page, { drain: true });
}

// The sound since then.
async function sound() {
  const heard = await captured(page);
  return { ...heard, windows: measure(heard.left, heard.rate) };
}

// Nothing but what was sent, at a rate within the trim. A machine too busy to send in time makes an
// underrun: each silence must be one that the player counted, and the sound must go on behind it
// with the frame it stopped at.
const mostBreaks = 3; // of a busy machine, in the seconds of a test
async function assertUnbroken({ windows }, { from = 1, to = windows.length } = {}) {
  let silences = 0;
  for (let i = from; i < to; ++i) {
    const w = windows[i];
    if (w.level > level * 0.99) {
      assert.ok(w.level < level * 1.01, `level ${w.level} at ${w.at}`);
      // A fade ends or begins.
      if (windows[i - 1].level < level * 0.99 || windows[i + 1]?.level < level * 0.99) continue;
      assert.ok(w.rest < level * 2e-3, `click of ${w.rest} at ${w.at}`);
      assert.ok(Math.abs(w.rate - 1) <= maxTrim + 1e-3, `rate ${w.rate} at ${w.at}`);
    } else if (windows[i - 1].level > level * 0.99) {
      ++silences;
    }
  }
  const { underruns } = await report();
  assert.ok(
    silences <= Math.min(underruns, mostBreaks),
    `${silences} silences, ${underruns} of them counted`,
  );
}

// Where in the stream the slow tone says that it is, in steps of 50 ms of clean sound: [{at,
// position}]. Read from the end, which the player knows, to the start: the tone says the same twice
// in a cycle.
async function places({ right, rate, windows }) {
  const found = [];
  let { position: near } = (await report()).played;
  for (let i = windows.length - 11; i > 10; i -= 9) {
    const { at } = windows[i];
    const clean = [-1, 0, 1].every((d) => windows[i + d].level > level * 0.99);
    if (clean && Math.abs(right[at]) < 0.85 * level) {
      // near its top the tone is too flat to read
      found.unshift({ at, position: coarsePosition(right, at, station.rate, near) });
      near = found[0].position;
    }
    if (windows[i].level > level * 0.5) near -= (9 * 256 * station.rate) / rate;
  }
  return found;
}

const report = () => page.evaluate(() => globalThis.auralis.report());

for (const [title, options, transport = 'shared', prepare = undefined] of [
  ['through shared memory', {}],
  ['by messages, where the page is not isolated', { isolated: false }, 'messages'],
  [
    'by messages, where an isolated page has no shared memory all the same',
    {},
    'messages',
    (p) => p.addInitScript(() => delete globalThis.SharedArrayBuffer),
  ],
  ['at 48 kHz in chunks of 20 ms', { rate: 48000, chunkMs: 20 }],
]) {
  test(`what was sent is what is heard, ${title}: no gap, no repeat, no click`, async () => {
    await open(options, prepare);
    assert.equal(
      await page.evaluate(() => globalThis.crossOriginIsolated),
      options.isolated ?? true,
    );
    await started();
    await listen(page, 5);
    await assertUnbroken(await sound());
    assert.equal((await report()).transport, transport);
    assert.deepEqual(page.errors, []);
  });
}

test('a page without worklets, as over plain http from another machine, plays all the same', async () => {
  await open({}, (p) =>
    p.addInitScript(() => {
      Object.defineProperty(BaseAudioContext.prototype, 'audioWorklet', { value: undefined });
      localStorage.setItem('auralis', JSON.stringify({ volume: 1, codec: 'pcm', visual: false }));
    }),
  );
  assert.equal((await report()).transport, 'script');
  await started();
  await listen(page, 4);
  // The page's own thread makes this sound: a busy machine may break it now and then, but it is the
  // sound that was sent.
  const { windows } = await sound();
  const clean = windows.filter(
    (w) =>
      Math.abs(w.level / level - 1) < 0.01 &&
      w.rest < level * 2e-3 &&
      Math.abs(w.rate - 1) <= maxTrim + 1e-3,
  );
  assert.ok(
    clean.length > 0.8 * windows.length,
    `${clean.length} of ${windows.length} windows are clean`,
  );
});

test('Opus comes through WebCodecs where it exists, and falls back to PCM where it does not', async () => {
  const asIsDefault = (p) =>
    p.addInitScript(() => localStorage.setItem('auralis', JSON.stringify({ volume: 1 })));
  await open(
    { scripts: { 'link/intake-worker.js': 'delete globalThis.AudioDecoder;' } },
    asIsDefault,
  );
  assert.equal((await report()).codec, 'pcm');
  await listen(page, 2);
});

test('play pressed before it is known whether the browser decodes Opus asks for Opus all the same', async () => {
  const slowly =
    'const ask = AudioDecoder.isConfigSupported; AudioDecoder.isConfigSupported = async (config) => { await new Promise((resolve) => setTimeout(resolve, 500)); return ask.call(AudioDecoder, config); };';
  await open({ scripts: { 'link/intake-worker.js': slowly } }, (p) =>
    p.addInitScript(() => localStorage.setItem('auralis', JSON.stringify({ volume: 1 }))),
  );
  assert.deepEqual(
    station.requests.filter((path) => path.startsWith('/ws')),
    ['/ws/stream?codec=opus'],
  );
});

test('sound comes in beside the page: while its thread is held for two seconds, nothing is missing', async () => {
  await open();
  assert.equal((await report()).intake, 'worker');
  await started();
  await listen(page, 2);
  await page.evaluate(() => {
    for (const end = performance.now() + 2000; performance.now() < end;);
  });
  await listen(page, 2);
  const heard = await sound();
  await assertUnbroken(heard);
  const silentS = (heard.windows.filter((w) => w.level < level / 2).length * 256) / heard.rate;
  // A busy machine's break, not the two seconds less what was held.
  assert.ok(silentS < 0.5, `${silentS} s of silence`);
});

for (const [title, options, prepare] of [
  [
    'without workers',
    {},
    (p) =>
      p.addInitScript(() => {
        delete globalThis.Worker;
      }),
  ],
  [
    'whose worker does not load',
    {},
    (p) => p.route('**/intake-worker.js', (route) => route.abort()),
  ],
  [
    'whose worker cannot run',
    { scripts: { 'link/intake-worker.js': 'throw new Error("no modules here");' } },
  ],
]) {
  test(`a page ${title} takes the sound in itself`, async () => {
    await open(options, prepare);
    assert.equal((await report()).intake, 'page');
    await started();
    await listen(page, 4);
    await assertUnbroken(await sound());
  });
}

test('a throttled network raises the buffer until a second stall is not heard', async () => {
  await open();
  await started();
  await listen(page, 2);
  const stall = async (s) => {
    station.throttle(true);
    await new Promise((resolve) => setTimeout(resolve, s * 1000));
    station.throttle(false);
  };
  await stall(1.2);
  await page.waitForFunction(
    () => globalThis.auralis.report().playing && globalThis.auralis.report().targetMs > 1200,
    null,
    { timeout: 30000 },
  );
  await listen(page, 2);
  const { underruns } = await report();
  assert.ok(underruns >= 1);
  await stall(0.9);
  await listen(page, 3);
  assert.equal((await report()).underruns, underruns);
  const heard = await sound();
  await assertUnbroken(heard);
  const way = await places(heard);
  for (let i = 1; i < way.length; ++i)
    assert.ok(way[i].position > way[i - 1].position, 'nothing comes twice');
});

test('after a dropped connection the sound goes on at the right frame', async () => {
  await open();
  await started();
  await listen(page, 2);
  station.drop();
  await listen(page, 5);
  assert.equal(station.connections, 2);
  assert.equal((await report()).epoch, 0);
  const heard = await sound();
  const way = await places(heard);
  for (let i = 1; i < way.length; ++i)
    assert.ok(
      way[i].position > way[i - 1].position - 10,
      `place ${way[i - 1].position} then ${way[i].position}`,
    );
  const behindS = (station.position - (await report()).played.position) / station.rate;
  assert.ok(behindS < 4, `${behindS} s behind`);
  assert.ok(worstStep(heard.left, heard.rate) < 2.5, `${worstStep(heard.left, heard.rate)}`);
});

test('a station that restarts is found again, its positions from 0', async () => {
  await open({ ageS: 60 });
  await listen(page, 2);
  await station.restart();
  await page.waitForFunction(
    () => globalThis.auralis.report().epoch === 1 && globalThis.auralis.report().playing,
    null,
    { timeout: 30000 },
  );
  await page.waitForFunction(() => globalThis.auralis.report().played.epoch === 1, null, {
    timeout: 30000,
  });
  await listen(page, 3);
  const { played } = await report();
  assert.ok(
    played.position < station.position && played.position > station.position - 4 * station.rate,
  );
  const { left, rate } = await captured(page);
  const first = left.findIndex((x) => Math.abs(x) > 0.3);
  assert.ok(
    worstStep(left.subarray(first), rate) < 2.5,
    `${worstStep(left.subarray(first), rate)}`,
  );
  assert.deepEqual(page.errors, []);
});

test('lost chunks are crossfaded, and rubbish on the wire is passed over', async () => {
  await open();
  await started();
  station.corrupt();
  await listen(page, 2);
  station.lose(2);
  await listen(page, 3);
  const { left, rate } = await sound();
  assert.ok(worstStep(left, rate) < 2.5, `${worstStep(left, rate)}`);
  assert.ok((await report()).splices >= 1);
  assert.equal(station.connections, 1);
  assert.deepEqual(page.errors, []);
});

test('a suspended machine comes back to the present', async () => {
  await open();
  await listen(page, 5);
  await page.evaluate(async () => {
    const { context } = globalThis.recordings.at(-1);
    context.resume = () => Promise.reject(new Error('asleep'));
    await context.suspend();
  });
  await new Promise((resolve) => setTimeout(resolve, 6000));
  await page.evaluate(() => {
    delete globalThis.recordings.at(-1).context.resume;
  });
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await listen(page, 3);
  const { played } = await report();
  const behindS = (station.position - played.position) / station.rate;
  assert.ok(behindS < 4.5, `${behindS} s behind`);
});

// Of the fade behind the timer: its time constant is half a second, and a busy page sets it late.
const lagMs = 2000;
test('the sleep timer fades the music over its last minute, without a click, to silence', async () => {
  await open({}, (p) => p.clock.install());
  await started();
  const now = () => page.evaluate(() => Date.now());
  const earliest = await now();
  await page.click('#open-timer');
  await page.click('#timer-choices button[value="15"]');
  const latest = await now();
  await page.clock.fastForward('14:25');
  await listen(page, 3);
  const from = await now();
  await listen(page, 2);
  const { left, rate } = await sound();
  const to = await now();
  const levelAt = (setMs, nowMs) => {
    // of the sound
    const timer = new SleepTimer();
    timer.set(setMs, 15);
    return timer.level(nowMs);
  };
  const heard = measure(left.subarray(-rate), rate)
    .slice(2, -2)
    .map((w) => w.level / level);
  const [least, most] = [levelAt(earliest, to), levelAt(latest, from - lagMs)];
  assert.ok(
    Math.min(...heard) > least * 0.99 && Math.max(...heard) < most * 1.01,
    `${Math.min(...heard)} to ${Math.max(...heard)}, expected ${least} to ${most}`,
  );
  assert.ok(worstStep(left, rate) < 1.6, `${worstStep(left, rate)}`);
  await page.clock.fastForward('00:41');
  await page.waitForFunction(() => document.body.dataset.play === 'off');
  await page.waitForFunction(() => globalThis.recordings.at(-1).context.state === 'suspended');
  const end = (await sound()).left;
  assert.ok(
    end.subarray(-512).every((x) => Math.abs(x) < 0.01 * level),
    'it ends in silence',
  );
  assert.ok(worstStep(end, rate) < 1.6, `${worstStep(end, rate)}`);
});

test('the station learns of buffer, underruns, rate and jitter', async () => {
  await open();
  let figures; // the first come before there is anything to tell
  for (let s = 0; s < 60 && !(figures = station.metrics.find((m) => m.buffer_ms > 0)); ++s)
    await listen(page, 1);
  assert.ok(figures.buffer_ms < 5000);
  assert.ok(figures.underruns >= 0 && figures.jitter_ms >= 0);
  assert.ok(Math.abs(figures.rate - 1) <= maxTrim + 1e-9);
});
