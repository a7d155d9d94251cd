// SPDX-License-Identifier: MIT
// Notices about the station: that it is away, full or closing, and what it refuses.
// Shows the state of the connection as data-link, too.

const closingTries = 5; // in vain, some six seconds, until "is closing" is no news any more
const refusals = {
  controls_off: 'This station plays as it likes: it takes no controls.',
  origin_not_allowed: 'This page may only listen: the station takes controls from its own pages.',
  too_many_controls: 'That was a little fast; please try again.',
};

const engineMissing = 'The engine could not be loaded: there is no network, or this page has none.';

export class StationNotices {
  constructor({ source, station, desk, where, notices, tokenDialog }) {
    Object.assign(this, { station, desk, where, notices, tokenDialog });
    this.closing = false;
    this.controlsOff = refusals.controls_off;
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
      notices.set('station', 'The station is closing. This page goes on as soon as it is back.');
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
      const seconds = Math.ceil(retryMs / 1000);
      notices.set('station', `Every seat is taken. Trying again in ${seconds} s.`);
    } else if (state === 'lost' && attempt > (this.closing ? closingTries : 1)) {
      notices.set('station', 'The station does not answer. This page keeps trying.');
    } else if (state === 'lost' && !this.closing) {
      notices.clear('station');
    }
  }

  refused({ code, message, id }) {
    const { desk, notices, station } = this;
    if (code === 'composer_unavailable') {
      notices.clear('refusal');
      notices.set(
        'composer',
        station.listening
          ? 'The composer is away; what you asked for waits until it is back.'
          : 'The composer is away for the moment.',
      );
      if (id && !station.listening) desk.refused({ id, message });
    } else if (code === 'unauthorized' || code === 'forbidden') {
      // Unless it was asked again meanwhile, or taken back.
      if (!id || desk.isOpen(id)) this.tokenDialog.ask(code === 'forbidden', message);
    } else {
      if (id) desk.refused({ id, message });
      notices.set('refusal', refusals[code] ?? message);
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
      this.notices.set('station', this.where.why || engineMissing);
      return;
    }
    this.notices.set(
      'station',
      navigator.onLine
        ? 'The station does not answer.'
        : 'There is no network. The page is here; the music will be, too.',
    );
  }
}
