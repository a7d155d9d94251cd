// SPDX-License-Identifier: MIT
// Lock screen, headset keys, and the right to play on while the screen is off. Browsers offer these
// only to a page with a media element that plays: this one plays silence beside the music.

function silence() {
  const rate = 8000;
  const frames = rate * 10;
  const view = new DataView(new ArrayBuffer(44 + frames));
  const text = (at, word) => [...word].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, 'RIFF');
  view.setUint32(4, 36 + frames, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  text(36, 'data');
  view.setUint32(40, frames, true);
  new Uint8Array(view.buffer, 44).fill(128);
  return URL.createObjectURL(new Blob([view], { type: 'audio/wav' }));
}

export class LockScreen {
  constructor({ play, pause }) {
    this.session = navigator.mediaSession;
    this.element = null;
    for (const [action, handler] of [
      ['play', play],
      ['pause', pause],
      ['stop', pause],
    ]) {
      try {
        this.session?.setActionHandler(action, handler);
      } catch {
        // an action this browser does not know
      }
    }
    if (navigator.audioSession) navigator.audioSession.type = 'playback';
  }

  playing() {
    this.element ??= new Audio();
    this.load((this.silence ??= silence()), true);
    this.element.play().catch(() => {}); // without it there is only no lock screen
    if (this.session) this.session.playbackState = 'playing';
  }

  load(address, loop) {
    this.element.loop = loop;
    if (this.element.src !== address) this.element.src = address;
  }

  // In place of the silence, which a page may not begin anew in the background.
  sound(address, volume) {
    this.element.volume = volume;
    this.load(address, false);
    return this.element.play();
  }

  paused() {
    this.element?.pause();
    if (this.session) this.session.playbackState = 'paused';
  }

  describe(title, artist) {
    if (!this.session || typeof MediaMetadata !== 'function') return;
    this.session.metadata = new MediaMetadata({
      title,
      artist,
      album: 'Auralis',
      artwork: [{ src: new URL('../icon.svg', import.meta.url).href, type: 'image/svg+xml' }],
    });
  }
}
