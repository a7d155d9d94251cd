// SPDX-License-Identifier: MIT
// The page's knobs, bound to the desk: what they ask for, and how they show what is asked and what
// is heard.

import { decibels, keys, layers, listedKey, modes, pretty, title } from './names.js';

const dragMs = 120; // while a slider is dragged it asks at most this often
const thanksMs = 2500; // how long "heard" stays
const glideMs = 20000; // for so long a sound may be on its way to what was asked
const words = { pending: 'asked', coming: 'on its way', heard: 'heard', refused: 'not possible' };

const byId = (id) => document.getElementById(id);

export class Controls {
  constructor(desk, announce) {
    this.desk = desk;
    this.announce = announce;
    this.timers = new Map(); // group → when its phase is over
    this.gliding = new Map(); // control → when its knob follows the sound again
    byId('key').replaceChildren(...keys.map((key) => new Option(pretty(key), key)));
    byId('mode').replaceChildren(...modes.map((mode) => new Option(title(mode), mode)));
    for (const id of ['key', 'mode'])
      byId(id).addEventListener('change', ({ target }) => desk.ask({ [id]: target.value }));
    this.slider(byId('intensity'), 'intensity', (x) => `${Math.round(x * 100)} %`);
    this.slider(byId('bpm'), 'bpm', (x) => `${Math.round(x)} bpm`);
    layers.forEach((name) => this.row(name));
    desk.addEventListener('change', ({ detail }) => this.show(detail));
  }

  // [{name, title, description}]
  presets(list) {
    this.presetList = list;
    byId('presets').replaceChildren(
      ...list.map(({ name, title: text, description }) => {
        const chip = document.createElement('label');
        chip.className = 'chip';
        chip.title = description ?? '';
        const input = Object.assign(document.createElement('input'), {
          type: 'radio',
          name: 'preset',
          value: name,
        });
        const label = document.createElement('span');
        label.textContent = text ?? title(name);
        input.addEventListener('change', () => this.desk.ask({ preset: name }));
        chip.append(input, label);
        return chip;
      }),
    );
    this.set('preset', this.desk.value('preset'));
    this.heard('preset', this.desk.values.get('preset'));
  }

  // The row of a layer; made where it is not there yet, since a preset may name layers of its own.
  row(name) {
    if (document.querySelector(`[data-layer="${CSS.escape(name)}"]`)) return;
    const row = document.createElement('li');
    row.className = 'layer';
    row.dataset.layer = name;
    row.innerHTML = `
      <input type="checkbox" role="switch" class="switch" checked>
      <span class="name"></span>
      <input type="range" min="-60" max="6" step="1" value="0">
      <span class="value" aria-hidden="true"></span>`; // the slider itself tells its value
    const [on, text, gain] = row.children;
    text.textContent = name;
    on.setAttribute('aria-label', `${title(name)} layer`);
    gain.setAttribute('aria-label', `${title(name)} level`);
    on.addEventListener('change', () => this.desk.ask({ [`layers.${name}.on`]: on.checked }));
    this.slider(gain, `layers.${name}.gain_db`, decibels);
    byId('layer-list').append(row);
  }

  slider(input, control, format) {
    input.dataset.control = control;
    input.format = format;
    let last = 0;
    let timer;
    const ask = () => {
      input.waiting = false;
      last = performance.now();
      this.desk.ask({ [control]: Number(input.value) });
    };
    input.addEventListener('input', () => {
      this.label(input);
      clearTimeout(timer);
      const waitMs = last + dragMs - performance.now();
      input.waiting = waitMs > 0; // it stands where nobody was told yet
      if (input.waiting) timer = setTimeout(ask, waitMs);
      else ask();
    });
    this.label(input);
    this.fill(input, Number(input.value));
  }

  label(input) {
    const text = input.format(Number(input.value));
    input.setAttribute('aria-valuetext', text);
    input.parentElement.querySelector('.value').textContent = text;
  }

  fill(input, value) {
    input.style.setProperty('--heard', (100 * (value - input.min)) / (input.max - input.min));
  }

  // The element that stands for a control, and what shows its phase.
  find(control) {
    const [name, layer, member] = control.split('.');
    if (!layer)
      return { input: byId(name), group: document.querySelector(`.group[data-control="${name}"]`) };
    const row = document.querySelector(`[data-layer="${CSS.escape(layer)}"]`);
    return {
      input: row?.querySelector(member === 'on' ? '.switch' : '[type="range"]'),
      group: row,
    };
  }

  show({ control, phase, value }) {
    if (control.startsWith('layers.')) this.row(control.split('.')[1]);
    const { group } = this.find(control);
    if (!group) return;
    if (phase !== 'settled') this.glide(control);
    if (phase !== 'settled' || !this.gliding.has(control)) this.set(control, value);
    if (phase === 'heard' || phase === 'settled') this.heard(control, value);
    if (phase === 'settled') return;
    clearTimeout(this.timers.get(group));
    group.dataset.phase = phase;
    const shown = group.querySelector('.phase');
    if (shown) shown.textContent = words[phase];
    if (phase === 'heard' || phase === 'refused') {
      this.timers.set(
        group,
        setTimeout(() => delete group.dataset.phase, thanksMs),
      );
      if (phase === 'heard')
        this.announce(
          `${title(control.replace('layers.', '').replace(/\.(on|gain_db)$/, ''))} heard`,
        ); // a refusal is the notice's
    }
  }

  // A knob that was just moved stays where it is while the sound glides there.
  glide(control) {
    clearTimeout(this.gliding.get(control));
    this.gliding.set(
      control,
      setTimeout(() => {
        this.gliding.delete(control);
        this.set(control, this.desk.value(control));
      }, glideMs),
    );
  }

  // Where the knob stands.
  set(control, value) {
    if (value === undefined) return;
    const { input, group } = this.find(control);
    if (control === 'preset') {
      for (const radio of byId('presets').querySelectorAll('input'))
        radio.checked = radio.value === value;
    } else if (!input || input.waiting || input.matches(':active')) {
      // in somebody's hand
    } else if (input.type === 'checkbox') {
      input.checked = value;
      group.toggleAttribute('data-off', !value);
    } else if (input.type === 'range') {
      input.value = value;
      this.label(input);
    } else {
      const wanted = control === 'key' ? listedKey(value) : value;
      if (wanted && ![...input.options].some((option) => option.value === wanted))
        input.add(new Option(title(wanted), wanted));
      input.value = wanted;
    }
  }

  // How far the sound has followed.
  heard(control, value) {
    const { input } = this.find(control);
    if (control === 'preset') {
      for (const chip of byId('presets').children)
        chip.toggleAttribute('data-heard', chip.firstChild.value === value);
    } else if (input?.type === 'range') {
      this.fill(input, value);
    }
  }

  nudge(control, step) {
    const { input } = this.find(control);
    const before = input.value;
    if (step > 0) input.stepUp(step);
    else input.stepDown(-step);
    if (input.value !== before) input.dispatchEvent(new Event('input', { bubbles: true }));
  }
}
