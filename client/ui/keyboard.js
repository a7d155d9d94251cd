// SPDX-License-Identifier: MIT
// One key, one thing; out of the way while somebody types or moves a slider, and switched off in
// the settings.

export function keyboard(bindings, enabled) {
  addEventListener('keydown', (event) => {
    if (!enabled() || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented)
      return;
    if (document.querySelector('dialog[open]')) return;
    // What stands in a closed dialog keeps the focus until the next frame, and has no use for it.
    const wants = (selector) => event.target.matches(selector) && !event.target.closest('dialog');
    if (wants('select, input:not([type="checkbox"], [type="radio"], [type="range"])')) return;
    if (event.key === ' ' && wants('button, summary, input')) return;
    const binding = bindings.find(({ keys }) =>
      keys.includes(event.key.length === 1 ? event.key.toLowerCase() : event.key),
    );
    if (!binding) return;
    event.preventDefault();
    if (!event.repeat || binding.repeats) binding.run(event.key);
  });
}
