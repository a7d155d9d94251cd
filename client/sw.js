// SPDX-License-Identifier: MIT
// Keeps the page itself, so that it opens without a network. Sound and figures are never kept.
//   fresh    a page that opens asks the network first; what is kept answers where that fails or takes more than two seconds
//   whole    a page that began with what is kept goes on with it, its workers too, and what is kept is replaced at once or
//            not at all: files of two versions do not fit together

const cacheName = 'auralis';
const patienceMs = 2000;
const shell = [
  './', 'style.css', 'icon.svg', 'manifest.webmanifest', 'main.js', 'controls.js', 'decoder.js', 'desk.js',
  'intake.js', 'intake-beside.js', 'intake-worker.js', 'jitter.js', 'keyboard.js', 'media.js', 'names.js',
  'playback.js', 'player.js', 'player-worklet.js', 'protocol.js', 'resampler.js', 'ring.js', 'settings.js',
  'share.js', 'sharing.js', 'sleep-timer.js', 'stream.js', 'token-dialog.js', 'visualiser.js',
].map((path) => new URL(path, self.registration.scope).href);

const onKept = new Set(); // ids of pages and workers

async function keep(how) {
  const cache = await caches.open(cacheName);
  await cache.addAll(shell.map((url) => new Request(url, { cache: how })));
}

self.addEventListener('install', (event) => event.waitUntil(keep('reload').then(() => self.skipWaiting())));

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const url = event.request.url.split(/[?#]/)[0];
  if (event.request.method === 'GET' && shell.includes(url)) event.respondWith(answer(url, event));
});

async function answer(url, event) {
  const { clientId, resultingClientId, request } = event;
  const opens = request.mode === 'navigate';
  const kept = await (await caches.open(cacheName)).match(url);
  if (!kept) return fetch(request);
  const ways = !opens && onKept.has(clientId) ? [kept] : [fetch(request).then((response) => (response.ok ? response : kept), () => kept)];
  if (opens) ways.push(new Promise((resolve) => setTimeout(resolve, patienceMs, kept)));
  const found = await Promise.race(ways);
  if (found === kept && resultingClientId) onKept.add(resultingClientId); // what is no page and no worker has none
  else if (opens) event.waitUntil(keep('no-cache').catch(() => {})); // the next time will do
  return found;
}
