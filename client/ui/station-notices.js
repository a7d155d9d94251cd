// SPDX-License-Identifier: MIT
// Notices about the station: that it is away, full or closing, and what it refuses.
// Shows the state of the connection as data-link, too.

import { say } from './words.js';

const closingTries = 5; // in vain, some six seconds, until "is closing" is no news any more
const refusals = {
  controls_off: 'notice.closed',
  origin_not_allowed: 'notice.origin',
  too_many_controls: 'notice.fast',
  not_your_turn: 'notice.turn',
  others_wait: 'notice.others',
};

export class StationNotices {
  constructor({ source, station, desk, where, notices, tokenDialog }) {
    Object.assign(this, { station, desk, where, notices, tokenDialog });
    this.closing = false;
    source.addEventListener('link', ({ detail }) => this.linkChanged(detail));
    const on = (event, handler) => {
      station.addEventListener(event, ({ detail }) => handler(detail));
    };
    on('accepted', () => notices.clear('refusal', 'composer'));
    on('refused', (error) => this.refused(error));
    on('status', (status) => this.answered(status));
    on('silent', () => this.silent());
    on('closing', () => {
      this.closing = true;
      notices.set('station', say('notice.closing'));
    });
  }

  // Listening begins or ends: what was wrong before does not matter any more.
  reset() {
    this.closing = false;
    this.notices.clear();
  }

  linkChanged({ state, full, retryMs, attempt }) {
    document.body.dataset.link = state;
    if (!this.station.listening) return;
    const { notices } = this;
    if (state === 'open') {
      this.reset();
    } else if (state === 'lost' && full) {
      notices.set('station', say('notice.full', { count: Math.ceil(retryMs / 1000) }));
    } else if (state === 'lost' && attempt > (this.closing ? closingTries : 1)) {
      notices.set('station', say('notice.trying'));
    } else if (state === 'lost' && !this.closing) {
      notices.clear('station');
    }
  }

  refused({ code, message, id }) {
    const { desk, notices, station } = this;
    if (code === 'composer_unavailable') {
      notices.clear('refusal');
      notices.set('composer', say(station.listening ? 'notice.waits' : 'notice.away'));
      if (id && !station.listening) desk.refused({ id, message });
    } else if (code === 'unauthorized' || code === 'forbidden') {
      // Unless it was asked again meanwhile, or taken back.
      if (!id || desk.isOpen(id)) this.tokenDialog.ask(code === 'forbidden', message);
    } else {
      if (id) desk.refused({ id, message });
      notices.set('refusal', refusals[code] ? say(refusals[code]) : message);
    }
  }

  answered({ composer }) {
    if (this.station.listening) return;
    this.notices.clear('station');
    if (composer !== 'away') this.notices.clear('composer');
  }

  silent() {
    if (this.station.listening) return;
    if (this.where.name === 'here') {
      this.notices.set('station', this.where.why || say('notice.engine'));
      return;
    }
    this.notices.set('station', say(navigator.onLine ? 'notice.silent' : 'notice.offline'));
  }
}
