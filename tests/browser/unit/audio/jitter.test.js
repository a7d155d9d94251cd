// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JitterMeter, floorMs } from '../../../../client/audio/jitter.js';

function feed(meter, seconds, lateMs = () => 0, chunkMs = 100, fromMs = 0) {
  for (let i = 0; i * chunkMs < seconds * 1000; ++i) {
    const sent = fromMs + i * chunkMs;
    meter.observe(sent + lateMs(i), (sent / 1000) * 48000, 48000);
  }
}

test('an even network gives the floor: 150 ms, two chunks where chunks are short', () => {
  const meter = new JitterMeter(100);
  feed(meter, 10);
  assert.equal(meter.jitterMs, 0);
  assert.equal(meter.targetMs(10000), 150);
  assert.deepEqual([floorMs(200), floorMs(50), floorMs(20)], [150, 150, 40]);
});

test('jitter is the spread of arrivals, to the millisecond', () => {
  const meter = new JitterMeter(100);
  feed(meter, 30, (i) => (i * 7) % 51);
  assert.ok(Math.abs(meter.jitterMs - 50) < 1e-6, `${meter.jitterMs}`);
});

test('the target never leaves 3 s', () => {
  const meter = new JitterMeter(100);
  feed(meter, 30, (i) => (i % 50) * 200);
  for (let i = 0; i < 9; ++i) meter.underrun(30000);
  assert.equal(meter.targetMs(30000), 3000);
});

test('an underrun raises the target by half and is forgotten in minutes', () => {
  const meter = new JitterMeter(100);
  feed(meter, 10);
  meter.underrun(10000);
  assert.equal(meter.targetMs(10000), 225);
  assert.ok(Math.abs(meter.targetMs(10000 + 5 * 60000) - 187.5) < 1e-9);
});

test('an underrun in the first second says nothing of the network', () => {
  const meter = new JitterMeter(20);
  feed(meter, 0.9, () => 0, 20);
  meter.underrun(900);
  assert.equal(meter.targetMs(900), 40);
  feed(meter, 1, () => 0, 20, 900);
  meter.underrun(1900);
  assert.equal(meter.targetMs(1900), 60);
});

test('the target rises at once and falls by at most 5 ms a second, as fast as the trim can follow', () => {
  const meter = new JitterMeter(100);
  feed(meter, 10, (i) => (i === 50 ? 1000 : 0));
  assert.equal(meter.targetMs(10000), 1320);
  feed(meter, 80, () => 0, 100, 10000);
  assert.ok(meter.jitterMs < 1);
  assert.equal(meter.targetMs(90000), 920);
});

test('a burst at the start of a connection is no jitter, and jitter is forgotten after a minute', () => {
  const meter = new JitterMeter(100);
  for (let i = 0; i < 20; ++i) meter.observe(5000 + i, i * 4800, 48000);
  assert.equal(meter.jitterMs, 0);
  meter.restart(100);
  feed(meter, 10, (i) => (i === 50 ? 400 : 0));
  assert.ok(meter.jitterMs > 399);
  feed(meter, 70, () => 0, 100, 10000);
  assert.ok(meter.jitterMs < 1);
});
