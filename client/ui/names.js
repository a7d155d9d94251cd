// SPDX-License-Identifier: MIT
// The words of the music: keys, modes, layers, as the station knows them and as people read them.

export const keys = ['C', 'Db', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'Ab', 'A', 'Bb', 'B'];
const pitchClasses = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

// The spelling that the list has for any spelling ("C#" is "Db").
export function listedKey(key) {
  const pitch = pitchClasses[key?.[0]];
  return pitch === undefined
    ? undefined
    : keys[(pitch + (key[1] === '#' ? 1 : key[1] === 'b' ? 11 : 0)) % 12];
}

export const modes = [
  'ionian',
  'dorian',
  'phrygian',
  'lydian',
  'mixolydian',
  'aeolian',
  'locrian',
  'harmonic-minor',
  'major-pentatonic',
  'minor-pentatonic',
];

// From gold for the brightest mode to violet for the darkest.
export const hues = {
  lydian: 75,
  ionian: 100,
  mixolydian: 50,
  'major-pentatonic': 130,
  dorian: 190,
  aeolian: 235,
  'minor-pentatonic': 215,
  'harmonic-minor': 345,
  phrygian: 290,
  locrian: 310,
};

export const layers = ['drone', 'pad', 'lead', 'bells', 'texture', 'low', 'swell', 'brush'];

export const pretty = (text) =>
  text
    .replace(/(^|\/)([A-G])b/g, '$1$2♭')
    .replace(/(^|\/)([A-G])#/g, '$1$2♯')
    .replace(/b(?=\d)/g, '♭')
    .replace(/#(?=\d)/g, '♯');
export const title = (name) => name.replaceAll(/[-_]/g, ' ').replace(/^./, (c) => c.toUpperCase());
export const decibels = (db) => `${db > 0 ? '+' : db < 0 ? '−' : ''}${Math.abs(Math.round(db))} dB`;
export const minutes = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

// Without what is undefined.
export const flatControls = (controls) =>
  Object.fromEntries(Object.entries(controls).filter(([, value]) => value !== undefined));
