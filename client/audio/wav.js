// SPDX-License-Identifier: MIT
// PCM s16 stereo in a WAV file, in pieces of any size.
//   errors   none; what is beyond ±1 is clipped; a file has 4 GiB at most

export function wavHeader(frames, rate) {
  const bytes = frames * 4;
  const view = new DataView(new ArrayBuffer(44));
  const text = (at, word) => [...word].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, 'RIFF');
  view.setUint32(4, 36 + bytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 2, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 4, true);
  view.setUint16(32, 4, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, bytes, true);
  return new Uint8Array(view.buffer);
}

// A sample, ±1 → as 16 bits have it
export const s16 = (sample) => Math.min(32767, Math.max(-32768, Math.round(sample * 32767)));

// Interleaved float32 → its bytes
export function pcm16(samples) {
  const view = new DataView(new ArrayBuffer(samples.length * 2));
  for (let i = 0; i < samples.length; ++i) {
    view.setInt16(2 * i, s16(samples[i]), true);
  }
  return new Uint8Array(view.buffer);
}
