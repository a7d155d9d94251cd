// SPDX-License-Identifier: MIT
// Asks for a station of one's own, and goes there. Where there is none to be had, it says when to
// try again, and leads to the common one.

import { byId, make } from './dom.js';
import { title } from './format.js';
import { say } from './words.js';

export class OwnStation {
  constructor({ door, base, go = (url) => location.assign(url) }) {
    Object.assign(this, { door, base, go });
    this.form = byId('own');
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.begin();
    });
  }

  offer(presets) {
    const options = presets.map((preset) =>
      make('option', { value: preset.name, textContent: preset.title || title(preset.name) }),
    );
    byId('own-preset').append(...options);
    this.form.hidden = false;
  }

  async begin() {
    const button = byId('own-begin');
    const preset = byId('own-preset').value;
    button.disabled = true;
    try {
      const { ok, answer, retryS } = await this.door.beginStation(preset ? { preset } : {});
      if (ok) this.go(new URL(answer.address, this.base).href);
      else this.refused(answer, retryS);
    } catch {
      this.tell(say('own.silent'));
    } finally {
      button.disabled = false;
    }
  }

  refused({ code, message, station }, retryS) {
    if (code !== 'too_many_stations' && code !== 'no_station') return this.tell(message);
    const again = retryS > 1 ? say('own.again', { count: retryS }) : say('own.again.soon');
    if (!station) return this.tell(say('own.full', { again }));
    const link = make('a', { href: station, textContent: say('own.common') });
    return this.tell(say('own.full.or', { again }), link, '.');
  }

  tell(...text) {
    byId('notice').replaceChildren(...text);
  }
}
