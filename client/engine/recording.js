// SPDX-License-Identifier: MIT
// What was heard, made again from its score, as fast as this device can, and put into a file.
//   material   of EngineSource.material()
//   format     'wav' (PCM s16), 'flac' (the same samples), 'opus' (Ogg, 128 kbit/s, by WebCodecs)
//              or 'midi'
//   progress   (share) now and then; the whole is made in steps between which others may run
//   errors     an Error where this browser has no encoder

import { FlacWriter } from '../audio/flac.js';
import { OggOpus } from '../audio/ogg.js';
import { Resampler } from '../audio/resampler.js';
import { pcm16, wavHeader } from '../audio/wav.js';
import { Piece, fadeAway, pullFrames, rate, withOwn } from './piece.js';

const stepFrames = 64 * pullFrames;
const opusRate = 48000;
const opusConfig = {
  codec: 'opus',
  sampleRate: opusRate,
  numberOfChannels: 2,
  bitrate: 128000,
};
const mostQueued = 50; // packets that an encoder has not taken yet

export async function opusEncodes() {
  try {
    return (await AudioEncoder.isConfigSupported(opusConfig)).supported;
  } catch {
    return false;
  }
}

// library: {module, presets, harmony}; start as EngineModule.start → a Blob
export async function record(material, { library, start, format, title, progress = () => {} }) {
  const { parts, memory } = material;
  const copied = format !== 'midi' && memory;
  const module = await start(library.module, copied);
  const begin = ({ score, own, engine, frame }) =>
    copied && engine
      ? new Piece(module.engineAt(engine), score, frame)
      : Piece.begin(module, { ...library, presets: withOwn(library.presets, own) }, score);
  const toMake = parts.reduce(
    (sum, { to, engine, frame }) => sum + to - (copied && engine ? frame : 0),
    0,
  );
  const file = await kinds[format].begin({
    frames: parts.reduce((sum, { from, to }) => sum + to - from, 0),
    title,
    module,
  });
  let made = 0;
  for (const part of parts) {
    const piece = begin(part); // one at a time: each is a whole engine
    for (const stereo of soundOf(piece, part)) {
      file.events?.(piece.engine.events());
      if (stereo.length) await file.write(stereo);
      made += stepFrames;
      progress(Math.min(1, made / toMake));
      await new Promise((resolve) => setTimeout(resolve)); // it may be called off meanwhile
    }
    piece.free();
  }
  return file.end(parts.at(-1).to / rate);
}

// A part of a piece in steps, of which those before it begins are empty.
function* soundOf(piece, { from, to, ramp }) {
  const stereo = new Float32Array(2 * stepFrames);
  while (piece.frame < to) {
    const at = piece.frame;
    piece.make(stereo);
    const [first, last] = [from, to].map((edge) => Math.min(stepFrames, Math.max(0, edge - at)));
    const sound = stereo.subarray(2 * first, 2 * last);
    const outFrom = to - ramp - at; // where it begins to leave
    if (ramp && outFrom < last) {
      const begin = Math.max(first, outFrom);
      fadeAway(stereo.subarray(2 * begin, 2 * last), begin - outFrom);
    }
    yield sound;
  }
}

class WavFile {
  static begin({ frames }) {
    const file = new WavFile();
    file.parts = [wavHeader(frames, rate)];
    return file;
  }

  write(stereo) {
    this.parts.push(pcm16(stereo));
  }

  end() {
    return new Blob(this.parts, { type: 'audio/wav' });
  }
}

// Events of the whole piece, since a file begins with its start.
class MidiFile {
  static begin({ module }) {
    const file = new MidiFile();
    Object.assign(file, { module, lines: '' });
    return file;
  }

  events(lines) {
    this.lines += lines;
  }

  write() {}

  end(seconds) {
    const upTo = this.lines
      .split('\n')
      .filter((line) => line && !(JSON.parse(line).t > seconds))
      .map((line) => `${line}\n`);
    const end = JSON.stringify({ type: 'end', t: Number(seconds.toFixed(6)) });
    return new Blob([this.module.midi(`${upTo.join('')}${end}\n`)], { type: 'audio/midi' });
  }
}

class OpusFile {
  static async begin({ frames, title }) {
    const file = new OpusFile();
    file.frames = Math.ceil((frames * opusRate) / rate);
    file.parts = [];
    file.resampler = new StreamResampler(rate / opusRate);
    file.made = 0;
    file.encoder = new AudioEncoder({
      output: (chunk, metadata) => file.packet(chunk, metadata?.decoderConfig, title),
      error: (error) => {
        file.error = error;
      },
    });
    file.encoder.configure(opusConfig);
    return file;
  }

  packet(chunk, config, title) {
    if (!this.ogg) {
      const head = new Uint8Array(config.description);
      this.leadIn = new DataView(head.buffer, head.byteOffset).getUint16(10, true);
      this.ogg = new OggOpus({ head, title, put: (page) => this.parts.push(page) });
    }
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.ogg.write(data, Math.round((chunk.duration * opusRate) / 1e6));
  }

  async write(stereo) {
    this.encode(this.resampler.push(stereo));
    while (this.encoder.encodeQueueSize > mostQueued && !this.error) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (this.error) throw this.error;
  }

  encode(data) {
    if (!data.length) return;
    const numberOfFrames = data.length / 2;
    const sound = new AudioData({
      format: 'f32',
      sampleRate: opusRate,
      numberOfFrames,
      numberOfChannels: 2,
      timestamp: (this.made / opusRate) * 1e6,
      data,
    });
    this.made += numberOfFrames;
    this.encoder.encode(sound);
    sound.close();
  }

  async end() {
    this.encode(this.resampler.flush());
    await this.encoder.flush();
    this.ogg.end(this.leadIn + this.frames);
    return new Blob(this.parts, { type: 'audio/ogg' });
  }
}

// A stream at another rate, in pieces of any size.
class StreamResampler {
  constructor(ratio) {
    this.ratio = ratio;
    this.kernel = new Resampler(ratio);
    this.size = 1 << 19;
    this.sides = [new Float32Array(this.size), new Float32Array(this.size)];
    this.write = this.size; // with silence before it
    this.read = this.size;
  }

  push(stereo) {
    const [left, right] = this.sides;
    for (let i = 0; i < stereo.length; i += 2, ++this.write) {
      left[this.write % this.size] = stereo[i];
      right[this.write % this.size] = stereo[i + 1];
    }
    const { half } = this.kernel;
    const frames = Math.max(0, Math.floor((this.write - half - 1 - this.read) / this.ratio));
    const out = new Float32Array(2 * frames);
    for (let i = 0; i < frames; ++i, this.read += this.ratio) {
      this.kernel.read(left, right, this.read);
      out[2 * i] = this.kernel.left;
      out[2 * i + 1] = this.kernel.right;
    }
    return out;
  }

  flush() {
    return this.push(new Float32Array(4 * this.kernel.half + 8));
  }
}

const FlacFile = { begin: ({ frames, title }) => FlacWriter.begin({ rate, frames, title }) };
const kinds = { wav: WavFile, flac: FlacFile, opus: OpusFile, midi: MidiFile };
