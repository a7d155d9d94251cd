// SPDX-License-Identifier: MIT
// Presets of the listener's own: taken from a file once the engine here has found them good, and
// given away again.
//   presets   see own-presets.js
//   test      (preset) rejects where the engine does not take it
//   changed   the list is another
//   play      (name) begins a piece with it

import { byId, make } from './dom.js';
import { OwnPresetError, readPreset } from './own-presets.js';
import { say } from './words.js';

export class OwnPresetsDialog {
  constructor({ presets, test, changed, play }) {
    Object.assign(this, { presets, test, changed, play });
    byId('open-own-presets').addEventListener('click', () => this.open());
    byId('own-presets-choose').addEventListener('click', () => byId('own-presets-file').click());
    byId('own-presets-file').addEventListener('change', ({ target }) => this.take(target));
  }

  open() {
    byId('own-presets-done').textContent = '';
    this.show();
    byId('own-presets-dialog').showModal();
  }

  show() {
    byId('own-presets').replaceChildren(...this.presets.list.map((preset) => this.row(preset)));
  }

  async take(input) {
    const [file] = input.files;
    input.value = ''; // the same file may come again, mended
    if (!file) return;
    try {
      const preset = readPreset(await file.text(), file.name);
      await this.test(preset);
      this.presets.add(preset);
      await this.changed();
      byId('own-presets-done').textContent = say('presets.own.taken', { preset: titleOf(preset) });
    } catch (error) {
      byId('own-presets-done').textContent =
        error instanceof OwnPresetError
          ? say(error.message)
          : say('presets.own.refused', { reason: error.message });
    }
    this.show();
  }

  row(preset) {
    const play = make('button', { type: 'button', className: 'again' });
    play.append(make('b', { textContent: titleOf(preset) }));
    play.addEventListener('click', () => {
      byId('own-presets-dialog').close();
      this.play(preset.name);
    });
    const remove = make('button', { type: 'button', textContent: say('presets.own.remove') });
    remove.setAttribute('aria-label', say('presets.own.remove.one', { preset: titleOf(preset) }));
    remove.addEventListener('click', async () => {
      this.presets.remove(preset.name);
      await this.changed();
      this.show();
      byId('own-presets-choose').focus();
    });
    return make('li', {}, play, remove);
  }
}

const titleOf = ({ title, name }) => String(title || name);
