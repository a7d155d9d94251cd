// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ProtocolError,
  backoffMs,
  opusPackets,
  parseFrame,
  parseMessage,
  streamUrl,
} from '../../../../client/link/protocol.js';
import { pcmToStereo } from '../../../../client/audio/decoder.js';
import { encodeFrame } from '../../fixture/frames.js';

const frame = (fields = {}) =>
  encodeFrame({
    codec: 0,
    channels: 2,
    sequence: 7,
    position: 4410,
    rate: 44100,
    frames: 2,
    payload: Uint8Array.of(0, 128, 255, 127, 0, 0, 0, 64),
    ...fields,
  });

test('a PCM frame comes back as it was sent', () => {
  const parsed = parseFrame(frame({ flags: 1 }));
  assert.deepEqual(
    { ...parsed, payload: parsed.payload.length },
    {
      codec: 0,
      channels: 2,
      discontinuity: true,
      sequence: 7,
      position: 4410,
      rate: 44100,
      frames: 2,
      payload: 8,
    },
  );
  assert.deepEqual([...pcmToStereo(parsed)], [-1, 32767 / 32768, 0, 0.5]);
});

test('mono sounds on both sides', () => {
  assert.deepEqual(
    [...pcmToStereo(parseFrame(frame({ channels: 1, frames: 4 })))],
    [-1, -1, 32767 / 32768, 32767 / 32768, 0, 0, 0.5, 0.5],
  );
});

test('a position beyond 32 bits is kept exactly', () => {
  assert.equal(parseFrame(frame({ position: 2 ** 40 + 12345 })).position, 2 ** 40 + 12345);
});

test('Opus packets are split by their lengths', () => {
  const payload = Uint8Array.of(2, 0, 9, 8, 1, 0, 7);
  const packets = opusPackets(parseFrame(frame({ codec: 1, rate: 48000, frames: 1920, payload })));
  assert.deepEqual(
    packets.map((p) => [...p]),
    [[9, 8], [7]],
  );
});

test('whatever is cut off or out of range is refused, never read past', () => {
  const whole = new Uint8Array(frame());
  for (let bytes = 0; bytes < whole.length; ++bytes)
    assert.throws(() => parseFrame(whole.slice(0, bytes).buffer), ProtocolError);
  for (const fields of [
    { version: 2 },
    { codec: 2 },
    { channels: 0 },
    { channels: 3 },
    { rate: 0 },
    { position: 2 ** 60 },
    { frames: 3 },
    { codec: 1 },
  ]) {
    assert.throws(() => parseFrame(frame(fields)), ProtocolError, JSON.stringify(fields));
  }
  const opus = (payload, frames = 960) =>
    parseFrame(frame({ codec: 1, rate: 48000, frames, payload: Uint8Array.from(payload) }));
  for (const broken of [[1], [2, 0, 9], [1, 0, 9, 1]])
    assert.throws(() => opusPackets(opus(broken)), ProtocolError);
  assert.throws(() => opusPackets(opus([1, 0, 9], 1920)), ProtocolError);
});

test('random bytes never do anything but parse or be refused', () => {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 20000; ++round) {
    const bytes = Uint8Array.from({ length: Math.floor(random() * 64) }, () =>
      Math.floor(random() * 256),
    );
    if (bytes.length > 1) {
      bytes[0] = 1;
      bytes[1] &= 1;
    }
    try {
      const parsed = parseFrame(bytes.buffer);
      if (parsed.codec) opusPackets(parsed);
      else pcmToStereo(parsed);
    } catch (error) {
      assert.ok(error instanceof ProtocolError, error.stack);
    }
  }
});

test('messages need JSON and a type', () => {
  assert.equal(parseMessage('{"type":"pong"}').type, 'pong');
  for (const text of ['', 'x', 'null', '[]', '3', '{}', '{"type":3}'])
    assert.throws(() => parseMessage(text), ProtocolError, text);
});

test('the stream is on the page’s own origin, encrypted where the page is', () => {
  assert.equal(streamUrl('http://host:8000/?x#y', 'pcm'), 'ws://host:8000/ws/stream?codec=pcm');
  assert.equal(streamUrl('https://host/', 'opus'), 'wss://host/ws/stream?codec=opus');
});

test('back-off doubles from a quarter second to at most 15 s and is spread over half its length', () => {
  assert.equal(
    backoffMs(0, () => 1),
    250,
  );
  assert.equal(
    backoffMs(3, () => 0),
    1000,
  );
  assert.equal(
    backoffMs(3, () => 1),
    2000,
  );
  assert.equal(
    backoffMs(50, () => 1),
    15000,
  );
});
