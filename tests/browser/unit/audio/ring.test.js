// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { ChunkRing } from '../../../../client/audio/ring.js';

const chunk = (position, frames, value) => ({
  position,
  rate: 44100,
  epoch: 3,
  flush: value % 3 === 0,
  leaving: value % 5 === 0,
  targetMs: value % 3000,
  samples: new Float32Array(frames * 2).fill(value),
});

test('chunks come out whole and in order, round the end of the ring, for a thousand laps', () => {
  const shared = ChunkRing.allocate(1024);
  const [writer, reader] = [new ChunkRing(shared), new ChunkRing(shared)];
  for (let i = 0; i < 10000; ++i) {
    const frames = 1 + ((i * 37) % 150);
    assert.ok(writer.push(chunk((i * 2 ** 33) % 2 ** 53, frames, i)));
    const got = reader.shift();
    assert.equal(got.position, (i * 2 ** 33) % 2 ** 53);
    assert.equal(got.targetMs, i % 3000);
    assert.deepEqual([got.flush, got.leaving], [i % 3 === 0, i % 5 === 0]);
    assert.equal(got.samples.length, frames * 2);
    assert.ok(got.samples.every((sample) => sample === i));
  }
  assert.equal(reader.shift(), null);
});

test('a full ring refuses and keeps what it has', () => {
  const shared = ChunkRing.allocate(256);
  const ring = new ChunkRing(shared);
  assert.ok(ring.push(chunk(1, 60, 1)));
  assert.ok(ring.push(chunk(2, 50, 2)));
  assert.equal(ring.push(chunk(3, 50, 3)), false);
  assert.equal(ring.shift().position, 1);
  assert.ok(ring.push(chunk(3, 50, 3)));
  assert.deepEqual([ring.shift().position, ring.shift().position, ring.shift()], [2, 3, null]);
});

test('two threads agree', async () => {
  const shared = ChunkRing.allocate(4096);
  const source = `
    import { ChunkRing } from ${JSON.stringify(new URL('../../../../client/audio/ring.js', import.meta.url).href)};
    import { workerData } from 'node:worker_threads';
    const ring = new ChunkRing(workerData);
    for (let i = 0; i < 20000; ++i) {
      const samples = new Float32Array(2 * (1 + i % 300)).fill(i);
      while (!ring.push({ position: i, rate: 48000, epoch: 0, samples })) Atomics.wait(ring.control, 1, Atomics.load(ring.control, 1), 1);
    }`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
    workerData: shared,
  });
  const reader = new ChunkRing(shared);
  for (let i = 0; i < 20000;) {
    const got = reader.shift();
    if (!got) {
      await new Promise(setImmediate);
      continue;
    }
    assert.equal(got.position, i);
    assert.equal(got.samples.length, 2 * (1 + (i % 300)));
    assert.ok(got.samples[0] === i && got.samples.at(-1) === i);
    ++i;
  }
  await worker.terminate();
});
