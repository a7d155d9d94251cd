// SPDX-License-Identifier: MIT
// What is heard: preset, chord and why it came, key and tempo, the time to the next chord, the
// colour of the mode, and the title that the window and the lock screen show.

import { byId } from './dom.js';
import { minutes, modeText, title, valueText, withAccidentals } from './format.js';
import { hueOfMode, neutralHue } from './hue.js';
import { say } from './words.js';

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export class NowPlaying {
  constructor({ desk, lockScreen }) {
    Object.assign(this, { desk, lockScreen });
  }

  show() {
    const { music, table } = this.desk;
    const { preset, key, mode, bpm, chord, why, day } = music;
    const scale = key && mode ? `${withAccidentals(key)} ${modeText(mode)}` : '';
    const tempo = bpm ? valueText(table.info('bpm') ?? { kind: 'number', unit: 'bpm' }, bpm) : '';
    setText(byId('chord-name'), chord ? withAccidentals(chord) : '–');
    setText(byId('preset-name'), preset ? title(preset) : '');
    setText(byId('why'), chord && why ? why : '');
    setText(byId('piece'), [scale, tempo, dayText(day)].filter(Boolean).join(' · '));
    const hue = mode ? hueOfMode(table.stepsOfMode(mode)) : neutralHue;
    document.documentElement.style.setProperty('--hue', hue);
    document.title = preset ? `${title(preset)} · Auralis` : 'Auralis';
    if (preset) this.lockScreen.describe(title(preset), scale || 'Auralis');
  }

  // While nothing plays here.
  invite() {
    setText(byId('next'), this.desk.music.chord ? say('now.invite') : '');
  }

  countdown(heardS) {
    const leftS = this.desk.music.next_chord_position - heardS;
    setText(byId('next'), leftS >= 0 ? say('now.next', { time: minutes(leftS) }) : '');
  }
}

// Of a schedule: "night until 7:00".
function dayText({ now = '', next_at: until = '' } = {}) {
  return now && until ? say('now.until', { now, time: until }) : now;
}
