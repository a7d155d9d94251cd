// SPDX-License-Identifier: MIT
// Lock screen, headset keys, and the right to play on while the screen is off. Browsers offer these
// only to a page with a media element that plays: on a phone the music itself goes through one,
// else this page plays silence beside it.

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
  // stream(): the music as a MediaStream, or null where it is not the element's; direct(): leaves
  // the element out, where it would not play
  constructor({ play, pause, stream = () => null, direct = () => {} }) {
    Object.assign(this, { stream, direct });
    this.session = navigator.mediaSession;
    this.element = null;
    this.wanted = false;
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

  // In the click, and again once there is a stream: an element that a click has started may go on.
  async playing() {
    this.wanted = true;
    this.element ??= new Audio();
    const stream = this.stream();
    if (stream) this.loadStream(stream);
    else this.load((this.silence ??= silence()), true);
    if (this.session) this.session.playbackState = 'playing';
    try {
      await this.element.play();
    } catch {
      // Without it there is only no lock screen; but no music may be lost. One that was paused, or
      // got something else meanwhile, is no failure.
      if (stream && this.wanted && this.element.srcObject === stream) this.direct();
    }
  }

  loadStream(stream) {
    this.element.volume = 1;
    if (this.element.srcObject !== stream) this.element.srcObject = stream;
  }

  load(address, loop) {
    if (this.element.srcObject) this.element.srcObject = null;
    this.element.loop = loop;
    if (this.element.src !== address) this.element.src = address;
  }

  // In place of the silence, which a page may not begin anew in the background.
  sound(address, volume) {
    this.element.volume = volume;
    this.load(address, false);
    return this.element.play();
  }

  // faded: resolves when nothing is to be heard any more
  async paused(faded) {
    this.wanted = false;
    if (this.session) this.session.playbackState = 'paused';
    await faded;
    if (!this.wanted) this.element?.pause();
  }

  describe(title, artist) {
    if (!this.session || typeof MediaMetadata !== 'function') return;
    this.session.metadata = new MediaMetadata({
      title,
      artist,
      album: 'Auralis',
      artwork: [
        {
          src: new URL('../icon-512.png', import.meta.url).href,
          type: 'image/png',
          sizes: '512x512',
        },
      ],
    });
  }
}
