// SPDX-License-Identifier: MIT
// What sources of sound have in common: their events, and the way that chunks take to the player.
//   sink   {shared} a ChunkRing's memory, {port} to the audio thread, or neither: then each chunk
//          is a 'chunk' event

import { ChunkRing } from './ring.js';

export class Source extends EventTarget {
  constructor() {
    super();
    this.queue = []; // chunks that come while there is no sink; else null
    this.ring = null;
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  connect({ shared, port }) {
    this.port = port;
    this.ring = shared ? new ChunkRing(shared) : null;
    if (this.ring)
      this.put = (chunk) => this.ring.push(chunk); // full only while nothing plays: no loss
    else if (port) this.put = (chunk) => port.postMessage({ chunk }, [chunk.samples.buffer]);
    else this.put = (chunk) => this.emit('chunk', chunk);
    for (const chunk of this.queue ?? []) this.put(chunk);
    this.queue = null;
  }

  // There is no way to the player any more: what comes waits for another one.
  disconnect() {
    this.port?.close();
    this.port = null;
    this.ring = null;
    this.queue ??= [];
  }

  // What has not been heard yet never will be.
  flush() {
    this.deliverMark({ flush: true });
  }

  // Not sound, but what is to happen between what came before and what comes after.
  deliverMark(mark) {
    this.deliver({ ...mark, position: 0, rate: 0, epoch: 0, samples: new Float32Array(0) });
  }

  deliver(chunk) {
    if (this.queue) this.queue.push(chunk);
    else this.put(chunk);
  }
}
