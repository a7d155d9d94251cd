// SPDX-License-Identifier: MIT
// The page in words: a notice while something is wrong, and announcements for screen readers.

import { byId } from './dom.js';

const topics = ['sound', 'station', 'refusal', 'composer', 'news', 'offer']; // the first that has a text is shown
const gatherMs = 100;
const newsMs = 8000;

// A text for each topic, and what pressing it does, if anything. Where one is over, the next that
// still holds is shown.
export class Notices {
  constructor() {
    this.texts = {};
    this.acts = {};
  }

  set(topic, text, act) {
    this.texts[topic] = text;
    this.acts[topic] = act;
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
    const notice = byId('notice');
    if (notice.textContent === text) return;
    const act = this.acts[topic];
    if (!text || !act) {
      notice.textContent = text;
      return;
    }
    const button = document.createElement('button');
    button.type = 'button';
    button.classList.add('button', 'quiet');
    button.textContent = text;
    button.addEventListener('click', act);
    notice.replaceChildren(button);
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
