// SPDX-License-Identifier: MIT
// What a file says of itself: a Vorbis comment of vendor and title, which Ogg and FLAC each frame
// in their own way; and the joining of bytes that all such files need.

export function join(parts) {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function vorbisComment(title) {
  const text = (words) => {
    const bytes = new TextEncoder().encode(words);
    return [little(bytes.length), bytes];
  };
  return join([...text('Auralis'), little(1), ...text(`TITLE=${title}`)]);
}

function little(count) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, count, true);
  return bytes;
}
