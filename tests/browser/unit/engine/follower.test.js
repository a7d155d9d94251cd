// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Follower } from '../../../../client/engine/follower.js';
import { EngineError } from '../../../../client/engine/module.js';

const rate = 1000;

// Sound that counts the frames of the piece, up to what `advance` allows.
class FakeEngine {
  constructor(fromS) {
    this.frame = fromS * rate;
    this.allowed = this.frame;
    this.freed = false;
  }

  free() {
    this.freed = true;
  }

  state() {
    return { position: this.frame };
  }

  push(lines) {
    for (const line of lines.trim().split('\n')) {
      const event = JSON.parse(line);
      if (event.type === 'wrong') throw new EngineError('line 2: wrong');
      if (event.type === 'advance') this.allowed = event.t * rate;
    }
  }

  pull(stereo, at, frames) {
    const made = Math.min(frames, this.allowed - this.frame);
    for (let i = 0; i < made; ++i) stereo.fill(this.frame + i, 2 * (at + i), 2 * (at + i + 1));
    this.frame += made;
    return made;
  }
}

let engines;
const module = {
  join(_rate, fromS) {
    engines.push(new FakeEngine(fromS));
    return engines.at(-1);
  },
};
const lines = (...events) => events.map((event) => `${JSON.stringify(event)}\n`).join('');
const clock = (t, position) => ({ type: 'clock', t, position });
const start = { type: 'start', auralis: 1 };
const patch = (t) => ({ type: 'patch', t, layer: 'pad', params: {} });
const advance = (t) => ({ type: 'advance', t });
// Which frame of the stream the first sample is, which of the piece, and how many there are.
const told = ({ position, samples }) => [position, samples[0], samples.length / 2];

beforeEach(() => {
  engines = [];
});

test('a newcomer hears from where the stream is, made from what was told of before', () => {
  const follower = new Follower(module, rate, 90500);
  const chunk = follower.take(lines(clock(50, 91000), start, patch(30), advance(50)));
  assert.equal(engines[0].state().position, 50000);
  assert.deepEqual(told(chunk), [90500, 49500, 500]);
  assert.deepEqual(told(follower.take(lines(advance(50.25)))), [91000, 50000, 250]);
});

test('nothing is made until events allow it, and nothing without a beginning', () => {
  const follower = new Follower(module, rate, 0);
  assert.equal(follower.take(lines(advance(1))), null);
  assert.equal(follower.take(lines(clock(0, 0), start, patch(0))), null);
  assert.deepEqual(told(follower.take(lines(advance(6)))), [0, 0, 6000]);
});

test('events that were missed are made up for without a gap and without an echo', () => {
  const follower = new Follower(module, rate, 0);
  follower.take(lines(clock(1, 1000), start, patch(0), advance(1)));
  const chunk = follower.take(lines(clock(9, 9000), start, patch(0.5), advance(9)));
  assert.deepEqual(told(chunk), [1000, 1000, 8000]);
  assert.equal(engines[0].freed, true);
});

test('a piece that begins anew is heard where the stream has it', () => {
  const follower = new Follower(module, rate, 0);
  follower.take(lines(clock(1, 1000), start, patch(0), advance(1)));
  const chunk = follower.take(lines(clock(0.25, 1750), start, patch(0), advance(0.25)));
  assert.deepEqual(told(chunk), [1500, 0, 250]);
});

test('where the stream was held up the sound moves with it', () => {
  const follower = new Follower(module, rate, 0);
  follower.take(lines(clock(1, 1000), start, patch(0), advance(1)));
  assert.deepEqual(told(follower.take(lines(clock(2, 2300), advance(2)))), [1300, 1000, 1000]);
});

test('a snapshot of a piece in which nothing sounds begins where the piece is', () => {
  const follower = new Follower(module, rate, undefined);
  const chunk = follower.take(lines(clock(3600, 5000), start, advance(3600)));
  assert.equal(chunk, null); // all of it is past
  assert.deepEqual(told(follower.take(lines(advance(3600.5)))), [5000, 3600000, 500]);
});

test('a wrong line is an error', () => {
  const follower = new Follower(module, rate, 0);
  follower.take(lines(clock(1, 1000), start, patch(0), advance(1)));
  assert.throws(() => follower.take(lines({ type: 'wrong' })), EngineError);
});
