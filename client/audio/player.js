// SPDX-License-Identifier: MIT
// The page's end of the sound: audio context, worklet, volume, and what the listener hears at this
// moment.
//   source   what fills the ring: anything with the calls and events of audio/source-proxy.js
//   prepare  builds everything silently; start must be called from a click; stop fades out and lets
//            the device rest; `stopped` resolves when it has faded
//   stream   where sound goes through a media element, as a phone wants it: what to play; `direct`
//            leaves the element out
//   quick    the device is given sound as late as can be, so that a control is heard at once, and
//            wakes the processor more often for it: for the sound made here, but not on a phone
//   heard    the place in the stream that leaves the loudspeaker now, output latency included
//   hear     plays a MediaStream that the browser receives by itself in place of the ring;
//            report() tells of it what the worklet tells of the ring, and jitterMs
//   worklet  through shared memory where the page is isolated, by messages otherwise; a page that
//            is not secure (plain http from another machine) has no worklets, and plays through a
//            ScriptProcessor
//   events   'report' about every 20 ms while playing; 'held' where the system stops the device,
//            'released' where it goes on; 'failed' where the audio thread broke down, and the next
//            start begins anew

import { Playback } from './playback.js';
import { ChunkRing } from './ring.js';

const fadeInS = 0.25;
const fadeOutS = 0.5;
const fadeTimeoutMs = 3000; // where the device stops meanwhile
const scriptFrames = 4096; // the page's own thread fills these, and must not be late

// Firefox (153) asks its audio process, and meanwhile holds a lock that the audio thread may need
// to post a message; while that thread waits, so does the audio process, and the page stands still
// for ever. There it is not asked, and what desktops usually have is assumed.
const mayHangWhenAsked = typeof globalThis.mozInnerScreenX === 'number';
const assumedLatencyS = 0.03;

const outputLatencyS = (context) =>
  mayHangWhenAsked ? assumedLatencyS : context.outputLatency || context.baseLatency || 0;

export class Player extends EventTarget {
  constructor(source, { element = false, quick = false } = {}) {
    super();
    this.source = source;
    this.wantsElement = element;
    this.isPhone = element;
    this.quick = quick && !element;
    this.stream = null;
    this.volume = 1;
    this.active = false;
    this.report = null;
    this.underruns = 0;
    this.remote = null;
    this.underrunsReported = 0; // to the station
    this.underrunsBefore = 0; // this connection
    this.sourceState = {};
    source.addEventListener('state', ({ detail }) => {
      this.sourceState = detail;
    });
  }

  // Everything but the sound: may be done before the click, so that nothing is left to load then.
  prepare() {
    if (!this.ready) {
      const ready = this.build();
      this.ready = ready;
      ready.catch(() => {
        if (this.ready === ready) this.ready = null; // the next try begins anew
      });
    }
    return this.ready;
  }

  // Opens the device anew where that needs another latency. Only while nothing plays.
  setQuick(wanted) {
    const quick = wanted && !this.isPhone;
    if (quick === this.quick || typeof AudioWorkletNode === 'undefined') return;
    this.quick = quick;
    this.source.disconnect();
    this.context?.close().catch(() => {});
    this.ready = null;
    this.prepare().catch(() => {}); // starting tries again, and tells
    this.context?.suspend().catch(() => {}); // on a page that was clicked before it runs at once
  }

  async build() {
    const context = new AudioContext({ latencyHint: this.quick ? 0 : 'interactive' });
    this.context = context;
    this.ring = { counted: 0 }; // of its underruns
    try {
      await this.wire(context);
    } catch (error) {
      if (context === this.context) {
        context.close().catch(() => {});
        throw error;
      }
    }
    if (context !== this.context) await this.prepare(); // setQuick() was faster
  }

  async wire(context) {
    // A call came in, or the system took the device away.
    context.onstatechange = () => {
      if (!this.active || context !== this.context || context.state === 'closed') return;
      const runs = context.state === 'running';
      this.dispatchEvent(new Event(runs ? 'released' : 'held'));
      if (runs) return;
      context.resume().catch(() => {}); // else when this page is looked at again
    };
    this.fader = new GainNode(context, { gain: 0 }); // play, pause, sleep timer
    this.gain = new GainNode(context, { gain: this.volume });
    this.analysers = [0, 1].map(
      () => new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0.6 }),
    );
    const splitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
    const { fader } = this;
    fader.connect(this.gain);
    this.connectOutput(context);
    fader.connect(splitter);
    this.analysers.forEach((analyser, side) => splitter.connect(analyser, side));
    const output = context.audioWorklet ? await this.worklet(context) : this.script(context);
    output?.connect(fader);
  }

  connectOutput(context) {
    this.stream = null;
    if (!this.wantsElement) {
      this.gain.connect(context.destination);
      return;
    }
    this.outlet = new MediaStreamAudioDestinationNode(context);
    this.gain.connect(this.outlet);
    this.stream = this.outlet.stream;
  }

  direct() {
    this.wantsElement = false;
    if (!this.stream) return;
    this.gain.disconnect(this.outlet);
    this.connectOutput(this.context);
  }

  async start() {
    if (this.active) return;
    this.active = true;
    this.report = null;
    this.sourceState = {};
    try {
      const ready = this.prepare();
      this.context?.resume().catch(() => {}); // when the device runs: sound need not wait for it
      await ready;
    } catch (error) {
      this.active = false;
      throw error;
    }
    if (this.active) this.setFade(1, fadeInS / 4);
  }

  // null: the device was opened anew meanwhile.
  async worklet(context) {
    await context.audioWorklet.addModule(new URL('player-worklet.js', import.meta.url));
    if (context !== this.context) return null;
    // WebKitGTK is isolated, and has none all the same.
    const shares = globalThis.crossOriginIsolated && typeof SharedArrayBuffer === 'function';
    const node = new AudioWorkletNode(context, 'auralis-player', {
      numberOfInputs: 0,
      outputChannelCount: [2],
    });
    this.source.connect(() => {
      const { port1, port2 } = new MessageChannel(); // chunks need not pass through the page
      const shared = shares ? ChunkRing.allocate() : null;
      node.port.postMessage({ source: port1, shared }, [port1]);
      return { shared, port: port2 };
    });
    node.port.onmessage = ({ data }) => context === this.context && this.reported(data);
    node.onprocessorerror = () => {
      if (context !== this.context) return;
      context.close();
      this.ready = null;
      this.dispatchEvent(new Event('failed'));
    };
    this.transport = shares ? 'shared' : 'messages';
    return node;
  }

  script(context) {
    const playback = new Playback(context.sampleRate, scriptFrames);
    const node = context.createScriptProcessor(scriptFrames, 0, 2);
    node.onaudioprocess = ({ outputBuffer, playbackTime }) => {
      playback.pull(outputBuffer.getChannelData(0), outputBuffer.getChannelData(1));
      this.reported({
        ...playback.report(),
        contextTime: playbackTime + scriptFrames / context.sampleRate,
      });
      this.source.level(playback.level());
    };
    this.source.addEventListener('chunk', ({ detail }) => playback.push(detail));
    this.source.connect(() => ({}));
    this.transport = 'script';
    return node;
  }

  // Fades out, forgets what is left, then lets the device rest.
  stop() {
    if (!this.active) return;
    this.active = false;
    this.setFade(0, fadeOutS / 8); // to -69 dB
    this.stopped = this.faded().then(() => {
      if (this.active || this.context.state === 'closed') return;
      this.source.flush(); // before the device runs again
      this.context.suspend().catch(() => {});
    });
  }

  // By the device's clock, not the page's: a device that stood still meanwhile has not played the
  // fade.
  async faded() {
    const { context } = this;
    const end = context.currentTime + fadeOutS;
    const latestMs = performance.now() + fadeTimeoutMs;
    let leftS = fadeOutS;
    while (leftS > 0 && context.state === 'running' && performance.now() < latestMs) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(10, leftS * 1000)));
      leftS = end - context.currentTime;
    }
  }

  // A new connection counts breaks anew, with those that were not reported on the last one.
  connected() {
    this.underrunsBefore = this.underrunsReported;
  }

  // metrics() has been sent to the station.
  metricsSent() {
    this.underrunsReported = this.underruns;
  }

  // Through the same fader, volume and analysers. null: the ring again.
  hear(stream, report) {
    this.remote?.node.disconnect();
    if (this.remote) this.remote.element.srcObject = null;
    this.remote = null;
    if (!stream) return;
    const node = new MediaStreamAudioSourceNode(this.context, { mediaStream: stream });
    node.connect(this.fader);
    // Chromium fills a context from a remote stream only while an element plays it as well.
    const element = new Audio();
    element.muted = true;
    element.srcObject = stream;
    element.play().catch(() => {});
    this.remote = { node, element, report, counted: 0 };
  }

  // How the sound gets to the device.
  get way() {
    return this.remote ? 'browser' : this.transport;
  }

  reported(ringReport) {
    if (!this.active) return;
    const report = this.remote ? { ...ringReport, ...this.remote.report() } : ringReport;
    if (this.remote) {
      const { fillMs: targetMs, jitterMs } = report;
      this.sourceState = { codec: 'webrtc', targetMs, jitterMs };
    }
    const counter = this.remote ?? this.ring;
    if (report.underruns > counter.counted) {
      this.underruns += report.underruns - counter.counted;
      counter.counted = report.underruns;
      this.source.underrun();
    }
    this.report = report;
    this.dispatchEvent(new Event('report'));
  }

  // {position, rate, epoch} that the listener hears now, or null.
  heard() {
    if (!this.report?.played) return null;
    const { played, rate, trim, playing, contextTime } = this.report;
    const latencyS = outputLatencyS(this.context);
    const sinceS = (playing ? this.context.currentTime - contextTime : 0) - latencyS;
    return { position: played.position + sinceS * rate * (1 + trim), rate, epoch: played.epoch };
  }

  setVolume(volume) {
    this.volume = volume;
    if (this.context) this.gain.gain.setTargetAtTime(volume, this.context.currentTime, 0.03);
  }

  // level 0 … 1; slow enough by default to be called now and then, as the sleep timer does.
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
      ...(this.remote && { jitter_ms: Math.round(this.report.jitterMs * 10) / 10 }),
    };
  }
}
