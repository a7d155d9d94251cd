// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { installAudio, removeAudio } from '../../fixture/fake-audio.js';

// The frame that is heard where the audio thread has just taken frame 44,100.
async function heardIn(browser, context) {
  const { Player } = await import(`../../../../client/audio/player.js?${browser}`);
  const player = new Player(new EventTarget());
  player.context = context;
  const played = { position: 44100, epoch: 1 };
  player.report = { played, rate: 44100, trim: 0, playing: false };
  return player.heard().position;
}

test('what is heard now is what the device was given its latency ago', async () => {
  assert.equal(await heardIn('chromium', { outputLatency: 0.5 }), 22050);
});

test('Firefox is not asked for the latency of its device, which may stop it for ever', async () => {
  const context = {
    get outputLatency() {
      return assert.fail('it was asked');
    },
  };
  globalThis.mozInnerScreenX = 0;
  assert.equal(await heardIn('firefox', context), 44100 - 1323);
  delete globalThis.mozInnerScreenX;
});

// A player of which nothing is real, and its source: how many ways to the player it has, and how
// often the player ran dry.
async function playerOf(settings) {
  const { Player } = await import('../../../../client/audio/player.js');
  const source = Object.assign(new EventTarget(), {
    ways: 0,
    connect: (makeSink) => (source.ways += Boolean(makeSink())),
    disconnect: () => (source.ways = 0),
    breaks: 0,
    underrun: () => ++source.breaks,
  });
  return { source, player: new Player(source, settings) };
}

async function built(player, context) {
  context.loaded();
  await player.prepare();
}

let audio;
beforeEach(() => {
  audio = installAudio();
});
afterEach(removeAudio);

test('for sound made here the device is opened anew with its least latency, and rests', async () => {
  const { source, player } = await playerOf();
  player.prepare();
  await built(player, audio.opened[0]);
  audio.clicked = true;
  player.setQuick(true);
  assert.equal(source.ways, 0);
  await built(player, audio.opened[1]);
  assert.deepEqual(
    audio.opened.map(({ latencyHint, state }) => [latencyHint, state]),
    [
      ['interactive', 'closed'],
      [0, 'suspended'],
    ],
  );
  assert.equal(source.ways, 1);
  player.setQuick(true);
  assert.equal(audio.opened.length, 2);
});

test('a device that is still being opened when another latency is wanted comes to nothing', async () => {
  const { source, player } = await playerOf();
  const first = player.prepare();
  player.setQuick(true);
  const [old, present] = audio.opened;
  old.loaded();
  present.loaded();
  await first;
  await player.prepare();
  assert.equal(source.ways, 1);
  assert.equal(old.worklet, undefined);
  assert.equal(player.context, present);
});

test('who waits for a device that another one replaces hears of that one’s fault', async () => {
  const { player } = await playerOf();
  const first = player.prepare();
  player.setQuick(true);
  const [old, present] = audio.opened;
  present.unloadable();
  await assert.rejects(player.prepare(), /not loaded/);
  audio.broken = true;
  old.loaded();
  await assert.rejects(first, /no device/);
});

test('where no device can be opened playing says so, and the next try begins anew', async () => {
  const { source, player } = await playerOf();
  player.prepare();
  await built(player, audio.opened[0]);
  audio.broken = true;
  player.setQuick(true);
  await assert.rejects(player.start(), /no device/);
  audio.broken = false;
  const started = player.start();
  audio.opened[1].loaded();
  await started;
  assert.equal(source.ways, 1);
  assert.equal(audio.opened[1].state, 'running');
});

test('what becomes of a device that was replaced is no news', async () => {
  const { player } = await playerOf();
  player.prepare();
  await built(player, audio.opened[0]);
  player.setQuick(true);
  const [old] = audio.opened;
  player.active = true;
  player.addEventListener('held', () => assert.fail('the device is held'));
  old.state = 'suspended';
  old.onstatechange();
});

test('breaks are counted on when the device was opened anew', async () => {
  const { source, player } = await playerOf();
  for (const [place, quick] of [false, true].entries()) {
    player.setQuick(quick);
    player.prepare();
    await built(player, audio.opened[place]);
    player.active = true;
    for (const underruns of [0, 1, 2]) {
      audio.opened[place].worklet.port.onmessage({ data: { underruns } });
    }
    player.active = false;
  }
  assert.equal(player.underruns, 4);
  assert.equal(source.breaks, 4);
});

test('a phone keeps the latency it has', async () => {
  const { player } = await playerOf({ element: true });
  player.setQuick(true);
  assert.equal(audio.opened.length, 0);
});
