// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Desk } from '../../../../client/link/desk.js';
import { HttpDoor } from '../../../../client/link/http-door.js';
import { Station } from '../../../../client/link/station.js';
import { controlTable } from '../../fixture/control-table.js';

// Every browser has it, Node since 19.
globalThis.CustomEvent ??= class extends Event {
  constructor(type, { detail }) {
    super(type);
    this.detail = detail;
  }
};

const events = ['table', 'access', 'welcome', 'accepted', 'refused', 'closing', 'status', 'silent'];
const { fetch } = globalThis;
let source;
let desk;
let station;
let seen; // "event detail"
let fetched; // [path, request]
let answers; // path → {status, body}, or nothing where nobody answers

function say(message) {
  source.dispatchEvent(new CustomEvent('message', { detail: message }));
}

function welcome(more = {}) {
  say({ type: 'welcome', sample_rate: 48000, controls: controlTable, state: { bpm: 60 }, ...more });
}

beforeEach(() => {
  source = Object.assign(new EventTarget(), { epoch: 3, sent: [] });
  source.send = (message) => source.sent.push(message);
  desk = new Desk({ send: (message) => station.send(message), now: () => 0 });
  station = new Station({
    source,
    desk,
    door: new HttpDoor({ base: 'http://station/s/night/', token: () => 'sesame' }),
  });
  seen = [];
  for (const name of events) {
    station.addEventListener(name, ({ detail }) => {
      seen.push(`${name} ${detail?.code ?? (typeof detail === 'string' ? detail : '')}`.trim());
    });
  }
  fetched = [];
  answers = {};
  globalThis.fetch = async (url, request) => {
    fetched.push([url.href, request]);
    const answer = answers[url.pathname];
    if (!answer) throw new TypeError('Failed to fetch');
    const { status = 200, body } = answer;
    return { ok: status < 300, statusText: `${status}`, json: async () => body };
  };
});
afterEach(() => {
  clearTimeout(station.retry);
  globalThis.fetch = fetch;
});

test('a welcome brings table and access, then its state, with positions in seconds', () => {
  welcome({ control_access: 'token', state: { bpm: 72, position: 96000 } });
  assert.deepEqual(seen, ['table', 'access token', 'welcome']);
  desk.played({ position: 1.99, epoch: 3 });
  assert.equal(desk.values.get('bpm'), undefined);
  desk.played({ position: 2, epoch: 3 });
  assert.equal(desk.values.get('bpm'), 72);
});

test('the same table and the same access again are no news, another is', () => {
  welcome({ control_access: 'open' });
  welcome({ control_access: 'open' });
  assert.deepEqual(seen, ['table', 'access open', 'welcome', 'welcome']);
  welcome({ control_access: 'off', controls: { bpm: controlTable.bpm } });
  assert.deepEqual(seen.slice(4), ['table', 'access off', 'welcome']);
  welcome({ controls: {} }); // a table without a control is none
  assert.equal(desk.table.controls.length, 1);
});

test('what was asked for before the connection is sent again at the welcome', () => {
  station.listening = true;
  welcome();
  desk.ask({ bpm: 66 });
  welcome();
  assert.deepEqual(
    source.sent.map(({ bpm }) => bpm),
    [66, 66],
  );
  assert.notEqual(source.sent[0].id, source.sent[1].id);
});

test('an acknowledgement is heard at its frame, in the epoch in which it came', () => {
  station.listening = true;
  welcome();
  const id = desk.ask({ bpm: 66 });
  say({ type: 'control_ack', id, applied: { bpm: 66 }, position: 48000 });
  assert.equal(seen.at(-1), 'accepted');
  desk.played({ position: 0.5, epoch: 3 });
  assert.equal(desk.requests.get('bpm').position, 1);
  desk.played({ position: 1, epoch: 3 });
  assert.equal(desk.values.get('bpm'), 66);
});

test('without listening a control goes by HTTP, with the token, to the station of this page', async () => {
  answers['/s/night/api/control'] = { body: { applied: { bpm: 66 } } };
  desk.table = station.desk.table;
  const id = desk.ask({ bpm: 66 });
  await new Promise(setImmediate);
  const [url, { method, headers, body }] = fetched[0];
  assert.equal(url, 'http://station/s/night/api/control');
  assert.equal(method, 'POST');
  assert.equal(headers.Authorization, 'Bearer sesame');
  assert.deepEqual(JSON.parse(body), { id, bpm: 66 });
  assert.deepEqual(source.sent, []);
  assert.equal(seen.at(-1), 'accepted');
  assert.equal(desk.values.get('bpm'), 66);
});

test('a refusal by HTTP names its control, and a station that is silent takes it back', async () => {
  answers['/s/night/api/control'] = { status: 403, body: { code: 'controls_off', message: 'no' } };
  desk.ask({ bpm: 66 });
  await new Promise(setImmediate);
  assert.equal(seen.at(-1), 'refused controls_off');
  answers = {};
  desk.ask({ intensity: 0.2 });
  await new Promise(setImmediate);
  assert.equal(seen.at(-1), 'silent');
  assert.deepEqual([...desk.requests.keys()], ['bpm']); // whoever shows refusals takes it back
});

test('while the composer is away a listener’s control waits and is asked for again', () => {
  const { setTimeout } = globalThis;
  let later;
  globalThis.setTimeout = (job) => (later = job);
  station.listening = true;
  welcome();
  desk.ask({ bpm: 66 });
  say({ type: 'error', code: 'composer_unavailable', message: 'away', recoverable: true });
  globalThis.setTimeout = setTimeout;
  assert.equal(seen.at(-1), 'refused composer_unavailable');
  assert.equal(source.sent.length, 1);
  later();
  assert.equal(source.sent.length, 2);
  station.listening = false;
  later();
  assert.equal(source.sent.length, 2);
});

test('asked without listening it tells what plays; away or silent, nothing is known any more', async () => {
  answers['/s/night/api/status'] = {
    body: {
      composer: 'connected',
      controls: controlTable,
      control_access: 'open',
      sample_rate: 44100,
      seed: '7',
      bpm: 64,
    },
  };
  assert.equal((await station.ask()).seed, '7');
  assert.deepEqual(seen, ['table', 'access open', 'status']);
  assert.equal(desk.values.get('bpm'), 64);
  assert.equal(station.seed, '7');
  answers['/s/night/api/status'].body = { composer: 'away' };
  await station.ask();
  assert.equal(station.away, true);
  assert.equal(desk.values.size, 0);
  answers = {};
  assert.equal(await station.ask(), null);
  assert.equal(seen.at(-1), 'silent');
  assert.equal(station.seed, '7');
});

test('what is heard is not overwritten by what the status tells meanwhile', async () => {
  station.listening = true;
  welcome();
  desk.played({ position: Infinity, epoch: 3 });
  answers['/s/night/api/status'] = { body: { composer: 'connected', sample_rate: 1, bpm: 99 } };
  await station.ask();
  assert.equal(desk.values.get('bpm'), 60);
  assert.equal(station.sampleRate, 48000);
});

test('that the station is closing is said to listeners only', () => {
  say({ type: 'shutdown', reason: 'stopped', drain_s: 4 });
  assert.deepEqual(seen, []);
  station.listening = true;
  say({ type: 'shutdown', reason: 'stopped', drain_s: 4 });
  assert.deepEqual(seen, ['closing']);
});
