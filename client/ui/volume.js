// SPDX-License-Identifier: MIT
// This listener's own volume: remembered, while mute is not.

import { byId } from './dom.js';
import { say } from './words.js';

export class Volume {
  constructor({ settings, player }) {
    Object.assign(this, { settings, player });
    this.muted = false;
    byId('volume').addEventListener('input', ({ target }) => this.set(Number(target.value)));
    this.show();
  }

  // Of the sound: squared, for steps that are even to the ear; 1 leaves it as it is.
  get gain() {
    return this.muted ? 0 : this.settings.get('volume') ** 2;
  }

  set(volume) {
    this.settings.set('volume', Math.min(1, Math.max(0, volume)));
    this.muted = false;
    this.show();
  }

  nudge(change) {
    this.set(this.settings.get('volume') + change);
  }

  toggleMute() {
    this.muted = !this.muted;
    this.show();
  }

  show() {
    const slider = byId('volume');
    const volume = this.settings.get('volume');
    const text = this.muted ? say('muted') : `${Math.round(volume * 100)} %`;
    slider.value = volume;
    slider.style.setProperty('--heard', this.muted ? 0 : volume * 100);
    slider.setAttribute('aria-valuetext', text);
    document.querySelector('#volume-group .value').textContent = text;
    this.player.setVolume(this.gain);
  }
}
