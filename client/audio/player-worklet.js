// SPDX-License-Identifier: MIT
// The audio thread's end: takes chunks from shared memory or from messages, plays them, tells where
// it is.
//   source   {source: a port, shared: a ChunkRing's memory or null}: chunks come through either;
//            who sends {levels: n} to the port is told every n quanta where it plays

import { Playback } from './playback.js';
import { ChunkRing } from './ring.js';

const quantaPerReport = 8; // 21 ms at 48 kHz

class PlayerProcessor extends AudioWorkletProcessor {
  constructor() {
    super();
    this.playback = new Playback(sampleRate);
    this.sources = [];
    this.quanta = 0;
    this.port.onmessage = ({ data }) => this.add(data);
  }

  add({ source: port, shared }) {
    const source = { port, ring: shared && new ChunkRing(shared), levels: 0 };
    port.onmessage = ({ data: { chunk, levels } }) => {
      if (chunk) this.playback.push(chunk);
      if (levels) source.levels = levels;
    };
    this.sources.push(source);
  }

  process(_inputs, [[left, right]]) {
    for (const { ring } of this.sources) {
      for (let chunk; (chunk = ring?.shift());) this.playback.push(chunk);
    }
    this.playback.pull(left, right);
    for (const { port, levels } of this.sources) {
      if (levels && this.quanta % levels === 0) port.postMessage(this.playback.level());
    }
    if (++this.quanta % quantaPerReport === 0) {
      this.port.postMessage({
        ...this.playback.report(),
        contextTime: currentTime + left.length / sampleRate,
      });
    }
    return true;
  }
}

registerProcessor('auralis-player', PlayerProcessor);
