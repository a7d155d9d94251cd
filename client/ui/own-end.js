// SPDX-License-Identifier: MIT
// The end of a private station, by one of those who have its address, and the way back to the
// common one, whose page then says what happened.
//   door     endStation()
//   leave    before the page is left
//   kept     sessionStorage: that the page just left ended its station; never its address, which is
//            its key

import { HttpDoor } from '../link/http-door.js';
import { byId } from './dom.js';
import { isPrivate } from './station-name.js';
import { say } from './words.js';

const endedKey = 'auralis.ended';

export class OwnEnd {
  constructor({ door, base, leave }) {
    Object.assign(this, { door, leave });
    if (!isPrivate(base)) return;
    byId('own-end-line').hidden = false;
    byId('open-own-end').addEventListener('click', () => this.open());
    byId('own-end-dialog').addEventListener('submit', (event) => {
      if (event.submitter.value !== 'end') return;
      event.preventDefault();
      this.end();
    });
  }

  open() {
    byId('own-end-wrong').textContent = '';
    byId('own-end-dialog').showModal();
  }

  async end() {
    const button = byId('own-end-yes');
    button.disabled = true;
    try {
      const { ok, answer } = await this.door.endStation();
      if (!ok) {
        this.refused(answer.message);
        return;
      }
      this.leave();
      keep();
      location.assign(await commonStation());
    } catch {
      this.refused(say('own.silent'));
    } finally {
      button.disabled = false;
    }
  }

  refused(why) {
    byId('own-end-wrong').textContent = why;
    byId('own-end-no').focus();
  }
}

// The first that is listed, or the page of them all.
async function commonStation() {
  const all = byId('station-name').href;
  const [first] = await new HttpDoor({ base: all }).stations().catch(() => []);
  return first ? new URL(first.address, all).href : all;
}

function keep() {
  try {
    sessionStorage.setItem(endedKey, 'yes');
  } catch {
    // not allowed: then nothing is said of it
  }
}

// Whether the page before this one ended its station; told once.
export function hasEndedOne() {
  try {
    const ended = sessionStorage.getItem(endedKey) !== null;
    sessionStorage.removeItem(endedKey);
    return ended;
  } catch {
    return false;
  }
}
