// SPDX-License-Identifier: MIT
// Asks for the token that a station wants for its controls.
//   use(token)       one was given
//   leave(message)   none was, with the message of the refusal that opened the dialog

import { byId } from './dom.js';

export class TokenDialog {
  constructor({ use, leave }) {
    this.dialog = byId('token-dialog');
    this.dialog.addEventListener('close', () => {
      if (this.dialog.returnValue === 'use') use(byId('token').value);
      else leave(this.message);
    });
  }

  ask(wrong, message) {
    this.message = message;
    byId('token-wrong').hidden = !wrong;
    if (this.dialog.open) return;
    this.dialog.returnValue = '';
    this.dialog.showModal();
  }
}
