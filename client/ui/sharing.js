// SPDX-License-Identifier: MIT
// The link to what plays, for others; and somebody's link, offered to this listener. What a link
// says is in share.js.
//   desk     what is heard, and whom to ask for what a link asks for
//   ask()    the station's status, or null
//   announce(text, topic)   for screen readers
//   seed()   of what plays, if it is known

import { pretty, title } from './names.js';
import { fromHash, toCommand, toHash } from './share.js';

const retryMs = 2000; // for a station that does not answer
const byId = (id) => document.getElementById(id);

export class Sharing {
  constructor({ desk, ask, announce, seed }) {
    Object.assign(this, { desk, ask, announce, seed });
    byId('open-share').addEventListener('click', () => this.open());
    for (const button of document.querySelectorAll('[data-copy]'))
      button.addEventListener('click', () => copy(byId(button.dataset.copy)));
  }

  async open() {
    byId('share-done').textContent = '';
    this.show();
    byId('share-dialog').showModal();
    await this.ask(); // the seed, if it was not known yet
    this.show();
    byId('share-link').select();
  }

  show() {
    const piece = { controls: Object.fromEntries(this.desk.values), seed: this.seed() };
    byId('share-link').value = `${location.origin}${location.pathname}${toHash(piece)}`;
    byId('share-command').value = toCommand(piece);
    byId('share-piece').hidden = piece.seed === undefined;
  }

  // Asked for only if this listener agrees, since everyone at this station hears the same music.
  async offer(hash) {
    const mine = (this.latest = {});
    const link = fromHash(hash);
    byId('offer').hidden = true;
    let status = await this.ask();
    while (!status && mine === this.latest) {
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      status = await this.ask();
    }
    if (mine !== this.latest) return; // another link was opened meanwhile
    const differing = Object.entries(link.controls).filter(
      ([control, value]) => this.desk.values.get(control) !== value,
    );
    const otherNotes = link.seed && status.seed && link.seed !== String(status.seed);
    if (!differing.length && !otherNotes) return;
    const { preset, key, mode, bpm, intensity } = Object.fromEntries(differing);
    const layers = new Set(
      differing
        .filter(([control]) => control.startsWith('layers.'))
        .map(([control]) => control.split('.')[1]),
    );
    const words = [
      preset && title(preset),
      key && pretty(key),
      mode && title(mode).toLowerCase(),
      bpm && `${bpm} bpm`,
      intensity !== undefined && `intensity ${Math.round(intensity * 100)} %`,
      layers.size && `${[...layers].join(', ')} otherwise`,
    ].filter(Boolean);
    byId('offer-text').textContent = differing.length
      ? `This link asks for ${words.join(' · ')}. Everyone who listens here would hear it.`
      : 'This link asks for what plays already.';
    byId('offer-take').hidden = !differing.length;
    byId('offer-seed').hidden = !otherNotes;
    byId('offer-seed').replaceChildren(
      `Its notes came from seed ${link.seed}; this station started from seed ${status.seed}, so they are others here. Ten minutes from that seed: `,
      command(toCommand(link)),
    );
    byId('offer').hidden = false;
    this.announce(byId('offer-text').textContent, 'offer');
    byId('offer-take').onclick = () => {
      this.desk.ask(Object.fromEntries(differing));
      closeOffer();
    };
    byId('offer-leave').onclick = closeOffer;
  }
}

function closeOffer() {
  byId('offer').hidden = true;
  history.replaceState(null, '', location.pathname);
  byId('play').focus();
}

async function copy(field) {
  field.select();
  let copied = true;
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    copied = document.execCommand('copy'); // a page that is not secure has no clipboard of its own
  }
  byId('share-done').textContent = copied ? 'Copied.' : 'Press Ctrl+C to copy.';
}

// Broken into lines between options only.
function command(text) {
  const code = document.createElement('code');
  code.append(
    ...text
      .split(/ (?=--|\|)/)
      .flatMap((part) => [
        Object.assign(document.createElement('span'), { textContent: part }),
        ' ',
      ]),
  );
  return code;
}
