// SPDX-License-Identifier: MIT
// Pieces that this device played, kept in the browser: the latest, and all that have a star.
//   piece    {seed, preset, controls as in a score, when in ms since 1970, star}
//   errors   what is stored and not of this form is left out; where storage is forbidden, the list
//            lasts until the page is closed

const key = 'auralis-pieces';
const mostKept = 50; // without a star

const isPiece = (piece) =>
  typeof piece?.seed === 'string' &&
  typeof piece.preset === 'string' &&
  typeof piece.when === 'number' &&
  typeof piece.controls === 'object';

export class Shelf {
  // window: whose localStorage
  constructor(window) {
    this.window = window;
    this.pieces = [];
    this.read();
  }

  read() {
    try {
      const stored = JSON.parse(this.window.localStorage.getItem(key));
      if (Array.isArray(stored)) this.pieces = stored.filter(isPiece);
    } catch {
      // nothing stored, or nothing of ours
    }
  }

  write() {
    let plain = 0;
    this.pieces = this.pieces.filter(({ star }) => star || ++plain <= mostKept);
    try {
      this.window.localStorage.setItem(key, JSON.stringify(this.pieces));
    } catch {
      // not allowed, or full
    }
  }

  // A piece that begins to play; one that is on the list already moves to its top.
  add({ seed, preset, controls }, when = Date.now()) {
    this.read();
    const same = this.pieces.find((piece) => piece.seed === seed);
    const star = same?.star ?? false;
    this.pieces = this.pieces.filter((piece) => piece !== same);
    this.pieces.unshift({ seed, preset, controls, when, star });
    this.write();
  }

  mark(seed, star) {
    this.read();
    const piece = this.pieces.find((known) => known.seed === seed);
    if (piece) piece.star = star;
    this.write();
  }

  // Stars first, then by when they played.
  get list() {
    return [...this.pieces].sort((a, b) => b.star - a.star || b.when - a.when);
  }
}
