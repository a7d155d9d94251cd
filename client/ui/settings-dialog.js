// SPDX-License-Identifier: MIT
// The settings, the list of keys, and how the connection does.
//   player    whose figures are shown while it plays
//   events    'codec', 'visual' and 'language', when another is chosen

import { byId } from './dom.js';
import { showKeys } from './keyboard.js';
import { languages, say, words } from './words.js';

// Which of the station's streams a setting is.
const streams = { auto: 'opus', opus64: 'opus64', pcm: 'pcm', webrtc: 'opus' };
const eventsMb = 1; // an hour's piece

const quality = (name) => byId('codec').querySelector(`[value="${name}"]`);

function offer(name, there) {
  const option = quality(name);
  option.hidden = option.disabled = !there;
}

export class SettingsDialog extends EventTarget {
  constructor({ settings, player }) {
    super();
    Object.assign(this, { settings, player });
    const on = (id, change) => {
      byId(id).addEventListener('change', ({ target }) => change(target));
    };
    for (const [language, { title }] of Object.entries(languages)) {
      const option = new Option(title, language);
      option.lang = language;
      byId('language').add(option);
    }
    on('language', ({ value }) => this.choose('language', value));
    on('theme', ({ value }) => this.choose('theme', value));
    on('codec', ({ value }) => {
      this.choose('codec', value);
      this.showCost();
    });
    on('visual-on', ({ checked }) => this.choose('visual', checked));
    on('keys-on', ({ checked }) => this.choose('keys', checked));
    byId('open-settings').addEventListener('click', () => this.open());
    this.useRates({});
    this.showTheme();
  }

  choose(name, value) {
    this.settings.set(name, value);
    if (name === 'theme') this.showTheme();
    this.dispatchEvent(new Event(name));
  }

  // The station's events may be made into sound here.
  offerEvents() {
    offer('events', true);
  }

  offerWebRtc(there) {
    offer('webrtc', there);
  }

  // bindings(): of the keyboard, as they are when the dialog opens
  listKeys(bindings) {
    this.bindings = bindings;
  }

  open() {
    const { settings } = this;
    byId('language').value = settings.get('language');
    byId('theme').value = settings.get('theme');
    byId('codec').value = settings.get('codec');
    if (byId('codec').selectedIndex < 0) byId('codec').value = 'auto';
    byId('visual-on').checked = settings.get('visual');
    byId('keys-on').checked = settings.get('keys');
    this.showKeys();
    this.showCost();
    byId('settings-dialog').showModal();
    this.showFigures();
  }

  // In the present language.
  showKeys() {
    showKeys(byId('keys'), this.bindings());
  }

  // {codec: bits per second} of the station
  useRates(rates) {
    this.rates = rates;
    for (const name of ['auto', 'opus64']) {
      const rate = rates[streams[name]];
      quality(name).text = rate ? `Opus ${rate / 1000}` : 'Opus';
    }
    offer('opus64', Boolean(rates.opus64));
    this.showCost();
  }

  // What the chosen one takes, in megabytes an hour.
  showCost() {
    const name = byId('codec').value;
    const ofStream = Math.round(((this.rates[streams[name]] ?? 0) * 3600) / 8e6);
    const count = name === 'events' ? eventsMb : ofStream;
    byId('codec-cost').textContent = count ? say('quality.cost', { count }) : '';
  }

  showTheme() {
    const choice = this.settings.get('theme');
    if (choice === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
  }

  showFigures() {
    if (!byId('settings-dialog').open) return;
    const { player } = this;
    const metrics = player.active && player.metrics();
    const { codec, jitterMs = 0 } = player.sourceState;
    byId('figures').textContent = metrics
      ? say('figures', {
          arrival: say(`figures.${codec}`),
          buffer: metrics.buffer_ms,
          jitter: Math.round(jitterMs),
          breaks: words.count('figures.breaks', metrics.underruns),
          transport: say(`figures.${player.way}`),
        })
      : '';
  }
}
