// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JitterMeter } from '../../../../client/audio/jitter.js';
import { Playback, maxTrim } from '../../../../client/audio/playback.js';
import { coarsePosition, level, measure, signalStereo, worstStep } from '../../fixture/signal.js';

const quantum = 128;

// A network, a worklet and the meter between them on one simulated clock.
//   chunks   [{sentS, lateS, position, rate, epoch, frames}] in order of arrival
function simulate({ chunks, seconds, contextRate = 48000, chunkMs = 100, onQuantum, prepare }) {
  const playback = new Playback(contextRate);
  prepare?.(playback);
  const meter = new JitterMeter(chunkMs);
  const out = {
    left: new Float32Array(seconds * contextRate),
    right: new Float32Array(seconds * contextRate),
    playback,
    meter,
    fills: [],
    trims: [],
    heard: [],
  };
  const waiting = chunks.map((c) => ({ ...c, arrivalS: c.sentS + c.lateS }));
  for (let i = 1; i < waiting.length; ++i)
    waiting[i].arrivalS = Math.max(waiting[i].arrivalS, waiting[i - 1].arrivalS); // TCP keeps order
  let next = 0;
  let underruns = 0;
  for (let at = 0; at + quantum <= out.left.length; at += quantum) {
    const now = at / contextRate;
    for (; next < waiting.length && waiting[next].arrivalS <= now; ++next) {
      const {
        position,
        rate,
        epoch = 0,
        frames,
        samples = signalStereo(position, frames, rate),
      } = waiting[next];
      meter.observe(waiting[next].arrivalS * 1000, position, rate);
      playback.push({ position, rate, epoch, samples, flush: false });
    }
    if (playback.underruns > underruns) {
      underruns = playback.underruns;
      meter.underrun(now * 1000);
    }
    playback.targetMs = meter.targetMs(now * 1000);
    playback.pull(out.left.subarray(at, at + quantum), out.right.subarray(at, at + quantum));
    out.fills.push(playback.fillMs);
    out.trims.push(playback.trim);
    out.heard.push(playback.played);
    onQuantum?.(playback, now);
  }
  return out;
}

function steadyChunks(
  seconds,
  { rate = 44100, chunkMs = 100, lateS = () => 0, drift = 0, from = 0 } = {},
) {
  const frames = (rate * chunkMs) / 1000;
  return Array.from({ length: Math.floor((seconds * 1000) / chunkMs) }, (_, i) => ({
    sentS: (i * chunkMs * (1 + drift)) / 1000,
    lateS: lateS(i),
    position: from + i * frames,
    rate,
    frames,
  }));
}

function random(seed) {
  return () => (seed = (seed * 48271) % 2147483647) / 2147483647;
}

// Nothing but the signal, at the level it was sent, at a rate within the trim, from the first full
// window on.
function assertUnbroken(out, contextRate, { from = 0, to = Infinity } = {}) {
  const windows = measure(out.left, contextRate);
  const first = windows.findIndex((w) => w.at >= from && w.level > level * 0.999) + 2;
  assert.ok(first > 1, 'there is sound');
  for (const w of windows.slice(first)) {
    if (w.at > to) break;
    assert.ok(Math.abs(w.level / level - 1) < 0.001, `level ${w.level} at ${w.at}`);
    assert.ok(w.rest < level * 1e-3, `click of ${w.rest} at ${w.at}`);
    assert.ok(Math.abs(w.rate - 1) <= maxTrim + 5e-4, `rate ${w.rate} at ${w.at}`);
  }
  return windows;
}

test('an even stream is heard from 200 ms on without a gap, a repeat or a click', () => {
  for (const [rate, contextRate] of [
    [44100, 48000],
    [48000, 48000],
    [44100, 44100],
    [96000, 48000],
  ]) {
    const out = simulate({ chunks: steadyChunks(10, { rate }), seconds: 9, contextRate });
    const windows = assertUnbroken(out, contextRate);
    assert.ok(windows.find((w) => w.level > level * 0.99).at < 0.2 * contextRate);
    assert.equal(out.playback.underruns, 0);
    for (let at = contextRate; at < out.left.length; at += 1000) {
      const heard = out.heard[Math.floor(at / quantum)].position;
      const coarse = coarsePosition(out.right, at, rate, heard);
      assert.ok(Math.abs(coarse - heard) < 0.01 * rate, `place ${coarse}, reported ${heard}`);
    }
  }
});

test('jitter of 400 ms raises the target until nothing is heard of it', () => {
  const dice = random(5);
  const out = simulate({ chunks: steadyChunks(90, { lateS: () => dice() * 0.4 }), seconds: 88 });
  assert.ok(out.meter.targetMs(88000) > 400, `${out.meter.targetMs(88000)}`);
  assertUnbroken(out, 48000, { from: 30 * 48000 });
});

test('the buffer settles at its target and the trim at the drift of the two clocks', () => {
  for (const drift of [3e-4, -3e-4]) {
    const out = simulate({ chunks: steadyChunks(122, { drift }), seconds: 120 });
    assert.ok(Math.abs(out.trims.at(-1) + drift) < 1e-4, `trim ${out.trims.at(-1)}`);
    const tail = out.fills.slice(-3750); // the last 10 s
    const mean = tail.reduce((a, b) => a + b) / tail.length;
    assert.ok(
      Math.abs(mean - out.playback.targetMs) < 20,
      `fill ${mean}, target ${out.playback.targetMs}`,
    );
    assertUnbroken(out, 48000);
  }
});

test('after a stall of 2 s the sound fades out and in, loses nothing, and works the delay off by the trim alone', () => {
  const chunks = steadyChunks(40, { lateS: (i) => (i >= 100 && i < 120 ? (120 - i) * 0.1 : 0) });
  const out = simulate({ chunks, seconds: 38 });
  assert.equal(out.playback.underruns, 1);
  assert.equal(out.playback.skips, 0);
  assert.ok(worstStep(out.left, 48000) < 5, `${worstStep(out.left, 48000)}`);
  assertUnbroken(out, 48000, { from: 14 * 48000 });
  for (const trim of out.trims) assert.ok(Math.abs(trim) <= maxTrim);
  for (let i = 1; i < out.heard.length; ++i) {
    if (!out.heard[i - 1]) continue;
    const step = out.heard[i].position - out.heard[i - 1].position;
    assert.ok(step >= 0 && step < quantum * 1.01, `place moved by ${step}`);
  }
});

test('what comes at once at the start, or while a device that has just begun stands still, is held for the first seconds only', () => {
  for (const [what, chunks] of [
    ['a burst', steadyChunks(14).map((c) => ({ ...c, sentS: Math.max(0, c.sentS - 0.5) }))],
    [
      'a pause of the device',
      steadyChunks(14).map((c, i) => ({ ...c, sentS: i < 4 ? c.sentS : c.sentS - 0.3 })),
    ],
  ]) {
    const out = simulate({ chunks, seconds: 11 });
    const [first, later] = [
      [1, 4],
      [5, 8],
    ].map(([from, to]) => out.fills.slice((from * 48000) / quantum, (to * 48000) / quantum));
    const mean = (held) => held.reduce((a, b) => a + b) / held.length;
    assert.ok(mean(first) > 400, `${what}: ${mean(first)} ms held at first`);
    assert.ok(Math.abs(mean(later) - 150) < 20, `${what}: ${mean(later)} ms held`);
    assert.equal(out.playback.underruns, 0, what);
    assert.ok(
      worstStep(out.left.subarray(4800), 48000) < 1.6,
      `${what}: ${worstStep(out.left.subarray(4800), 48000)}`,
    );
    for (const [from, to] of [
      [0.5, 3.8],
      [4.5, 11],
    ])
      assertUnbroken(out, 48000, { from: from * 48000, to: to * 48000 });
  }
});

test('a crossfade ahead is smooth however short the way is', () => {
  // √2 at most, where both sides agree
  for (const frames of [530, 600, 900, 1290, 1400, 5000]) {
    const playback = new Playback(44100);
    playback.push({
      position: 0,
      rate: 44100,
      epoch: 0,
      samples: signalStereo(0, 22050, 44100),
      flush: false,
      targetMs: 150,
    });
    playback.settlingS = null;
    const out = new Float32Array(quantum * 120);
    for (let at = 0; at < out.length; at += quantum) {
      if (at === quantum * 40) playback.skipAhead(frames, 1323);
      playback.pull(out.subarray(at, at + quantum), new Float32Array(quantum));
    }
    assert.ok(
      worstStep(out.subarray(2048), 44100) < 1.5,
      `${frames} frames: ${worstStep(out.subarray(2048), 44100)}`,
    );
  }
});

test('chunks that come twice are heard once', () => {
  const chunks = steadyChunks(10).flatMap((c, i) =>
    i % 7 === 3 ? [c, c, { ...c, position: c.position + 2205 - 4410 }] : [c],
  );
  const out = simulate({ chunks, seconds: 9 });
  assertUnbroken(out, 48000);
  assert.equal(out.playback.splices, 0);
});

test('lost chunks are crossfaded: no silence, no step beyond the signal’s own', () => {
  const chunks = steadyChunks(10).filter((c, i) => i < 40 || i >= 49);
  for (const c of chunks) if (c.position >= 49 * 4410) c.sentS -= 0.9;
  const out = simulate({ chunks, seconds: 8 });
  const windows = measure(out.left, 48000).slice(40);
  for (const w of windows) assert.ok(w.level > 0.3 * level, `level ${w.level} at ${w.at}`);
  assert.ok(
    worstStep(out.left.subarray(9600), 48000) < 1.6,
    `${worstStep(out.left.subarray(9600), 48000)}`,
  );
  assert.equal(out.playback.underruns, 0);
  assert.equal(out.playback.splices, 1);
});

test('a server that began anew is crossfaded into, whatever its positions say', () => {
  const before = steadyChunks(3, { from: 400000 });
  const after = steadyChunks(6).map((c) => ({ ...c, sentS: c.sentS + 3, epoch: 1 }));
  const out = simulate({ chunks: [...before, ...after], seconds: 8 });
  assert.ok(worstStep(out.left.subarray(9600), 48000) < 1.6);
  assert.equal(out.playback.underruns, 0);
  assert.equal(out.playback.splices, 1);
  assert.equal(out.heard.at(-1).epoch, 1);
  assert.ok(Math.abs(out.heard.at(-1).position / 44100 - 4.8) < 0.2);
});

test('a stream that comes back at another rate fades out and in and keeps its pitch', () => {
  const before = steadyChunks(3);
  const after = steadyChunks(6, { rate: 48000 }).map((c) => ({
    ...c,
    sentS: c.sentS + 3,
    epoch: 1,
  }));
  const out = simulate({ chunks: [...before, ...after], seconds: 8 });
  assertUnbroken(out, 48000, { from: 4 * 48000 });
  assert.ok(worstStep(out.left.subarray(9600), 48000) < 5);
  assert.equal(out.playback.underruns, 0);
  const later = simulate({
    chunks: [...before, ...after.map((c) => ({ ...c, sentS: c.sentS + 1 }))],
    seconds: 9,
  });
  assertUnbroken(later, 48000, { from: 5 * 48000 });
  assert.deepEqual([later.playback.underruns, later.playback.pending.length], [1, 0]);
});

test('a page that was frozen for 8 s goes on near the present', () => {
  const playback = new Playback(48000);
  const chunks = steadyChunks(20);
  const [left, right] = [new Float32Array(quantum), new Float32Array(quantum)];
  const push = (from, to) => {
    for (const c of chunks.slice(from, to))
      playback.push({ ...c, epoch: 0, samples: signalStereo(c.position, c.frames, c.rate) });
  };
  const pull = (quanta) => {
    for (let i = 0; i < quanta; ++i) playback.pull(left, right);
  };
  push(0, 2);
  for (let i = 2; i < 40; ++i) {
    push(i, i + 1);
    pull(37); // 99 ms
  }
  push(40, 120);
  pull(650);
  assert.equal(playback.skips, 1);
  assert.ok(playback.fillMs < 300, `${playback.fillMs}`);
});

test('hours do not wear: after 2^36 frames, sixteen days, the sound is as clean as at the start', () => {
  const prepare = (playback) => {
    playback.read = playback.write = 2 ** 36;
  };
  const out = simulate({ chunks: steadyChunks(6, { from: 2 ** 36 }), seconds: 5, prepare });
  assert.equal(out.playback.underruns, 0);
  const windows = measure(out.left, 48000).filter((w) => w.at > 19200);
  assert.ok(windows.every((w) => w.rest < level * 1e-3));
});

test('a flush forgets what was not heard, and a listener who leaves has no underrun', () => {
  const out = simulate({
    chunks: steadyChunks(2),
    seconds: 4,
    onQuantum: (p) => p.push({ leaving: true, samples: new Float32Array(0) }),
  });
  assert.equal(out.playback.underruns, 0);
  assert.ok(out.left.subarray(2.5 * 48000).every((x) => x === 0));
  assert.ok(worstStep(out.left.subarray(9600), 48000) < 5);
  out.playback.push({ flush: true, samples: new Float32Array(0) });
  assert.equal(out.playback.fillMs, 0);
  assert.equal(out.playback.played, null);
});
