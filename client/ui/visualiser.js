// SPDX-License-Identifier: MIT
// Rings on still water: five times a second the sound's spectrum bends a new ring at the centre,
// which then travels outward and fades. The left half is the left channel, the right half the right
// one; low notes are at the bottom.
//   set({shown, playing, still})   still, for reduced motion: the rings stay where they are, and
//                                  take on the present sound every two seconds

const ringSeconds = 0.2;
const lifeS = 7;
const stillSeconds = 2;
const stillRings = 8;
const restingRings = 6;
const innerShare = 0.165; // radii as shares of the canvas
const outerShare = 0.485;

export class Visualiser {
  constructor(canvas) {
    this.canvas = canvas;
    this.paint = canvas.getContext('2d');
    this.rings = []; // {bornS, shape: heights of a Spectrum, smoothed}
    this.spectrum = null;
    this.running = false;
    this.options = { shown: true, playing: false, still: false };
    new ResizeObserver(() => this.resize()).observe(canvas);
  }

  resize() {
    const scale = Math.min(2, devicePixelRatio || 1);
    this.canvas.width = Math.round(this.canvas.clientWidth * scale);
    this.canvas.height = Math.round(this.canvas.clientHeight * scale);
    if (!this.running) this.draw(performance.now() / 1000);
  }

  listen(spectrum) {
    this.spectrum = spectrum;
  }

  set(options) {
    Object.assign(this.options, options);
    const { shown, playing } = this.options;
    this.canvas.hidden = !shown;
    if (shown && playing) {
      this.start();
      return;
    }
    this.running = false;
    cancelAnimationFrame(this.frame);
    this.rings = [];
    this.draw(performance.now() / 1000);
  }

  start() {
    if (this.running) return;
    this.running = true;
    const frame = () => {
      const now = performance.now() / 1000;
      const everyS = this.options.still ? stillSeconds : 0;
      this.hear(now);
      if (now - (this.drawnS ?? 0) >= everyS) this.draw(now);
      this.frame = requestAnimationFrame(frame);
    };
    this.frame = requestAnimationFrame(frame);
  }

  hear(now) {
    const { still } = this.options;
    const newestS = this.rings.at(-1)?.bornS ?? -1;
    if (!this.spectrum || now - newestS < (still ? stillSeconds : ringSeconds)) return;
    this.rings.push({ bornS: now, shape: smooth(smooth(this.spectrum.heights())) });
    const oldestS = now - (still ? stillSeconds * stillRings : lifeS);
    this.rings = this.rings.filter((ring) => ring.bornS > oldestS);
  }

  draw(now) {
    this.drawnS = now;
    const { paint, canvas } = this;
    const size = Math.min(canvas.width, canvas.height);
    paint.clearRect(0, 0, canvas.width, canvas.height);
    if (!size) return;
    paint.strokeStyle = getComputedStyle(canvas).color;
    paint.lineJoin = 'round';
    this.drawRest(size);
    this.rings.forEach((ring, i) => {
      const age = this.options.still
        ? (this.rings.length - 1 - i + 0.5) / stillRings
        : (now - ring.bornS) / lifeS;
      if (age < 1) this.drawRing(ring.shape, age, size);
    });
    paint.globalAlpha = 1;
  }

  // The water at rest.
  drawRest(size) {
    const { paint, canvas } = this;
    paint.lineWidth = Math.max(1, size / 700);
    for (let i = 0; i < restingRings; ++i) {
      const share = (i + 0.6) / restingRings;
      const radius = size * (innerShare + (outerShare - innerShare) * share);
      paint.globalAlpha = 0.16 * (1 - i / restingRings);
      paint.beginPath();
      paint.arc(canvas.width / 2, canvas.height / 2, radius, 0, 2 * Math.PI);
      paint.stroke();
    }
  }

  // age: 0 at the centre, 1 when it has gone
  drawRing(shape, age, size) {
    const travel = 1 - (1 - age) ** 1.35;
    const radius = size * (innerShare + (outerShare - innerShare) * 0.82 * travel);
    const swing = size * 0.085 * (0.55 + 0.45 * (1 - age));
    this.paint.globalAlpha = 0.85 * Math.min(1, age * 9) * (1 - age) ** 1.6;
    this.paint.lineWidth = (size / 420) * (1.15 - 0.7 * age);
    this.trace(shape, radius, swing);
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
    let [nextX, nextY] = point(1);
    paint.moveTo((x + nextX) / 2, (y + nextY) / 2);
    for (let i = 1; i <= count; ++i) {
      [x, y] = [nextX, nextY];
      [nextX, nextY] = point(i + 1);
      paint.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
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
