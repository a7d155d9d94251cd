// SPDX-License-Identifier: MIT
// Presets of the listener's own, kept in the browser, as
// `auralis-compose --show-preset FILE --json` prints them: {preset, harmony}, or the preset alone.
//   errors   OwnPresetError with the key of a text; where storage is forbidden, the list lasts
//            until the page is closed

const key = 'auralis-presets';
const mostBytes = 262144; // of a file
const mostKept = 50;
const nameForm = /^[a-z0-9][a-z0-9_+-]{0,31}$/;

export class OwnPresetError extends Error {}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const isPreset = (preset) =>
  isObject(preset) && nameForm.test(preset.name) && isObject(preset.layers);

// The text of a file → a preset; fileName names one that has no name. What is wrong within it the
// engine says.
export function readPreset(text, fileName = '') {
  if (text.length > mostBytes) throw new OwnPresetError('presets.own.long');
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    throw new OwnPresetError('presets.own.json');
  }
  const found = isObject(json?.preset) ? json.preset : json;
  const name = found?.name || fileName.replace(/\.json$/i, '').toLowerCase();
  const preset = { ...(isObject(found) ? found : {}), name, group: 'Own' };
  if (!isPreset(preset)) throw new OwnPresetError('presets.own.other');
  return preset;
}

export class OwnPresets {
  // window: whose localStorage
  constructor(window) {
    this.window = window;
    this.list = [];
    try {
      const stored = JSON.parse(window.localStorage.getItem(key));
      if (Array.isArray(stored)) this.list = stored.filter(isPreset);
    } catch {
      // nothing stored, or nothing of ours
    }
  }

  // In place of one of the same name.
  add(preset) {
    this.list = [preset, ...this.list.filter(({ name }) => name !== preset.name)];
    this.list.length = Math.min(this.list.length, mostKept);
    this.write();
  }

  remove(name) {
    this.list = this.list.filter((preset) => preset.name !== name);
    this.write();
  }

  write() {
    try {
      this.window.localStorage.setItem(key, JSON.stringify(this.list));
    } catch {
      // not allowed, or full
    }
  }
}
