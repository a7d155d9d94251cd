// SPDX-License-Identifier: MIT
// Chunks of sound from one thread to another through shared memory: one writer, one reader, no
// locks.
//   record   7 words (frames, rate, epoch, position low and high, flush, leaving and led,
//            targetMs), then interleaved stereo float32
//   errors   push answers false where there is no room, and writes nothing

// Write and read place, both in words and both growing without end (modulo 2^32).
const controlWords = 2;
const headerWords = 7;

export class ChunkRing {
  // For both ends: new ChunkRing(ChunkRing.allocate()), and new ChunkRing(sameBuffer) over there.
  static allocate(capacityWords = 1 << 20) {
    return new SharedArrayBuffer((controlWords + capacityWords) * 4);
  }

  constructor(buffer) {
    this.control = new Int32Array(buffer, 0, controlWords);
    this.words = new Uint32Array(buffer, controlWords * 4);
    this.samples = new Float32Array(buffer, controlWords * 4);
    this.mask = this.words.length - 1;
    this.scratch = new Float32Array(0);
  }

  // chunk: {position, rate, epoch, samples, flush, leaving, led, targetMs}
  push(chunk) {
    const count = chunk.samples.length;
    const write = Atomics.load(this.control, 0) >>> 0;
    const used = (write - (Atomics.load(this.control, 1) >>> 0)) >>> 0;
    if (used + headerWords + count > this.words.length) return false;
    const put = (offset, value) => {
      this.words[(write + offset) & this.mask] = value;
    };
    put(0, count / 2);
    put(1, chunk.rate);
    put(2, chunk.epoch);
    put(3, chunk.position % 2 ** 32);
    put(4, Math.floor(chunk.position / 2 ** 32));
    put(5, (chunk.flush ? 1 : 0) + (chunk.leaving ? 2 : 0) + (chunk.led ? 4 : 0));
    put(6, chunk.targetMs ?? 0);
    const start = (write + headerWords) & this.mask;
    const first = Math.min(count, this.words.length - start);
    this.samples.set(chunk.samples.subarray(0, first), start);
    this.samples.set(chunk.samples.subarray(first), 0);
    Atomics.store(this.control, 0, (write + headerWords + count) | 0);
    return true;
  }

  // The oldest chunk, or null. Its samples are good until the next shift.
  shift() {
    const read = Atomics.load(this.control, 1) >>> 0;
    if (((Atomics.load(this.control, 0) >>> 0) - read) >>> 0 === 0) return null;
    const get = (offset) => this.words[(read + offset) & this.mask];
    const count = get(0) * 2;
    if (this.scratch.length < count) this.scratch = new Float32Array(count);
    const start = (read + headerWords) & this.mask;
    const first = Math.min(count, this.words.length - start);
    this.scratch.set(this.samples.subarray(start, start + first), 0);
    this.scratch.set(this.samples.subarray(0, count - first), first);
    const chunk = {
      rate: get(1),
      epoch: get(2),
      position: get(3) + get(4) * 2 ** 32,
      flush: (get(5) & 1) === 1,
      leaving: (get(5) & 2) === 2,
      led: (get(5) & 4) === 4,
      targetMs: get(6),
      samples: this.scratch.subarray(0, count),
    };
    Atomics.store(this.control, 1, (read + headerWords + count) | 0);
    return chunk;
  }
}
