// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { ControlTable } from '../../../../client/link/control-table.js';
import { Desk, nest } from '../../../../client/link/desk.js';
import { controlTable } from '../../fixture/control-table.js';

// Every browser has it, Node since 19.
globalThis.CustomEvent ??= class extends Event {
  constructor(type, { detail }) {
    super(type);
    this.detail = detail;
  }
};

let sent;
let seen;
let desk;
beforeEach(() => {
  sent = [];
  seen = [];
  desk = new Desk({ send: (message) => sent.push(message), now: () => 1000 });
  desk.table = new ControlTable(controlTable);
  desk.addEventListener('change', ({ detail }) =>
    seen.push(`${detail.control} ${detail.phase} ${detail.value}`),
  );
});

test('a control is pending, then coming, and heard when its frame is played, not before', () => {
  const id = desk.ask({ bpm: 70 });
  assert.deepEqual(sent, [{ type: 'control', id, bpm: 70 }]);
  desk.acknowledged({ id, applied: { bpm: 70 }, position: 500 }, 0);
  desk.played({ position: 499.9, epoch: 0 });
  assert.deepEqual(seen, ['bpm pending 70', 'bpm coming 70']);
  desk.played({ position: 500, epoch: 0 });
  assert.deepEqual(seen.at(-1), 'bpm heard 70');
  assert.equal(desk.values.get('bpm'), 70);
});

test('layers travel nested and come back by member', () => {
  const id = desk.ask({ 'layers.pad.on': false, 'layers.pad.gain_db': -6, 'layers.low.on': true });
  assert.deepEqual(sent[0].layers, { pad: { on: false, gain_db: -6 }, low: { on: true } });
  desk.acknowledged({ id, applied: { layers: sent[0].layers }, position: 1 }, 0);
  desk.played({ position: 2, epoch: 0 });
  assert.deepEqual(
    [...desk.values],
    [
      ['layers.pad.on', false],
      ['layers.pad.gain_db', -6],
      ['layers.low.on', true],
    ],
  );
});

test('the answer to an earlier request does not settle a later one', () => {
  const first = desk.ask({ intensity: 0.2 });
  const second = desk.ask({ intensity: 0.9 });
  desk.acknowledged({ id: first, applied: { intensity: 0.2 }, position: 10 }, 0);
  desk.played({ position: 20, epoch: 0 });
  assert.equal(desk.value('intensity'), 0.9);
  assert.ok(!seen.includes('intensity heard 0.9'));
  desk.acknowledged({ id: second, applied: { intensity: 0.9 }, position: 30 }, 0);
  desk.played({ position: 30, epoch: 0 });
  assert.equal(seen.at(-1), 'intensity heard 0.9');
});

test('a refusal brings back what is heard and tells why', () => {
  desk.settle({ bpm: 60 });
  const id = desk.ask({ bpm: 500 });
  let why;
  desk.addEventListener('change', ({ detail }) => {
    why = detail.message;
  });
  desk.refused({ id, message: 'too fast' });
  assert.equal(seen.at(-1), 'bpm refused 60');
  assert.equal(why, 'too fast');
  assert.equal(desk.value('bpm'), 60);
});

test('after a connection is lost, only what nobody confirmed is asked again, under a new id', () => {
  const done = desk.ask({ key: 'E' });
  desk.acknowledged({ id: done, applied: { key: 'E' }, position: 900 }, 0);
  const open = desk.ask({ mode: 'lydian', bpm: 50 });
  desk.resend();
  assert.equal(sent.length, 3);
  assert.notEqual(sent[2].id, open);
  assert.deepEqual({ ...sent[2], id: 0 }, { type: 'control', id: 0, mode: 'lydian', bpm: 50 });
  desk.resend();
  desk.acknowledged({ id: sent.at(-1).id, applied: { mode: 'lydian', bpm: 50 }, position: 950 }, 0);
  desk.resend();
  assert.equal(sent.length, 4);
});

test('a state shows when it is heard, and a server that began anew makes everything before it heard', () => {
  desk.state({ chord: 'Dm9', bpm: 61, position: 100 }, 0);
  const id = desk.ask({ preset: 'sleep' });
  desk.acknowledged({ id, applied: { preset: 'sleep' }, position: 99999 }, 0);
  const chords = [];
  desk.addEventListener('state', () => chords.push(desk.music.chord));
  desk.played({ position: 99, epoch: 0 });
  assert.deepEqual(chords, []);
  desk.played({ position: 101, epoch: 0 });
  assert.deepEqual(chords, ['Dm9']);
  assert.equal(desk.values.get('bpm'), 61);
  desk.played({ position: 0, epoch: 1 });
  assert.equal(seen.at(-1), 'preset heard sleep');
});

test('a state that comes during a request changes what is heard, not what is asked for', () => {
  desk.settle({ intensity: 0.5 });
  desk.ask({ intensity: 0.8 });
  desk.settle({ intensity: 0.6 });
  assert.equal(desk.value('intensity'), 0.8);
  assert.equal(desk.values.get('intensity'), 0.6);
});

test('what a state says besides controls makes no control', () => {
  desk.settle({
    type: 'state',
    chord: 'C',
    seed: '7',
    position: 3,
    layers: { pad: { on: true, loud: 3 } },
    key: null,
  });
  assert.deepEqual([...desk.values.keys()], ['layers.pad.on']);
  assert.deepEqual(nest([['a', 1]]), { a: 1 });
});

test('what a state names as null, and everything once nobody can tell, is unknown', () => {
  desk.settle({ key: 'D', bpm: 60, layers: { pad: { on: true } }, chord: 'Dm9' });
  desk.ask({ intensity: 0.4 });
  seen.length = 0;
  desk.settle({ key: null, bpm: 60 });
  assert.deepEqual(seen, ['key unknown undefined']);
  assert.equal(desk.value('key'), undefined);
  desk.forget();
  assert.deepEqual(seen.slice(1), ['bpm unknown undefined', 'layers.pad.on unknown undefined']);
  assert.deepEqual([desk.values.size, desk.music], [0, {}]);
  assert.equal(desk.value('intensity'), 0.4); // asked for all the same
});
