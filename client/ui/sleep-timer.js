// SPDX-License-Identifier: MIT
// Stops the music after a while, fading over the last minute. Told the time rather than keeping it:
// the player's reports come even where a hidden page's clocks are slowed down.

export const fadeMs = 60000;

export class SleepTimer {
  constructor() {
    this.endsAt = null;
  }

  set(nowMs, minutes) {
    this.endsAt = minutes ? nowMs + minutes * 60000 : null;
    this.minutes = minutes;
  }

  // As it was set before the page was opened.
  restore(endsAt) {
    this.endsAt = endsAt;
  }

  leftMs(nowMs) {
    return this.endsAt === null ? null : Math.max(0, this.endsAt - nowMs);
  }

  // The level of the sound, 0 … 1: squared, which the ear takes for an even fade.
  level(nowMs) {
    const left = this.leftMs(nowMs);
    return left === null || left > fadeMs ? 1 : (left / fadeMs) ** 2;
  }

  over(nowMs) {
    return this.leftMs(nowMs) === 0;
  }
}
