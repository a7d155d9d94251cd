// SPDX-License-Identifier: MIT
// The page's end of the sound: audio context, worklet, volume, and what the listener hears at this moment.
//   prepare  builds everything silently; start must be called from a click; stop fades out and lets the device rest
//   heard    the place in the stream that leaves the loudspeaker now, output latency included
//   worklet  through shared memory where the page is isolated, by messages otherwise; a page that is not secure
//            (plain http from another machine) has no worklets, and plays through a ScriptProcessor
//   events   'report' about every 20 ms while playing

import { Decoder } from './decoder.js';
import { JitterMeter } from './jitter.js';
import { Playback } from './playback.js';
import { ChunkRing } from './ring.js';

const fadeInS = 0.25;
const fadeOutS = 0.4;
const scriptFrames = 4096; // the page's own thread fills these, and must not be late

export class Player extends EventTarget {
  constructor({ onDecodeError = () => {} } = {}) {
    super();
    this.onDecodeError = onDecodeError;
    this.meter = new JitterMeter();
    this.volume = 1;
    this.active = false;
    this.report = null;
    this.underruns = 0;
  }

  // Everything but the sound: may be done before the click, so that nothing is left to load then.
  prepare() {
    this.ready ??= this.build().catch((error) => { // the next try begins anew
      this.ready = null;
      this.context?.close();
      throw error;
    });
    return this.ready;
  }

  async build() {
    const context = new AudioContext({ latencyHint: 'interactive' });
    this.context = context;
    this.fader = new GainNode(context, { gain: 0 }); // play, pause, sleep timer
    this.gain = new GainNode(context, { gain: this.volume });
    this.analysers = [0, 1].map(() => new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0.6 }));
    const splitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
    this.fader.connect(this.gain).connect(context.destination);
    this.fader.connect(splitter);
    this.analysers.forEach((analyser, side) => splitter.connect(analyser, side));
    this.decoder = new Decoder((chunk) => this.send({ chunk: { ...chunk, targetMs: this.targetMs, chunkMs: this.meter.chunkMs } }), this.onDecodeError);
    this.queue = []; // what arrives before the worklet is there
    const source = context.audioWorklet ? await this.worklet(context) : this.script(context);
    source.connect(this.fader);
    for (const message of this.queue.splice(0)) this.post(message);
    this.queue = null;
  }

  async start() {
    if (this.active) return;
    this.active = true;
    this.report = null;
    this.targetMs = null;
    try {
      const ready = this.prepare();
      this.context.resume(); // resolves when the device runs; the sound need not wait for it
      this.send({ chunk: { flush: true, position: 0, rate: 0, epoch: 0, samples: new Float32Array(0) } });
      await ready;
    } catch (error) {
      this.active = false;
      throw error;
    }
    if (this.active) this.setFade(1, fadeInS / 4);
  }

  async worklet(context) {
    await context.audioWorklet.addModule(new URL('player-worklet.js', import.meta.url));
    const shared = globalThis.crossOriginIsolated ? ChunkRing.allocate() : null;
    const node = new AudioWorkletNode(context, 'auralis-player', {
      numberOfInputs: 0,
      outputChannelCount: [2],
      processorOptions: { shared },
    });
    const ring = shared && new ChunkRing(shared);
    this.post = (message) => {
      if (message.chunk && ring) ring.push(message.chunk); // a full ring means that nothing plays: nothing is lost
      else node.port.postMessage(message);
    };
    node.port.onmessage = ({ data }) => this.reported(data);
    this.transport = shared ? 'shared' : 'messages';
    return node;
  }

  script(context) {
    const playback = new Playback(context.sampleRate);
    const node = context.createScriptProcessor(scriptFrames, 0, 2);
    node.onaudioprocess = ({ outputBuffer, playbackTime }) => {
      playback.pull(outputBuffer.getChannelData(0), outputBuffer.getChannelData(1));
      this.reported({ ...playback.report(), contextTime: playbackTime + scriptFrames / context.sampleRate });
    };
    this.post = ({ chunk, leaving }) => {
      if (chunk) playback.push(chunk);
      if (leaving) playback.leaving = true;
    };
    this.transport = 'script';
    return node;
  }

  // Fades out, then lets the device rest.
  async stop() {
    if (!this.active) return;
    this.active = false;
    this.send({ leaving: true });
    this.setFade(0, fadeOutS / 5);
    await new Promise((resolve) => setTimeout(resolve, fadeOutS * 1000));
    if (!this.active) await this.context.suspend();
  }

  // A new connection: arrivals begin a new count.
  connected(chunkMs) {
    this.meter.restart(chunkMs);
    this.underrunsBefore = this.underruns;
  }

  push(frame) {
    if (!this.active) return;
    if (!this.queue) this.meter.observe(frame.atMs, frame.position, frame.rate); // setting up delays arrivals, too
    this.targetMs = Math.round(this.meter.targetMs(frame.atMs)); // travels with the sound, so that it is known before it
    this.decoder.push(frame);
  }

  send(message) {
    if (this.queue) this.queue.push(message);
    else this.post(message);
  }

  reported(report) {
    if (!this.active) return;
    if (report.underruns > this.underruns) {
      this.underruns = report.underruns;
      this.meter.underrun(performance.now());
    }
    this.report = report;
    this.dispatchEvent(new Event('report'));
  }

  // {position, rate, epoch} that the listener hears now, or null.
  heard() {
    if (!this.report?.played) return null;
    const { played, rate, trim, playing, contextTime } = this.report;
    const latencyS = this.context.outputLatency || this.context.baseLatency || 0;
    const sinceS = (playing ? this.context.currentTime - contextTime : 0) - latencyS;
    return { position: played.position + sinceS * rate * (1 + trim), rate, epoch: played.epoch };
  }

  setVolume(volume) {
    this.volume = volume;
    if (this.context) this.gain.gain.setTargetAtTime(volume, this.context.currentTime, 0.03);
  }

  // Towards 0 … 1: by default slowly enough to be called now and then, as the sleep timer does.
  setFade(level, timeConstantS = 0.5) {
    if (!this.context) return;
    this.fader.gain.cancelScheduledValues(this.context.currentTime);
    this.fader.gain.setTargetAtTime(level, this.context.currentTime, timeConstantS);
  }

  metrics() {
    if (!this.report) return null;
    return {
      buffer_ms: Math.round(this.report.fillMs),
      underruns: this.underruns - this.underrunsBefore,
      rate: 1 + this.report.trim,
      jitter_ms: Math.round(this.meter.jitterMs * 10) / 10,
    };
  }
}
