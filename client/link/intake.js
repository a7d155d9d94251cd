// SPDX-License-Identifier: MIT
// From the connection to what the audio thread plays: takes frames in, decodes them, measures how
// late they come, and hands chunks on with the buffer that they ask for. Runs beside the page
// (intake-worker.js), or on it.
//   sink     {shared} a ChunkRing's memory, {port} to the audio thread, or neither: then each chunk
//            is a 'chunk' event
//   known    resolves when it is known what this browser can decode: the first connection asks for
//            a codec
//   events   'link' and 'message' as of stream.js; 'state' {targetMs, jitterMs, codec} with each
//            frame; 'chunk'

import { Decoder, opusSupported } from '../audio/decoder.js';
import { JitterMeter } from '../audio/jitter.js';
import { ChunkRing } from '../audio/ring.js';
import { Stream } from './socket.js';

export const intakeEvents = ['link', 'message', 'state', 'chunk'];

export class Intake extends EventTarget {
  constructor(base) {
    super();
    this.settings = { codec: 'auto', token: '' };
    this.opusWorks = false;
    this.queue = []; // what comes before there is a sink
    this.meter = new JitterMeter();
    this.decoder = new Decoder(
      (chunk) => this.hand({ ...chunk, targetMs: this.targetMs }),
      () => {
        this.opusWorks = false;
        this.stream.reconnect();
      },
    );
    this.stream = new Stream({ base, codec: () => this.codec, token: () => this.settings.token });
    this.stream.addEventListener('link', ({ detail }) =>
      this.emit('link', { ...detail, attempt: this.stream.attempt }),
    );
    this.stream.addEventListener('frame', ({ detail }) => this.frame(detail));
    this.stream.addEventListener('message', ({ detail }) => {
      if (detail.type === 'welcome') this.meter.restart(detail.chunk_ms);
      this.emit('message', detail);
    });
    this.known = opusSupported().then((supported) => {
      this.opusWorks = supported;
    });
  }

  get codec() {
    return this.settings.codec === 'pcm' || !this.opusWorks ? 'pcm' : 'opus';
  }

  get epoch() {
    return this.stream.epoch;
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  configure(settings) {
    const authorize = 'token' in settings && settings.token !== this.settings.token;
    Object.assign(this.settings, settings);
    if (authorize) this.stream.authorize();
  }

  open() {
    this.targetMs = null;
    if (this.queue) this.queue = [];
    this.flush();
    this.stream.open();
  }

  close() {
    this.stream.close();
    this.decoder.close();
    this.mark({ leaving: true });
  }

  reconnect() {
    this.stream.reconnect();
  }

  send(message) {
    this.stream.send(
      message.type === 'client_metrics'
        ? { ...message, jitter_ms: Math.round(this.meter.jitterMs * 10) / 10 }
        : message,
    );
  }

  // What has not been heard yet never will be.
  flush() {
    this.mark({ flush: true });
  }

  underrun() {
    this.meter.underrun(performance.now());
  }

  connect({ shared, port }) {
    const ring = shared && new ChunkRing(shared);
    if (ring)
      this.put = (chunk) => ring.push(chunk); // a full ring means that nothing plays: nothing is lost
    else if (port) this.put = (chunk) => port.postMessage({ chunk }, [chunk.samples.buffer]);
    else this.put = (chunk) => this.emit('chunk', chunk);
    for (const chunk of this.queue ?? []) this.put(chunk);
    this.queue = null;
  }

  frame(frame) {
    if (!this.queue) this.meter.observe(frame.atMs, frame.position, frame.rate); // a page that is setting up delays arrivals, too
    this.targetMs = Math.round(this.meter.targetMs(frame.atMs)); // travels with the sound, so that it is known before it
    this.decoder.push(frame);
    this.emit('state', {
      targetMs: this.targetMs,
      jitterMs: this.meter.jitterMs,
      codec: this.codec,
    });
  }

  mark(what) {
    this.hand({ ...what, position: 0, rate: 0, epoch: 0, samples: new Float32Array(0) });
  }

  hand(chunk) {
    if (this.queue) this.queue.push(chunk);
    else this.put(chunk);
  }
}
