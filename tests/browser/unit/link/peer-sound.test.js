// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { PeerSound } from '../../../../client/link/peer-sound.js';
import { Clock } from '../../fixture/fakes.js';

let clock;
const { RTCPeerConnection } = globalThis;
beforeEach(() => {
  clock = new Clock();
  clock.install();
  globalThis.RTCPeerConnection = class {};
});
afterEach(() => {
  clock.remove();
  globalThis.RTCPeerConnection = RTCPeerConnection;
});

const settle = async () => {
  for (let i = 0; i < 20; ++i) await null;
};

// A station whose sessions get a packet every look, or none, or do not come about.
function rig({ comes = () => true, gets = () => true, webrtc = true } = {}) {
  const made = [];
  const heard = [];
  const failures = [];
  const station = Object.assign(new EventTarget(), { webrtc, position: 10 });
  const state = { wanted: true, linked: true };
  const make = () => {
    const session = {
      figures: { received: 0, bufferMs: 60, jitterMs: 5, breaks: 2 },
      closed: false,
      async connect() {
        if (!comes(made.length)) throw new Error('no way');
        return 'stream';
      },
      async look() {
        if (gets())
          session.figures = { ...session.figures, received: session.figures.received + 1 };
        return session.figures;
      },
      heard: (near) => ({ position: near, atMs: performance.now() - 100 }),
      close() {
        session.closed = true;
      },
    };
    made.push(session);
    return session;
  };
  const sound = new PeerSound({
    player: { prepare: async () => {}, hear: (stream, report) => heard.push({ stream, report }) },
    source: { epoch: 3 },
    station,
    wanted: () => state.wanted,
    linked: () => state.linked,
    make,
  });
  sound.addEventListener('failed', ({ detail: { why } }) => failures.push(why?.message));
  const welcome = async () => {
    station.dispatchEvent(new Event('welcome'));
    await settle();
  };
  const pass = async (looks) => {
    for (let i = 0; i < looks; ++i) {
      clock.pass(500);
      await settle();
    }
  };
  return { made, heard, failures, station, state, sound, welcome, pass };
}

test('A welcome begins it, and the player is told where in the stream it is', async () => {
  const { heard, welcome, pass, sound } = rig();
  await welcome();
  await pass(1);
  assert.equal(heard[0].stream, 'stream');
  assert.deepEqual(heard[0].report(), {
    played: { position: 10 * 48000 + 4800, epoch: 3 },
    ...{ rate: 48000, trim: 0, skips: 0, splices: 0, settling: false },
    ...{ playing: true, fillMs: 60, jitterMs: 5, underruns: 2 },
  });
  sound.close();
  assert.equal(heard.at(-1).stream, null);
});

test('A listener who wants something else gets none', async () => {
  const { made, state, welcome } = rig();
  state.wanted = false;
  await welcome();
  assert.equal(made.length, 0);
});

test('What does not come about is tried twice and then given up, until it is asked for again', async () => {
  const { made, failures, sound, welcome } = rig({ comes: () => false });
  await welcome();
  assert.deepEqual([made.length, failures, sound.failed], [2, ['no way'], true]);
  assert.ok(made.every(({ closed }) => closed));
  sound.reset();
  assert.equal(sound.failed, false);
});

test('What falls silent for four seconds is begun anew, and given up where that is silent as well', async () => {
  const { made, failures, welcome, pass } = rig({ gets: () => false });
  await welcome();
  await pass(7);
  assert.equal(made.length, 1);
  await pass(1);
  assert.deepEqual([made.length, made[0].closed, failures.length], [2, true, 0]);
  await pass(8);
  assert.deepEqual([made.length, failures.length], [2, 1]);
});

test('While the station is away nothing is tried, and its next welcome begins anew', async () => {
  let gets = true;
  const { made, failures, state, welcome, pass } = rig({ gets: () => gets });
  await welcome();
  await pass(3);
  [gets, state.linked] = [false, false];
  await pass(20);
  assert.deepEqual([made.length, made[0].closed, failures.length], [1, true, 0]);
  [gets, state.linked] = [true, true];
  await welcome();
  await pass(3);
  assert.deepEqual([made.length, made[1].closed], [2, false]);
});

test('A station without WebRTC is left to the WebSocket without a word', async () => {
  const { made, failures, welcome } = rig({ webrtc: false });
  await welcome();
  assert.deepEqual([made.length, failures], [0, [undefined]]);
});

test('After a pause it goes on until the sound has faded', async () => {
  const { made, sound, welcome } = rig();
  await welcome();
  let faded;
  const done = sound.end(new Promise((resolve) => (faded = resolve)));
  await settle();
  assert.equal(made[0].closed, false);
  faded();
  await done;
  assert.equal(made[0].closed, true);
});
