// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { ControlTable } from '../../../../client/link/control-table.js';
import { Desk } from '../../../../client/link/desk.js';
import { LastChange } from '../../../../client/link/last-change.js';
import { controlTable } from '../../fixture/control-table.js';

// Every browser has it, Node since 19.
globalThis.CustomEvent ??= class extends Event {
  constructor(type, { detail }) {
    super(type);
    this.detail = detail;
  }
};

const before = {
  key: 'D',
  mode: 'dorian',
  bpm: 60,
  preset: 'focus',
  layers: { pad: { on: true } },
};

let sent;
let desk;
let last;
let nowMs;
let timers;
beforeEach(() => {
  sent = [];
  nowMs = 0;
  timers = [];
  desk = new Desk({ send: (message) => sent.push(message), now: () => nowMs });
  desk.table = new ControlTable(controlTable);
  last = new LastChange({
    desk,
    now: () => nowMs,
    later: (call, ms) => {
      const timer = { call, ms };
      timers.push(timer);
      return () => {
        timer.call = () => {};
      };
    },
  });
  desk.settle(before);
});

// As a station does: acknowledged, and heard at once.
function hear(controls) {
  const id = desk.ask(controls);
  desk.acknowledged({ id, applied: controls, position: 1 }, 0);
  desk.played({ position: 1, epoch: 0 });
}

const undone = () => {
  last.undo();
  const { id: _, type: _type, ...fields } = sent.at(-1);
  return fields;
};

test('a change is taken back by asking for what was there before, once', () => {
  hear({ key: 'A' });
  assert.deepEqual(undone(), { key: 'D' });
  assert.equal(last.change, null);
  const count = sent.length;
  last.undo();
  assert.equal(sent.length, count);
});

test('a preset is taken back with all that it brought with it', () => {
  hear({ preset: 'rain' });
  desk.settle({ ...before, preset: 'rain', key: 'E', mode: 'lydian', bpm: 55 });
  assert.deepEqual(undone(), { preset: 'focus', key: 'D', mode: 'dorian', bpm: 60 });
});

test('what somebody set after a preset has come is not put back with it', () => {
  hear({ preset: 'rain' });
  desk.settle({ ...before, preset: 'rain', mode: 'lydian' });
  nowMs = 16001;
  desk.settle({ ...before, preset: 'rain', mode: 'lydian', key: 'B' });
  assert.deepEqual(undone(), { preset: 'focus', mode: 'dorian' });
});

test('a drag is one change, another one later is another', () => {
  for (const bpm of [61, 64, 66]) {
    nowMs += 200;
    hear({ bpm });
  }
  assert.deepEqual(undone(), { bpm: 60 });
  hear({ bpm: 70 });
  nowMs += 5000;
  hear({ bpm: 80 });
  assert.deepEqual(undone(), { bpm: 70 });
});

test('it is over once another changed the same, but not while a number glides', () => {
  hear({ bpm: 80 });
  desk.settle({ ...before, bpm: 65 }); // on the way
  desk.settle({ ...before, bpm: 80 });
  assert.ok(last.change);
  nowMs += 2001;
  desk.settle({ ...before, bpm: 80, key: 'G' }); // another's, of something else
  assert.ok(last.change);
  desk.settle({ ...before, bpm: 90 });
  assert.equal(last.change, null);
  hear({ mode: 'lydian' });
  desk.settle({ ...before, mode: 'aeolian' });
  assert.equal(last.change, null);
});

test('it is over after a minute, and where it was refused', () => {
  hear({ key: 'A' });
  assert.equal(timers.at(-1).ms, 60000);
  timers.at(-1).call();
  assert.equal(last.change, null);
  const id = desk.ask({ 'layers.pad.on': false });
  assert.deepEqual(last.change.before, { 'layers.pad.on': true });
  desk.refused({ id, message: 'no' });
  assert.equal(last.change, null);
});

test('what changes nothing, or what nobody knew before, cannot be taken back', () => {
  hear({ key: 'D' });
  assert.equal(last.change, null);
  hear({ intensity: 0.7 });
  assert.equal(last.change, null);
});
