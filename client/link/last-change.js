// SPDX-License-Identifier: MIT
// This listener's own last change, as long as it can be taken back: for a minute, unless it was
// refused, or somebody else changed the same meanwhile.
//   change   {controls: what was asked for, before: what it was, by control}, or null; that of
//            a preset or a mix has all that it may bring with it
//   events   'change', when it is another

const keptMs = 60000;
const sameMs = 2000; // what is asked for again so soon, as while dragging, is one change
const stateMs = 1000; // a station tells its state at least so often

export class LastChange extends EventTarget {
  // later(call, ms) → what cancels it
  constructor({ desk, later = laterOf, now = () => performance.now() }) {
    super();
    Object.assign(this, { desk, later, now });
    this.change = null;
    desk.addEventListener('ask', ({ detail }) => this.asked(detail));
    desk.addEventListener('change', ({ detail }) => this.happened(detail));
  }

  set(change) {
    if (change === this.change) return;
    this.change = change;
    this.cancel?.();
    this.cancel = change && this.later(() => this.set(null), keptMs);
    this.dispatchEvent(new Event('change'));
  }

  // before: every value as the listener saw it
  asked({ controls, before }) {
    if (this.undoing) return;
    const names = Object.keys(controls);
    const now = this.now();
    const goesOn = this.change?.names === names.join() && now - this.change.askedAt < sameMs;
    const all = 'preset' in controls || 'mix' in controls;
    const kept = goesOn
      ? this.change.before
      : Object.fromEntries(Object.entries(before).filter(([name]) => all || name in controls));
    const changes = names.some((name) => kept[name] !== undefined && kept[name] !== controls[name]);
    this.set(
      changes
        ? { controls: { ...controls }, before: kept, names: names.join(), askedAt: now }
        : null,
    );
  }

  happened({ control, phase, value }) {
    const { change } = this;
    if (!change || !(control in change.before)) return;
    const asked = control in change.controls;
    const gliding = !(this.now() >= change.settledAt); // a number passes others on its way
    if (!asked) {
      // What a preset brought is put back; what somebody set after it is not.
      if (phase === 'settled' && !gliding) delete change.before[control];
    } else if (phase === 'refused' || phase === 'unknown') {
      this.set(null);
    } else if (phase === 'coming' || phase === 'heard') {
      change.controls[control] = value;
      change.settledAt = this.now() + this.glideMs(control);
    } else if (phase === 'settled' && value !== change.controls[control] && !gliding) {
      this.set(null);
    }
  }

  glideMs(control) {
    const { kind, glide_s: glideS = 0 } = this.desk.table.info(control) ?? {};
    return ['number', 'preset', 'mix'].includes(kind) ? glideS * 1000 + stateMs : 0;
  }

  undo() {
    const { change, desk } = this;
    if (!change) return;
    const back = Object.entries(change.before).filter(
      ([control, value]) =>
        value !== undefined && desk.table.info(control) && desk.value(control) !== value,
    );
    this.undoing = true;
    if (back.length) desk.ask(Object.fromEntries(back));
    this.undoing = false;
    this.set(null);
  }
}

function laterOf(call, ms) {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}
