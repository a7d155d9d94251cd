// SPDX-License-Identifier: MIT
// A source of sound that composes and renders by itself, with the calls and events of the intake
// from a station (audio/source-proxy.js). Runs in a worker, or on the page's own thread.
//   pace      made only as far ahead as the audio thread, which tells where it plays, needs: a
//             control is heard as soon as that has been played
//   ahead     as little as it takes, more at first; half as much more after each break, wearing off
//             with a half-life of thirty seconds; two seconds while the page is hidden, when nobody
//             moves a control
//   pause     the piece waits where it is
//   keeps     a copy of the piece every five minutes, and the pieces before it that were heard, so
//             that the last ten minutes can be made again
//   load      the engine and its presets; before the first click, where the listener chose so

import { Source } from '../audio/source.js';
import { EngineError, EngineModule, loadEngine } from './module.js';
import { Piece, fadeAway, newSeed, pullFrames, rampFrames, rate, withOwn } from './piece.js';

const leastAheadMs = 32;
const settlingAheadMs = 80;
const mostAheadMs = 1000;
const hiddenAheadMs = 2000;
const wearMs = 30000; // half-life
const settleMs = 1500; // in which the engine is still being compiled for speed
const quantaPerLevel = 2; // 5 ms at 48 kHz
const stateFrames = rate; // between two states without news
const checkpointsKept = 3; // so that one is older than the last ten minutes
const keptS = 600; // of pieces that made way, so that the last ten minutes hold them

export class EngineSource extends Source {
  // load(base) → {module, presets, harmony}; start(module) → an EngineModule; keepS between copies
  constructor(base, { load = loadEngine, start = EngineModule.start, keepS = 300 } = {}) {
    super();
    Object.assign(this, { base, loadFiles: load, start });
    this.checkpointFrames = keepS * rate;
    this.ready = Promise.resolve();
    this.epoch = 0; // pieces, counted
    this.wanted = false;
    this.hidden = false;
    this.wish = {}; // of the next piece
    this.own = []; // presets of the listener's
    this.played = null; // {position, epoch}
    this.startFrame = 0; // of what was made since play was pressed
    this.breaks = 0;
    this.boost = 1;
    this.boostAt = 0;
    this.openedAt = -Infinity;
    this.leastMs = 0; // that the audio thread can play from
    this.checkpoints = []; // {frame, engine}: copies of the piece as it was there, oldest first
    this.past = []; // pieces that were heard before it, as parts of material(), oldest first
  }

  configure({ hidden }) {
    if (hidden === undefined) return;
    this.hidden = hidden;
    this.fill();
  }

  load() {
    this.loaded ??= this.loadFiles(this.base)
      .then(async (files) => {
        this.library = files;
        this.module = await this.start(files.module);
        this.table = this.module.controlTable;
        this.begin(this.wish);
      })
      .catch((error) => {
        this.loaded = null; // the next try begins anew
        throw error;
      });
    return this.loaded;
  }

  // ramp: how much of the present piece's end was its way out
  begin({ seed = newSeed(), preset, controls, log }, ramp = 0) {
    const { own, library } = this;
    const known = { ...library, presets: withOwn(library.presets, own) };
    const next = Piece.begin(this.module, known, { seed, preset, controls, log });
    this.keepPast(ramp);
    this.ownOfPiece = own;
    this.piece?.free();
    while (this.checkpoints.length) this.dropCheckpoint();
    this.piece = next;
    this.startFrame = 0;
    this.toldAt = 0;
    this.piece.news();
  }

  // score: as Piece takes it; what it does not name is chosen
  async newPiece(score) {
    if (!this.module) {
      this.wish = score;
      await this.load();
      return this.status();
    }
    const ramp = this.wanted && this.queue === null ? this.fadeOut() : 0;
    this.begin(score, ramp);
    ++this.epoch;
    this.tell(0);
    this.fill();
    return this.status();
  }

  // What plays, as /api/status.
  async status() {
    await this.load();
    return {
      ...this.piece.state(this.piece.frame / rate),
      sample_rate: rate,
      composer: 'connected',
      controls: this.table,
      control_access: 'open',
    };
  }

  // By group and name, as a station lists them.
  async presets() {
    await this.load();
    const place = ({ group = '', name }) => `${group}\n${name}`;
    return withOwn(this.library.presets, this.own)
      .map(({ name, title, description, group }) => ({ name, title, description, group }))
      .sort((a, b) => (place(a) < place(b) ? -1 : 1));
  }

  // The next piece knows them.
  usePresets(own) {
    this.own = own;
  }

  // Rejects where the engine does not take it.
  async testPreset(preset) {
    await this.load();
    const { presets, harmony } = this.library;
    const known = { presets: withOwn(presets, [preset]), harmony };
    Piece.begin(this.module, known, { seed: '1', preset: preset.name }).free();
  }

  async score() {
    await this.load();
    return { ...this.piece.score, frames: this.piece.frame };
  }

  // What recording.js makes what was heard from again: {parts, memory}. A part is a piece {score,
  // own, from, to, ramp} in frames, its last `ramp` frames on their way out; where a copy of it
  // from before `from` is kept, the {engine} in that memory and its {frame}.
  // seconds: the last so many, through whatever pieces they lead, or the whole piece
  async material(seconds = Infinity) {
    await this.load();
    const { score } = this.piece;
    const to = this.heardTo;
    const from = Math.max(0, to - seconds * rate);
    const checkpoint = this.checkpoints.findLast(({ frame }) => frame <= from);
    const parts = [{ score, own: this.ownOfPiece, from, to, ramp: 0, ...checkpoint }];
    let missing = Number.isFinite(seconds) ? seconds * rate - (to - from) : 0;
    for (const past of this.past.toReversed()) {
      if (missing <= 0) break;
      parts.unshift({ ...past, from: Math.max(past.from, past.to - missing) });
      missing -= past.to - past.from;
    }
    if (!parts.some(({ engine }) => engine)) return { parts };
    return { parts, memory: this.module.calls.memory.buffer.slice(0) };
  }

  get heardTo() {
    const heard = this.played?.epoch === this.epoch ? this.played.position : this.startFrame;
    return Math.round(Math.min(Math.max(heard, this.startFrame), this.piece.frame));
  }

  // The piece that ends here: what was made of it is heard while it plays, and a pause takes
  // nothing from what was heard before it.
  keepPast(ramp) {
    if (!this.piece) return;
    const { past } = this;
    const to = ramp ? this.piece.frame : this.heardTo;
    if (to > 0) {
      const first = Math.max(0, to - keptS * rate);
      const at = this.checkpoints.findLastIndex(({ frame }) => frame <= first);
      const [checkpoint] = at < 0 ? [] : this.checkpoints.splice(at, 1);
      const { score } = this.piece;
      past.push({ score, own: this.ownOfPiece, from: first, to, ramp, ...checkpoint });
    }
    const frames = () => past.slice(1).reduce((sum, part) => sum + part.to - part.from, 0);
    while (past.length && frames() >= keptS * rate) this.dropPast();
  }

  dropPast() {
    const { engine } = this.past.shift();
    if (engine) this.module.calls.auralis_free(engine);
  }

  keepCheckpoint() {
    const { frame, engine } = this.piece;
    if (frame - (this.checkpoints.at(-1)?.frame ?? 0) < this.checkpointFrames) return;
    if (this.checkpoints.length === checkpointsKept) this.dropCheckpoint();
    this.checkpoints.push({ frame, engine: engine.snapshot() });
  }

  dropCheckpoint() {
    this.module.calls.auralis_free(this.checkpoints.shift().engine);
  }

  async open() {
    this.wanted = true;
    this.emit('link', { state: 'connecting', attempt: 0 });
    try {
      await this.load();
    } catch (error) {
      this.emit('link', { state: 'failed', message: error.message });
      return;
    }
    if (!this.wanted) return;
    this.flush();
    this.played = null;
    this.startFrame = this.piece.frame;
    this.emit('link', { state: 'open' });
    this.emit('message', {
      type: 'welcome',
      sample_rate: rate,
      channels: 2,
      codec: 'here',
      controls: this.table,
      control_access: 'open',
      state: this.piece.state(this.piece.frame / rate),
    });
    this.openedAt = performance.now();
    this.tellPace();
    this.fill();
  }

  close() {
    this.wanted = false;
    this.emit('link', { state: 'closed' });
    this.deliverMark({ leaving: true });
  }

  reconnect() {
    if (this.wanted && !this.module) this.open();
  }

  send(message) {
    if (message.type === 'control' && this.piece) this.emit('message', this.control(message));
  }

  // → control_ack, or error
  control({ type: _, id, ...controls }) {
    try {
      const applied = this.piece.control(controls);
      const now = this.piece.frame / rate;
      const { t } = this.piece.news().findLast(({ type }) => type === 'control') ?? { t: now };
      this.tell(t);
      return { type: 'control_ack', id, applied, position: Math.round(t * rate) };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      const { message, field } = error;
      return { type: 'error', id, code: 'invalid_control', message, field, recoverable: true };
    }
  }

  // A control while nothing plays.
  async ask(message) {
    await this.load();
    return this.control(message);
  }

  underrun() {
    const now = performance.now();
    if (now - this.openedAt < settleMs) return;
    this.boost = Math.min(mostAheadMs / leastAheadMs, this.boostNow(now) * 1.5);
    this.boostAt = now;
    this.tellPace();
  }

  tellPace() {
    this.toldAheadMs = this.aheadMs;
    this.emit('state', { targetMs: this.toldAheadMs, jitterMs: 0, codec: 'here' });
  }

  boostNow(now) {
    return 1 + (this.boost - 1) * 2 ** (-(now - this.boostAt) / wearMs);
  }

  get aheadMs() {
    const now = performance.now();
    const asked = this.hidden
      ? hiddenAheadMs
      : now - this.openedAt < settleMs
        ? settlingAheadMs
        : 0;
    const needed = Math.max(leastAheadMs * this.boostNow(now), 2 * this.leastMs);
    return Math.round(Math.max(needed, asked));
  }

  connect(sink) {
    if (sink.port) {
      sink.port.onmessage = ({ data }) => this.level(data);
      sink.port.postMessage({ levels: quantaPerLevel });
    }
    super.connect(sink);
  }

  // Where the audio thread plays: {played, leastMs}
  level({ played, leastMs }) {
    this.played = played;
    this.leastMs = leastMs;
    this.fill();
  }

  get aheadFrames() {
    const { played, piece, epoch, startFrame } = this;
    return (
      piece.frame - (played?.epoch === epoch ? Math.max(played.position, startFrame) : startFrame)
    );
  }

  fill() {
    if (!this.wanted || !this.piece) return;
    const { aheadMs } = this;
    if (aheadMs !== this.toldAheadMs) this.tellPace();
    const missing = (aheadMs / 1000) * rate - this.aheadFrames;
    if (missing <= 0) return;
    const pulls = Math.ceil(missing / pullFrames);
    const samples = this.room(Math.min(pulls, 64) * pullFrames * 2);
    this.make(samples, aheadMs);
    if (pulls > 64) setTimeout(() => this.fill()); // a control may come between
  }

  // What is copied into shared memory needs no memory of its own each time.
  room(count) {
    if (!this.ring || this.queue) return new Float32Array(count);
    if (!(this.scratch?.length >= count)) this.scratch = new Float32Array(count);
    return this.scratch.subarray(0, count);
  }

  make(samples, targetMs, shape) {
    const position = this.piece.frame;
    this.piece.make(samples);
    shape?.(samples);
    this.deliver({ position, rate, epoch: this.epoch, samples, led: true, targetMs });
    for (const { t } of this.piece.news()) this.tell(t);
    if (this.piece.frame - this.toldAt >= stateFrames) this.tell(this.piece.frame / rate);
    this.keepCheckpoint();
  }

  // The piece leaves in a ramp. Answers how many frames that took.
  fadeOut() {
    let frames = 0;
    const stepFrames = 16 * pullFrames;
    for (let from = 0; from < rampFrames; from += stepFrames) {
      this.make(new Float32Array(2 * stepFrames), this.aheadMs, (stereo) => {
        fadeAway(stereo, from);
      });
      frames += stepFrames;
    }
    return frames;
  }

  tell(t) {
    this.toldAt = this.piece.frame;
    this.emit('message', this.piece.state(t));
  }
}
