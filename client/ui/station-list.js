// SPDX-License-Identifier: MIT
// Stations as cards, each in the colour of the mode it plays. A card that is there stays, so that a
// focus on it does, too.
//   table   of controls, which knows the modes

import { make } from './dom.js';
import { modeText, title, valueText, withAccidentals } from './format.js';
import { hueOfMode, neutralHue } from './hue.js';
import { say, words } from './words.js';

export class StationList {
  constructor(element) {
    this.element = element;
    this.table = null;
    this.cards = new Map(); // by address
  }

  // stations: as /api/stations lists them
  show(stations) {
    const addresses = new Set(stations.map(({ address }) => address));
    for (const [address, card] of this.cards) {
      if (addresses.has(address)) continue;
      card.item.remove();
      this.cards.delete(address);
    }
    stations.forEach((station, place) => {
      if (!this.cards.has(station.address)) this.cards.set(station.address, makeCard(station));
      const card = this.cards.get(station.address);
      this.fill(card, station);
      if (this.element.children[place] !== card.item)
        this.element.insertBefore(card.item, this.element.children[place] ?? null);
    });
  }

  fill(card, station) {
    const { preset, chord, key, mode, bpm, clients, playing } = station;
    const hue = mode && this.table ? hueOfMode(this.table.stepsOfMode(mode)) : neutralHue;
    card.item.style.setProperty('--hue', hue);
    card.item.toggleAttribute('data-playing', playing);
    setText(card.name, station.title || title(station.name));
    setText(card.about, station.description ?? '');
    const on = [preset && title(preset), chord && withAccidentals(chord)].filter(Boolean);
    setText(card.on, playing ? on.join(' · ') || say('stations.on') : say('stations.still'));
    const scale = key && mode ? `${withAccidentals(key)} ${modeText(mode)}` : '';
    const tempo = bpm ? valueText(this.table?.info('bpm') ?? bpmAlone, bpm) : '';
    setText(card.more, [scale, tempo, heardBy(clients)].filter(Boolean).join(' · '));
  }
}

const bpmAlone = { kind: 'number', unit: 'bpm' };

function heardBy(listeners) {
  return listeners ? words.count('stations.listeners', listeners) : '';
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function makeCard({ address }) {
  const name = make('span', { className: 'station-title' });
  const about = make('span', { className: 'station-about' });
  const on = make('span', { className: 'station-on' });
  const more = make('span', { className: 'station-more' });
  const bars = make('span', { className: 'bars' }, make('i'), make('i'), make('i'));
  bars.setAttribute('aria-hidden', 'true');
  const now = make('span', { className: 'station-now' }, bars, on);
  const link = make('a', { href: address, className: 'station' }, name, about, now, more);
  return { item: make('li', {}, link), name, about, on, more };
}
