// SPDX-License-Identifier: MIT
// How fast the page's module composes and renders, in Node, whose WebAssembly is Chromium's: a line
// of JSON for each piece, {name, realtime}: seconds of sound for each second of the processor.
//   node wasm_speed.mjs ENGINE_FOLDER FIRST_S SECONDS [DENSE.jsonl]
//   first     seconds, are left out
//   dense     an event stream that the engine follows, as long as both together

import { readFileSync } from 'node:fs';
import { EngineModule } from '../client/engine/module.js';
import { readEngine } from './engine_folder.mjs';

const [folder, firstText, secondsText, denseFile] = process.argv.slice(2);
const [firstS, seconds] = [firstText, secondsText].map(Number);
const rate = 44100;
const pullFrames = 256; // as the page asks for it

const { module: compiled, presets, harmony } = await readEngine(folder);
const module = await EngineModule.start(compiled);
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
  measure(preset.name, module.compose({ preset, presets, harmony, seed: '1', rate }));
}
