// SPDX-License-Identifier: MIT
// Who plays: the station, or the engine on this device. Offered where both are there.
//   choose     (name) as the listener did, 'station' or 'here'
//   events     'change', when the listener chose another: .name

import { byId } from './dom.js';
import { say } from './words.js';

export class Where extends EventTarget {
  constructor({ name, choice }) {
    super();
    this.name = name;
    this.choice = choice; // whether there is one
    for (const input of this.inputs) {
      input.addEventListener('change', () => this.choose(input.value));
    }
    this.show();
  }

  get inputs() {
    return document.querySelectorAll('#where input');
  }

  // why: the reason why this device cannot play, or nothing
  offer(why = '') {
    this.offered = true;
    this.why = why;
    this.show();
  }

  choose(name) {
    if (name === this.name) return;
    this.name = name;
    this.show();
    this.dispatchEvent(new Event('change'));
  }

  show() {
    document.body.dataset.player = this.name;
    for (const id of ['open-shelf', 'new-piece', 'own-presets-line'])
      byId(id).hidden = this.name !== 'here';
    byId('where').hidden = !this.choice || !this.offered;
    for (const input of this.inputs) {
      input.checked = input.value === this.name;
      input.disabled = input.value === 'here' && Boolean(this.why);
      input.closest('.chip').toggleAttribute('data-heard', input.checked);
    }
    byId('where-meaning').textContent = this.why || say(`where.${this.name}.meaning`);
  }
}
