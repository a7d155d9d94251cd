// SPDX-License-Identifier: MIT
// Where listeners steer one after another: whose turn it is, and until when.

import { byId } from './dom.js';
import { say } from './words.js';

const stepMs = 1000;

export class TurnLine {
  constructor(now = () => performance.now()) {
    Object.assign(this, { now, turn: null });
  }

  // turn: as station.js tells it, or null where all may steer at once
  use(turn) {
    this.turn = turn && { ...turn, freeAtMs: this.now() + 1000 * turn.freeInS };
    this.show();
  }

  show() {
    clearTimeout(this.timer);
    byId('turn').hidden = !this.turn;
    if (!this.turn) return;
    const { freeAtMs, turnS, yours } = this.turn;
    const count = Math.ceil((freeAtMs - this.now()) / 1000);
    if (count <= 0) {
      byId('turn').textContent = say('turn.free', { count: turnS });
      return;
    }
    byId('turn').textContent = say(yours ? 'turn.yours' : 'turn.other', { count });
    this.timer = setTimeout(() => this.show(), stepMs);
  }
}
