// SPDX-License-Identifier: MIT
// The station as a page deals with it: its messages while it is listened to, its door otherwise.
//   source     whatever plays: send(message), the events 'message' and 'link', epoch
//   desk       receives states and answers, and the control table
//   door       how it is asked while nothing plays: see http-door.js
//   listening  set by the transport
//   hls        whether it has /listen.m3u8
//   webrtc     whether it has /whep
//   position   about where its sound is, in seconds; undefined before it says so
//   recentS    how many seconds of what it sent it keeps, for recent.flac
//   access     who may control: 'open', 'token', 'off'; undefined while unknown
//   events     'table' the desk has another control table; 'presets' [{name, title, description,
//              group}]; 'access' is another; 'turn' {turnS, freeInS, yours}, where listeners steer
//              one after another for so long, or null; 'recent' is another; 'rates' {codec: bits
//              per second}, about, whenever it tells them; 'welcome'; 'accepted' a control was;
//              'refused' {code, message, id}; 'closing' it is; 'status' {composer, …} it
//              answered; 'silent' it did not

import { ControlTable } from './control-table.js';

const retryMs = 2000; // for a composer or a station that is away
const postedMs = 2000; // between a control's way over HTTP and the turn that it began
const statusMs = 10000; // for one that is there

export class Station extends EventTarget {
  constructor({ source, desk, door }) {
    super();
    Object.assign(this, { source, desk, door });
    this.listening = false;
    this.sampleRate = 44100; // of the positions in messages
    this.seed = undefined;
    this.away = false;
    this.access = undefined;
    this.hls = false;
    this.webrtc = false;
    this.position = undefined;
    this.recentS = 0;
    source.addEventListener('message', ({ detail }) => this.receive(detail));
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  receive(message) {
    const { epoch } = this.source;
    switch (message.type) {
      case 'welcome':
        this.sampleRate = message.sample_rate;
        this.useTable(message.controls);
        this.useAccess(message.control_access);
        this.hls = message.hls === true;
        this.webrtc = message.webrtc === true;
        this.useRates(message.bits_per_second);
        this.position = this.inSeconds(message.state ?? {}).position;
        this.clientId = message.client_id;
        this.useTurn(message.turn);
        this.useRecent(message.recent_s);
        this.emit('welcome');
        this.desk.state(this.inSeconds(message.state ?? {}), epoch);
        this.desk.resend();
        break;
      case 'state':
        this.position = this.inSeconds(message).position ?? this.position;
        this.desk.state(this.inSeconds(message), epoch);
        break;
      case 'turn':
        this.useTurn(message);
        break;
      case 'control_ack':
        this.emit('accepted');
        this.desk.acknowledged(this.inSeconds(message), epoch);
        break;
      case 'error':
        this.refused(message);
        break;
      case 'shutdown':
        if (this.listening) this.emit('closing');
        break;
    }
  }

  // A message with its positions in seconds.
  inSeconds(message) {
    const timed = { ...message };
    for (const name of ['position', 'next_chord_position']) {
      if (name in timed) {
        timed[name] = typeof timed[name] === 'number' ? timed[name] / this.sampleRate : undefined;
      }
    }
    return timed;
  }

  useTable(json) {
    const table = new ControlTable(json);
    if (!table.controls.length || table.text === this.desk.table.text) return;
    this.desk.table = table;
    this.emit('table');
  }

  useAccess(access) {
    if (access === undefined || access === this.access) return;
    this.access = access;
    this.emit('access', access);
  }

  useTurn(turn) {
    this.turnS = turn?.turn_s;
    this.emit(
      'turn',
      turn ? { turnS: turn.turn_s, freeInS: turn.free_in_s, yours: this.isMine(turn) } : null,
    );
  }

  // Over HTTP nobody has a name, and a turn is known by when it began.
  isMine({ holder, turn_s: turnS, free_in_s: freeInS }) {
    if (holder !== null) return holder === this.clientId;
    const beganMs = performance.now() - 1000 * (turnS - freeInS);
    return Math.abs(this.postedAtMs - beganMs) < postedMs;
  }

  posted() {
    if (!this.turnS) return;
    const now = performance.now();
    if (!(now - this.postedAtMs < 1000 * this.turnS)) this.postedAtMs = now;
    this.ask();
  }

  useRecent(seconds = 0) {
    if (seconds === this.recentS) return;
    this.recentS = seconds;
    this.emit('recent', seconds);
  }

  useRates(rates) {
    if (rates) this.emit('rates', rates);
  }

  refused(error) {
    if (error.code === 'composer_unavailable' && this.listening) {
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.listening && this.desk.resend(), retryMs);
    }
    this.emit('refused', error);
  }

  // A control goes over the socket while there is one, else by itself.
  send(message) {
    // What cannot leave now is sent again by resend() when the connection is back.
    if (this.listening) this.source.send(message);
    else this.post(message);
  }

  async post(message) {
    try {
      const { ok, answer } = await this.door.control(message);
      if (!ok) {
        this.refused({ ...answer, id: message.id });
        return;
      }
      this.emit('accepted');
      this.posted();
      this.desk.acknowledged({ id: message.id, applied: answer.applied, position: 0 }, 0);
      this.desk.played({ position: Infinity, epoch: Infinity });
    } catch {
      this.emit('silent');
      this.desk.refused({ id: message.id });
    }
  }

  // Another plays from now on, and nothing is known of it yet.
  use(door) {
    this.door = door;
    this.seed = undefined;
    this.access = undefined;
    this.desk.clear();
  }

  // What is on, without listening: the status, or null where the station does not answer.
  async ask() {
    const { door } = this;
    let status = null;
    try {
      status = await door.status();
    } catch {
      if (door !== this.door) return null;
      this.away = true;
      if (!this.listening) this.desk.forget();
      this.emit('silent');
      return null;
    }
    if (door !== this.door) return null;
    this.away = status.composer === 'away';
    this.seed = status.seed ?? this.seed;
    this.useTable(status.controls);
    this.useAccess(status.control_access);
    this.hls = status.hls === true;
    this.webrtc = status.webrtc === true;
    this.useRates(status.bits_per_second);
    this.useTurn(status.turn);
    this.useRecent(status.recent_s);
    if (!this.listening) {
      if (typeof status.sample_rate === 'number') this.sampleRate = status.sample_rate;
      if (this.away) this.desk.forget();
      else this.desk.settle(this.inSeconds(status));
    }
    this.emit('status', status);
    return status;
  }

  // Goes on asking while the page is seen and does not play.
  watch(seen) {
    setTimeout(
      async () => {
        if (!this.listening && seen()) await this.ask();
        this.watch(seen);
      },
      this.away ? retryMs : statusMs,
    );
  }

  async askPresets() {
    const { door } = this;
    let list = null;
    try {
      list = await door.presets();
    } catch {
      setTimeout(() => door === this.door && this.askPresets(), retryMs);
    }
    if (list && door === this.door) this.emit('presets', list);
  }
}
