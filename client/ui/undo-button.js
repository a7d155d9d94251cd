// SPDX-License-Identifier: MIT
// The button that takes this listener's own last change back: there as long as that can be done, in
// a place that is kept for it.
//   titleOf(control)   as the listener knows it

import { byId } from './dom.js';
import { say } from './words.js';

export class UndoButton {
  constructor({ lastChange, titleOf }) {
    Object.assign(this, { lastChange, titleOf });
    this.button = byId('undo');
    this.button.addEventListener('click', () => this.undo());
    lastChange.addEventListener('change', () => this.show());
  }

  undo() {
    const focused = document.activeElement === this.button;
    this.lastChange.undo();
    if (focused) byId('play').focus({ preventScroll: true });
  }

  show() {
    const { change } = this.lastChange;
    this.button.toggleAttribute('data-shown', Boolean(change));
    this.button.disabled = !change;
    if (!change) return; // its text fades with it
    const titles = new Set(Object.keys(change.controls).map((control) => this.titleOf(control)));
    const [first] = titles;
    this.button.textContent =
      titles.size > 1
        ? say('undo.many', { count: titles.size })
        : say('undo.one', { control: first });
  }
}
