// SPDX-License-Identifier: MIT
// Every control from the moment it is asked for until it is heard; knows no page and no socket.
//   control   "bpm", or "layers.pad.on": see control-table.js
//   pending   asked for: sent, or waiting for a connection
//   coming    acknowledged, with the frame at which it will be heard
//   heard     that frame has been played
//   events    'change' {control, phase: pending|coming|heard|refused|settled|unknown, value,
//             latencyMs?, message?, before?}; 'state': this.music is another; 'ask' {controls,
//             before}: all that this listener saw as he asked

import { ControlTable } from './control-table.js';
import { mixOf, mixText } from './mix.js';

const flatten = (fields) =>
  Object.entries(fields).flatMap(([name, value]) => {
    if (name === 'mix' && value) return [[name, mixText(value)]];
    if (name !== 'layers') return [[name, value]];
    return Object.entries(value ?? {}).flatMap(([layer, members]) =>
      Object.entries(members).map(([member, v]) => [`layers.${layer}.${member}`, v]),
    );
  });

// "layers.pad.on" → {layers: {pad: {on}}}
export function nest(controls) {
  const fields = {};
  for (const [control, value] of controls) {
    const [name, layer, member] = control.split('.');
    if (layer) ((fields.layers ??= {})[layer] ??= {})[member] = value;
    else fields[name] = name === 'mix' ? mixOf(value) : value;
  }
  return fields;
}

// Values by control → {preset, controls}, as a piece begins with them
export function startOf({ preset, ...controls }) {
  return { preset, controls: nest(Object.entries(controls)) };
}

export class Desk extends EventTarget {
  // send(message); now() in ms
  constructor({ send, now = () => performance.now() }) {
    super();
    this.sendMessage = send;
    this.now = now;
    this.table = new ControlTable();
    this.music = {}; // the state that is heard, with chord and seed; empty while unknown
    this.values = new Map(); // control → what is heard, as far as is known
    this.requests = new Map(); // control → {value, id, askedAt, position?, epoch?}
    this.states = []; // {message, epoch} of music that is still ahead
    this.prefix = Math.random().toString(36).slice(2, 8);
    this.count = 0;
  }

  emit(control, phase, value, more = {}) {
    this.dispatchEvent(new CustomEvent('change', { detail: { control, phase, value, ...more } }));
  }

  // What the listener should see: what was asked for, else what is heard.
  value(control) {
    return this.requests.get(control)?.value ?? this.values.get(control);
  }

  // controls: {control: value}. One message for all of them.
  ask(controls) {
    const id = this.nextId();
    const before = Object.fromEntries([...this.values.keys()].map((c) => [c, this.value(c)]));
    this.dispatchEvent(new CustomEvent('ask', { detail: { controls, before } }));
    for (const [control, value] of Object.entries(controls)) {
      this.requests.set(control, { value, id, askedAt: this.now() });
      this.emit(control, 'pending', value);
    }
    this.sendMessage({ type: 'control', id, ...nest(Object.entries(controls)) });
    return id;
  }

  // Sends again what nobody has confirmed: the connection or the composer may be back.
  resend() {
    const open = [...this.requests].filter(([, request]) => request.position === undefined);
    if (!open.length) return;
    const id = this.nextId();
    for (const [, request] of open) request.id = id;
    const values = open.map(([control, request]) => [control, request.value]);
    this.sendMessage({ type: 'control', id, ...nest(values) });
  }

  nextId() {
    return `${this.prefix}-${++this.count}`;
  }

  acknowledged({ id, applied, position }, epoch) {
    for (const [control, value] of flatten(applied ?? {})) {
      const request = this.requests.get(control);
      if (request?.id !== id) continue;
      Object.assign(request, { position, epoch, value });
      this.emit(control, 'coming', value);
    }
  }

  // Whether a message's controls still wait for an answer.
  isOpen(id) {
    return [...this.requests.values()].some((r) => r.id === id && r.position === undefined);
  }

  // A refusal without an id is of all that still wait.
  refused({ id, message }) {
    for (const [control, request] of this.requests) {
      if (id ? request.id !== id : request.position !== undefined) continue;
      this.requests.delete(control);
      this.emit(control, 'refused', this.values.get(control), { message });
    }
  }

  // The music as it will be from `message.position` on.
  state(message, epoch) {
    this.states.push({ message, epoch });
  }

  // The listener has heard the stream up to here.
  played({ position, epoch }) {
    const due = (at) => at.epoch < epoch || (at.epoch === epoch && at.position <= position);
    while (this.states.length) {
      const { message, epoch: ofState } = this.states[0];
      if (!due({ position: message.position ?? 0, epoch: ofState })) break;
      this.states.shift();
      this.settle(message);
    }
    for (const [control, request] of this.requests) {
      if (request.position === undefined || !due(request)) continue;
      const latencyMs = this.now() - request.askedAt;
      this.requests.delete(control);
      this.values.set(control, request.value);
      this.emit(control, 'heard', request.value, { latencyMs });
    }
  }

  // A state is heard, or is what the station tells while nothing plays. What it names as null is
  // unknown.
  settle(message) {
    for (const [control, value] of flatten(message)) {
      if (!this.table.info(control)) continue;
      if (value === null) this.lose(control);
      else if (this.values.get(control) !== value) {
        const before = this.values.get(control);
        this.values.set(control, value);
        if (!this.requests.has(control)) this.emit(control, 'settled', value, { before });
      }
    }
    this.music = { ...this.music, ...message };
    this.dispatchEvent(new Event('state'));
  }

  lose(control) {
    if (!this.values.delete(control) || this.requests.has(control)) return;
    this.emit(control, 'unknown', undefined);
  }

  // Somebody else plays: what was asked for does not matter any more.
  clear() {
    this.requests.clear();
    this.forget();
  }

  // What plays is not known any more.
  forget() {
    this.states = [];
    for (const control of [...this.values.keys()]) this.lose(control);
    this.music = {};
    this.dispatchEvent(new Event('state'));
  }
}
