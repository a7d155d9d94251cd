// SPDX-License-Identifier: MIT
// Several sources of sound, of which one plays: calls go to that one, its events come from here.
//   makers   {name: () → a source as in source-proxy.js}: made when it is chosen first
//   use      only while nothing plays: positions of another source do not compare

import { sourceEvents } from './source-proxy.js';

export class SourceSwitch extends EventTarget {
  constructor(makers, name) {
    super();
    this.makers = makers;
    this.made = {};
    this.use(name);
  }

  use(name) {
    this.name = name;
    this.source(name);
  }

  source(name) {
    this.made[name] ??= this.make(name);
    return this.made[name];
  }

  make(name) {
    const source = this.makers[name]();
    for (const event of sourceEvents) {
      source.addEventListener(event, ({ detail }) => {
        // The sound of each goes its own way, even what is still under way when another is chosen.
        if (event !== 'chunk' && name !== this.name) return;
        this.dispatchEvent(new CustomEvent(event, { detail }));
      });
    }
    if (this.makeSink) source.connect(this.makeSink);
    return source;
  }

  get current() {
    return this.made[this.name];
  }

  get epoch() {
    return this.current.epoch;
  }

  get where() {
    return this.current.where;
  }

  connect(makeSink) {
    this.makeSink = makeSink;
    for (const source of Object.values(this.made)) source.connect(makeSink);
  }

  disconnect() {
    this.makeSink = null;
    for (const source of Object.values(this.made)) source.disconnect();
  }

  // To all, since all are asked for later.
  configure(settings) {
    for (const source of Object.values(this.made)) source.configure(settings);
  }

  open() {
    this.current.open();
  }

  close() {
    this.current.close();
  }

  reconnect() {
    this.current.reconnect();
  }

  send(message) {
    this.current.send(message);
  }

  flush() {
    this.current.flush();
  }

  underrun() {
    this.current.underrun();
  }

  level(place) {
    this.current.level(place);
  }
}
