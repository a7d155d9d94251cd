// SPDX-License-Identifier: MIT
// Saving what was heard: the last ten minutes, or the piece from its beginning, as a file that is
// made again from seed and controls; of a station what it keeps of what it sent.
//   door      of the engine here: material(seconds)
//   describe  () → {preset, seed}: for the file's name
//   where     who plays
//   recent    (seconds) → a blob, FLAC, from the station
//   encodes   {format: () → whether it can be made here}, asked when it matters first
//   make      ({material, format, title, progress}) → {blob, cancel}: a promise, and how to end it

import { byId, download } from './dom.js';
import { pieceTitle } from './format.js';
import { say } from './words.js';

const tenMinutesS = 600;
const endings = { wav: 'wav', flac: 'flac', opus: 'opus', midi: 'mid' };

export class SaveDialog {
  constructor({ door, where, recent, describe, make, encodes }) {
    Object.assign(this, { door, where, recent, describe, make, encodes, recentS: 0 });
    where.addEventListener('change', () => this.showButton());
    this.showButton();
    byId('open-save').addEventListener('click', () => this.open());
    byId('save-recent').addEventListener('click', () => this.saveRecent());
    byId('save-piece').addEventListener('click', () => this.save(Infinity));
    byId('save-dialog').addEventListener('close', () => this.cancel());
    byId('save-format').addEventListener('change', () => this.show());
  }

  async askEncoders() {
    for (const [format, does] of Object.entries(this.encodes)) {
      byId('save-format').querySelector(`[value="${format}"]`).disabled = !(await does());
    }
  }

  // How much the station keeps.
  offerRecent(seconds) {
    this.recentS = seconds;
    this.showButton();
  }

  get here() {
    return this.where.name === 'here';
  }

  showButton() {
    byId('open-save').hidden = !this.here && !this.recentS;
  }

  open() {
    byId('save-done').textContent = '';
    if (this.here) this.asked ??= this.askEncoders();
    this.show();
    byId('save-dialog').showModal();
  }

  get format() {
    return byId('save-format').value;
  }

  show() {
    const busy = Boolean(this.job);
    byId('save-as').hidden = byId('save-piece').hidden = !this.here;
    byId('save-meaning').textContent = say(this.here ? 'save.meaning' : 'save.station');
    byId('save-recent').textContent = this.here
      ? say('save.recent')
      : say('save.last', { count: Math.round(this.recentS / 60) });
    for (const id of ['save-recent', 'save-piece']) byId(id).disabled = busy;
    // A MIDI file begins with its piece.
    byId('save-recent').disabled ||= this.here && this.format === 'midi';
    byId('save-progress').hidden = !busy;
  }

  saveRecent() {
    if (this.here) return this.save(tenMinutesS);
    const { preset = 'station' } = this.describe();
    return this.finish({ blob: this.recent(this.recentS), cancel() {} }, `auralis-${preset}.flac`);
  }

  async save(seconds) {
    const { preset, seed } = this.describe();
    const name = `auralis-${preset}-${seed}.${endings[this.format]}`;
    const material = await this.door.material(seconds);
    if (!material.parts.some(({ from, to }) => to > from)) {
      byId('save-done').textContent = say('save.nothing');
      return;
    }
    const job = this.make({
      material,
      format: this.format,
      title: pieceTitle({ preset, seed }),
      progress: (share) => {
        byId('save-progress').value = share;
      },
    });
    byId('save-progress').value = 0;
    await this.finish(job, name);
  }

  async finish(job, name) {
    this.job = job;
    if (!this.here) byId('save-progress').removeAttribute('value');
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
