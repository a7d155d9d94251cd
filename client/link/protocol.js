// SPDX-License-Identifier: MIT
// The wire format `auralis.v1`, read and written: no sockets, no sound, nothing that remembers.
//   frame    24-byte little-endian header, then PCM s16 or length-prefixed Opus packets
//   errors   ProtocolError for anything that does not hold what its header says

import { opusPacketFrames, opusRate } from '../audio/decoder.js';

export const subprotocol = 'auralis.v1';
const codecPcm = 0;
const codecOpus = 1;

const headerBytes = 24;

export class ProtocolError extends Error {}

// ArrayBuffer → {codec, channels, discontinuity, sequence, position, rate, frames, payload}, and of
// Opus the packets
export function parseFrame(buffer) {
  if (buffer.byteLength < headerBytes)
    throw new ProtocolError(
      `frame of ${buffer.byteLength} bytes, expected a header of ${headerBytes}`,
    );
  const view = new DataView(buffer);
  if (view.getUint8(0) !== 1)
    throw new ProtocolError(`frame version ${view.getUint8(0)}, expected 1`);
  const frame = {
    codec: view.getUint8(1),
    channels: view.getUint8(2),
    discontinuity: (view.getUint8(3) & 1) === 1,
    sequence: view.getUint32(4, true),
    position: view.getUint32(8, true) + view.getUint32(12, true) * 2 ** 32,
    rate: view.getUint32(16, true),
    frames: view.getUint32(20, true),
    payload: new Uint8Array(buffer, headerBytes),
  };
  if (frame.codec !== codecPcm && frame.codec !== codecOpus)
    throw new ProtocolError(`frame codec ${frame.codec}, expected 0 or 1`);
  if (frame.channels < 1 || frame.channels > 2)
    throw new ProtocolError(`${frame.channels} channels, expected 1 or 2`);
  if (frame.rate < 8000 || frame.rate > 192000)
    throw new ProtocolError(`rate ${frame.rate}, expected 8000 to 192000`);
  if (!Number.isSafeInteger(frame.position)) throw new ProtocolError('position beyond 2^53');
  if (frame.codec === codecPcm && frame.payload.byteLength !== frame.frames * frame.channels * 2) {
    throw new ProtocolError(
      `${frame.payload.byteLength} bytes of PCM, expected ${frame.frames * frame.channels * 2}`,
    );
  }
  if (frame.codec === codecOpus && frame.rate !== opusRate)
    throw new ProtocolError(`Opus at ${frame.rate}, expected ${opusRate}`);
  if (frame.codec === codecOpus) frame.packets = opusPackets(frame);
  return frame;
}

export function opusPackets(frame) {
  const view = new DataView(
    frame.payload.buffer,
    frame.payload.byteOffset,
    frame.payload.byteLength,
  );
  const packets = [];
  for (let at = 0; at < frame.payload.byteLength;) {
    if (at + 2 > frame.payload.byteLength)
      throw new ProtocolError('Opus packet cut off in its length');
    const bytes = view.getUint16(at, true);
    if (at + 2 + bytes > frame.payload.byteLength) throw new ProtocolError('Opus packet cut off');
    packets.push(frame.payload.subarray(at + 2, at + 2 + bytes));
    at += 2 + bytes;
  }
  if (packets.length * opusPacketFrames !== frame.frames) {
    throw new ProtocolError(
      `${packets.length} Opus packets, expected ${frame.frames / opusPacketFrames}`,
    );
  }
  return packets;
}

// So often the station tells events, and how far they go.
export const eventsEveryMs = 500;

// Whether a text is lines of events, and no message.
export const areEvents = (text) => text.endsWith('\n');

// Text → an object with a string `type`.
export function parseMessage(text) {
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    throw new ProtocolError('message is not JSON');
  }
  if (message === null || typeof message !== 'object' || typeof message.type !== 'string') {
    throw new ProtocolError('message without a type');
  }
  return message;
}

// codec: 'opus', 'opus64' or 'pcm'; 'events' for who makes the sound itself, 'none' for who has it
// elsewhere
export function streamUrl(base, codec) {
  const url = new URL(codec === 'events' ? 'ws/events' : 'ws/stream', base);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  if (codec !== 'events') url.searchParams.set('codec', codec);
  return url.href;
}

// Full back-off with jitter: between half and all of 250 ms · 2^attempt, at most 15 s.
export function backoffMs(attempt, random = Math.random) {
  return Math.min(15000, 250 * 2 ** attempt) * (0.5 + 0.5 * random());
}
