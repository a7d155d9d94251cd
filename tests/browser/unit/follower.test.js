// SPDX-License-Identifier: MIT
// The follower must find what is wrong and nothing else: sound that Playback made, and what is then done to it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playback } from '../../../client/playback.js';
import { Follower } from '../fixture/follower.js';
import { Tape } from '../fixture/tape.js';

const rate = 44100;
const chunk = 4410;
const quantum = 128;
const seconds = 8;

// Bells up to 14 kHz over a chord over noise: a wave of 3 frames shows how exactly the place is followed.
function music(frames) {
  let seed = 9;
  const dice = () => (seed = (seed * 48271) % 2147483647) / 2147483647 - 0.5;
  const samples = new Float32Array(frames);
  let noise = 0;
  for (let i = 0; i < frames; ++i) {
    const t = i / rate;
    const bell = Math.exp(-5 * (t % 1.3));
    const partials = [3144, 7860, 14137].reduce((sum, hz) => sum + Math.sin(2 * Math.PI * hz * t), 0);
    const chord = [110, 261.3, 392.7].reduce((sum, hz) => sum + Math.sin(2 * Math.PI * hz * t + Math.sin(t)), 0);
    noise += 0.2 * (dice() - noise);
    samples[i] = Math.round(32767 * (0.12 * bell * partials + 0.05 * chord + 0.05 * noise)) / 32768;
  }
  return samples;
}

const sound = music((seconds + 2) * rate);

const ahead = (s) => s + 0.4;

// What Playback makes of chunks: `when` says how many seconds of `sent` may have arrived by then; `act` may meddle.
function play({ sent = sound, contextRate = rate, when = ahead, keep = () => true, act = () => {} } = {}) {
  const playback = new Playback(contextRate);
  playback.targetMs = 250;
  playback.settlingS = null;
  const heard = new Float32Array(Math.floor((seconds * contextRate) / quantum) * quantum);
  let next = 0;
  for (let at = 0; at < heard.length; at += quantum) {
    for (; next + chunk <= when(at / contextRate, playback) * rate; next += chunk) {
      if (!keep(next / rate)) continue;
      const samples = Float32Array.from({ length: 2 * chunk }, (_, i) => sent[next + (i >> 1)]);
      playback.push({ position: next, rate, epoch: 0, samples });
    }
    act(playback, at / contextRate);
    playback.pull(heard.subarray(at, at + quantum), new Float32Array(quantum));
  }
  return { heard, contextRate, playback };
}

async function follow({ heard, contextRate = rate, sent = sound, playback = null }, skipS = 1) {
  const tape = new Tape(rate);
  for (let at = 0; at < sent.length; at += chunk) tape.put(at, sent.subarray(at, at + chunk));
  const follower = new Follower(tape, contextRate, (skipS - 0.2) * rate);
  const end = playback?.played.position ?? seconds * rate;
  for (let at = Math.round(skipS * contextRate), piece = 2 * contextRate; at < heard.length; at += piece) {
    const part = heard.slice(at, at + piece);
    await follower.feed(part, end - Math.max(0, heard.length - at - piece) * (rate / contextRate));
  }
  return follower;
}

function assertSays(follower, expected) {
  const { lost, jumps, clicks, silences } = follower;
  assert.deepEqual({ lost, jumps, clicks, silences }, { lost: 0, jumps: 0, clicks: 0, silences: 0, ...expected }, String(follower));
}

test('what Playback makes of an even stream is followed at any sample rate', async () => {
  for (const contextRate of [44100, 48000, 96000]) {
    const follower = await follow(play({ contextRate }));
    assertSays(follower, {});
    assert.ok(follower.blocks * 1024 > (seconds - 1.2) * contextRate, `${follower}`);
  }
});

test('a trim that moves as fast as it may, back and forth, is followed through loud bells', async () => {
  const swing = (playback, s) => { playback.targetMs = Math.floor(s / 1.7) % 2 ? 60 : 900; };
  const follower = await follow(play({ when: (s) => s + 0.95, act: swing }), 1.5);
  assertSays(follower, {});
  assert.ok(follower.worstDb < -60, `${follower}`);
});

const stall = (s) => (s > 3 && s < 4.3 ? 3.4 : ahead(s));

test('an underrun is one silence, and the sound goes on where it stopped', async () => {
  const stalled = play({ when: stall });
  const follower = await follow(stalled);
  assert.equal(stalled.playback.underruns, 1);
  assertSays(follower, { silences: 1 });
  assert.ok(Math.abs(follower.silentS - 1) < 0.2, `${follower}`);
});

test('a fade that turns back is not silence, and touches at most three blocks', async () => {
  const stalled = play({ when: (s, { draining }) => (s > 3 && s < 3.5 && !draining ? 3.2 : ahead(s)) });
  assert.equal(stalled.playback.underruns, 1);
  const follower = await follow(stalled);
  assert.ok(follower.lost >= 1 && follower.lost <= 3, `${follower}`);
  assertSays(follower, { lost: follower.lost });
});

test('silence that was sent is not blamed on the player', async () => {
  const sent = sound.slice();
  for (let i = 0; i < 1.3 * rate; ++i) sent[3 * rate + i] = 0;
  for (const stallS of [0, 1]) { // an underrun within it prolongs it
    const played = play({ sent, when: (s) => (s > 2.8 && s < 2.8 + stallS ? 3.2 : ahead(s)) });
    assert.equal(played.playback.underruns, stallS);
    const follower = await follow({ ...played, sent });
    assertSays(follower, { silences: stallS });
    assert.ok(Math.abs(follower.blankS - 1.3) < 0.1, `${follower}`);
  }
});

test('chunks that never came are one jump', async () => {
  const gapped = play({ when: (s) => (s > 3 ? s + 0.7 : ahead(s)), keep: (s) => s < 3.35 || s >= 3.65 });
  assert.equal(gapped.playback.splices, 1);
  const follower = await follow(gapped);
  assert.ok(follower.lost >= 1 && follower.lost <= 3, `${follower}`);
  assertSays(follower, { lost: follower.lost, jumps: 1 });
});

test('a page that skips to the present is one jump', async () => {
  const frozen = play({ when: (s) => (s < 1.5 ? ahead(s) : s + 5), sent: music((seconds + 6) * rate) });
  assert.equal(frozen.playback.skips, 1);
  const follower = await follow({ ...frozen, sent: music((seconds + 6) * rate) });
  assertSays(follower, { lost: follower.lost, jumps: 1, silences: 1 });
  assert.ok(follower.lost <= 3, `${follower}`);
});

const { heard } = play();
const cut = 4 * rate + 77;

for (const frames of [1, 20, 441, chunk, 3 * rate]) {
  test(`${frames} frames too few, and ${frames} twice, are found`, async () => {
    for (const at of [cut + frames, cut - Math.min(frames, 2 * rate)]) {
      const wrong = new Float32Array([...heard.subarray(0, cut), ...heard.subarray(at)]);
      const follower = await follow({ heard: wrong });
      assert.ok(follower.lost >= 1, `${follower}`);
      if (frames > 10) assert.ok(follower.jumps >= 1, `${follower}`);
    }
  });
}

test('a click is found, however small', async () => {
  for (const size of [0.9, 0.003]) {
    const wrong = heard.slice();
    wrong[cut] += size;
    const follower = await follow({ heard: wrong });
    assertSays(follower, { lost: 1, clicks: size > 0.5 ? 1 : 0 });
  }
});

test('a hole is found: as silence without fades where it is silent, as another place where something fills it', async () => {
  const wrong = heard.slice();
  wrong.fill(0, cut, cut + 2000);
  assertSays(await follow({ heard: wrong }), { silences: 1, clicks: 2, jumps: 1 });
  wrong.set(heard.subarray(cut - 2000, cut), cut);
  const { lost, jumps } = await follow({ heard: wrong });
  assert.ok(lost >= 2 && jumps <= 2);
});

test('sound that is lost or comes twice across an underrun is a jump', async () => {
  for (const frames of [-40, 40]) {
    let shifted = false;
    const shift = (playback, s) => {
      if (shifted || s < 4 || playback.playing) return;
      playback.read += frames;
      shifted = true;
    };
    assertSays(await follow(play({ when: stall, act: shift })), { silences: 1, jumps: 1 });
  }
});

test('sound at a level, a rate or of a kind that was not sent is lost', async () => {
  const some = heard.subarray(0, 3 * rate);
  for (const [what, wrong] of [
    ['quieter by 0.2 dB', some.map((x) => 0.977 * x)],
    ['faster by 1 %', Float32Array.from({ length: 2 * rate }, (_, i) => some[Math.floor(i * 1.01)])],
    ['backwards', some.slice().reverse()],
  ]) {
    const follower = await follow({ heard: wrong });
    assert.ok(follower.blocks > 40 && follower.lost > 0.9 * follower.blocks, `${what}: ${follower}`);
  }
});
