// SPDX-License-Identifier: MIT
// The page: makes its parts and joins them.
//   source → player      sound, through a ring
//   source → station     messages; the station keeps the desk
//   desk → controls, now playing

import { Player } from './audio/player.js';
import { Spectrum } from './audio/spectrum.js';
import { ClientMetrics } from './link/client-metrics.js';
import { Desk } from './link/desk.js';
import { IntakeProxy } from './link/intake-proxy.js';
import { Station } from './link/station.js';
import { Controls } from './ui/controls.js';
import { byId } from './ui/dom.js';
import { keyboard } from './ui/keyboard.js';
import { LockScreen } from './ui/media-session.js';
import { Announcer, Notices } from './ui/notices.js';
import { NowPlaying } from './ui/now-playing.js';
import { Settings } from './ui/settings.js';
import { SettingsDialog } from './ui/settings-dialog.js';
import { Sharing } from './ui/sharing.js';
import { StationNotices } from './ui/station-notices.js';
import { TimerDialog } from './ui/timer-dialog.js';
import { TokenDialog } from './ui/token-dialog.js';
import { Transport } from './ui/transport.js';
import { Visualiser } from './ui/visualiser.js';
import { Volume } from './ui/volume.js';

const base = new URL('./', location.href).href;
const everything = { position: Infinity, epoch: Infinity };
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

const settings = new Settings(globalThis);
const source = new IntakeProxy(base);
const player = new Player(source);
const desk = new Desk({ send: (message) => station.send(message) });
const station = new Station({ source, desk, base, token: () => settings.get('token') });
const metrics = new ClientMetrics({ player, source });

const notices = new Notices();
const { announce } = new Announcer();
const transport = new Transport({ player, source });
const controls = new Controls(desk, announce);
const lockScreen = new LockScreen({
  play: () => transport.play(),
  pause: () => transport.pause(),
});
const nowPlaying = new NowPlaying({ desk, lockScreen });
const visualiser = new Visualiser(byId('visual'));
const volume = new Volume({ settings, player });
const timer = new TimerDialog({ player, transport });
const settingsDialog = new SettingsDialog({ settings, player });
const sharing = new Sharing({ desk, station, announce });
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
const stationNotices = new StationNotices({ source, station, desk, notices, tokenDialog });

function configure() {
  source.configure({ codec: settings.get('codec'), token: settings.get('token') });
}

// Playing

transport.addEventListener('start', () => {
  station.listening = true;
  stationNotices.reset();
  lockScreen.playing();
  player.setVolume(volume.gain);
});
transport.addEventListener('running', () => {
  visualiser.listen(new Spectrum(player.analysers));
  visualiser.set({ playing: true });
});
transport.addEventListener('stop', () => {
  station.listening = false;
  stationNotices.reset();
  lockScreen.paused();
  visualiser.set({ playing: false });
  desk.played(everything);
  desk.resend(); // what nobody has answered yet
  station.ask();
});
transport.addEventListener('failed', ({ detail }) => notices.set('sound', detail.message));

player.addEventListener('report', () => {
  const heard = player.heard();
  if (heard && player.report.playing) {
    const position = heard.position / heard.rate;
    desk.played({ position, epoch: heard.epoch });
    nowPlaying.countdown(position);
  }
  if (metrics.tick(document.body.dataset.link === 'open')) settingsDialog.showFigures();
});

// The station, and what is heard of it

station.addEventListener('table', () => controls.draw());
station.addEventListener('access', ({ detail }) => {
  controls.lock(detail === 'off' ? stationNotices.controlsOff : '');
});
station.addEventListener('presets', ({ detail }) => controls.offerPresets(detail));
station.addEventListener('welcome', () => player.connected());

desk.addEventListener('state', () => {
  nowPlaying.show();
  if (!transport.wanted) nowPlaying.invite();
});
desk.addEventListener('change', ({ detail: { control, phase, latencyMs } }) => {
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
settingsDialog.addEventListener('codec', () => {
  configure();
  source.reconnect();
});
reducedMotion.addEventListener('change', showVisual);

function choosePreset(number) {
  const preset = controls.presets[number - 1];
  if (preset && !controls.locked) desk.ask({ preset: preset.name });
}

const digits = [...'123456789'];
const bindings = [
  { keys: [' ', 'k'], shown: ['Space'], label: 'Play, pause', run: () => transport.toggle() },
  {
    keys: ['-', '+', '='],
    shown: ['−', '+'],
    label: 'Volume',
    repeats: true,
    run: (key) => volume.nudge(key === '-' ? -0.05 : 0.05),
  },
  { keys: ['m'], shown: ['M'], label: 'Mute', run: () => volume.toggleMute() },
  {
    keys: ['[', ']'],
    shown: ['[', ']'],
    control: 'intensity',
    repeats: true,
    run: (key) => controls.nudge('intensity', key === ']' ? 5 : -5),
  },
  {
    keys: [',', '.'],
    shown: [',', '.'],
    control: 'bpm',
    repeats: true,
    run: (key) => controls.nudge('bpm', key === '.' ? 2 : -2),
  },
  { keys: digits, shown: ['1', '–', '9'], control: 'preset', run: choosePreset },
  { keys: ['l'], shown: ['L'], label: 'Layers', run: () => byId('layers').toggleAttribute('open') },
  {
    keys: ['v'],
    shown: ['V'],
    label: 'Visualiser',
    run: () => settingsDialog.choose('visual', !settings.get('visual')),
  },
  { keys: ['t'], shown: ['T'], label: 'Sleep timer', run: () => timer.open() },
  { keys: ['s'], shown: ['S'], label: 'Share', run: () => sharing.open() },
  {
    keys: ['?'],
    shown: ['?'],
    label: 'Settings and this list',
    run: () => settingsDialog.open(),
  },
];
keyboard(bindings, () => settings.get('keys'));

// Those of a control have its title, and are left out where the station has no such control.
settingsDialog.listKeys(() =>
  bindings
    .map((binding) => ({ label: desk.table.info(binding.control ?? '')?.title, ...binding }))
    .filter(({ label }) => label),
);

// Away and back

document.addEventListener('visibilitychange', () => {
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
    intake: source.where,
    ...player.sourceState,
    heard: player.heard(),
    epoch: source.epoch,
  }),
};

showVisual();
configure();
station.askPresets();
if (location.hash.length > 1) sharing.offerLink();
else station.ask();
station.watch(() => !document.hidden);
player.prepare().catch(() => {}); // pressing play tries again, and reports what is wrong
navigator.serviceWorker?.register('sw.js').catch(() => {}); // without one, only not kept offline
