// SPDX-License-Identifier: MIT
// The panel of controls, drawn from the station's control table: a control that is new in it
// appears here by itself. Shows what was asked for and what is heard, and asks the desk.
//   group   the part of the page that shows a control's phase: data-control, or data-layer

import { byId, make } from './dom.js';
import { title } from './format.js';
import { MixPad } from './mix-pad.js';
import { Scenes, grouped } from './scenes.js';
import { Select, Slider, widgetOf } from './widgets.js';
import { named, say } from './words.js';

const placement = ['preset', 'mix', 'key', 'mode', 'intensity', 'bpm']; // first; others as in the table
const confirmationMs = 2500; // how long "heard" stays
const stateMs = 1000; // a station tells its state at least so often
const patienceMs = 2000; // for what the panel is made of; then it is shown as it is

const hidden = (className) => {
  const element = make('span', { className });
  element.setAttribute('aria-hidden', 'true');
  return element;
};

export class Controls {
  constructor(desk, announce) {
    this.desk = desk;
    this.announce = announce;
    this.presets = []; // as scenes.js has them
    this.widgets = new Map(); // control → {widget, group}
    this.timers = new Map(); // group → when its phase is over
    this.gliding = new Map(); // control → when its knob follows the sound again
    desk.addEventListener('change', ({ detail }) => this.update(detail));
    this.patience = new Promise((resolve) => setTimeout(resolve, patienceMs));
    this.patience.then(() => this.reveal());
  }

  reveal() {
    byId('panel').dataset.shown = '';
  }

  // The desk has another table. What is above the controls comes first, where it comes in time:
  // else it would move them.
  drawAfter(above) {
    Promise.race([above, this.patience]).then(() => this.draw());
  }

  draw() {
    const { table } = this.desk;
    const place = ([name]) => (placement.indexOf(name) + 1 || placement.length + 1) - 1;
    const groups = [...table.controls]
      .sort((a, b) => place(a) - place(b))
      .filter(([, info]) => widgetOf(info))
      .map(([name, info]) => this.group(name, info));
    this.widgets.clear();
    for (const { name, widget, group } of groups) this.widgets.set(name, { widget, group });
    byId('controls').replaceChildren(...sideBySide(groups));
    byId('layer-list').replaceChildren();
    byId('layers').hidden = !table.layers.length;
    for (const { name } of table.layers) this.row(name);
    for (const control of this.widgets.keys()) this.restore(control);
    this.offerPresets(this.presets);
    this.lock(this.locked ? byId('controls-off').textContent : '');
    this.reveal();
  }

  // Where a station takes no controls they only show what plays, and `why` says so.
  lock(why) {
    byId('controls').disabled = byId('layer-controls').disabled = Boolean(why);
    byId('controls-off').hidden = !why;
    byId('controls-off').textContent = why;
    for (const { widget } of this.widgets.values()) widget.lock?.(Boolean(why));
  }

  get locked() {
    return byId('controls').disabled;
  }

  // A control with its name, its phase and, of numbers, its value.
  group(name, info) {
    const id = `control-${name}`;
    const output = hidden('value');
    const ask = (value) => this.desk.ask({ [name]: value });
    const Widget = widgetOf(info);
    const { announce } = this;
    const widget = new Widget(info, { id, name, output, ask, announce });
    const around = { [Scenes.name]: fieldset, [MixPad.name]: folded }[Widget.name] ?? labelled;
    const group = around(this.titleOf(name), id);
    group.dataset.control = name;
    group.title = around === labelled ? info.meaning : '';
    group.firstChild.append(' ', hidden('phase'));
    if (info.kind === 'number') group.firstChild.append(' ', output);
    group.append(widget.element);
    return { name, widget, group };
  }

  // A layer: made where it is not there yet, since a stream may name others than the table.
  row(name) {
    if (this.layerRow(name)) return;
    const { table } = this.desk;
    const layer = { meaning: '', colour: 'transparent', ...table.layer(name) };
    layer.title = named('layer', name, layer.title ?? title(name));
    const text = make('span', { className: 'name', textContent: layer.title });
    const row = make('li', { className: 'layer', title: layer.meaning }, text);
    row.dataset.layer = name;
    row.style.setProperty('--colour', layer.colour);
    for (const [member, info] of table.layerControls) {
      const Widget = widgetOf(info);
      if (!Widget) continue;
      const control = `layers.${name}.${member}`;
      const output = hidden('value'); // the slider tells its value itself
      const label = labelOf(layer.title, member, info);
      const ask = (value) => this.desk.ask({ [control]: value });
      const widget = new Widget(info, { label, name: control, output, ask });
      if (info.kind === 'toggle') text.before(widget.element);
      else row.append(widget.element, output);
      this.widgets.set(control, { widget, group: row });
    }
    byId('layer-list').append(row);
  }

  layerRow(name) {
    return document.querySelector(`[data-layer="${CSS.escape(name)}"]`);
  }

  // In the order in which they are shown, which the keys follow.
  offerPresets(choices) {
    this.presets = grouped(choices).flatMap((group) => group.choices);
    if (!choices.length) return;
    for (const { widget } of this.widgets.values()) {
      widget.offer?.(this.presets);
    }
  }

  // To the field in which a preset can be looked for.
  findPreset() {
    for (const { widget } of this.widgets.values()) widget.find?.();
  }

  restore(control) {
    this.show(control, this.desk.value(control));
    this.widgets.get(control).widget.heard(this.desk.values.get(control));
  }

  update({ control, phase, value }) {
    const [name, layer] = control.split('.');
    if (name === 'layers') this.row(layer);
    const { widget, group } = this.widgets.get(control) ?? {};
    if (!widget) return;
    const silently = phase === 'settled' || phase === 'unknown';
    // Only a slider moves slowly: lists show at once what a new preset sets.
    if (!silently && widget instanceof Slider) this.holdWhileGliding(control);
    if (phase !== 'settled' || !this.gliding.has(control)) this.show(control, value);
    if (silently || phase === 'heard') widget.heard(value);
    if (!silently) this.showPhase(control, group, phase);
  }

  showPhase(control, group, phase) {
    clearTimeout(this.timers.get(group));
    group.dataset.phase = phase;
    const shown = group.querySelector('.phase');
    if (shown) shown.textContent = say(`phase.${phase}`);
    if (phase !== 'heard' && phase !== 'refused') return;
    this.timers.set(
      group,
      setTimeout(() => delete group.dataset.phase, confirmationMs),
    );
    // A notice tells a refusal.
    if (phase === 'heard') this.announce(say('control.heard', { control: this.titleOf(control) }));
  }

  titleOf(control) {
    const [name, layer] = control.split('.');
    const { table } = this.desk;
    if (name === 'layers') return named('layer', layer, table.layer(layer)?.title ?? title(layer));
    return named('control', name, table.info(name)?.title ?? title(name));
  }

  // A knob that was just moved stays where it is while the sound glides there.
  holdWhileGliding(control) {
    clearTimeout(this.gliding.get(control));
    const follow = () => {
      this.gliding.delete(control);
      this.show(control, this.desk.value(control));
    };
    const glideMs = 1000 * (this.desk.table.info(control)?.glide_s ?? 0);
    this.gliding.set(control, setTimeout(follow, glideMs + stateMs));
  }

  // Moves the knob, unless it is being moved.
  show(control, value) {
    const { widget, group } = this.widgets.get(control) ?? {};
    if (!widget || (widget.busy && value !== undefined)) return;
    widget.show(value);
    const { kind } = this.desk.table.info(control) ?? {};
    if (kind === 'toggle') group.toggleAttribute('data-off', value === false);
  }

  nudge(control, steps) {
    this.widgets.get(control)?.widget.nudge?.(steps);
  }
}

function fieldset(text) {
  const legend = make('legend', { textContent: text });
  return make('fieldset', { className: 'group' }, legend);
}

function folded(text) {
  const summary = make('summary', {}, make('span', { textContent: text }));
  const details = make('details', {}, summary);
  details.classList.add('group', 'layers');
  return details;
}

function labelled(text, id) {
  const label = make('label', { htmlFor: id, textContent: text });
  return make('div', { className: 'group' }, make('div', { className: 'label' }, label));
}

function labelOf(layer, member, info) {
  if (info.kind === 'toggle') return say('layer.switch', { layer });
  const itsName = named('control', member, info.title.toLowerCase());
  return say('layer.member', { layer, member: itsName });
}

// Lists that follow one another share a line.
function sideBySide(groups) {
  const rows = [];
  let pair = null;
  for (const { widget, group } of groups) {
    if (!(widget instanceof Select)) {
      pair = null;
      rows.push(group);
    } else if (pair?.children.length === 1) {
      pair.append(group);
    } else {
      pair = make('div', { className: 'pair' }, group);
      rows.push(pair);
    }
  }
  return rows;
}
