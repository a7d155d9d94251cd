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
  'icon-180.png',
  'icon-512.png',
  'icon.svg',
  'main.js',
  'manifest.webmanifest',
  'stations.html',
  'stations.js',
  'audio/decoder.js',
  'audio/flac.js',
  'audio/jitter.js',
  'audio/ogg.js',
  'audio/playback.js',
  'audio/player-worklet.js',
  'audio/player.js',
  'audio/resampler.js',
  'audio/ring.js',
  'audio/source-proxy.js',
  'audio/source-switch.js',
  'audio/source.js',
  'audio/spectrum.js',
  'audio/tags.js',
  'audio/wav.js',
  'engine/engine-door.js',
  'engine/engine-source.js',
  'engine/engine-worker.js',
  'engine/follower.js',
  'engine/module.js',
  'engine/piece.js',
  'engine/recorder.js',
  'engine/recording-worker.js',
  'engine/recording.js',
  'link/client-metrics.js',
  'link/control-table.js',
  'link/desk.js',
  'link/http-door.js',
  'link/intake-worker.js',
  'link/intake.js',
  'link/last-change.js',
  'link/mix.js',
  'link/peer-sound.js',
  'link/protocol.js',
  'link/socket.js',
  'link/station.js',
  'link/whep.js',
  'ui/ambient.js',
  'ui/background.js',
  'ui/bindings.js',
  'ui/controls.js',
  'ui/dom.js',
  'ui/format.js',
  'ui/hue.js',
  'ui/keyboard.js',
  'ui/media-session.js',
  'ui/mix-pad.js',
  'ui/notices.js',
  'ui/now-playing.js',
  'ui/own-end.js',
  'ui/own-presets-dialog.js',
  'ui/own-presets.js',
  'ui/own-station.js',
  'ui/paced.js',
  'ui/save-dialog.js',
  'ui/scenes.js',
  'ui/settings-dialog.js',
  'ui/settings.js',
  'ui/share.js',
  'ui/sharing.js',
  'ui/shelf-dialog.js',
  'ui/shelf.js',
  'ui/sleep-timer.js',
  'ui/station-list.js',
  'ui/station-name.js',
  'ui/station-notices.js',
  'ui/steadier.js',
  'ui/stations.css',
  'ui/style.css',
  'ui/text/de.js',
  'ui/text/en.js',
  'ui/text/es.js',
  'ui/text/fr.js',
  'ui/text/ja.js',
  'ui/timer-dialog.js',
  'ui/token-dialog.js',
  'ui/transport.js',
  'ui/turn-line.js',
  'ui/undo-button.js',
  'ui/visualiser.js',
  'ui/volume.js',
  'ui/where.js',
  'ui/widgets.js',
  'ui/words.js',
].map(absolute);
// What plays without a station, and what that is saved with: kept from when the engine, or an
// encoder, is first asked for, since not all ask for it.
const engine = ['engine/auralis.bin', 'engine/presets.bin'].map(absolute);
const encoders = ['engine/libflac.min.wasm.js', 'engine/libflac.min.wasm.wasm'].map(absolute);
const onUse = [...engine, ...encoders];

// With the engine comes what is to be there when the network is not, where the build has it.
const along = (urls) => (urls.includes(engine[0]) ? encoders : []);

function absolute(path) {
  return new URL(path, self.registration.scope).href;
}

const onKept = new Set(); // ids of pages and workers

async function keep(how) {
  const cache = await caches.open(cacheName);
  const used = (await cache.keys()).map(({ url }) => url).filter((url) => onUse.includes(url));
  const anew = (url) => new Request(url, { cache: how });
  await cache.addAll(shell.map(anew));
  // A file that the host no longer has does not keep the others from being kept.
  const wanted = new Set([...used, ...along(used)]);
  await Promise.allSettled([...wanted].map((url) => cache.add(anew(url))));
}

self.addEventListener('install', (event) =>
  event.waitUntil(keep('reload').then(() => self.skipWaiting())),
);

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const url = event.request.url.split(/[?#]/)[0];
  if (event.request.method !== 'GET') return;
  if (shell.includes(url) || onUse.includes(url)) event.respondWith(answer(url, event));
});

async function freshOr(kept, request) {
  try {
    const response = await fetch(request);
    return response.ok ? response : kept;
  } catch {
    return kept;
  }
}

async function keepUsed(cache, url, found) {
  await cache.put(url, found);
  await Promise.allSettled(along([url]).map((encoder) => cache.add(encoder)));
}

// Only pages and workers have an id: those go on with what is kept.
function respond(kept, resultingClientId) {
  if (resultingClientId) onKept.add(resultingClientId);
  return kept;
}

async function answer(url, event) {
  const { clientId, resultingClientId, request } = event;
  const opens = request.mode === 'navigate';
  const cache = await caches.open(cacheName);
  const kept = await cache.match(url);
  if (!kept) {
    const found = await fetch(request);
    if (found.ok && onUse.includes(url)) event.waitUntil(keepUsed(cache, url, found.clone()));
    return found;
  }
  if (!opens && onKept.has(clientId)) return respond(kept, resultingClientId);
  const answers = [freshOr(kept, request)];
  if (opens) answers.push(new Promise((resolve) => setTimeout(resolve, networkTimeoutMs, kept)));
  const found = await Promise.race(answers);
  if (found === kept) return respond(kept, resultingClientId);
  if (opens) event.waitUntil(keep('no-cache').catch(() => {})); // else the next time it opens
  return found;
}
