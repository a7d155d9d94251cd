// SPDX-License-Identifier: MIT
// A piece that is composed and rendered here, from seed, preset and controls, with the log of what
// was asked for on the way: from the log alone it is made again, to the bit.
//   score    {seed, preset, controls, log: [{frame, controls}]}: plain data
//   frames   always so many whole pulls, and a control only between two: how far is composed when
//            a control comes depends on the pulls, and so does what comes of it

export const rate = 44100;
export const pullFrames = 256;

// In which a piece makes way for another: two seconds.
export const rampFrames = 2 * 172 * pullFrames;

// What lies so far into that ramp, as it leaves.
export function fadeAway(stereo, from) {
  for (let i = 0; i < stereo.length; ++i) {
    const share = (from + (i >> 1)) / rampFrames;
    stereo[i] *= share < 1 ? Math.cos((Math.PI / 2) * share) ** 2 : 0;
  }
}

export const newSeed = () => String(crypto.getRandomValues(new Uint32Array(1))[0]);

// The engine's presets with a listener's own, which hide those of the same name.
export const withOwn = (presets, own = []) => [
  ...presets.filter(({ name }) => !own.some((preset) => preset.name === name)),
  ...own,
];

export class Piece {
  // module: EngineModule; library: {presets, harmony}; score: without a log it is a new piece
  static begin(module, { presets, harmony }, { seed, preset, controls = {}, log = [] }) {
    const first = presets.find(({ name }) => name === preset) ?? presets[0];
    const engine = module.compose({ preset: first, presets, harmony, seed, controls, rate });
    return new Piece(engine, { seed, preset: first.name, controls, log }, 0);
  }

  // The engine is at that frame of the score; what its log has from there on is asked for again.
  constructor(engine, { log, ...score }, frame) {
    this.score = { ...score, log: log.filter((entry) => entry.frame < frame) };
    this.ahead = log.filter((entry) => entry.frame >= frame);
    Object.assign(this, { engine, frame });
  }

  free() {
    this.engine.free();
  }

  // → what was applied; EngineError where it is refused
  control(controls) {
    const applied = this.engine.control(controls);
    this.score.log.push({ frame: this.frame, controls });
    return applied;
  }

  // Fills stereo, a whole number of pulls.
  make(stereo) {
    const frames = stereo.length / 2;
    for (let at = 0; at < frames; at += pullFrames) {
      while (this.ahead[0]?.frame <= this.frame) this.control(this.ahead.shift().controls);
      this.engine.pull(stereo, at, pullFrames);
      this.frame += pullFrames;
    }
  }

  // What listeners are told since the last call: chords and controls as events have them.
  news() {
    const lines = this.engine.events();
    return lines
      .split('\n')
      .filter((line) => /"type":"(chord|control)"/.test(line))
      .map((line) => JSON.parse(line));
  }

  // As `state` of a station, at that second.
  state(t) {
    const { position: _, finished: _finished, next_chord: next, ...state } = this.engine.state();
    return {
      type: 'state',
      ...state,
      seed: this.score.seed,
      position: Math.round(t * rate),
      next_chord_position: next === undefined ? null : Math.round(next * rate),
    };
  }
}
