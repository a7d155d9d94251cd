// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Intake } from '../../../../client/link/intake.js';
import { ChunkRing } from '../../../../client/audio/ring.js';
import { Clock, Socket } from '../../fixture/fakes.js';
import { encodeFrame } from '../../fixture/frames.js';

let clock;
let intake;

beforeEach(async () => {
  Socket.opened = [];
  globalThis.WebSocket = Socket;
  globalThis.AudioDecoder = class {
    static isConfigSupported = async () => ({ supported: true });
    constructor({ error }) {
      this.fail = () => {
        this.state = 'closed';
        error(new Error('broken'));
      };
      globalThis.lastDecoder = this;
    }
    configure() {
      this.state = 'configured';
    }
    decode() {}
    close() {
      this.state = 'closed';
    }
  };
  globalThis.EncodedAudioChunk = class {};
  clock = new Clock();
  clock.install();
  intake = new Intake('http://host/');
  await intake.ready;
});
afterEach(() => {
  intake.close();
  clock.remove();
  delete globalThis.AudioDecoder;
});

const newest = () => Socket.opened.at(-1);
const pcm = (index, chunkMs = 100) =>
  encodeFrame({
    codec: 0,
    channels: 1,
    sequence: index,
    position: index * chunkMs * 48,
    rate: 48000,
    frames: chunkMs * 48,
    payload: new Uint8Array(chunkMs * 96),
  });
const taken = (ring) => {
  const chunks = [];
  for (let chunk; (chunk = ring.shift());) chunks.push({ ...chunk, samples: chunk.samples.length });
  return chunks;
};

test('what comes before there is anything to play it waits, in order, and travels with the buffer it asks for', () => {
  intake.configure({ codec: 'pcm' });
  intake.open();
  newest().welcome({ sample_rate: 48000 });
  for (let i = 0; i < 3; ++i) newest().give(pcm(i));
  const shared = ChunkRing.allocate();
  intake.connect({ shared });
  newest().give(pcm(3));
  const chunks = taken(new ChunkRing(shared));
  assert.deepEqual(
    chunks.map(({ flush, position, targetMs, samples }) => [flush, position, targetMs, samples]),
    [
      [true, 0, 0, 0],
      [false, 0, 150, 9600],
      [false, 4800, 150, 9600],
      [false, 9600, 150, 9600],
      [false, 14400, 150, 9600],
    ],
  );
});

test('a listener who leaves says so after the last chunk, and begins with nothing from before', () => {
  intake.configure({ codec: 'pcm' });
  const shared = ChunkRing.allocate();
  const ring = new ChunkRing(shared);
  intake.connect({ shared });
  intake.open();
  newest().welcome({ sample_rate: 48000 });
  newest().give(pcm(0));
  intake.close();
  intake.open();
  assert.deepEqual(
    taken(ring).map(({ flush, leaving, samples }) => [flush, leaving, samples]),
    [
      [true, false, 0],
      [false, false, 9600],
      [false, true, 0],
      [true, false, 0],
    ],
  );
});

test('chunks of 20 ms that come late by turns raise what is held back', () => {
  intake.configure({ codec: 'pcm' });
  intake.connect({ shared: ChunkRing.allocate() });
  const states = [];
  intake.addEventListener('state', ({ detail }) => states.push(detail));
  intake.open();
  newest().welcome({ sample_rate: 48000, chunk_ms: 20 });
  for (let i = 0; i < 400; ++i) {
    clock.pass(i % 2 ? 50 : i ? -10 : 0);
    newest().give(pcm(i, 20));
  }
  assert.deepEqual([states[0].targetMs, states[0].jitterMs], [40, 0]);
  assert.deepEqual(
    [Math.round(states.at(-1).jitterMs), states.at(-1).targetMs, states.at(-1).codec],
    [30, 68, 'pcm'],
  );
  intake.send({ type: 'client_metrics', underruns: 0 });
  assert.deepEqual(newest().sent.at(-1), { type: 'client_metrics', underruns: 0, jitter_ms: 30 });
});

test('Opus is asked for where it can be decoded, PCM where it was chosen or once Opus has failed', () => {
  intake.open();
  assert.match(newest().url, /codec=opus/);
  newest().welcome({ sample_rate: 48000 });
  newest().give(
    encodeFrame({
      codec: 1,
      channels: 2,
      sequence: 0,
      position: 0,
      rate: 48000,
      frames: 960,
      payload: Uint8Array.of(1, 0, 7),
    }),
  );
  globalThis.lastDecoder.fail();
  assert.match(newest().url, /codec=pcm/);
  assert.equal(Socket.opened.length, 2);
});

test('a token that is given while connected is said at once, once', () => {
  intake.open();
  newest().welcome();
  intake.configure({ token: 'sesame' });
  intake.configure({ codec: 'pcm', token: 'sesame' });
  assert.deepEqual(newest().sent, [{ type: 'authorize', token: 'sesame' }]);
});

// Sound of four frames for every message, from position 100 on.
class FakeFollower {
  constructor() {
    this.taken = [];
    this.begun = false;
  }

  free() {
    this.freed = true;
  }

  take(text) {
    if (text === 'wrong\n') throw new Error('line 1: wrong');
    this.begun = true;
    this.taken.push(text);
    return { position: 96 + 4 * this.taken.length, samples: new Float32Array(8) };
  }
}

async function following() {
  const follower = new FakeFollower();
  intake = new Intake('http://host/', {
    follow: async (...args) => Object.assign(follower, { args }),
  });
  await intake.ready;
  intake.configure({ codec: 'events' });
  const ring = new ChunkRing(ChunkRing.allocate());
  intake.connect({ shared: ring.words.buffer });
  intake.open();
  newest().welcome({ sample_rate: 48000, codec: 'events', chunk_ms: 100, state: { position: 7 } });
  return { follower, ring };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a follower makes the sound from the events, those that came before it included', async () => {
  const { follower, ring } = await following();
  assert.match(newest().url, /ws:\/\/host\/ws\/events$/);
  newest().give('first\n');
  await settled();
  newest().give('second\n');
  assert.deepEqual(follower.args, ['http://host/', 48000, 7]);
  assert.deepEqual(follower.taken, ['first\n', 'second\n']);
  const chunks = taken(ring).filter(({ samples }) => samples > 0);
  assert.deepEqual(
    chunks.map(({ position, rate, samples }) => [position, rate, samples]),
    [
      [100, 48000, 8],
      [104, 48000, 8],
    ],
  );
  intake.close();
  assert.equal(follower.freed, true);
});

test('what cannot be followed is streamed: a wrong line, or a station without events', async () => {
  await following();
  await settled();
  newest().give('wrong\n');
  assert.match(newest().url, /codec=opus/);
  await following();
  await settled();
  clock.pass(3000);
  assert.match(newest().url, /events$/);
  clock.pass(1500);
  assert.match(newest().url, /codec=opus/);
});
