// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

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
