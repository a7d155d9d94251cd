// SPDX-License-Identifier: MIT
// The page in words: a notice while something is wrong, and announcements for screen readers.

import { byId } from './dom.js';

const topics = ['sound', 'station', 'refusal', 'composer', 'news']; // the first that has a text is shown
const gatherMs = 100;
const newsMs = 8000;

// A text for each topic. Where one is over, the next that still holds is shown.
export class Notices {
  constructor() {
    this.texts = {};
  }

  set(topic, text) {
    this.texts[topic] = text;
    this.show();
  }

  // Something that happened, and is of no interest for long.
  tell(text) {
    clearTimeout(this.newsTimer);
    this.set('news', text);
    this.newsTimer = setTimeout(() => this.clear('news'), newsMs);
  }

  // Without topics: all of them.
  clear(...over) {
    for (const topic of over.length ? over : topics) delete this.texts[topic];
    this.show();
  }

  show() {
    const topic = topics.find((name) => this.texts[name]);
    const text = this.texts[topic] ?? '';
    if (byId('notice').textContent !== text) byId('notice').textContent = text;
  }
}

// What happens at about the same time is announced together, of one topic the latest only: a text
// that is replaced at once is not read out.
export class Announcer {
  constructor() {
    this.texts = new Map(); // topic → text
    this.announce = this.announce.bind(this);
  }

  announce(text, topic = text) {
    if (!this.texts.size) {
      setTimeout(() => {
        byId('announce').textContent = [...this.texts.values()].join(', ');
        this.texts.clear();
      }, gatherMs);
    }
    this.texts.set(topic, text);
  }
}
