// SPDX-License-Identifier: MIT
// What was asked of the music and what is heard of it: every control from pending to heard, without
// a page.
//   control   "key", "mode", "bpm", "intensity", "preset", "layers.NAME.on", "layers.NAME.gain_db"
//   pending   asked for; sent, or waiting for a connection
//   coming    the server said at which frame it will be heard
//   heard     that frame has been played
//   events    'change' {control, phase: pending|coming|heard|refused|settled, value, latencyMs?}

const flatten = (fields) =>
  Object.entries(fields).flatMap(([name, value]) =>
    name === 'layers'
      ? Object.entries(value ?? {}).flatMap(([layer, members]) =>
          Object.entries(members).map(([m, v]) => [`layers.${layer}.${m}`, v]),
        )
      : [[name, value]],
  );

const known = /^(key|mode|bpm|intensity|preset|layers\.[a-z0-9_-]+\.(on|gain_db))$/;

// "layers.pad.on" → {layers: {pad: {on}}}
export function nest(controls) {
  const fields = {};
  for (const [control, value] of controls) {
    const [name, layer, member] = control.split('.');
    if (layer) ((fields.layers ??= {})[layer] ??= {})[member] = value;
    else fields[name] = value;
  }
  return fields;
}

export class Desk extends EventTarget {
  // send(message); now() in ms
  constructor({ send, now = () => performance.now() }) {
    super();
    this.sendMessage = send;
    this.now = now;
    this.values = new Map(); // control → what is heard, as far as we know
    this.asked = new Map(); // control → {value, id, askedAt, position?, epoch?}
    this.states = []; // states of the music that lie ahead: {message, epoch}
    this.prefix = Math.random().toString(36).slice(2, 8);
    this.count = 0;
  }

  emit(control, phase, value, more = {}) {
    this.dispatchEvent(new CustomEvent('change', { detail: { control, phase, value, ...more } }));
  }

  // What the listener should see: the wish if there is one, else what is heard.
  value(control) {
    return this.asked.get(control)?.value ?? this.values.get(control);
  }

  // controls: object of control → value. One message for all of them.
  ask(controls) {
    const id = `${this.prefix}-${++this.count}`;
    for (const [control, value] of Object.entries(controls)) {
      this.asked.set(control, { value, id, askedAt: this.now() });
      this.emit(control, 'pending', value);
    }
    this.sendMessage({ type: 'control', id, ...nest(Object.entries(controls)) });
    return id;
  }

  // The connection or the composer is back, perhaps: what nobody has confirmed is asked again.
  resend() {
    const open = [...this.asked].filter(([, wish]) => wish.position === undefined);
    if (!open.length) return;
    const id = `${this.prefix}-${++this.count}`;
    for (const [, wish] of open) wish.id = id;
    this.sendMessage({
      type: 'control',
      id,
      ...nest(open.map(([control, wish]) => [control, wish.value])),
    });
  }

  acknowledged({ id, applied, position }, epoch) {
    for (const [control, value] of flatten(applied ?? {})) {
      const wish = this.asked.get(control);
      if (wish?.id !== id) continue;
      Object.assign(wish, { position, epoch, value });
      this.emit(control, 'coming', value);
    }
  }

  // Whether a message's wishes still wait for an answer.
  isOpen(id) {
    return [...this.asked.values()].some((wish) => wish.id === id && wish.position === undefined);
  }

  // An answer without an id is about the wishes that are still open.
  refused({ id, message }) {
    for (const [control, wish] of this.asked) {
      if (id ? wish.id !== id : wish.position !== undefined) continue;
      this.asked.delete(control);
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
    while (
      this.states.length &&
      due({ position: this.states[0].message.position ?? 0, epoch: this.states[0].epoch })
    ) {
      this.settle(this.states.shift().message);
    }
    for (const [control, wish] of this.asked) {
      if (wish.position === undefined || !due(wish)) continue;
      this.asked.delete(control);
      this.values.set(control, wish.value);
      this.emit(control, 'heard', wish.value, { latencyMs: this.now() - wish.askedAt });
    }
  }

  // A state is heard, or is all we know while nothing plays.
  settle(message) {
    for (const [control, value] of flatten(message)) {
      if (!known.test(control) || value === null || this.values.get(control) === value) continue;
      this.values.set(control, value);
      if (!this.asked.has(control)) this.emit(control, 'settled', value);
    }
    this.dispatchEvent(new CustomEvent('state', { detail: message }));
  }
}
