// SPDX-License-Identifier: MIT
// The real pipeline in a real page: compose → render → serve → Chromium, and what leaves for the
// loudspeaker.
//   AURALIS_SOAK_S   seconds of the first test: 30, or an hour with AURALIS_LONG
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { maxTargetMs } from '../../../client/audio/jitter.js';
import { align } from '../fixture/align.js';
import { captured, listen } from '../fixture/browser.js';
import { Follower, blockFrames } from '../fixture/follower.js';
import { Sent, SentOpus, Wire, mixed, poll, residentMb } from '../fixture/pipeline.js';
import { browser, open, page, pipeline, report, slide, until } from '../fixture/pipeline-page.js';

const soakS = Number(process.env.AURALIS_SOAK_S ?? (process.env.AURALIS_LONG ? 3600 : 30));
const pieceS = 10; // of sound that is compared at once
const stallS = 5; // a page that stood still for longer skips to the present
const fadeBlocks = 3; // that a fade which turns back before it is silent, or a crossfade, can touch

let sent;
let wire;
let began; // what the player had counted when the comparison began
afterEach(async () => {
  await sent?.close();
  await wire?.close();
  sent = wire = null;
});

async function listenBeside() {
  sent = new Sent(pipeline);
  await poll('the first frame', () => sent.pieces.length);
}

// What is heard from here on is compared: past the fade after the click, and the crossfade where
// what is held beyond the target is left out.
async function fromHere() {
  await until(() => !globalThis.auralis.report().settling);
  await listen(page, 1);
  began = await report();
  await captured(page, { drain: true });
}

// Compares so many seconds of what is heard from there on with what was sent, while something
// happens.
async function follow(seconds) {
  let follower;
  for (let doneS = 0; doneS < seconds;) {
    await listen(page, Math.min(pieceS, seconds - doneS));
    const { left, right, rate } = await captured(page, { drain: true });
    doneS += left.length / rate;
    const { played } = await report();
    follower ??= new Follower(sent, rate, played.position - left.length * (sent.rate / rate));
    await poll('the other listener', () => sent.next >= played.position, 30);
    await follower.feed(mixed(left, right), played.position);
  }
  return follower;
}

// What the player counted is excused, and no more. An underrun fades out, waits until the target is
// held again and fades in, or turns back while it fades; a page that was frozen for seconds fades
// and skips to the present; a gap in what came is crossfaded. What the other listener missed cannot
// be compared.
async function assertFaithful(t, follower, seconds) {
  const { blocks, lost, jumps, clicks, silences, silentS, blankS, contextRate } = follower;
  const now = await report();
  const [underruns, skips, splices] = ['underruns', 'skips', 'splices'].map(
    (name) => now[name] - began[name],
  );
  t.diagnostic(
    `${follower}, ${underruns} underruns, ${skips} skips, ${splices} splices, ${sent.missing} frames missing beside, ${sent.seams} seams sent`,
  );
  const breaks = underruns + skips + splices + (began.playing ? 0 : 1);
  const unknown = sent.missing ? 2 : 0;
  assert.equal(clicks, 0, 'clicks');
  assert.ok(silences <= breaks + unknown, `${silences} silences`);
  assert.ok(silentS <= silences * (maxTargetMs / 1000 + stallS), `silent for ${silentS} s`);
  const turned = Math.max(0, breaks - silences);
  assert.ok(
    lost <= fadeBlocks * turned + Math.ceil((2 * sent.missing) / blockFrames),
    `${lost} blocks match nothing`,
  );
  assert.ok(jumps <= skips + splices + unknown, `${jumps} jumps`);
  const judgedS = (blocks * blockFrames) / contextRate + silentS + blankS;
  assert.ok(judgedS > seconds - stallS, `only ${judgedS} s were judged`);
  assert.deepEqual(page.errors, []);
}

const controls = [
  ['intensity', () => slide('#control-intensity', 0.8)],
  ['bpm', () => slide('#control-bpm', 72)],
  ['key', () => page.selectOption('#control-key', 'A')],
  ['mode', () => page.selectOption('#control-mode', 'lydian')],
  ['layers.drone.on', () => page.click('[data-layer="drone"] .switch')],
  ['layers.pad.gain_db', () => slide('[data-layer="pad"] [type="range"]', -12)],
  ['preset', () => page.click('.chip:has(input[value="aurora"])')],
];

// What a minute of playing leaves behind: the heap of the page after a collection, the memory of
// every process.
async function footprint() {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  await devtools.detach();
  const whole = await browser.newBrowserCDPSession();
  const { processInfo } = await whole.send('SystemInfo.getProcessInfo');
  await whole.detach();
  return {
    heap: usedSize / 2 ** 20,
    page: Math.max(
      ...processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => residentMb(id)),
    ),
    ...pipeline.memory(),
  };
}

// Moves every control, each after the one before it has been heard.
async function moveControls(t) {
  for (const [control, act] of controls) {
    await act();
    await until((c) => performance.getEntriesByName(`heard ${c}`).length > 0, control);
    const ms = await page.evaluate(
      (c) => performance.getEntriesByName(`heard ${c}`)[0].duration,
      control,
    );
    t.diagnostic(`${control}: shown as heard ${Math.round(ms)} ms after it was asked for`);
  }
}

// Figures of each minute, until the promise is settled.
async function figuresDuring(following) {
  const figures = [];
  let over = false;
  const ended = () => {
    over = true;
  };
  following.then(ended, ended);
  for (let next = performance.now(); !over; next += 60000) {
    figures.push(await note());
    await poll('the next minute', () => over || performance.now() > next, 120);
  }
  return [...figures, await note()];
}

async function note() {
  const { fillMs, targetMs, trim, underruns, skips } = await report();
  const memory = await footprint();
  if (soakS > 60) {
    const megabytes = Object.entries(memory).map(([name, mb]) => `${name} ${mb.toFixed(1)} MB`);
    const minute = Math.round(performance.now() / 60000);
    console.error(
      `${minute} min: ${Math.round(fillMs)} of ${targetMs} ms held, trim ${(trim * 100).toFixed(3)} %, ${underruns} underruns, ${skips} skips, ${megabytes.join(', ')}`,
    );
  }
  return memory;
}

// Nothing grows: the last quarter against the second one, when everything has been used once.
function assertBounded(t, figures) {
  const quarter = Math.floor(figures.length / 4);
  const mean = (name, from) =>
    figures.slice(from, from + quarter).reduce((sum, f) => sum + f[name], 0) / quarter;
  const mostMb = { heap: 2, page: 20, compose: 5, render: 20, serve: 10 };
  for (const [name, most] of Object.entries(mostMb)) {
    const growth = mean(name, figures.length - quarter) - mean(name, quarter);
    t.diagnostic(`${name} grew by ${growth.toFixed(1)} MB from the second quarter to the last`);
    assert.ok(growth < most, `${name} grew by ${growth} MB`);
  }
}

test(`${soakS} s of the real pipeline, every control moved: what is heard is what was sent, in its order, without a click`, async (t) => {
  await listenBeside();
  await open();
  await page.click('#layers summary');
  await fromHere();
  const following = follow(soakS);
  following.catch(() => {});
  await moveControls(t);
  assert.equal((await pipeline.status()).preset, 'aurora');
  const figures = await figuresDuring(following);
  const follower = await following;
  await assertFaithful(t, follower, soakS);
  // Nothing was done to the station: what breaks now and then is a busy machine.
  const { underruns, skips, splices } = await report();
  assert.ok(underruns - began.underruns <= 3 + soakS / 120, `${underruns} underruns`);
  if (!sent.seams && !sent.missing) {
    assert.deepEqual([skips - began.skips, splices - began.splices], [0, 0], 'skips, splices');
    assert.ok(follower.blankS < 1, `${follower.blankS} s of silence sent`);
  }
  if (soakS >= 600) assertBounded(t, figures);
});

test('a slow wire, then one that is cut: the sound goes on with what was sent, without a click', async (t) => {
  wire = await Wire.start(pipeline.port);
  await listenBeside();
  await open({}, wire.url);
  await fromHere();
  const following = follow(20);
  following.catch(() => {});
  await listen(page, 2);
  wire.bytesPerS = 100000; // of the 176,400 that the sound needs
  await until(() => globalThis.auralis.report().underruns > 0);
  wire.bytesPerS = Infinity;
  await until(() => globalThis.auralis.report().playing);
  await page.evaluate(() => {
    const links = (globalThis.links = []);
    new MutationObserver(() => links.push(document.body.dataset.link)).observe(document.body, {
      attributeFilter: ['data-link'],
    });
  });
  wire.cut();
  await until(
    () =>
      globalThis.links.includes('lost') &&
      globalThis.links.at(-1) === 'open' &&
      globalThis.auralis.report().playing,
  );
  const follower = await following;
  const { epoch, targetMs } = await report();
  t.diagnostic(`now ${targetMs} ms are held back`);
  assert.equal(epoch, 0, 'the same stream, taken up where it is now');
  await assertFaithful(t, follower, 20);
  assert.equal(follower.astray, 0, 'found its place at the end');
});

test('a renderer that stops, and a composer that is killed and comes back, cost a pause and no click', async (t) => {
  await listenBeside();
  await open();
  await fromHere();
  const following = follow(25);
  following.catch(() => {});
  await page.selectOption('#control-key', 'E');
  await until(() => performance.getEntriesByName('heard key').length > 0);
  pipeline.signal('render', 'SIGSTOP');
  const silent = async () => (await fetch(`${pipeline.url}health`)).status === 503;
  await poll('the station to notice', silent);
  pipeline.signal('render', 'SIGCONT');
  await poll('sound', async () => !(await silent()));
  await pipeline.killMusic();
  await poll('the station to notice', silent);
  pipeline.startMusic();
  await poll('sound', async () => !(await silent()));
  await poll(
    'the composer to hear what was wanted',
    async () => (await pipeline.status()).key === 'E',
  );
  const follower = await following;
  assert.equal(await page.getAttribute('body', 'data-link'), 'open');
  await assertFaithful(t, follower, 25);
});

test('a station that is killed and started again is found by the page itself, and plays what is sent now', async (t) => {
  await open();
  await listen(page, 2);
  await pipeline.kill();
  await until(() => document.body.dataset.link === 'lost');
  await pipeline.play();
  await until(() => document.body.dataset.link === 'open' && globalThis.auralis.report().playing);
  await listenBeside();
  await poll(
    'the beginning of what the other listener has',
    async () => (await report()).played.position > sent.first,
  );
  await fromHere();
  const follower = await follow(8);
  await assertFaithful(t, follower, 8);
});

test('Opus is decoded to what another decoder makes of it, at the place of the same sound as PCM', async (t) => {
  sent = await SentOpus.start(pipeline, browser);
  await poll('the first packet', () => sent.pieces.length);
  await open({ codec: 'auto' });
  assert.equal((await report()).codec, 'opus');
  await fromHere();
  const follower = await follow(15);
  await assertFaithful(t, follower, 15);

  const pcm = new Sent(pipeline);
  await poll('two seconds of both', () =>
    [pcm, sent].every(({ next, rate }) => next / rate > pcm.first / pcm.rate + 2),
  );
  pcm.close();
  const [opus, ring] = [sent.ring(), pcm.ring()];
  const rate = pcm.rate / sent.rate;
  for (const s of [0.5, 1, 1.5]) {
    const position = (pcm.first / pcm.rate + s) * pcm.rate;
    const at = Math.round(position / rate) - opus.start;
    const place = (at + opus.start) * rate - ring.start;
    const fit = align(opus.samples, at, 4096, ring.samples, { place, rate });
    t.diagnostic(
      `Opus is ${(fit.place - place).toFixed(2)} frames off, and differs by ${fit.restDb.toFixed(1)} dB`,
    );
    assert.ok(Math.abs(fit.place - place) < 2, `${fit.place - place} frames`);
    assert.ok(fit.restDb < -12, `${fit.restDb} dB`);
  }
});
