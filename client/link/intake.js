// SPDX-License-Identifier: MIT
// From the connection to the audio thread: decodes frames, or makes the sound from events, measures
// how late they come, and passes chunks on with the buffer that their lateness asks for. Runs in a
// worker (intake-worker.js), or on the page's own thread.
//   follows      where the listener chose so; what fails there is streamed instead
//   ready        resolves when it is known what this browser decodes; the first connection waits
//   events       'link' and 'message' of socket.js; 'state' {targetMs, jitterMs, codec} with each
//                frame; 'chunk'

import { Decoder, opusRate, opusSupported } from '../audio/decoder.js';
import { JitterMeter } from '../audio/jitter.js';
import { Source } from '../audio/source.js';
import { eventsEveryMs } from './protocol.js';
import { StationSocket } from './socket.js';

const followPatienceMs = 4000;
const loadFollower = async (...args) =>
  (await import('../engine/follower.js')).Follower.load(...args);

export class Intake extends Source {
  // follow(base, rate, from) → a Follower
  constructor(base, { follow = loadFollower } = {}) {
    super();
    Object.assign(this, { base, follow });
    this.canFollow = true;
    this.follower = null;
    this.untold = []; // events that came before it
    this.settings = { codec: 'auto', token: '' };
    this.opusWorks = false;
    this.meter = new JitterMeter();
    this.decoder = new Decoder(
      (chunk) => this.deliver({ ...chunk, targetMs: this.targetMs }),
      () => {
        this.opusWorks = false;
        this.socket.reconnect();
      },
    );
    this.socket = new StationSocket({
      base,
      codec: () => this.codec,
      token: () => this.settings.token,
    });
    this.socket.addEventListener('link', ({ detail }) =>
      this.emit('link', { ...detail, attempt: this.socket.attempt }),
    );
    this.socket.addEventListener('frame', ({ detail }) => this.frame(detail));
    this.socket.addEventListener('events', ({ detail }) => this.events(detail));
    this.socket.addEventListener('message', ({ detail }) => {
      if (detail.type === 'welcome') this.welcome(detail);
      else if (this.codec === 'none' && typeof detail.position === 'number')
        this.socket.reached(detail.position, opusRate);
      this.emit('message', detail);
    });
    this.ready = opusSupported().then((supported) => {
      this.opusWorks = supported;
    });
  }

  get codec() {
    if (this.settings.codec === 'webrtc') return 'none'; // the page has it, see peer-sound.js
    if (this.settings.codec === 'events' && this.canFollow) return 'events';
    const { codec } = this.settings;
    if (codec === 'pcm' || !this.opusWorks) return 'pcm';
    return codec === 'opus64' ? codec : 'opus';
  }

  get epoch() {
    return this.socket.epoch;
  }

  configure(settings) {
    const authorize = 'token' in settings && settings.token !== this.settings.token;
    Object.assign(this.settings, settings);
    if (authorize) this.socket.authorize();
  }

  open() {
    this.targetMs = null;
    if (this.queue) this.queue = [];
    this.flush();
    this.socket.open();
  }

  close() {
    this.socket.close();
    this.decoder.close();
    this.unfollow();
    this.deliverMark({ leaving: true });
  }

  reconnect() {
    this.socket.reconnect();
  }

  send(message) {
    const jitter = { jitter_ms: Math.round(this.meter.jitterMs * 10) / 10 };
    this.socket.send(message.type === 'client_metrics' ? { ...jitter, ...message } : message);
  }

  underrun() {
    this.meter.underrun(performance.now());
  }

  // A station sends at its own pace.
  level() {}

  welcome({ codec, chunk_ms: chunkMs, sample_rate: rate, state }) {
    this.meter.restart(codec === 'events' ? Math.max(chunkMs, eventsEveryMs) : chunkMs);
    this.unfollow();
    if (codec === 'events') this.beginFollowing(rate, state?.position);
  }

  async beginFollowing(rate, from) {
    const { epoch } = this.socket;
    const untold = (this.untold = []);
    try {
      const follower = await this.follow(this.base, rate, from);
      if (untold !== this.untold) return; // another connection since
      this.untold = null;
      this.follower = follower;
      this.followed = { rate, epoch };
      for (const events of untold) this.events(events);
      this.patience = setTimeout(() => this.checkBegun(), followPatienceMs);
    } catch (error) {
      if (untold === this.untold) this.streamInstead(error);
    }
  }

  // A station that plays a file, or whose composer is away, has no events.
  checkBegun() {
    if (!this.follower.begun) this.streamInstead(new Error('this station tells no events'));
  }

  unfollow() {
    clearTimeout(this.patience);
    this.follower?.free();
    this.follower = null;
    this.untold = [];
  }

  streamInstead(error) {
    console.warn(`Auralis: ${error.message}; the sound is streamed instead`);
    this.canFollow = false;
    this.reconnect();
  }

  events({ text, atMs }) {
    if (!this.follower) {
      this.untold?.push({ text, atMs });
      return;
    }
    try {
      const chunk = this.follower.take(text);
      if (chunk) this.made(chunk, atMs);
    } catch (error) {
      this.streamInstead(error);
    }
  }

  made({ position, samples }, atMs) {
    const { rate, epoch } = this.followed;
    const end = position + samples.length / 2;
    this.socket.reached(end, rate);
    if (!this.queue) this.meter.observe(atMs, end, rate);
    this.pace(atMs);
    this.deliver({ position, rate, epoch, samples, targetMs: this.targetMs });
  }

  frame(frame) {
    // A page that is still setting up delays arrivals as well: they say nothing of the network.
    if (!this.queue) this.meter.observe(frame.atMs, frame.position, frame.rate);
    this.pace(frame.atMs); // before the chunk, which carries it
    this.decoder.push(frame);
  }

  pace(nowMs) {
    this.targetMs = Math.round(this.meter.targetMs(nowMs));
    this.emit('state', {
      targetMs: this.targetMs,
      jitterMs: this.meter.jitterMs,
      codec: this.codec,
    });
  }
}
