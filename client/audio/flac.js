// SPDX-License-Identifier: MIT
// PCM s16 stereo as a FLAC file, by libFLAC in WebAssembly, which is loaded with the first.
//   write     interleaved float32, with the samples that a WAV file would have
//   end       → the file, as a Blob: only then is known what its head says of all of it
//   library   libflacjs, which the build puts beside the engine: it announces itself as a global
//   errors    an Error where the library cannot be loaded, or refuses
//   source    RFC 9639: 8.2 the STREAMINFO, 8.6 the comment

import { join, vorbisComment } from './tags.js';
import { s16 } from './wav.js';

const folder = new URL('../engine/', import.meta.url).href;
const level = 5; // of 8, as the command flac has it
const headBytes = 42; // the mark and the STREAMINFO
const commentBlock = 4 | 0x80; // the last one

// Whether the build has the library.
export async function flacEncodes() {
  try {
    return (await fetch(`${folder}libflac.min.wasm.js`)).ok;
  } catch {
    return false;
  }
}

async function loadLibrary() {
  // One that is missing would be waited for for ever.
  const module = await fetch(`${folder}libflac.min.wasm.wasm`);
  if (!module.ok) throw new Error(`libflac.min.wasm.wasm answers ${module.status}`);
  globalThis.FLAC_SCRIPT_LOCATION = folder;
  await import(`${folder}libflac.min.wasm.js`);
  const { Flac } = globalThis;
  if (!Flac.isReady()) await new Promise((resolve) => Flac.on('ready', resolve));
  return Flac;
}

export class FlacWriter {
  // frames: of the whole file
  static async begin({ rate, frames, title }) {
    return new FlacWriter(await loadLibrary(), { rate, frames, title });
  }

  constructor(library, { rate, frames, title }) {
    Object.assign(this, { library, title, head: [], parts: [] });
    this.encoder = library.create_libflac_encoder(rate, 2, 16, level, frames, false);
    const take = (bytes, _size, samples) => (samples ? this.parts : this.head).push(bytes);
    const told = (info) => {
      this.info = info;
    };
    this.check(this.encoder && library.init_encoder_stream(this.encoder, take, told) === 0);
  }

  check(took) {
    if (!took) throw new Error('libFLAC refuses');
  }

  write(stereo) {
    const samples = Int32Array.from(stereo, s16);
    const { library, encoder } = this;
    const frames = samples.length / 2;
    this.check(library.FLAC__stream_encoder_process_interleaved(encoder, samples, frames));
  }

  end() {
    const { library, encoder } = this;
    const finished = library.FLAC__stream_encoder_finish(encoder);
    library.FLAC__stream_encoder_delete(encoder);
    this.check(finished);
    return new Blob([...this.begins(), ...this.parts], { type: 'audio/flac' });
  }

  // The mark, the STREAMINFO as it is known now, and a comment in place of libFLAC's.
  begins() {
    const start = join(this.head).slice(0, headBytes);
    const view = new DataView(start.buffer);
    view.setUint8(4, 0); // not the last block
    const { min_framesize: least, max_framesize: most, md5sum } = this.info;
    [least, most].forEach((bytes, i) => {
      view.setUint8(12 + 3 * i, bytes >> 16);
      view.setUint16(13 + 3 * i, bytes & 0xffff);
    });
    for (let i = 0; i < 16; ++i) view.setUint8(26 + i, parseInt(md5sum.substr(2 * i, 2), 16));
    const comment = vorbisComment(this.title);
    const { length: size } = comment;
    return [start, Uint8Array.of(commentBlock, size >> 16, size >> 8, size), comment];
  }
}
