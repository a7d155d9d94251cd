// SPDX-License-Identifier: MIT
// The page of stations: what each plays now, and one of one's own where the server has some.

import { ControlTable } from './link/control-table.js';
import { HttpDoor } from './link/http-door.js';
import { byId } from './ui/dom.js';
import { OwnStation } from './ui/own-station.js';
import { Settings } from './ui/settings.js';
import { StationList } from './ui/station-list.js';
import { languageOf, say, words } from './ui/words.js';

const everyMs = 4000;
const base = new URL('./', location.href).href;
const settings = new Settings(globalThis);
await words.use(languageOf(settings.get('language'), navigator.languages)).catch(() => {});
words.fill(document);
const door = new HttpDoor({ base, token: () => '' });
const list = new StationList(byId('stations'));

if (settings.get('theme') !== 'auto')
  document.documentElement.dataset.theme = settings.get('theme');

async function look() {
  try {
    list.show(await door.stations());
    byId('notice').textContent = '';
  } catch {
    byId('notice').textContent = say('stations.silent');
  }
}

async function watch() {
  if (!document.hidden) await look();
  setTimeout(watch, everyMs);
}

async function begin() {
  const { controls, limits } = await door.status();
  list.table = new ControlTable(controls);
  if (limits?.private_stations?.most > 0)
    new OwnStation({ door, base }).offer(await door.presets());
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) look();
});
begin()
  .catch(() => {}) // the list says that nobody answers
  .then(watch);
