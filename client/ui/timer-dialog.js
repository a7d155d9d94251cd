// SPDX-License-Identifier: MIT
// The sleep timer's button and dialog.
//   player      fades with the timer
//   transport   is paused at its end, and started by choosing a time
//   settings    keep when it ends: a pause or a reload does not change that

import { byId, make } from './dom.js';
import { SleepTimer } from './sleep-timer.js';
import { say } from './words.js';

const idleMs = 5000; // between looks at the clock where nothing plays
const choicesMin = [0, 15, 30, 45, 60, 90];

export class TimerDialog {
  constructor({ player, transport, settings }) {
    Object.assign(this, { player, transport, settings });
    this.timer = new SleepTimer();
    this.draw();
    byId('open-timer').addEventListener('click', () => this.open());
    player.addEventListener('report', () => this.tick());
    transport.addEventListener('running', () => this.tick());
    setInterval(() => this.tick(), idleMs);
    const endsAt = settings.get('sleepAt');
    if (endsAt > Date.now()) this.timer.restore(endsAt);
    this.tick();
  }

  // In the present language.
  draw() {
    byId('timer-choices').replaceChildren(...choicesMin.map((choice) => this.button(choice)));
  }

  open() {
    byId('timer-dialog').showModal();
  }

  button(choice) {
    const button = make('button', {
      type: 'button',
      value: choice,
      textContent: choice ? say('minutes', { count: choice }) : say('timer.off'),
    });
    button.setAttribute('aria-pressed', choice === (this.timer.minutes ?? 0));
    button.addEventListener('click', () => {
      this.set(choice);
      byId('timer-dialog').close();
      if (choice) this.transport.play();
    });
    return button;
  }

  set(choice) {
    this.timer.set(Date.now(), choice);
    this.settings.set('sleepAt', this.timer.endsAt ?? 0);
    if (this.transport.wanted) this.player.setFade(1);
    for (const button of byId('timer-choices').children) {
      button.setAttribute('aria-pressed', Number(button.value) === choice);
    }
    this.tick();
  }

  tick() {
    const now = Date.now();
    const leftMs = this.timer.leftMs(now);
    this.show(leftMs);
    if (leftMs === null) return;
    const level = this.timer.level(now);
    if (this.timer.over(now)) {
      this.transport.pause();
      this.set(0);
    } else if (level < 1 && this.transport.wanted) this.player.setFade(level);
  }

  show(leftMs) {
    const left = byId('timer-left');
    const button = byId('open-timer');
    const minutes = Math.ceil(leftMs / 60000);
    const label = leftMs === null ? say('timer.title') : say('timer.left', { count: minutes });
    const text =
      leftMs > 60000
        ? say('minutes', { count: minutes })
        : say('seconds', { count: Math.ceil(leftMs / 1000) });
    if (button.getAttribute('aria-label') !== label) button.setAttribute('aria-label', label);
    left.hidden = leftMs === null;
    if (left.textContent !== text) left.textContent = text;
  }
}
