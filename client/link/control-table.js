// SPDX-License-Identifier: MIT
// The controls that a station takes, as it tells in `welcome` and `/api/status`: the page knows
// none by itself.
//   control   "bpm", or "layers.pad.gain_db" for one of a layer
//   info      {kind, title, meaning, glide_s}, glide_s being how long the sound takes to follow; of
//             numbers {unit, min, max, step} as well; where only certain words will do, {names},
//             or {pattern}, which names match; of modes {steps}: semitones above the tonic
//             of a mix, as mix.js writes it, {most}: how many presets it has
//   layer     {name, title, colour, meaning, percussive}
//   errors    a control that is not in the table is undefined, and so is a value out of its range

import { mixOf, mixText } from './mix.js';

// Whether a name is of the form that the server tells; without one, none is.
const fits = (name, pattern) => pattern !== undefined && new RegExp(pattern).test(name);

function parseMix({ pattern, most }, text) {
  const shares = Object.entries(mixOf(text));
  const known = shares.every(([name, share]) => fits(name, pattern) && share >= 0 && share <= 1);
  const sounds = shares.some(([, share]) => share > 0);
  return known && sounds && shares.length <= most ? mixText(Object.fromEntries(shares)) : undefined;
}

// The place of a key in a list of all twelve, C first: 1 for "C#" as for "Db"; −1 where it is none.
// As for the server, a key has one accidental at most.
export function keyIndex(key, names) {
  const [, letter, accidental] = /^([A-G])([#b]?)$/.exec(key ?? '') ?? [];
  const natural = names.indexOf(letter);
  if (natural < 0) return -1;
  const semitones = { '': 0, '#': 1, b: names.length - 1 }[accidental];
  return (natural + semitones) % names.length;
}

export class ControlTable {
  // table: the server's `controls`; anything but an object is an empty table
  constructor(table) {
    const { layers = {}, ...rest } = table && typeof table === 'object' ? table : {};
    this.controls = Object.entries(rest); // [name, info], in the server's order
    this.layers = layers.layers ?? [];
    this.layerControls = Object.entries(layers.controls ?? {});
    this.layerNames = layers.pattern;
    this.text = JSON.stringify(table); // to tell whether another one is the same
  }

  info(control) {
    const [name, layer, member] = control.split('.');
    if (layer === undefined) return this.controls.find(([known]) => known === name)?.[1];
    if (name !== 'layers' || !fits(layer, this.layerNames)) return undefined;
    return this.layerControls.find(([known]) => known === member)?.[1];
  }

  layer(name) {
    return this.layers.find((layer) => layer.name === name);
  }

  // The value that a text stands for, or undefined: a link comes from anywhere.
  parse(control, text) {
    const info = this.info(control);
    if (!info || typeof text !== 'string' || text === '') return undefined;
    if (info.kind === 'number') {
      const value = Number(text);
      return value >= info.min && value <= info.max ? value : undefined;
    }
    if (info.kind === 'toggle') return text === 'on' || (text === 'off' ? false : undefined);
    if (info.kind === 'key') return keyIndex(text, info.names) < 0 ? undefined : text;
    if (info.kind === 'mix') return parseMix(info, text);
    if (info.names) return info.names.includes(text) ? text : undefined;
    return fits(text, info.pattern) ? text : undefined;
  }

  stepsOfMode(mode) {
    const { names, steps } = this.controls.find(([, info]) => info.kind === 'mode')?.[1] ?? {};
    return steps?.[names.indexOf(mode)];
  }
}
