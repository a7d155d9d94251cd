// SPDX-License-Identifier: MIT
// What asks while something is dragged: at once, and then at most every gapMs.
//   soon()   something moved
//   now()    asks without waiting
//   waiting  it moved, and has not been asked for yet

export class Paced {
  constructor(gapMs, ask) {
    Object.assign(this, { gapMs, ask, askedAt: 0, waiting: false });
  }

  soon() {
    clearTimeout(this.timer);
    const waitMs = this.askedAt + this.gapMs - performance.now();
    this.waiting = waitMs > 0;
    if (this.waiting) this.timer = setTimeout(() => this.now(), waitMs);
    else this.now();
  }

  now() {
    this.waiting = false;
    this.askedAt = performance.now();
    this.ask();
  }
}
