// SPDX-License-Identifier: MIT
// Opus packets as an Ogg file, a page a second.
//   write(packet, frames)   frames at 48 kHz that it holds; pages come through `put`
//   source                  RFC 3533 (Ogg), RFC 7845 (Opus in it)

import { join, vorbisComment } from './tags.js';

const packetsPerPage = 50;
const polynomial = 0x04c11db7;

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ (crc < 0 ? polynomial : 0);
  return crc;
});

export function oggCrc(bytes) {
  let crc = 0;
  for (const byte of bytes) crc = (crc << 8) ^ crcTable[(crc >>> 24) ^ byte];
  return crc >>> 0;
}

export class OggOpus {
  // head: the OpusHead packet, as an encoder describes itself; put(bytes)
  constructor({ head, title, put, serial = 1 }) {
    Object.assign(this, { put, serial, sequence: 0, granule: 0, packets: [] });
    this.page([head], 2, 0);
    this.page([tags(title)], 0, 0);
  }

  write(packet, frames) {
    this.packets.push(packet);
    this.granule += frames;
    if (this.packets.length === packetsPerPage + 1) {
      // The last is kept back, since only the last page says that it is.
      const last = this.packets.pop();
      this.page(this.packets, 0, this.granule - frames);
      this.packets = [last];
    }
  }

  // frames: of the sound itself, its lead-in included; what the last packet has more is cut off
  end(frames) {
    this.page(this.packets, 4, Math.min(frames, this.granule));
  }

  page(packets, flags, granule) {
    const lacing = packets.flatMap(({ length }) => [
      ...new Array(Math.floor(length / 255)).fill(255),
      length % 255,
    ]);
    const header = new Uint8Array(27 + lacing.length);
    const view = new DataView(header.buffer);
    header.set([0x4f, 0x67, 0x67, 0x53, 0, flags]);
    view.setBigInt64(6, BigInt(granule), true);
    view.setUint32(14, this.serial, true);
    view.setUint32(18, this.sequence++, true);
    header[26] = lacing.length;
    header.set(lacing, 27);
    const page = join([header, ...packets]);
    new DataView(page.buffer).setUint32(22, oggCrc(page), true);
    this.put(page);
  }
}

function tags(title) {
  return join([new TextEncoder().encode('OpusTags'), vorbisComment(title)]);
}
