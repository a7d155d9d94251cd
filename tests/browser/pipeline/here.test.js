// SPDX-License-Identifier: MIT
// The page that plays by itself: a site as scripts/build-site makes it, on a plain static host
// below a path, with a strict content security policy.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { captured, listen } from '../fixture/browser.js';
import { Pipeline } from '../fixture/pipeline.js';
import { nothingMoved, watchShifts } from '../fixture/shifts.js';
import { newPage, open, page, playing, site, until } from '../fixture/site-page.js';
import { build, root, skip, skipFlac } from '../fixture/site.js';

// In the page: the first seconds that its worker makes, as SHA-256.
async function hashOf([seed, preset, seconds]) {
  const { SourceProxy } = await import('./audio/source-proxy.js');
  const worker = new URL('engine/engine-worker.js', location);
  const source = new SourceProxy({ base: new URL('./', location).href, worker });
  const samples = new Float32Array(seconds * 44100 * 2);
  const hash = new Promise((resolve) => {
    source.addEventListener('chunk', ({ detail }) => {
      const at = detail.position * 2;
      if (!detail.samples.length || at >= samples.length) return;
      samples.set(detail.samples.subarray(0, samples.length - at), at);
      const position = detail.position + detail.samples.length / 2;
      if (position * 2 >= samples.length) resolve(crypto.subtle.digest('SHA-256', samples));
      source.level({ played: { position, epoch: 0 }, leastMs: 5 });
    });
  });
  source.connect(() => ({}));
  await source.ask('newPiece', { seed, preset });
  source.open();
  return [...new Uint8Array(await hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

test(
  'thirty seconds that are made in the page are those of the commands, to the bit',
  { skip },
  async () => {
    await open();
    const hash = await page.evaluate(hashOf, ['7', 'focus', 30]);
    const command =
      'auralis-compose -q --preset "$0/presets/focus.yaml" --seed 7 | auralis-render -q --raw --bits f32 - | head -c $((30 * 44100 * 8)) | sha256sum';
    const path = `${join(build, 'bin')}:${process.env.PATH}`;
    const env = { ...process.env, PATH: path };
    const said = execFileSync('bash', ['-c', command, root], { env, encoding: 'utf8' });
    assert.equal(hash, said.split(' ')[0]);
    assert.deepEqual(page.errors, []);
  },
);

test(
  'on a static host it plays what its link says, takes controls, and asks nothing that is not there',
  { skip },
  async () => {
    site.host.missing = [];
    await open({ hash: '#preset=sleep&seed=42&intensity=0.3', recorded: true });
    await until(
      () => document.querySelector('[data-control="preset"] [data-heard] input')?.value === 'sleep',
    );
    await page.click('#play');
    await playing('on');
    await listen(page, 2);
    const { left } = await captured(page);
    assert.ok(left.some((x) => Math.abs(x) > 1e-4));
    await page.focus('#control-intensity');
    await page.keyboard.press('ArrowRight');
    await until(
      () => document.querySelector('[data-control="intensity"]').dataset.phase === 'heard',
    );
    await page.click('#open-share');
    const link = await page.inputValue('#share-link');
    await page.keyboard.press('Escape');
    await page.click('#open-save');
    const download = page.waitForEvent('download');
    await page.click('#save-piece');
    assert.equal((await download).suggestedFilename(), 'auralis-sleep-42.wav');
    assert.match(link, /^http:.*\/music\/of\/mine\/\?here#preset=sleep&seed=42&.*intensity=0.31/);
    await page.keyboard.press('Escape');
    await page.click('#new-piece');
    await until(() => globalThis.auralis.report().heard?.epoch === 2);
    const kept = await page.evaluate(() => JSON.parse(localStorage.getItem('auralis-pieces')));
    assert.deepEqual(
      kept.map(({ preset }) => preset),
      ['sleep', 'sleep'],
    );
    assert.equal(kept[1].seed, '42');
    assert.equal(kept[0].controls.intensity, 0.31);
    const { player, epoch } = await page.evaluate(() => globalThis.auralis.report());
    assert.equal(player, 'here');
    assert.equal(epoch, 2);
    assert.deepEqual(page.errors, []);
    assert.deepEqual(
      site.host.missing.filter((path) => !path.endsWith('favicon.ico')),
      [],
    );
  },
);

// In the page
const flacIsKept = async () =>
  Boolean(await caches.match(new URL('engine/libflac.min.wasm.wasm', location).href));

test('with the network cut it opens again, plays, and saves', { skip }, async () => {
  await open({ serviceWorkers: 'allow' });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await until(() => navigator.serviceWorker.controller !== null);
  await page.reload(); // what it plays with passes the service worker
  await page.waitForSelector('[data-control="preset"] .chip');
  await until(async () => {
    return Boolean(await caches.match(new URL('engine/auralis.bin', location).href));
  });
  if (!skipFlac) await until(flacIsKept);
  await site.host.close();
  await page.reload();
  await page.click('#play');
  await playing('on');
  await page.click('#open-save');
  if (!skipFlac) await page.selectOption('#save-format', 'flac');
  const download = page.waitForEvent('download');
  await page.click('#save-piece');
  assert.match((await download).suggestedFilename(), skipFlac ? /\.wav$/ : /\.flac$/);
  await site.listen();
});

test(
  'a listener of a station chooses this device, steers it alone, and goes back',
  { skip },
  async () => {
    const pipeline = await Pipeline.start();
    try {
      // The engine is found later than the station tells its controls.
      const late = async (route) => {
        await pipeline.status();
        await route.continue();
      };
      const prepare = async (opened) => {
        await watchShifts(opened);
        await opened.route('**/engine/presets.bin', late);
      };
      await open({ url: pipeline.url, prepare });
      await page.waitForSelector('#where:not([hidden])');
      await nothingMoved(page);
      await page.click('#play');
      await playing('on');
      const elsewhere = await pipeline.status();
      const usual = await page.evaluate(() => globalThis.auralis.context().baseLatency);
      await page.click('#where [value="here"]');
      await until(
        () => globalThis.auralis.report().codec === 'here' && document.body.dataset.play === 'on',
      );
      const least = await page.evaluate(() => globalThis.auralis.context().baseLatency);
      assert.ok(least < usual, `${least} of ${usual} s`);
      await page.click('.chip [value="sleep"]');
      await until(
        () => document.querySelector('[data-control="preset"]').dataset.phase === 'heard',
      );
      assert.equal((await pipeline.status()).preset, elsewhere.preset);
      await page.click('#where [value="station"]');
      await until(
        () => globalThis.auralis.report().codec !== 'here' && document.body.dataset.play === 'on',
      );
      await until(
        (preset) => document.querySelector(`[value="${preset}"]`).checked,
        elsewhere.preset,
      );
      assert.deepEqual(page.errors, []);
    } finally {
      await pipeline.close();
    }
  },
);

// In the page: what two followers and a listener of the stream got of the same seconds.
// → {compared, worst} of each follower: frames, and the greatest difference
async function followed([seconds, apartS]) {
  const { Intake } = await import('./link/intake.js');
  const base = new URL('./', location).href;
  const hear = (codec) => {
    const frames = new Map(); // position → samples
    const intake = new Intake(base);
    intake.configure({ codec });
    intake.addEventListener('chunk', ({ detail: { position, samples } }) => {
      if (samples.length) frames.set(position, samples.slice());
    });
    intake.connect({});
    intake.ready.then(() => intake.open());
    return { frames, intake };
  };
  const pause = (s) => new Promise((resolve) => setTimeout(resolve, 1000 * s));
  const [stream, first] = [hear('pcm'), hear('events')];
  await pause(apartS);
  const late = hear('events');
  await pause(2); // to get into step
  const from = Math.max(...stream.frames.keys());
  await pause(seconds);
  const heard = new Map();
  for (const [position, samples] of stream.frames) {
    if (position < from) continue;
    for (let i = 0; i < samples.length / 2; ++i) heard.set(position + i, samples[2 * i]);
  }
  const compare = ({ frames, intake }) => {
    let [compared, worst] = [0, 0];
    for (const [position, samples] of frames) {
      for (let i = 0; i < samples.length / 2; ++i) {
        const there = heard.get(position + i);
        if (there === undefined) continue;
        ++compared;
        worst = Math.max(worst, Math.abs(samples[2 * i] - there));
      }
    }
    return { compared, worst, codec: intake.codec };
  };
  const loudest = [...heard.values()].reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const all = [first, late].map(compare);
  for (const { intake } of [stream, first, late]) intake.close();
  return { all, loudest, sent: heard.size };
}

test(
  'who makes the sound from a station’s events hears what is streamed, frame for frame, and so does who comes late',
  { skip },
  async () => {
    const pipeline = await Pipeline.start();
    try {
      await open({ url: pipeline.url });
      const { all, loudest, sent } = await page.evaluate(followed, [4, 4]);
      for (const { compared, worst, codec } of all) {
        assert.equal(codec, 'events');
        assert.ok(compared > 0.7 * sent, `${compared} of ${sent} frames`);
        // The stream has 16 bits; long tails of what a newcomer was not told fade out.
        assert.ok(worst < 0.003 * loudest, `${worst} of ${loudest}`);
      }
      assert.deepEqual(page.errors, []);
    } finally {
      await pipeline.close();
    }
  },
);

test(
  'a listener chooses that the sound is made on this device, steers the station, and streams again',
  { skip },
  async () => {
    const pipeline = await Pipeline.start();
    const choose = async (codec) => {
      await page.click('#open-settings');
      await page.selectOption('#codec', codec);
      await page.keyboard.press('Escape');
    };
    try {
      await open({ url: pipeline.url });
      await until(() => !document.querySelector('#codec [value="events"]').disabled);
      await page.click('#play');
      await playing('on');
      await choose('events');
      const sounds = (codec) =>
        until((wanted) => {
          const { codec: now, playing: plays } = globalThis.auralis.report();
          return now === wanted && plays;
        }, codec);
      await sounds('events');
      await page.click('.chip [value="sleep"]');
      await until(
        () => document.querySelector('[data-control="preset"]').dataset.phase === 'heard',
      );
      assert.equal((await pipeline.status()).preset, 'sleep');
      await choose('pcm');
      await sounds('pcm');
      assert.deepEqual(page.errors, []);
    } finally {
      await pipeline.close();
    }
  },
);

test(
  'where the engine cannot run the page says why, and play does not wait for it',
  { skip },
  async () => {
    await newPage({ serviceWorkers: 'block' });
    await page.addInitScript(() => {
      WebAssembly.validate = () => false;
    });
    await page.route('**/engine/auralis.bin', (route) => route.abort());
    await page.goto(site.host.url);
    const says = () =>
      until(() =>
        /lacks WebAssembly with SIMD/.test(document.getElementById('notice').textContent),
      );
    await says();
    await page.click('#play');
    await playing('off');
    await says();
  },
);
