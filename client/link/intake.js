// SPDX-License-Identifier: MIT
// From the connection to the audio thread: decodes frames, measures how late they come, and passes
// chunks on with the buffer that their lateness asks for. Runs in a worker (intake-worker.js), or
// on the page's own thread.
//   ready        resolves when it is known what this browser decodes; the first connection waits
//   events       'link' and 'message' of socket.js; 'state' {targetMs, jitterMs, codec} with each
//                frame; 'chunk'

import { Decoder, opusSupported } from '../audio/decoder.js';
import { JitterMeter } from '../audio/jitter.js';
import { Source } from '../audio/source.js';
import { StationSocket } from './socket.js';

export class Intake extends Source {
  constructor(base) {
    super();
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
    this.socket.addEventListener('message', ({ detail }) => {
      if (detail.type === 'welcome') this.meter.restart(detail.chunk_ms);
      this.emit('message', detail);
    });
    this.ready = opusSupported().then((supported) => {
      this.opusWorks = supported;
    });
  }

  get codec() {
    return this.settings.codec === 'pcm' || !this.opusWorks ? 'pcm' : 'opus';
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
    this.deliverMark({ leaving: true });
  }

  reconnect() {
    this.socket.reconnect();
  }

  send(message) {
    const jitter = { jitter_ms: Math.round(this.meter.jitterMs * 10) / 10 };
    this.socket.send(message.type === 'client_metrics' ? { ...message, ...jitter } : message);
  }

  underrun() {
    this.meter.underrun(performance.now());
  }

  // A station sends at its own pace.
  level() {}

  frame(frame) {
    // A page that is still setting up delays arrivals as well: they say nothing of the network.
    if (!this.queue) this.meter.observe(frame.atMs, frame.position, frame.rate);
    this.targetMs = Math.round(this.meter.targetMs(frame.atMs)); // of each chunk, and before it
    this.decoder.push(frame);
    this.emit('state', {
      targetMs: this.targetMs,
      jitterMs: this.meter.jitterMs,
      codec: this.codec,
    });
  }
}
