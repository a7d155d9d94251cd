// SPDX-License-Identifier: MIT
// The audio thread's end: takes chunks from shared memory or from messages, plays them, tells where
// it is.

import { Playback } from './playback.js';
import { ChunkRing } from './ring.js';

const quantaPerReport = 8; // 21 ms at 48 kHz

class PlayerProcessor extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.playback = new Playback(sampleRate);
    this.ring = processorOptions.shared ? new ChunkRing(processorOptions.shared) : null;
    this.quanta = 0;
    this.port.onmessage = ({ data }) => {
      if (data.source) data.source.onmessage = ({ data: { chunk } }) => this.playback.push(chunk);
    };
  }

  process(_inputs, [[left, right]]) {
    for (let chunk; (chunk = this.ring?.shift());) this.playback.push(chunk);
    this.playback.pull(left, right);
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
