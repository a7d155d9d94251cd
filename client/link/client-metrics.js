// SPDX-License-Identifier: MIT
// Tells the station every five seconds how its sound arrives: buffer, breaks, rate, jitter.

const everyMs = 5000;

export class ClientMetrics {
  constructor({ player, source }) {
    Object.assign(this, { player, source });
    this.sentAt = 0;
  }

  // True where it is time, whether there is a connection or not.
  tick(connected, now = Date.now()) {
    if (now - this.sentAt <= everyMs) return false;
    this.sentAt = now;
    if (connected) {
      this.source.send({ type: 'client_metrics', ...this.player.metrics() });
      this.player.metricsSent();
    }
    return true;
  }
}
