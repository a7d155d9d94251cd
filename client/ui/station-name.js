// SPDX-License-Identifier: MIT
// Beside the name of the whole: which of several stations this page is of, and the way to the
// others.

import { byId } from './dom.js';
import { say } from './words.js';

const ofSeveral = /\/s\/[^/]+\/$/;
const ofKey = /\/s\/[0-9a-f]{32}\/$/;

// Whose address is its key: nothing of it is kept.
export const isPrivate = (base) => ofKey.test(new URL(base).pathname);

export function showStation(base, { station }) {
  if (!station || !ofSeveral.test(new URL(base).pathname)) return;
  const link = byId('station-name');
  link.textContent = station.title;
  link.title = say(station.private ? 'stations.private' : 'stations.all');
  link.hidden = false;
}
