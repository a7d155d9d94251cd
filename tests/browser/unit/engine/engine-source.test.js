// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { EngineSource } from '../../../../client/engine/engine-source.js';
import { pullFrames, rate } from '../../../../client/engine/piece.js';
import { pcm16 } from '../../../../client/audio/wav.js';
import { record } from '../../../../client/engine/recording.js';
import { fakeModule, library } from '../../fixture/fake-engine.js';

// Every browser has it, Node since 19.
globalThis.CustomEvent ??= class extends Event {
  constructor(type, { detail }) {
    super(type);
    this.detail = detail;
  }
};

let module;
let source;
let chunks;
let said;

beforeEach(() => {
  module = fakeModule();
  source = new EngineSource('http://host/', {
    load: async () => ({ ...library, module: {} }),
    start: async () => module,
  });
  chunks = [];
  said = [];
  source.addEventListener('chunk', ({ detail }) => chunks.push(detail));
  source.addEventListener('message', ({ detail }) => said.push(detail));
});

const open = async () => {
  source.connect({});
  await source.open();
};
const framesMade = () => chunks.reduce((sum, { samples }) => sum + samples.length / 2, 0);
const playedTo = (position) => source.level({ played: { position, epoch: 0 }, leastMs: 5 });
const aheadMs = (position) => ((framesMade() - position) / rate) * 1000;

test('it welcomes as a station does, and makes 80 ms of sound at once, rounded up to a pull', async () => {
  await open();
  assert.equal(said[0].type, 'welcome');
  assert.equal(said[0].sample_rate, rate);
  assert.equal(said[0].state.bpm, 60);
  assert.ok(aheadMs(0) >= 80 && aheadMs(0) < 80 + (pullFrames / rate) * 1000);
});

test('it makes what was played anew, 32 ms ahead once it runs: every frame once and in order', async () => {
  await open();
  source.openedAt -= 1500;
  const first = rate / 10;
  for (let played = first; played < 50000; played += 97) {
    playedTo(played);
    assert.ok(aheadMs(played) >= 32 && aheadMs(played) < 42);
  }
  const frames = chunks.flatMap(({ samples }) => [...samples].filter((_, i) => i % 2 === 0));
  assert.ok(frames.every((value, i) => value === i));
});

test('a control is acknowledged with the frame at which it is heard, and logged; one out of range is refused', async () => {
  await open();
  const { frame } = source.piece;
  source.send({ type: 'control', id: 'a', bpm: 72 });
  const ack = said.find(({ type }) => type === 'control_ack');
  assert.deepEqual(ack, {
    type: 'control_ack',
    id: 'a',
    applied: { bpm: 72 },
    position: frame + 100,
  });
  assert.equal(said.find(({ type, bpm }) => type === 'state' && bpm === 72).position, frame + 100);
  assert.deepEqual((await source.score()).log, [{ frame, controls: { bpm: 72 } }]);
  source.send({ type: 'control', id: 'b', bpm: 113 });
  assert.equal(said.at(-1).code, 'invalid_control');
  assert.equal(said.at(-1).field, 'bpm');
  assert.equal((await source.score()).log.length, 1);
});

test('a chord is told with its place, and the state at least once a second', async () => {
  await open();
  module.made[0].chord('Gm');
  playedTo(1000);
  const { position, chord } = said.at(-1);
  assert.equal(chord, 'Gm');
  assert.ok(position <= source.piece.frame);
  const before = said.length;
  for (let played = 1000; played < 1000 + 3 * rate; played += 500) playedTo(played);
  assert.ok(said.length - before >= 2);
});

test('after a break it makes half as much more ahead; hidden, two seconds', async () => {
  await open();
  source.underrun(); // while everything is still being set up
  source.openedAt -= 2000;
  const settled = rate / 10;
  playedTo(settled);
  assert.ok(aheadMs(settled) < 42);
  source.underrun();
  playedTo(settled + 100);
  assert.ok(aheadMs(settled + 100) >= 48 && aheadMs(settled + 100) < 56);
  source.configure({ hidden: true });
  for (let i = 0; i < 6; ++i) playedTo(200); // so much at once that a control may come between
  assert.ok(aheadMs(200) >= 2000 && aheadMs(200) < 2010);
});

test('an audio thread that cannot play from so little is given twice what it needs', async () => {
  await open();
  source.level({ played: null, leastMs: 170 });
  assert.ok(aheadMs(0) >= 340);
});

test('paused, the piece waits where it is, and goes on there', async () => {
  await open();
  playedTo(5000);
  source.close();
  const { frame } = source.piece;
  playedTo(6000);
  assert.equal(source.piece.frame, frame);
  await source.open();
  const next = chunks.find(({ position, samples }) => position === frame && samples.length);
  assert.ok(next);
  assert.equal(next.samples[0], frame);
});

test('a new piece begins at its own frame 0 once the old one has faded', async () => {
  await open();
  await source.newPiece({ seed: '9', preset: 'sleep', controls: { key: 'D' } });
  assert.deepEqual(module.made[1].piece.controls, { key: 'D' });
  assert.equal(module.made[1].piece.seed, '9');
  assert.ok(module.made[0].freed);
  const first = chunks.find(({ epoch }) => epoch === 1);
  assert.equal(first.position, 0);
  const last = chunks.findLast(({ epoch, samples }) => epoch === 0 && samples.length);
  assert.ok(Math.abs(last.samples.at(-1)) < 1e-3 * last.position);
  assert.equal((await source.status()).seed, '9');
});

test('where it cannot be loaded it says why, and tries again when it is asked again', async () => {
  let tries = 0;
  source.loadFiles = async () => {
    if (++tries === 1) throw new Error('engine/auralis.bin answers 404');
    return { ...library, module: {} };
  };
  const links = [];
  source.addEventListener('link', ({ detail }) => links.push(detail.state));
  await open();
  await source.open();
  assert.deepEqual(links, ['connecting', 'failed', 'connecting', 'open']);
});

test('presets of one’s own are listed, hide those of the same name, and go with what is saved', async () => {
  const own = [
    { name: 'focus', title: 'Mine', description: '', group: 'Own' },
    { name: 'cave', title: 'Cave', description: '', group: 'Own' },
  ];
  source.usePresets(own);
  const titles = (await source.presets()).map(({ title }) => title);
  assert.deepEqual(titles, ['sleep', 'Cave', 'Mine']);
  await source.newPiece({ preset: 'cave' });
  const { preset, presets } = module.made.at(-1).piece;
  assert.equal(preset.title, 'Cave');
  assert.deepEqual(presets.map(({ name }) => name).sort(), ['cave', 'focus', 'sleep']);
  assert.deepEqual((await source.material()).parts[0].own, own);
});

test('a preset is tried without a change to what plays', async () => {
  await open();
  const made = module.made.length;
  await source.testPreset({ name: 'cave', title: 'Cave' });
  assert.equal(module.made.length, made + 1);
  assert.ok(module.made.at(-1).freed);
  assert.ok(!module.made[0].freed);
  module.compose = () => {
    throw new Error('layers: none');
  };
  await assert.rejects(source.testPreset({ name: 'cave' }), /layers: none/);
});

// An engine whose sound fits into 16 bits.
function quietModule() {
  const quiet = fakeModule();
  const { compose } = quiet;
  quiet.compose = (piece) => {
    const engine = compose.call(quiet, piece);
    const { pull } = engine;
    engine.pull = (stereo, at, frames) => {
      const made = pull.call(engine, stereo, at, frames);
      for (let i = 2 * at; i < 2 * (at + frames); ++i) stereo[i] = (stereo[i] % 997) / 1000;
      return made;
    };
    return engine;
  };
  return quiet;
}

test('what is saved goes through the pieces that were heard, each with its way out, to the sample', async () => {
  module = quietModule();
  const hear = (seconds, epoch) => {
    const until = framesMade() + seconds * rate;
    const { frame } = source.piece;
    for (let at = frame; framesMade() < until; at += 1000) {
      source.level({ played: { position: at, epoch }, leastMs: 5 });
    }
    source.level({ played: { position: source.piece.frame, epoch }, leastMs: 5 });
  };
  await open();
  hear(3, 0);
  await source.newPiece({ seed: '2', preset: 'sleep' });
  hear(1, 1);
  await source.newPiece({ seed: '3', preset: 'focus' });
  hear(2, 2);
  const heard = pcm16(Float32Array.from(chunks.flatMap(({ samples }) => [...samples])));
  const saved = async (seconds) => {
    const material = await source.material(seconds);
    const made = { library: { ...library, module: {} }, start: async () => quietModule() };
    const blob = await record(material, { ...made, format: 'wav', title: '' });
    return { material, bytes: new Uint8Array(await blob.arrayBuffer()).subarray(44) };
  };
  for (const [seconds, parts] of [
    [600, 3],
    [4, 2],
    [1, 1],
    [Infinity, 1],
  ]) {
    const { material, bytes } = await saved(seconds);
    assert.equal(material.parts.length, parts, `${seconds} s`);
    // What was made ahead of what is heard is not saved.
    const ahead = source.piece.frame - material.parts.at(-1).to;
    const wanted = new Uint8Array(heard.buffer, heard.byteOffset, heard.byteLength - 4 * ahead);
    const { length } = bytes;
    if (seconds < 600) assert.ok(length === 4 * seconds * rate || seconds === Infinity);
    assert.deepEqual(bytes, wanted.subarray(wanted.length - length));
  }
});

test('a pause takes nothing from what is saved of a piece that another has followed', async () => {
  await open();
  playedTo(0);
  for (let at = 0; source.piece.frame < 2 * rate; at += 1000) playedTo(at);
  source.close();
  await source.open();
  const resumedAt = source.startFrame;
  for (let at = resumedAt; source.piece.frame < 3 * rate; at += 1000) playedTo(at);
  const { seed } = source.piece.score;
  await source.newPiece({ preset: 'sleep' });
  const [before] = (await source.material(600)).parts;
  assert.equal(before.score.seed, seed);
  assert.equal(before.from, 0);
  assert.ok(before.to > resumedAt);
});

test('of a piece that was never heard nothing is saved', async () => {
  await source.load();
  await source.newPiece({ preset: 'sleep' });
  await source.newPiece({ preset: 'focus' });
  assert.equal((await source.material(600)).parts.length, 1);
});
