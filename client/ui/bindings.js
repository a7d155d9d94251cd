// SPDX-License-Identifier: MIT
// Which key does what: see keyboard.js. `text` names what it does among the texts, `control` the
// control whose name that is instead.

import { byId } from './dom.js';

export function bindingsOf(parts) {
  const { transport, volume, controls, undo, ambient, timer, sharing } = parts;
  const { choosePreset, openShelf, openSettings, toggleVisual } = parts;
  return [
    { keys: [' ', 'k'], shown: ['Space'], text: 'key.play', run: () => transport.toggle() },
    {
      keys: ['-', '+', '='],
      shown: ['−', '+'],
      text: 'volume',
      repeats: true,
      run: (key) => volume.nudge(key === '-' ? -0.05 : 0.05),
    },
    { keys: ['m'], shown: ['M'], text: 'key.mute', run: () => volume.toggleMute() },
    {
      keys: ['[', ']'],
      shown: ['[', ']'],
      control: 'intensity',
      repeats: true,
      run: (key) => controls.nudge('intensity', key === ']' ? 5 : -5),
    },
    {
      keys: [',', '.'],
      shown: [',', '.'],
      control: 'bpm',
      repeats: true,
      run: (key) => controls.nudge('bpm', key === '.' ? 2 : -2),
    },
    { keys: digits, shown: ['1', '–', '0'], control: 'preset', run: choosePreset },
    { keys: ['/'], shown: ['/'], text: 'presets.find', run: () => controls.findPreset() },
    { keys: ['z'], shown: ['Z'], text: 'key.undo', run: () => undo.undo() },
    {
      keys: ['l'],
      shown: ['L'],
      text: 'layers',
      run: () => byId('layers').toggleAttribute('open'),
    },
    {
      keys: ['v'],
      shown: ['V'],
      text: 'settings.visual',
      run: toggleVisual,
    },
    { keys: ['a'], shown: ['A'], text: 'key.clock', run: () => ambient.enter() },
    {
      keys: ['f'],
      shown: ['F'],
      text: 'key.shelf',
      run: openShelf,
    },
    { keys: ['t'], shown: ['T'], text: 'timer.title', run: () => timer.open() },
    { keys: ['s'], shown: ['S'], text: 'share', run: () => sharing.open() },
    {
      keys: ['?'],
      shown: ['?'],
      text: 'key.settings',
      run: openSettings,
    },
  ];
}

const digits = [...'1234567890'];
