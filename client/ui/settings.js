// SPDX-License-Identifier: MIT
// What this browser remembers: volume, looks, the token. Where storage is forbidden, until the page
// is closed.

const defaults = {
  volume: 0.8,
  language: 'auto',
  theme: 'auto',
  codec: 'auto',
  visual: true,
  keys: true,
  token: '',
  player: 'station', // or 'here'
  sleepAt: 0, // when the sleep timer ends, in ms since 1970
};

export class Settings {
  // window: whose localStorage; where storage is forbidden, reading the property throws
  constructor(window) {
    this.window = window;
    this.values = { ...defaults };
    this.read();
  }

  // Again before each change: other tabs store theirs, too.
  read() {
    try {
      const stored = JSON.parse(this.window.localStorage.getItem('auralis'));
      for (const name of Object.keys(defaults)) {
        if (stored && typeof stored[name] === typeof defaults[name])
          this.values[name] = stored[name];
      }
    } catch {
      // nothing stored, or nothing of ours
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
      // not allowed, or full
    }
  }
}
