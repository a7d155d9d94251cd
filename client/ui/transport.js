// SPDX-License-Identifier: MIT
// Play and pause, and how the page shows them: data-play is off, wait or on.
//   wanted   the listener pressed play, and not pause since
//   events   'start' play was pressed; 'running' sound is being made; 'stop' it was paused;
//            'failed' {message}: no sound here

import { byId } from './dom.js';
import { say } from './words.js';

export class Transport extends EventTarget {
  constructor({ player, source }) {
    super();
    Object.assign(this, { player, source });
    this.wanted = false;
    this.clickedAt = 0; // until the sound begins
    player.addEventListener('held', () => this.wanted && this.show('wait'));
    player.addEventListener('report', () => this.reported(player.report));
    player.addEventListener('failed', () => {
      this.pause();
      this.fail(say('notice.broken'));
    });
    byId('play').addEventListener('click', () => this.toggle());
    this.show('off');
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  fail(message) {
    this.emit('failed', { message });
  }

  async play() {
    if (this.wanted) return;
    this.wanted = true;
    this.clickedAt = performance.now();
    this.show('wait');
    this.emit('start');
    // A second click may come before the sound has faded out: only the latest goes on.
    const latest = (this.latest = {});
    await this.player.stopped;
    if (!this.wanted || latest !== this.latest) return;
    this.source.open();
    try {
      await this.player.start();
    } catch (error) {
      this.pause();
      this.fail(say('notice.unplayable', { reason: error.message }));
      return;
    }
    if (this.wanted) this.emit('running');
  }

  pause() {
    if (!this.wanted) return;
    this.wanted = false;
    this.show('off');
    this.source.close();
    this.player.stop();
    this.emit('stop');
  }

  toggle() {
    if (this.wanted) this.pause();
    else this.play();
  }

  show(phase) {
    if (document.body.dataset.play === phase) return;
    document.body.dataset.play = phase;
    byId('play').dataset.label = phase === 'off' ? 'play' : 'pause';
    byId('play').setAttribute('aria-label', say(byId('play').dataset.label));
    if (phase !== 'on') byId('next').textContent = '';
  }

  reported({ playing }) {
    if (playing && this.clickedAt) {
      performance.measure('click-to-sound', { start: this.clickedAt, end: performance.now() });
      this.clickedAt = 0;
    }
    if (this.wanted) this.show(playing ? 'on' : 'wait');
  }
}
