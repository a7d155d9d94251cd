// SPDX-License-Identifier: MIT
// Favourites and history, to look at, to play again, to keep as a file.
//   shelf    see shelf.js
//   play     (piece) begins it again

import { byId, download, make } from './dom.js';
import { pieceTitle, title } from './format.js';
import { say, words } from './words.js';

export class ShelfDialog {
  constructor({ shelf, play }) {
    Object.assign(this, { shelf, play });
    byId('open-shelf').addEventListener('click', () => this.open());
    byId('shelf-export').addEventListener('click', () => this.save());
  }

  open() {
    this.shelf.read();
    this.show();
    byId('shelf-dialog').showModal();
  }

  show() {
    const { list } = this.shelf;
    byId('shelf').replaceChildren(...list.map((piece) => this.row(piece)));
    if (!list.length) byId('shelf').append(make('li', { textContent: say('shelf.empty') }));
    byId('shelf-export').hidden = !list.length;
  }

  row(piece) {
    const when = new Date(piece.when).toLocaleString(words.language, {
      dateStyle: 'medium',
      timeStyle: 'short',
    });
    const star = make('button', { type: 'button', className: 'star', textContent: '★' });
    star.setAttribute('aria-label', say('shelf.star', { piece: pieceTitle(piece) }));
    star.setAttribute('aria-pressed', Boolean(piece.star));
    star.addEventListener('click', () => {
      piece.star = !piece.star;
      this.shelf.mark(piece.seed, piece.star);
      star.setAttribute('aria-pressed', piece.star);
    });
    const play = make('button', { type: 'button', className: 'again', title: say('shelf.again') });
    play.append(make('b', { textContent: title(piece.preset) }), ' ', when);
    play.addEventListener('click', () => {
      byId('shelf-dialog').close();
      this.play(piece);
    });
    return make('li', {}, star, play);
  }

  save() {
    const text = JSON.stringify(this.shelf.list, null, 2);
    download(new Blob([text], { type: 'application/json' }), 'auralis-pieces.json');
  }
}
