// SPDX-License-Identifier: MIT
// The widget of a mix: a pad with a preset at each of its two or three corners, between which a
// point is dragged, or moved with the arrow keys. See widgets.js for what a widget has.
//   corners   names of presets; which they are is chosen below the pad
//   point     {x, y} on the pad, each 0 to 1 from its top left
//   shares    of the corners, 1 together: how near the point is to each

import { mixOf, mixText } from '../link/mix.js';
import { make } from './dom.js';
import { mixInWords, title } from './format.js';
import { Paced } from './paced.js';
import { say } from './words.js';

const dragMs = 150; // while the point is dragged it asks at most this often
const step = 0.05; // of an arrow key
const least = 0.02; // a smaller share is none
const none = '';

export const places = {
  2: [
    { x: 0, y: 0.5 },
    { x: 1, y: 0.5 },
  ],
  3: [
    { x: 0.5, y: 0 },
    { x: 0, y: 1 },
    { x: 1, y: 1 },
  ],
};

const clamped = (x) => Math.min(1, Math.max(0, x));

// → as many shares as there are corners
export function sharesAt({ x, y }, count) {
  const raw = count === 2 ? [1 - x, x] : [1 - y, y / 2 + 0.5 - x, y / 2 + x - 0.5];
  const kept = raw.map((share) => (share < least ? 0 : share));
  const sum = kept.reduce((a, b) => a + b);
  return kept.map((share) => Math.round((100 * share) / sum) / 100);
}

export function pointOf(shares) {
  const sum = shares.reduce((a, b) => a + b) || 1;
  const at = (axis) =>
    shares.reduce((all, share, i) => all + (share / sum) * places[shares.length][i][axis], 0);
  return { x: at('x'), y: at('y') };
}

// The nearest point of the pad: outside of the triangle it is drawn to its edge.
export function within({ x, y }, count) {
  if (count === 2) return { x: clamped(x), y: 0.5 };
  const inY = clamped(y);
  return { x: Math.min(0.5 + inY / 2, Math.max(0.5 - inY / 2, x)), y: inY };
}

export class MixPad {
  constructor(info, { name, ask }) {
    Object.assign(this, { info, ask, name, dragged: false });
    this.asking = new Paced(dragMs, () => this.send());
    this.choices = [];
    this.corners = [];
    this.point = { x: 0.5, y: 0 };
    this.thumb = make('span', { className: 'mix-point' });
    this.sounds = make('span', { className: 'mix-heard' });
    this.sounds.style.setProperty('--glide', `${info.glide_s ?? 0}s`);
    this.names = [0, 1, 2].map((i) => cornerName(i));
    this.pad = make('div', { className: 'mix-pad' }, ...this.names, this.sounds, this.thumb);
    this.pad.setAttribute('role', 'slider');
    this.pad.setAttribute('aria-label', say('mix.pad'));
    this.pad.setAttribute('aria-valuemin', 0);
    this.pad.setAttribute('aria-valuemax', 100);
    for (const kind of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel']) {
      this.pad.addEventListener(kind, (event) => this.pointed(event));
    }
    this.pad.addEventListener('keydown', (event) => this.keyed(event));
    this.selects = [0, 1, 2].map((i) => this.select(i));
    const hint = make('p', { className: 'hint', textContent: say('mix.hint') });
    const lists = make(
      'div',
      { className: 'mix-corners' },
      ...this.selects.map((s) => s.parentNode),
    );
    this.element = make('div', { className: 'mix' }, this.pad, lists, hint);
    this.show(undefined);
  }

  select(i) {
    const select = make('select', {});
    select.setAttribute('aria-label', say('mix.corner', { count: i + 1 }));
    select.addEventListener('change', () => this.choose(i, select.value));
    make('div', { className: 'select' }, select);
    return select;
  }

  get busy() {
    return this.dragged || this.asking.waiting;
  }

  titleOf(name) {
    return this.choices.find((choice) => choice.name === name)?.title ?? title(name);
  }

  offer(choices) {
    this.choices = choices;
    for (const [i, select] of this.selects.entries()) {
      const options = choices.map(({ name }) => new Option(this.titleOf(name), name));
      select.replaceChildren(...(i === 2 ? [new Option(say('mix.none'), none)] : []), ...options);
    }
    this.show(this.shown);
    this.heard(this.sounding);
  }

  // Corners for what plays: those that stand there already, else the presets that follow it.
  place(names) {
    const kept = this.corners;
    if (names.every((name) => kept.includes(name))) return;
    if (names.length > 1) {
      this.corners = names;
      return;
    }
    const all = this.choices.map(({ name }) => name);
    const at = Math.max(0, all.indexOf(names[0]));
    const next = [1, 2].map((ahead) => all[(at + ahead) % all.length]);
    const others = kept.length ? kept.slice(1) : next;
    this.corners = [...new Set([names[0], ...others.filter(Boolean)])];
    if (this.corners.length < 2) this.corners = [names[0], names[0]];
  }

  // A corner has another preset; none leaves two.
  choose(i, name) {
    const corners = [0, 1, 2].map((at) => (at === i ? name : (this.corners[at] ?? none)));
    const same = corners.findIndex((one, at) => at !== i && one === name);
    if (same >= 0) corners[same] = this.corners[i] ?? none; // they change places
    const shares = corners.map((_, at) => this.shares[at] ?? 0);
    const there = [0, 1, 2].filter((at) => corners[at]);
    if (there.length < 2) {
      this.draw();
      return;
    }
    this.corners = there.map((at) => corners[at]);
    this.point = pointOf(there.map((at) => shares[at]));
    this.asking.now();
  }

  get shares() {
    return sharesAt(this.point, this.corners.length);
  }

  get value() {
    const { shares } = this;
    return mixText(Object.fromEntries(this.corners.map((name, i) => [name, shares[i]])));
  }

  pointed(event) {
    if (this.off) return;
    if (event.type === 'pointerdown') {
      this.dragged = true;
      this.pad.setPointerCapture(event.pointerId);
    }
    if (!this.dragged) return;
    const { left, top, width, height } = this.pad.getBoundingClientRect();
    this.move({ x: (event.clientX - left) / width, y: (event.clientY - top) / height });
    if (event.type === 'pointerup' || event.type === 'pointercancel') this.dragged = false;
  }

  keyed(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const [across, down] = way[event.key] ?? [];
    if (this.off || (across === undefined && event.key !== 'Home')) return;
    event.preventDefault();
    event.stopPropagation();
    const { x, y } = this.point;
    if (event.key === 'Home') this.move(pointOf(this.corners.map(() => 1)));
    else this.move({ x: x + across * step, y: y + down * step });
  }

  move(point) {
    const to = within(point, this.corners.length);
    if (to.x === this.point.x && to.y === this.point.y) return;
    this.point = to;
    this.draw();
    this.asking.soon();
  }

  send() {
    this.draw();
    if (this.value !== this.shown) this.ask((this.shown = this.value));
  }

  show(value) {
    this.shown = value;
    if (value !== undefined && this.choices.length) {
      const mix = mixOf(value);
      this.place(Object.keys(mix));
      if (value !== this.value) this.point = pointOf(this.corners.map((name) => mix[name] ?? 0));
    }
    this.draw();
  }

  heard(value) {
    this.sounding = value;
    if (value === undefined || !this.corners.length) return;
    const mix = mixOf(value);
    const shares = this.corners.map((name) => mix[name] ?? 0);
    this.sounds.hidden = !shares.some((share) => share > 0);
    put(this.sounds, pointOf(shares));
  }

  lock(locked) {
    this.locked = locked;
    this.draw();
  }

  get off() {
    return this.locked || this.shown === undefined || this.corners.length < 2;
  }

  draw() {
    const { pad, corners, off } = this;
    pad.dataset.corners = corners.length;
    pad.tabIndex = off ? -1 : 0;
    pad.setAttribute('aria-disabled', off);
    const text = off ? say('unknown') : mixInWords(this.value, (name) => this.titleOf(name));
    pad.setAttribute('aria-valuetext', text);
    pad.setAttribute('aria-valuenow', corners.length ? Math.round(100 * this.shares[0]) : 0);
    for (const [i, name] of this.names.entries()) {
      name.textContent = corners[i] ? this.titleOf(corners[i]) : '';
      this.selects[i].value = corners[i] ?? none;
      this.selects[i].disabled = this.shown === undefined;
    }
    this.thumb.hidden = off;
    put(this.thumb, this.point);
  }
}

function cornerName(i) {
  const name = make('span', { className: 'mix-name' });
  name.dataset.corner = i;
  return name;
}

function put(element, { x, y }) {
  element.style.setProperty('--x', x);
  element.style.setProperty('--y', y);
}
