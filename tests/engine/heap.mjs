// SPDX-License-Identifier: MIT
// The memory of the page's engine while a piece goes on, in Node: a line of JSON each,
// {minutes, heap_mb, engine_mb}, what JavaScript holds and what the module does.
//   node --expose-gc heap.mjs ENGINE_FOLDER MINUTES
//   copies       of the piece are kept each ten seconds here, not each five minutes: it is they
//                that take memory and give it back, so that a minute stands for half an hour
//   first line   of one piece, as it begins
//   last line    after so many minutes of music, made as fast as it goes: what is free between what
//                is kept is cut up by then

import { readEngine } from '../../bench/engine_folder.mjs';
import { EngineSource } from '../../client/engine/engine-source.js';

const [folder, minutes] = process.argv.slice(2);
const rate = 44100;

const source = new EngineSource('', { load: () => readEngine(folder), keepS: 10 });
source.connect({});
await source.newPiece({ seed: '1', preset: 'focus' });
await source.open();

async function play(until) {
  const { piece, epoch } = source;
  while (piece.frame < until * 60 * rate) {
    source.level({ played: { position: piece.frame, epoch }, leastMs: 5 });
  }
  for (let i = 0; i < 3; ++i) {
    globalThis.gc();
    await new Promise(setImmediate);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const engine = source.module.calls.memory.buffer.byteLength;
  const mb = (bytes) => Math.round(bytes / 1e4) / 100;
  console.log(
    JSON.stringify({ minutes: until, heap_mb: mb(heapUsed + arrayBuffers), engine_mb: mb(engine) }),
  );
}

await play(0);
await play(Number(minutes));
process.exit();
