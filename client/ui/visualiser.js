// SPDX-License-Identifier: MIT
// Rings on still water: five times a second the sound's spectrum bends a new ring at the centre,
// which then travels outward and fades. The left half is the left channel, the right half the right
// one; low notes are at the bottom.
//   still    for reduced motion: the rings stay where they are, and take on the present sound every
//            two seconds

const spokes = 48; // bands for each side
const lowestHz = 45;
const highestHz = 7000;
const floorDb = -88;
const ceilingDb = -28;
const ringSeconds = 0.2;
const lifeS = 7;
const stillSeconds = 2;

export class Visualiser {
  constructor(canvas) {
    this.canvas = canvas;
    this.paint = canvas.getContext('2d');
    this.rings = []; // {bornS, shape: Float32Array(2 · spokes)}
    this.analysers = null;
    this.still = false;
    this.running = false;
    new ResizeObserver(() => this.resize()).observe(canvas);
  }

  resize() {
    const scale = Math.min(2, devicePixelRatio || 1);
    this.canvas.width = Math.round(this.canvas.clientWidth * scale);
    this.canvas.height = Math.round(this.canvas.clientHeight * scale);
    if (!this.running) this.draw(performance.now() / 1000);
  }

  listen(analysers) {
    this.analysers = analysers;
    this.bins = analysers && new Float32Array(analysers[0].frequencyBinCount);
  }

  start() {
    if (this.running) return;
    this.running = true;
    const frame = () => {
      const now = performance.now() / 1000;
      this.hear(now);
      if (!this.still || now - (this.drawnS ?? 0) >= stillSeconds) this.draw(now);
      this.frame = requestAnimationFrame(frame);
    };
    this.frame = requestAnimationFrame(frame);
  }

  stop() {
    this.running = false;
    cancelAnimationFrame(this.frame);
  }

  clear() {
    this.stop();
    this.rings = [];
    this.paint.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  hear(now) {
    if (
      !this.analysers ||
      now - (this.rings.at(-1)?.bornS ?? -1) < (this.still ? stillSeconds : ringSeconds)
    )
      return;
    const shape = new Float32Array(2 * spokes);
    this.analysers.forEach((analyser, side) => {
      analyser.getFloatFrequencyData(this.bins);
      const hzPerBin = analyser.context.sampleRate / analyser.fftSize;
      for (let i = 0; i < spokes; ++i) {
        const [from, to] = [i, i + 1].map(
          (edge) => (lowestHz * (highestHz / lowestHz) ** (edge / spokes)) / hzPerBin,
        );
        let peak = this.between(from);
        for (let bin = Math.ceil(from); bin < to; ++bin) peak = Math.max(peak, this.bins[bin]);
        const tilt = 9 * (i / spokes); // dB: music falls towards the treble
        const height = Math.min(1, Math.max(0, (peak + tilt - floorDb) / (ceilingDb - floorDb)));
        shape[side ? 2 * spokes - 1 - i : i] = height * height;
      }
    });
    this.rings.push({ bornS: now, shape: smooth(smooth(shape)) });
    this.rings = this.rings.filter(
      (ring) => now - ring.bornS < (this.still ? stillSeconds * 8 : lifeS),
    );
  }

  between(bin) {
    const low = Math.floor(bin);
    return this.bins[low] + (bin - low) * (this.bins[low + 1] - this.bins[low]);
  }

  draw(now) {
    this.drawnS = now;
    const { paint, canvas } = this;
    const size = Math.min(canvas.width, canvas.height);
    paint.clearRect(0, 0, canvas.width, canvas.height);
    if (!size) return;
    paint.strokeStyle = getComputedStyle(canvas).color;
    paint.lineJoin = 'round';
    const inner = size * 0.165;
    const outer = size * 0.485;
    // The water at rest.
    paint.lineWidth = Math.max(1, size / 700);
    for (let i = 0; i < 6; ++i) {
      paint.globalAlpha = 0.16 * (1 - i / 6);
      paint.beginPath();
      paint.arc(
        canvas.width / 2,
        canvas.height / 2,
        inner + ((outer - inner) * (i + 0.6)) / 6,
        0,
        2 * Math.PI,
      );
      paint.stroke();
    }
    this.rings.forEach((ring, i) => {
      const age = this.still ? (this.rings.length - 1 - i + 0.5) / 8 : (now - ring.bornS) / lifeS;
      if (age >= 1) return;
      const travel = 1 - (1 - age) ** 1.35;
      const radius = inner + (outer - inner) * 0.82 * travel;
      const swing = size * 0.085 * (0.55 + 0.45 * (1 - age));
      paint.globalAlpha = 0.85 * Math.min(1, age * 9) * (1 - age) ** 1.6;
      paint.lineWidth = (size / 420) * (1.15 - 0.7 * age);
      this.trace(ring.shape, radius, swing);
    });
    paint.globalAlpha = 1;
  }

  // A closed smooth curve through the spokes; bands run up from the bottom on both sides.
  trace(shape, radius, swing) {
    const { paint, canvas } = this;
    const count = shape.length;
    const point = (i) => {
      const angle = Math.PI / 2 + (2 * Math.PI * (i + 0.5)) / count;
      const r = radius + swing * shape[i % count];
      return [canvas.width / 2 + r * Math.cos(angle), canvas.height / 2 + r * Math.sin(angle)];
    };
    paint.beginPath();
    let [x, y] = point(0);
    let [nx, ny] = point(1);
    paint.moveTo((x + nx) / 2, (y + ny) / 2);
    for (let i = 1; i <= count; ++i) {
      [x, y] = [nx, ny];
      [nx, ny] = point(i + 1);
      paint.quadraticCurveTo(x, y, (x + nx) / 2, (y + ny) / 2);
    }
    paint.stroke();
  }
}

function smooth(shape) {
  const count = shape.length;
  return shape.map(
    (x, i) => 0.5 * x + 0.25 * (shape[(i + 1) % count] + shape[(i + count - 1) % count]),
  );
}
