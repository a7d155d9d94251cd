// SPDX-License-Identifier: MIT
// The choice of WebRTC, which is steadier where a network loses much: offered once the sound breaks
// again and again, taken back where it does not get through.
//   codec      as the listener chose, or the WebSocket's
//   reconnect  gets the sound anew, as `codec` says

import { PeerSound } from '../link/peer-sound.js';
import { say } from './words.js';

const withinMs = 60000;
const breaksThatHurt = 3;

export class Steadier {
  constructor({ base, player, source, station, ...page }) {
    Object.assign(this, page);
    this.station = station;
    this.counted = 0;
    this.times = []; // of the last breaks
    this.offered = false; // since play was pressed
    this.untold = false; // that it failed
    this.sound = new PeerSound({
      ...{ base, player, source, station },
      wanted: () => this.transport.wanted && this.where.name === 'station' && this.isChosen,
      linked: () => document.body.dataset.link === 'open',
    });
    this.sound.addEventListener('failed', ({ detail }) => this.failed(detail));
    this.settingsDialog.addEventListener('codec', () => this.changed());
    for (const event of ['welcome', 'status'])
      station.addEventListener(event, () => this.settingsDialog.offerWebRtc(this.sound.supported));
    // Not before: a connection that opens takes all notices away.
    station.addEventListener('welcome', () => this.tell());
    addEventListener('pagehide', () => this.sound.close());
    this.transport.addEventListener('stop', () => this.sound.end(player.stopped));
  }

  get isChosen() {
    return this.codec === 'webrtc';
  }

  get codec() {
    const chosen = this.settings.get('codec');
    return chosen === 'webrtc' && this.sound.failed ? 'auto' : chosen;
  }

  // Play was pressed: another try.
  begin() {
    this.sound.reset();
    this.times = [];
    this.offered = false;
  }

  changed() {
    this.notices.clear('offer');
    this.sound.close();
    this.sound.reset();
    this.reconnect();
  }

  failed({ why }) {
    this.reconnect();
    this.untold = why !== null;
  }

  tell() {
    if (this.untold) this.notices.tell(say('notice.webrtc'));
    this.untold = false;
  }

  // How often the sound has broken since the page began.
  breaks(count, nowMs = Date.now()) {
    for (; this.counted < count; ++this.counted) this.times.push(nowMs);
    this.times = this.times.filter((atMs) => nowMs - atMs < withinMs).slice(-breaksThatHurt);
    if (this.times.length === breaksThatHurt && !this.offered) this.offer();
  }

  offer() {
    const { sound, settings, where, notices, settingsDialog } = this;
    if (!sound.supported || where.name !== 'station' || settings.get('codec') === 'webrtc') return;
    this.offered = true;
    notices.set('offer', say('notice.weak'), () => settingsDialog.choose('codec', 'webrtc'));
    setTimeout(() => notices.clear('offer'), withinMs);
  }
}
