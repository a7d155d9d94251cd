// SPDX-License-Identifier: MIT
// The module in Node: interleaved stereo float32 on standard output, on standard error how fast
// it was.
//   node wasm.mjs auralis.wasm follow <piece.jsonl >piece.f32
//   node wasm.mjs auralis.wasm compose <piece.json >piece.f32
import { readFileSync, writeSync } from 'node:fs';

const [, , module, kind] = process.argv;
const exit = (status) => {
  throw new Error(`the module ended with ${status}`);
};
const imports = {
  env: { emscripten_notify_memory_growth() {} }, // its memory is looked up anew each time
  wasi_snapshot_preview1: { proc_exit: exit },
};
const { instance } = await WebAssembly.instantiate(readFileSync(module), imports);
const engine = instance.exports;
engine._initialize();

const text = () => {
  const bytes = new Uint8Array(
    engine.memory.buffer,
    engine.auralis_text(),
    engine.auralis_text_size(),
  );
  return new TextDecoder().decode(bytes);
};
const place = (bytes) => {
  const at = engine.malloc(bytes.length + 1);
  const to = new Uint8Array(engine.memory.buffer, at, bytes.length + 1);
  to.set(bytes);
  to[bytes.length] = 0;
  return at;
};

const input = readFileSync(0);
const at = place(input);
const follows = kind === 'follow';
const piece = follows ? engine.auralis_follow(44100) : engine.auralis_compose(at);
if (!piece) throw new Error(text());
if (follows && engine.auralis_push(piece, at, input.length) !== 0) throw new Error(text());
engine.free(at);

const blockFrames = 4096;
const block = engine.malloc(blockFrames * 8);
let frames = 0;
let spentMs = 0;
for (;;) {
  const began = performance.now();
  const made = engine.auralis_pull(piece, block, blockFrames);
  spentMs += performance.now() - began;
  if (made < 0) throw new Error(text());
  if (made === 0) break;
  frames += made;
  for (let bytes = new Uint8Array(engine.memory.buffer, block, made * 8); bytes.length;)
    bytes = bytes.subarray(writeSync(1, bytes));
}
const memoryMb = engine.memory.buffer.byteLength / 1e6;
console.error(
  JSON.stringify({ seconds: frames / 44100, realtime: frames / 44.1 / spentMs, memoryMb }),
);
