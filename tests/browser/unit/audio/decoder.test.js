// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Decoder, opusSupported } from '../../../../client/audio/decoder.js';
import { parseFrame } from '../../../../client/link/protocol.js';
import { encodeFrame } from '../../fixture/frames.js';

// A WebCodecs decoder whose packet [n] sounds as n on the left and −n on the right, when deliver()
// says so.
class SlowDecoder {
  static made = [];
  static isConfigSupported = async () => ({ supported: true });

  constructor(callbacks) {
    Object.assign(this, callbacks, { state: 'unconfigured', packets: [], closedSounds: 0 });
    SlowDecoder.made.push(this);
  }

  configure(config) {
    this.config = config;
    this.state = 'configured';
  }

  decode({ data }) {
    this.packets.push(data[0]);
  }

  deliver(count = this.packets.length) {
    for (const value of this.packets.splice(0, count)) {
      this.output({
        numberOfChannels: this.config.numberOfChannels,
        numberOfFrames: 960,
        copyTo: (plane, { planeIndex }) => plane.fill(planeIndex ? -value : value),
        close: () => ++this.closedSounds,
      });
    }
  }

  fail() {
    this.state = 'closed';
    this.error(new Error('no more'));
  }

  close() {
    this.state = 'closed';
  }
}

let chunks;
let errors;
let decoder;

beforeEach(() => {
  globalThis.AudioDecoder = SlowDecoder;
  globalThis.EncodedAudioChunk = class {
    constructor(fields) {
      Object.assign(this, fields);
    }
  };
  SlowDecoder.made = [];
  [chunks, errors] = [[], []];
  decoder = new Decoder(
    (chunk) => chunks.push(chunk),
    (error) => errors.push(error),
  );
});

const opus = (position, values, { channels = 2, epoch = 0 } = {}) => ({
  ...parseFrame(
    encodeFrame({
      codec: 1,
      channels,
      sequence: 0,
      position,
      rate: 48000,
      frames: 960 * values.length,
      payload: Uint8Array.from(values.flatMap((value) => [1, 0, value])),
    }),
  ),
  epoch,
});
const heard = () =>
  chunks.map(({ position, epoch, rate, samples }) => [
    position,
    epoch,
    rate,
    samples.length,
    samples[0],
    samples[1],
  ]);

test('PCM is there at once, in its place', () => {
  decoder.push({
    ...parseFrame(
      encodeFrame({
        codec: 0,
        channels: 2,
        sequence: 0,
        position: 7,
        rate: 44100,
        frames: 1,
        payload: Uint8Array.of(0, 64, 0, 192),
      }),
    ),
    epoch: 3,
  });
  assert.deepEqual(heard(), [[7, 3, 44100, 2, 0.5, -0.5]]);
});

test('each packet keeps its place, however late the decoder gives it back', () => {
  decoder.push(opus(4800, [1, 2]));
  decoder.push(opus(96000, [3], { epoch: 1 }));
  const [made] = SlowDecoder.made;
  made.deliver(1);
  made.deliver();
  assert.deepEqual(heard(), [
    [4800, 0, 48000, 1920, 1, -1],
    [5760, 0, 48000, 1920, 2, -2],
    [96000, 1, 48000, 1920, 3, -3],
  ]);
  assert.equal(made.closedSounds, 3, 'what was copied is given back');
});

test('mono sounds on both sides, and another number of channels begins anew', () => {
  decoder.push(opus(0, [4], { channels: 1 }));
  SlowDecoder.made[0].deliver();
  decoder.push(opus(960, [5]));
  assert.deepEqual([SlowDecoder.made.length, SlowDecoder.made[0].state], [2, 'closed']);
  SlowDecoder.made[1].deliver();
  assert.deepEqual(
    heard().map(([position, , , , left, right]) => [position, left, right]),
    [
      [0, 4, 4],
      [960, 5, -5],
    ],
  );
});

test('a decoder that fails is told of once; the next packet has its own place in another', () => {
  decoder.push(opus(0, [1, 2, 3]));
  SlowDecoder.made[0].fail();
  assert.equal(errors.length, 1);
  decoder.push(opus(9600, [9]));
  SlowDecoder.made[1].deliver();
  assert.deepEqual(
    heard().map(([position]) => position),
    [9600],
  );
  SlowDecoder.made[0].error(new Error('late'));
  assert.equal(errors.length, 1);
});

test('after close nothing is expected any more', () => {
  decoder.push(opus(0, [1]));
  const [made] = SlowDecoder.made;
  decoder.close();
  assert.equal(made.state, 'closed');
  made.deliver(); // what was on its way
  assert.deepEqual(chunks, []);
});

test('a browser without WebCodecs, or one that throws when asked, has no Opus', async () => {
  assert.equal(await opusSupported(), true);
  SlowDecoder.isConfigSupported = async () => {
    throw new TypeError('what is that');
  };
  assert.equal(await opusSupported(), false);
  delete globalThis.AudioDecoder;
  assert.equal(await opusSupported(), false);
});
