// SPDX-License-Identifier: MIT
// The page: joins the connection, the player and the desk, and shows the listener what happens.

import { Controls } from './ui/controls.js';
import { Desk } from './link/desk.js';
import { IntakeBeside } from './link/intake-proxy.js';
import { keyboard } from './ui/keyboard.js';
import { Media } from './ui/media.js';
import { hues, minutes, pretty, title } from './ui/names.js';
import { Player } from './audio/player.js';
import { Settings } from './ui/settings.js';
import { Sharing } from './ui/sharing.js';
import { SleepTimer } from './ui/sleep-timer.js';
import { TokenDialog } from './ui/token-dialog.js';
import { Visualiser } from './ui/visualiser.js';

const metricsMs = 5000;
const retryMs = 2000; // for a composer that is away
const closingTries = 5; // in vain, some six seconds, until a station that closes is one that does not answer
const statusMs = 10000; // how often a page that does not play asks what is on
const byId = (id) => document.getElementById(id);
const on = (id, event, handler) => byId(id).addEventListener(event, handler);

const settings = new Settings(globalThis);
const timer = new SleepTimer();
const motion = matchMedia('(prefers-reduced-motion: reduce)');
let wanted = false; // the listener pressed play
let muted = false;
let clickedAt = 0;
let metricsAt = 0;
let sampleRate = 44100; // of the positions in messages
let music = {}; // the state that is heard
let seed;
let retry;
let latestPlay; // a second click may come before the first has faded out
let closing = false; // the station said that it is
let unanswered = ''; // what the notice says of a station that does not answer

const intake = new IntakeBeside(location.href);
const player = new Player(intake);
const desk = new Desk({ send });
const controls = new Controls(desk, announce);
const visualiser = new Visualiser(byId('visual'));
const media = new Media({ play, pause });
const sharing = new Sharing({ desk, ask, announce, seed: () => seed });
const tokenDialog = new TokenDialog({
  use: (token) => {
    settings.set('token', token);
    configure();
    desk.resend();
  },
  leave: (message) => {
    desk.refused({ message });
    notice(message);
  },
});

// What comes at about the same time is said together, of one topic the latest only: a text that is
// replaced at once is not read.
const toSay = new Map(); // topic → text
function announce(text, topic = text) {
  if (!toSay.size) {
    setTimeout(() => {
      byId('announce').textContent = [...toSay.values()].join(', ');
      toSay.clear();
    }, 100);
  }
  toSay.set(topic, text);
}

function notice(text) {
  if (byId('notice').textContent !== text) byId('notice').textContent = text;
}

// Playing

async function play() {
  if (wanted) return;
  wanted = true;
  clickedAt = performance.now();
  phase('wait');
  notice('');
  media.playing();
  player.setVolume(loudness());
  const mine = (latestPlay = {});
  await player.stopped;
  if (!wanted || mine !== latestPlay) return;
  intake.open();
  try {
    await player.start();
  } catch (error) {
    pause();
    notice(`This browser would not play: ${error.message}`);
    return;
  }
  if (!wanted) return;
  visualiser.listen(player.analysers);
  visual();
}

function pause() {
  if (!wanted) return;
  wanted = false;
  phase('off');
  intake.close();
  player.stop();
  media.paused();
  setTimer(0);
  visual();
  closing = false;
  notice(''); // it was about what played
  desk.played({ position: Infinity, epoch: Infinity });
  desk.resend(); // what nobody answered yet
  ask();
}

function toggle() {
  if (wanted) pause();
  else play();
}

function phase(name) {
  if (document.body.dataset.play === name) return;
  document.body.dataset.play = name;
  byId('play').setAttribute('aria-label', name === 'off' ? 'Play' : 'Pause');
  if (name !== 'on') byId('next').textContent = '';
}

player.addEventListener('held', () => wanted && phase('wait'));
player.addEventListener('failed', () => {
  pause();
  notice('The sound broke down in this page. Press play to start it again.');
});
player.addEventListener('report', () => {
  const { playing } = player.report;
  if (playing && clickedAt) {
    performance.measure('click-to-sound', { start: clickedAt, end: performance.now() });
    clickedAt = 0;
  }
  if (wanted) phase(playing ? 'on' : 'wait');
  const heard = player.heard();
  if (heard && playing) {
    desk.played({ position: heard.position / heard.rate, epoch: heard.epoch });
    countdown(heard.position / heard.rate);
  }
  const now = Date.now();
  if (now - metricsAt > metricsMs) {
    metricsAt = now;
    if (document.body.dataset.link === 'open') {
      intake.send({ type: 'client_metrics', ...player.metrics() });
      player.told();
    }
    figures();
  }
  sleepy(now);
});

// The station

const configure = () =>
  intake.configure({ codec: settings.get('codec'), token: settings.get('token') });

function reconnect() {
  configure();
  intake.reconnect();
}

intake.addEventListener('link', ({ detail: { state, full, retryMs, attempt } }) => {
  document.body.dataset.link = state;
  if (!wanted) return;
  if (state === 'open') {
    closing = false;
    notice('');
  }
  if (state === 'lost') {
    const seconds = Math.ceil(retryMs / 1000);
    if (full) notice(`Every seat is taken. Trying again in ${seconds} s.`);
    else if (attempt > (closing ? closingTries : 1))
      notice('The station does not answer. This page keeps trying.');
    else if (!closing) notice('');
  }
});

intake.addEventListener('message', ({ detail: message }) => {
  const inSeconds = {
    ...message,
    position: message.position === undefined ? undefined : message.position / sampleRate,
  };
  switch (message.type) {
    case 'welcome':
      sampleRate = message.sample_rate;
      player.connected();
      desk.state(timed(message.state ?? {}), intake.epoch);
      desk.resend();
      break;
    case 'state':
      desk.state(timed(message), intake.epoch);
      break;
    case 'control_ack':
      if (!closing) notice('');
      desk.acknowledged(inSeconds, intake.epoch);
      break;
    case 'error':
      failed(message);
      break;
    case 'shutdown':
      if (!wanted) break;
      closing = true;
      notice('The station is closing. This page goes on as soon as it is back.');
      break;
  }
});

// Positions of a state in seconds.
function timed(state) {
  const seconds = (frames) => (typeof frames === 'number' ? frames / sampleRate : undefined);
  return {
    ...state,
    position: seconds(state.position),
    next_chord_position: seconds(state.next_chord_position),
  };
}

function failed({ code, message, id }) {
  if (code === 'composer_unavailable' && wanted) {
    if (!closing) notice('The composer is away; what you asked for waits until it is back.');
    clearTimeout(retry);
    retry = setTimeout(() => wanted && desk.resend(), retryMs);
    return;
  }
  if (code === 'unauthorized' || code === 'forbidden') {
    if (!id || desk.isOpen(id)) tokenDialog.ask(code === 'forbidden', message); // else it was asked again meanwhile, or taken back
    return;
  }
  if (id) desk.refused({ id, message });
  notice(kindly[code] ?? message);
}

const kindly = {
  composer_unavailable: 'The composer is away for the moment.',
  controls_off: 'This station plays as it likes: it takes no wishes.',
  origin_not_allowed: 'This page may only listen: the station takes wishes from its own pages.',
  too_many_controls: 'That was a little fast; please try again.',
};

// A control goes over the socket while there is one, else by itself.
function send(message) {
  if (wanted) {
    intake.send(message); // what does not leave now is asked again when the connection is back
    return;
  }
  post(message);
}

async function post({ type, ...message }) {
  const headers = { 'Content-Type': 'application/json' };
  if (settings.get('token')) headers.Authorization = `Bearer ${settings.get('token')}`;
  try {
    const response = await fetch('/api/control', {
      method: 'POST',
      headers,
      body: JSON.stringify(message),
    });
    const answer = await response.json();
    if (!response.ok) {
      failed({ ...answer, id: message.id });
      return;
    }
    notice('');
    desk.acknowledged({ id: message.id, applied: answer.applied, position: 0 }, 0);
    desk.played({ position: Infinity, epoch: Infinity });
  } catch {
    unanswered = 'The station does not answer.';
    desk.refused({ id: message.id, message: unanswered });
    notice(unanswered);
  }
}

async function get(path) {
  const response = await fetch(path, { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(response.statusText);
  return response.json();
}

// What is on, without listening.
async function ask() {
  try {
    const status = await get('/api/status');
    seed = status.seed ?? seed;
    if (!wanted) {
      desk.settle(timed(status));
      const stands = byId('notice').textContent;
      if (
        stands === unanswered ||
        (stands === kindly.composer_unavailable && status.composer !== 'away')
      )
        notice('');
    }
    return status;
  } catch {
    unanswered = navigator.onLine
      ? 'The station does not answer.'
      : 'There is no network. The page is here; the music will be, too.';
    if (!wanted) notice(unanswered);
    return null;
  }
}

async function askPresets() {
  try {
    const list = await get('/api/presets');
    controls.presets(
      (list.presets ?? list).map((preset) =>
        typeof preset === 'string' ? { name: preset } : preset,
      ),
    );
  } catch {
    setTimeout(askPresets, statusMs);
  }
}

// What is heard

desk.addEventListener('change', ({ detail: { control, phase: at, latencyMs } }) => {
  if (at === 'heard')
    performance.measure(`heard ${control}`, {
      start: performance.now() - latencyMs,
      duration: latencyMs,
    });
});

desk.addEventListener('state', ({ detail }) => {
  music = { ...music, ...detail };
  seed = detail.seed ?? seed;
  byId('chord-name').textContent = music.chord ? pretty(music.chord) : '–';
  const { preset, key, mode, bpm } = music;
  byId('piece').replaceChildren(
    ...[
      preset && strong(title(preset)),
      key && mode && `${pretty(key)} ${title(mode).toLowerCase()}`,
      bpm && `${Math.round(bpm)} bpm`,
    ]
      .filter(Boolean)
      .flatMap((part, i) => (i ? [' · ', part] : [part])),
  );
  document.documentElement.style.setProperty('--hue', hues[mode] ?? 200);
  if (preset) {
    media.describe(
      title(preset),
      key && mode ? `${pretty(key)} ${title(mode).toLowerCase()}` : 'Auralis',
    );
    document.title = `${title(preset)} · Auralis`;
  }
  if (!wanted) byId('next').textContent = 'On now. Press play to listen.';
});

function strong(text) {
  return Object.assign(document.createElement('strong'), { textContent: text });
}

function countdown(heardS) {
  const left = music.next_chord_position - heardS;
  const text = left >= 0 ? `Next change in ${minutes(left)}` : '';
  if (byId('next').textContent !== text) byId('next').textContent = text;
}

function visual() {
  const shown = settings.get('visual') ?? true;
  byId('visual').hidden = !shown;
  visualiser.still = motion.matches;
  if (shown && wanted) visualiser.start();
  else visualiser.clear();
  if (shown && !wanted) visualiser.draw(performance.now() / 1000);
}
motion.addEventListener('change', visual);

// Volume

function loudness() {
  return muted ? 0 : settings.get('volume') ** 2; // squared: even steps to the ear; 1 leaves the sound as it is
}

function setVolume(volume) {
  settings.set('volume', volume);
  muted = false;
  showVolume();
}

function showVolume() {
  const slider = byId('volume');
  const volume = settings.get('volume');
  slider.value = volume;
  slider.style.setProperty('--heard', muted ? 0 : volume * 100);
  const text = muted ? 'muted' : `${Math.round(volume * 100)} %`;
  slider.setAttribute('aria-valuetext', text);
  document.querySelector('#volume-group .value').textContent = text;
  player.setVolume(loudness());
}

on('volume', 'input', ({ target }) => setVolume(Number(target.value)));

// Sleep timer

function setTimer(choice) {
  timer.set(Date.now(), choice);
  if (wanted) player.setFade(1);
  for (const button of byId('timer-choices').children)
    button.setAttribute('aria-pressed', Number(button.value) === choice);
  sleepy(Date.now());
}

function sleepy(now) {
  const left = timer.leftMs(now);
  const shown = byId('timer-left');
  const label = left === null ? 'Sleep timer' : `Sleep timer, ${Math.ceil(left / 60000)} min left`;
  if (byId('open-timer').getAttribute('aria-label') !== label)
    byId('open-timer').setAttribute('aria-label', label);
  shown.hidden = left === null;
  if (left === null) return;
  const text = left > 60000 ? `${Math.ceil(left / 60000)} min` : `${Math.ceil(left / 1000)} s`;
  if (shown.textContent !== text) shown.textContent = text;
  if (timer.over(now)) pause();
  else if (timer.level(now) < 1) player.setFade(timer.level(now));
}

byId('timer-choices').replaceChildren(
  ...[0, 15, 30, 45, 60, 90].map((choice) => {
    const button = Object.assign(document.createElement('button'), {
      type: 'button',
      value: choice,
      textContent: choice ? `${choice} min` : 'Off',
    });
    button.setAttribute('aria-pressed', choice === 0);
    button.addEventListener('click', () => {
      setTimer(choice);
      byId('timer-dialog').close();
      if (choice && !wanted) play();
    });
    return button;
  }),
);

// Settings

function theme() {
  const choice = settings.get('theme');
  if (choice === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}

function showSettings() {
  byId('theme').value = settings.get('theme');
  byId('codec').value = settings.get('codec') === 'pcm' ? 'pcm' : 'auto';
  byId('visual-on').checked = settings.get('visual') ?? true;
  byId('keys-on').checked = settings.get('keys');
  figures();
  byId('settings-dialog').showModal();
}

function figures() {
  const metrics = wanted && player.metrics();
  byId('figures').textContent = metrics
    ? `${player.intakeState.codec === 'opus' ? 'Opus' : 'PCM'}, ${Math.round(metrics.buffer_ms)} ms held back, jitter ${Math.round(player.intakeState.jitterMs ?? 0)} ms, ${metrics.underruns} ${metrics.underruns === 1 ? 'break' : 'breaks'}, ${transports[player.transport]}.`
    : '';
}

const transports = {
  shared: 'through shared memory',
  messages: 'by messages',
  script: 'made by the page’s own thread',
};

function setVisual(shown) {
  settings.set('visual', shown);
  visual();
}

on('theme', 'change', ({ target }) => {
  settings.set('theme', target.value);
  theme();
  visual();
});
on('codec', 'change', ({ target }) => {
  settings.set('codec', target.value);
  reconnect();
});
on('visual-on', 'change', ({ target }) => setVisual(target.checked));
on('keys-on', 'change', ({ target }) => settings.set('keys', target.checked));
on('open-settings', 'click', showSettings);
on('open-timer', 'click', () => byId('timer-dialog').showModal());
on('play', 'click', toggle);

// Keys

const bindings = [
  { keys: [' ', 'k'], shown: ['Space'], label: 'Play, pause', run: toggle },
  {
    keys: ['-', '+', '='],
    shown: ['−', '+'],
    label: 'Volume',
    repeats: true,
    run: (key) =>
      setVolume(Math.min(1, Math.max(0, settings.get('volume') + (key === '-' ? -0.05 : 0.05)))),
  },
  {
    keys: ['m'],
    shown: ['M'],
    label: 'Mute',
    run: () => {
      muted = !muted;
      showVolume();
    },
  },
  {
    keys: ['[', ']'],
    shown: ['[', ']'],
    label: 'Intensity',
    repeats: true,
    run: (key) => controls.nudge('intensity', key === ']' ? 5 : -5),
  },
  {
    keys: [',', '.'],
    shown: [',', '.'],
    label: 'Tempo',
    repeats: true,
    run: (key) => controls.nudge('bpm', key === '.' ? 2 : -2),
  },
  {
    keys: [...'123456789'],
    shown: ['1', '–', '9'],
    label: 'Preset',
    run: (key) => {
      const preset = controls.presetList?.[key - 1];
      if (preset) desk.ask({ preset: preset.name });
    },
  },
  {
    keys: ['l'],
    shown: ['L'],
    label: 'Layers',
    run: () => {
      byId('layers').open = !byId('layers').open;
    },
  },
  {
    keys: ['v'],
    shown: ['V'],
    label: 'Visualiser',
    run: () => setVisual(!(settings.get('visual') ?? true)),
  },
  { keys: ['t'], shown: ['T'], label: 'Sleep timer', run: () => byId('timer-dialog').showModal() },
  { keys: ['s'], shown: ['S'], label: 'Share', run: () => sharing.open() },
  { keys: ['?'], shown: ['?'], label: 'Settings and this list', run: showSettings },
];
keyboard(bindings, () => settings.get('keys'));
byId('keys').replaceChildren(
  ...bindings.flatMap(({ shown, label }) => {
    const keys = document.createElement('dt');
    keys.append(
      ...shown.map((key) =>
        key === '–' ? '–' : Object.assign(document.createElement('kbd'), { textContent: key }),
      ),
    );
    return [keys, Object.assign(document.createElement('dd'), { textContent: label })];
  }),
);

// Away and back

document.addEventListener('visibilitychange', () => {
  if (document.hidden || !wanted) return;
  player.context.resume();
  if (document.body.dataset.link === 'lost') intake.reconnect();
});
addEventListener('online', () => intake.reconnect());
setInterval(() => {
  if (!wanted && !document.hidden) ask();
}, statusMs);

// For whoever opens the console, and for the tests.
globalThis.auralis = {
  context: () => player.context,
  report: () => ({
    ...player.report,
    transport: player.transport,
    intake: intake.where,
    ...player.intakeState,
    heard: player.heard(),
    epoch: intake.epoch,
  }),
};

theme();
showVolume();
phase('off');
visual();
configure();
askPresets();
player.prepare().catch(() => {}); // the click will tell
if (location.hash.length > 1) sharing.offer(location.hash);
else ask();
addEventListener('hashchange', () => location.hash.length > 1 && sharing.offer(location.hash));
navigator.serviceWorker?.register('sw.js').catch(() => {}); // without one the page is only not kept for offline
