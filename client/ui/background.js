// SPDX-License-Identifier: MIT
// A page in the background, as behind a locked screen, may not run its audio context everywhere.
// There the lock screen's media element, which has played since the listener's click and so may go
// on, plays the station's plain sound: HLS where browser and station have it, otherwise an endless
// stream. It is seconds behind, and the page's own sound takes over when it may.
//   playing whether the element has the sound

const graceMs = 1500; // most devices come back by themselves

const streams = [
  { path: 'listen.m3u8', type: 'application/vnd.apple.mpegurl', hls: true },
  { path: 'stream.opus', type: 'audio/ogg; codecs=opus' },
  { path: 'stream.mp3', type: 'audio/mpeg' },
];

export class Background {
  constructor({ player, transport, station, where, volume, lockScreen, base, page = document }) {
    Object.assign(this, { player, transport, station, where, volume, lockScreen, base, page });
    this.playing = false;
    this.held = false;
    this.player.addEventListener('held', () => this.hold());
    this.player.addEventListener('released', () => {
      this.held = false;
      this.rest();
    });
    transport.addEventListener('stop', () => this.rest());
    page.addEventListener('visibilitychange', () => this.held && this.page.hidden && this.hold());
  }

  get atStation() {
    return this.where.name === 'station';
  }

  // The first that station and browser have.
  get address() {
    const { path } =
      streams.find(
        ({ hls, type }) => (!hls || this.station.hls) && new Audio().canPlayType(type),
      ) ?? {};
    return path && new URL(path, this.base).href;
  }

  hold() {
    this.held = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.begin(), graceMs);
  }

  begin() {
    const wanted = this.transport.wanted && this.atStation && this.page.hidden;
    if (!this.held || this.playing || !wanted) return;
    const { address } = this;
    if (!address) return;
    this.playing = true;
    this.lockScreen.sound(address, this.volume.gain).catch(() => this.rest());
  }

  // Silence again, until the next time.
  rest() {
    clearTimeout(this.timer);
    if (!this.playing) return;
    this.playing = false;
    if (this.transport.wanted) this.lockScreen.playing();
  }
}
