// SPDX-License-Identifier: MIT
// A link that carries what plays:
// #preset=focus&seed=7&key=D&mode=dorian&bpm=60&intensity=0.5&layers=pad:-6,lead:off
//   layers   name:gain_db, or name:off, or name:off:gain_db; only those that differ from on at 0 dB
//   errors   what is out of range or unknown is left out: a link comes from anywhere

import { flatControls } from './names.js';

const inRange = (text, min, max) => {
  const value = Number(text);
  return text !== null && text !== '' && value >= min && value <= max ? value : undefined;
};

// controls: object as Desk names them ("layers.pad.on"); seed: string or undefined
export function toHash({ controls, seed }) {
  const query = new URLSearchParams();
  if (controls.preset) query.set('preset', controls.preset);
  if (seed !== undefined) query.set('seed', seed);
  for (const name of ['key', 'mode', 'bpm', 'intensity']) {
    if (controls[name] !== undefined) query.set(name, controls[name]);
  }
  const layers = new Map();
  for (const [control, value] of Object.entries(controls)) {
    const [kind, layer, member] = control.split('.');
    if (kind === 'layers') layers.set(layer, { ...layers.get(layer), [member]: value });
  }
  const words = [...layers].flatMap(([name, { on = true, gain_db: gain = 0 }]) =>
    on && gain === 0
      ? []
      : [[name, ...(on ? [] : ['off']), ...(gain === 0 ? [] : [gain])].join(':')],
  );
  if (words.length) query.set('layers', words.join(','));
  return `#${query.toString().replaceAll('%2C', ',').replaceAll('%3A', ':')}`;
}

// The command for a piece from this seed with these settings: a station takes its seed only when it
// starts.
export function toCommand({ controls, seed }) {
  const options = ['preset', 'seed', 'key', 'mode', 'bpm', 'intensity'].map((name) => [
    name,
    name === 'seed' ? seed : controls[name],
  ]);
  return `auralis-compose ${options
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `--${name} ${value}`)
    .join(' ')} --duration 10m | auralis-render -o piece.flac`;
}

export function fromHash(hash) {
  const query = new URLSearchParams(hash.replace(/^#/, ''));
  const word = (name, pattern) =>
    pattern.test(query.get(name) ?? '') ? query.get(name) : undefined;
  const controls = {
    preset: word('preset', /^[a-z0-9_-]{1,32}$/),
    key: word('key', /^[A-G][#b]?$/),
    mode: word('mode', /^[a-z-]{1,32}$/),
    bpm: inRange(query.get('bpm'), 30, 120),
    intensity: inRange(query.get('intensity'), 0, 1),
  };
  for (const entry of (query.get('layers') ?? '').split(',')) {
    const [name, ...words] = entry.split(':');
    if (!/^[a-z0-9_-]{1,32}$/.test(name) || name === 'master') continue;
    if (words[0] === 'off') controls[`layers.${name}.on`] = (words.shift(), false);
    const gain = inRange(words[0] ?? null, -60, 6);
    if (gain !== undefined) controls[`layers.${name}.gain_db`] = gain;
  }
  return { controls: flatControls(controls), seed: word('seed', /^\d{1,20}$/) };
}
