// SPDX-License-Identifier: MIT
// The whole screen for the rings and a clock, until a key or a touch.

import { byId } from './dom.js';
import { words } from './words.js';

const clockMs = 1000;

export class Ambient {
  constructor() {
    addEventListener('fullscreenchange', () => !document.fullscreenElement && this.leave());
    for (const event of ['keydown', 'pointerdown']) {
      addEventListener(
        event,
        (happened) => {
          if (!this.on) return;
          happened.preventDefault();
          happened.stopPropagation();
          this.leave();
        },
        true,
      );
    }
  }

  get on() {
    return 'ambient' in document.body.dataset;
  }

  enter() {
    document.body.dataset.ambient = '';
    document.documentElement.requestFullscreen?.().catch(() => {}); // else the window alone
    this.tick();
    this.timer = setInterval(() => this.tick(), clockMs);
    document.activeElement?.blur();
  }

  leave() {
    if (!this.on) return;
    delete document.body.dataset.ambient;
    clearInterval(this.timer);
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    byId('play').focus({ preventScroll: true });
  }

  tick() {
    const time = new Date().toLocaleTimeString(words.language, {
      hour: '2-digit',
      minute: '2-digit',
    });
    if (byId('clock').textContent !== time) byId('clock').textContent = time;
  }
}
