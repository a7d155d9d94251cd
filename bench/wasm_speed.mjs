// SPDX-License-Identifier: MIT
// How fast the page's module composes and renders, in Node, whose WebAssembly is Chromium's: a line
// of JSON for each piece, {name, realtime}: seconds of sound for each second of the processor.
//   node wasm_speed.mjs ENGINE_FOLDER SECONDS [DENSE.jsonl]
//   first seconds   are left out: the module is still compiled for speed, and a piece begins with
//                   few voices
//   dense           an event stream that the engine follows, and is as long

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { EngineModule } from '../client/engine/module.js';

const [folder, secondsText, denseFile] = process.argv.slice(2);
const seconds = Number(secondsText);
const firstS = 15;
const rate = 44100;
const pullFrames = 256; // as the page asks for it

const unpacked = (name) => gunzipSync(readFileSync(join(folder, name)));
const module = await EngineModule.start(await WebAssembly.compile(unpacked('auralis.bin')));
const lines = unpacked('presets.bin').toString().trim().split('\n');
const library = lines.map((line) => JSON.parse(line));
const presets = library.map(({ preset }) => preset);
const stereo = new Float32Array(2 * pullFrames);

function pull(engine, soundS) {
  for (let left = soundS * rate; left > 0; left -= pullFrames) engine.pull(stereo, 0, pullFrames);
}

function measure(name, engine) {
  pull(engine, firstS);
  const before = process.cpuUsage();
  pull(engine, seconds);
  const { user, system } = process.cpuUsage(before);
  engine.free();
  console.log(JSON.stringify({ name, realtime: seconds / ((user + system) / 1e6) }));
}

if (denseFile) {
  const engine = module.join(rate, 0);
  engine.push(readFileSync(denseFile, 'utf8'));
  measure('dense', engine);
}
for (const preset of presets) {
  const { harmony } = library[0];
  measure(preset.name, module.compose({ preset, presets, harmony, seed: '1', rate }));
}
