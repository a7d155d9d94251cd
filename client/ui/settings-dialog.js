// SPDX-License-Identifier: MIT
// The settings, the list of keys, and how the connection does.
//   player    whose figures are shown while it plays
//   events    'codec', 'visual' and 'language', when another is chosen

import { byId } from './dom.js';
import { showKeys } from './keyboard.js';
import { languages, say, words } from './words.js';

// What a stream takes, in megabytes an hour, by the setting; events are those of an hour's piece.
const ofKbit = (kbit) => Math.round((kbit * 3600) / 8000);
const costMb = {
  auto: ofKbit(128),
  opus64: ofKbit(64),
  pcm: ofKbit(2 * 16 * 44.1),
  webrtc: ofKbit(128),
  events: 1,
};

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
    this.showTheme();
  }

  choose(name, value) {
    this.settings.set(name, value);
    if (name === 'theme') this.showTheme();
    this.dispatchEvent(new Event(name));
  }

  // The station's events may be made into sound here.
  offerEvents() {
    const option = byId('codec').querySelector('[value="events"]');
    option.hidden = option.disabled = false;
  }

  offerWebRtc(there) {
    const option = byId('codec').querySelector('[value="webrtc"]');
    option.hidden = option.disabled = !there;
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

  // What the chosen one takes.
  showCost() {
    byId('codec-cost').textContent = say('quality.cost', { count: costMb[byId('codec').value] });
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
