// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Background } from '../../../../client/ui/background.js';
import { Clock } from '../../fixture/fakes.js';

const base = 'https://radio.example/night/';

let clock;
const { Audio } = globalThis;
beforeEach(() => {
  clock = new Clock();
  clock.install();
});
afterEach(() => {
  clock.remove();
  Object.assign(globalThis, { Audio });
});

// A page whose context is held and released by hand, and what its element was told.
async function page({ plays = () => 'maybe', hls = true } = {}) {
  globalThis.Audio = class {
    canPlayType(type) {
      return plays(type);
    }
  };
  const told = [];
  const player = new EventTarget();
  const transport = Object.assign(new EventTarget(), { wanted: true });
  const shown = Object.assign(new EventTarget(), { hidden: true });
  new Background({
    player,
    transport,
    station: { hls },
    where: { name: 'station' },
    volume: { gain: 0.5 },
    base,
    page: shown,
    lockScreen: {
      sound: async (address, volume) => told.push([address, volume]),
      playing: () => told.push('silence'),
    },
  });
  transport.dispatchEvent(new Event('running'));
  return {
    told,
    transport,
    shown,
    hold: () => player.dispatchEvent(new Event('held')),
    release: () => player.dispatchEvent(new Event('released')),
  };
}

test('in the background, what the system holds goes on from the station, until the page may sound again', async () => {
  const { hold, release, told } = await page();
  hold();
  clock.pass(1000);
  assert.deepEqual(told, []);
  clock.pass(1000);
  assert.deepEqual(told, [[`${base}listen.m3u8`, 0.5]]);
  release();
  assert.deepEqual(told.at(-1), 'silence');
  clock.pass(60000);
  assert.equal(told.length, 2);
});

test('a device that comes back by itself, a page that is seen, and one that nobody plays are left alone', async () => {
  const back = await page();
  back.hold();
  clock.pass(1000);
  back.release();
  clock.pass(60000);
  const seen = await page();
  seen.shown.hidden = false;
  seen.hold();
  clock.pass(60000);
  const paused = await page();
  paused.transport.wanted = false;
  paused.hold();
  clock.pass(60000);
  for (const { told } of [back, seen, paused]) assert.deepEqual(told, []);
  seen.shown.hidden = true; // and then it is turned away
  seen.shown.dispatchEvent(new Event('visibilitychange'));
  clock.pass(2000);
  assert.equal(seen.told.length, 1);
});

test('it takes HLS where browser and station have it, and otherwise a stream that the browser plays', async () => {
  const heard = async (options) => {
    const { hold, told } = await page(options);
    hold();
    clock.pass(2000);
    return told.flat()[0]?.replace(base, '');
  };
  assert.equal(await heard({ hls: false }), 'stream.opus');
  assert.equal(
    await heard({ plays: (type) => (type.includes('mpegurl') ? '' : 'probably') }),
    'stream.opus',
  );
  assert.equal(
    await heard({ plays: (type) => (type === 'audio/mpeg' ? 'maybe' : '') }),
    'stream.mp3',
  );
  assert.equal(await heard({ plays: () => '' }), undefined);
});
