// SPDX-License-Identifier: MIT
// The playback buffer of the audio thread: chunks come in as the network brings them, samples go
// out without a break.
//   chunk    {position, rate, epoch, samples, flush, leaving, led, targetMs}: interleaved stereo
//            float32; `position` counts frames of the stream at `rate`; positions of different
//            epochs do not compare (the server began anew); `flush` drops what has not been heard
//            yet; after `leaving` no more comes; `targetMs`, where given, is how much to hold back
//            from now on
//   led      the source follows level() and keeps the buffer filled by itself: no trim, nothing is
//            cut out
//   rate     the stream's rate is resampled to the context's, trimmed by at most ±0.5 % to hold
//            `targetMs`
//   splices  the same frame twice is heard once; a gap or a new epoch is crossfaded into what is
//            still unheard; where nothing is left to fade with, the sound fades out and in again
//   start    a server first sends a short history at once, and a device may stop again after its
//            first samples: the excess bridges the first seconds, in which a page is busy; then
//            what is held beyond the target is cut out with a crossfade. Later excess is worked off
//            by the trim alone

import { Resampler } from './resampler.js';

export const maxTrim = 0.005;

const capacityFrames = 1 << 19; // 11 s at 48 kHz
const crossfadeS = 0.03;
const shortestCrossfadeS = 0.004;
export const fadeS = 0.01; // at an underrun, where 80 ms are held or more
const trimPerSecond = 0.05; // of rate for each second of excess: a time constant of 20 s
export const trimSlewPerS = 0.002;
const fillSmoothingS = 1;
const settleS = 4; // of sound after the start
const settleExcessS = 0.01; // less is not worth a crossfade
const excessS = 4; // beyond the target: the page was frozen; go on from where the stream is now

export class Playback {
  // blockFrames: of the context, how many are asked for at once
  constructor(contextRate, blockFrames = 128) {
    this.contextRate = contextRate;
    this.leastMs = (2000 * blockFrames) / contextRate;
    this.left = new Float32Array(capacityFrames);
    this.right = new Float32Array(capacityFrames);
    this.targetMs = 150;
    this.underruns = 0;
    this.skips = 0;
    this.splices = 0; // gaps and new epochs that were crossed
    this.rate = 0; // of the stream; 0 before the first chunk
    this.pending = []; // chunks that must wait until what is before them has faded out
    this.leaving = false; // the end is wanted, and no underrun
    this.led = false;
    this.reset();
  }

  reset() {
    // Absolute; starts one lap in, so that the kernel finds silence before it.
    this.write = capacityFrames;
    this.read = capacityFrames;
    this.left.fill(0);
    this.right.fill(0);
    this.segments = []; // {start, position, epoch}: which frame of the stream lies where
    this.gain = 0;
    this.playing = false;
    this.draining = false;
    this.jumping = false;
    this.trim = 0;
    this.smoothFill = null;
    this.settlingS = settleS; // left of the start; null when it is over
  }

  get fillMs() {
    return this.rate ? ((this.write - this.read) / this.rate) * 1000 : 0;
  }

  // Seconds that are kept for a fade: an eighth of a small buffer.
  get reserveS() {
    return Math.min(fadeS, this.targetMs / 8000);
  }

  // Where in the stream the next sample comes from: {position, epoch}, or null before any sound.
  get played() {
    const segment = this.segments.findLast((s) => s.start <= this.read) ?? this.segments[0];
    return segment
      ? {
          position: Math.max(segment.position, segment.position + this.read - segment.start),
          epoch: segment.epoch,
        }
      : null;
  }

  push(chunk) {
    if (chunk.flush) {
      this.pending = [];
      this.reset();
      this.rate = 0;
      this.leaving = false;
    }
    if (chunk.leaving) this.leaving = true;
    if (chunk.samples.length) this.led = Boolean(chunk.led);
    if (chunk.targetMs) this.targetMs = Math.max(this.leastMs, chunk.targetMs);
    if (!chunk.samples.length) return;
    if (this.pending.length || !this.accept(chunk)) {
      this.pending.push({ ...chunk, samples: chunk.samples.slice() });
    }
  }

  // False where the chunk cannot follow what is buffered until that has faded out.
  accept(chunk) {
    if (!this.rate) this.setRate(chunk.rate);
    if (chunk.rate !== this.rate) {
      if (this.playing) return false; // what is left of the other rate is not heard any more
      this.reset();
      this.setRate(chunk.rate);
    }
    const frames = chunk.samples.length / 2;
    const last = this.segments.at(-1);
    if (!last) {
      this.begin(this.write, chunk);
      this.append(chunk.samples, 0, frames);
      return true;
    }
    const expected = last.position + this.write - last.start;
    const overlap = expected - chunk.position;
    if (chunk.epoch === last.epoch && overlap >= 0 && overlap < capacityFrames) {
      if (overlap < frames) this.append(chunk.samples, overlap, frames);
      return true;
    }
    // Out of silence the fade-in hides the seam.
    if (!this.playing) {
      ++this.splices;
      this.read = this.write;
      this.begin(this.write, chunk);
      this.append(chunk.samples, 0, frames);
      return true;
    }
    return this.crossfadeInto(chunk, frames);
  }

  // False where too little is unheard to fade with.
  crossfadeInto(chunk, frames) {
    const reserve = this.resampler.half + Math.ceil(this.rate * this.reserveS);
    const unheard = Math.floor(this.write - this.read) - reserve;
    const fade = Math.min(Math.round(this.rate * crossfadeS), unheard, frames);
    if (this.draining || fade < this.rate * shortestCrossfadeS) return false;
    ++this.splices;
    this.begin(this.write - fade, chunk);
    for (let i = 0; i < fade; ++i) {
      const index = (this.write - fade + i) % capacityFrames;
      const angle = (Math.PI / 2) * ((i + 0.5) / fade);
      const [out, into] = [Math.cos(angle), Math.sin(angle)];
      this.left[index] = this.left[index] * out + chunk.samples[2 * i] * into;
      this.right[index] = this.right[index] * out + chunk.samples[2 * i + 1] * into;
    }
    this.append(chunk.samples, fade, frames);
    return true;
  }

  setRate(rate) {
    this.rate = rate;
    this.resampler = new Resampler(rate / this.contextRate);
  }

  begin(start, chunk) {
    this.segments.push({ start, position: chunk.position, epoch: chunk.epoch });
  }

  append(samples, from, to) {
    for (let i = from; i < to; ++i, ++this.write) {
      const index = this.write % capacityFrames;
      this.left[index] = samples[2 * i];
      this.right[index] = samples[2 * i + 1];
    }
    // A page that was frozen for long: the oldest frames make room; the sound goes on far ahead of
    // them anyway.
    const oldest = this.write - capacityFrames + 4096;
    if (this.read < oldest) {
      this.read = oldest;
      this.jumping = true;
    }
  }

  // Fills both channels with the next samples.
  pull(left, right) {
    left.fill(0);
    right.fill(0);
    if (!this.rate) return;
    const frames = left.length;
    const step = this.steer(frames);
    if (!this.playing) {
      if (this.pending.length) this.release();
      if (this.fillMs < this.targetMs) return;
      this.playing = true;
      this.draining = false;
      this.smoothFill = null;
      if (this.settlingS !== null) this.settlingS = Math.max(this.settlingS, 2 * fillSmoothingS);
    }
    if (this.settlingS !== null && !this.jumping && !this.led)
      this.settle(frames / this.contextRate);

    // Output frames that can still be made; the kernel looks `half` frames ahead of the place it
    // reads.
    const remaining = Math.floor((this.write - this.resampler.half - 1 - this.read) / step);
    const change = this.fade(frames, remaining);
    for (let i = 0; i < frames; ++i) {
      if (change < 0 && (this.gain <= 0 || i >= remaining)) {
        this.fadedOut();
        return;
      }
      this.resampler.read(this.left, this.right, this.read);
      left[i] = this.resampler.left * this.gain;
      right[i] = this.resampler.right * this.gain;
      this.read += step;
      this.gain = Math.min(1, Math.max(0, this.gain + change));
    }
    while (this.segments.length > 1 && this.segments[1].start <= this.read) this.segments.shift();
  }

  // How the gain changes with each sample: down, at a steady slope, while the buffer runs dry or a
  // skip is due; up otherwise.
  fade(frames, remaining) {
    const fadeFrames = this.contextRate * this.reserveS;
    const dry = remaining < frames + fadeFrames;
    const meant = this.draining || this.leaving || this.jumping || this.pending.length > 0;
    if (dry && !meant && this.gain > 0) ++this.underruns;
    this.draining = dry;
    if (!dry && !this.jumping) {
      this.fadeOutSlope = 0;
      return 1 / fadeFrames;
    }
    this.fadeOutSlope ||= -this.gain / Math.max(1, Math.min(fadeFrames, remaining));
    return this.fadeOutSlope || -1;
  }

  // When the start is over, no more is held than jitter asks for.
  settle(seconds) {
    this.settlingS -= seconds;
    if (this.settlingS > 0) return;
    const excess = Math.floor((this.smoothFill - this.targetMs / 1000) * this.rate);
    if (excess > settleExcessS * this.rate) {
      const fade = this.gain > 0 ? Math.round(this.rate * crossfadeS) : 0;
      // Too little lies ahead to fade into: with the next chunk.
      if (this.write - this.read - excess <= fade + this.resampler.half) return;
      this.skipAhead(excess, fade);
      this.smoothFill -= excess / this.rate;
    }
    this.settlingS = null;
  }

  // Goes on so many frames ahead, with a crossfade into what lies there; the kernel looks back at
  // what was heard.
  skipAhead(frames, fade) {
    const from = Math.floor(this.read);
    const first = fade ? -this.resampler.half : 0;
    // Backwards, since a short skip writes over what has been read already.
    for (let i = fade - 1; i >= first; --i) {
      const angle = (Math.PI / 2) * Math.max(0, (i + 0.5) / fade);
      const old = (from + i) % capacityFrames;
      const ahead = (from + i + frames) % capacityFrames;
      this.left[ahead] = this.left[old] * Math.cos(angle) + this.left[ahead] * Math.sin(angle);
      this.right[ahead] = this.right[old] * Math.cos(angle) + this.right[ahead] * Math.sin(angle);
    }
    this.read += frames;
  }

  fadedOut() {
    this.gain = 0;
    this.fadeOutSlope = 0;
    this.playing = false;
    this.draining = false;
    if (this.jumping) {
      this.jumping = false;
      this.read = Math.max(this.read, this.write - Math.ceil((this.targetMs / 1000) * this.rate));
      ++this.skips;
    }
    if (this.pending.length) this.read = this.write; // the rest has been faded over
  }

  release() {
    const waiting = this.pending;
    this.pending = [];
    for (const chunk of waiting) {
      if (this.pending.length || !this.accept(chunk)) this.pending.push(chunk);
    }
  }

  // Stream frames for each output frame, with the trim that moves the fill towards its target.
  steer(frames) {
    const seconds = frames / this.contextRate;
    const fillS = this.fillMs / 1000;
    const targetS = this.targetMs / 1000;
    this.smoothFill =
      this.smoothFill === null
        ? fillS
        : this.smoothFill + (fillS - this.smoothFill) * Math.min(1, seconds / fillSmoothingS);
    const wanted =
      this.playing && this.settlingS === null && !this.led
        ? Math.min(maxTrim, Math.max(-maxTrim, (this.smoothFill - targetS) * trimPerSecond))
        : 0;
    const slew = trimSlewPerS * seconds;
    this.trim += Math.min(slew, Math.max(-slew, wanted - this.trim));
    if (this.playing && !this.led && fillS > targetS + excessS) this.jumping = true;
    return (this.rate / this.contextRate) * (1 + this.trim);
  }

  // For a source that is led.
  level() {
    return { played: this.played, leastMs: this.leastMs };
  }

  report() {
    return {
      played: this.played,
      rate: this.rate,
      playing: this.playing,
      fillMs: this.fillMs,
      trim: this.trim,
      underruns: this.underruns,
      skips: this.skips,
      splices: this.splices,
      settling: this.settlingS !== null,
    };
  }
}
