// SPDX-License-Identifier: MIT
// Makes a station's sound from its events, frame for frame where the station has it.
//   in       messages of /ws/events: lines of an event stream; where it begins, or begins anew, a
//            `clock` says which second of the piece is heard at which frame of the stream
//   out      {position, samples}: all that the events allow, interleaved stereo; null for none
//   errors   EngineError for a line that is wrong

import { EngineModule, loadModule } from './module.js';

const mostFrames = 4096; // of one pull

export class Follower {
  // rate, from: the stream's, and the frame of it to begin at
  static async load(base, rate, from) {
    return new Follower(await EngineModule.start(await loadModule(base)), rate, from);
  }

  constructor(module, rate, from) {
    Object.assign(this, { module, rate });
    this.next = from; // frame of the stream that comes next
    this.engine = null;
  }

  free() {
    this.engine?.free();
    this.engine = null;
  }

  get begun() {
    return this.engine !== null;
  }

  take(text) {
    let lines = text;
    if (typeOf(lines) === 'clock') lines = this.setClock(lines);
    if (typeOf(lines) === 'start') this.begin(lines);
    this.engine?.push(lines);
    return this.engine ? this.make() : null;
  }

  // Answers the lines after it.
  setClock(lines) {
    const end = lines.indexOf('\n');
    const { t, position } = JSON.parse(lines.slice(0, end));
    this.origin = position - Math.round(t * this.rate); // where the piece's first frame is
    this.next ??= position;
    return lines.slice(end + 1);
  }

  // From the first thing that is told, which may be long after the piece began.
  begin(lines) {
    const { t } = JSON.parse(lines.split('\n', 2)[1]);
    this.free();
    this.engine = this.module.join(this.rate, t);
    this.frame = this.engine.state().position; // of the piece
  }

  make() {
    const parts = [];
    let position = null;
    for (let made = mostFrames; made === mostFrames;) {
      const samples = new Float32Array(2 * mostFrames);
      const at = this.origin + this.frame;
      made = this.engine.pull(samples, 0, mostFrames);
      this.frame += made;
      const heardAlready = Math.min(made, Math.max(0, this.next - at));
      if (heardAlready === made) continue;
      position ??= at + heardAlready;
      parts.push(samples.subarray(2 * heardAlready, 2 * made));
    }
    if (position === null) return null;
    this.next = this.origin + this.frame;
    return { position, samples: joined(parts) };
  }
}

const typeOf = (lines) => /^\{"type":"(\w+)"/.exec(lines)?.[1];

function joined(parts) {
  const all = new Float32Array(parts.reduce((count, part) => count + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
