// SPDX-License-Identifier: MIT
// The sound over WebRTC while it is wanted: begun when the station says welcome, begun once more
// where it stops, and given up where it does not come.
//   wanted   () → whether the listener wants it, and plays
//   linked   () → whether the station is there; while it is not, nothing is tried
//   failed   given up, until reset(): the WebSocket is to bring the sound
//   events   'failed' {why: an Error, or null where this station has no WebRTC}

import { opusRate } from '../audio/decoder.js';
import { WhepSession, whepSupported } from './whep.js';

const lookMs = 500;
const quietLooks = 8; // without a packet
const tries = 2;

export class PeerSound extends EventTarget {
  constructor({
    base,
    player,
    source,
    station,
    wanted,
    linked,
    make = () => new WhepSession(base),
  }) {
    super();
    Object.assign(this, { player, source, station, wanted, linked, make });
    this.session = null;
    this.failed = false;
    this.tried = 0;
    station.addEventListener('welcome', () => this.welcome());
  }

  get supported() {
    return whepSupported() && this.station.webrtc;
  }

  // Another try, as the listener asked for it.
  reset() {
    this.failed = false;
    this.tried = 0;
  }

  welcome() {
    if (!this.wanted() || this.session) return;
    if (this.supported) this.open();
    else this.giveUp(null);
  }

  async open() {
    const session = (this.session = this.make());
    try {
      await this.player.prepare();
      const stream = await session.connect();
      if (session !== this.session) return;
      this.player.hear(stream, () => this.report(session));
      this.quiet = 0;
      this.timer = setInterval(() => this.look(session), lookMs);
    } catch (error) {
      if (session === this.session) this.lost(error);
    }
  }

  async look(session) {
    const before = session.figures.received;
    const { received } = await session.look();
    if (session !== this.session) return;
    if (received > before) {
      this.quiet = 0;
      this.tried = 0;
    } else if (++this.quiet >= quietLooks || session.failed) {
      this.lost(new Error('WebRTC: nothing comes'));
    }
  }

  // As the ring's, see audio/playback.js.
  report(session) {
    const { received, bufferMs, jitterMs, breaks } = session.figures;
    const heard = session.heard(this.near);
    const sinceMs = heard ? performance.now() - heard.atMs : 0;
    return {
      played: heard && {
        position: heard.position + (sinceMs / 1000) * opusRate,
        epoch: this.source.epoch,
      },
      ...{ rate: opusRate, trim: 0, skips: 0, splices: 0, settling: false },
      playing: received > 0 && heard !== null,
      fillMs: bufferMs,
      jitterMs,
      underruns: breaks,
    };
  }

  // Where the stream is, roughly.
  get near() {
    return (this.station.position ?? 0) * opusRate;
  }

  lost(error) {
    this.close();
    if (!this.linked() || !this.wanted()) return;
    if (++this.tried < tries) this.open();
    else this.giveUp(error);
  }

  giveUp(why) {
    this.close();
    this.failed = true;
    if (why) console.warn(`Auralis: ${why.message}; the sound comes over the WebSocket`);
    this.dispatchEvent(new CustomEvent('failed', { detail: { why } }));
  }

  close() {
    const { session } = this;
    clearInterval(this.timer);
    this.session = null;
    if (!session) return;
    this.player.hear(null);
    session.close();
  }

  // When it has faded out.
  async end(faded) {
    const { session } = this;
    await faded;
    if (session && session === this.session) this.close();
  }
}
