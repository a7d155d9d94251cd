// SPDX-License-Identifier: MIT
// The engine in WebAssembly: what lib/engine/auralis.h offers, as JavaScript has it.
//   files     engine/auralis.bin, the module, and engine/presets.bin, lines of {preset, harmony} as
//             `auralis-compose --show-preset NAME --json` prints them: both by gzip, since not
//             every server compresses; they are there where the page was built with the engine
//   numbers   sound is interleaved stereo float32
//   errors    EngineError, with the field at fault where a control is refused

export class EngineError extends Error {
  constructor(message, field) {
    super(message);
    this.field = field;
  }
}

// A function with a handler of exceptions and an instruction of SIMD: what the module needs.
const probe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 13, 1, 11, 0],
  ...[6, 64, 25, 11, 65, 0, 253, 15, 26, 11],
);

export function engineSupported() {
  return typeof DecompressionStream === 'function' && WebAssembly?.validate?.(probe) === true;
}

async function unpacked(name, type, base) {
  const response = await fetch(new URL(`engine/${name}`, base));
  if (!response.ok) throw new EngineError(`engine/${name} answers ${response.status}`);
  const stream = response.body.pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream, { headers: { 'Content-Type': type } });
}

const presetsIn = async (base) => {
  const lines = await (await unpacked('presets.bin', 'text/plain', base)).text();
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
};

// Whether the page has an engine.
export async function findEngine(base) {
  try {
    return (await fetch(new URL('engine/presets.bin', base))).ok;
  } catch {
    return false;
  }
}

export const loadModule = (base) =>
  WebAssembly.compileStreaming(unpacked('auralis.bin', 'application/wasm', base));

// → {module, presets, harmony}
export async function loadEngine(base) {
  const [module, list] = await Promise.all([loadModule(base), presetsIn(base)]);
  return { module, presets: list.map(({ preset }) => preset), harmony: list[0].harmony };
}

// One module that runs: its memory, and the engines in it.
export class EngineModule {
  // memory: of another one at rest, to be a copy of
  static async start(module, memory) {
    const imports = {
      env: { emscripten_notify_memory_growth() {} }, // its memory is looked up anew each time
      wasi_snapshot_preview1: {
        proc_exit: (status) => {
          throw new EngineError(`the engine ended with ${status}`);
        },
      },
    };
    return new EngineModule(await WebAssembly.instantiate(module, imports), memory);
  }

  constructor({ exports }, memory) {
    this.calls = exports;
    exports._initialize();
    if (!memory) return;
    const pages = Math.ceil((memory.byteLength - exports.memory.buffer.byteLength) / 65536);
    if (pages > 0) exports.memory.grow(pages);
    new Uint8Array(exports.memory.buffer).set(new Uint8Array(memory));
  }

  get text() {
    const { memory, auralis_text: at, auralis_text_size: size } = this.calls;
    return new TextDecoder().decode(new Uint8Array(memory.buffer, at(), size()));
  }

  // What call(address) answers, with the text in the module's memory meanwhile.
  withText(text, call) {
    const bytes = new TextEncoder().encode(text);
    const at = this.calls.malloc(bytes.length + 1);
    const place = new Uint8Array(this.calls.memory.buffer, at, bytes.length + 1);
    place.set(bytes);
    place[bytes.length] = 0;
    try {
      return call(at, bytes.length);
    } finally {
      this.calls.free(at);
    }
  }

  failure() {
    const { text } = this;
    try {
      const { field, message } = JSON.parse(text);
      return new EngineError(message, field);
    } catch {
      return new EngineError(text);
    }
  }

  // piece: {preset, harmony, presets, seed, controls, duration_s, rate} of auralis.h
  compose(piece) {
    const engine = this.withText(JSON.stringify(piece), (at) => this.calls.auralis_compose(at));
    if (!engine) throw this.failure();
    return new Engine(this, engine);
  }

  // One that follows the events pushed into it, from a second of their piece on.
  join(rate, fromS) {
    const engine = this.calls.auralis_join(rate, fromS);
    if (!engine) throw this.failure();
    return new Engine(this, engine);
  }

  // Lines of a whole piece → a MIDI file's bytes
  midi(lines) {
    const size = this.withText(lines, (at, bytes) => this.calls.auralis_midi(at, bytes));
    if (size < 0) throw this.failure();
    const { memory, auralis_text: at } = this.calls;
    return new Uint8Array(memory.buffer, at(), size).slice();
  }

  // One that lies in a copied memory.
  engineAt(address) {
    return new Engine(this, address);
  }

  get controlTable() {
    this.calls.auralis_controls();
    return JSON.parse(this.text);
  }
}

const mostFrames = 4096; // of one pull

export class Engine {
  constructor(module, address) {
    Object.assign(this, { module, address, calls: module.calls });
    this.block = this.calls.malloc(mostFrames * 8);
  }

  free() {
    this.calls.auralis_free(this.address);
    this.calls.free(this.block);
  }

  // Copies so many frames into `stereo`, from `at` on; answers how many: fewer at the end.
  pull(stereo, at, frames) {
    const made = this.calls.auralis_pull(this.address, this.block, frames);
    if (made < 0) throw this.module.failure();
    stereo.set(this.pulled(2 * made), 2 * at);
    return made;
  }

  // The last pull as it lies in the memory, whose buffer is another one once it has grown.
  pulled(count) {
    const { buffer } = this.calls.memory;
    if (this.view?.buffer !== buffer || this.view.length !== count) {
      this.view = new Float32Array(buffer, this.block, count);
    }
    return this.view;
  }

  // Lines of an event stream, where it follows.
  push(lines) {
    const status = this.module.withText(lines, (at, size) =>
      this.calls.auralis_push(this.address, at, size),
    );
    if (status !== 0) throw this.module.failure();
  }

  // {field: value} → what was applied
  control(fields) {
    const status = this.module.withText(JSON.stringify(fields), (at) =>
      this.calls.auralis_control(this.address, at),
    );
    if (status !== 0) throw this.module.failure();
    return JSON.parse(this.module.text);
  }

  // The lines of the events since the last call.
  events() {
    return this.calls.auralis_events(this.address) > 0 ? this.module.text : '';
  }

  state() {
    this.calls.auralis_state(this.address);
    return JSON.parse(this.module.text);
  }

  // The address of a copy.
  snapshot() {
    return this.calls.auralis_snapshot(this.address);
  }

  finish() {
    return this.calls.auralis_finish(this.address);
  }
}
