// SPDX-License-Identifier: MIT
// The widget of presets: radio buttons that look like scenes, in their groups, with a field to find
// one where they are many. See widgets.js for what a widget has.
//   choice   {name, title, description, group}; all but the name may be missing

import { make } from './dom.js';
import { title as titleOf } from './format.js';
import { named, say } from './words.js';

const mostRead = 3; // of those that were found
const many = 12; // from so many on they can be searched

// → [{group, choices}], in the order in which the groups come first
export function grouped(choices) {
  const groups = new Map();
  for (const choice of choices) {
    const { group = '' } = choice;
    groups.set(group, [...(groups.get(group) ?? []), choice]);
  }
  return [...groups].map(([group, ofGroup]) => ({ group, choices: ofGroup }));
}

// Without case and accents.
const plain = (text) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

// With its group as it is shown.
const inWords = (choice) => ({ ...choice, shown: named('group', choice.group, '') });

// Whether each word of a text begins a word of the choice, in any order.
export function matches({ name, title = '', description = '', group = '', shown = '' }, text) {
  const its = plain(`${name} ${title} ${description} ${group} ${shown}`).split(/[^\p{L}\p{N}]+/u);
  const wanted = plain(text).split(/\s+/).filter(Boolean);
  return wanted.every((start) => its.some((word) => word.startsWith(start)));
}

function foundText(titles) {
  if (!titles.length) return say('presets.none');
  const first = titles.slice(0, mostRead).join(', ');
  const count = titles.length - mostRead;
  return count > 0 ? say('presets.found', { titles: first, count }) : first;
}

export class Scenes {
  // announce(text, topic) for screen readers
  constructor(info, { name, ask, announce }) {
    Object.assign(this, { name, ask, announce });
    this.field = make('input', { type: 'search', className: 'search', autocomplete: 'off' });
    this.field.placeholder = say('presets.find');
    this.field.setAttribute('aria-label', say('presets.find'));
    this.field.addEventListener('input', () => this.search());
    this.field.addEventListener('keydown', (event) => this.keyed(event));
    this.list = make('div', { className: 'chips' });
    this.none = make('p', { className: 'hint', textContent: say('presets.none') });
    this.element = make('div', { className: 'presets' }, this.field, this.list, this.none);
    this.offer((info.names ?? []).map((value) => ({ name: value })));
  }

  busy = false;

  // What there is to choose; it may come later.
  offer(choices) {
    this.choices = choices;
    const pictured = choices.some(({ description }) => description);
    this.list.classList.toggle('scenes', pictured);
    const groups = grouped(choices);
    this.list.replaceChildren(
      ...groups.map((group, at) => this.group(group, groups.length > 1 ? at : undefined)),
    );
    this.field.hidden = this.field.disabled = choices.length < many;
    this.search();
    this.show(this.shown);
    this.heard(this.sounding);
  }

  // at: its number, where there are several
  group({ group, choices }, at) {
    const chips = make('div', { className: 'group-chips' });
    chips.append(...choices.map((choice) => this.chip(choice)));
    const element = make('div', { className: 'preset-group' }, chips);
    if (at === undefined || !group) return element;
    const heading = make('p', {
      className: 'group-name',
      textContent: named('group', group, group),
    });
    heading.id = `${this.name}-group-${at}`;
    element.setAttribute('role', 'group');
    element.setAttribute('aria-labelledby', heading.id);
    element.prepend(heading);
    return element;
  }

  chip({ name, title = titleOf(name), description }) {
    const chip = make('label', { className: 'chip' });
    const input = make('input', { type: 'radio', name: this.name, value: name });
    input.addEventListener('change', () => this.ask(name));
    const face = make('span', {}, make('b', { textContent: title }));
    if (description) {
      // Its name alone names it; the sentence describes it.
      const id = `${this.name}-${name}-about`;
      face.append(make('small', { textContent: description, id, lang: 'en' }));
      input.setAttribute('aria-label', title);
      input.setAttribute('aria-describedby', id);
    }
    chip.append(input, face);
    return chip;
  }

  get chips() {
    return [...this.list.querySelectorAll('.chip')];
  }

  // Only those that match what is in the field are there.
  search() {
    const text = this.field.hidden ? '' : this.field.value;
    const found = this.choices.filter((choice) => matches(inWords(choice), text));
    const names = new Set(found.map(({ name }) => name));
    for (const chip of this.chips) chip.hidden = !names.has(chip.firstChild.value);
    for (const group of this.list.children) {
      group.hidden = !group.querySelector('.chip:not([hidden])');
    }
    this.none.hidden = found.length > 0 || !text;
    if (text) {
      this.announce(foundText(found.map(({ name, title = titleOf(name) }) => title)), 'search');
    }
  }

  // Enter takes the first that was found, Escape clears the field.
  keyed(event) {
    const first = this.list.querySelector('.chip:not([hidden]) input:enabled');
    if (event.key === 'Enter' && this.field.value && first) {
      event.preventDefault();
      first.focus();
      first.click();
    }
    if (event.key === 'Escape' && this.field.value) {
      event.preventDefault();
      this.field.value = '';
      this.search();
    }
  }

  // To the field, where there is one.
  find() {
    if (!this.field.hidden) this.field.focus();
  }

  show(value) {
    this.shown = value;
    for (const input of this.list.querySelectorAll('input')) {
      input.checked = input.value === value;
      input.disabled = value === undefined;
    }
    this.scrollByKeys();
  }

  // As the whole panel is: nothing can be chosen.
  lock(locked) {
    this.locked = locked;
    this.scrollByKeys();
  }

  // A list in which nothing takes the focus takes it itself, else no key scrolls it.
  scrollByKeys() {
    if (this.locked || this.shown === undefined) this.list.tabIndex = 0;
    else this.list.removeAttribute('tabindex');
  }

  heard(value) {
    const another = this.sounding !== value;
    this.sounding = value;
    for (const chip of this.chips) {
      chip.toggleAttribute('data-heard', chip.firstChild.value === value);
    }
    if (another) this.bringIntoView();
  }

  // Within the list, which may scroll; the page stays where it is.
  bringIntoView() {
    const chip = this.list.querySelector('[data-heard]');
    if (!chip) return;
    const [around, place] = [this.list.getBoundingClientRect(), chip.getBoundingClientRect()];
    this.list.scrollLeft += place.left - around.left - (around.width - place.width) / 2;
    this.list.scrollTop += place.top - around.top - (around.height - place.height) / 2;
  }
}
