// SPDX-License-Identifier: MIT
// Saving what was heard: the last ten minutes, or the piece from its beginning, as a file that is
// made again from seed and controls.
//   door      of the engine here: material(seconds)
//   describe  () → {preset, seed}: for the file's name
//   make      ({material, format, title, progress}) → {blob, cancel}: a promise, and how to end it

import { byId, download } from './dom.js';
import { pieceTitle } from './format.js';
import { say } from './words.js';

const tenMinutesS = 600;
const endings = { wav: 'wav', opus: 'opus', midi: 'mid' };

export class SaveDialog {
  constructor({ door, describe, make, encodesOpus }) {
    Object.assign(this, { door, describe, make });
    byId('open-save').addEventListener('click', () => this.open());
    byId('save-recent').addEventListener('click', () => this.save(tenMinutesS));
    byId('save-piece').addEventListener('click', () => this.save(Infinity));
    byId('save-dialog').addEventListener('close', () => this.cancel());
    byId('save-format').addEventListener('change', () => this.show());
    encodesOpus.then((does) => {
      byId('save-format').querySelector('[value="opus"]').disabled = !does;
    });
  }

  open() {
    byId('save-done').textContent = '';
    this.show();
    byId('save-dialog').showModal();
  }

  get format() {
    return byId('save-format').value;
  }

  show() {
    const busy = Boolean(this.job);
    for (const id of ['save-recent', 'save-piece']) byId(id).disabled = busy;
    // A MIDI file begins with its piece.
    byId('save-recent').disabled ||= this.format === 'midi';
    byId('save-progress').hidden = !busy;
  }

  async save(seconds) {
    const { preset, seed } = this.describe();
    const name = `auralis-${preset}-${seed}.${endings[this.format]}`;
    const material = await this.door.material(seconds);
    if (material.to <= material.from) {
      byId('save-done').textContent = say('save.nothing');
      return;
    }
    this.job = this.make({
      material,
      format: this.format,
      title: pieceTitle({ preset, seed }),
      progress: (share) => {
        byId('save-progress').value = share;
      },
    });
    const { job } = this;
    byId('save-progress').value = 0;
    byId('save-done').textContent = '';
    this.show();
    let said = '';
    try {
      download(await job.blob, name);
      said = say('save.done', { name });
    } catch (error) {
      said = say('save.failed', { reason: error.message });
    }
    if (this.job !== job) return; // called off
    this.job = null;
    byId('save-done').textContent = said;
    this.show();
  }

  cancel() {
    this.job?.cancel();
    this.job = null;
  }
}
