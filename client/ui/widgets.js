// SPDX-License-Identifier: MIT
// One widget for each kind of control. All have the same members:
//   element        goes into the page; `input` is what takes the focus, where there is one
//   show(value)    moves the knob; undefined, where the value is not known, disables it
//   heard(value)   how far the sound has followed
//   busy           being moved, or moved to a value that has not been asked for yet
//   offer(choices) presets there are, of those who show them
//   kinds          number, toggle, preset, mix; key, mode and anything else that has names

import { keyIndex } from '../link/control-table.js';
import { make } from './dom.js';
import { valueText } from './format.js';
import { MixPad } from './mix-pad.js';
import { Paced } from './paced.js';
import { Scenes } from './scenes.js';
import { say } from './words.js';

const dragMs = 120; // while a slider is dragged it asks at most this often

export class Slider {
  // output: shows the value as text
  constructor(info, { id = '', label = '', output, ask }) {
    Object.assign(this, { info, output });
    this.asking = new Paced(dragMs, () => ask(Number(this.input.value)));
    const { min, max, step } = info;
    this.input = this.element = make('input', { type: 'range', id, min, max, step });
    if (label) this.input.setAttribute('aria-label', label);
    this.input.style.setProperty('--glide', `${info.glide_s ?? 0}s`);
    this.input.addEventListener('input', () => this.moved());
    this.show(undefined);
  }

  get busy() {
    return this.asking.waiting || this.input.matches(':active');
  }

  moved() {
    this.label(Number(this.input.value));
    this.asking.soon();
  }

  label(value) {
    const text = valueText(this.info, value);
    this.input.setAttribute('aria-valuetext', value === undefined ? say('unknown') : text);
    this.output.textContent = text;
  }

  show(value) {
    this.input.disabled = value === undefined;
    if (value !== undefined) this.input.value = value;
    this.label(value);
  }

  heard(value) {
    const { min, max } = this.info;
    const share = value === undefined ? 0 : (value - min) / (max - min);
    this.input.style.setProperty('--heard', 100 * share);
  }

  nudge(steps) {
    if (this.input.matches(':disabled')) return;
    const before = this.input.value;
    if (steps > 0) this.input.stepUp(steps);
    else this.input.stepDown(-steps);
    if (this.input.value !== before) this.moved();
  }
}

export class Toggle {
  constructor(_info, { id = '', label = '', ask }) {
    this.input = this.element = make('input', { type: 'checkbox', id, className: 'switch' });
    this.input.setAttribute('role', 'switch');
    if (label) this.input.setAttribute('aria-label', label);
    this.input.addEventListener('change', () => ask(this.input.checked));
    this.show(undefined);
  }

  get busy() {
    return this.input.matches(':active');
  }

  show(value) {
    this.input.disabled = value === undefined;
    this.input.checked = value ?? false;
  }

  heard() {}
}

export class Select {
  constructor(info, { id = '', label = '', ask }) {
    this.info = info;
    this.element = make('div', { className: 'select' });
    this.input = make('select', { id });
    if (label) this.input.setAttribute('aria-label', label);
    this.input.append(...info.names.map((name) => new Option(valueText(info, name), name)));
    this.unknown = new Option(valueText(info, undefined), '');
    this.input.addEventListener('change', () => ask(this.input.value));
    this.element.append(this.input);
    this.show(undefined);
  }

  get busy() {
    return this.input.matches(':active');
  }

  // The name in the list for any spelling of it.
  listed(value) {
    const { kind, names } = this.info;
    return kind === 'key' ? (names[keyIndex(value, names)] ?? value) : value;
  }

  show(value) {
    const { input, info, unknown } = this;
    input.disabled = value === undefined;
    if (value === undefined) {
      input.add(unknown, 0);
      input.value = '';
      return;
    }
    unknown.remove();
    const name = this.listed(value);
    const known = [...input.options].some((option) => option.value === name);
    if (!known) input.add(new Option(valueText(info, name), name));
    input.value = name;
  }

  heard() {}
}

// The widget for a row of the control table; undefined for a kind that this page cannot draw.
export function widgetOf(info) {
  const own = { number: Slider, toggle: Toggle, preset: Scenes, mix: MixPad }[info.kind];
  return own ?? (info.names && Select);
}
