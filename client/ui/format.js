// SPDX-License-Identifier: MIT
// Names and values as people read them.

import { mixOf } from '../link/mix.js';
import { named, say, words } from './words.js';

export const withAccidentals = (text) =>
  text
    .replace(/(^|\/)([A-G])b/g, '$1$2♭')
    .replace(/(^|\/)([A-G])#/g, '$1$2♯')
    .replace(/b(?=\d)/g, '♭')
    .replace(/#(?=\d)/g, '♯');

const capital = (text) => text.replace(/^./u, (first) => first.toLocaleUpperCase());

// A mode within a line: "dorian"
export const modeText = (mode) => named('mode', mode, title(mode).toLowerCase());

export const title = (name) => name.replaceAll(/[-_]/g, ' ').replace(/^./, (c) => c.toUpperCase());

export const pieceTitle = ({ preset, seed }) => say('piece.title', { preset: title(preset), seed });

export const minutes = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

function numberText({ unit, min, max, step }, value) {
  if (!unit && min === 0 && max === 1) return `${Math.round(value * 100)} %`;
  const decimals = String(step).split('.')[1]?.length ?? 0;
  const sign = value < 0 ? '−' : value > 0 && min < 0 ? '+' : '';
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const number = Math.abs(value).toLocaleString(words.language, { ...digits, useGrouping: false });
  return `${sign}${number} ${unit}`.trim();
}

// "Dawn 70 %, Glass 30 %", the largest first
export function mixInWords(text, titleOf = title) {
  const shares = Object.entries(mixOf(text)).filter(([, share]) => share > 0);
  const whole = shares.reduce((sum, [, share]) => sum + share, 0);
  return shares
    .sort(([, a], [, b]) => b - a)
    .map(([name, share]) => `${titleOf(name)} ${Math.round((100 * share) / whole)} %`)
    .join(', ');
}

// The value of a control, by its row of the control table.
export function valueText(info, value) {
  if (value === undefined) return '–';
  if (info.kind === 'number') return numberText(info, value);
  if (info.kind === 'toggle') return say(value ? 'on' : 'off');
  if (info.kind === 'key') return withAccidentals(value);
  if (info.kind === 'mix') return mixInWords(value);
  return info.kind === 'mode' ? capital(modeText(value)) : title(value);
}

// Without what is undefined.
export const defined = (fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
