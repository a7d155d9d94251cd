// SPDX-License-Identifier: MIT
// Keeps the page itself, so that it opens without a network. Sound and figures are never kept.
//   fresh    a page that opens asks the network first; what is kept answers where that fails or
//            takes more than two seconds
//   whole    a page that began with what is kept goes on with it, its workers too, and what is kept
//            is replaced at once or not at all: files of two versions do not fit together

const cacheName = 'auralis';
const networkTimeoutMs = 2000;
const shell = [
  './',
  'icon.svg',
  'manifest.webmanifest',
  'main.js',
  'audio/decoder.js',
  'audio/jitter.js',
  'audio/playback.js',
  'audio/player-worklet.js',
  'audio/player.js',
  'audio/resampler.js',
  'audio/ring.js',
  'audio/spectrum.js',
  'link/client-metrics.js',
  'link/control-table.js',
  'link/desk.js',
  'link/intake-proxy.js',
  'link/intake-worker.js',
  'link/intake.js',
  'link/protocol.js',
  'link/socket.js',
  'link/station.js',
  'ui/controls.js',
  'ui/dom.js',
  'ui/format.js',
  'ui/hue.js',
  'ui/keyboard.js',
  'ui/media-session.js',
  'ui/notices.js',
  'ui/now-playing.js',
  'ui/settings-dialog.js',
  'ui/settings.js',
  'ui/share.js',
  'ui/sharing.js',
  'ui/sleep-timer.js',
  'ui/station-notices.js',
  'ui/style.css',
  'ui/timer-dialog.js',
  'ui/token-dialog.js',
  'ui/transport.js',
  'ui/visualiser.js',
  'ui/volume.js',
  'ui/widgets.js',
].map((path) => new URL(path, self.registration.scope).href);

const onKept = new Set(); // ids of pages and workers

async function keep(how) {
  const cache = await caches.open(cacheName);
  await cache.addAll(shell.map((url) => new Request(url, { cache: how })));
}

self.addEventListener('install', (event) =>
  event.waitUntil(keep('reload').then(() => self.skipWaiting())),
);

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const url = event.request.url.split(/[?#]/)[0];
  if (event.request.method === 'GET' && shell.includes(url)) event.respondWith(answer(url, event));
});

async function freshOr(kept, request) {
  try {
    const response = await fetch(request);
    return response.ok ? response : kept;
  } catch {
    return kept;
  }
}

// Only pages and workers have an id: those go on with what is kept.
function respond(kept, resultingClientId) {
  if (resultingClientId) onKept.add(resultingClientId);
  return kept;
}

async function answer(url, event) {
  const { clientId, resultingClientId, request } = event;
  const opens = request.mode === 'navigate';
  const kept = await (await caches.open(cacheName)).match(url);
  if (!kept) return fetch(request);
  if (!opens && onKept.has(clientId)) return respond(kept, resultingClientId);
  const answers = [freshOr(kept, request)];
  if (opens) answers.push(new Promise((resolve) => setTimeout(resolve, networkTimeoutMs, kept)));
  const found = await Promise.race(answers);
  if (found === kept) return respond(kept, resultingClientId);
  if (opens) event.waitUntil(keep('no-cache').catch(() => {})); // else the next time it opens
  return found;
}
