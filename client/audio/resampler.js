// SPDX-License-Identifier: MIT
// Reads a ring of samples at any fractional place: windowed-sinc interpolation, so that the
// playback rate can be trimmed and the stream's rate differ from the sound card's without aliasing
// or images.
//   ratio    input frames per output frame; the kernel is cut for it once, small trims need no
//            other
//   source   J. O. Smith, Digital Audio Resampling, ccrma.stanford.edu/~jos/resample; window:
//            Kaiser

// Rows of the table; linear interpolation between them leaves errors below −100 dB.
const phases = 512;
const zeroCrossings = 32; // on each side, at a ratio up to 1
const kaiserBeta = 9; // −90 dB in the stop band

function besselI0(x) {
  let sum = 1;
  for (let term = 1, k = 1; term > 1e-12 * sum; ++k) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

export class Resampler {
  constructor(ratio) {
    // Of the lower Nyquist frequency: the skirt ends just above it.
    const cutoff = Math.min(1, 1 / ratio) * 0.94;
    this.half = Math.ceil(zeroCrossings * Math.max(1, ratio));
    const taps = 2 * this.half;
    this.table = new Float32Array((phases + 1) * taps);
    for (let phase = 0; phase <= phases; ++phase) {
      const row = this.table.subarray(phase * taps, (phase + 1) * taps);
      let sum = 0;
      for (let tap = 0; tap < taps; ++tap) {
        const x = tap - (this.half - 1) - phase / phases; // distance from the place that is read
        const angle = Math.PI * x * cutoff;
        const sinc = Math.abs(angle) < 1e-9 ? 1 : Math.sin(angle) / angle;
        const edge = 1 - (x / this.half) ** 2;
        row[tap] =
          edge <= 0 ? 0 : (sinc * besselI0(kaiserBeta * Math.sqrt(edge))) / besselI0(kaiserBeta);
        sum += row[tap];
      }
      // Gain exactly 1 at DC for every phase: no ripple.
      for (let tap = 0; tap < taps; ++tap) row[tap] /= sum;
    }
    this.left = 0;
    this.right = 0;
  }

  // Leaves the value at `place` (in frames; the ring holds a power of two) in this.left and
  // this.right. Reads the frames from floor(place) − half + 1 to floor(place) + half.
  read(ringLeft, ringRight, place) {
    const whole = Math.floor(place);
    const phase = (place - whole) * phases;
    const row = Math.floor(phase);
    const blend = phase - row;
    const taps = 2 * this.half;
    const mask = ringLeft.length - 1;
    const first = (whole - this.half + 1) % ringLeft.length;
    let at = row * taps;
    let left = 0;
    let right = 0;
    for (let tap = 0; tap < taps; ++tap, ++at) {
      const weight = this.table[at] + blend * (this.table[at + taps] - this.table[at]);
      const index = (first + tap) & mask;
      left += weight * ringLeft[index];
      right += weight * ringRight[index];
    }
    this.left = left;
    this.right = right;
  }
}
