// SPDX-License-Identifier: MIT
// One key, one thing; out of the way while somebody types or moves a slider, and switched off in the settings.

export function keyboard(bindings, enabled) {
  addEventListener('keydown', (event) => {
    if (!enabled() || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target;
    if (document.querySelector('dialog[open]') || target.matches('select, input:not([type="checkbox"], [type="radio"], [type="range"])')) return;
    if (event.key.startsWith('Arrow') && target.matches('input')) return;
    if (event.key === ' ' && target.matches('button, summary, input')) return;
    const run = bindings.find(({ keys }) => keys.includes(event.key.length === 1 ? event.key.toLowerCase() : event.key))?.run;
    if (!run) return;
    event.preventDefault();
    run(event.key);
  });
}
