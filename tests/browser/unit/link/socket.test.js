// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { StationSocket } from '../../../../client/link/socket.js';
import { Clock, Socket } from '../../fixture/fakes.js';
import { encodeFrame } from '../../fixture/frames.js';

let clock;
let stream;
let links;
let frames;
let token = '';

beforeEach(() => {
  clock = new Clock();
  clock.install();
  Socket.opened = [];
  globalThis.WebSocket = Socket;
  token = '';
  [links, frames] = [[], []];
  stream = new StationSocket({ base: 'http://host/', codec: () => 'pcm', token: () => token });
  stream.addEventListener('link', ({ detail }) => links.push(detail));
  stream.addEventListener('frame', ({ detail }) => frames.push(detail));
});
afterEach(() => {
  stream.close();
  clock.remove();
  mock.restoreAll();
});

const newest = () => Socket.opened.at(-1);
const frameAt = (seconds) =>
  encodeFrame({
    codec: 0,
    channels: 1,
    sequence: 0,
    position: Math.round(seconds * 44100),
    rate: 44100,
    frames: 4410,
    payload: new Uint8Array(8820),
  });

test('a station that does not answer is asked again, ever more seldom, until it does', () => {
  stream.open();
  const waits = [];
  for (let i = 0; i < 9; ++i) {
    newest().break();
    waits.push(links.at(-1).retryMs);
    clock.pass(waits.at(-1) - 1e-6);
    assert.equal(Socket.opened.length, i + 1, 'not before its time');
    clock.pass(2e-6);
    assert.equal(Socket.opened.length, i + 2);
  }
  assert.ok(
    waits[0] >= 125 && waits[0] <= 250 && waits[3] >= 1000 && waits[8] <= 15000,
    `${waits}`,
  );
  newest().welcome();
  newest().break();
  assert.ok(links.at(-1).retryMs <= 250, 'a welcome begins anew');
});

test('a full station is told from a lost one', () => {
  stream.open();
  newest().break(1013);
  assert.deepEqual([links.at(-1).state, links.at(-1).full], ['lost', true]);
});

test('a connection that says nothing for 4 s is asked, and given up 3 s later unless it answers', () => {
  stream.open();
  newest().welcome();
  clock.pass(6000);
  assert.ok(newest().sent.length > 0 && newest().sent.every(({ type }) => type === 'ping'));
  newest().say({ type: 'pong' });
  clock.pass(6000);
  assert.equal(Socket.opened.length, 1);
  clock.pass(3000);
  assert.equal(Socket.opened[0].closedWith, 1000);
  assert.equal(Socket.opened.length, 2);
});

test('a stream that went on meanwhile keeps its places; one that began anew is told from it', () => {
  stream.open();
  for (const [awayS, positionS, epoch] of [
    [0, 100, 0],
    [2, 102, 0], // went on
    [3600, 3702, 0], // the machine slept for an hour
    [5, 0, 1], // the server began anew
    [5, 8, 1], // went on, a little early
    [5, 400, 2], // a server that has been running for long
    [5, 398, 3], // is there again, but where it was before
  ]) {
    if (awayS) {
      newest().break();
      clock.sleep(awayS * 1000);
    }
    newest().welcome({ state: { position: positionS * 44100 } });
    newest().give(frameAt(positionS));
    assert.equal(frames.at(-1).epoch, epoch, `at ${positionS} s after ${awayS} s`);
  }
});

test('without a position in the welcome the first frame tells whether the stream is another', () => {
  stream.open();
  newest().welcome();
  newest().give(frameAt(50));
  newest().break();
  clock.pass(1000);
  newest().welcome();
  newest().give(frameAt(0));
  assert.deepEqual(
    frames.map(({ epoch }) => epoch),
    [0, 1],
  );
});

test('the token is said after the welcome, and never stands in the address', () => {
  token = 'sésame & co';
  stream.open();
  assert.deepEqual(
    [newest().url, newest().subprotocol],
    ['ws://host/ws/stream?codec=pcm', 'auralis.v1'],
  );
  newest().welcome();
  assert.deepEqual(newest().sent, [{ type: 'authorize', token }]);
});

test('what comes over a connection that was given up is passed over', () => {
  stream.open();
  const [old] = Socket.opened;
  old.welcome();
  stream.reconnect();
  old.give(frameAt(1));
  old.break();
  assert.deepEqual([frames.length, Socket.opened.length, links.at(-1).state], [0, 2, 'connecting']);
  stream.close();
  clock.pass(60000);
  assert.equal(Socket.opened.length, 2);
});

test('rubbish is a gap, no more', () => {
  const warned = mock.method(console, 'warn', () => {});
  stream.open();
  newest().welcome();
  for (const rubbish of ['{', '3', new ArrayBuffer(3), new Uint8Array(64).fill(255).buffer])
    newest().give(rubbish);
  newest().give(frameAt(1));
  assert.deepEqual([frames.length, warned.mock.callCount(), Socket.opened.length], [1, 4, 1]);
});
