// SPDX-License-Identifier: MIT
// What a file says of itself: a Vorbis comment of vendor and title, which Ogg and FLAC each frame
// in their own way.
//   → its bytes, in parts

export function vorbisComment(title) {
  const text = (words) => {
    const bytes = new TextEncoder().encode(words);
    return [little(bytes.length), bytes];
  };
  return [...text('Auralis'), little(1), ...text(`TITLE=${title}`)];
}

function little(count) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, count, true);
  return bytes;
}
