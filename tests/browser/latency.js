// SPDX-License-Identifier: MIT
// scripts/latency --browser: how long after a click the loudspeaker plays what it asked for,
// through all three commands and a page.
//   click to heard   from pressing the mouse on the fader of the one layer, which is nearly silent,
//                    to the first sample that is louder than all that were heard before
//   play to sound    from pressing play on a page that is loaded to the first sample
// The visualiser is off: where nothing but the processor draws, it takes the time of the thread
// that takes the sound in.
//   webrtc           a click, and the share of the sound that is made up, over WebRTC behind a link
//                    that loses 5 % and delays the rest by up to 60 ms: scripts/latency --weak
//   here             the same of a page that plays by itself, from a static host; play is pressed
//                    while the engine is still being loaded, and then with all of it at hand; and a
//                    click of who chose this device on the page of a station
//   to first paint   of that page, on a processor that is four times slower
//   goals            p95 of the first 350 ms with chunks of 100 ms, 150 with 20 ms and 60 here, of
//                    the second 500; here 800, and 300 with all at hand, and of the first paint
//                    1,000; missed: status 1
// Both ends are on the clock of the page: the event's time stamp, and the time at which the device
// is given the sample.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { blockFrames, launch, record } from './fixture/browser.js';
import { Pipeline } from './fixture/pipeline.js';
import { StaticHost } from './fixture/static.js';
import { WeakNetwork, concealed, inbound } from './fixture/weak-network.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const preset = fileURLToPath(new URL('fixture/tone.yaml', import.meta.url));
const heardGoalMs = (chunkMs) => (chunkMs < 50 ? 150 : 350);
const soundGoalMs = 500;
const weakGoalMs = 200;
const mostConcealed = 0.002;
const clicks = 40;
const plays = 10;
const slowdown = 4;

// In the page: what was recorded last, and when a sample of it was heard.
function instruments(framesOfBlock) {
  const silent = 1e-4;
  const louder = 1.1;
  const quietBlocks = 6; // half a second
  globalThis.pressedMs = 0;
  addEventListener(
    'pointerdown',
    ({ timeStamp }) => {
      globalThis.pressedMs = timeStamp;
    },
    true,
  );
  const recording = () => globalThis.recordings?.at(-1);
  const most = (block) => block.reduce((peak, x) => Math.max(peak, Math.abs(x)), 0);
  globalThis.floor = silent;
  globalThis.quiet = () => {
    const peaks = recording().left.slice(-quietBlocks).map(most);
    const peak = Math.max(...peaks);
    const isSteady = peaks.length === quietBlocks && peak <= peaks.at(-1) * louder;
    if (!isSteady || peak >= silent) return false;
    globalThis.floor = peak * louder;
    return true;
  };
  globalThis.heardAfter = (fromMs) => {
    if (!recording()?.left.length) return 0;
    const { context, rate, left, frames } = recording();
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    if (!contextTime) return 0; // the device does not run yet
    const timeOf = (frame) => performanceTime + (frame / rate - contextTime) * 1000;
    for (let block = 0; block < left.length; ++block) {
      if (timeOf(frames[block] + framesOfBlock) < fromMs) continue;
      const at = left[block].findIndex((x) => Math.abs(x) > globalThis.floor);
      if (at >= 0) return timeOf(frames[block] + at) - fromMs;
    }
    return 0;
  };
}

const ask = (page, condition) =>
  page.waitForFunction(condition, null, { timeout: 60000, polling: 20 });

// presets: a file of them for the page's engine, in place of the built-in ones
async function open(browser, url, { ready = '#controls .chip', presets } = {}) {
  const serviceWorkers = presets ? 'block' : 'allow';
  const context = await browser.newContext({ bypassCSP: true, serviceWorkers });
  if (presets) {
    await context.route('**/engine/presets.bin', (route) => route.fulfill({ body: presets }));
  }
  const page = await context.newPage();
  await record(page);
  await page.addInitScript(instruments, blockFrames);
  await page.addInitScript(() =>
    localStorage.setItem('auralis', JSON.stringify({ volume: 1, visual: false })),
  );
  await page.goto(url);
  await page.waitForSelector(ready);
  return page;
}

const heard = async (page) =>
  (
    await ask(page, () => globalThis.pressedMs && globalThis.heardAfter(globalThis.pressedMs))
  ).jsonValue();

async function playToSound(browser, url, ready) {
  const toSound = [];
  for (let i = 0; i < plays; ++i) {
    const page = await open(browser, url, { ready });
    await page.click('#play');
    toSound.push(await heard(page));
    await page.context().close();
  }
  return toSound;
}

// On a processor of a quarter of the speed: until there is something to look at.
async function toPaint(browser, url) {
  const toFirst = [];
  for (let i = 0; i < plays; ++i) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    await page.goto(url);
    const paint = await ask(
      page,
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    );
    toFirst.push(await paint.jsonValue());
    await context.close();
  }
  return toFirst;
}

async function clickToHeard(page) {
  await page.click('#layers summary');
  if (await page.evaluate(() => document.body.dataset.play === 'off')) await page.click('#play');
  const fader = page.locator('[data-layer="drone"] [type="range"]');
  const toHeard = [];
  for (let i = 0; i < clicks; ++i) {
    const { width, height } = await fader.boundingBox();
    await fader.click({ position: { x: 2, y: height / 2 } });
    await ask(page, () => globalThis.quiet());
    await page.evaluate(() => {
      // older samples are of no more interest
      Object.assign(globalThis.recordings.at(-1), { left: [], right: [], frames: [] });
      globalThis.pressedMs = 0;
    });
    await fader.click({ position: { x: width - 2, y: height / 2 } });
    toHeard.push(await heard(page));
  }
  const report = await page.evaluate(() => globalThis.auralis.report());
  return { toHeard, report };
}

function line(name, values, goalMs) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]);
  if (at(0.95) >= goalMs) process.exitCode = 1;
  console.log(
    `  ${name.padEnd(16)} p50 ${at(0.5)} ms  p95 ${at(0.95)} ms (goal ${goalMs})  most ${at(1)} ms  (${values.length} times)`,
  );
}

async function measureHere(browser) {
  const folder = mkdtempSync(join(tmpdir(), 'auralis-latency-'));
  const [site, bin] = [join(folder, 'site'), join(root, 'build/bin/auralis-compose')];
  execFileSync(join(root, 'scripts/build-site'), [site], { stdio: 'ignore' });
  const shown = execFileSync(bin, ['--show-preset', preset, '--json']);
  const presets = gzipSync(shown);
  writeFileSync(join(site, 'engine/presets.bin'), presets);
  const host = await StaticHost.start(site);
  console.log('here');
  line('to first paint', await toPaint(browser, host.url), 1000);
  line('loading to sound', await playToSound(browser, host.url, '#play'), 800);
  line('play to sound', await playToSound(browser, host.url), 300);
  await clicksHere(await open(browser, host.url));
  await host.close();
  rmSync(folder, { recursive: true });
  await measureChosen(browser, presets);
}

async function measureChosen(browser, presets) {
  const pipeline = await Pipeline.start({ preset });
  const page = await open(browser, pipeline.url, { presets });
  await page.click('#play');
  await ask(page, () => document.body.dataset.play === 'on');
  await page.click('#where [value="here"]');
  await ask(page, () => globalThis.auralis.report().codec === 'here');
  console.log('this device, chosen on the page of a station');
  await clicksHere(page);
  await pipeline.close();
}

async function clicksHere(page) {
  const { toHeard, report } = await clickToHeard(page);
  line('click to heard', toHeard, 60);
  console.log(`  of it, ahead     ${report.targetMs} ms, ${report.underruns} underruns`);
}

async function measure(browser, chunkMs) {
  const compose = chunkMs < 50 ? ['--lookahead', 20] : []; // as scripts/play does
  const pipeline = await Pipeline.start({ preset, compose, serve: ['--chunk-ms', chunkMs] });
  const toSound = await playToSound(browser, pipeline.url);
  const { toHeard, report } = await clickToHeard(await open(browser, pipeline.url));
  const { control_latency_ms: server } = await (await fetch(`${pipeline.url}api/metrics`)).json();
  await pipeline.close();
  const { targetMs, jitterMs, underruns } = report;
  console.log(`--chunk-ms ${chunkMs}`);
  line('click to heard', toHeard, heardGoalMs(chunkMs));
  line('play to sound', toSound, soundGoalMs);
  console.log(
    `  of it, server    p95 ${Math.round(server.p95)} ms; the page held ${targetMs} ms back, jitter ${Math.round(jitterMs)} ms, ${underruns} underruns`,
  );
}

async function measureWeak() {
  const network = await WeakNetwork.start({
    compose: ['--lookahead', 20],
    serve: ['--chunk-ms', 20],
  });
  const page = await network.open({}, (made) => made.addInitScript(instruments, blockFrames));
  await page.click('#play');
  await ask(page, () => globalThis.auralis.report().played);
  const first = await inbound(page);
  const { toHeard, report } = await clickToHeard(page);
  const share = concealed(first, await inbound(page));
  await network.close();
  console.log('over WebRTC, 5 % lost, up to 60 ms of jitter');
  line('click to heard', toHeard, weakGoalMs);
  console.log(`  of it, the browser held ${Math.round(report.targetMs)} ms back`);
  console.log(`  made up          ${(100 * share).toFixed(3)} % of the sound (goal 0.2 %)`);
  if (share > mostConcealed) process.exitCode = 1;
}

if (process.argv[2] === 'webrtc') {
  await measureWeak();
  process.exit();
}
const browser = await launch();
for (const chunkMs of process.argv.length > 2 ? process.argv.slice(2) : [100, 20, 'here'])
  await (chunkMs === 'here' ? measureHere(browser) : measure(browser, chunkMs));
console.log(
  `load ${loadavg()
    .map((x) => x.toFixed(1))
    .join(' ')}`,
);
await browser.close();
