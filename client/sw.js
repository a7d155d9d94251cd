// SPDX-License-Identifier: MIT
// Keeps the page itself, so that it opens without a network. Sound and figures are never kept.
//   fresh    the network is asked first; what is kept answers where it fails or takes more than two seconds

const cacheName = 'auralis';
const patienceMs = 2000;
const shell = [
  './', 'style.css', 'icon.svg', 'manifest.webmanifest', 'main.js', 'controls.js', 'decoder.js', 'desk.js',
  'intake.js', 'intake-beside.js', 'intake-worker.js', 'jitter.js', 'keyboard.js', 'media.js', 'names.js',
  'playback.js', 'player.js', 'player-worklet.js', 'protocol.js', 'resampler.js', 'ring.js', 'settings.js',
  'share.js', 'sharing.js', 'sleep-timer.js', 'stream.js', 'token-dialog.js', 'visualiser.js',
].map((path) => new URL(path, self.registration.scope).href);

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(shell.map((url) => new Request(url, { cache: 'reload' })))).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const url = event.request.url.split(/[?#]/)[0];
  if (event.request.method === 'GET' && shell.includes(url)) event.respondWith(answer(url, event.request));
});

async function answer(url, request) {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(url);
  const fresh = fetch(request).then((response) => {
    if (response.ok) cache.put(url, response.clone());
    return response;
  });
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(resolve, patienceMs, kept));
  return Promise.race([fresh.then((response) => (response.ok ? response : kept), () => kept), late]);
}
