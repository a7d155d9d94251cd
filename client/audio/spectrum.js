// SPDX-License-Identifier: MIT
// What sounds at this moment as a row of heights, for drawing.
//   heights   2 · bandCount values, 0 … 1: the left channel from low to high, then the right one
//             from high to low; squared, so that what is loud stands out

export const bandCount = 48; // for each channel

const lowestHz = 45;
const highestHz = 7000;
const floorDb = -88;
const ceilingDb = -28;
const tiltDb = 9; // added towards the treble, where music falls off

const edgeHz = (band) => lowestHz * (highestHz / lowestHz) ** (band / bandCount);

export class Spectrum {
  // analysers: an AnalyserNode for each channel
  constructor(analysers) {
    this.analysers = analysers;
    this.bins = new Float32Array(analysers[0].frequencyBinCount);
  }

  heights() {
    const heights = new Float32Array(2 * bandCount);
    this.analysers.forEach((analyser, side) => {
      analyser.getFloatFrequencyData(this.bins);
      const hzPerBin = analyser.context.sampleRate / analyser.fftSize;
      for (let band = 0; band < bandCount; ++band) {
        const peakDb = this.peak(edgeHz(band) / hzPerBin, edgeHz(band + 1) / hzPerBin);
        const leveled = peakDb + tiltDb * (band / bandCount);
        const height = Math.min(1, Math.max(0, (leveled - floorDb) / (ceilingDb - floorDb)));
        heights[side ? 2 * bandCount - 1 - band : band] = height * height;
      }
    });
    return heights;
  }

  // The greatest level from one place to another, in bins that need not be whole.
  peak(from, to) {
    const low = Math.floor(from);
    let peak = this.bins[low] + (from - low) * (this.bins[low + 1] - this.bins[low]);
    for (let bin = Math.ceil(from); bin < to; ++bin) peak = Math.max(peak, this.bins[bin]);
    return peak;
  }
}
