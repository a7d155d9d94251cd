// SPDX-License-Identifier: MIT
// The page's engine as a build leaves it in build/share/auralis/engine, for Node: what loadEngine()
// gives in the page.
//   → {module, presets, harmony}   module: compiled

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export async function readEngine(folder) {
  const unpacked = (name) => gunzipSync(readFileSync(join(folder, name)));
  const lines = unpacked('presets.bin').toString().trim().split('\n');
  const list = lines.map((line) => JSON.parse(line));
  return {
    module: await WebAssembly.compile(unpacked('auralis.bin')),
    presets: list.map(({ preset }) => preset),
    harmony: list[0].harmony,
  };
}
