// SPDX-License-Identifier: MIT
// The same broadcast as broadcast.cpp by Node's `ws`: every listener gets the same 100 ms frame on
// an absolute clock.
//   usage   node broadcast.mjs PORT SECONDS
import { WebSocketServer } from 'ws';

const [port, seconds] = process.argv.slice(2).map(Number);
const rate = 44100,
  frames = rate / 10;
const server = new WebSocketServer({
  host: '127.0.0.1',
  port,
  perMessageDeflate: false,
  backlog: 4096,
  clientTracking: true,
  handleProtocols: (offered) => (offered.has('auralis.v1') ? 'auralis.v1' : false),
});

let sequence = 0;
const began = performance.now();
function tick() {
  const chunk = Buffer.alloc(24 + frames * 4);
  chunk.set([1, 0, 2, 0]);
  chunk.writeUInt32LE(sequence, 4);
  chunk.writeBigUInt64LE(BigInt(sequence) * BigInt(frames), 8);
  chunk.writeUInt32LE(rate, 16);
  chunk.writeUInt32LE(frames, 20);
  for (const listener of server.clients) {
    // A listener that is behind misses this one, as in every broadcaster here.
    if (listener.readyState === 1 && listener.bufferedAmount === 0)
      listener.send(chunk, { binary: true });
  }
  sequence += 1;
  if (sequence >= seconds * 10) process.exit(0);
  setTimeout(tick, began + 100 * sequence - performance.now());
}
setTimeout(tick, 100);
