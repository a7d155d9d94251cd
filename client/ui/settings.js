// SPDX-License-Identifier: MIT
// What this browser remembers: volume and tastes. A browser that forbids it just forgets.

const defaults = { volume: 0.8, theme: 'auto', codec: 'auto', visual: null, keys: true, token: '' };

export class Settings {
  // window: whose localStorage; where that is forbidden, to look at it is an error
  constructor(window) {
    this.window = window;
    this.values = { ...defaults };
    this.read();
  }

  // What other tabs have set, too.
  read() {
    try {
      const kept = JSON.parse(this.window.localStorage.getItem('auralis'));
      for (const name of Object.keys(defaults)) {
        if (kept && typeof kept[name] === typeof (defaults[name] ?? true))
          this.values[name] = kept[name];
      }
    } catch {
      /* nothing kept, or nothing we wrote */
    }
  }

  get(name) {
    return this.values[name];
  }

  set(name, value) {
    this.read();
    this.values[name] = value;
    try {
      this.window.localStorage.setItem('auralis', JSON.stringify(this.values));
    } catch {
      /* not allowed, or full */
    }
  }
}
