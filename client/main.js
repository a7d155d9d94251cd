// SPDX-License-Identifier: MIT
// The page: makes its parts and joins them.
//   source → player      sound, through a ring; from the station, or from the engine here
//   source → station     messages; the station keeps the desk
//   desk → controls, now playing

import { flacEncodes } from './audio/flac.js';
import { Player } from './audio/player.js';
import { SourceProxy } from './audio/source-proxy.js';
import { SourceSwitch } from './audio/source-switch.js';
import { Spectrum } from './audio/spectrum.js';
import { EngineDoor } from './engine/engine-door.js';
import { recordApart } from './engine/recorder.js';
import { opusEncodes } from './engine/recording.js';
import { EngineSource } from './engine/engine-source.js';
import { engineSupported, findEngine } from './engine/module.js';
import { ClientMetrics } from './link/client-metrics.js';
import { Desk, startOf } from './link/desk.js';
import { HttpDoor } from './link/http-door.js';
import { Intake } from './link/intake.js';
import { LastChange } from './link/last-change.js';
import { Station } from './link/station.js';
import { Ambient } from './ui/ambient.js';
import { Background } from './ui/background.js';
import { bindingsOf } from './ui/bindings.js';
import { Controls } from './ui/controls.js';
import { byId } from './ui/dom.js';
import { title } from './ui/format.js';
import { keyboard } from './ui/keyboard.js';
import { LockScreen } from './ui/media-session.js';
import { Announcer, Notices } from './ui/notices.js';
import { NowPlaying } from './ui/now-playing.js';
import { SaveDialog } from './ui/save-dialog.js';
import { Settings } from './ui/settings.js';
import { SettingsDialog } from './ui/settings-dialog.js';
import { OwnEnd, hasEndedOne } from './ui/own-end.js';
import { OwnPresets } from './ui/own-presets.js';
import { OwnPresetsDialog } from './ui/own-presets-dialog.js';
import { Sharing } from './ui/sharing.js';
import { Shelf } from './ui/shelf.js';
import { ShelfDialog } from './ui/shelf-dialog.js';
import { isPrivate, showStation } from './ui/station-name.js';
import { StationNotices } from './ui/station-notices.js';
import { Steadier } from './ui/steadier.js';
import { TimerDialog } from './ui/timer-dialog.js';
import { TokenDialog } from './ui/token-dialog.js';
import { Transport } from './ui/transport.js';
import { TurnLine } from './ui/turn-line.js';
import { UndoButton } from './ui/undo-button.js';
import { Visualiser } from './ui/visualiser.js';
import { Volume } from './ui/volume.js';
import { Where } from './ui/where.js';
import { languageOf, say, words } from './ui/words.js';

const base = new URL('./', location.href).href;
const everything = { position: Infinity, epoch: Infinity };
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

const settings = new Settings(globalThis);
const ownPresets = new OwnPresets(globalThis);
await words.use(presentLanguage()).catch(() => {}); // else it speaks English
words.fill(document);
const hasStation = document.documentElement.dataset.station !== 'none';
const hereWanted = new URLSearchParams(location.search).has('here');
const where = new Where({
  name: hasStation && !(engineSupported() && wantsHere()) ? 'station' : 'here',
  choice: hasStation,
});
const source = new SourceSwitch({ station: stationSource, here: engineSource }, where.name);
const doors = {
  station: new HttpDoor({ base, token: () => settings.get('token') }),
  here: new EngineDoor(() => source.source('here')),
};
// On a phone the music goes through a media element, which its lock screen leaves alone.
const element = matchMedia('(pointer: coarse)').matches;
const player = new Player(source, { element, quick: where.name === 'here' });
const desk = new Desk({ send: (message) => station.send(message) });
const station = new Station({ source, desk, door: doors[where.name] });
const metrics = new ClientMetrics({ player, source });

const notices = new Notices();
const { announce } = new Announcer();
const transport = new Transport({ player, source });
const controls = new Controls(desk, announce);
const undo = new UndoButton({
  lastChange: new LastChange({ desk }),
  titleOf: (control) => controls.titleOf(control),
});
const lockScreen = new LockScreen({
  play: () => transport.play(),
  pause: () => transport.pause(),
  stream: () => player.stream,
  direct: () => player.direct(),
});
const nowPlaying = new NowPlaying({ desk, lockScreen });
const visualiser = new Visualiser(byId('visual'));
const volume = new Volume({ settings, player });
new Background({ player, transport, station, where, volume, lockScreen, base });
const timer = new TimerDialog({ player, transport, settings });
const ambient = new Ambient();
const shelf = new Shelf(globalThis);
const shelfDialog = new ShelfDialog({
  shelf,
  play: async (piece) => {
    await beginHere(piece);
    transport.play();
  },
});
new OwnPresetsDialog({
  presets: ownPresets,
  test: (preset) => doors.here.testPreset(preset),
  changed: async () => {
    await doors.here.usePresets(ownPresets.list);
    await station.askPresets();
  },
  play: async (preset) => {
    await beginHere({ preset });
    transport.play();
  },
});
const settingsDialog = new SettingsDialog({ settings, player });
const steadier = new Steadier({
  ...{ base, player, source, station, transport, where, settings, settingsDialog, notices },
  reconnect: () => {
    configure();
    source.reconnect();
  },
});
const sharing = new Sharing({ desk, station, where, announce, begin: beginHere });
const saveDialog = new SaveDialog({
  door: doors.here,
  where,
  recent: (seconds) => doors.station.recent(seconds),
  describe: () => ({ preset: desk.music.preset, seed: station.seed }),
  make: (request) => recordApart({ base, ...request }),
  encodes: { flac: flacEncodes, opus: opusEncodes },
});
const tokenDialog = new TokenDialog({
  use: (token) => {
    settings.set('token', token);
    configure();
    desk.resend();
  },
  leave: (message) => {
    desk.refused({ message });
    notices.set('refusal', message);
  },
});
new OwnEnd({ door: doors.station, base, leave: () => transport.pause() });
const turnLine = new TurnLine();
const stationNotices = new StationNotices({ source, station, desk, where, notices, tokenDialog });

function wantsHere() {
  return hereWanted || settings.get('player') === 'here';
}

function stationSource() {
  return proxyOf(Intake, './link/intake-worker.js');
}

function engineSource() {
  const made = proxyOf(EngineSource, './engine/engine-worker.js');
  made.ask('usePresets', ownPresets.list);
  return made;
}

function proxyOf(Kind, script) {
  const worker = new URL(script, import.meta.url);
  return configured(new SourceProxy({ base, worker, make: () => new Kind(base) }));
}

function configured(made, codec = settings.get('codec')) {
  made.configure({
    codec,
    token: settings.get('token'),
    hidden: document.hidden,
  });
  return made;
}

function configure() {
  configured(source, steadier.codec);
}

// Playing

transport.addEventListener('start', () => {
  station.listening = true;
  stationNotices.reset();
  lockScreen.playing();
  player.setVolume(volume.gain);
  steadier.begin();
  configure();
});
transport.addEventListener('running', () => {
  lockScreen.playing(); // with the stream, which may not have been there before
  keepOnShelf();
  visualiser.listen(new Spectrum(player.analysers));
  visualiser.set({ playing: true });
});
transport.addEventListener('stop', () => {
  station.listening = false;
  stationNotices.reset();
  lockScreen.paused(player.stopped);
  visualiser.set({ playing: false });
  desk.played(everything);
  desk.resend(); // what nobody has answered yet
  station.ask();
});
transport.addEventListener('failed', ({ detail }) => notices.set('sound', detail.message));

// Who plays

where.addEventListener('change', async () => {
  const goesOn = transport.wanted;
  transport.pause();
  await player.stopped;
  settings.set('player', where.name);
  player.setQuick(where.name === 'here');
  source.use(where.name);
  station.use(doors[where.name]);
  stationNotices.reset();
  station.askPresets();
  station.ask();
  if (goesOn) transport.play();
});

source.addEventListener('link', ({ detail }) => {
  if (detail.state !== 'failed') return;
  transport.pause();
  stationNotices.silent();
});

// score: {seed, preset, controls}, all of them optional
async function beginHere(score) {
  await doors.here.newPiece(score);
  if (!transport.wanted) desk.forget();
  await station.ask();
  if (transport.wanted) keepOnShelf();
}

byId('new-piece').addEventListener('click', async () => {
  await beginHere(presentPiece());
  transport.play();
});

// Without its seed
function presentPiece() {
  return startOf(Object.fromEntries(desk.values));
}

function keepOnShelf() {
  if (where.name !== 'here' || !station.seed) return;
  shelf.add({ seed: station.seed, ...presentPiece() });
}

async function offerHere() {
  if (!engineSupported()) {
    where.offer(say('where.simd'));
  } else if (await findEngine(base)) {
    where.offer();
    settingsDialog.offerEvents();
  } else if (where.name === 'here' && hasStation) {
    where.choose('station');
  }
}

const offered = offerHere().catch(() => {});

player.addEventListener('report', () => {
  const heard = player.heard();
  if (heard && player.report.playing) {
    const position = heard.position / heard.rate;
    desk.played({ position, epoch: heard.epoch });
    nowPlaying.countdown(position);
  }
  steadier.breaks(player.underruns);
  if (metrics.tick(document.body.dataset.link === 'open')) settingsDialog.showFigures();
});

// The station, and what is heard of it

station.addEventListener('table', () => controls.drawAfter(hasStation && offered));
station.addEventListener('access', ({ detail }) => {
  controls.lock(detail === 'off' ? say('notice.closed') : '');
});
station.addEventListener('turn', ({ detail }) => turnLine.use(detail));
station.addEventListener('recent', ({ detail }) => saveDialog.offerRecent(detail));
station.addEventListener('rates', ({ detail }) => settingsDialog.useRates(detail));
station.addEventListener('status', ({ detail }) => showStation(base, detail));
station.addEventListener('presets', ({ detail }) => controls.offerPresets(detail));
station.addEventListener('welcome', () => player.connected());

desk.addEventListener('state', () => {
  nowPlaying.show();
  if (!transport.wanted) nowPlaying.invite();
});
desk.addEventListener('change', ({ detail: { control, phase, value, before, latencyMs } }) => {
  const others = where.name === 'station' && station.listening && before !== undefined;
  if (control === 'preset' && phase === 'settled' && others) {
    notices.tell(say('someone', { preset: title(value) }));
  }
  if (phase !== 'heard') return;
  const start = performance.now() - latencyMs;
  performance.measure(`heard ${control}`, { start, duration: latencyMs });
});

// Settings and keys

function showVisual() {
  visualiser.set({ shown: settings.get('visual'), still: reducedMotion.matches });
}

settingsDialog.addEventListener('visual', showVisual);
settingsDialog.addEventListener('theme', showVisual); // drawn in the theme's colour
reducedMotion.addEventListener('change', showVisual);

function choosePreset(number) {
  const preset = controls.presets[(number || 10) - 1];
  if (preset && !controls.locked) desk.ask({ preset: preset.name });
}

const bindings = bindingsOf({
  ...{ transport, volume, controls, undo, ambient, timer, sharing },
  choosePreset,
  openShelf: () => where.name === 'here' && shelfDialog.open(),
  openSettings: () => settingsDialog.open(),
  toggleVisual: () => settingsDialog.choose('visual', !settings.get('visual')),
});
keyboard(bindings, () => settings.get('keys'));

// Those of a control have its title, and are left out where the station has no such control.
settingsDialog.listKeys(() =>
  bindings
    .filter(({ control }) => !control || desk.table.info(control))
    .map(({ control, text, shown }) => ({
      label: control ? controls.titleOf(control) : say(text),
      shown: shown.map((key) => (key === 'Space' ? say('key.space') : key)),
    })),
);

// Languages

function presentLanguage() {
  return languageOf(settings.get('language'), navigator.languages);
}

// All that stands in the page already.
function retell() {
  words.fill(document);
  controls.draw();
  controls.lock(station.access === 'off' ? say('notice.closed') : '');
  for (const part of [where, volume, undo, nowPlaying]) part.show();
  if (!transport.wanted) nowPlaying.invite();
  timer.draw();
  timer.tick();
  settingsDialog.showKeys();
  settingsDialog.showCost();
  turnLine.show();
  settingsDialog.showFigures();
}

const speak = () => words.use(presentLanguage()).catch(() => {});
words.addEventListener('change', retell);
settingsDialog.addEventListener('language', speak);
addEventListener('languagechange', speak);

// Away and back

document.addEventListener('visibilitychange', () => {
  configure();
  if (document.hidden || !transport.wanted) return;
  player.context.resume();
  if (document.body.dataset.link === 'lost') source.reconnect();
});
addEventListener('online', () => source.reconnect());

// For whoever opens the console, and for the tests.
globalThis.auralis = {
  context: () => player.context,
  report: () => ({
    ...player.report,
    transport: player.transport,
    player: where.name,
    intake: source.where,
    ...player.sourceState,
    heard: player.heard(),
    epoch: source.epoch,
  }),
  breaks: (count) => steadier.breaks(player.underruns + count),
};

showVisual();
if (hasEndedOne()) notices.tell(say('own.ended'));
station.askPresets();
if (location.hash.length > 1) sharing.offerLink();
else station.ask();
station.watch(() => !document.hidden);
player.prepare().catch(() => {}); // pressing play tries again, and reports what is wrong
if (!isPrivate(base)) navigator.serviceWorker?.register('sw.js').catch(() => {}); // else not kept
