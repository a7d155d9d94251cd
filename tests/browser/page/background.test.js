// SPDX-License-Identifier: MIT
// Behind a locked screen, where the system takes the audio context away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, page, playing, until } from '../fixture/page.js';

const seconds = 20;

// 8 kHz, 8 bits, a tone.
function tone() {
  const frames = 8000 * seconds;
  const bytes = Buffer.alloc(44 + frames);
  bytes.write('RIFF');
  bytes.writeUInt32LE(36 + frames, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(8000, 24);
  bytes.writeUInt32LE(8000, 28);
  bytes.writeUInt16LE(1, 32);
  bytes.writeUInt16LE(8, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(frames, 40);
  for (let i = 0; i < frames; ++i) bytes[44 + i] = 128 + 60 * Math.sin(i / 3);
  return bytes;
}

test('a page that is hidden and held plays the plain stream by its media element, and its own sound when it is seen again', async () => {
  await open({
    prepare: async (made) => {
      await made.route('**/stream.opus', (route) =>
        route.fulfill({ contentType: 'audio/wav', body: tone() }),
      );
      await made.addInitScript(() => {
        globalThis.elements = [];
        globalThis.Audio = class extends Audio {
          constructor(...rest) {
            super(...rest);
            globalThis.elements.push(this);
          }
        };
        // The system's lock: the page cannot resume its context while it holds.
        globalThis.locked = false;
        Object.defineProperty(document, 'hidden', { get: () => globalThis.locked });
        const { resume } = AudioContext.prototype;
        AudioContext.prototype.resume = function () {
          return globalThis.locked ? Promise.reject(new Error('locked')) : resume.call(this);
        };
      });
    },
  });
  const turn = (locked) =>
    page.evaluate((now) => {
      globalThis.locked = now;
      document.dispatchEvent(new Event('visibilitychange'));
      if (now) globalThis.auralis.context().suspend();
    }, locked);
  const sounding = () =>
    until(() =>
      globalThis.elements.some(
        (element) => element.src.endsWith('stream.opus') && element.currentTime > 1,
      ),
    );
  await turn(true);
  await sounding();
  await turn(false);
  await playing('on');
  await until(() => globalThis.elements.every((element) => !element.src.endsWith('stream.opus')));
  await turn(true);
  await sounding();
  await page.click('#play', { force: true });
  await until(() => globalThis.elements.every((element) => element.paused));
  assert.deepEqual(page.errors, []);
});
