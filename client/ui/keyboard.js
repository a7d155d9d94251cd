// SPDX-License-Identifier: MIT
// Single keys for what is done often; out of the way while somebody types or moves a slider, and
// switched off in the settings.
//   binding   {keys, shown, label, run(key), repeats?}: `keys` as events name them, `shown` as
//             people do

import { make } from './dom.js';

export function keyboard(bindings, enabled) {
  addEventListener('keydown', (event) => {
    if (!enabled() || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) {
      return;
    }
    if (document.querySelector('dialog[open]') || usedByFocus(event)) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const binding = bindings.find(({ keys }) => keys.includes(name));
    if (!binding) return;
    event.preventDefault();
    if (!event.repeat || binding.repeats) binding.run(event.key);
  });
}

// Whether the focused element needs the key itself. An element of a closed dialog keeps the focus
// until the next frame, and needs none.
function usedByFocus({ key, target }) {
  if (target.closest('dialog')) return false;
  if (target.matches('select, input:not([type="checkbox"], [type="radio"], [type="range"])')) {
    return true;
  }
  return key === ' ' && target.matches('button, summary, input');
}

// Fills a <dl> with keys and what they do.
export function showKeys(list, bindings) {
  list.replaceChildren(
    ...bindings.flatMap(({ shown, label }) => {
      const keys = shown.map((key) => (key === '–' ? key : make('kbd', { textContent: key })));
      return [make('dt', {}, ...keys), make('dd', { textContent: label })];
    }),
  );
}
