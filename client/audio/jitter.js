// SPDX-License-Identifier: MIT
// How much sound to hold back so that the network is never heard: measured from when chunks arrive.
//   lateness   arrival − position / rate, less the smallest of the last minute: 0 for a chunk as
//              early as any
//   jitter     the greatest lateness of the last minute
//   target     half a chunk (a chunk arrives whole) + 1.25 · jitter + 20 ms, from floorMs to 3 s;
//              an underrun raises it by half, since trouble comes back; that wears off with a
//              half-life of five minutes. It falls no faster than the buffer can follow

import { maxTrim } from './playback.js';

export const maxTargetMs = 3000;

// 150 ms, but two chunks where the server was asked for a shorter delay (--chunk-ms below 50).
export function floorMs(chunkMs) {
  return chunkMs < 50 ? 2 * chunkMs : 150;
}

const windowS = 60;
const wearMs = 5 * 60000; // half-life
// How late the first chunks come depends on the page and on the history it is sent, not on the
// network.
const settleMs = 1000;

export class JitterMeter {
  constructor(chunkMs = 100) {
    this.restart(chunkMs);
    this.boost = 1;
    this.boostAt = 0;
    this.target = 0;
    this.targetAt = 0;
  }

  // A new connection: arrivals no longer compare with those before.
  restart(chunkMs) {
    this.chunkMs = chunkMs;
    this.startedMs = null;
    this.buckets = []; // per second: {second, least, most}
  }

  observe(nowMs, position, rate) {
    this.startedMs ??= nowMs;
    if (nowMs - this.startedMs < settleMs) return;
    const late = nowMs - (position / rate) * 1000;
    const second = Math.floor(nowMs / 1000);
    const last = this.buckets.at(-1);
    if (last?.second === second) {
      last.least = Math.min(last.least, late);
      last.most = Math.max(last.most, late);
    } else {
      this.buckets.push({ second, least: late, most: late });
      while (this.buckets[0].second <= second - windowS) this.buckets.shift();
    }
  }

  underrun(nowMs) {
    if (this.startedMs === null || nowMs - this.startedMs < settleMs) return;
    this.boost = Math.min(8, this.boostNow(nowMs) * 1.5);
    this.boostAt = nowMs;
  }

  boostNow(nowMs) {
    return 1 + (this.boost - 1) * 2 ** (-(nowMs - this.boostAt) / wearMs);
  }

  get jitterMs() {
    if (!this.buckets.length) return 0;
    return (
      Math.max(...this.buckets.map((b) => b.most)) - Math.min(...this.buckets.map((b) => b.least))
    );
  }

  targetMs(nowMs) {
    const needed = Math.max(floorMs(this.chunkMs), this.chunkMs / 2 + 20 + 1.25 * this.jitterMs);
    const fallen = this.target - (nowMs - this.targetAt) * maxTrim;
    this.target = Math.max(fallen, Math.min(maxTargetMs, needed * this.boostNow(nowMs)));
    this.targetAt = nowMs;
    return this.target;
  }
}
