// SPDX-License-Identifier: MIT
// The page over WebRTC behind a link that loses 5 % of the packets and delays the others by up to
// 60 ms, so that they overtake each other.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { captured, listen } from '../fixture/browser.js';
import { WeakNetwork, concealed, inbound } from '../fixture/weak-network.js';

// Of the 5 %; how little it is on a quiet machine is a figure of scripts/latency --weak.
const mostConcealed = 0.025;
const timeout = 60000;

let network;
let page;
before(async () => {
  network = await WeakNetwork.start();
});
after(() => network?.close());
afterEach(() => page?.context().close());

const until = (condition, argument) => page.waitForFunction(condition, argument, { timeout });
const report = () => page.evaluate(() => globalThis.auralis.report());

async function play(settings, prepare) {
  page = await network.open(settings, prepare);
  await page.click('#play');
  await until(() => document.body.dataset.play === 'on');
}

// In Hz, by the time from the first rise through zero to the last, and how loud it is, in the last
// seconds.
function toneOf({ left, rate }, seconds) {
  const heard = left.slice(-Math.round(seconds * rate));
  const rises = [];
  for (let i = 1; i < heard.length; ++i) {
    if (heard[i - 1] < 0 && heard[i] >= 0) rises.push(i - heard[i] / (heard[i] - heard[i - 1]));
  }
  const hz = ((rises.length - 1) / (rises.at(-1) - rises[0])) * rate;
  const power = heard.reduce((sum, x) => sum + x * x, 0) / heard.length;
  return { hz, level: Math.sqrt(power) };
}

// Of the second without a gap: a link like this breaks what goes over the WebSocket.
function wholeToneOf({ left, rate }) {
  const seconds = Array.from({ length: Math.floor(left.length / rate) }, (_, second) =>
    toneOf({ left: left.slice(0, (second + 1) * rate), rate }, 1),
  );
  return seconds.reduce((loudest, one) => (one.level > loudest.level ? one : loudest));
}

test('The page plays over WebRTC what it plays over the WebSocket, and makes up less than half of what is lost', async () => {
  await play({ codec: 'pcm' });
  await listen(page, 10);
  const sent = wholeToneOf(await captured(page));
  await page.context().close();
  await network.close();

  network = await WeakNetwork.start(); // the tone is even for its first half minute
  await play();
  await until(() => globalThis.auralis.report().played);
  const first = await inbound(page);
  await listen(page, 5);
  const heard = wholeToneOf(await captured(page));
  await listen(page, 15);
  const share = concealed(first, await inbound(page));
  assert.ok(heard.level > 0.01, `level ${heard.level}`);
  assert.ok(Math.abs(heard.level / sent.level - 1) < 0.1, `${heard.level}, sent ${sent.level}`);
  assert.ok(Math.abs(heard.hz - sent.hz) < 1, `${heard.hz} Hz, sent ${sent.hz} Hz`);
  assert.ok(share <= mostConcealed, `${share} of the sound was made up`);
  assert.deepEqual(page.errors, []);
});

test('Its figures are those of the browser, what is heard is where the station is, and controls are answered', async () => {
  await play();
  await until(() => globalThis.auralis.report().fillMs > 0);
  const { codec, heard, rate } = await report();
  assert.equal(codec, 'webrtc');
  const { position, sample_rate: of } = await network.pipeline.status();
  const aheadS = position / of - heard.position / rate;
  assert.ok(aheadS > 0 && aheadS < 3, `the station is ${aheadS} s ahead`);
  await page.click('#open-settings');
  await until(() => /Opus over WebRTC, [1-9]/.test(document.getElementById('figures').textContent));
  await page.keyboard.press('Escape');
  await page.click('#layers summary');
  await page.locator('[data-layer="drone"] [type="range"]').fill('-3');
  await until(() =>
    performance.getEntriesByType('measure').some(({ name }) => /^heard/.test(name)),
  );
  assert.deepEqual(page.errors, []);
});

test('It counts as one listener, and as none when it has stopped', async () => {
  const clients = async () => {
    const { clients: all, webrtc_clients: peers } = await (
      await fetch(`${network.url}api/metrics`)
    ).json();
    return [all, peers];
  };
  const become = async (expected) => {
    for (const end = Date.now() + timeout; Date.now() < end;) {
      if (String(await clients()) === String(expected)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.deepEqual(await clients(), expected);
  };
  await become([0, 0]);
  await play();
  await become([1, 1]);
  await page.click('#play');
  await become([0, 0]);
});

test('Where WebRTC does not get through, the sound comes over the WebSocket, and the page says so', async () => {
  await play({}, (made) =>
    made.route('**/whep', (route) => route.fulfill({ status: 503, body: '{}' })),
  );
  await until(() => /steadier way/.test(document.getElementById('notice').textContent));
  assert.equal((await report()).codec, 'opus');
  // A link like this breaks that sound, too.
  let loudest = 0;
  for (let second = 0; second < 30 && loudest < 0.01; ++second) {
    await listen(page, 1);
    loudest = Math.max(loudest, toneOf(await captured(page), 1).level);
  }
  assert.ok(loudest > 0.01, `level ${loudest}`);
});

test('Who hears breaks over the WebSocket is offered WebRTC, and one press takes it', async () => {
  await play({ codec: 'pcm' });
  await until(() => globalThis.auralis.report().played);
  await page.evaluate(() => globalThis.auralis.breaks(3));
  await page.click('#notice button');
  await until(() => globalThis.auralis.report().codec === 'webrtc');
  await until(() => document.body.dataset.play === 'on');
});
