// SPDX-License-Identifier: MIT
// Makes a file of what was heard, on a thread of its own.
//   in    {base, material, format, title}
//   out   {share} on the way, then {blob}, or {error}

import { EngineModule, loadEngine } from './module.js';
import { record } from './recording.js';

self.onmessage = async ({ data: { base, material, ...rest } }) => {
  try {
    const library = await loadEngine(base);
    const { start } = EngineModule;
    const progress = (share) => postMessage({ share });
    postMessage({ blob: await record(material, { library, start, progress, ...rest }) });
  } catch (error) {
    postMessage({ error: error.message });
  }
};
