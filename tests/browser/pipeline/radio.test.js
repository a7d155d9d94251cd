// SPDX-License-Identifier: MIT
// A browser's media element, as on a phone: what it makes of the plain streams of a real station,
// and of its HLS.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from '../fixture/browser.js';
import { Pipeline, poll } from '../fixture/pipeline.js';

const withAv = process.env.WITH_AV !== 'OFF';
const hls = withAv && mkdtempSync(join(tmpdir(), 'auralis-hls-'));

let browser;
let page;
let pipeline;
before(async () => {
  pipeline = await Pipeline.start({ serve: withAv ? ['--hls', hls] : [] });
  browser = await launch();
  page = await browser.newPage({ bypassCSP: true });
  await page.goto(pipeline.url);
});
after(async () => {
  await browser.close();
  await pipeline.close();
  if (hls) rmSync(hls, { recursive: true });
});

// Seconds that it has played once it has played three, and whether it heard anything.
const played = (path) =>
  page.evaluate(async (address) => {
    const element = new Audio(address);
    const context = new AudioContext();
    const analyser = new AnalyserNode(context);
    new MediaElementAudioSourceNode(context, { mediaElement: element }).connect(analyser);
    analyser.connect(new GainNode(context, { gain: 0 })).connect(context.destination);
    await Promise.race([
      element.play(),
      new Promise((resolve) => element.addEventListener('error', resolve)),
    ]);
    const wave = new Float32Array(analyser.fftSize);
    let loudest = 0;
    for (
      const end = Date.now() + 30000;
      Date.now() < end && element.currentTime < 3 && !element.error;
    ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      analyser.getFloatTimeDomainData(wave);
      loudest = Math.max(loudest, ...wave.map(Math.abs));
    }
    const { currentTime, error } = element;
    element.src = '';
    await context.close();
    return { seconds: currentTime, loudest, error: error?.message };
  }, path);

async function plays(path) {
  const { seconds, loudest, error } = await played(path);
  assert.equal(error, undefined, `${path}: ${error}`);
  assert.ok(seconds >= 3, `${path}: ${seconds} s`);
  assert.ok(loudest > 0.001, `${path}: silence`);
}

test('a media element plays the plain streams', async () => {
  await plays('stream.opus');
  const { status } = await fetch(`${pipeline.url}stream.mp3`, { method: 'HEAD' });
  if (status === 200) await plays('stream.mp3');
  if (withAv) await plays('stream.aac');
});

test(
  'and HLS, in AAC and in Opus',
  { skip: !withAv && 'this build is without --hls' },
  async (t) => {
    const known = await page.evaluate(() =>
      new Audio().canPlayType('application/vnd.apple.mpegurl'),
    );
    if (!known) {
      t.skip('this browser has no HLS of its own');
      return;
    }
    await poll('the list', async () => (await fetch(`${pipeline.url}listen.m3u8`)).ok);
    await plays('listen.m3u8');
    await plays('hls/opus/listen.m3u8');
  },
);
