// SPDX-License-Identifier: MIT
// The link to what plays, for others; and somebody's link, offered to this listener. What a link
// says is in share.js.
//   desk       what is heard, and takes what a link asks for
//   station    ask() for its status, or null; the seed of what plays, if it is known
//   where      who plays: what this device plays alone begins as its link says
//   begin      (score) a piece of that seed, preset and controls on this device
//   announce   (text, topic) for screen readers

import { startOf } from '../link/desk.js';
import { byId, make } from './dom.js';
import { modeText, title, valueText } from './format.js';
import { fromHash, toCommand, toHash } from './share.js';
import { named, say, words } from './words.js';

const retryMs = 2000; // for a station that does not answer

export class Sharing {
  constructor({ desk, station, where, begin, announce }) {
    Object.assign(this, { desk, station, where, begin, announce });
    byId('open-share').addEventListener('click', () => this.open());
    for (const button of document.querySelectorAll('[data-copy]')) {
      button.addEventListener('click', () => copy(byId(button.dataset.copy)));
    }
    byId('share-send').hidden = !navigator.share;
    byId('share-send').addEventListener('click', () => this.send());
    addEventListener('hashchange', () => this.offerLink());
  }

  async open() {
    byId('share-done').textContent = '';
    this.show();
    byId('share-dialog').showModal();
    await this.station.ask(); // the seed may not be known yet
    this.show();
    byId('share-link').select();
  }

  // By what the system has for it; whoever thinks better of it has not sent it.
  send() {
    navigator.share({ title: document.title, url: byId('share-link').value }).catch(() => {});
  }

  show() {
    const { table, values } = this.desk;
    const piece = { controls: Object.fromEntries(values), seed: this.station.seed };
    const here = this.where.name === 'here';
    const page = `${location.origin}${location.pathname}${here ? '?here' : ''}`;
    byId('share-link').value = `${page}${toHash(piece, table)}`;
    byId('share-seed').hidden = here;
    byId('share-command').value = toCommand(piece, table);
    byId('share-piece').hidden = piece.seed === undefined;
  }

  // What the page's address asks for takes effect only if this listener agrees, since everyone at
  // this station hears the same music. Offered once the station has said what it takes and plays.
  async offerLink() {
    const latest = (this.latest = {});
    byId('offer').hidden = true;
    if (location.hash.length < 2) return;
    let status = await this.station.ask();
    while (latest === this.latest && !(status && this.desk.table.controls.length)) {
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      status = await this.station.ask();
    }
    if (latest !== this.latest) return;
    const link = fromHash(location.hash, this.desk.table);
    if (this.where.name === 'here') this.beginHere(link);
    else this.offer(link, status);
  }

  async beginHere({ controls, seed }) {
    history.replaceState(null, '', location.pathname + location.search);
    await this.begin({ seed, ...startOf(controls) });
  }

  offer(link, status) {
    const { desk } = this;
    const differing = Object.entries(link.controls).filter(
      ([control, value]) => desk.values.get(control) !== value,
    );
    const otherNotes = link.seed && status.seed && link.seed !== String(status.seed);
    if (!differing.length && !otherNotes) return;
    const text = differing.length
      ? say('offer.asks', { changes: this.describe(differing) })
      : say('offer.same');
    byId('offer-text').textContent = text;
    byId('offer-take').hidden = !differing.length;
    byId('offer-seed').hidden = !otherNotes;
    byId('offer-seed').replaceChildren(
      say('offer.seed', { seed: link.seed, present: status.seed }),
      brokenBetweenOptions(toCommand(link, desk.table)),
    );
    byId('offer').hidden = false;
    this.announce(text, 'offer');
    byId('offer-take').onclick = () => {
      desk.ask(Object.fromEntries(differing));
      closeOffer();
    };
    byId('offer-leave').onclick = closeOffer;
  }

  // "Focus · D · intensity 20 % · pad, drone otherwise"
  describe(differing) {
    const { table } = this.desk;
    const isOfLayer = ([control]) => control.startsWith('layers.');
    const presetFirst = ([a], [b]) => (b === 'preset') - (a === 'preset');
    const parts = differing
      .filter((change) => !isOfLayer(change))
      .sort(presetFirst)
      .map(([name, value]) => inWords(name, table.info(name), value));
    const layers = new Set(
      differing.filter(isOfLayer).map(([control]) => {
        const layer = control.split('.')[1];
        const own = table.layer(layer)?.title ?? title(layer);
        return inSentence(named('layer', layer, own));
      }),
    );
    if (layers.size) parts.push(say('offer.otherwise', { layers: [...layers].join(', ') }));
    return parts.join(' · ');
  }
}

// Nouns are capital in German only.
const inSentence = (name) => (words.language === 'de' ? name : name.toLowerCase());

function inWords(control, info, value) {
  const text = valueText(info, value);
  if (info.kind === 'preset' || info.kind === 'key') return text;
  if (info.kind === 'mode') return modeText(value);
  if (info.names || info.unit) return text.toLowerCase();
  return `${inSentence(named('control', control, info.title))} ${text}`;
}

function closeOffer() {
  byId('offer').hidden = true;
  history.replaceState(null, '', location.pathname + location.search);
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
  byId('share-done').textContent = say(copied ? 'share.copied' : 'share.by.key');
}

// A command whose lines break between options only.
function brokenBetweenOptions(text) {
  const code = make('code');
  for (const part of text.split(/ (?=--|\|)/)) {
    code.append(make('span', { textContent: part }), ' ');
  }
  return code;
}
